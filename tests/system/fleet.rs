//! A host of a fleet, whose relay the test plays: the module believes what the fleet's keys have signed, and nothing that
//! the relay says.

use std::fs;
use std::path::Path;

use antiphon_core::fleet::SignedDocument;
use antiphon_core::record::{TelephoneNumber, TelephoneUse};
use antiphon_core::wire::{FromDaemon, FromFleet, Unwilling};
use antiphon_tests::{
    Call, Enquiry, Fleet, LyingDaemon, PamHost, Passkey, Played, World, in_world,
};

use crate::methods::take;
use crate::phone::{Program, approve, play_with};

const ORIGIN: &str = "https://mfa.example.org";
/// A service of one thread, in whose stack only our line stands.
const FORKS: &str = "runuser";
const ALONE: &str = "auth required pam_antiphon.so\n";
/// This host's name in the fleet, which is another than the computer's.
const DB7: &str = "db7.example.org";
const DAY: u64 = 86_400;
const RECORDS: &str = "/var/lib/antiphon/fleet/records";

/// A host of a fleet, and alice, who has no record of her own there.
struct Joined<'w> {
    world: &'w World,
    fleet: Fleet,
    passkey: Passkey,
}

impl<'w> Joined<'w> {
    fn new(world: &'w World) -> Self {
        world.configure("[fleet]\n");
        world.pam(FORKS, ALONE);
        let fleet = Fleet::new("example");
        fleet.join(DB7);
        Self {
            world,
            fleet,
            passkey: Passkey::new("Pixel 9", ORIGIN),
        }
    }

    fn record(&self, serial: u32) -> SignedDocument {
        self.fleet
            .record("alice", serial, &[self.passkey.phone()], DAY)
    }

    /// A sign-in of alice that meets `relay`, in a thread of its own.
    fn sign_in<T: Send>(&self, relay: impl FnOnce(Meeting) -> T + Send) -> (Played, T) {
        let daemon = LyingDaemon::start();
        let host = PamHost::of_service(self.world, FORKS, "alice").option("--phone-first");
        play_with(host, |numbers| relay(Meeting { daemon, numbers }))
    }

    /// A sign-in whose relay gives `record` and asks the phone, which approves.
    fn is_let_in(&self, record: Option<&SignedDocument>, keys: Option<&SignedDocument>) {
        let (played, ()) = self.sign_in(|meeting| {
            meeting.enquiry().answer(record, keys);
            let (mut call, number) = meeting.asked();
            approve(&mut call, &self.passkey, &number);
        });
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
        self.world.ended("accepted method=approval user=alice");
    }

    /// A sign-in whose relay does as `relay` says: no phone is asked, and nobody is let in.
    fn is_refused(&self, what: &str, expected: &str, relay: impl FnOnce(Enquiry) + Send) {
        let (played, was_called) = self.sign_in(|meeting| {
            relay(meeting.enquiry());
            meeting
        });
        assert!(!was_called.daemon.was_called(), "{what}: a phone was asked");
        assert!(
            ["PAM_AUTH_ERR", "PAM_AUTHINFO_UNAVAIL"].contains(&played.result()),
            "{what}: {played:#?}"
        );
        self.world.ended(expected);
    }
}

struct Meeting {
    daemon: LyingDaemon,
    numbers: std::sync::mpsc::Receiver<String>,
}

impl Meeting {
    fn enquiry(&self) -> Enquiry {
        let enquiry = self.daemon.enquiry();
        assert_eq!(enquiry.user, "alice");
        enquiry
    }

    fn asked(&self) -> (Call, String) {
        let call = self.daemon.asked();
        assert_eq!((&*call.request.host, &*call.request.user), (DB7, "alice"));
        (call, self.numbers.recv().unwrap())
    }
}

#[test]
fn a_person_known_to_the_fleet_alone_is_let_in_by_their_phone() {
    in_world(|world| {
        let joined = Joined::new(world);
        joined.is_let_in(Some(&joined.record(7)), Some(&joined.fleet.keys(1)));
        // That nothing was known of alice here is no loss.
        assert!(!world.log().has("state=repaired"));
        // What was verified is root's, and asked for by the serial of the keys from then on.
        assert!(Path::new(RECORDS).join("alice").exists());
        assert!(!world.record_path("alice").exists());
        let (played, keys) = joined.sign_in(|meeting| {
            let enquiry = meeting.enquiry();
            let keys = enquiry.keys;
            enquiry.answer(Some(&joined.record(8)), None);
            let (mut call, number) = meeting.asked();
            approve(&mut call, &joined.passkey, &number);
            keys
        });
        assert_eq!((played.result(), keys), ("PAM_SUCCESS", 1));
    });
}

