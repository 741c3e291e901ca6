//! What a newcomer sees.

use std::io::{IsTerminal, stdin, stdout};

use antiphon_tests::{HOST, PASSWORD, Sshd};

use crate::{NAME, Sandbox, shell};

/// Enrols the person before the newcomer's eyes, says what to type, and stays until the newcomer leaves.
pub(crate) fn run(sandbox: &Sandbox) {
    let world = &sandbox.world;
    let bold = |text: &str| {
        if is_coloured() {
            format!("\x1b[1m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    };
    println!(
        "This is {}, a sandbox: nothing outside it changes, and leaving it forgets it.\n",
        bold(HOST)
    );
    println!(
        "root@{HOST}:~# {}\n",
        bold(&format!("antiphon enroll {NAME} --no-confirm"))
    );
    shell::command(world, &world.product().command)
        .args(["enroll", NAME, "--no-confirm"])
        .status()
        .ok()
        .filter(std::process::ExitStatus::success)
        .expect("antiphon enroll");
    let _sshd = Sshd::start(world, "");

    println!("\nNow sign in as {NAME}:\n");
    let show = |typed: &str, why: &str| println!("  {}  {why}", bold(&format!("{typed:<28}")));
    show(
        &format!("ssh {NAME}@localhost"),
        &format!("password: {}", bold(PASSWORD)),
    );
    show("code", "no app at hand? this shows the present code");
    if sandbox.page.is_open_to_the_machine() {
        let port = sandbox.page.port;
        show(
            &format!("antiphon enroll {NAME} --phone"),
            &format!("this machine's browser plays the phone, at http://localhost:{port}"),
        );
    }
    show("tail /var/log/auth.log", "what an administrator sees");
    show(
        &format!("antiphon status {NAME}"),
        "how she stands; antiphon --help has more",
    );
    if let Some(id) = id_outside() {
        println!(
            "\nFrom another terminal, as root: {}",
            bold(&format!("nsenter --all --target {id} ssh {NAME}@localhost"))
        );
    }
    if stdin().is_terminal() {
        println!("{} or Ctrl-D leaves.\n", bold("exit"));
        shell::run(world);
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
