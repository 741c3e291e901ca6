//! An account is added by `antiphon enroll --account`: by a sign-in at a provider in software, with a daemon that the test
//! plays; or by root's word, one by one or from a table.

use std::fs;

use antiphon_core::wire::{FromDaemon, NoToken, Unwilling};
use antiphon_tests::{AccountCall, LyingDaemon, Provider, World, check_digits, in_world};
use serde_json::{Value, json};

use crate::command::{antiphon, command, enroll, files, run, signs_in};
use crate::enrolling::{Enrolling, other_than};

const SUBJECT: &str = "3f07-a";
/// The object id of an account at [`ENTRA`].
const OBJECT: &str = "0a0a0a0a-2222-3333-4444-bbbbbbbbbbbb";
const ENTRA: &str = "[[provider]]\nname = \"entra\"\n\
    issuer = \"https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0\"\nclient_id = \"antiphon\"\n\
    label = { sv = \"arbetskonto\", en = \"work account\" }\n";

/// A provider whose key is on file.
fn provider(world: &World) -> Provider {
    world.configure(Provider::CONFIGURATION);
    let provider = Provider::new("k1");
    provider.store_key(0);
    provider
}

/// An enrolment of alice's, up to the sign-in at the provider.
struct Begun {
    provider: Provider,
    daemon: LyingDaemon,
    enrolling: Enrolling,
}

impl Begun {
    /// Somebody signs in as `subject`; what root is told of that.
    fn sign_in(provider: Provider, world: &World, subject: &str) -> (Self, Value) {
        let daemon = LyingDaemon::start();
        let mut enrolling = Enrolling::account(world);
        let mut ticket = daemon.account_ticket();
        let address = enrolling.address();
        assert!(
            address.starts_with("https://mfa.example.org/a#"),
            "{address}"
        );
        assert_eq!(ticket.ticket.terms.subject, "");
        ticket.say(&FromDaemon::TicketSeen {});
        enrolling.step("opened");
        let token = provider.enrolment_token(&ticket.ticket, &address, subject);
        ticket.token(token);
        let whose = enrolling.step("account");
        let begun = Self {
            provider,
            daemon,
            enrolling,
        };
        (begun, whose)
    }

    /// Says that it is the right account, after which the trial begins; its number.
    fn confirm(&mut self) -> (AccountCall, String) {
        self.enrolling.types("yes");
        self.asked()
    }

    fn asked(&mut self) -> (AccountCall, String) {
        let call = self.daemon.asked_by_account();
        let trial = self.enrolling.step("trial");
        let code = antiphon_core::account::page_code(call.request());
        assert_eq!(
            trial["address"],
            format!("https://mfa.example.org/a/{code}")
        );
        (call, trial["number"].as_str().unwrap().to_owned())
    }
}

#[test]
fn an_account_is_added_to_what_the_person_has_when_root_has_seen_whose_it_is_and_a_trial_was_right()
{
    in_world(|world| {
        let alice = enroll(world, "alice");
        let (mut begun, whose) = Begun::sign_in(provider(world), world, SUBJECT);
        assert_eq!(
            whose,
            json!({"progress": "account", "provider": "kmh", "subject": SUBJECT, "tenant": null, "name": "Anna Ek"})
        );
        let before = files(world);
        let (mut call, number) = begun.confirm();
        assert_eq!(call.asked.terms.subject, SUBJECT);
        assert_eq!(call.request().service, "antiphon enroll");
        // A slip can be made good.
        let wrong = begun.provider.token(&call.asked, &other_than(&number));
        call.token(wrong);
        assert_eq!(call.outcome().as_deref(), Some("wrong"));
        drop(call);
        assert_eq!(begun.enrolling.step("again")["reason"], "wrong_number");
        let (mut call, number) = begun.asked();
        assert_eq!(files(world), before, "before it was right");
        let token = begun.provider.token(&call.asked, &number);
        call.token(token);
        assert_eq!(call.outcome().as_deref(), Some("accepted"));
        drop(call);
        let object = begun.enrolling.end().done().object();
        assert_eq!(object["account"]["subject"], SUBJECT);
        assert_eq!(object["account"]["name"], "Anna Ek");
        assert_eq!(object["recovery_codes"], json!([]), "the old ones stay");
        let record = fs::read_to_string(world.record_path("alice")).unwrap();
        assert!(
            record.starts_with("version = 2\n") && record.contains("[[account]]"),
            "{record}"
        );
        antiphon(world, "status alice")
            .done()
            .says("code, 1 account")
            .says("accounts        Anna Ek at kmh, since 20");
        assert!(signs_in(world, &alice.recovery[0], 0));
        assert!(
            world
                .log()
                .says("outcome=enrolled method=account user=alice")
        );
        antiphon(world, "check").done();
    });
}

