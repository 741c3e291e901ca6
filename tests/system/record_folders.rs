//! A folder in which another could have put a record or a state is not read, nor any below it. Only the absence of
//! the file itself, in a folder that is trusted, is no record.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use antiphon_tests::{Enrolled, PamHost, World, in_world};

use crate::unusable::{is_refused, is_refused_when, signs_in};

/// Alice, with a code that outlasts the test.
fn alice(world: &World) -> Enrolled {
    let mut alice = world.enrol("alice");
    alice.set_period(300);
    alice
}

/// Breaks `folder` in every way in which another could have a hand in it, and holds that it refuses sign-ins because
/// of `what`, and that the log names the folder and the fix.
fn is_watched(world: &World, alice: &Enrolled, folder: &Path, what: &str) {
    let name = folder.to_str().unwrap();
    let mode = fs::metadata(folder).unwrap().permissions().mode() & 0o7777;
    for open in [mode | 0o020, mode | 0o002, 0o1777] {
        fs::set_permissions(folder, Permissions::from_mode(open)).unwrap();
        let fix = format!("chmod {:04o} {name}", open & !0o022);
        is_refused(world, alice, what, &["lets others in", &fix]);
    }
    fs::set_permissions(folder, Permissions::from_mode(mode)).unwrap();

    let group = fs::metadata(folder).unwrap();
    let group = std::os::unix::fs::MetadataExt::gid(&group);
    chown(folder, Some(1000), None).unwrap();
    let fix = format!("belongs to user id 1000; run: chown root {name}");
    is_refused(world, alice, what, &[&fix]);
    chown(folder, Some(0), Some(group)).unwrap();

    // The very same folder by another way, and none at all.
    let aside = folder.with_file_name("aside");
    fs::rename(folder, &aside).unwrap();
    for target in [aside.as_path(), Path::new("/nowhere")] {
        symlink(target, folder).unwrap();
        is_refused(
            world,
            alice,
            what,
            &[&format!("{name}: is a symbolic link")],
        );
        fs::remove_file(folder).unwrap();
    }
    fs::write(folder, "").unwrap();
    is_refused(
        world,
        alice,
        what,
        &[&format!("{name}: Not a directory; put it in its place")],
    );
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
        let alice = alice(world);
        world.configure("unenrolled = \"allow\"\n");
        is_watched(world, &alice, Path::new("/etc/antiphon/users"), "record");
        // With it the configuration is another's too.
        for (mode, refusal) in [(0o777, "config"), (0o775, "config")] {
            fs::set_permissions("/etc/antiphon", Permissions::from_mode(mode)).unwrap();
            let fix = "run: chmod 0755 /etc/antiphon";
            is_refused(world, &alice, refusal, &[fix]);
        }
        fs::set_permissions("/etc/antiphon", Permissions::from_mode(0o755)).unwrap();
        signs_in(world, &alice);
    });
}

#[test]
fn a_folder_of_records_that_is_missing_does_not_make_everybody_unenrolled() {
    in_world(|world| {
        let alice = alice(world);
        world.configure("unenrolled = \"allow\"\n");
        fs::rename("/etc/antiphon/users", "/etc/antiphon/users.old").unwrap();
        let missing = "/etc/antiphon/users: No such file or directory; put it in its place";
        is_refused(world, &alice, "record", &[missing]);
        fs::rename("/etc/antiphon/users.old", "/etc/antiphon/users").unwrap();
        signs_in(world, &alice);
    });
}

#[test]
fn each_folder_on_the_way_to_the_records_is_looked_at_wherever_they_stand() {
    in_world(|world| {
        let alice = alice(world);
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
        let alice = alice(world);
        is_watched(world, &alice, Path::new("/var/lib/antiphon/state"), "state");
        let top = elsewhere(world);
        is_watched(world, &alice, &top.join("deeper/state"), "state");
        signs_in(world, &alice);
    });
}

#[test]
fn a_folder_of_states_that_is_missing_is_no_reason_to_begin_afresh() {
    in_world(|world| {
        let alice = alice(world);
        fs::rename("/var/lib/antiphon/state", "/var/lib/antiphon/old").unwrap();
        let missing = "/var/lib/antiphon/state: No such file or directory; put it in its place";
        is_refused(world, &alice, "state", &[missing]);
        assert!(!Path::new("/var/lib/antiphon/state").exists());
        fs::rename("/var/lib/antiphon/old", "/var/lib/antiphon/state").unwrap();
        signs_in(world, &alice);
    });
}

#[test]
fn a_program_that_is_not_root_is_said_to_be_none() {
    in_world(|world| {
        let alice = alice(world);
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
