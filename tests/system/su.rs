//! `su` as alice calls it to become bob, whose password she knows.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

use antiphon_tests::{PASSWORD, World};

/// One call. What alice types comes from a pipe, so that nothing need be waited for, whatever goes wrong.
pub(crate) struct Su {
    command: Command,
    proof: PathBuf,
}

/// How it ended.
#[derive(Debug)]
pub(crate) struct Called {
    /// Whether a command ran as bob.
    pub(crate) let_in: bool,
    /// All that was shown.
    pub(crate) text: String,
    pub(crate) status: ExitStatus,
}

impl Su {
    /// `su`, started by `env` with these arguments: variables, or another program, as `prlimit --nofile=5`.
    pub(crate) fn through(world: &World, arguments: &[&str]) -> Self {
        let proof = world.home("bob").join("was-here");
        let mut command = world.command_of("alice", "env");
        command
            .args(arguments)
            .args(["su", "bob", "-c", &format!(": >{}", proof.display())]);
        Self { command, proof }
    }

    /// Types the password, and this code to each prompt.
    pub(crate) fn answer(mut self, code: &str) -> Called {
        let _ = fs::remove_file(&self.proof);
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let typed = format!("{PASSWORD}\n{code}\n{code}\n{code}\n");
        // It may be gone already.
        let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        Called {
            let_in: self.proof.exists(),
            text: String::from_utf8_lossy(&text).into_owned(),
            status: output.status,
        }
    }
}
