//! A code that was sent: for one sign-in of one person, once, and in nobody's log.

use antiphon_core::record::TelephoneUse;
use antiphon_tests::{LyingDaemon, PamHost, Sshd, in_world};

use super::{MASKED, TEL, TELEPHONE, WORDS, alice_with_number, choose};
use crate::methods::take;
use crate::phone::{Door, Program, wrong_in_a_row};

const TEXT: &str = "Text +XX XXXXXXXXX21";
const SENT: &str = "Verification code sent to +XX XXXXXXXXX21";

fn other_than(code: &str) -> String {
    if code == "000000" { "000001" } else { "000000" }.to_owned()
}

#[test]
fn the_message_says_who_signs_in_where_in_the_persons_language() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let mut alice = alice_with_number(world);
        for words in WORDS {
            alice.speak(words.language);
            alice.change(|_| {});
            let mut terminal = Door::Ssh.open(world, &sshd);
            choose(&mut terminal, words.text);
            let sms = daemon.sent();
            terminal.answer(words.text_prompt, "?");
            take(&mut terminal, words.call);
            let call = daemon.sent();
            terminal.expect(words.call_prompt);
            let _ = terminal.interrupt();
            for (message, by) in [(&sms, TelephoneUse::Sms), (&call, TelephoneUse::Call)] {
                assert_eq!((message.tel.as_str(), message.by), (TEL, by));
                assert_eq!(message.user, "alice");
                assert_eq!(message.language, words.language.tag());
                assert!(message.text.contains("harbour"), "{}", message.text);
            }
            assert_ne!(sms.code, call.code);
            for part in ["alice", "sshd", "127.0.0.1", &sms.code] {
                assert!(sms.text.contains(part), "{}", sms.text);
            }
        }
    });
}

#[test]
fn a_sent_code_is_good_for_its_own_sign_in_only_and_once() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let _ = alice_with_number(world);
        world.configure(&format!("{TELEPHONE}most_in_ten_minutes = 50\n"));
        let begin = |door: Door| {
            let mut terminal = door.open(world, &sshd);
            choose(&mut terminal, TEXT);
            let code = daemon.sent().code;
            terminal.expect(SENT);
            (terminal, code)
        };
        let (mut sudo, first) = begin(Door::At(Program::Sudo));
        let (mut ssh, second) = begin(Door::Ssh);
        assert_ne!(first, second);
        // Another sign-in, by another service.
        ssh.send_line(&first).expect("That code is wrong.");
        ssh.answer(SENT, &second);
        Door::Ssh.arrive(ssh);
        sudo.send_line(&first);
        Door::At(Program::Sudo).arrive(sudo);
        for used in [first, second] {
            let (mut again, fresh) = begin(Door::At(Program::Sudo));
            assert_ne!(used, fresh);
            again.send_line(&used).expect("That code is wrong.");
            again.answer(SENT, &fresh);
            Door::At(Program::Sudo).arrive(again);
        }
    });
}

#[test]
fn a_newer_code_and_another_way_make_the_older_one_worthless() {
    in_world(|world| {
        let daemon = LyingDaemon::start();
        let alice = alice_with_number(world);
        let mut sudo = Program::Sudo.start(world);
        choose(&mut sudo, TEXT);
        let older = daemon.sent().code;
        sudo.answer(SENT, "?");
        take(&mut sudo, TEXT);
        let newer = daemon.sent().code;
        sudo.answer(SENT, &older).expect("That code is wrong.");
        sudo.answer(SENT, "?");
        take(&mut sudo, "Use a verification code");
        sudo.answer("code from your app", &newer)
            .expect("That code is wrong.");
        sudo.answer("code from your app", &alice.code());
        Program::Sudo.arrive(sudo);
        world.ended("accepted method=code user=alice");
    });
}

#[test]
fn wrong_codes_are_counted_with_those_of_the_app_and_the_lock_closes_both() {
    in_world(|world| {
        let daemon = LyingDaemon::start();
        let alice = alice_with_number(world);
        world.sign_in("alice", [alice.wrong_code()], "PAM_ABORT");
        assert_eq!(wrong_in_a_row(world), 1);
        let mut sudo = Program::Sudo.start(world);
        choose(&mut sudo, TEXT);
        let code = daemon.sent().code;
        for wrong in 2..=4 {
            sudo.answer(SENT, &other_than(&code));
            // sudo begins again after the third answer.
            sudo.expect_any(&["That code is wrong.", "password for alice: "]);
            assert_eq!(wrong_in_a_row(world), wrong);
        }
        let _ = sudo.interrupt();
        let wrong = world.log().texts("answer=wrong method=sms user=alice");
        assert_eq!(wrong.len(), 3, "{wrong:#?}");
        let mut sudo = Program::Sudo.start(world);
        choose(&mut sudo, TEXT);
        let code = daemon.sent().code;
        sudo.answer(SENT, &other_than(&code))
            .expect("Too many wrong codes. Try again in 30 s.");
        let _ = sudo.interrupt();
        // Only what nobody can guess is left.
        let locked = PamHost::new(world, "alice").answer("?").play();
        let list = "1. Use a recovery code\n2. Look after my methods\n3. Cancel\nYour choice: ";
        assert!(locked.texts()[1].ends_with(list), "{locked:#?}");
    });
}

#[test]
fn a_number_that_root_takes_away_meanwhile_has_its_code_expire() {
    in_world(|world| {
        let daemon = LyingDaemon::start();
        let mut alice = alice_with_number(world);
        let mut sudo = Program::Sudo.start(world);
        choose(&mut sudo, TEXT);
        let code = daemon.sent().code;
        sudo.expect(SENT);
        alice.change(|record| record.numbers.clear());
        sudo.send_line(&code)
            .expect("That code is no longer valid.");
        // Nor is another one sent there.
        sudo.answer(SENT, "?");
        take(&mut sudo, TEXT);
        sudo.expect("The text could not be sent.");
        assert!(!daemon.was_called());
        let text = sudo.interrupt().text;
        assert!(!text.contains("here is"), "{text}");
        assert_eq!(wrong_in_a_row(world), 0);
    });
}

#[test]
fn neither_the_code_nor_the_whole_number_stands_in_a_log_or_on_the_screen() {
    in_world(|world| {
        let daemon = LyingDaemon::start();
        let _ = alice_with_number(world);
        world.pam(
            "sudo",
            "auth required pam_unix.so nodelay\nauth required pam_antiphon.so debug\n",
        );
        let mut sudo = Program::Sudo.start(world);
        choose(&mut sudo, TEXT);
        let code = daemon.sent().code;
        sudo.expect(SENT);
        let before = sudo.shown();
        assert!(!before.contains(&code), "{before}");
        sudo.send_line(&code);
        let text = Program::Sudo.arrive(sudo);
        assert!(!text.contains(TEL) && text.contains(MASKED), "{text}");
        let logged = world.log().lines().join("\n");
        let activity = std::fs::read_to_string("/var/lib/antiphon/activity/alice.jsonl").unwrap();
        for text in [&logged, &activity] {
            assert!(!text.contains(&code) && !text.contains(TEL), "{text}");
        }
        let sent = "telephone=sent method=sms user=alice to=\"+XX XXXXXXXXX21\"";
        assert!(logged.contains(sent), "{logged}");
        let state = world.state("alice").unwrap();
        let state = String::from_utf8_lossy(&state);
        assert!(!state.contains(&code) && !state.contains(TEL));
    });
}
