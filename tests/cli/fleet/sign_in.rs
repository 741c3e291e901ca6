//! Sign-ins on the hosts of a fleet: a phone is enrolled once, by the real commands, and asked from every host.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{SystemTime, UNIX_EPOCH};

use antiphon_core::approval::ApprovalRequest;
use antiphon_core::fleet::SignedDocument;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{
    self, FleetRefusal, FromDaemon, FromFleet, Hints, HostRole, Ticket, ToDaemon, ToFleet, Unread,
};
use antiphon_tests::{CODE, NUMBER, PamHost, SOCKET, World, until};
use nix::sys::signal::{Signal, kill};

use super::{Commanded, Computer, host, relay};
use crate::command::{Enrolment, antiphon};
use crate::daemon::in_house;
use crate::phone_added::add;
use crate::{Inbox, Phone};

const DB7: &str = "127.0.0.2";
const WEB1: &str = "127.0.0.3";

/// Two hosts where people can sign in.
fn two_hosts(world: &World) -> [Computer<'_>; 2] {
    [("db7", DB7), ("web1", WEB1)].map(|(name, address)| {
        let mut computer = host(world, name, address);
        computer.start_sshd();
        computer
    })
}

/// Alice signs in on `computer`, and approves on her phone.
fn approves(computer: &Computer<'_>, name: &str, phone: &Phone, inbox: &mut Inbox) {
    let mut terminal = computer.after_password("alice");
    let request = inbox.request();
    assert_eq!(request["host"], name);
    let number = terminal.number(NUMBER);
    assert_eq!(phone.approve(&request, &number).status, 202);
    terminal.send_line("").expect("here it is");
    assert_eq!(inbox.gone(&request), "accepted");
    terminal.end().well();
}

#[test]
fn a_phone_that_was_enrolled_once_approves_at_every_host_until_it_is_removed() {
    in_house(|world| {
        let _relay = relay(world);
        let [db7, web1] = two_hosts(world);
        let (phone, _) = add(world, "Pixel 9");
        let (mut inbox, _) = phone.inbox();
        approves(&db7, "db7", &phone, &mut inbox);
        approves(&web1, "web1", &phone, &mut inbox);
        // Nobody is enrolled there: all that the hosts know is what was signed.
        assert!(!db7.path("/etc/antiphon/users/alice.toml").exists());
        // The relay notes for some seconds whom it has seen before it writes it down.
        until("both hosts to be noted", || {
            let seen = antiphon(world, "hosts --json").done().object();
            let seen = seen["hosts"].as_array().unwrap();
            let names = seen.iter().map(|host| host["name"].as_str().unwrap());
            assert!(names.eq(["db7", "web1"]));
            seen.iter()
                .all(|host| host["seen"].is_string())
                .then_some(())
        });
        antiphon(world, "remove alice --yes").done();
        for computer in [&db7, &web1] {
            computer.after_password("alice").end().refused("here it is");
            world.ended("refused reason=nothing-to-ask user=alice");
        }
    });
}

#[test]
fn a_phone_that_was_removed_alone_is_not_asked_at_the_next_sign_in() {
    in_house(|world| {
        let _relay = relay(world);
        let mut db7 = host(world, "db7", DB7);
        db7.start_sshd();
        let (old, _) = add(world, "Old phone");
        let (new, _) = add(world, "New phone");
        let (mut inbox, _) = new.inbox();
        approves(&db7, "db7", &new, &mut inbox);
        let said = crate::command::antiphon_with(
            world,
            &["remove", "alice", "--phone", "Old phone", "--yes"],
        );
        said.done().says("every host of the fleet example");
        // The page of the old phone is at its end, and what it would sign counts nowhere.
        assert_eq!(old.get("/api/me").status, 401);
        approves(&db7, "db7", &new, &mut inbox);
        let record = db7.path("/var/lib/antiphon/fleet/records/alice");
        let record = fs::read_to_string(record).unwrap();
        assert!(record.contains("New phone") && !record.contains("Old phone"));
    });
}

