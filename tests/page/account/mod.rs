//! Approving with the organisation's account: the real page in a real browser, the real daemon, ssh and sudo, and the
//! certified provider `oidc-provider`.

mod device;
mod idp;
mod sent_on;
mod side_by_side;
pub(crate) mod views;
mod withdrawal;

use antiphon_core::account::{AccountTerms, ticket_name};
use antiphon_core::wire::{AccountTicket, FromDaemon, ToDaemon};
use antiphon_tests::{CODE, Enrolled, PASSWORD, Sshd, Terminal, World};
use serde_json::json;

use crate::browser::{Browser, Engine, Taste};
use crate::daemon::in_house;
use crate::driver::until;
use crate::root::Root;
use crate::stub::request;
use crate::walk::tap;
use idp::{ES256, Idp, Kind, account, installed};

/// Makes tests `NAME::chromium` and `NAME::firefox` of a function that takes a world and an engine.
macro_rules! in_each_browser_with_a_provider {
    ($rule:ident) => {
        mod $rule {
            #[test]
            fn chromium() {
                super::installed();
                let engine = crate::browser::Engine::Chromium;
                crate::daemon::in_house(|world| super::$rule(world, engine));
            }

            #[test]
            fn firefox() {
                super::installed();
                let engine = crate::browser::Engine::Firefox;
                crate::daemon::in_house(|world| super::$rule(world, engine));
            }
        }
    };
}

// It has tests by this macro too.
mod attacks;

/// Lets a person be asked often, in a test that does.
const PATIENT: &str = "[push]\nmost_in_five_minutes = 50\n";

/// Alice with codes of 300 s and an account.
fn alice(world: &World) -> Enrolled {
    let mut alice = world.enrol_with_long_codes("alice");
    alice.change(|record| record.accounts.push(account("alice@kmh")));
    alice
}

fn sudo(world: &World) -> Terminal {
    let mut sudo = world.command_of("alice", "sudo");
    let mut terminal = Terminal::start(sudo.args(["-k", "echo", "here it is"]));
    terminal.expect("assword").answer(": ", PASSWORD);
    terminal
}

/// The number and the page's address that the terminal shows.
fn shown(terminal: &mut Terminal) -> (String, String) {
    let number = terminal.number("Enter the number");
    terminal.expect("and sign in there with your KMH account.");
    let shown = terminal.shown();
    let (_, last) = shown.rsplit_once("/a/").unwrap();
    let code = last.split_whitespace().next().unwrap();
    (number, format!("http://localhost:8470/a/{code}"))
}

/// Opens the page, types the number and is at the provider.
fn to_the_provider(browser: &Browser, address: &str, number: &str) {
    browser.go(address);
    browser.find("#number").type_in(number);
    tap(browser, "Continue");
    browser.find("#account");
}

/// Signs in at the provider.
fn sign_in(browser: &Browser, name: &str) {
    browser.find("#account").type_in(name);
    browser.find("#go").click();
}

/// The digits that the page shows.
fn digits(browser: &Browser) -> String {
    browser.see("Type these two digits at the computer");
    let text = browser.find("#digits").is("it.textContent");
    text.as_str().unwrap().to_owned()
}

in_each_browser_with_a_provider!(from_elsewhere_the_pages_digits_are_typed_at_the_terminal);
fn from_elsewhere_the_pages_digits_are_typed_at_the_terminal(world: &World, engine: Engine) {
    let idp = Idp::start(world, ES256);
    let daemon = idp.daemon(world, "");
    idp.store_keys("");
    let _alice = alice(world);
    let sshd = Sshd::start(world, "");
    let browser = Browser::start(Taste::ENGLISH.of(engine));
    let mut terminal = sshd.after_password(world, "alice", "echo here is $USER");
    let (number, address) = shown(&mut terminal);
    browser.go(&address);
    for part in [
        "alice",
        "Signing in over the network",
        "127.0.0.1",
        "localhost:8443",
    ] {
        browser.see(part);
    }
    to_the_provider(&browser, &address, &number);
    sign_in(&browser, "alice@kmh");
    let digits = digits(&browser);
    // Loaded again, as phones do it, the page still has them; and the address bar has nothing of the provider's.
    browser.go("http://localhost:8470/a");
    browser.see(&digits);
    let address = browser.run("return location.href", &[]);
    assert_eq!(address, json!("http://localhost:8470/a"));
    terminal.send_line(&digits);
    terminal.arrive("here is alice");
    world.ended("accepted method=account user=alice");
    browser.see("Signed in");
    tap(&browser, "OK");
    browser.see("You can close this page");
    browser.assert_quiet(&[]);
    for secret in [&number, &digits] {
        assert!(
            !daemon.log().contains(&format!("={secret} ")),
            "{}",
            daemon.log()
        );
    }
}

