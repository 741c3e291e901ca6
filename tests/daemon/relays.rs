//! Two relays of a fleet, as processes of their own, that share a real PostgreSQL.

use antiphon_core::approval::TakenBack;
use antiphon_core::wire::{FromDaemon, Silence, ToDaemon, Unwilling};
use antiphon_tests::{Postgres, Replicated, World, until};
use nix::sys::signal::{Signal, kill};
use serde_json::{Value, json};

use crate::daemon::in_house;
use crate::enrolment::{ORIGIN, qr_code};
use crate::phone::random;
use crate::relay::{Relay, join};
use crate::root::{approve, request, ticket, unwilling};
use crate::{Inbox, Phone, Root, Web};

impl Relay {
    /// Asks for a sign-in of `alice`, with what the relay says to that.
    fn ask(&self, phone: &Phone) -> (Root, Option<FromDaemon>) {
        let mut root = self.say(&approve(&request("alice", 60), &[&phone.credential]));
        let said = root.hear();
        (root, said)
    }

    /// The same, when the relay has it wait.
    fn asks(&self, phone: &Phone) -> Root {
        let (root, said) = self.ask(phone);
        assert!(matches!(said, Some(FromDaemon::Waiting { .. })), "{said:?}");
        root
    }

    fn web(&self) -> Web {
        Web {
            address: format!("127.0.0.1:848{}", self.number),
            ..Web::default()
        }
    }

    /// Enrols a phone of `alice`, whose page is at `page`, with its trial.
    fn enrol(&self, page: &Self) -> Phone {
        let name: [u8; 16] = random(16).try_into().unwrap();
        let mut root = self.say(&ticket(name, "alice", &[]));
        assert_eq!(root.hear(), Some(FromDaemon::TicketOpen {}));
        let phone = Phone::enrol_at(page.web(), &qr_code(name), "Pixel 9").unwrap();
        assert_eq!(root.hear(), Some(FromDaemon::TicketSeen {}));
        assert!(matches!(root.hear(), Some(FromDaemon::Enrolled(_))));
        // Another phone comes too late, wherever.
        for relay in [self, page] {
            let late = Phone::enrol_at(relay.web(), &qr_code(name), "Late").err();
            assert_eq!(late.map(|late| late.status), Some(409));
        }
        // Until root has it kept, the phone is known at both relays as what it is.
        let (mut inbox, _) = page.page(&phone);
        let mut trial = self.asks(&phone);
        let shown = inbox.request();
        assert_eq!(phone.approve(&shown, "42").status, 202);
        assert!(matches!(trial.hear(), Some(FromDaemon::Answer(_))));
        trial.outcome("accepted");
        assert_eq!(inbox.gone(&shown), "accepted");
        assert_eq!(phone.get("/api/activity").status, 403);
        root.send(&ToDaemon::Keep {});
        assert_eq!(root.hear(), Some(FromDaemon::Kept {}));
        phone
    }

    /// The page on this phone, opened here.
    fn page(&self, phone: &Phone) -> (Inbox, Vec<Value>) {
        Inbox::open(self.web().connect(), &phone.token)
    }
}

/// Two relays and their engine.
struct Relays {
    one: Relay,
    two: Relay,
    engine: Postgres,
}

impl Relays {
    fn start(world: &World) -> Self {
        join(world);
        let engine = Postgres::start(&world.folder().join("postgres"));
        let page = format!("origin = \"{ORIGIN}\"\n");
        Self {
            one: Relay::start(world, &engine.url(), 1, &page),
            two: Relay::start(world, &engine.url(), 2, &page),
            engine,
        }
    }
}

#[test]
fn an_answer_at_one_relay_wakes_the_sign_in_at_another() {
    in_house(|world| {
        let Relays {
            one,
            two,
            engine: _engine,
        } = Relays::start(world);
        // The command waits at one relay, and the phone comes to the other.
        let phone = one.enrol(&two);
        let (mut inbox, _) = two.page(&phone);
        let mut root = one.asks(&phone);
        let shown = inbox.request();
        // The person has one open request, wherever a second host asks.
        for relay in [&one, &two] {
            assert_eq!(relay.ask(&phone).1, Some(unwilling(Unwilling::Busy)));
        }
        assert_eq!(phone.approve(&shown, "42").status, 202);
        assert_eq!(phone.approve(&shown, "42").status, 202);
        assert_eq!(phone.approve(&shown, "43").status, 409);
        let answer = root.hear();
        assert!(matches!(answer, Some(FromDaemon::Answer(_))), "{answer:?}");
        root.outcome("accepted");
        assert_eq!(inbox.gone(&shown), "accepted");
        // What root has one relay forget, every relay has forgotten.
        let mut root = one.say(&crate::root::forget(&[&phone.credential]));
        assert_eq!(root.hear(), Some(FromDaemon::Forgotten {}));
        assert_eq!(inbox.next(), None);
        assert_eq!(phone.get("/api/me").status, 401);
    });
}

#[test]
fn a_killed_relays_request_is_not_busy_for_long_and_its_phone_is_told() {
    in_house(|world| {
        let Relays { one, two, engine } = Relays::start(world);
        let phone = one.enrol(&two);
        let (mut inbox, _) = two.page(&phone);
        let _root = one.asks(&phone);
        let shown = inbox.request();
        kill(one.daemon.id(), Signal::SIGKILL).unwrap();
        assert_eq!(two.ask(&phone).1, Some(unwilling(Unwilling::Busy)));
        let pass = "UPDATE replica SET seen = seen - interval '1 minute'";
        engine.ask_in("antiphon", pass);
        let _root = until("the dead relay's lease", || {
            let (root, said) = two.ask(&phone);
            matches!(said, Some(FromDaemon::Waiting { .. })).then_some(root)
        });
        assert_eq!(inbox.gone(&shown), "cancelled");
        assert_ne!(inbox.request(), shown);
    });
}