#[test]
fn a_revoked_host_is_refused_at_its_next_connection() {
    in_house(|world| {
        let relay = relay(world);
        let [db7, web1] = two_hosts(world);
        let (phone, _) = add(world, "Pixel 9");
        let (mut inbox, _) = phone.inbox();
        approves(&db7, "db7", &phone, &mut inbox);
        antiphon(world, "hosts revoke db7").done();
        db7.after_password("alice").end().refused("here it is");
        relay.expect_log("db7 was revoked");
        db7.antiphon(&["fleet", "check"])
            .exits(78)
            .says("was it revoked?");
        // The next that the phone hears of is the other host's.
        approves(&web1, "web1", &phone, &mut inbox);
        // Revoked twice is revoked.
        antiphon(world, "hosts revoke db7").done();
        antiphon(world, "hosts revoke db8").failed(68, "no such host");
    });
}

/// A record of alice's own on `computer`, with codes and the fleet's phones beside them.
fn enrol_locally(computer: &Computer<'_>) -> Enrolment {
    let said = computer.antiphon(&["enroll", "alice", "--code", "--no-confirm", "--json"]);
    let enrolment = Enrolment::of(&said.done().out);
    let path = computer.path("/etc/antiphon/users/alice.toml");
    let record = fs::read_to_string(&path).unwrap();
    fs::write(
        path,
        record.replacen("version = 1\n", "version = 1\nfleet = true\n", 1),
    )
    .unwrap();
    enrolment
}

#[test]
fn with_the_relay_frozen_or_gone_a_code_of_the_hosts_own_lets_in() {
    in_house(|world| {
        let relay = relay(world);
        let [mut db7, web1] = two_hosts(world);
        let (phone, _) = add(world, "Pixel 9");
        let (mut inbox, _) = phone.inbox();
        let alice = enrol_locally(&db7);
        approves(&db7, "db7", &phone, &mut inbox);
        approves(&web1, "web1", &phone, &mut inbox);
        kill(relay.id(), Signal::SIGSTOP).unwrap();
        let mut terminal = db7.after_password("alice");
        terminal.answer(CODE, &alice.code()).expect("here it is");
        terminal.end().well();
        // Who has nothing there but what the fleet knows is refused, and not let in.
        web1.after_password("alice").end().refused("here it is");
        kill(relay.id(), Signal::SIGKILL).unwrap();
        let mut terminal = db7.after_password("alice");
        terminal
            .answer(CODE, &alice.recovery[0])
            .expect("here it is");
        terminal.end().well();
        web1.after_password("alice").end().refused("here it is");
        // Nor is the host's own daemon needed.
        db7.stop();
        db7.start_sshd();
        let mut terminal = db7.after_password("alice");
        terminal
            .answer(CODE, &alice.recovery[1])
            .expect("here it is");
        terminal.end().well();
    });
}

#[test]
fn on_a_host_no_phone_is_enrolled_and_on_an_enrolment_host_roots_phone_counts_there_alone() {
    in_house(|world| {
        let _relay = relay(world);
        let db7 = host(world, "db7", DB7);
        db7.antiphon(&["enroll", "alice", "--phone"])
            .failed(78, "on the enrolment host");
        db7.antiphon(&["hosts"]).failed(77, "no enrolment host");
        db7.antiphon(&["fleet", "renew"])
            .failed(78, "not an enrolment host");
        antiphon(world, "enroll root --no-confirm").done();
        antiphon(world, "fleet renew root").failed(65, "root is never a person of the fleet");
        let status = antiphon(world, "fleet status --json").done().object();
        assert_eq!(status["people"], 0);
    });
}

#[test]
fn a_relay_that_freezes_or_goes_during_a_sign_in_leaves_the_prompt_for_codes() {
    in_house(|world| {
        let relay = relay(world);
        let mut db7 = host(world, "db7", DB7);
        db7.start_sshd();
        let (phone, _) = add(world, "Pixel 9");
        let (mut inbox, _) = phone.inbox();
        let alice = enrol_locally(&db7);
        for (signal, code) in [
            (Signal::SIGSTOP, &alice.recovery[0]),
            (Signal::SIGKILL, &alice.recovery[1]),
        ] {
            let mut terminal = db7.after_password("alice");
            let request = inbox.request();
            terminal.number(NUMBER);
            terminal.expect(": ");
            kill(relay.id(), signal).unwrap();
            terminal.send_line(code).expect("here it is");
            terminal.end().well();
            world.ended("accepted method=recovery user=alice");
            if signal == Signal::SIGSTOP {
                kill(relay.id(), Signal::SIGCONT).unwrap();
                inbox.gone(&request);
            }
        }
    });
}

