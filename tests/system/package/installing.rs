//! Installing makes the daemon's user and folders, and is all that happens: nobody is asked, and PAM and ssh stay as they
//! are.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use antiphon_tests::{World, in_world};

use super::{begin, done, run, seen};

const CONFIG: &str = "/etc/antiphon/antiphon.toml";
const SHIPPED: &str = include_str!("../../../conf/antiphon.toml");

/// A machine that has none of ours.
fn fresh(world: &World) {
    begin(world);
    done(
        world,
        "rm -rf /etc/antiphon /var/lib/antiphon; sed -i /^antiphon:/d /etc/passwd /etc/group /etc/shadow",
    );
}

fn install(world: &World, arguments: &[&str]) {
    let output = run(world, "postinst", arguments);
    assert!(output.status.success(), "{output:#?}");
}

#[test]
fn installing_makes_a_user_and_folders_and_leaves_pam_and_ssh_as_they_are() {
    in_world(|world| {
        fresh(world);
        let others = [
            "/etc/pam.d",
            "/etc/ssh",
            "/etc/systemd",
            "/etc/sudoers",
            "/var/lib/pam",
        ];
        let before = seen(&others);
        install(world, &["configure", ""]);
        let group = nix::unistd::Group::from_name("antiphon").unwrap().unwrap();
        for (path, mode, gid) in [
            ("/etc/antiphon", 0o755, 0),
            (CONFIG, 0o644, 0),
            ("/etc/antiphon/users", 0o700, 0),
            ("/var/lib/antiphon", 0o755, 0),
            ("/var/lib/antiphon/state", 0o700, 0),
            ("/var/lib/antiphon/pending", 0o700, 0),
            ("/var/lib/antiphon/activity", 0o750, group.gid.as_raw()),
            ("/run/antiphon-marks", 0o700, 0),
        ] {
            let about = fs::metadata(path).unwrap();
            assert_eq!(
                (about.uid(), about.gid(), about.mode() & 0o7777),
                (0, gid, mode),
                "{path}"
            );
        }
        assert_eq!(fs::read_to_string(CONFIG).unwrap(), SHIPPED);
        assert_eq!(seen(&others), before);
        // And again; rpm's words last.
        let all = seen(&["/etc", "/var/lib/antiphon"]);
        for arguments in [
            &["configure", "0.1.0"][..],
            &["abort-remove"],
            &["1"],
            &["2"],
        ] {
            install(world, arguments);
        }
        assert_eq!(seen(&["/etc", "/var/lib/antiphon"]), all);
    });
}

#[test]
fn the_configuration_is_the_administrators_from_then_on() {
    in_world(|world| {
        fresh(world);
        install(world, &["configure", ""]);
        fs::write(CONFIG, "mode = \"observe\"\n").unwrap();
        fs::set_permissions(CONFIG, fs::Permissions::from_mode(0o600)).unwrap();
        let mine = seen(&[CONFIG]);
        install(world, &["configure", "0.0.9"]);
        // Removed and installed anew, without a purge.
        install(world, &["configure", ""]);
        assert_eq!(seen(&[CONFIG]), mine);
        fs::remove_file(CONFIG).unwrap();
        install(world, &["configure", "0.0.9"]);
        assert!(!fs::exists(CONFIG).unwrap());
    });
}

#[test]
fn removing_keeps_who_is_enrolled_and_purging_keeps_nothing_of_ours_and_all_of_others() {
    in_world(|world| {
        fresh(world);
        let others = ["/etc", "/var/lib"];
        done(
            world,
            "mkdir -p /var/lib/antiphon-other; touch /var/lib/antiphon-other/file",
        );
        let before = seen(&others);
        install(world, &["configure", ""]);
        let _alice = world.enrol("alice");
        let installed = seen(&others);
        for arguments in [
            &["remove"][..],
            &["upgrade", "0.2.0"],
            &["abort-install"],
            &["1"],
        ] {
            assert!(run(world, "postrm", arguments).status.success());
            assert_eq!(seen(&others), installed, "{arguments:?}");
        }
        done(
            world,
            "mkdir /var/lib/antiphond; touch /var/lib/antiphond/antiphond.db",
        );
        assert!(run(world, "postrm", &["purge"]).status.success());
        let left: Vec<_> = seen(&others)
            .into_iter()
            .filter(|(path, is)| before.get(path) != Some(is))
            .map(|(path, _)| path.display().to_string())
            // The system's user stays, as with other packages: its id must not become another's.
            .filter(|path| !path.starts_with("/etc/group") && !path.starts_with("/etc/passwd"))
            .filter(|path| !path.starts_with("/etc/shadow") && !path.starts_with("/etc/gshadow"))
            .filter(|path| !["/etc", "/etc/.pwd.lock", "/var/lib"].contains(&path.as_str()))
            .filter(|path| !path.starts_with("/var/lib/systemd"))
            .collect();
        assert_eq!(left, <[String; 0]>::default());
        assert!(!fs::exists("/run/antiphon-marks").unwrap());
    });
}
