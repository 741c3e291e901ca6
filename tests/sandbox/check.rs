//! `packaging/try --check`: the whole of it, without anybody there.

use antiphon_tests::{PASSWORD, Sshd, World};

use crate::{NAME, app};

/// Enrols, signs in, and looks whether the same code signs in again. Panics if anything is not as it should be.
pub(crate) fn run(world: &World) {
    let enrolled = world
        .command(&world.product().command)
        .args(["enroll", NAME, "--no-confirm", "--json"])
        .output()
        .expect("antiphon");
    assert!(
        enrolled.status.success(),
        "antiphon enroll: {}",
        String::from_utf8_lossy(&enrolled.stderr)
    );
    println!("{NAME} is enrolled");

    let sshd = Sshd::start(world, "");
    let code = app::code(NAME);
    let mut terminal = sshd.sign_in(world, NAME, "echo here is $USER");
    terminal.expect("Password: ").send_line(PASSWORD);
    terminal.expect("6-digit code").send_line(&code);
    terminal.expect(&format!("here is {NAME}"));
    assert!(terminal.end().succeeded());
    println!("{NAME} signed in over ssh with password and code");

    let mut terminal = sshd.sign_in(world, NAME, "echo here is $USER");
    terminal.expect("Password: ").send_line(PASSWORD);
    for _ in 0..3 {
        terminal.expect("6-digit code").send_line(&code);
    }
    let ended = terminal.end();
    assert!(
        !ended.succeeded() && !ended.text.contains("here is"),
        "{}",
        ended.text
    );
    println!("the same code did not sign in a second time");

    for line in world.log().ours() {
        println!("logged: {}", line.text);
    }
    println!("ok");
}
