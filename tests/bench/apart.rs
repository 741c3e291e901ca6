//! Namespaces with whose first process everything in them ends.

use std::env;
use std::process::{Command, ExitCode};
use std::thread;
use std::time::Duration;

use crate::arguments::Arguments;

/// It ends by then, whatever happens.
const LONGEST: Duration = Duration::from_secs(1800);

/// Runs this program again in new namespaces, with `word` before the arguments.
pub(crate) fn run(word: &str, given: &[String]) -> ExitCode {
    if let Err(usage) = Arguments::parse(given) {
        eprintln!("{usage}");
        return ExitCode::from(2);
    }
    let status = Command::new("unshare")
        .args(["--mount", "--uts", "--ipc", "--net", "--pid", "--fork"])
        .args(["--kill-child", "--mount-proc", "--"])
        .arg(env::current_exe().unwrap())
        .arg(word)
        .args(given)
        .status()
        .expect("unshare of util-linux");
    if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Ends this process when it has taken too long.
pub(crate) fn end_in_time() {
    thread::spawn(|| {
        thread::sleep(LONGEST);
        eprintln!("bench: this takes too long");
        std::process::exit(1);
    });
}
