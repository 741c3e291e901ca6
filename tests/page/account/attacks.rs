//! What somebody tries who wants another person's approval, or to get by with less.

use antiphon_tests::World;
use serde_json::json;

use super::idp::{ES256, Idp, installed};
use super::{alice, choose, shown, sign_in, sudo, to_the_provider};
use crate::browser::{Browser, Engine, Taste};
use crate::daemon::in_house;

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
