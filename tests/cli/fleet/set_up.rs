//! `antiphon fleet init`, `status` and `check`.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use nix::unistd::Group;

use super::{INIT, RELAY, relay};
use crate::Daemon;
use crate::command::antiphon;
use crate::daemon::in_house;

const FOLDER: &str = "/etc/antiphon/fleet";
const PINNED: &str = "/etc/antiphon/fleet.toml";
const ROOT_KEY: &str = "/root/root.key";

#[test]
fn keys_are_roots_or_the_daemons_and_the_root_key_is_in_its_file_alone() {
    in_house(|world| {
        antiphon(world, INIT).done().says("lock both away");
        let daemon = Group::from_name("antiphon").unwrap().unwrap().gid.as_raw();
        for (name, mode, group) in [
            ("ca.pem", 0o644, 0),
            ("ca.key", 0o640, daemon),
            ("host.pem", 0o644, 0),
            ("host.key", 0o640, daemon),
            ("keys", 0o644, 0),
            ("records.key", 0o600, 0),
        ] {
            let metadata = fs::metadata(format!("{FOLDER}/{name}")).unwrap();
            let found = (metadata.mode() & 0o7777, metadata.uid(), metadata.gid());
            assert_eq!(found, (mode, 0, group), "{name}");
        }
        assert_eq!(fs::read_dir(FOLDER).unwrap().count(), 6);
        assert_eq!(fs::metadata(ROOT_KEY).unwrap().mode() & 0o7777, 0o600);
        let root = fs::read_to_string(ROOT_KEY).unwrap();
        for entry in fs::read_dir(FOLDER).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            assert!(!text.contains(root.lines().nth(1).unwrap()));
        }
    });
}

#[test]
fn what_is_set_up_is_not_changed_and_what_was_cut_short_is_done_again() {
    in_house(|world| {
        antiphon(world, INIT).done();
        let before = fs::read_to_string(PINNED).unwrap();
        antiphon(world, INIT).done().says("nothing was changed");
        antiphon(world, &INIT.replace("example", "other")).failed(73, "is 127.0.0.1 of the fleet");
        assert_eq!(fs::read_to_string(PINNED).unwrap(), before);
        // As if it had been killed before the last file: the root key that there is stays.
        fs::remove_file(PINNED).unwrap();
        let root = fs::read(ROOT_KEY).unwrap();
        antiphon(world, INIT).done();
        assert_eq!(fs::read(ROOT_KEY).unwrap(), root);
        assert_eq!(fs::read_to_string(PINNED).unwrap(), before);
    });
}

#[test]
fn what_makes_no_fleet_is_refused_with_what_to_do() {
    in_house(|world| {
        let init = |options: &str| antiphon(world, &format!("fleet init {options}"));
        init("Example --relay relay1 --root-key /root/k").failed(65, "small letters");
        init("example --relay re_lay1 --root-key /root/k").failed(65, "a relay must be");
        init("example --relay relay1 --root-key /media/usb/k").failed(73, "mount the disk");
        init("example --relay relay1").failed(64, "--root-key");
        fs::write("/root/k", "no key").unwrap();
        init("example --relay relay1 --root-key /root/k").failed(65, "no P-256 key");
        assert!(!std::path::Path::new(PINNED).exists());
        for command in ["fleet token", "fleet renew", "fleet check", "fleet status"] {
            antiphon(world, command).failed(78, "in no fleet");
        }
        // Without the relay's daemon nobody is let in.
        antiphon(world, INIT).done();
        antiphon(world, "fleet token").failed(69, "systemctl status antiphond");
        antiphon(world, "hosts").failed(69, "systemctl status antiphond");
        // Nor by one that is none.
        let _daemon = Daemon::start(world, "");
        antiphon(world, "hosts").failed(78, "[relay] must stand in antiphon.toml");
    });
}

#[test]
fn status_and_check_tell_how_this_computer_stands() {
    in_house(|world| {
        let relay = relay(world);
        let status = antiphon(world, "fleet status --json").done().object();
        assert_eq!(status["fleet"], "example");
        assert_eq!(status["host"], "127.0.0.1");
        assert_eq!(
            status["roles"],
            serde_json::json!(["relay", "enrol", "authority"])
        );
        assert_eq!(status["relays"], serde_json::json!(["127.0.0.1:8471"]));
        antiphon(world, "fleet status")
            .done()
            .says("an enrolment host");
        antiphon(world, "fleet check").done().says("Faults: 0.");
        antiphon(world, "check").done();
        let key = format!("{FOLDER}/ca.key");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        antiphon(world, "fleet check").exits(78).says("chmod o= ");
        antiphon(world, "check").exits(78).says("chmod o= ");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        antiphon(world, "fleet check")
            .exits(78)
            .says("antiphond cannot read it");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
        relay.terminate();
        antiphon(world, "fleet check")
            .exits(78)
            .says("systemctl restart antiphond");
        world.configure("");
        antiphon(world, "check")
            .done()
            .says("neither [fleet] nor [relay]");
        world.configure(&format!("unenrolled = \"allow\"\n[fleet]\n{RELAY}"));
        antiphon(world, "check").exits(78).says("unenrolled");
    });
}

#[test]
fn another_relay_is_given_a_certificate_and_no_key_that_signs() {
    in_house(|world| {
        let _relay = relay(world);
        antiphon(world, "fleet relay relay2.example.org --out /root/relay2")
            .done()
            .says("ssh root@relay2.example.org");
        antiphon(world, "fleet relay relay2.example.org --out /root/relay2").failed(73, "exists");
        let mut names: Vec<String> = fs::read_dir("/root/relay2/fleet")
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort_unstable();
        assert_eq!(names, ["ca.pem", "host.key", "host.pem", "keys"]);
        assert_eq!(fs::metadata("/root/relay2").unwrap().mode() & 0o7777, 0o700);
        let relays = "relays = [\"127.0.0.1:8471\", \"relay2.example.org:8471\"]";
        let there = fs::read_to_string("/root/relay2/fleet.toml").unwrap();
        assert!(there.contains(relays) && there.contains("host = \"relay2.example.org\""));
        assert!(fs::read_to_string(PINNED).unwrap().contains(relays));
    });
}
