//! Approving with the organisation's account: the real page in a real browser, the real daemon, ssh and sudo, and the
//! certified provider `oidc-provider`.

mod device;
mod idp;
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
use crate::stub::{Said, Stub, request};
use crate::walk::{enrolled, tap};
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
    terminal.expect(" and sign in there with your KMH account.");
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
fn a_strength_that_was_stripped_from_the_address_is_missing_in_the_token_and_refused() {
    installed();
    in_house(|world| {
        let strong = "strength = { claim = \"acr\", values = [\"strong\"] }\n";
        let idp = Idp::start(world, ES256);
        let _daemon = idp.daemon(world, strong);
        idp.store_keys(strong);
        let _alice = alice(world);
        let browser = Browser::start(Taste::ENGLISH);
        let mut terminal = sudo(world);
        let (number, address) = shown(&mut terminal);
        browser.go(&address);
        browser.find("#number");
        // What somebody does who wants to get by with less.
        let script = "return fetch('/api/account/begin', { method: 'POST', body: JSON.stringify({
            code: location.pathname.slice(3), number: arguments[0] }) }).then((answer) => answer.json())";
        let begun = browser.run(script, &[json!(number)]);
        let location = begun["location"].as_str().unwrap();
        assert!(location.contains("&acr_values=strong"), "{location}");
        browser.go(&location.replace("&acr_values=strong", ""));
        sign_in(&browser, "alice@kmh");
        terminal.expect("You signed in there in a way that is not strong enough.");
        browser.see("Not approved");
        choose(&mut terminal, "Approve with your KMH account");
        let (number, address) = shown(&mut terminal);
        to_the_provider(&browser, &address, &number);
        sign_in(&browser, "alice@kmh");
        terminal.arrive("here it is");
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

in_each_browser_with_a_provider!(a_link_that_was_sent_gives_nobody_elses_token);
fn a_link_that_was_sent_gives_nobody_elses_token(world: &World, engine: Engine) {
    let idp = Idp::start(world, ES256);
    let _daemon = idp.daemon(world, "");
    idp.store_keys("");
    let _alice = alice(world);
    let (his, hers) = (
        Browser::start(Taste::ENGLISH.of(engine)),
        Browser::start(Taste::ENGLISH.of(engine)),
    );
    let mut terminal = sudo(world);
    let (number, address) = shown(&mut terminal);
    // He has the password, and sees the number; she gets the provider's own address from him.
    his.go(&address);
    his.find("#number");
    let script = "return fetch('/api/account/begin', { method: 'POST', body: JSON.stringify({
        code: location.pathname.slice(3), number: arguments[0] }) }).then((answer) => answer.json())";
    let begun = his.run(script, &[json!(number)]);
    hers.go(begun["location"].as_str().unwrap());
    sign_in(&hers, "alice@kmh");
    hers.see("This did not begin in this browser");
    hers.assert_quiet(&["403"]);
    let ended = terminal.interrupt();
    assert!(!ended.text.contains("here it is"), "{ended:#?}");
}

#[test]
fn a_token_of_the_device_grant_with_this_nonce_is_no_answer() {
    installed();
    in_house(|world| {
        let idp = Idp::start(world, ES256);
        let _daemon = idp.daemon(world, "");
        idp.store_keys("");
        let _alice = alice(world);
        let browser = Browser::start(Taste::ENGLISH);
        let mut terminal = sudo(world);
        let (number, address) = shown(&mut terminal);
        browser.go(&address);
        browser.find("#number");
        let script = "return fetch('/api/account/begin', { method: 'POST', body: JSON.stringify({
            code: location.pathname.slice(3), number: arguments[0] }) }).then((answer) => answer.json())";
        let begun = browser.run(script, &[json!(number)]);
        let location = begun["location"].as_str().unwrap();
        let part = |name: &str| {
            let (_, rest) = location.split_once(&format!("{name}=")).unwrap();
            rest.split('&').next().unwrap().to_owned()
        };
        // Whatever token somebody has got for this nonce, there is no way to hand it in.
        let callback = "const [state, more] = arguments;
            return fetch('/api/account/callback', { method: 'POST', body: JSON.stringify({
              provider: 'kmh', state, ...more }) }).then((answer) => answer.status)";
        for more in [
            json!({"id_token": "a.b.c"}),
            json!({"token": "a.b.c"}),
            json!({"code": "c", "id_token": "a.b.c"}),
        ] {
            let status = browser.run(callback, &[json!(part("state")), more]);
            assert_eq!(status, json!(422));
        }
        // A device code is no code of ours: the provider refuses it, with our verifier.
        let device = json!({"code": "device-code"});
        let status = browser.run(callback, &[json!(part("state")), device]);
        assert_eq!(status, json!(200));
        terminal.expect("Your account cannot be asked now.");
        let _ = terminal.interrupt();
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

