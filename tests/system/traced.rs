//! `pam_host` under strace: what a sign-in asks of the kernel, and one such call tampered with.

use std::path::PathBuf;
use std::process::Command;
use std::{fmt, fs};

use antiphon_tests::{PamHost, Terminal, World};

/// A system call of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// Its name.
    pub(crate) name: String,
    /// Which of this name since the program began: what strace calls `when`.
    pub(crate) nth: usize,
    /// What it is called with, as strace shows it.
    with: String,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, nth, with } = self;
        let (with, _) = with.rsplit_once(')').unwrap_or((with, ""));
        write!(f, "{nth}. {name}({with})")
    }
}

/// Where strace writes for the sign-ins of `user`; those of two users can be traced at once.
fn trace_of(world: &World, user: &str) -> PathBuf {
    world.folder().join(format!("trace-{user}"))
}

/// A sign-in of `user` under strace with these options.
pub(crate) fn traced(world: &World, user: &str, options: &[String]) -> PamHost {
    let command = strace(world, user, options);
    PamHost::started_by(command, "antiphon-alone", user).option("--marks")
}

/// A sign-in of `user` in which `tampering` happens to `call`: `error=EIO`, `signal=SIGKILL`.
pub(crate) fn tampered(world: &World, user: &str, call: &Call, tampering: &str) -> PamHost {
    traced(world, user, &options_for(call, tampering))
}

/// The same on a terminal, `times` in one process.
pub(crate) fn tampered_on_terminal(
    world: &World,
    user: &str,
    call: &Call,
    tampering: &str,
    times: usize,
) -> Terminal {
    let mut command = strace(world, user, &options_for(call, tampering));
    command.args(["antiphon-alone", user, "--marks"]);
    command
        .arg(format!("--count={times}"))
        .env("RUST_BACKTRACE", "full");
    Terminal::start(&command)
}

fn options_for(call: &Call, tampering: &str) -> [String; 2] {
    let Call { name, nth, .. } = call;
    [
        format!("--trace={name},access"),
        format!("--inject={name}:{tampering}:when={nth}"),
    ]
}

fn strace(world: &World, user: &str, options: &[String]) -> Command {
    let mut command = world.command("strace");
    // Not faster with --seccomp-bpf: that needs another process for each.
    command.args(["-f", "-qq", "-o"]).arg(trace_of(world, user));
    command.args(options).arg(&world.product().pam_host);
    command
}

/// Removes the activity of `user`, so that a sign-in makes the same system calls as the first one did.
pub(crate) fn forget_activity(user: &str) {
    let _ = fs::remove_file(format!("/var/lib/antiphon/activity/{user}.jsonl"));
}

/// The module's system calls in the sign-in of `user` that was traced last.
pub(crate) fn calls(world: &World, user: &str) -> Vec<Call> {
    let trace = fs::read_to_string(trace_of(world, user)).unwrap();
    let mut seen: Vec<Call> = Vec::new();
    let mut asked = Vec::new();
    let mut inside = false;
    for line in trace.lines() {
        // `PID name(arguments) = result`; what signals do looks otherwise.
        let Some((name, with)) = line
            .trim_start_matches(|character: char| character.is_ascii_digit() || character == ' ')
            .split_once('(')
        else {
            continue;
        };
        let call = Call {
            name: name.to_owned(),
            nth: seen.iter().filter(|call| call.name == name).count() + 1,
            with: with.to_owned(),
        };
        seen.push(call.clone());
        if with.starts_with("\"/antiphon-mark/begin\"") {
            inside = true;
        } else if with.starts_with("\"/antiphon-mark/end\"") || with.contains("NETLINK_AUDIT") {
            // The module has returned, and libpam tells the kernel's audit.
            inside = false;
        } else if inside && !is_of_the_host(&call) {
            asked.push(call);
        }
    }
    asked
}

/// Whether the sign-in of `user` that was traced last met with the tampering, between the marks.
pub(crate) fn was_met(world: &World, user: &str) -> bool {
    let trace = fs::read_to_string(trace_of(world, user)).unwrap();
    let mut after_begin = trace.split("/antiphon-mark/begin").skip(1);
    after_begin.next().is_some_and(|after| {
        let inside = after.split("/antiphon-mark/end").next().unwrap_or_default();
        inside.contains("(INJECTED)") || inside.contains("SIGKILL")
    })
}

/// What `pam_host` prints of the conversation.
fn is_of_the_host(call: &Call) -> bool {
    call.name == "write" && call.with.starts_with("1,")
}