#[test]
fn a_relay_that_stays_frozen_leaves_the_code_when_the_phones_time_is_over() {
    in_house(|world| {
        // Where the module asks for the code by itself once nobody has answered.
        world.pam("runuser", "auth required pam_antiphon.so\n");
        let relay = relay(world);
        let db7 = host(world, "db7", DB7);
        let _phone = add(world, "Pixel 9");
        let alice = enrol_locally(&db7);
        let program = db7.command(&world.product().pam_host);
        let host = PamHost::started_by(program, "runuser", "alice").option("--phone-first");
        let played = host.answer(&alice.recovery[0]).play_heard(|text| {
            if text.contains(NUMBER) {
                kill(relay.id(), Signal::SIGSTOP).unwrap();
            }
        });
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
        assert_eq!(played.times_said("The phone did not answer in time."), 1);
    });
}

/// What a relay says to root on `computer`, who speaks to the daemon there and not as our commands do.
fn said(computer: &Computer<'_>, message: &ToDaemon) -> Option<FromDaemon> {
    let mut daemon = UnixStream::connect(computer.path(SOCKET)).unwrap();
    daemon.write_all(&wire::encode(message).unwrap()).unwrap();
    let mut unread = Unread::default();
    let mut piece = [0; 4096];
    loop {
        if let Some(said) = unread.take().unwrap() {
            return Some(said);
        }
        match daemon.read(&mut piece) {
            Ok(length @ 1..) => unread.put(&piece[..length]).unwrap(),
            _ => return None,
        }
    }
}

#[test]
fn a_rooted_host_can_ask_for_no_other_host_nor_enrol_nor_forget() {
    in_house(|world| {
        let _relay = relay(world);
        let [db7, web1] = two_hosts(world);
        let (phone, _) = add(world, "Pixel 9");
        let (mut inbox, _) = phone.inbox();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let request = ApprovalRequest {
            nonce: [7; 32],
            user: "alice".into(),
            host: "db7".into(),
            service: "sshd".into(),
            caller: String::new(),
            remote_host: String::new(),
            terminal: String::new(),
            issued: UnixTime(now.as_secs()),
            expires: UnixTime(now.as_secs() + 60),
        };
        let credentials = vec![phone.credential.clone()];
        let document = SignedDocument::parse(&fs::read("/etc/antiphon/fleet/keys").unwrap());
        let reason = FleetRefusal::NotAllowed;
        let refused = Some(FromDaemon::Fleet(FromFleet::Refused { reason }));
        for message in [
            ToDaemon::Approve {
                request,
                credentials: credentials.clone(),
                digits: 2,
                hints: Hints::default(),
            },
            ToDaemon::Ticket(Ticket {
                ticket: vec![7; 16],
                user: "alice".into(),
                host: "web1".into(),
                credentials: Vec::new(),
            }),
            ToDaemon::Forget { credentials },
            ToDaemon::Fleet(ToFleet::Publish {
                document: document.unwrap(),
                numbers: None,
            }),
            ToDaemon::Fleet(ToFleet::Revoke { host: "db7".into() }),
            ToDaemon::Fleet(ToFleet::Token {
                hash: [7; 32],
                role: HostRole::Enrol,
                hosts: 1,
                until: UnixTime(now.as_secs() + 60),
                network: String::new(),
            }),
        ] {
            assert_eq!(said(&web1, &message), refused, "{message:?}");
        }
        // The phone has heard of none of it, and still approves.
        approves(&db7, "db7", &phone, &mut inbox);
        let hosts = antiphon(world, "hosts --json").done().object();
        assert!(
            hosts["hosts"]
                .as_array()
                .unwrap()
                .iter()
                .all(|host| host["revoked"].is_null())
        );
    });
}
