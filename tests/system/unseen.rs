//! Programs that answer our prompt by themselves, or cannot ask at all: nobody is locked out, and no phone is called twice.

use antiphon_core::wire::FromDaemon;
use antiphon_tests::{LyingDaemon, PamHost, Played, World, in_world};

use crate::phone::{NUMBER, alice_with_phone};

const ALONE: &str = "auth required pam_antiphon.so\n";

fn services(world: &World) {
    // How often the phone is called is not what is tested.
    world.configure("[push]\nmost_in_five_minutes = 30\n");
    for service in ["dovecot", "vsftpd", "gdm"] {
        world.pam(service, ALONE);
    }
}

fn log_of(world: &World) -> String {
    world.log().endings().pop().unwrap().text
}

/// A sign-in at `service` in which nobody sees the prompt: the program types `answer`, or nothing at all.
fn unseen(world: &World, service: &str, answer: Option<&str>) -> Played {
    let host = PamHost::of_service(world, service, "alice");
    match answer {
        Some(answer) => host.answer(answer).play(),
        None => host.play(),
    }
}

#[test]
fn the_user_name_is_no_answer_and_locks_nobody_called_by_a_number() {
    in_world(|world| {
        services(world);
        world.add_person("230145", 1002);
        let mut numbered = world.enrol("230145");
        numbered.set_period(300);
        let before = world.state("230145");
        for _ in 0..10 {
            let host = PamHost::of_service(world, "dovecot", "230145");
            let played = host.answer("230145").answer("230145").play();
            assert_eq!(played.result(), "PAM_AUTH_ERR", "{played:#?}");
            let line = log_of(world);
            assert!(
                line.starts_with("outcome=refused reason=name-answered "),
                "{line}"
            );
            assert!(line.contains("/etc/pam.d"), "{line}");
        }
        assert_eq!(world.state("230145"), before);
        let host = PamHost::of_service(world, "dovecot", "230145");
        let right = host.answer(numbered.code()).play();
        assert_eq!(right.result(), "PAM_SUCCESS", "{right:#?}");
    });
}

#[test]
fn a_phone_is_not_called_again_from_where_nobody_sees_the_number_until_somebody_answers_there() {
    in_world(|world| {
        services(world);
        let (alice, _) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        let asks = |service: &'static str, answer: Option<&str>| {
            std::thread::scope(|scope| {
                let played = scope.spawn(|| unseen(world, service, answer));
                let _ = daemon.asked().outcome();
                played.join().unwrap()
            })
        };
        for (service, answer, reason) in [
            ("dovecot", Some("alice"), "name-answered"),
            ("vsftpd", None, "cannot-ask"),
        ] {
            let first = asks(service, answer);
            assert!(first.said()[0].text.contains(NUMBER), "{first:#?}");
            let line = log_of(world);
            assert!(
                line.starts_with(&format!("outcome=refused reason={reason} ")),
                "{line}"
            );
            for _ in 0..2 {
                let again = unseen(world, service, answer);
                assert_eq!(again.result(), "PAM_AUTH_ERR", "{again:#?}");
                assert!(!again.said()[0].text.contains(NUMBER), "{again:#?}");
            }
            assert!(!daemon.was_called());
        }
        // Elsewhere it is called as ever.
        drop(asks("gdm", Some("?")));
        // Somebody who is asked for a code there can still choose the phone.
        let host = PamHost::of_service(world, "dovecot", "alice")
            .answer("?")
            .answer("1");
        std::thread::scope(|scope| {
            let played = scope.spawn(|| host.play());
            let _ = daemon.asked().outcome();
            let played = played.join().unwrap();
            assert!(played.said()[2].text.contains(NUMBER), "{played:#?}");
        });
        // And since somebody has answered there, it is called again by itself.
        drop(asks("dovecot", Some("?")));
        let code = unseen(world, "vsftpd", Some(&alice.code()));
        assert_eq!(code.result(), "PAM_SUCCESS", "{code:#?}");
        drop(asks("vsftpd", Some("?")));
    });
}

#[test]
fn a_person_with_nothing_but_a_phone_is_asked_before_it_is_called_where_nobody_saw_the_number() {
    in_world(|world| {
        services(world);
        let (mut alice, passkey) = alice_with_phone(world);
        alice.change(|record| {
            record.code = None;
            record.recovery = None;
        });
        let daemon = LyingDaemon::start();
        std::thread::scope(|scope| {
            let played = scope.spawn(|| unseen(world, "vsftpd", None));
            let _ = daemon.asked().outcome();
            assert_eq!(played.join().unwrap().result(), "PAM_AUTH_ERR");
        });
        assert_eq!(unseen(world, "vsftpd", None).result(), "PAM_AUTH_ERR");
        assert!(!daemon.was_called());
        let host = PamHost::of_service(world, "vsftpd", "alice")
            .answer("1")
            .answer("");
        std::thread::scope(|scope| {
            let (sender, numbers) = std::sync::mpsc::channel();
            let played = scope.spawn(move || {
                host.play_heard(|text| {
                    if text.contains(NUMBER) {
                        sender.send(crate::phone::number_in(text)).unwrap();
                    }
                })
            });
            let mut call = daemon.asked();
            let assertion = passkey.answer(&call.request, &numbers.recv().unwrap());
            call.say(&FromDaemon::Answer(assertion));
            let played = played.join().unwrap();
            assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
        });
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
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        let sign_in = || {
            let host = PamHost::of_service(world, "directory", "alice");
            host.answer("elsewhere right").answer(alice.code()).play()
        };
        let known = sign_in();
        assert_eq!(known.result(), "PAM_AUTH_ERR", "{known:#?}");
        assert!(log_of(world).contains("reason=wrong-password"));
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
            let sign_in = || {
                let host = PamHost::of_service(world, "directory", "alice");
                host.answer("elsewhere right").answer(alice.code()).play()
            };
            let unknown = sign_in();
            assert_eq!(unknown.result(), "PAM_SUCCESS", "{hash}: {unknown:#?}");
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
                let played = PamHost::of_service(world, "sudo", user)
                    .answer("wrong")
                    .play();
                assert_eq!(
                    played.result(),
                    "PAM_AUTH_ERR",
                    "{config} {user}: {played:#?}"
                );
                assert_eq!(played.said().len(), 1, "{config} {user}: {played:#?}");
                let line = log_of(world);
                assert!(
                    line.starts_with("outcome=refused reason=wrong-password"),
                    "{line}"
                );
            }
        }
        assert_eq!(world.activity("alice"), []);
    });
}
