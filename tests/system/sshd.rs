//! The real sshd, by keyboard-interactive.

use antiphon_tests::{PASSWORD, Sshd, in_world};

#[test]
fn a_password_and_a_code_sign_in() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let sshd = Sshd::start(world, "");
        let mut terminal = sshd.sign_in(world, "alice", "echo arrived as $USER");
        terminal.expect("Password: ").send_line(PASSWORD);
        terminal.expect("6-digit code").send_line(&alice.code());
        terminal.expect("arrived as alice");
        let ended = terminal.end();
        assert!(ended.succeeded(), "{ended:?}");
        assert_eq!(
            world.log().our_only_line(),
            "outcome=accepted method=code user=alice rhost=127.0.0.1 tty=ssh"
        );
    });
}