in_each_browser_with_a_provider!(at_a_terminal_it_goes_on_by_itself_with_keys_of_each_kind);
fn at_a_terminal_it_goes_on_by_itself_with_keys_of_each_kind(world: &World, engine: Engine) {
    let _alice = alice(world);
    let browser = Browser::start(Taste::ENGLISH.of(engine));
    for (algorithm, pushed) in [("RS256", false), ("ES256", true), ("EdDSA", false)] {
        let kind = Kind {
            algorithm,
            kid: algorithm,
            pushed,
        };
        let idp = Idp::start(world, kind);
        let _daemon = idp.daemon(world, "");
        idp.store_keys("");
        let mut terminal = sudo(world);
        let (number, address) = shown(&mut terminal);
        to_the_provider(&browser, &address, &number);
        sign_in(&browser, "alice@kmh");
        terminal.arrive("here it is");
        world.ended("accepted method=account user=alice");
        browser.see("Signed in");
    }
    browser.assert_quiet(&["ERR_", "404"]);
}

/// Chooses the line `wanted` of the list of ways.
fn choose(terminal: &mut Terminal, wanted: &str) {
    terminal.answer(": ", "?");
    terminal.expect("1. ").expect(": ");
    let shown = terminal.shown();
    let (_, list) = shown.rsplit_once("1. ").unwrap();
    let list = format!("1. {list}");
    let place = list.lines().find_map(|line| {
        let (place, way) = line.split_once(". ")?;
        (way.trim() == wanted).then_some(place)
    });
    let place = place.unwrap_or_else(|| panic!("no {wanted:?} in {list}"));
    terminal.send_line(place);
}

#[test]
fn a_wrong_number_and_wrong_digits_and_a_cancelled_sign_in_are_told_on_both_sides() {
    installed();
    in_house(|world| {
        let idp = Idp::start(world, ES256);
        let _daemon = idp.daemon(world, &format!("check_digits = \"always\"\n{PATIENT}"));
        idp.store_keys("");
        let alice = alice(world);
        let browser = Browser::start(Taste::ENGLISH);
        let mut terminal = sudo(world);

        let (number, address) = shown(&mut terminal);
        let other = if number == "42" { "43" } else { "42" };
        to_the_provider(&browser, &address, other);
        sign_in(&browser, "alice@kmh");
        let typed = digits(&browser);
        terminal.send_line(&typed);
        terminal.expect("The number did not match.");
        browser.see("The number did not match");

        choose(&mut terminal, "Approve with your KMH account");
        let (number, address) = shown(&mut terminal);
        to_the_provider(&browser, &address, &number);
        sign_in(&browser, "alice@kmh");
        let typed: u32 = digits(&browser).parse().unwrap();
        terminal.send_line(&format!("{:02}", (typed + 1) % 100));
        terminal.expect("Those are not the digits that the page shows.");
        browser.see("Not approved");

        choose(&mut terminal, "Approve with your KMH account");
        let (number, address) = shown(&mut terminal);
        to_the_provider(&browser, &address, &number);
        browser.find("#cancel").click();
        browser.see("The sign-in with your account was cancelled.");
        // While digits are awaited, the prompt stands until something is typed.
        terminal.send_line("");
        terminal.expect("The sign-in on the page was cancelled.");
        // What the provider says in its own words is nowhere.
        assert!(!browser.text().contains("555"));
        terminal.answer(CODE, &alice.code());
        terminal.arrive("here it is");
        browser.assert_quiet(&[]);
    });
}

