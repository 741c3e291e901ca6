//! A log that does not take what is written to it: a sign-in goes on without.

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::thread;

use antiphon_tests::in_world;

use crate::su::Su;

#[test]
fn a_log_that_hangs_up_kills_nobody() {
    in_world(|world| {
        let mut bob = world.enrol_with_long_codes("bob");
        fs::remove_file("/dev/log").unwrap();
        // Some syslog daemons listen on a stream; this one is always just going.
        let listener = UnixListener::bind("/dev/log").unwrap();
        fs::set_permissions("/dev/log", fs::Permissions::from_mode(0o666)).unwrap();
        thread::spawn(move || listener.incoming().for_each(drop));
        for signal in ["--default-signal=PIPE", "--ignore-signal=PIPE"] {
            for _ in 0..20 {
                bob.change(|_| {});
                let called = Su::through(world, &[signal]).answer(&bob.code());
                assert!(
                    called.let_in && called.status.success(),
                    "{signal}: {called:?}"
                );
            }
        }
    });
}

#[test]
fn a_log_that_listens_on_a_stream_is_given_each_line_with_its_end() {
    in_world(|world| {
        let bob = world.enrol("bob");
        fs::remove_file("/dev/log").unwrap();
        let listener = UnixListener::bind("/dev/log").unwrap();
        fs::set_permissions("/dev/log", fs::Permissions::from_mode(0o666)).unwrap();
        world.sign_in("bob", [bob.code()], "PAM_SUCCESS");
        listener.set_nonblocking(true).unwrap();
        let (mut stream, _) = listener.accept().expect("a line");
        let mut line = String::new();
        stream.read_to_string(&mut line).unwrap();
        assert!(
            line.starts_with("<86>") && line.ends_with("user=bob\0"),
            "{line:?}"
        );
    });
}

#[test]
fn a_log_that_nobody_reads_lets_a_sign_in_go_on() {
    in_world(|world| {
        let bob = world.enrol_with_long_codes("bob");
        fs::remove_file("/dev/log").unwrap();
        let _unread = UnixDatagram::bind("/dev/log").unwrap();
        let full = UnixDatagram::unbound().unwrap();
        full.connect("/dev/log").unwrap();
        full.set_nonblocking(true).unwrap();
        while full.send(b"<86>one more").is_ok() {}
        world.sign_in("bob", [bob.code()], "PAM_SUCCESS");
    });
}
