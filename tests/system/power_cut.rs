//! A power cut right after the answer: what the person or the log has seen is on the disk.
//!
//! The disk is the image of an ext4 file system with a journal, mounted by a loop device. Copied at once, the image has
//! what the file system had handed down, and nothing of what it still held in memory: as after a cut. The copy is
//! mounted again, its journal is played back, and the next sign-in is on that.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use antiphon_tests::{Enrolled, PamHost, Played, World, in_world};
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

fn answers(world: &World, name: &str, answer: &str) -> Played {
    let host = PamHost::new(world, name);
    host.answer(answer).answer(answer).answer(answer).play()
}

fn enrol(world: &World, name: &str) -> Enrolled {
    let mut enrolled = world.enrol(name);
    enrolled.set_period(300);
    enrolled
}

#[test]
fn a_code_accepted_before_a_power_cut_is_refused_after_it_and_nobody_is_locked_out() {
    in_world(|world| {
        let disk = Disk::new(world);
        let mut alice = enrol(world, "alice");
        let mut bob = enrol(world, "bob");
        for round in 0..ROUNDS {
            alice.change(|_| {});
            bob.change(|_| {});
            disk.settle();
            let code = alice.code();
            assert_eq!(answers(world, "alice", &code).result(), "PAM_SUCCESS");
            disk.cut(|| {
                let again = answers(world, "alice", &code);
                assert_eq!(again.result(), "PAM_AUTH_ERR", "{round}: {again:#?}");
                let next = answers(world, "alice", &alice.code_in(1));
                assert_eq!(next.result(), "PAM_SUCCESS", "{round}: {next:#?}");
                assert_eq!(answers(world, "bob", &bob.code()).result(), "PAM_SUCCESS");
            });
        }
    });
}

#[test]
fn a_recovery_code_accepted_before_a_power_cut_is_refused_after_it_and_the_others_are_not() {
    in_world(|world| {
        let disk = Disk::new(world);
        let alice = enrol(world, "alice");
        disk.settle();
        for (used, next) in alice.recovery.iter().zip(&alice.recovery[1..]) {
            assert_eq!(answers(world, "alice", used).result(), "PAM_SUCCESS");
            disk.cut(|| {
                let again = answers(world, "alice", used);
                assert_eq!(again.result(), "PAM_AUTH_ERR", "{again:#?}");
                assert_eq!(answers(world, "alice", next).result(), "PAM_SUCCESS");
            });
        }
    });
}

#[test]
fn wrong_codes_and_the_lock_that_they_brought_outlast_a_power_cut() {
    in_world(|world| {
        world.configure("[throttle]\nfirst_lock = 600\n");
        let disk = Disk::new(world);
        let alice = enrol(world, "alice");
        disk.settle();
        let wrong = alice.wrong_code();
        assert_eq!(answers(world, "alice", &wrong).result(), "PAM_AUTH_ERR");
        disk.cut(|| {
            // Three were counted before the cut: these are the fourth and the fifth.
            let played = answers(world, "alice", &wrong);
            assert_eq!(played.result(), "PAM_MAXTRIES", "{played:#?}");
        });
        assert_eq!(answers(world, "alice", &wrong).result(), "PAM_MAXTRIES");
        disk.cut(|| {
            let played = answers(world, "alice", &alice.code());
            assert_eq!(played.result(), "PAM_MAXTRIES", "{played:#?}");
        });
    });
}

#[test]
fn a_state_made_anew_before_a_power_cut_is_there_after_it() {
    in_world(|world| {
        let disk = Disk::new(world);
        let alice = enrol(world, "alice");
        fs::remove_file(world.state_path("alice")).unwrap();
        disk.settle();
        let code = alice.code();
        assert_eq!(answers(world, "alice", &code).result(), "PAM_AUTH_ERR");
        let state = world.state("alice");
        disk.cut(|| {
            assert_eq!(world.state("alice"), state);
            assert_eq!(answers(world, "alice", &code).result(), "PAM_AUTH_ERR");
        });
    });
}

#[test]
fn who_was_enrolled_before_a_power_cut_is_enrolled_after_it() {
    in_world(|world| {
        world.configure("[paths]\nusers = \"/var/lib/antiphon/users\"\n");
        let disk = Disk::new(world);
        disk.settle();
        let mut command = world.command(&world.product().command);
        let output = command
            .args(["--json", "enroll", "alice", "--no-confirm"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let shown: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        disk.cut(|| {
            for (times, result) in [(0, "PAM_SUCCESS"), (1, "PAM_AUTH_ERR")] {
                let code = shown["recovery_codes"][9].as_str().unwrap();
                let played = answers(world, "alice", code);
                assert_eq!(played.result(), result, "{times}: {played:#?}");
            }
        });
    });
}
