//! A push in Firefox, from the daemon that encrypts it to the tap on the notification. Chromium can be handed one only after
//! its push service and the decryption: that is in `parts`.

use antiphon_core::record::Phone;
use antiphon_core::wire::FromDaemon;
use antiphon_tests::World;

use crate::autopush::{Autopush, Fate};
use crate::browser::{Browser, Engine, Taste};
use crate::daemon::{Daemon, in_house};
use crate::driver::until;
use crate::real::{CONFIGURED, ask, enrol, judge};
use crate::root::Root;
use crate::server::{PUSHES, Server};
use crate::stub::request;
use crate::walk::{ENGLISH, approve, tap};

/// A phone that is called when a sign-in waits.
struct Called {
    phone: Phone,
    browser: Browser,
    service: Server,
    autopush: Autopush,
    channel: String,
    /// The daemon's public key, as Firefox told its service.
    key: String,
    _daemon: Daemon,
}

impl Called {
    /// Enrols a phone and turns its notifications on, as a person does.
    fn start(world: &World) -> Self {
        let service = Server::of_pushes(world);
        let autopush = Autopush::start(&service.origin());
        let configuration = [CONFIGURED, PUSHES].concat();
        let daemon = Daemon::start_with(world, &configuration, &[service.trusted()]);
        let browser = Browser::start(Taste::ENGLISH.of(Engine::Firefox));
        browser.call_by(&autopush.address);
        let phone = enrol(&browser);
        tap(&browser, "Turn on notifications");
        browser.allow_notifications();
        browser.see("Notifications are on");
        let registered = autopush.hear("register");
        let said = |name: &str| registered[name].as_str().unwrap().to_owned();
        Self {
            phone,
            browser,
            service,
            autopush,
            channel: said("channelID"),
            key: said("key"),
            _daemon: daemon,
        }
    }

    /// The body of the daemon's next push, which is for this subscription and by whom it is open to.
    fn pushed(&self) -> Vec<u8> {
        let push = self.service.next();
        assert_eq!(push.path, format!("/wpush/v2/{}", self.channel));
        let key = format!("k={}", self.key.trim_end_matches('='));
        assert!(push.header("authorization").unwrap().ends_with(&key));
        push.body
    }

    fn assert_shown(&self, titles: &[&str]) {
        until(&format!("{titles:?}"), || {
            (self.browser.notifications() == titles).then_some(())
        });
    }
}

#[test]
fn firefox_decrypts_a_push_and_a_tap_on_the_notification_opens_the_sign_in() {
    in_house(|world| {
        let called = Called::start(world);
        let Called {
            phone,
            browser,
            autopush,
            ..
        } = &called;
        // The page is closed.
        browser.go("about:blank");
        let asked = request(120);
        let mut root = ask(&asked, phone);
        let push = called.pushed();
        // Of a single bit that is another nothing is shown.
        let mut spoilt = push.clone();
        *spoilt.last_mut().unwrap() ^= 1;
        let fate = autopush.deliver(&called.channel, &spoilt);
        assert_eq!(fate, Fate::NotDecrypted);
        called.assert_shown(&[]);
        assert_eq!(autopush.deliver(&called.channel, &push), Fate::Delivered);
        called.assert_shown(&[ENGLISH.waits]);
        browser.tap_notification();
        browser.see("203.0.113.5");
        called.assert_shown(&[]);
        approve(browser, &ENGLISH, 42);
        judge(&mut root, &asked, phone);
        browser.see(ENGLISH.signed_in);
        browser.assert_quiet(&[]);
    });
}

#[test]
fn a_notification_goes_with_its_sign_in_and_none_comes_when_they_are_turned_off() {
    in_house(|world| {
        let called = Called::start(world);
        let Called {
            phone,
            browser,
            autopush,
            ..
        } = &called;
        let root = ask(&request(120), phone);
        browser.see(ENGLISH.waits);
        let fate = autopush.deliver(&called.channel, &called.pushed());
        assert_eq!(fate, Fate::Delivered);
        called.assert_shown(&[ENGLISH.waits]);
        drop(root);
        browser.see("The sign-in is gone");
        called.assert_shown(&[]);

        tap(browser, "OK");
        tap(browser, "Turn off");
        browser.see("Notifications are off");
        assert_eq!(autopush.hear("unregister")["channelID"], called.channel);
        browser.go("about:blank");
        // No phone is reached.
        until("nobody", || {
            let mut root = Root::approve(&request(60), &[&phone.credential]);
            (root.hear() == Some(FromDaemon::Waiting { phones: 0 })).then_some(())
        });
        assert!(called.service.is_idle());
        called.assert_shown(&[]);
    });
}