#[test]
fn nothing_is_written_of_an_account_that_root_does_not_know_as_theirs() {
    in_world(|world| {
        let (mut begun, whose) = Begun::sign_in(provider(world), world, "mallory");
        assert_eq!(whose["subject"], "mallory");
        begun.enrolling.types("");
        begun
            .enrolling
            .end()
            .failed(65, "not the account of this person. No account was added");
        assert!(!begun.daemon.was_called(), "a trial");
        assert!(files(world).is_empty());
        assert!(
            world
                .log()
                .says("outcome=refused reason=not-theirs method=account user=alice")
        );
    });
}

#[test]
fn what_the_daemon_says_makes_no_account_that_the_provider_has_not_signed_for_this_ticket() {
    in_world(|world| {
        let provider = provider(world);
        let stranger = Provider::new("k1");
        let daemon = LyingDaemon::start();
        // The token of an earlier ticket.
        let mut enrolling = Enrolling::account(world);
        let mut ticket = daemon.account_ticket();
        let address = enrolling.address();
        let earlier = provider.enrolment_token(&ticket.ticket, &address, SUBJECT);
        enrolling.interrupt();
        enrolling.end().failed(75, "stopped");
        drop(ticket);
        for (token, part) in [
            (Some(earlier), "account-number"),
            (Some("a.b.c".to_owned()), "account-token"),
            // Signed by a key that only has the same name.
            (None, "account-signature"),
        ] {
            let mut enrolling = Enrolling::account(world);
            ticket = daemon.account_ticket();
            let address = enrolling.address();
            let token = token
                .unwrap_or_else(|| stranger.enrolment_token(&ticket.ticket, &address, SUBJECT));
            ticket.token(token);
            enrolling.end().failed(65, part);
            drop(ticket);
        }
        for (said, status, part) in [
            (
                FromDaemon::NoToken {
                    reason: NoToken::Denied,
                },
                69,
                "cancelled or refused",
            ),
            (
                FromDaemon::Unwilling {
                    reason: Unwilling::NoProvider,
                },
                69,
                "does not know the account's provider",
            ),
            (FromDaemon::Kept {}, 69, "something else"),
        ] {
            let mut enrolling = Enrolling::account(world);
            let mut ticket = daemon.account_ticket();
            enrolling.address();
            ticket.say(&said);
            enrolling.end().failed(status, part);
        }
        assert!(files(world).is_empty());
    });
}

#[test]
fn another_account_in_the_trial_or_check_digits_that_are_not_the_pages_add_nothing() {
    in_world(|world| {
        let provider = provider(world);
        let always = format!("{}check_digits = \"always\"\n", Provider::CONFIGURATION);
        world.configure(&always);
        let (mut begun, _) = Begun::sign_in(provider, world, SUBJECT);
        let (mut call, number) = begun.confirm();
        assert!(call.asked.check_digits);
        let others = begun.provider.token_with(&call.asked, &number, |claims| {
            claims.insert("sub".into(), "mallory".into());
        });
        call.token(others);
        assert_eq!(call.outcome().as_deref(), Some("refused"));
        drop(call);
        assert_eq!(begun.enrolling.step("again")["reason"], "other_account");
        let (mut call, number) = begun.asked();
        let token = begun.provider.token(&call.asked, &number);
        let right: u32 = check_digits(&token).parse().unwrap();
        call.token(token);
        begun.enrolling.types(&format!("{:02}", (right + 1) % 100));
        assert_eq!(call.outcome().as_deref(), Some("refused"));
        drop(call);
        assert_eq!(begun.enrolling.step("again")["reason"], "wrong_digits");
        assert!(files(world).is_empty());
        let (mut call, number) = begun.asked();
        let token = begun.provider.token(&call.asked, &number);
        let right = check_digits(&token);
        call.token(token);
        begun.enrolling.types(&right);
        assert_eq!(call.outcome().as_deref(), Some("accepted"));
        let object = begun.enrolling.end().done().object();
        assert_eq!(object["recovery_codes"].as_array().unwrap().len(), 10);
    });
}

#[test]
fn without_keys_without_the_provider_or_with_the_account_already_it_is_said_what_to_do() {
    in_world(|world| {
        world.configure(Provider::CONFIGURATION);
        antiphon(world, "enroll alice --account kmh").failed(69, "systemctl start antiphond");
        let _daemon = LyingDaemon::start();
        antiphon(world, "enroll alice --account kmh").failed(78, "antiphon providers refresh kmh");
        antiphon(world, "enroll alice --account staff").failed(65, "there is kmh");
        antiphon(world, "enroll alice --subject x").failed(64, "--account");
        antiphon(world, "enroll alice --account kmh --phone").failed(64, "cannot be used");
        assert!(files(world).is_empty());
    });
}

