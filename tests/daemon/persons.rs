//! The socket of people without root: each gets their own, nobody another's, and no flood there reaches root's sign-ins.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use antiphon_core::activity::Event;
use antiphon_core::disk::Folder;
use antiphon_core::disk::summary_file::{self, Durable};
use antiphon_core::name::UserName;
use antiphon_core::summary::Summary;
use antiphon_core::wire::{FromPerson, NotTold, ToPerson, decode, encode};
use antiphon_tests::{World, until};
use data_encoding::HEXLOWER;

use crate::abuse::hold_many_connections;
use crate::daemon::{SOCKET, in_house};
use crate::enrolment::enrol;
use crate::root::request;
use crate::{Daemon, Root};

const ACTIVITY: &str = "/var/lib/antiphon/activity";
const PEOPLE: &str = "/run/antiphon/antiphond.person.sock";

/// Connects so often to the socket, sends the bytes on each connection, and prints in hexadecimal what comes on the last.
const SPEAK: &str = r#"
use strict; use IO::Socket::UNIX;
my ($path, $bytes, $times, $wait) = @ARGV;
my @held;
for (1 .. $times) {
    my $socket = IO::Socket::UNIX->new(Peer => $path) or do { print "refused: $!\n"; exit };
    local $SIG{PIPE} = "IGNORE";
    $socket->syswrite(pack("H*", $bytes)) if length $bytes;
    push @held, $socket;
}
$| = 1;
if ($wait) { print "held\n"; readline(STDIN); exit }
local $/;
print unpack("H*", readline($held[-1]) // ""), "\n";
"#;

/// A program of `user` that speaks to a socket.
fn speak(world: &World, user: &str, path: &str, bytes: &[u8], times: usize, wait: bool) -> Child {
    let hex = HEXLOWER.encode(bytes);
    let wait = if wait { "1" } else { "" };
    let mut command = world.command_of(user, "perl");
    command.args(["-e", SPEAK, path, &hex, &times.to_string(), wait]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    line.trim_end().to_owned()
}

/// The bytes that `user` gets for these; `None` if the connection was closed without a word.
fn told_raw(world: &World, user: &str, bytes: &[u8]) -> Option<ToPerson> {
    let mut child = speak(world, user, PEOPLE, bytes, 1, false);
    let line = first_line(&mut child);
    child.wait().unwrap();
    let bytes = HEXLOWER.decode(line.as_bytes()).unwrap();
    bytes.get(4..).map(|json| decode(json).unwrap())
}

fn told(world: &World, user: &str, question: &FromPerson) -> ToPerson {
    told_raw(world, user, &encode(question).unwrap()).expect("an answer")
}

fn refused(reason: NotTold) -> ToPerson {
    ToPerson::Refused { reason }
}

/// A sign-in of `user` from this address.
fn happened(world: &World, user: &str, from: &str) -> Event {
    let event = Event {
        time: "2026-11-22T20:00:00Z".into(),
        outcome: "accepted".into(),
        service: "sshd".into(),
        remote_host: from.into(),
        ..Event::default()
    };
    world.happened(user, &event);
    event
}

/// `perl` as a user id, which need not have a name.
fn perl_as(uid: u32, arguments: &[&str]) -> Command {
    let mut command = Command::new("setpriv");
    command.args([format!("--reuid={uid}"), format!("--regid={uid}")]);
    command.args(["--clear-groups", "--", "perl", "-e", SPEAK, PEOPLE]);
    command.args(arguments);
    command
}

fn is_told_of_activity(world: &World, user: &str) {
    let told = told(world, user, &ACTIVE);
    assert!(matches!(told, ToPerson::Activity { .. }), "{told:?}");
}

const ACTIVE: FromPerson = FromPerson::Activity { most: 100 };

#[test]
fn each_person_gets_their_own_and_nobody_anothers() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let hers = happened(world, "alice", "203.0.113.5");
        let his = happened(world, "bob", "203.0.113.6");
        let folder = Folder::open(Path::new(ACTIVITY)).unwrap();
        let summary = Summary {
            code: true,
            recovery_left: 7,
            ..Summary::default()
        };
        let alice = UserName::new("alice").unwrap();
        summary_file::store(&folder, &alice, &summary, Durable::Yes).unwrap();
        for (user, event, ways) in [("alice", &hers, Some(summary)), ("bob", &his, None)] {
            let ToPerson::Activity {
                user: whose,
                events,
            } = told(world, user, &ACTIVE)
            else {
                panic!()
            };
            assert_eq!((whose.as_str(), events.len()), (user, 1));
            assert_eq!(&events[0].event, event);
            let told = told(world, user, &FromPerson::Ways {});
            let user = user.to_owned();
            assert_eq!(told, ToPerson::Ways { user, ways });
        }
        let report = FromPerson::Report { id: hers.id() };
        assert_eq!(told(world, "bob", &report), refused(NotTold::NoSuchSignIn));
        for before in [false, true, true] {
            let told = told(world, "alice", &report);
            assert_eq!(told, ToPerson::Reported { before });
        }
        let mut logged = world.log().lines();
        logged.retain(|line| line.contains("outcome=reported"));
        assert_eq!(logged.len(), 1, "{logged:?}");
        assert!(
            logged[0].contains("user=alice") && logged[0].contains("by=command"),
            "{logged:?}"
        );
        // A user id without a name has nothing.
        world.add_person("gone", 4242);
        let hex = HEXLOWER.encode(&encode(&ACTIVE).unwrap());
        let told = perl_as(5555, &[&hex, "1", ""]).output().unwrap();
        let hex = String::from_utf8(told.stdout).unwrap();
        let unknown = encode(&refused(NotTold::Unknown)).unwrap();
        assert_eq!(hex.trim_end(), HEXLOWER.encode(&unknown));
    });
}

