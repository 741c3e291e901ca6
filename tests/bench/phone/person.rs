//! A person at a terminal, and the process that signs them in: this program, started again.
//!
//! On each line of standard input it signs in once. It prints `number N`, and the end of the page's address
//! behind it if there is one, when the prompt is there, and `returned
//! NANOSECONDS CODE` when `pam_authenticate` has returned; the clock is the one that all processes share.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use antiphon_tests::until;

use crate::clock;
use crate::conversation::Script;
use crate::ffi::{self, Handle};
use crate::guest;

/// The argument that makes this program such a process.
pub(crate) const WORD: &str = "sign-in";

/// How a program waits for the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    /// A child holds the conversation; nobody types anything.
    Sudo,
    /// Enter has been pressed before the phone answers.
    Sshd,
}

impl Program {
    pub(crate) const ALL: [Self; 2] = [Self::Sudo, Self::Sshd];

    /// Its PAM service.
    pub(crate) fn service(self) -> &'static str {
        match self {
            Self::Sudo => "sudo",
            Self::Sshd => "sshd",
        }
    }
}

/// The process's life: `module`, `service` and `user`, then orders.
pub(crate) fn run(given: &[String]) {
    let [module, service, user] = given else {
        panic!("{WORD}: {given:?}")
    };
    guest::load(module);
    let is_ssh = service == Program::Sshd.service();
    for _order in std::io::stdin().lock().lines() {
        let mut script = Script::by_phone(is_ssh);
        let mut handle = Handle::start(service, user, &mut script);
        if is_ssh {
            handle.put_env("SSH_CONNECTION=203.0.113.5 50000 203.0.113.6 22");
            handle.put_env("SSH_AUTH_INFO_0=publickey ssh-ed25519 AAAA");
        }
        let code = handle.authenticate(false);
        let returned = clock::monotonic();
        handle.end(code);
        println!("returned {returned} {}", ffi::code_name(code));
    }
}

/// What the screen shows for a sign-in with an account.
pub(crate) struct Shown {
    pub(crate) number: String,
    /// The end of the page's address.
    pub(crate) code: String,
}

/// The process, from outside.
pub(crate) struct Person {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Person {
    /// `user` before `program`, with the module in `module` loaded.
    pub(crate) fn sit_down(module: &str, program: Program, user: &str) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args([WORD, module, program.service(), user])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            stdin,
            stdout,
        }
    }

    /// Begins to sign in: the number on the screen. As long as their last sign-in is still seen as open, there is none, and
    /// they try again.
    pub(crate) fn begin(&mut self) -> String {
        until("a number on the screen", || {
            writeln!(self.stdin.as_mut().unwrap(), "go").unwrap();
            let line = self.line();
            line.strip_prefix("number ").map(str::to_owned)
        })
    }

    /// Begins to sign in with an account: what is typed on the page.
    pub(crate) fn begin_by_account(&mut self) -> Shown {
        let said = self.begin();
        let (number, code) = said.split_once(' ').expect("the page's address");
        Shown {
            number: number.to_owned(),
            code: code.to_owned(),
        }
    }

    /// When the sign-in was accepted.
    pub(crate) fn returned(&mut self) -> u64 {
        let line = self.line();
        let said = line.strip_prefix("returned ").expect(&line);
        let (at, code) = said.split_once(' ').unwrap();
        assert_eq!(code, "PAM_SUCCESS");
        at.parse().unwrap()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}
