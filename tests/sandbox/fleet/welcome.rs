//! What a newcomer to fleets sees.

use antiphon_tests::PASSWORD;

use super::Room;
use crate::screen::{bold, show, show_way_in, stay};
use crate::{NAME, shell};

/// Sets the fleet up before the newcomer's eyes, says what to type, and stays until the newcomer leaves.
pub(crate) fn run(room: &Room) {
    println!(
        "This is a fleet in a sandbox: nothing outside it changes, and leaving it forgets it.\n\n\
         \x20 relay1, relay2  carry sign-ins to phones; relay1 is the enrolment host too\n\
         \x20 db7, web1       hosts, where people sign in\n\
         \x20 pg1, pg2, pg3   PostgreSQL, which the relays share\n"
    );
    let site = room.set_up(bold);
    let enrolment_host = &site.relays[0];
    println!("\nNow enrol a phone for {NAME}, once for all hosts:\n");
    let port = room.page.port;
    show(
        &format!("antiphon enroll {NAME} --phone"),
        &format!("this machine's browser plays the phone, at http://localhost:{port}"),
    );
    println!("\nThen sign in, and approve there:\n");
    for host in &site.hosts {
        show(
            &format!("ssh {NAME}@{}", host.name()),
            &format!("password: {}", bold(PASSWORD)),
        );
    }
    println!("\nAnd see what happens when a part fails:\n");
    let standby = &site.engine.standbys()[0];
    show(
        &format!("kill {}", site.relays[1].daemon_id()),
        "relay2 is gone: hosts and phones go by relay1",
    );
    show(
        &format!("kill -QUIT {}", site.engine.primary().id()),
        "the primary crashes: a phone is asked only by the relay of its page",
    );
    show(
        &format!(
            "psql -U postgres -h {} -c 'SELECT pg_promote()'",
            standby.folder().display()
        ),
        "pg2 takes its place",
    );
    show("antiphon hosts", "the hosts that have joined");
    show("tail /var/log/auth.log", "what an administrator sees");
    show_way_in(&format!("ssh {NAME}@db7"));
    stay(&room.world, || {
        shell::run(&room.world, enrolment_host.command("bash"));
    });
}