#[test]
fn a_page_from_elsewhere_sends_nobody_to_an_address_that_it_does_not_name() {
    let (stub, browser) = (Stub::start(), Browser::start(Taste::ENGLISH));
    stub.account("look", Some(views::seen(&request(600))));
    stub.serve_elsewhere(&["https://id.example.org", "https://login.example.org:8443"]);
    for address in [
        "https://id.example.org.attacker.example/authorize",
        "https://id.example.org@attacker.example/authorize",
        "https://id.example.org:8443/authorize",
        "http://id.example.org/authorize",
    ] {
        stub.account("begin", Some(json!({"location": address})));
        views::go(&browser, &stub, "/a/abcde-fghij");
        browser.find("#number").type_in("42");
        tap(&browser, "Continue");
        browser.see("leads to an address that this page does not know");
    }
    browser.assert_quiet(&[]);
    // There is nobody there, so the browser shows a page of its own.
    stub.account(
        "begin",
        Some(json!({"location": "https://login.example.org:8443/a?b"})),
    );
    browser.find("#number").type_in("42");
    tap(&browser, "Continue");
    until("the browser to leave the page", || {
        (!browser.text().contains("Continue")).then_some(())
    });

    stub.serve_elsewhere(&[]);
    for path in ["/a/abcde-fghij", "/a#AAAA", "/account/kmh#state=x&code=y"] {
        views::go(&browser, &stub, path);
        browser.see("This page is not set up for accounts.");
    }
}

#[test]
fn a_phone_that_is_known_shows_the_sign_in_too_and_can_say_that_it_is_not_the_person() {
    let (stub, browser) = enrolled(Taste::ENGLISH);
    let id = stub.ask_account(&views::seen(&request(600)));
    browser.see("sign in with your KMH account");
    browser.see("login.microsoftonline.com");
    tap(&browser, "It’s not me");
    tap(&browser, "I did not start this");
    assert!(matches!(stub.said(), Said::Declined { mistake: false }));
    browser.see("can no longer be approved");
    stub.gone(&id, "reported");
    browser.see("will not be asked again for a while");
    tap(&browser, "OK");
    let id = stub.ask_account(&views::seen(&request(600)));
    browser.see("sign in with your KMH account");
    stub.gone(&id, "answered");
    browser.see("Already answered");
    browser.assert_quiet(&[]);
}

#[test]
fn the_browser_is_sent_to_nothing_but_https() {
    let (stub, browser) = enrolled(Taste::ENGLISH);
    stub.account("look", Some(views::seen(&request(600))));
    let unknown = "leads to an address that this page does not know";
    for (address, said) in [
        ("http://localhost:1/", unknown),
        ("javascript:alert(1)", unknown),
        ("data:text/html,x", unknown),
        ("/a", "That did not work."),
    ] {
        stub.account("begin", Some(json!({"location": address})));
        browser.go(&format!("{}/a/abcde-fghij", stub.origin));
        browser.find("#number").type_in("42");
        tap(&browser, "Continue");
        browser.see(said);
    }
    browser.assert_quiet(&[]);
}