#[test]
fn roots_socket_is_closed_to_people_and_theirs_knows_nothing_of_roots_words() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let mut child = speak(world, "alice", SOCKET, b"", 1, false);
        assert!(first_line(&mut child).starts_with("refused: Permission denied"));
        child.wait().unwrap();
        let mode = fs::metadata(PEOPLE).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o666);
        for json in [
            r#"{"keep":{}}"#,
            r#"{"forget":{"credentials":["AQ"]}}"#,
            r#"{"ways":{"user":"bob"}}"#,
            r#"{"activity":{"most":-1}}"#,
            r#"{"report":{}}"#,
            "{",
            "",
            "null",
        ] {
            let mut frame = u32::try_from(json.len()).unwrap().to_be_bytes().to_vec();
            frame.extend(json.as_bytes());
            let told = told_raw(world, "alice", &frame);
            assert_eq!(told, Some(refused(NotTold::NotUnderstood)), "{json}");
        }
        let told = told_raw(world, "alice", &[255; 8]);
        assert_eq!(told, Some(refused(NotTold::NotUnderstood)));
    });
}

#[test]
fn a_flood_by_one_person_hinders_neither_others_nor_root() {
    in_house(|world| {
        hold_many_connections();
        let _daemon = Daemon::start(world, "");
        let phone = enrol("alice", "Pixel 9");
        happened(world, "bob", "203.0.113.6");
        // Their own next question is not taken while the others are held: a few seconds, which may pass on a busy machine.
        let mut flood = until("a question that is not taken", || {
            let mut flood = speak(world, "alice", PEOPLE, &[0, 0], 2000, true);
            assert_eq!(first_line(&mut flood), "held");
            if told_raw(world, "alice", &encode(&ACTIVE).unwrap()).is_none() {
                return Some(flood);
            }
            flood.kill().unwrap();
            flood.wait().unwrap();
            None
        });
        is_told_of_activity(world, "bob");
        let asked = request("alice", 60);
        drop(Root::ask(&asked, &[&phone.credential], 0));
        flood.stdin.take().unwrap().write_all(b"\n").unwrap();
        flood.wait().unwrap();
        // And who asks too often waits.
        let mut answers: Vec<bool> = (0..40)
            .map(|_| told(world, "bob", &ACTIVE) == refused(NotTold::TooOften))
            .collect();
        assert_eq!(answers.pop(), Some(true));
        assert!(!answers[0]);
    });
}

/// A program that holds as many connections as it may, as each of these user ids.
fn held(uids: impl Iterator<Item = u32>) -> Vec<Child> {
    let mut holding: Vec<Child> = uids
        .map(|uid| {
            perl_as(uid, &["0000", "4", "1"])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in &mut holding {
        assert_eq!(first_line(child), "held");
    }
    holding
}

fn let_go(held: Vec<Child>) {
    for mut child in held {
        child.stdin.take().unwrap().write_all(b"\n").unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn a_person_with_subordinate_user_ids_has_one_share_of_the_places() {
    in_house(|world| {
        happened(world, "bob", "203.0.113.6");
        fs::write("/etc/subuid", "alice:100000:65536\n").unwrap();
        let daemon = Daemon::start(world, "");
        let flood = held(100_000..100_020);
        daemon.expect_log("user id 100000 has 4 connections");
        is_told_of_activity(world, "bob");
        assert!(!daemon.log().contains("all that it takes"));
        let_go(flood);
    });
}

#[test]
fn whoever_holds_all_places_and_asks_nothing_gives_way_to_who_asks() {
    in_house(|world| {
        happened(world, "bob", "203.0.113.6");
        let daemon = Daemon::start(world, "");
        let flood = held(100_000..100_020);
        for _ in 0..10 {
            is_told_of_activity(world, "bob");
        }
        daemon.expect_log("all that it takes");
        let_go(flood);
    });
}
