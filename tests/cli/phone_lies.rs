//! A daemon that lies while a phone is being added: nothing that it says makes one.

use std::io::Write;

use antiphon_core::base64url;
use antiphon_core::wire::{Enrolled, FromDaemon, Unwilling};
use antiphon_tests::{Call, Claim, LyingDaemon, OpenedTicket, Passkey, World, in_world};

use crate::command::{antiphon, enroll, files};
use crate::enrolling::{Enrolling, other_than};

const ORIGIN: &str = "http://localhost:8470";

/// An enrolment in the hands of a liar.
struct Liar {
    daemon: LyingDaemon,
    root: OpenedTicket,
    secret: Vec<u8>,
    enrolling: Enrolling,
}

type Change = fn(&mut Enrolled);

const RIGHT: Claim<'static> = Claim {
    user: "alice",
    host: "harbour",
    origin: ORIGIN,
};

impl Liar {
    fn begin(world: &World) -> Self {
        let daemon = LyingDaemon::start();
        let mut enrolling = Enrolling::start(world);
        let root = daemon.ticket();
        let address = enrolling.address();
        let (_, secret) = address.rsplit_once('.').unwrap();
        Self {
            daemon,
            root,
            secret: base64url::decode(secret).unwrap(),
            enrolling,
        }
    }

    /// Says that a phone has come; the command must refuse it.
    fn refused_with(mut self, enrolled: Enrolled, said: &str) {
        self.root.say(&FromDaemon::Enrolled(enrolled));
        self.enrolling.end().failed(65, said);
        assert!(!self.daemon.was_called(), "a trial");
    }

    /// Brings it to the trial, by a passkey of the liar's own making.
    fn reach_trial(&mut self) -> Passkey {
        let passkey = Passkey::new("Pixel 9", ORIGIN);
        let enrolled = RIGHT.enrolled(&passkey, &self.secret);
        self.root.say(&FromDaemon::Enrolled(enrolled));
        self.enrolling.step("passkey");
        passkey
    }

    /// The next question of the trial, and the number that the command shows.
    fn asked(&mut self) -> (Call, String) {
        (self.daemon.asked(), self.enrolling.number())
    }
}

#[test]
fn a_passkey_without_the_proof_of_this_very_qr_code_is_refused() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        let before = files(world);
        let passkey = Passkey::new("Pixel 9", ORIGIN);
        for claim in [
            Claim {
                user: "bob",
                ..RIGHT
            },
            Claim {
                host: "web1",
                ..RIGHT
            },
            Claim {
                origin: "https://evil.example",
                ..RIGHT
            },
        ] {
            let liar = Liar::begin(world);
            let enrolled = claim.enrolled(&passkey, &liar.secret);
            liar.refused_with(enrolled, "was not made with this QR code");
        }
        let changes: [Change; 6] = [
            |it| it.proof = vec![0; 32],
            |it| it.proof.clear(),
            |it| it.name = "thief".into(),
            |it| it.credential[0] ^= 1,
            |it| it.public_key[90] ^= 1,
            |it| it.backup_eligible = true,
        ];
        for change in changes {
            let liar = Liar::begin(world);
            let mut enrolled = RIGHT.enrolled(&passkey, &liar.secret);
            change(&mut enrolled);
            liar.refused_with(enrolled, "was not made with this QR code");
        }
        // The proof of an earlier QR code.
        let first = Liar::begin(world);
        let earlier = RIGHT.enrolled(&passkey, &first.secret);
        first.enrolling.interrupt();
        let _ = first.enrolling.end();
        drop((first.daemon, first.root));
        Liar::begin(world).refused_with(earlier, "was not made with this QR code");
        assert_eq!(files(world), before);
        let line = "outcome=refused reason=wrong-proof method=phone user=alice";
        assert!(world.log().says(line));
    });
}

