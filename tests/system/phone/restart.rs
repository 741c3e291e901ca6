//! The daemon ends while a sign-in waits.

use antiphon_tests::{LyingDaemon, PamHost, Sshd, in_world};

use super::{
    ALONE, Door, FORKS, NUMBER, PROGRAMS, alice_with_phone, approve, number_on, play_with,
    processes, wrong_in_a_row,
};
use crate::prompts::CODE;

#[test]
fn sudo_su_and_login_say_at_once_that_the_phone_is_away_and_take_a_code() {
    in_world(|world| {
        let (mut alice, _) = alice_with_phone(world);
        for program in PROGRAMS {
            alice.change(|_| {});
            let daemon = LyingDaemon::start();
            let mut terminal = program.start(world);
            let call = daemon.asked();
            number_on(&mut terminal);
            terminal.send(b"12").expect("12");
            drop((call, daemon));
            // No key is pressed; what was half typed is gone.
            terminal.expect("\r\nThe phone cannot be reached now.\r\n");
            terminal.expect(CODE);
            let id = program.service();
            assert_eq!(processes(id).len(), 1, "{program:?}: no child is left");
            terminal.send_line(&alice.code());
            program.arrive(terminal);
            world.ended("accepted method=code");
            assert_eq!(wrong_in_a_row(world), 0);
        }
    });
}

#[test]
fn ssh_says_at_enter_that_the_phone_is_away_and_takes_a_code_there_or_before() {
    in_world(|world| {
        let (mut alice, _) = alice_with_phone(world);
        let sshd = Sshd::start(world, "");
        for enter_first in [true, false] {
            alice.change(|_| {});
            let daemon = LyingDaemon::start();
            let mut terminal = Door::Ssh.open(world, &sshd);
            let call = daemon.asked();
            number_on(&mut terminal);
            drop((call, daemon));
            if enter_first {
                terminal
                    .send_line("")
                    .expect("The phone cannot be reached now.");
                terminal.expect(CODE);
            }
            terminal.send_line(&alice.code());
            Door::Ssh.arrive(terminal);
        }
    });
}

#[test]
fn two_hundred_approvals_in_one_process_leave_no_descriptor_and_no_child() {
    in_world(|world| {
        const MANY: usize = 200;
        world.pam(FORKS, ALONE);
        let (_, passkey) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        // None of them counts towards the pushes of five minutes: they were wanted.
        let host = PamHost::of_service(world, FORKS, "alice")
            .option("--phone-first")
            .option("--measure")
            .option(&format!("--count={MANY}"));
        let (played, most_children) = play_with(host, |numbers| {
            (0..MANY)
                .map(|_| {
                    let mut call = daemon.asked();
                    let number = numbers.recv().unwrap();
                    approve(&mut call, &passkey, &number);
                    processes("pam_host").len()
                })
                .max()
        });
        assert_eq!(played.results(), ["PAM_SUCCESS"; MANY]);
        // Itself, and at most the child of the next one.
        assert!(most_children <= Some(2), "{most_children:?}");
        let descriptors: Vec<_> = played
            .lines
            .iter()
            .filter_map(|line| line["descriptors"].as_u64())
            .collect();
        assert_eq!(descriptors.len(), MANY);
        assert!(
            descriptors.iter().all(|count| *count == descriptors[0]),
            "{descriptors:?}"
        );
        assert_eq!(played.times_said(NUMBER), MANY);
    });
}
