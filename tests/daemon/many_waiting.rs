//! Many sign-ins wait at two relays, and one of the relays goes: each of them ends, and none is accepted twice.
//!
//! What the module would say is said by [`Root`] on each host, whose real daemon carries it to a real relay.

use std::process::Command;
use std::rc::Rc;
use std::thread;

use antiphon_core::wire::{FromDaemon, FromFleet, ToDaemon, ToFleet, Unwilling};
use antiphon_tests::{Computer, SOCKET, Site, World, until};
use nix::sys::signal::{Signal, kill};
use serde_json::Value;

use crate::abuse::hold_many_connections;
use crate::daemon::in_house;
use crate::enrolment::qr_code;
use crate::phone::random;
use crate::root::{approve, request, ticket, unwilling};
use crate::{Phone, Root, Web};

const PORT: u16 = 8470;
/// In one test alone, in which the most happens at the same time: all that was answered meanwhile is fetched at once.
const CROWD: usize = 500;
/// Where each sign-in ends by itself, and no other's end depends on it.
const SOME: usize = 100;
/// Phones that are enrolled at the same time.
const AT_ONCE: usize = 4;
/// Where the relay that goes is, and the host whose sign-ins wait there; and the other ones.
const LOST: usize = 0;
const LEFT: usize = 1;

/// A sign-in that waits.
struct Waiting {
    phone: Rc<Phone>,
    root: Root,
    /// As the phone has it.
    shown: Value,
}

impl Waiting {
    /// A sign-in of `user` on `host`, if it may wait.
    fn begin(host: &Computer<'_>, user: &str, phone: &Rc<Phone>) -> Option<Self> {
        let mut request = request(user, 60);
        request.nonce = random(32).try_into().unwrap();
        host.name().clone_into(&mut request.host);
        let mut root = Root::connect_to(&socket(host));
        root.send(&approve(&request, &[&phone.credential]));
        match root.hear() {
            Some(FromDaemon::Waiting { .. }) => {
                let (mut inbox, mut waits) = phone.inbox();
                // What waits at the other relay may take a moment.
                let shown = waits.pop().unwrap_or_else(|| inbox.request());
                Some(Self {
                    phone: Rc::clone(phone),
                    root,
                    shown,
                })
            }
            said => {
                // Overloaded: the engine takes more than a second, on a machine that has much else to do.
                let later = [Unwilling::Busy, Unwilling::Overloaded].map(unwilling);
                let is_later = said.as_ref().is_none_or(|said| later.contains(said));
                assert!(is_later, "{said:?}");
                None
            }
        }
    }

    /// The phone approves, at the relay that is left; saying it again changes nothing.
    fn approves(&self) {
        assert_eq!(self.phone.approve(&self.shown, "42").status, 202);
        let again = self.phone.approve(&self.shown, "42").status;
        assert!([202, 404, 409].contains(&again), "{again}");
    }

    /// The host hears of it, and nothing more.
    fn ends_accepted(mut self) {
        let said = self.root.hear();
        assert!(matches!(said, Some(FromDaemon::Answer(_))), "{said:?}");
        self.root.outcome("accepted");
        assert_eq!(self.root.hear(), None);
    }

    /// The host, which has lost patience, has heard of nothing but that another sign-in has its place, which it need not have
    /// heard yet.
    fn ends_given_up(mut self) {
        self.root.outcome("timeout");
        let mut heard = self.root.hear();
        if heard == Some(unwilling(Unwilling::Busy)) {
            heard = self.root.hear();
        }
        assert_eq!(heard, None);
    }
}

/// A fleet in which half of the people wait at each relay.
struct Crowd<'w> {
    site: Site<'w>,
    people: usize,
    at_lost: Vec<Waiting>,
    at_left: Vec<Waiting>,
}

impl<'w> Crowd<'w> {
    fn wait(world: &'w World, people: usize) -> Self {
        hold_many_connections();
        let site = Site::set_up(world, PORT, |_, _| {});
        let names: Vec<String> = (0..people).map(|number| format!("p{number}")).collect();
        let phones = enrol(&site, &names);
        for relay in [LOST, LEFT] {
            lead(&site, relay);
        }
        let mut crowd = Self {
            at_lost: Vec::new(),
            at_left: Vec::new(),
            people,
            site,
        };
        for (number, (name, phone)) in names.iter().zip(phones).enumerate() {
            let (waiting, host) = if number % 2 == 0 {
                (&mut crowd.at_lost, &crowd.site.hosts[LOST])
            } else {
                (&mut crowd.at_left, &crowd.site.hosts[LEFT])
            };
            let phone = Rc::new(phone);
            waiting.push(until("a sign-in that waits", || {
                Waiting::begin(host, name, &phone)
            }));
        }
        let count = "SELECT count(DISTINCT replica), count(*) FROM open_request";
        assert_eq!(
            crowd.site.engine.primary().ask_in("antiphon", count),
            format!("2|{people}")
        );
        crowd
    }