#[test]
fn a_passkey_of_another_kind_or_one_that_the_person_has_is_refused() {
    in_world(|world| {
        let known = Passkey::new("Pixel 9", ORIGIN);
        let mut alice = world.enrol("alice");
        alice.change(|record| record.phones.push(known.phone()));
        let before = files(world);

        let liar = Liar::begin(world);
        let ticket = &liar.root.ticket;
        assert_eq!(ticket.credentials, vec![known.credential.clone()]);
        assert_eq!((&*ticket.user, &*ticket.host), (RIGHT.user, RIGHT.host));
        let enrolled = RIGHT.enrolled(&known, &liar.secret);
        liar.refused_with(enrolled, "has already");

        let changes: [(Change, &str); 6] = [
            (|it| it.public_key[26] = 6, "not one of P-256"),
            (|it| it.public_key = vec![0x30; 294], "not one of P-256"),
            (|it| it.public_key.clear(), "not one of P-256"),
            (|it| it.name = "a\u{1b}[2J".into(), "name"),
            (|it| it.name.clear(), "name"),
            (|it| it.credential.clear(), "id"),
        ];
        for (change, said) in changes {
            let liar = Liar::begin(world);
            let mut enrolled = RIGHT.enrolled(&Passkey::new("new", ORIGIN), &liar.secret);
            change(&mut enrolled);
            RIGHT.prove(&mut enrolled, &liar.secret);
            liar.refused_with(enrolled, said);
        }
        assert_eq!(files(world), before);
    });
}

#[test]
fn an_answer_reach_trial_that_is_not_the_new_passkeys_own_is_refused() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        let before = files(world);
        // A key that is of the right form, and lies on no curve.
        let mut liar = Liar::begin(world);
        let passkey = Passkey::new("Pixel 9", ORIGIN);
        let mut enrolled = RIGHT.enrolled(&passkey, &liar.secret);
        enrolled.public_key[27..].fill(7);
        RIGHT.prove(&mut enrolled, &liar.secret);
        liar.root.say(&FromDaemon::Enrolled(enrolled));
        liar.enrolling.step("passkey");
        let (mut call, number) = liar.asked();
        call.answer(passkey.answer(&call.request, &number));
        liar.enrolling.end().failed(65, "phone-signature");
        drop((liar.daemon, liar.root));

        let lies: [fn(&mut antiphon_tests::Signing); 4] = [
            |it| it.flags = 0x01,
            |it| it.site = "evil.example".into(),
            |it| it.flags = 0x0d,
            |it| it.client_data = it.client_data.replace("webauthn.get", "webauthn.create"),
        ];
        for lie in lies {
            let mut liar = Liar::begin(world);
            let passkey = liar.reach_trial();
            let (mut call, number) = liar.asked();
            call.answer(passkey.answer_with(&call.request, &number, lie));
            liar.enrolling.end().failed(65, "not its own");
            assert_eq!(call.outcome().as_deref(), Some("refused"));
        }
        // By another passkey.
        let mut liar = Liar::begin(world);
        let _ = liar.reach_trial();
        let (mut call, number) = liar.asked();
        call.answer(Passkey::new("other", ORIGIN).answer(&call.request, &number));
        liar.enrolling.end().failed(65, "phone-credential");
        assert_eq!(files(world), before);
    });
}

#[test]
fn the_daemon_cannot_answer_the_trial_without_the_number() {
    in_world(|world| {
        let mut liar = Liar::begin(world);
        let passkey = liar.reach_trial();
        let mut heard = Vec::new();
        for _ in 0..3 {
            let (mut call, number) = liar.asked();
            call.answer(passkey.answer(&call.request, &other_than(&number)));
            assert_eq!(liar.enrolling.step("again")["reason"], "wrong_number");
            assert_eq!(call.outcome().as_deref(), Some("wrong"));
            assert_eq!(call.digits, 2);
            let said = String::from_utf8_lossy(&call.heard).into_owned();
            assert!(!said.contains(&format!("\"{number}\"")), "{said}");
            heard.push(call.request.nonce);
        }
        liar.enrolling.end().failed(65, "no trial was right");
        heard.dedup();
        assert_eq!(heard.len(), 3, "each trial is another question");
        assert!(files(world).is_empty());
    });
}

