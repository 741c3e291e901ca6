//! Where a QR code is drawn: by sshd and on a terminal, and nowhere else. A greeter's window breaks its lines.

use std::fs;

use antiphon_tests::{PASSWORD, PamHost, Terminal, VERIFICATION_CODE, in_world};

use super::{
    CONFIRM, OPEN, OPEN_TO_SCRIPTS, PENDING, SQUARES, WRITTEN, code_in, forget, scanned_on,
    secret_in,
};
use crate::phone::configure_doas;

const ALONE: &str = "auth required pam_antiphon.so\n";

#[test]
fn a_greeter_is_given_key_and_link_in_its_first_prompt_and_asked_for_no_squares() {
    in_world(|world| {
        world.configure(OPEN_TO_SCRIPTS);
        for service in ["lightdm", "gdm-password", "polkit-1", "cockpit"] {
            world.pam(service, ALONE);
            // Enter alone shows all of it again.
            let host = PamHost::of_service(world, service, "alice");
            let prompts = host.answer("").ends("PAM_ABORT").texts();
            assert_eq!(prompts.len(), 2, "{prompts:#?}");
            assert!(prompts[0].starts_with("You have no second factor yet"));
            for prompt in prompts {
                let asked = prompt.lines().last().unwrap();
                assert!(asked.starts_with(VERIFICATION_CODE), "{prompt}");
                assert!(prompt.contains("\nLink: otpauth://totp/"), "{prompt}");
                assert!(prompt.contains("\nKey: "), "{prompt}");
                assert!(prompt.is_ascii(), "a picture: {prompt}");
                // Key and link are in Base32, which may spell it.
                let is_word =
                    |line: &&str| !line.starts_with("Link: ") && !line.starts_with("Key: ");
                let mut words = prompt.lines().filter(is_word);
                assert!(!words.any(|line| line.contains("QR")), "{prompt}");
                assert!(!prompt.contains(SQUARES), "{prompt}");
            }
            fs::remove_dir_all(PENDING).unwrap();
        }
    });
}

#[test]
fn doas_and_chfn_draw_it_on_their_terminal() {
    in_world(|world| {
        world.configure(OPEN);
        configure_doas(world);
        world.pam("chfn", include_str!("../../../conf/pam.d/sudo"));
        fs::write("/etc/login.defs", "CHFN_RESTRICT r\n").unwrap();
        for program in [&["doas", "true"][..], &["chfn", "--room", "7"]] {
            let mut command = world.command_of("alice", program[0]);
            let mut terminal = Terminal::start(command.args(&program[1..]));
            terminal.answer("assword: ", PASSWORD).answer(SQUARES, "");
            terminal.expect(CONFIRM);
            let secret = secret_in(&scanned_on(world, &terminal.shown()));
            terminal.send_line(&code_in(&secret, 0)).answer(WRITTEN, "");
            terminal.end().well();
            forget(world);
        }
    });
}