#[test]
fn an_approval_for_one_host_counts_at_no_other() {
    in_world(|world| {
        let joined = Joined::new(world);
        let (played, ()) = joined.sign_in(|meeting| {
            let keys = joined.fleet.keys(1);
            meeting
                .enquiry()
                .answer(Some(&joined.record(7)), Some(&keys));
            let (mut call, number) = meeting.asked();
            let mut elsewhere = call.request.clone();
            elsewhere.host = "web1.example.org".into();
            call.answer(joined.passkey.answer(&elsewhere, &number));
            let _ = call.outcome();
        });
        assert_ne!(played.result(), "PAM_SUCCESS", "{played:#?}");
        assert!(world.log().has("phone=refused"));
    });
}

#[test]
fn a_missing_or_bad_fleet_record_never_lets_anybody_in() {
    in_world(|world| {
        let joined = Joined::new(world);
        let keys = joined.fleet.keys(1);
        let stranger = Fleet::new("example");
        let strangers = stranger.record("alice", 7, &[joined.passkey.phone()], DAY);
        let bobs = joined
            .fleet
            .record("bob", 7, &[joined.passkey.phone()], DAY);
        let expired = joined
            .fleet
            .record("alice", 7, &[joined.passkey.phone()], 0);
        let other_fleet = Fleet::new("other").record("alice", 7, &[joined.passkey.phone()], DAY);
        let mut spoilt = joined.record(7);
        spoilt.signature[20] ^= 1;
        let distrusted = "unusable reason=fleet user=alice";
        let away = "unusable reason=fleet-away user=alice";
        joined.is_refused(
            "no record",
            "refused reason=not-in-fleet user=alice",
            |enquiry| {
                enquiry.answer(None, Some(&keys));
            },
        );
        joined.is_refused("unwilling", away, |enquiry| {
            let reason = Unwilling::Overloaded;
            enquiry.say(&FromDaemon::Unwilling { reason });
        });
        joined.is_refused("something else", away, |enquiry| {
            enquiry.say(&FromDaemon::Fleet(FromFleet::Published {}));
        });
        joined.is_refused("hangs up", away, drop);
        joined.is_refused("strangers' keys", distrusted, |enquiry| {
            enquiry.answer(Some(&strangers), Some(&stranger.keys(9)));
        });
        for (what, record) in [
            ("a stranger's", &strangers),
            ("bob's", &bobs),
            ("expired", &expired),
            ("another fleet's", &other_fleet),
            ("spoilt", &spoilt),
            ("keys for a record", &keys),
        ] {
            joined.is_refused(what, distrusted, |enquiry| {
                enquiry.answer(Some(record), None);
            });
        }
        assert!(!Path::new(RECORDS).join("alice").exists());
        // Nor with the daemon gone altogether.
        world.sign_in("alice", [""; 1], "PAM_AUTHINFO_UNAVAIL");
        world.ended(away);
    });
}

#[test]
fn what_this_host_has_verified_serves_while_the_relay_withholds_or_lies() {
    in_world(|world| {
        let joined = Joined::new(world);
        joined.is_let_in(Some(&joined.record(7)), Some(&joined.fleet.keys(1)));
        let mut spoilt = joined.record(8);
        spoilt.body.push('\n');
        for lie in [None, Some(&spoilt)] {
            joined.is_let_in(lie, None);
        }
    });
}

#[test]
fn a_removed_phone_stays_removed_whatever_the_relay_sends_again() {
    in_world(|world| {
        let joined = Joined::new(world);
        let (first, keys) = (joined.record(7), joined.fleet.keys(1));
        joined.is_let_in(Some(&first), Some(&keys));
        let removed = joined.fleet.record("alice", 8, &[], DAY);
        let nothing = "refused reason=nothing-to-ask user=alice";
        joined.is_refused("removed", nothing, |enquiry| {
            enquiry.answer(Some(&removed), None);
        });
        for record in [Some(&first), None] {
            joined.is_refused("the old record", nothing, |enquiry| {
                enquiry.answer(record, None);
            });
        }
    });
}

#[test]
fn a_record_that_is_replaced_while_the_prompt_is_open_no_longer_counts() {
    in_world(|world| {
        let joined = Joined::new(world);
        joined.is_let_in(Some(&joined.record(7)), Some(&joined.fleet.keys(1)));
        let removed = joined.fleet.record("alice", 8, &[], DAY).to_text().unwrap();
        let (played, ()) = joined.sign_in(|meeting| {
            meeting.enquiry().answer(None, None);
            let (mut call, number) = meeting.asked();
            fs::write(Path::new(RECORDS).join("alice"), &removed).unwrap();
            call.answer(joined.passkey.answer(&call.request, &number));
            let _ = call.outcome();
        });
        assert_ne!(played.result(), "PAM_SUCCESS", "{played:#?}");
    });
}

