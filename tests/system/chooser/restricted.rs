//! What a service does not allow is not there, however it is typed; nor is what the person does not have.

use antiphon_core::record::TelephoneUse;
use antiphon_tests::{LyingDaemon, PamHost, in_world};

use super::{TELEPHONE, alice_with_everything, alice_with_number, number};

const ALONE: &str = "antiphon-alone";

#[test]
fn a_number_without_uses_and_recovery_codes_that_are_used_up_are_no_ways() {
    in_world(|world| {
        let mut alice = alice_with_number(world);
        alice.change(|record| {
            record.numbers[0].uses = vec![TelephoneUse::Call];
            record.numbers.push(number("+46701234522", &[]));
            record.recovery.as_mut().unwrap().hashes.truncate(1);
        });
        let has_ways = |ways: &str| {
            let played = PamHost::new(world, "alice").answer("?").play();
            let list = format!("How do you want to show that it is you?\n{ways}Your choice: ");
            assert_eq!(played.texts()[1], list);
        };
        let code_and_call = "1. Use a verification code\n2. Call +XX XXXXXXXXX21\n";
        has_ways(&format!(
            "{code_and_call}3. Use a recovery code\n4. Look after my methods\n5. Cancel\n"
        ));
        world.sign_in("alice", [&alice.recovery[0]], "PAM_SUCCESS");
        has_ways(&format!(
            "{code_and_call}3. Look after my methods\n4. Cancel\n"
        ));
    });
}

#[test]
fn a_code_of_a_kind_that_a_service_does_not_allow_is_said_to_be_none_and_is_not_used_up() {
    in_world(|world| {
        let alice = alice_with_number(world);
        let recovery = alice.recovery[0].clone();
        for (allowed, typed) in [("recovery", alice.code()), ("code", recovery)] {
            world.configure(&format!("[service.{ALONE}]\nmethods = [\"{allowed}\"]\n"));
            let before = world.state("alice");
            let played = world.sign_in("alice", [&typed; 3], "PAM_AUTH_ERR");
            let said = &played.texts()[1];
            let told = said.starts_with("That kind of code is not accepted here.\n");
            assert!(told, "{said}");
            assert_eq!(world.state("alice"), before, "{allowed}");
            world.ended("refused reason=method-not-allowed user=alice fix=");
            // Elsewhere it is still good.
            world.configure("");
            world.sign_in("alice", [&typed], "PAM_SUCCESS");
        }
    });
}

#[test]
fn the_order_of_a_service_is_what_is_asked_first_and_how_the_list_stands() {
    in_world(|world| {
        let daemon = LyingDaemon::start();
        let _ = alice_with_everything(world);
        for (methods, first) in [
            (
                "[\"code\", \"approval\"]",
                "Verification code from your app (? for other ways): ",
            ),
            (
                "[\"recovery\", \"code\"]",
                "Recovery code (? for other ways): ",
            ),
            (
                "[\"sms\", \"recovery\"]",
                "How do you want to show that it is you?\n1. Text +XX XXXXXXXXX21\n2. Use a recovery code\n3. \
                 Look after my methods\n4. Cancel\nYour choice: ",
            ),
        ] {
            world.configure(&format!(
                "{TELEPHONE}[service.{ALONE}]\nmethods = {methods}\n"
            ));
            let played = PamHost::new(world, "alice").play();
            assert_eq!(played.texts()[0], first);
            // Nothing is sent, and nobody is woken, before the person wants it.
            assert!(!daemon.was_called(), "{methods}");
        }
    });
}

#[test]
fn who_has_none_of_a_services_ways_is_refused_there_with_the_reason_and_the_fix() {
    in_world(|world| {
        let alice = alice_with_number(world);
        let allow = |mode: &str| {
            world.configure(&format!(
                "{mode}[service.{ALONE}]\nmethods = [\"approval\", \"sms\"]\n"
            ));
        };
        for mode in ["", "unenrolled = \"allow\"\n"] {
            allow(mode);
            let played = world.sign_in("alice", [alice.code()], "PAM_AUTH_ERR");
            let told = "None of your ways to show that it is you is accepted here. Ask your administrator.";
            assert_eq!(played.texts(), [told]);
            let line = world.ended("refused reason=no-method-allowed user=alice fix=");
            let fix = "change them, or give the person another way; see: antiphon status alice";
            assert!(line.contains(fix), "{line}");
        }
        allow("mode = \"observe\"\n");
        // Where our line stands alone, PAM makes that of being ignored.
        world.sign_in("alice", [""; 0], "PAM_PERM_DENIED");
        let line = world.log().last_ending();
        assert!(line.contains("would=refused:no-method-allowed"), "{line}");
    });
}
