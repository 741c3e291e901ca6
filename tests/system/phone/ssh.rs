//! sshd: the phone's answer is looked for when Enter is pressed.

use antiphon_core::wire::FromDaemon;
use antiphon_tests::{LyingDaemon, Sshd, in_world};

use super::{Door, alice_with_phone, approve, number_on};

#[test]
fn ssh_shows_the_number_and_the_log_names_the_request() {
    in_world(|world| {
        let (_, passkey) = alice_with_phone(world);
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let mut terminal = Door::Ssh.open(world, &sshd);
        let mut call = daemon.asked();
        assert_eq!(call.request.remote_host, "127.0.0.1");
        let number = number_on(&mut terminal);
        let prompt = format!(
            "Enter the number {number} on your phone to approve the sign-in.\r\n\
             Verification code, or press Enter once approved (? for other ways): "
        );
        assert!(terminal.shown().contains(&prompt), "{}", terminal.shown());
        Door::Ssh.approve(&mut terminal, &mut call, &passkey, &number);
        Door::Ssh.arrive(terminal);
        let line = world.ended("accepted method=approval user=alice rhost=127.0.0.1 tty=ssh ");
        let request = call.request.name();
        let phone = format!(r#" phone="Pixel 9" request={request}"#);
        assert!(line.ends_with(&phone), "{line}");
    });
}

#[test]
fn enter_before_the_approval_waits_a_little_and_asks_again_with_the_same_number() {
    in_world(|world| {
        let (_, passkey) = alice_with_phone(world);
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let mut terminal = Door::Ssh.open(world, &sshd);
        let mut call = daemon.asked();
        let number = number_on(&mut terminal);
        terminal
            .send_line("")
            .expect("Not approved on the phone yet.");
        assert_eq!(number_on(&mut terminal), number);
        // While it waits, the approval is taken as soon as it comes.
        terminal.send_line("");
        approve(&mut call, &passkey, &number);
        Door::Ssh.arrive(terminal);
    });
}

#[test]
fn it_is_not_me_refuses_also_the_ssh_client_that_types_a_right_code() {
    in_world(|world| {
        let (alice, _) = alice_with_phone(world);
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let mut terminal = Door::Ssh.open(world, &sshd);
        let mut call = daemon.asked();
        number_on(&mut terminal);
        call.say(&FromDaemon::Declined {});
        terminal.send_line(&alice.code());
        assert_eq!(call.outcome().as_deref(), Some("reported"));
        terminal.end().refused("here is");
    });
}