#[test]
fn a_code_goes_to_the_place_of_a_number_and_none_counts_but_the_one_that_was_drawn() {
    in_world(|world| {
        let joined = Joined::new(world);
        world.configure(
            "[fleet]\n[telephone]\nsms = true\n[service.sudo]\nmethods = [\"sms\", \"approval\"]\n",
        );
        let numbers = [
            ("+46701234521", TelephoneUse::Call),
            ("+46701234522", TelephoneUse::Sms),
        ]
        .map(|(tel, by)| TelephoneNumber {
            tel: tel.into(),
            uses: vec![by],
        });
        let phones = [joined.passkey.phone()];
        let record = joined.fleet.record_with("alice", 7, &phones, &numbers);
        let daemon = LyingDaemon::start();
        let mut sudo = Program::Sudo.start(world);
        let keys = joined.fleet.keys(1);
        daemon.enquiry().answer(Some(&record), Some(&keys));
        take(&mut sudo, "Text +XX XXXXXXXXX22");
        let wanted = daemon.sent_to_person();
        assert_eq!((&*wanted.user, &*wanted.host), ("alice", DB7));
        assert_eq!((wanted.place, &*wanted.ending), (1, "22"));
        assert_eq!((&*wanted.service, wanted.by), ("sudo", TelephoneUse::Sms));
        let other = if wanted.code == "000000" {
            "000001"
        } else {
            "000000"
        };
        let prompt = "sent to +XX XXXXXXXXX22";
        sudo.answer(prompt, other).expect("That code is wrong.");
        sudo.answer(prompt, &wanted.code);
        Program::Sudo.arrive(sudo);
        world.ended("accepted method=sms user=alice");
        let sent = "telephone=sent method=sms user=alice to=\"+XX XXXXXXXXX22\"";
        assert!(world.log().has(sent));
    });
}

#[test]
fn local_records_work_with_no_fleet() {
    in_world(|world| {
        world.configure("[fleet]\n");
        let alice = world.enrol_with_long_codes("alice");
        // Neither what root has pinned nor a daemon is there.
        world.sign_in("alice", [alice.code()], "PAM_SUCCESS");
        Fleet::new("example").join(DB7);
        // And nobody is asked for a record that is not needed.
        let daemon = LyingDaemon::start();
        let mut alice = alice;
        alice.change(|_| {});
        world.sign_in("alice", [alice.code()], "PAM_SUCCESS");
        assert!(!daemon.was_called());
        // One that wants the fleet's phones too works without them.
        drop(daemon);
        alice.change(|record| record.fleet = true);
        world.sign_in("alice", [alice.code()], "PAM_SUCCESS");
        fs::remove_file(antiphon_core::fleet::Pinned::FILE).unwrap();
        alice.change(|_| {});
        world.sign_in("alice", [alice.code()], "PAM_SUCCESS");
    });
}

#[test]
fn a_local_record_that_wants_them_has_the_fleets_phones_beside_its_code() {
    in_world(|world| {
        let joined = Joined::new(world);
        let mut alice = world.enrol_with_long_codes("alice");
        alice.change(|record| record.fleet = true);
        joined.is_let_in(Some(&joined.record(7)), Some(&joined.fleet.keys(1)));
        let daemon = LyingDaemon::start();
        let host = PamHost::of_service(world, FORKS, "alice")
            .option("--phone-first")
            .answer(alice.code());
        let (played, ()) = play_with(host, |_| {
            daemon.enquiry().answer(None, None);
            drop(daemon.asked());
        });
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
    });
}

#[test]
fn root_is_never_a_person_of_the_fleet() {
    in_world(|world| {
        let joined = Joined::new(world);
        let _ = &joined;
        // A second name of root is root.
        world.add_person("toor", 0);
        for name in ["root", "toor"] {
            let daemon = LyingDaemon::start();
            world.sign_in(name, [""; 1], "PAM_AUTH_ERR");
            assert!(!daemon.was_called(), "{name}");
            world.ended(&format!("refused reason=not-enrolled user={name}"));
        }
    });
}

#[test]
fn without_the_table_nobody_asks_a_fleet() {
    in_world(|world| {
        let joined = Joined::new(world);
        joined.is_let_in(Some(&joined.record(7)), Some(&joined.fleet.keys(1)));
        world.configure("");
        let daemon = LyingDaemon::start();
        world.sign_in("alice", [""; 1], "PAM_AUTH_ERR");
        assert!(!daemon.was_called());
        world.ended("refused reason=not-enrolled user=alice");
    });
}