#[test]
fn a_daemon_that_does_not_keep_the_phone_leaves_all_as_it_was() {
    in_world(|world| {
        for enrolled_before in [false, true] {
            if enrolled_before {
                let _ = enroll(world, "alice");
            }
            let before = records(world);
            let words = [
                None,
                Some(FromDaemon::Unwilling {
                    reason: Unwilling::Overloaded,
                }),
                Some(FromDaemon::TicketOpen {}),
            ];
            for word in words {
                let mut liar = Liar::begin(world);
                let passkey = liar.reach_trial();
                let (mut call, number) = liar.asked();
                call.answer(passkey.answer(&call.request, &number));
                assert!(liar.root.is_to_be_kept());
                assert_ne!(records(world), before, "written before it is kept");
                if let Some(word) = word {
                    liar.root.say(&word);
                } else {
                    drop(liar.root);
                }
                liar.enrolling.end().failed(69, "No phone was added");
                assert_eq!(call.outcome().as_deref(), Some("refused"));
                assert_eq!(records(world), before);
            }
            if !enrolled_before {
                assert!(files(world).is_empty());
            }
        }
        antiphon(world, "check").done();
    });
}

#[test]
fn recovery_codes_that_nobody_saw_go_with_the_phone_that_is_not_kept() {
    in_world(|world| {
        world.configure("unenrolled = \"enroll\"\n[telephone]\nsms = true\n");
        antiphon(world, "number add alice +46701234521").done();
        let before = records(world);
        let mut liar = Liar::begin(world);
        let passkey = liar.reach_trial();
        let mut call = liar.daemon.asked();
        let number = liar.enrolling.number();
        call.answer(passkey.answer(&call.request, &number));
        assert!(liar.root.is_to_be_kept());
        drop(liar.root);
        liar.enrolling.end().failed(69, "No phone was added");
        // Else there are ten that nobody has, no others are ever shown, and the person can no longer enrol.
        assert_eq!(records(world), before);
    });
}

/// Everything but the state, whose slots are written in turn.
fn records(world: &World) -> Vec<(String, Vec<u8>)> {
    let mut files = files(world);
    files.retain(|(path, _)| !path.contains("/state/"));
    files
}

#[test]
fn a_daemon_that_babbles_floods_or_is_another_is_not_listened_to() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        let before = files(world);
        for bytes in [
            &b"\xff\xff\xff\xff"[..],
            b"\0\0\0\x02{}",
            b"\0\0\0\x0b{\"kept\":{}}",
            b"HTTP/1.1 200 OK\r\n",
            b"",
        ] {
            let daemon = LyingDaemon::start();
            let enrolling = Enrolling::start(world);
            let mut root = daemon.connection();
            root.write_all(bytes).unwrap();
            drop(root);
            enrolling.end().failed(69, "antiphond is not to be had");
        }
        let mut liar = Liar::begin(world);
        for _ in 0..100 {
            liar.root.say(&FromDaemon::TicketSeen {});
        }
        liar.enrolling.end().failed(69, "floods");
        drop((liar.daemon, liar.root));

        let _daemon = LyingDaemon::start_as(0);
        antiphon(world, "enroll alice --phone").failed(69, "user id 0 answers");
        assert_eq!(files(world), before);
    });
}

#[test]
fn a_seventeenth_phone_is_refused_before_a_code_is_shown() {
    in_world(|world| {
        let _daemon = LyingDaemon::start();
        let mut alice = world.enrol("alice");
        alice.change(|record| {
            for number in 1..=16 {
                let passkey = Passkey::new(&format!("phone {number}"), ORIGIN);
                record.phones.push(passkey.phone());
            }
        });
        let said = antiphon(world, "enroll alice --phone");
        let said = said.failed(73, "there are 16 phones already; take one away first");
        assert!(!said.out.contains("http"), "{said:?}");
    });
}
