//! `antiphon fleet token` and `antiphon join`.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::thread;

use antiphon_core::fleet::JoinToken;
use serde_json::json;

use super::{Commanded, Computer, HOST, host, relay, token};
use crate::command::{antiphon, antiphon_with};
use crate::daemon::in_house;

const PINNED: &str = "/etc/antiphon/fleet.toml";
const JOINING: &str = "/etc/antiphon/fleet/joining.key";

#[test]
fn a_token_joins_as_many_hosts_as_it_says() {
    in_house(|world| {
        let _relay = relay(world);
        let token = token(world, "--hosts 2 --for 1h");
        let join = |name: &str| {
            let computer = Computer::new(world, name, "127.0.0.2", HOST);
            computer.antiphon(&["join", &token])
        };
        join("db7")
            .done()
            .says("This computer is db7 of the fleet example.");
        join("web1").done();
        join("web2").failed(65, "used up");
        let listed = antiphon(world, "hosts").done();
        assert!(listed.out.contains("db7") && listed.out.contains("web1"));
        listed.says_no("web2");
    });
}

#[test]
fn a_token_that_is_withdrawn_lets_nobody_join() {
    in_house(|world| {
        let _relay = relay(world);
        let spoken = "Nobody can join now.";
        antiphon(world, "fleet tokens").done().says(spoken);
        let given = antiphon(world, "fleet token --hosts 3 --network 127.0.0.0/8 --json").done();
        let given = given.object();
        let (id, token) = (
            given["id"].as_str().unwrap(),
            given["token"].as_str().unwrap(),
        );
        let join = |name: &str| {
            let computer = Computer::new(world, name, "127.0.0.2", HOST);
            computer.antiphon(&["join", token])
        };
        join("db7").done();
        antiphon(world, "fleet tokens")
            .done()
            .says("root at the relay");
        let listed = antiphon(world, "fleet tokens --json").done().object();
        let expected = json!([{
            "id": id, "role": "host", "hosts": 2, "until": given["until"], "network": "127.0.0.0/8", "opened_by": null
        }]);
        assert_eq!(listed["tokens"], expected);
        assert!(!listed.to_string().contains(token));

        for wrong in ["", "0", "ffffffff", token] {
            antiphon_with(world, &["fleet", "withdraw", wrong]).failed(65, "antiphon fleet tokens");
        }
        antiphon(world, &format!("fleet withdraw {id}")).done();
        antiphon(world, &format!("fleet withdraw {id}")).failed(65, "antiphon fleet tokens");
        antiphon(world, "fleet tokens").done().says(spoken);
        join("web1").failed(65, "used up");
        antiphon(world, "hosts").done().says("db7").says_no("web1");
    });
}

#[test]
fn a_token_serves_in_its_network_for_its_time_and_its_role() {
    in_house(|world| {
        let _relay = relay(world);
        antiphon(world, "fleet token --network here").failed(64, "--network must be");
        antiphon(world, "fleet token --for 91d").failed(64, "90d");
        antiphon(world, "fleet token --hosts 0").failed(64, "--hosts");
        let elsewhere = token(world, "--network 10.0.0.0/8");
        let db7 = Computer::new(world, "db7", "127.0.0.2", HOST);
        db7.antiphon(&["join", &elsewhere])
            .failed(65, "another network");
        let here = token(world, "--network 127.0.0.0/8 --role enrol");
        // Where no other user sees it.
        db7.antiphon_reading(&["join", "-"], &format!("{here}\n"))
            .done();
        let hosts = antiphon(world, "hosts --json").done().object();
        assert_eq!(hosts["hosts"][0]["role"], "enrol");
    });
}

#[test]
fn the_secret_is_told_to_the_relay_of_the_token_alone() {
    in_house(|world| {
        let _relay = relay(world);
        let real = token(world, "");
        let listener = TcpListener::bind("127.0.0.1:9471").unwrap();
        let secret = JoinToken::read(&real).unwrap().secret.to_text().to_string();
        // Somebody in between, who has a certificate of their own for the relay's name.
        let between = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut heard = Vec::new();
            let mut piece = [0; 4096];
            // They can answer nothing that the joining host would believe; what it says first is all there is to hear.
            stream
                .set_read_timeout(Some(std::time::Duration::from_millis(500)))
                .unwrap();
            while let Ok(length @ 1..) = stream.read(&mut piece) {
                heard.extend_from_slice(&piece[..length]);
            }
            heard
        });
        let diverted = real.replace(":8471", ":9471");
        let db7 = Computer::new(world, "db7", "127.0.0.2", HOST);
        db7.antiphon(&["join", &diverted])
            .failed(69, "cannot be asked");
        let heard = between.join().unwrap();
        assert!(
            !heard
                .windows(secret.len())
                .any(|part| part == secret.as_bytes())
        );
        assert!(!db7.path(PINNED).exists());
        // The same relay with another key than the token's: it is not told, and nothing is used up.
        let mut tail: Vec<char> = real.chars().collect();
        let at = tail.len() - 64;
        tail[at] = if tail[at] == 'A' { 'B' } else { 'A' };
        let other: String = tail.into_iter().collect();
        db7.antiphon(&["join", &other])
            .failed(69, "not the relay that the token is for");
        // And one for another root key pins nothing.
        let mut tail: Vec<char> = real.chars().collect();
        let at = tail.len() - 36;
        tail[at] = if tail[at] == 'A' { 'B' } else { 'A' };
        let other: String = tail.into_iter().collect();
        db7.antiphon(&["join", &other]).failed(65, "root key");
        assert!(!db7.path(PINNED).exists());
    });
}

