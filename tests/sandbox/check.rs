//! `packaging/try --check`: the whole of it, without anybody there.

use antiphon_tests::{PASSWORD, Sshd, Terminal, VERIFICATION_CODE, World};

use crate::phone::Phone;
use crate::{NAME, Sandbox, app};

/// Enrols and signs in, by code and by phone. Panics if anything is not as it should be.
pub(crate) fn run(sandbox: &Sandbox) {
    let world = &sandbox.world;
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
    by_code(world, &sshd);
    by_phone(world, &sshd);
    for line in world.log().ours() {
        println!("logged: {}", line.text);
    }
    println!("ok");
}

/// A sign-in, after the password.
fn sign_in(world: &World, sshd: &Sshd) -> Terminal {
    let mut terminal = sshd.sign_in(world, NAME, "echo here is $USER");
    terminal.expect("Password: ").send_line(PASSWORD);
    terminal
}

/// Signs in, and looks whether the same code signs in again.
fn by_code(world: &World, sshd: &Sshd) {
    let code = app::code(NAME);
    let mut terminal = sign_in(world, sshd);
    terminal.expect(VERIFICATION_CODE).send_line(&code);
    terminal.expect(&format!("here is {NAME}"));
    assert!(terminal.end().succeeded());
    println!("{NAME} signed in over ssh with password and code");

    let mut terminal = sign_in(world, sshd);
    for _ in 0..3 {
        terminal.expect(VERIFICATION_CODE).send_line(&code);
    }
    let ended = terminal.end();
    assert!(
        !ended.succeeded() && !ended.text.contains("here is"),
        "{}",
        ended.text
    );
    println!("the same code did not sign in a second time");
}

/// Adds a phone, and signs in with it.
fn by_phone(world: &World, sshd: &Sshd) {
    let mut enroll = world.command(&world.product().command);
    let phone = Phone::enrol(enroll.args(["enroll", NAME, "--phone"]));
    println!("{NAME} has a phone as well");
    phone.approve(sign_in(world, sshd), &format!("here is {NAME}"));
    println!("{NAME} signed in over ssh with password and phone");
}