/// Approves once the relays hear each other again.
fn approve_when_back(relays: [&Relay; 2], phone: &Phone, shown: &Value) {
    for relay in relays {
        relay.daemon.expect_log("the other relays are heard again");
    }
    until("the answer's way", || {
        let status = phone.approve(shown, "42").status;
        assert!([503, 404, 202].contains(&status), "{status}");
        (status == 202).then_some(())
    });
}

#[test]
fn the_engine_may_stop_and_start_in_the_middle() {
    in_house(|world| {
        let Relays {
            one,
            two,
            mut engine,
        } = Relays::start(world);
        let mut phone = one.enrol(&one);
        phone.web = two.web();
        let (mut inbox, _) = two.page(&phone);
        let mut root = one.asks(&phone);
        let shown = inbox.request();
        engine.crash();
        // It waits at the other relay, which cannot be told: the phone is asked to try again.
        assert_eq!(phone.approve(&shown, "42").status, 503);
        engine.resume();
        approve_when_back([&one, &two], &phone, &shown);
        assert!(matches!(root.hear(), Some(FromDaemon::Answer(_))));
        root.outcome("accepted");
        assert_eq!(inbox.gone(&shown), "accepted");
        for relay in [one, two] {
            assert!(relay.daemon.terminate().success());
        }
        let left = "SELECT count(*) FROM open_request";
        assert_eq!(engine.ask_in("antiphon", left), "0");
    });
}

#[test]
fn a_pause_is_shown_and_ended_at_every_relay_and_a_report_heard_wherever_the_next_sign_in_is() {
    in_house(|world| {
        let Relays {
            one,
            two,
            engine: _engine,
        } = Relays::start(world);
        let mut phone = one.enrol(&two);
        phone.web = two.web();
        let since = request("alice", 60).issued;
        let pause = Silence {
            since,
            until: since.plus(900),
        };
        let paused = ToDaemon::Paused {
            user: "alice".into(),
            host: "web1".into(),
            pause,
        };
        assert_eq!(one.say(&paused).hear(), Some(FromDaemon::StillPaused {}));
        let shown = || phone.get("/api/me").json()["pause"].clone();
        assert_eq!(shown()["since"], since.0);
        let taken_back = TakenBack {
            user: "alice",
            host: "web1",
            since,
        };
        let proof = phone.sign(&taken_back.digest());
        assert_eq!(phone.post("/api/pause/end", &proof).status, 200);
        let said = one.say(&paused).hear();
        assert!(matches!(said, Some(FromDaemon::TakenBack(_))), "{said:?}");
        assert_eq!(shown(), Value::Null);
        // "It is not me", said at one relay about a sign-in at the other that hangs up before it hears of it.
        let (mut inbox, _) = two.page(&phone);
        let mut root = one.asks(&phone);
        let asked = inbox.request();
        assert_eq!(phone.decline(&asked).status, 202);
        assert_eq!(root.hear(), Some(FromDaemon::Declined {}));
        drop(root);
        assert_eq!(inbox.gone(&asked), "cancelled");
        let (_root, said) = two.ask(&phone);
        assert!(matches!(said, Some(FromDaemon::Suspected(_))), "{said:?}");
    });
}

#[test]
fn a_balancer_is_told_when_the_engine_is_away_and_when_it_is_back() {
    in_house(|world| {
        let Relays {
            one,
            two,
            mut engine,
        } = Relays::start(world);
        let answers = |expected: u16, word: &str| {
            for relay in [&one, &two] {
                until(word, || {
                    let said = relay.web().call("GET", "/health", None, None);
                    assert!([200, 503].contains(&said.status), "{}", said.status);
                    (said.status == expected).then_some(())
                });
            }
        };
        answers(200, "health");
        engine.crash();
        answers(503, "the engine to be missed");
        let said = one.web().call("GET", "/health", None, None);
        assert_eq!(said.json(), json!({"error": "the engine is away"}));
        engine.resume();
        answers(200, "the engine to be heard again");
    });
}

#[test]
fn requests_survive_a_fail_over_to_a_standby() {
    in_house(|world| {
        join(world);
        let mut engine = Replicated::start(&world.folder().join("engine"));
        let page = format!("origin = \"{ORIGIN}\"\n");
        let [one, two] = [1, 2].map(|number| Relay::start(world, engine.url(), number, &page));
        let mut phone = one.enrol(&one);
        phone.web = two.web();
        let (mut inbox, _) = two.page(&phone);
        let mut root = one.asks(&phone);
        let shown = inbox.request();
        engine.fail_over();
        approve_when_back([&one, &two], &phone, &shown);
        assert!(matches!(root.hear(), Some(FromDaemon::Answer(_))));
        root.outcome("accepted");
        assert_eq!(inbox.gone(&shown), "accepted");
        // What must last has lasted, and is still on two of them.
        let mut root = two.asks(&phone);
        let shown = inbox.request();
        assert_eq!(phone.approve(&shown, "42").status, 202);
        assert!(matches!(root.hear(), Some(FromDaemon::Answer(_))));
        let forget = one.say(&crate::root::forget(&[&phone.credential])).hear();
        assert_eq!(forget, Some(FromDaemon::Forgotten {}));
    });
}