#[test]
fn another_persons_account_and_an_old_sign_in_there_are_refused_and_of_two_accounts_one_is_chosen()
{
    installed();
    in_house(|world| {
        let idp = Idp::start(world, ES256);
        let _daemon = idp.daemon(world, PATIENT);
        idp.store_keys("");
        let mut alice = alice(world);
        alice.change(|record| record.accounts.push(account("alice-adm@kmh")));
        let browser = Browser::start(Taste::ENGLISH);
        let mut terminal = sudo(world);
        for (name, told) in [
            ("mallory@kmh", "You signed in there with another account"),
            // Hers, and not the one that was asked.
            ("alice-adm@kmh", "You signed in there with another account"),
            ("old:alice@kmh", "You were signed in there already"),
        ] {
            let (number, address) = shown(&mut terminal);
            to_the_provider(&browser, &address, &number);
            sign_in(&browser, name);
            terminal.expect(told);
            browser.see("Not approved");
            choose(&mut terminal, "Approve with your KMH account: alice@kmh");
        }
        let _ = shown(&mut terminal);
        choose(
            &mut terminal,
            "Approve with your KMH account: alice-adm@kmh",
        );
        let (number, address) = shown(&mut terminal);
        to_the_provider(&browser, &address, &number);
        sign_in(&browser, "alice-adm@kmh");
        terminal.arrive("here it is");
        world.ended("accepted method=account user=alice");
    });
}

#[test]
fn a_key_that_changes_in_the_middle_is_asked_for_and_waited_for() {
    installed();
    in_house(|world| {
        let idp = Idp::start(world, ES256);
        let _daemon = idp.daemon(world, "");
        idp.store_keys("");
        let _alice = alice(world);
        let browser = Browser::start(Taste::ENGLISH);
        let mut terminal = sudo(world);
        let (number, address) = shown(&mut terminal);
        let kind = Kind { kid: "k2", ..ES256 };
        let idp = idp.rotate(kind);
        to_the_provider(&browser, &address, &number);
        sign_in(&browser, "alice@kmh");
        browser.see("Approved here");
        let asked = std::path::Path::new("/run/antiphon/refresh-keys");
        until("the daemon to ask root for keys", || {
            asked.exists().then_some(())
        });
        idp.store_keys("");
        terminal.arrive("here it is");
        browser.see("Signed in");
    });
}

#[test]
fn a_provider_that_is_away_costs_the_account_and_not_the_sign_in() {
    installed();
    in_house(|world| {
        let mut idp = Idp::start(world, ES256);
        let daemon = idp.daemon(world, "");
        idp.store_keys("");
        let mut alice = alice(world);
        let browser = Browser::start(Taste::ENGLISH);
        let mut terminal = sudo(world);
        let (number, address) = shown(&mut terminal);
        // It goes away while the person is there.
        to_the_provider(&browser, &address, &number);
        browser.go(&address);
        idp.end();
        browser.find("#number").type_in(&number);
        tap(&browser, "Continue");
        terminal.answer(CODE, &alice.code());
        terminal.arrive("here it is");
        alice.change(|_| {});
        drop(daemon);
        // And before anybody has asked it.
        let daemon = idp.daemon(world, "");
        let mut terminal = sudo(world);
        terminal.answer(CODE, &alice.code());
        terminal.arrive("here it is");
        daemon.expect_log("the provider kmh: ");
    });
}

in_each_browser_with_a_provider!(an_account_is_enrolled_by_one_sign_in_at_its_provider);
fn an_account_is_enrolled_by_one_sign_in_at_its_provider(world: &World, engine: Engine) {
    let idp = Idp::start(world, ES256);
    let _daemon = idp.daemon(world, "");
    let asked = request(600);
    let secret = [9; 16];
    let mut root = Root::say(&ToDaemon::AccountTicket(AccountTicket {
        name: ticket_name(&secret),
        user: "alice".into(),
        host: "web1".into(),
        issued: asked.issued,
        expires: asked.expires,
        terms: AccountTerms {
            provider: "kmh".into(),
            issuer: Idp::issuer(),
            client_id: "antiphon".into(),
            subject: String::new(),
            tenant: String::new(),
        },
    }));
    assert_eq!(root.hear(), Some(FromDaemon::TicketOpen {}));
    let browser = Browser::start(Taste::SWEDISH.of(engine));
    let ticket = data_encoding::BASE64URL_NOPAD.encode(&secret);
    browser.go(&format!("http://localhost:8470/a#{ticket}"));
    browser.see("Lägg till ditt konto");
    assert_eq!(root.hear(), Some(FromDaemon::TicketSeen {}));
    tap(&browser, "Fortsätt");
    sign_in(&browser, "alice@kmh");
    browser.see("Klart här");
    assert!(matches!(root.hear(), Some(FromDaemon::Token(_))));
    browser.assert_quiet(&[]);
}
