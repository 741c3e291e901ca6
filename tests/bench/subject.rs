//! A module on a stage, and the guests that sign in by it there.

use std::cell::Cell;
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::guest::{self, PERIOD};
use crate::module::Module;
use crate::stage::Stage;

/// A module on a stage.
pub(crate) struct Subject<'stage> {
    pub(crate) module: Module,
    pub(crate) stage: &'stage Stage,
    /// How far ahead the clock of the next sign-in is: no two have the same code.
    ahead: Cell<u64>,
}

impl<'stage> Subject<'stage> {
    pub(crate) fn new(module: Module, stage: &'stage Stage) -> Self {
        Self {
            module,
            stage,
            ahead: Cell::new(PERIOD),
        }
    }

    /// Whether one sign-in costs so much, and writes so much, that it would disturb the others.
    pub(crate) fn is_heavy(&self) -> bool {
        self.module == Module::Oath && self.stage.users > 1
    }

    /// Seconds ahead for the first of `count` sign-ins.
    fn take_steps(&self, count: u64) -> u64 {
        let first = self.ahead.get();
        self.ahead.set(first + count * PERIOD);
        first
    }

    /// The order to sign in so often.
    pub(crate) fn order(&self, count: u64) -> String {
        format!("sign-in {count} {}", self.take_steps(count))
    }

    /// The order to load the module.
    pub(crate) fn order_to_load(&self) -> String {
        format!("load {}", self.module.file())
    }

    /// A guest under another program: `tool` and its arguments, or nothing.
    pub(crate) fn command(&self, tool: &[&str]) -> Command {
        let myself = env::current_exe().unwrap();
        let mut words = tool.iter().map(Into::into).collect::<Vec<_>>();
        words.extend([myself.into_os_string(), guest::WORD.into()]);
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .arg(self.stage.entrance())
            .arg(self.module.name())
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        command
    }

    /// A new guest.
    pub(crate) fn invite(&self) -> Guest {
        let mut child = self.command(&[]).spawn().unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Guest {
            child,
            stdin,
            stdout,
        }
    }

    /// A new guest that has loaded the module and signed in, and so has what a warm one has.
    pub(crate) fn invite_warm(&self) -> Guest {
        let mut guest = self.invite();
        guest.obey(&self.order_to_load());
        guest.obey(&self.order(3));
        guest
    }
}

/// A guest that waits for orders.
pub(crate) struct Guest {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Guest {
    /// Gives an order and waits for its answer.
    pub(crate) fn obey(&mut self, order: &str) -> String {
        writeln!(self.stdin.as_mut().unwrap(), "{order}").unwrap();
        let mut answer = String::new();
        self.stdout.read_line(&mut answer).unwrap();
        assert!(answer.ends_with('\n'), "the guest has died of: {order}");
        answer.trim_end().to_owned()
    }

    /// Nanoseconds that a sign-in took.
    pub(crate) fn sign_in(&mut self, subject: &Subject<'_>) -> u64 {
        self.obey(&subject.order(1)).parse().unwrap()
    }

    /// Page faults of a sign-in.
    pub(crate) fn faults(&mut self, subject: &Subject<'_>) -> u64 {
        let before: u64 = self.obey("faults").parse().unwrap();
        self.sign_in(subject);
        let after: u64 = self.obey("faults").parse().unwrap();
        after - before
    }

    /// Resident memory and its share of it, in KiB.
    pub(crate) fn memory(&mut self) -> (i64, i64) {
        let answer = self.obey("memory");
        let (resident, share) = answer.split_once(' ').unwrap();
        (resident.parse().unwrap(), share.parse().unwrap())
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}
