//! Before the sandbox: its page must be open to a browser of the machine, whose network the sandbox does not have.
//!
//! A socket stays in the network that it was made in. So the listener is made here and handed on; inside, [`run_forward`]
//! takes what comes to it to the daemon. It goes with the sandbox, and leaves nothing to clean up.

use std::io::{self, copy, stdin};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::os::fd::{AsFd, IntoRawFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::{env, thread};

use antiphon_tests::World;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};

/// The usual port and those after it, if something else listens there.
const PORTS: std::ops::Range<u16> = 8470..8480;
/// Tells the inside which descriptor listens on which port: `3:8470`.
const HANDED_ON: &str = "ANTIPHON_SANDBOX_PAGE";

/// Goes on inside, with these arguments. Returns only if that fails.
pub(crate) fn enter(arguments: &[String]) -> io::Error {
    let mut inside = Command::new("unshare");
    inside
        .args(["--mount", "--uts", "--ipc", "--net", "--pid", "--fork"])
        .args(["--kill-child", "--mount-proc", "--"])
        .arg(env::current_exe().unwrap())
        .arg("inside")
        .args(arguments);
    let listening = PORTS.into_iter().find_map(|port| {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?;
        Some((listener, port))
    });
    if let Some((listener, port)) = listening {
        fcntl(&listener, FcntlArg::F_SETFD(FdFlag::empty())).unwrap();
        inside.env(HANDED_ON, format!("{}:{port}", listener.into_raw_fd()));
    }
    inside.exec()
}

/// What was handed on.
pub(crate) struct Page {
    pub(crate) port: u16,
    descriptor: Option<String>,
}

impl Page {
    pub(crate) fn handed_on() -> Self {
        let handed_on = env::var(HANDED_ON).unwrap_or_default();
        match handed_on.split_once(':') {
            Some((descriptor, port)) => Self {
                port: port.parse().unwrap(),
                descriptor: Some(descriptor.to_owned()),
            },
            None => Self {
                port: PORTS.start,
                descriptor: None,
            },
        }
    }

    /// Whether a browser of the machine gets here.
    pub(crate) fn is_open_to_the_machine(&self) -> bool {
        self.descriptor.is_some()
    }

    /// Takes what comes from the machine to the port of the same number in here.
    pub(crate) fn forward(&self, world: &World) -> Option<Child> {
        let descriptor = self.descriptor.as_ref()?;
        // As standard input, which is the one descriptor that can be had without `unsafe`.
        let mut forward = world.command("bash");
        forward
            .args(["-c", r#"exec "$0" forward "$1" <&"$2""#])
            .arg(env::current_exe().unwrap())
            .args([&self.port.to_string(), descriptor])
            .stdout(Stdio::null());
        Some(forward.spawn().expect("bash"))
    }
}

/// The forwarder: standard input listens.
pub(crate) fn run_forward(port: u16) {
    let listener = TcpListener::from(stdin().as_fd().try_clone_to_owned().unwrap());
    for from in listener.incoming().map_while(Result::ok) {
        thread::spawn(move || {
            // A daemon that is not there is a connection that closes.
            let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).and_then(|to| join(&from, &to));
        });
    }
}

/// Carries what comes on either to the other.
pub(crate) fn join(one: &TcpStream, other: &TcpStream) -> io::Result<()> {
    let carry = |mut from: &TcpStream, mut to: &TcpStream| {
        let _ = copy(&mut from, &mut to);
        to.shutdown(Shutdown::Write)
    };
    thread::scope(|scope| {
        scope.spawn(move || carry(one, other));
        carry(other, one)
    })
}
