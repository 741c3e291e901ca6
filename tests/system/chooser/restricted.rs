//! What a service does not allow is not there, however it is typed.

use antiphon_tests::{LyingDaemon, PamHost, Sshd, in_world};

use super::{CHOOSE, TELEPHONE, alice_with_everything, alice_with_number, doors};
use crate::phone::{NUMBER, last_outcome, wrong_in_a_row};
use crate::prompts::CODE;

const ALONE: &str = "antiphon-alone";

#[test]
fn where_codes_are_not_allowed_a_typed_code_is_not_judged_and_is_said_to_be_none() {
    in_world(|world| {
        let mut alice = alice_with_number(world);
        for (allowed, typed, method) in [
            ("[\"recovery\"]", alice.code(), "code"),
            ("[\"recovery\"]", alice.wrong_code(), "code"),
            ("[\"code\"]", alice.recovery[0].clone(), "recovery"),
        ] {
            alice.change(|_| {});
            world.configure(&format!("[service.{ALONE}]\nmethods = {allowed}\n"));
            let before = world.state("alice").unwrap();
            let played = PamHost::new(world, "alice")
                .answer(&typed)
                .answer(&typed)
                .answer(&typed)
                .play();
            assert_eq!(played.result(), "PAM_AUTH_ERR", "{played:#?}");
            let said = &played.said()[1].text;
            assert!(
                said.starts_with("That kind of code is not accepted here.\n"),
                "{said}"
            );
            assert_eq!(world.state("alice").unwrap(), before, "{method}");
            let line = last_outcome(world);
            assert!(
                line.starts_with("outcome=refused reason=method-not-allowed user=alice fix="),
                "{line}"
            );
            // And it is not used up: elsewhere it is still good.
            world.configure("");
            let elsewhere = PamHost::new(world, "alice").answer(&typed).play();
            let right = typed != alice.wrong_code();
            assert_eq!(elsewhere.result() == "PAM_SUCCESS", right);
        }
        assert!(wrong_in_a_row(world) <= 1);
    });
}

#[test]
fn where_approvals_are_not_allowed_no_push_is_sent() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let (mut alice, _) = alice_with_everything(world);
        for door in doors() {
            world.configure(&format!(
                "[service.{}]\nmethods = [\"code\", \"recovery\"]\n",
                door.service()
            ));
            let mut terminal = door.open(world, &sshd);
            terminal.answer(CODE, "?").expect(CHOOSE);
            let shown = terminal.shown();
            assert!(
                !shown.contains("Approve") && !shown.contains(NUMBER),
                "{shown}"
            );
            terminal.send_line("1").answer(CODE, &alice.code());
            door.arrive(terminal);
            assert!(!daemon.was_called(), "{door:?}");
            alice.change(|_| {});
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
                "Verification code from your authenticator app (? for other ways): ",
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
            assert_eq!(played.said()[0].text, first);
            // Nothing is sent, and nobody is woken, before the person wants it.
            assert!(!daemon.was_called(), "{methods}");
        }
    });
}

#[test]
fn who_has_none_of_a_services_ways_is_refused_there_with_the_reason_and_the_fix() {
    in_world(|world| {
        let alice = alice_with_number(world);
        for config in ["", "unenrolled = \"allow\"\n"] {
            world.configure(&format!(
                "{config}[service.{ALONE}]\nmethods = [\"approval\", \"sms\"]\n"
            ));
            let played = PamHost::new(world, "alice").answer(alice.code()).play();
            assert_eq!(played.result(), "PAM_AUTH_ERR");
            let said: Vec<String> = played.said().into_iter().map(|said| said.text).collect();
            assert_eq!(
                said,
                [
                    "None of your ways to show that it is you is accepted here. Ask your administrator."
                ]
            );
            assert_eq!(
                last_outcome(world),
                "outcome=refused reason=no-method-allowed user=alice fix=\"the methods of this service in \
                 antiphon.toml leave out what the person has; change them, or give the person another way; see: \
                 antiphon status alice\""
            );
        }
        world.configure(&format!(
            "mode = \"observe\"\n[service.{ALONE}]\nmethods = [\"approval\"]\n"
        ));
        // Where our line stands alone, PAM makes that of being ignored.
        assert_eq!(
            PamHost::new(world, "alice").play().result(),
            "PAM_PERM_DENIED"
        );
        let line = last_outcome(world);
        assert!(line.contains("would=refused:no-method-allowed"), "{line}");
    });
}

#[test]
fn a_login_shell_of_sudo_is_as_narrow_as_sudo() {
    in_world(|world| {
        let _ = world.enrol("alice");
        world.configure("[service.sudo]\nmethods = [\"approval\"]\n");
        for option in ["-s", "-i"] {
            let mut command = world.command_of("alice", "sudo");
            let mut terminal = antiphon_tests::Terminal::start(command.args([option, "id"]));
            terminal
                .answer("password for alice: ", antiphon_tests::PASSWORD)
                .expect("None of your ways to show that it is you is accepted here.");
            let text = terminal.interrupt().text;
            assert!(!text.contains("uid=0"), "{text}");
        }
    });
}
