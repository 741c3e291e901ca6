//! A folder in which another could have put a record or a state is not read, nor any below it. Only the absence of
//! the file itself, in a folder that is trusted, is no record.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use antiphon_tests::{Enrolled, PamHost, World, in_world};

use crate::unusable::{is_refused, is_refused_when, signs_in};

/// Breaks `folder` in every way in which another could have a hand in it, and holds that it refuses sign-ins because
/// of `what`, and that the log names the folder and the fix.
fn is_watched(world: &World, alice: &Enrolled, folder: &Path, what: &str) {
    let name = folder.to_str().unwrap();
    let refused = |words: &[&str]| is_refused(world, alice, what, words);
    let found = fs::metadata(folder).unwrap();
    let mode = found.mode() & 0o7777;
    for open in [mode | 0o020, mode | 0o002, 0o1777] {
        fs::set_permissions(folder, Permissions::from_mode(open)).unwrap();
        let fix = format!("chmod {:04o} {name}", open & !0o022);
        refused(&["lets others in", &fix]);
    }
    fs::set_permissions(folder, Permissions::from_mode(mode)).unwrap();

    chown(folder, Some(1000), None).unwrap();
    let fix = format!("belongs to user id 1000; run: chown root {name}");
    refused(&[&fix]);
    chown(folder, Some(0), Some(found.gid())).unwrap();

    // The very same folder by another way, and none at all.
    let aside = folder.with_file_name("aside");
    fs::rename(folder, &aside).unwrap();
    for target in [aside.as_path(), Path::new("/nowhere")] {
        symlink(target, folder).unwrap();
        refused(&[&format!("{name}: is a symbolic link")]);
        fs::remove_file(folder).unwrap();
    }
    fs::write(folder, "").unwrap();
    let no_folder = format!("{name}: Not a directory; put it in its place");
    refused(&[&no_folder]);
    fs::remove_file(folder).unwrap();
    fs::rename(&aside, folder).unwrap();
}

/// Alice's record and state, in folders with two more above them that are not the usual ones.
fn elsewhere(world: &World) -> PathBuf {
    let top = world.folder().join("elsewhere");
    for (key, from) in [
        ("users", "/etc/antiphon/users"),
        ("state", "/var/lib/antiphon/state"),
        ("activity", "/var/lib/antiphon/activity"),
    ] {
        let folder = top.join("deeper").join(key);
        fs::create_dir_all(&folder).unwrap();
        for file in fs::read_dir(from).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), folder.join(file.file_name())).unwrap();
        }
        fs::remove_dir_all(from).unwrap();
    }
    let deeper = top.join("deeper");
    let deeper = deeper.display();
    world.configure(&format!(
        "unenrolled = \"allow\"\n[paths]\nusers = \"{deeper}/users\"\nstate = \"{deeper}/state\"\n\
         activity = \"{deeper}/activity\"\n"
    ));
    top
}

#[test]
fn records_are_not_read_from_a_folder_that_another_has_a_hand_in() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        world.configure("unenrolled = \"allow\"\n");
        is_watched(world, &alice, Path::new("/etc/antiphon/users"), "record");
        // With it the configuration is another's too.
        for mode in [0o777, 0o775] {
            fs::set_permissions("/etc/antiphon", Permissions::from_mode(mode)).unwrap();
            let fix = "run: chmod 0755 /etc/antiphon";
            is_refused(world, &alice, "config", &[fix]);
        }
        fs::set_permissions("/etc/antiphon", Permissions::from_mode(0o755)).unwrap();
        signs_in(world, &alice);
    });
}

#[test]
fn a_folder_that_is_missing_makes_nobody_unenrolled_and_is_no_reason_to_begin_a_state_afresh() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        world.configure("unenrolled = \"allow\"\n");
        for (folder, what) in [
            ("/etc/antiphon/users", "record"),
            ("/var/lib/antiphon/state", "state"),
        ] {
            let aside = format!("{folder}.old");
            fs::rename(folder, &aside).unwrap();
            let missing = format!("{folder}: No such file or directory; put it in its place");
            is_refused(world, &alice, what, &[&missing]);
            assert!(!Path::new(folder).exists());
            fs::rename(aside, folder).unwrap();
        }
        signs_in(world, &alice);
    });
}

#[test]
fn each_folder_on_the_way_to_the_records_is_looked_at_wherever_they_stand() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        let top = elsewhere(world);
        for folder in [top.clone(), top.join("deeper"), top.join("deeper/users")] {
            is_watched(world, &alice, &folder, "record");
        }
        signs_in(world, &alice);
    });
}

#[test]
fn each_folder_on_the_way_to_the_states_is_looked_at_wherever_they_stand() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        is_watched(world, &alice, Path::new("/var/lib/antiphon/state"), "state");
        let top = elsewhere(world);
        is_watched(world, &alice, &top.join("deeper/state"), "state");
        signs_in(world, &alice);
    });
}

#[test]
fn a_program_that_is_not_root_is_said_to_be_none() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        for hidden in ["/etc/antiphon/users", "/etc/antiphon"] {
            fs::set_permissions(hidden, Permissions::from_mode(0o700)).unwrap();
            let mut command = world.command("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
            command.arg(&world.product().pam_host);
            let host = PamHost::started_by(command, "antiphon-alone", "alice");
            let words = ["runs as user id 65534", "needs one that runs as root"];
            is_refused_when(host, (world, &alice), "not-root", &words);
        }
    });
}
