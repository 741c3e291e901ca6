//! Whose an account is: one that is in two people's records is told of, and root is shown whom the provider names.

use std::fs;

use antiphon_tests::{LyingDaemon, Provider, in_world};
use serde_json::json;

use crate::command::{antiphon, enroll};
use crate::enrolling::Enrolling;

#[test]
fn an_account_that_two_people_have_is_allowed_and_told_of() {
    in_world(|world| {
        world.configure(Provider::CONFIGURATION);
        antiphon(world, "enroll alice --account kmh --subject 3f07-a").done();
        antiphon(world, "check").says_no("same account");
        antiphon(world, "enroll bob --account kmh --subject 3f07-a")
            .done()
            .warns("it is the account of alice too");
        antiphon(world, "check")
            .says("alice, bob: have the same account at kmh (3f07-a)")
            .says("antiphon remove USER --account NAME");
        antiphon(world, "doctor").says("alice, bob: have the same account at kmh (3f07-a)");
    });
}

#[test]
fn a_table_that_gives_one_account_to_two_people_says_so_before_anything_is_written() {
    in_world(|world| {
        world.configure(Provider::CONFIGURATION);
        let path = world.folder().join("people.csv");
        let table = "name;provider;subject\nalice;kmh;3f07-a\nbob;kmh;3f07-a\nalice;kmh;b-1\n";
        fs::write(&path, table).unwrap();
        let import = format!("import accounts {}", path.display());
        antiphon(world, &import)
            .done()
            .says("alice (line 2): 3f07-a at kmh\n")
            .says("bob (line 3): 3f07-a at kmh; it is the account of alice too\n")
            .says("alice (line 4): b-1 at kmh\n")
            .says("3 can be imported");
        let object = antiphon(world, &format!("{import} --yes --json"))
            .done()
            .object();
        let also: Vec<_> = (0..3)
            .map(|row| &object["people"][row]["also_of"])
            .collect();
        assert_eq!(also, [&json!([]), &json!(["alice"]), &json!([])]);
    });
}

#[test]
fn root_is_asked_about_whom_the_provider_names_whatever_name_the_account_is_to_have() {
    in_world(|world| {
        world.configure(Provider::CONFIGURATION);
        let provider = Provider::new("k1");
        provider.store_key(0);
        enroll(world, "alice");
        let daemon = LyingDaemon::start();
        let mut enrolling = Enrolling::account_called(world, "Alice at work");
        let mut ticket = daemon.account_ticket();
        let address = enrolling.address();
        ticket.token(provider.enrolment_token(&ticket.ticket, &address, "3f07-a"));
        assert_eq!(enrolling.step("account")["name"], "Anna Ek");
        enrolling.types("yes");
        let mut call = daemon.asked_by_account();
        let number = enrolling.step("trial")["number"]
            .as_str()
            .unwrap()
            .to_owned();
        call.token(provider.token(&call.asked, &number));
        assert_eq!(call.outcome().as_deref(), Some("accepted"));
        let object = enrolling.end().done().object();
        assert_eq!(object["account"]["name"], "Alice at work");
    });
}

/// Another table of [`Provider::CONFIGURATION`]'s issuer, by the name of `students`.
const STUDENTS: &str = "[[provider]]\nname = \"students\"\nissuer = \"https://id.example.org\"\nclient_id = \"students\"\n\
    label = { sv = \"studentkonto\", en = \"student account\" }\n";

#[test]
fn an_account_is_the_same_by_its_issuer_whatever_the_provider_is_called() {
    in_world(|world| {
        let one = Provider::CONFIGURATION;
        world.configure(&format!("{one}{STUDENTS}"));
        antiphon(world, "enroll alice --account kmh --subject 3f07-a").done();
        antiphon(world, "enroll bob --account students --subject 3f07-a")
            .done()
            .warns("it is the account of alice too");
        antiphon(world, "check")
            .says("alice, bob: have the same account at kmh and students (3f07-a)");
        // One of them is another issuer's by now, which gives its own subjects.
        let other = STUDENTS.replace("id.example.org", "students.example.org");
        world.configure(&format!("{one}{other}"));
        antiphon(world, "check").says_no("same account");
        // And where nothing says which issuer it was.
        world.configure(one);
        antiphon(world, "check").says_no("same account");
    });
}
