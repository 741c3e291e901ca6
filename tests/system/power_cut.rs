//! A power cut right after the answer: what the person or the log has seen is on the disk.
//!
//! The disk is the image of an ext4 file system with a journal, mounted by a loop device. Copied at once, the image has
//! what the file system had handed down, and nothing of what it still held in memory: as after a cut. The copy is
//! mounted again, its journal is played back, and the next sign-in is on that.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use antiphon_tests::{World, in_world};
use nix::sys::stat::{Mode, SFlag, makedev, mknod};

const ROUNDS: usize = 20;

/// A file system in an image, mounted where the product keeps state and activity.
struct Disk<'w> {
    world: &'w World,
    image: PathBuf,
    copy: PathBuf,
}

impl<'w> Disk<'w> {
    fn new(world: &'w World) -> Self {
        for number in 0..64 {
            let node = format!("/dev/loop{number}");
            let mode = Mode::S_IRUSR | Mode::S_IWUSR;
            mknod(node.as_str(), SFlag::S_IFBLK, mode, makedev(7, number)).unwrap();
        }
        let control = makedev(10, 237);
        mknod(
            "/dev/loop-control",
            SFlag::S_IFCHR,
            Mode::S_IRUSR | Mode::S_IWUSR,
            control,
        )
        .unwrap();
        let [image, copy] = ["disk", "copy"].map(|name| world.folder().join(name));
        fs::File::create(&image).unwrap().set_len(16 << 20).unwrap();
        let disk = Self { world, image, copy };
        let image = disk.image.to_str().unwrap();
        disk.run(
            "mkfs.ext4",
            &["-q", "-F", "-b", "4096", "-J", "size=4", image],
        );
        disk.mount(image);
        for (folder, mode) in [("", 0o755), ("state", 0o700), ("activity", 0o750)] {
            let path = PathBuf::from("/var/lib/antiphon").join(folder);
            let _ = fs::create_dir(&path);
            fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        }
        disk
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let status = self.world.command(program).args(arguments).status();
        let status = status.unwrap_or_else(|error| panic!("{program}: {error}"));
        assert!(status.success(), "{program} {arguments:?}: {status}");
    }

    /// Over what was there. The loop device goes with the mount, and the mount at the latest with this world.
    fn mount(&self, image: &str) {
        self.run(
            "mount",
            &[
                "-t",
                "ext4",
                "-o",
                "loop,data=ordered",
                image,
                "/var/lib/antiphon",
            ],
        );
    }

    /// What was written before a test begins is there: only what happens in it is at stake.
    fn settle(&self) {
        self.run("sync", &["-f", "/var/lib/antiphon"]);
    }

    /// Cuts the power, and lets `then` happen after it. Afterwards all is as if there had been no cut.
    fn cut(&self, then: impl FnOnce()) {
        fs::copy(&self.image, &self.copy).unwrap();
        self.mount(self.copy.to_str().unwrap());
        then();
        self.run("umount", &["/var/lib/antiphon"]);
    }
}

#[test]
fn a_code_accepted_before_a_power_cut_is_refused_after_it_and_nobody_is_locked_out() {
    in_world(|world| {
        let disk = Disk::new(world);
        let mut alice = world.enrol_with_long_codes("alice");
        let mut bob = world.enrol_with_long_codes("bob");
        for _ in 0..ROUNDS {
            alice.change(|_| {});
            bob.change(|_| {});
            disk.settle();
            let code = alice.code();
            world.sign_in("alice", [&code], "PAM_SUCCESS");
            disk.cut(|| {
                world.sign_in("alice", [&code; 3], "PAM_AUTH_ERR");
                world.sign_in("alice", [alice.code_in(1)], "PAM_SUCCESS");
                world.sign_in("bob", [bob.code()], "PAM_SUCCESS");
            });
        }
    });
}

#[test]
fn a_recovery_code_accepted_before_a_power_cut_is_refused_after_it_and_the_others_are_not() {
    in_world(|world| {
        let disk = Disk::new(world);
        let alice = world.enrol_with_long_codes("alice");
        disk.settle();
        for (used, next) in alice.recovery.iter().zip(&alice.recovery[1..]) {
            world.sign_in("alice", [used], "PAM_SUCCESS");
            disk.cut(|| {
                world.sign_in("alice", [used; 3], "PAM_AUTH_ERR");
                world.sign_in("alice", [next], "PAM_SUCCESS");
            });
        }
    });
}

#[test]
fn wrong_codes_and_the_lock_that_they_brought_outlast_a_power_cut() {
    in_world(|world| {
        world.configure("[throttle]\nfirst_lock = 600\n");
        let disk = Disk::new(world);
        let alice = world.enrol_with_long_codes("alice");
        disk.settle();
        let wrong = alice.wrong_code();
        world.sign_in("alice", [&wrong; 3], "PAM_AUTH_ERR");
        disk.cut(|| {
            // Three were counted before the cut: these are the fourth and the fifth.
            world.sign_in("alice", [&wrong; 3], "PAM_MAXTRIES");
        });
        world.sign_in("alice", [&wrong; 3], "PAM_MAXTRIES");
        disk.cut(|| {
            world.sign_in("alice", [alice.code()], "PAM_MAXTRIES");
        });
    });
}

#[test]
fn a_state_made_anew_before_a_power_cut_is_there_after_it() {
    in_world(|world| {
        let disk = Disk::new(world);
        let alice = world.enrol_with_long_codes("alice");
        fs::remove_file(world.state_path("alice")).unwrap();
        disk.settle();
        let code = alice.code();
        world.sign_in("alice", [&code; 3], "PAM_AUTH_ERR");
        let state = world.state("alice");
        disk.cut(|| {
            assert_eq!(world.state("alice"), state);
            world.sign_in("alice", [&code; 3], "PAM_AUTH_ERR");
        });
    });
}

#[test]
fn who_was_enrolled_before_a_power_cut_is_enrolled_after_it() {
    in_world(|world| {
        world.configure("[paths]\nusers = \"/var/lib/antiphon/users\"\n");
        let disk = Disk::new(world);
        disk.settle();
        let printed = world.antiphon(&["--json", "enroll", "alice", "--no-confirm"]);
        let shown: serde_json::Value = serde_json::from_str(&printed).unwrap();
        let code = shown["recovery_codes"][9].as_str().unwrap();
        disk.cut(|| {
            world.sign_in("alice", [code], "PAM_SUCCESS");
            world.sign_in("alice", [code; 3], "PAM_AUTH_ERR");
        });
    });
}