#[test]
fn root_can_say_whose_an_account_is_and_remove_it_but_not_the_only_way() {
    in_world(|world| {
        world.configure(&format!("{}{ENTRA}", Provider::CONFIGURATION));
        let said = antiphon(
            world,
            "enroll alice --account kmh --subject 3f07-a --name Anna --json",
        )
        .done();
        let object = said.object();
        assert_eq!(object["account"]["name"], "Anna");
        assert_eq!(object["recovery_codes"].as_array().unwrap().len(), 10);
        assert!(
            world
                .log()
                .says("outcome=enrolled reason=by-root method=account user=alice")
        );
        antiphon(world, "enroll alice --account kmh --subject 3f07-a").failed(73, "already");
        antiphon(world, "enroll alice --account kmh --subject b --tenant x")
            .failed(65, "no tenants");
        antiphon(world, "enroll alice --account kmh --subject å").failed(65, "cannot be the id");
        let tenant = "--tenant 9188040d-6c67-4c5b-b112-36a304b66dad";
        antiphon(
            world,
            &format!("enroll alice --account entra --subject {OBJECT} {tenant}"),
        )
        .failed(65, "cannot be the id");
        // What no token of the provider can ever say.
        for subject in ["o", "anna@kmh.se", "11111111-2222-3333-4444-55555555555"] {
            antiphon(
                world,
                &format!("enroll alice --account entra --subject {subject}"),
            )
            .failed(65, "a GUID, in the tenant 11111111");
        }
        let capitals = OBJECT.to_uppercase();
        let object = antiphon(
            world,
            &format!("enroll alice --account entra --subject {capitals} --json"),
        )
        .done()
        .object();
        assert_eq!(object["account"]["subject"], OBJECT);
        assert_eq!(
            object["account"]["tenant"],
            "11111111-2222-3333-4444-555555555555"
        );
        antiphon(world, "remove alice --account x --yes").failed(
            67,
            &format!("there is Anna at kmh (3f07-a), {OBJECT} at entra ({OBJECT})"),
        );
        antiphon(world, "remove alice --account entra --yes")
            .done()
            .says(&format!("{OBJECT} at entra is no longer valid"));
        let before = files(world);
        antiphon(world, "remove alice --account Anna --yes").failed(65, "only way in");
        antiphon(world, "remove alice --account Anna --yes --force").failed(65, "only way in");
        assert_eq!(files(world), before);
        assert!(
            world
                .log()
                .says("outcome=removed method=account user=alice")
        );
        // Whose provider is gone cannot sign in with it, and is told of.
        world.configure("");
        antiphon(world, "check")
            .warns("")
            .says("antiphon.toml has no such [[provider]]");
    });
}

#[test]
fn a_table_of_accounts_is_shown_first_and_imported_once() {
    in_world(|world| {
        world.configure(Provider::CONFIGURATION);
        let table = "name;provider;subject;display_name;room\nalice;kmh;a-1;Anna Ek;4\nbob;kmh;b-1;;\n\
                     nobody-has-this;kmh;c;;\nalice;staff;d;;\nbob;kmh;;;\n";
        let path = world.folder().join("people.csv");
        fs::write(&path, table).unwrap();
        let path = path.to_str().unwrap().to_owned();
        antiphon(world, &format!("import accounts {path}"))
            .exits(1)
            .warns("columns that mean nothing here: room")
            .says("alice (line 2): a-1 at kmh")
            .says("2 can be imported, 3 left out. Nothing was written; to import: --yes");
        assert!(files(world).is_empty());
        let object = antiphon(world, &format!("import accounts {path} --yes --json"))
            .exits(1)
            .object();
        let outcomes: Vec<_> = object["people"]
            .as_array()
            .unwrap()
            .iter()
            .map(|person| person["outcome"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(
            outcomes,
            ["imported", "imported", "left-out", "left-out", "left-out"]
        );
        antiphon(world, "status alice")
            .done()
            .says("Anna Ek at kmh")
            .says("none left");
        antiphon(world, "status bob").done().says("b-1 at kmh");
        let before = files(world);
        let again = run(
            &mut command(world, &["import", "accounts", "-", "--yes"]),
            table,
        );
        again
            .exits(1)
            .says("0 imported, 2 done before, 3 left out.");
        assert_eq!(files(world), before);
        assert!(
            world
                .log()
                .says("outcome=imported reason=by-root method=account user=bob")
        );
    });
}
