//! What a newcomer sees.

use antiphon_tests::{HOST, PASSWORD, Sshd};

use crate::screen::{bold, show, show_way_in, stay};
use crate::{NAME, Sandbox, shell};

/// Enrols the person before the newcomer's eyes, says what to type, and stays until the newcomer leaves.
pub(crate) fn run(sandbox: &Sandbox) {
    let world = &sandbox.world;
    println!(
        "This is {}, a sandbox: nothing outside it changes, and leaving it forgets it.\n",
        bold(HOST)
    );
    println!(
        "root@{HOST}:~# {}\n",
        bold(&format!("antiphon enroll {NAME} --no-confirm"))
    );
    shell::at_home(world, world.command(&world.product().command))
        .args(["enroll", NAME, "--no-confirm"])
        .status()
        .ok()
        .filter(std::process::ExitStatus::success)
        .expect("antiphon enroll");
    let _sshd = Sshd::start(world, "");

    println!("\nNow sign in as {NAME}:\n");
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
    show_way_in(&format!("ssh {NAME}@localhost"));
    stay(world, || shell::run(world, world.command("bash")));
}
