//! Programs that answer our prompt by themselves, or cannot ask at all: nobody is locked out, and no phone is called twice.

use antiphon_tests::{LyingDaemon, PamHost, World, in_world};

use crate::phone::{NUMBER, alice_with_phone, play_with};

const ALONE: &str = "auth required pam_antiphon.so\n";

fn services(world: &World) {
    // How often the phone is called is not what is tested.
    world.configure("[push]\nmost_in_five_minutes = 30\n");
    for service in ["dovecot", "vsftpd", "gdm"] {
        world.pam(service, ALONE);
    }
}

/// A sign-in at `service` in which nobody sees the prompt: the program types `answer`, or nothing at all.
fn unseen(world: &World, service: &str, answer: Option<&str>) -> PamHost {
    PamHost::of_service(world, service, "alice").answers(answer)
}

#[test]
fn the_user_name_is_no_answer_and_locks_nobody_called_by_a_number() {
    in_world(|world| {
        services(world);
        world.add_person("230145", 1002);
        let numbered = world.enrol_with_long_codes("230145");
        let before = world.state("230145");
        for _ in 0..10 {
            let host = PamHost::of_service(world, "dovecot", "230145");
            host.answers(["230145"; 2]).ends("PAM_AUTH_ERR");
            let line = world.ended("refused reason=name-answered ");
            assert!(line.contains("/etc/pam.d"), "{line}");
        }
        assert_eq!(world.state("230145"), before);
        let host = PamHost::of_service(world, "dovecot", "230145");
        host.answer(numbered.code()).ends("PAM_SUCCESS");
    });
}

#[test]
fn a_phone_is_not_called_again_from_where_nobody_sees_the_number_until_somebody_answers_there() {
    in_world(|world| {
        services(world);
        let (alice, _) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        let asks = |host: PamHost| play_with(host, |_| daemon.asked().outcome()).0;
        for (service, answer, reason) in [
            ("dovecot", Some("alice"), "name-answered"),
            ("vsftpd", None, "cannot-ask"),
        ] {
            let first = asks(unseen(world, service, answer));
            assert!(first.texts()[0].contains(NUMBER), "{first:#?}");
            world.ended(&format!("refused reason={reason} "));
            for _ in 0..2 {
                let again = unseen(world, service, answer).ends("PAM_AUTH_ERR");
                assert!(!again.texts()[0].contains(NUMBER), "{again:#?}");
            }
            assert!(!daemon.was_called());
        }
        // Elsewhere it is called as ever.
        asks(unseen(world, "gdm", Some("?")));
        // Somebody who is asked for a code there can still choose the phone.
        let chosen = asks(unseen(world, "dovecot", Some("?")).answer("1"));
        assert!(chosen.texts()[2].contains(NUMBER), "{chosen:#?}");
        // And since somebody has answered there, it is called again by itself.
        asks(unseen(world, "dovecot", Some("?")));
        unseen(world, "vsftpd", Some(&alice.code())).ends("PAM_SUCCESS");
        asks(unseen(world, "vsftpd", Some("?")));
    });
}

#[test]
fn a_directorys_person_whose_password_pam_unix_cannot_judge_is_asked() {
    in_world(|world| {
        // pam_unix finds it wrong, and another module, which stands for a directory, does not.
        world.pam(
            "directory",
            "auth [success=2 default=ignore] pam_unix.so nodelay\nauth [success=1 default=ignore] pam_permit.so\n\
             auth requisite pam_deny.so\nauth required pam_antiphon.so\n",
        );
        let mut alice = world.enrol_with_long_codes("alice");
        let sign_in = |code: String| {
            let host = PamHost::of_service(world, "directory", "alice");
            host.answers(["elsewhere right", &code])
        };
        sign_in(alice.code()).ends("PAM_AUTH_ERR");
        world.ended("refused reason=wrong-password");
        for hash in ["*", "!", "!*"] {
            let shadow = std::fs::read_to_string("/etc/shadow").unwrap();
            let shadow: Vec<String> = shadow
                .lines()
                .map(|line| match line.strip_prefix("alice:") {
                    Some(rest) => format!("alice:{hash}:{}", rest.split_once(':').unwrap().1),
                    None => line.to_owned(),
                })
                .collect();
            std::fs::write("/etc/shadow", shadow.join("\n") + "\n").unwrap();
            alice.change(|_| {});
            sign_in(alice.code()).ends("PAM_SUCCESS");
        }
    });
}

#[test]
fn a_wrong_password_before_us_is_refused_while_observing_too_and_leaves_no_activity() {
    in_world(|world| {
        world.pam(
            "sudo",
            "auth required pam_unix.so nodelay\nauth required pam_antiphon.so\n",
        );
        let _ = world.enrol("alice");
        for config in ["", "mode = \"observe\"\n", "unenrolled = \"enroll\"\n"] {
            world.configure(config);
            for user in ["alice", "bob"] {
                let host = PamHost::of_service(world, "sudo", user).answer("wrong");
                let played = host.ends("PAM_AUTH_ERR");
                assert_eq!(played.said().len(), 1, "{config} {user}: {played:#?}");
                world.ended("refused reason=wrong-password");
            }
        }
        assert_eq!(world.activity("alice"), []);
    });
}