    /// The relay that goes.
    fn lost(&self) -> &Computer<'w> {
        &self.site.relays[LOST]
    }

    /// The sign-ins at the relay that is left go on as if nothing had been.
    fn others_go_on(&mut self) {
        for waiting in self.at_left.drain(..) {
            waiting.approves();
            waiting.ends_accepted();
        }
    }

    /// Whose sign-ins have come to nothing can sign in by the relay that is left, on the host that had the other one.
    fn sign_in_again(&self, vain: &[Waiting]) {
        self.lease("- interval '1 minute'");
        for Waiting { phone, shown, .. } in vain {
            let user = shown["user"].as_str().unwrap();
            let again = until("the lost relay's lease", || {
                Waiting::begin(&self.site.hosts[LOST], user, phone)
            });
            again.approves();
            again.ends_accepted();
        }
    }

    /// As if the relays had last been seen at another time.
    fn lease(&self, from_now: &str) {
        let seen = format!("UPDATE replica SET seen = now() {from_now}");
        self.site.engine.primary().ask_in("antiphon", &seen);
    }
}

/// A phone for each of `names`, whose page is at the relay that is left.
fn enrol(site: &Site<'_>, names: &[String]) -> Vec<Phone> {
    let socket = socket(&site.relays[LOST]);
    let web = Web {
        address: Site::pages(PORT)[LEFT].clone(),
        ..Web::default()
    };
    let enrol_one = |user: &String| {
        let name: [u8; 16] = random(16).try_into().unwrap();
        let mut root = Root::connect_to(&socket);
        root.send(&ticket(name, user, &[]));
        assert_eq!(root.hear(), Some(FromDaemon::TicketOpen {}));
        let phone = Phone::enrol_at(web.clone(), &qr_code(name), "Pixel 9").unwrap();
        assert_eq!(root.hear(), Some(FromDaemon::TicketSeen {}));
        assert!(matches!(root.hear(), Some(FromDaemon::Enrolled(_))));
        root.send(&ToDaemon::Keep {});
        assert_eq!(root.hear(), Some(FromDaemon::Kept {}));
        phone
    };
    thread::scope(|scope| {
        let parts = names.chunks(names.len().div_ceil(AT_ONCE));
        let parts: Vec<_> = parts
            .map(|part| scope.spawn(|| part.iter().map(enrol_one).collect::<Vec<Phone>>()))
            .collect();
        parts
            .into_iter()
            .flat_map(|part| part.join().unwrap())
            .collect()
    })
}

/// Has the host of this number use the relay of the same number: it stays with the one that answered last.
fn lead(site: &Site<'_>, number: usize) {
    let other = site.relays[1 - number].daemon_id();
    kill(other, Signal::SIGSTOP).unwrap();
    let mut root = Root::connect_to(&socket(&site.hosts[number]));
    root.send(&ToDaemon::Fleet(ToFleet::Record {
        user: "p0".into(),
        keys: 0,
    }));
    let said = root.hear();
    let is_answered = matches!(said, Some(FromDaemon::Fleet(FromFleet::Record { .. })));
    assert!(is_answered, "{said:?}");
    kill(other, Signal::SIGCONT).unwrap();
}

fn socket(computer: &Computer<'_>) -> String {
    computer.path(SOCKET).to_str().unwrap().to_owned()
}

#[test]
fn sign_ins_at_a_killed_relay_end_and_those_at_the_other_go_on() {
    in_house(|world| {
        let mut crowd = Crowd::wait(world, SOME);
        // Some have been answered already.
        for waiting in crowd.at_lost.split_off(crowd.people / 4) {
            waiting.approves();
            waiting.ends_accepted();
        }
        crowd.site.relays[LOST].kill_daemon();
        let mut ended = std::mem::take(&mut crowd.at_lost);
        for waiting in &mut ended {
            assert_eq!(waiting.root.hear(), None);
        }
        crowd.others_go_on();
        crowd.sign_in_again(&ended);
    });
}

#[test]
fn sign_ins_at_a_frozen_relay_hear_once_of_what_was_approved_meanwhile_and_of_nothing_else() {
    in_house(|world| {
        let mut crowd = Crowd::wait(world, CROWD);
        let late = crowd.at_lost.split_off(crowd.people / 4);
        kill(crowd.lost().daemon_id(), Signal::SIGSTOP).unwrap();
        // However long that takes here, it is not taken for dead yet.
        crowd.lease("+ interval '1 hour'");
        for waiting in &crowd.at_lost {
            waiting.approves();
        }
        crowd.others_go_on();
        crowd.sign_in_again(&late);
        kill(crowd.lost().daemon_id(), Signal::SIGCONT).unwrap();
        for waiting in crowd.at_lost.drain(..) {
            waiting.ends_accepted();
        }
        late.into_iter().for_each(Waiting::ends_given_up);
    });
}

/// Loses all that goes to `address` and comes from there, without a word to either side.
fn cut_off(address: &str) {
    // Before the table of the computer's own addresses, whose rule is the first of all.
    for rule in [
        "add pref 20 lookup local",
        "del pref 0",
        &format!("add pref 10 to {address} blackhole"),
        &format!("add pref 10 from {address} blackhole"),
    ] {
        let status = Command::new("ip")
            .arg("rule")
            .args(rule.split(' '))
            .status();
        assert!(status.unwrap().success(), "{rule}");
    }
}

#[test]
fn sign_ins_at_a_relay_that_the_network_has_lost_end_by_themselves() {
    in_house(|world| {
        let mut crowd = Crowd::wait(world, SOME);
        cut_off(crowd.lost().address());
        crowd.others_go_on();
        let mut ended = std::mem::take(&mut crowd.at_lost);
        for waiting in &mut ended {
            assert_eq!(waiting.root.hear(), None);
        }
        crowd.sign_in_again(&ended);
    });
}
