//! `packaging/try --fleet --check`: the whole of it, without anybody there.

use antiphon_tests::Site;

use super::Room;
use crate::NAME;
use crate::phone::Phone;

/// Signs in everywhere by one phone, also after a relay, and then the primary, was killed. Panics if anything is not as it
/// should be.
pub(crate) fn run(room: &Room) {
    let mut site = room.set_up(str::to_owned);
    let enroll = site.relays[0].antiphon_command(&["enroll", NAME, "--phone"]);
    let phone = Phone::enrol(&enroll);
    println!("{NAME} has a phone");
    for host in 0..site.hosts.len() {
        sign_in(&site, &phone, host);
    }
    // A host stays with the relay that answered last, so both are killed, one after the other.
    for relay in 0..site.relays.len() {
        site.relays[relay].kill_daemon();
        println!("{} was killed", site.relays[relay].name());
        sign_in(&site, &phone, 0);
        site.relays[relay].start_daemon();
    }
    site.engine.fail_over();
    println!("the primary was killed, and a standby promoted");
    for host in 0..site.hosts.len() {
        sign_in(&site, &phone, host);
    }
    for line in room.world.log().ours() {
        println!("logged: {}", line.text);
    }
    println!("ok");
}

/// Signs in on this host with password and phone.
fn sign_in(site: &Site<'_>, phone: &Phone, host: usize) {
    let host = &site.hosts[host];
    phone.approve(host.after_password(NAME), "here it is");
    println!(
        "{NAME} signed in on {} with password and phone",
        host.name()
    );
}
