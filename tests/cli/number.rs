//! `antiphon number`: where codes are sent.

use std::fs;

use antiphon_core::name::UserName;
use antiphon_core::record::Record;
use antiphon_tests::{LyingDaemon, PamHost, World, in_world};

use crate::command::{antiphon, enroll, signs_in};
use crate::fix::status;

const TELEPHONE: &str = "[telephone]\nsms = true\ncall = true\n";

fn record_of(world: &World, name: &str) -> Record {
    let text = fs::read_to_string(world.record_path(name)).unwrap();
    Record::parse(&text, &UserName::new(name).unwrap()).unwrap()
}

#[test]
fn a_number_is_added_and_removed_and_everything_else_stays() {
    in_world(|world| {
        let alice = enroll(world, "alice");
        world.configure(TELEPHONE);
        let (record, state) = (record_of(world, "alice"), world.state("alice").unwrap());
        let before = fs::read_to_string(world.record_path("alice")).unwrap();
        let said = antiphon(world, "number add alice +46-70-123(4521) --sms --json").done();
        assert_eq!(
            said.object(),
            serde_json::json!({"user": "alice", "added": true, "number": "+XX XXXXXXXXX21", "uses": ["sms"]})
        );
        antiphon(world, "number add alice +46701234521 --sms")
            .failed(73, "has the number +XX XXXXXXXXX21 already");
        antiphon(world, "number add alice +46701234521").done();
        let now = record_of(world, "alice");
        assert_eq!(now.code, record.code);
        assert_eq!(now.recovery, record.recovery);
        assert_eq!(now.numbers[0].tel.digits(), Some("+46701234521"));
        assert_eq!(
            status(world)["numbers"],
            serde_json::json!([{"number": "+XX XXXXXXXXX21", "uses": ["sms", "call"]}])
        );
        antiphon(world, "status alice")
            .done()
            .says("+XX XXXXXXXXX21, for sms, call")
            .says_no("4670");
        antiphon(world, "number remove alice +46701234522").failed(67, "no such number");
        antiphon(world, "number remove alice +46701234521").done();
        let after = fs::read_to_string(world.record_path("alice")).unwrap();
        assert_eq!(after, before);
        assert_eq!(world.state("alice").unwrap(), state);
        assert!(signs_in(world, &alice.code(), 0));
        for deed in ["added", "removed"] {
            let begin = format!("outcome=number reason={deed} user=alice ");
            let lines = world.log().lines();
            let is_said = |line: &String| {
                line.contains(&begin) && line.contains("detail=\"+XX XXXXXXXXX21\"")
            };
            assert!(lines.iter().any(is_said), "{lines:#?}");
        }
        assert!(!world.log().says("4670"));
        let mut events = world.activity("alice");
        events.retain(|event| event.outcome == "number");
        assert_eq!(events.len(), 3);
    });
}

#[test]
fn a_code_goes_to_the_number_that_was_added() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        world.configure(TELEPHONE);
        antiphon(world, "number add alice +46701234521 --call").done();
        let daemon = LyingDaemon::start();
        let host = PamHost::new(world, "alice").answer("?").answer("2");
        let message = std::thread::scope(|scope| {
            let played = scope.spawn(|| host.play());
            let message = daemon.sent();
            let _ = played.join();
            message
        });
        assert_eq!(
            (message.tel.as_str(), message.by.method().word()),
            ("+46701234521", "call")
        );
    });
}

#[test]
fn what_is_no_number_or_nobodys_is_refused_and_says_what_to_do() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        for number in [
            "0701234567",
            "+46",
            "46701234567",
            "+4670123456x",
            "+46701234567890123",
            "-4670",
            "+٤٦٧٠١٢٣٤٥٦٧",
        ] {
            antiphon(world, &format!("number add alice {number}")).failed(64, "as in +46701234567");
        }
        antiphon(world, "number add nobody-here +46701234567").failed(67, "nobody-here");
        antiphon(world, "number add bob +46701234567").failed(67, "antiphon enroll bob");
        assert!(!world.record_path("bob").exists());
        world.configure("unenrolled = \"allow\"\n");
        antiphon(world, "number add bob +46701234567").failed(67, "antiphon enroll bob");
        antiphon(world, "number add alice +46701234567 --sms")
            .done()
            .warns("set sms = true in [telephone]");
        for last in 0..7 {
            antiphon(world, &format!("number add alice +4670123450{last}")).done();
        }
        antiphon(world, "number add alice +46701234599").failed(73, "8 numbers already");
    });
}

#[test]
fn who_will_enrol_at_a_sign_in_can_have_a_number_first_and_it_is_not_taken_as_the_last_thing() {
    in_world(|world| {
        world.configure("unenrolled = \"enroll\"\n");
        antiphon(world, "number add bob +46701234567").done();
        let record = record_of(world, "bob");
        assert!(!record.is_enrolled() && record.numbers.len() == 1);
        antiphon(world, "number remove bob +46701234567").failed(65, "antiphon remove bob");
        antiphon(world, "remove bob --yes").done();
    });
}

#[test]
fn check_names_a_service_whose_methods_would_keep_root_out() {
    in_world(|world| {
        let _ = enroll(world, "root");
        world.configure(
            "[service.login]\nmethods = [\"approval\"]\n[service.sudo]\nmethods = [\"code\"]\n",
        );
        antiphon(world, "check")
            .done()
            .says("service.login.methods leaves root no way")
            .says_no("service.sudo");
    });
}