#[test]
fn a_host_that_has_joined_is_not_changed_by_joining_again() {
    in_house(|world| {
        let _relay = relay(world);
        let db7 = host(world, "db7", "127.0.0.2");
        let before = fs::read(db7.path("/etc/antiphon/fleet/host.pem")).unwrap();
        let again = token(world, "");
        db7.antiphon(&["join", &again])
            .done()
            .says("the token was not used");
        assert_eq!(
            fs::read(db7.path("/etc/antiphon/fleet/host.pem")).unwrap(),
            before
        );
        let web1 = Computer::new(world, "web1", "127.0.0.3", HOST);
        web1.antiphon(&["join", &again, "--name", "db7"])
            .failed(73, "has that name");
        web1.antiphon(&["join", &again, "--name", "127.0.0.1"])
            .failed(65, "no address");
        web1.antiphon(&["join", &again, "--name", "Web 1"])
            .failed(65, "--name");
        web1.antiphon(&["join", "ANT1-nothing"])
            .failed(65, "that is no token");
        web1.antiphon(&["join", &again]).done();
        antiphon(world, "join ANT1-nothing").failed(65, "that is no token");
        antiphon(world, &format!("join {again}")).failed(78, "is a relay");
        db7.antiphon(&["fleet", "check"]).done().says("Faults: 0.");
        let status = db7.antiphon(&["fleet", "status", "--json"]).done().object();
        assert_eq!(status["roles"], serde_json::json!(["host"]));
        assert_eq!(status["host"], "db7");
    });
}

#[test]
fn a_computer_that_was_revoked_joins_again_with_a_new_token() {
    in_house(|world| {
        let _relay = relay(world);
        let mut db7 = host(world, "db7", "127.0.0.2");
        let path = db7.path("/etc/antiphon/fleet/host.key");
        let key = || fs::read(&path).unwrap();
        let before = key();
        antiphon(world, "hosts revoke db7").done();
        db7.antiphon(&["join", &token(world, "")])
            .done()
            .says("This computer is db7 of the fleet example.");
        let hosts = antiphon(world, "hosts --json").done().object();
        assert!(hosts["hosts"][0]["revoked"].is_null());
        // Whoever has the former key is not let in with it again.
        assert_ne!(key(), before);
        db7.stop();
        db7.start_daemon();
        db7.antiphon(&["fleet", "check"]).done().says("Faults: 0.");
        // Nor if it stands where a join was cut short.
        let joining = db7.path(JOINING);
        assert!(!joining.exists());
        fs::write(&joining, &before).unwrap();
        fs::set_permissions(&joining, fs::Permissions::from_mode(0o600)).unwrap();
        fs::remove_file(db7.path(PINNED)).unwrap();
        antiphon(world, "hosts revoke db7").done();
        db7.antiphon(&["join", &token(world, "")]).done();
        assert_ne!(key(), before);
    });
}

#[test]
fn a_host_that_did_not_hear_that_it_has_joined_joins_with_the_same_token() {
    in_house(|world| {
        let _relay = relay(world);
        let token = token(world, "");
        let mut db7 = Computer::new(world, "db7", "127.0.0.2", HOST);
        db7.antiphon(&["join", &token]).done();
        // As it stands where the answer was lost.
        let (key, joining) = (db7.path("/etc/antiphon/fleet/host.key"), db7.path(JOINING));
        fs::rename(&key, &joining).unwrap();
        fs::set_permissions(&joining, fs::Permissions::from_mode(0o600)).unwrap();
        chown(&joining, Some(0), Some(0)).unwrap();
        fs::remove_file(db7.path("/etc/antiphon/fleet/host.pem")).unwrap();
        fs::remove_file(db7.path(PINNED)).unwrap();
        let before = fs::read(&joining).unwrap();
        db7.antiphon(&["join", &token]).done();
        assert_eq!(fs::read(&key).unwrap(), before);
        assert!(!joining.exists());
        db7.start_daemon();
        db7.antiphon(&["fleet", "check"]).done();
        // And nobody else.
        let web1 = Computer::new(world, "web1", "127.0.0.3", HOST);
        web1.antiphon(&["join", &token]).failed(65, "used up");
        web1.antiphon(&["join", &token, "--name", "db7"])
            .failed(65, "used up");
    });
}
