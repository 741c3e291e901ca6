//! `OpenVPN` with a static challenge: its plugin knows our prompt by how it begins.

use std::fs;
use std::process::Command;

use antiphon_tests::{PASSWORD, Terminal, VERIFICATION_CODE, World, in_world};

use super::{LANGUAGES, alice_speaking};

/// The line of our README, and what a server needs beside it. There is no device: nobody looks for more than the sign-in.
const SERVER: &str = "\
dev null
proto tcp-server
local 127.0.0.1
port 1194
tls-server
dh none
cert own.pem
key key.pem
ca own.pem
plugin /usr/lib/openvpn/openvpn-plugin-auth-pam.so \"openvpn login USERNAME password PASSWORD verification OTP\"
";
const CLIENT: &str = "\
dev null
proto tcp-client
remote 127.0.0.1 1194
client
cert own.pem
key key.pem
ca own.pem
auth-user-pass alice.txt
static-challenge \"Verification code\" 1
connect-retry-max 1
";

fn openvpn(world: &World, configuration: &str, text: &str) -> Command {
    fs::write(world.folder().join(configuration), text).unwrap();
    let mut openvpn = world.command("openvpn");
    openvpn
        .current_dir(world.folder())
        .args(["--config", configuration]);
    openvpn
}

fn make_certificate(world: &World) {
    let made = world
        .command("openssl")
        .current_dir(world.folder())
        .args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes".split(' '))
        .args("-subj /CN=harbour -keyout key.pem -out own.pem".split(' '))
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
}

#[test]
fn openvpn_answers_the_prompt_with_the_static_challenge() {
    in_world(|world| {
        make_certificate(world);
        // Typed at its console, they can come before it stops the echo, which throws them away.
        let known = world.folder().join("alice.txt");
        fs::write(known, format!("alice\n{PASSWORD}\n")).unwrap();
        world.configure("[service.openvpn]\nmethods = [\"code\"]\n");
        world.pam("openvpn", include_str!("../../../conf/pam.d/sudo"));
        for language in LANGUAGES {
            let alice = alice_speaking(world, language);
            let mut server = Terminal::start(&openvpn(world, "server.conf", SERVER));
            server.expect("Listening for incoming TCP connection");
            let mut client = Terminal::start(&openvpn(world, "client.conf", CLIENT));
            client.answer(VERIFICATION_CODE, &alice.code());
            server.expect_any(&["Peer Connection Initiated", "Auth Error"]);
            world.ended("accepted method=code user=alice rhost=127.0.0.1");
            // A hang-up begins it anew.
            let _ = (client.interrupt(), server.interrupt());
        }
    });
}
