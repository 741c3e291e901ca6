//! How a newcomer is told what to type, and how the sandbox stays until they leave.

use std::io::{IsTerminal, stdin, stdout};

use antiphon_tests::World;

pub(crate) fn bold(text: &str) -> String {
    if is_coloured() {
        format!("\x1b[1m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

/// Something to type, and why.
pub(crate) fn show(typed: &str, why: &str) {
    println!("  {}  {why}", bold(&format!("{typed:<28}")));
}

/// How to run `command` in the sandbox from outside it.
pub(crate) fn show_way_in(command: &str) {
    if let Some(id) = id_outside() {
        println!(
            "\nFrom another terminal, as root: {}",
            bold(&format!("nsenter --all --target {id} {command}"))
        );
    }
}

/// Runs `shell` on a terminal, and without one waits for Ctrl-C.
pub(crate) fn stay(world: &World, shell: impl FnOnce()) {
    if stdin().is_terminal() {
        println!("{} or Ctrl-D leaves.\n", bold("exit"));
        shell();
    } else {
        println!("Ctrl-C leaves.");
        // A program that the keys' signal ends, which the first process of a namespace does not even get.
        let _ = world.command("sleep").arg("infinity").status();
    }
}

/// The sandbox's process id on the machine: `packaging/try` hands the machine's /proc over as descriptor 9.
fn id_outside() -> Option<String> {
    let id = std::fs::read_link("/proc/self/fd/9/self").ok()?;
    Some(id.to_str()?.to_owned())
}

fn is_coloured() -> bool {
    stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
