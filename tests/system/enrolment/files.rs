//! The folder of unfinished enrolments, and what happens where files cannot be written or trusted.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;

use antiphon_core::record::CodeSecret;
use antiphon_tests::{PamHost, Played, World, in_world};

use super::{OPEN_TO_SCRIPTS, PENDING, begun, code_in, has_record, pending, script, write_secret};
use crate::full_disk::mount;

fn play(world: &World, begun: &CodeSecret) -> Played {
    script(PamHost::new(world, "alice"), begun).play()
}

/// Who is refused is told nothing of files, and the log's detail has `words`.
fn is_unusable(world: &World, played: &Played, what: &str, words: &str) {
    assert_eq!(played.result(), "PAM_AUTHINFO_UNAVAIL", "{played:#?}");
    assert!(!has_record(world, "alice"));
    let line = world.ended(&format!("unusable reason={what} user=alice"));
    assert!(line.contains(words), "{words} in {line}");
}

#[test]
fn what_was_begun_more_than_ten_minutes_ago_is_void_and_goes_with_the_next_enrolment_of_anybody() {
    in_world(|world| {
        world.configure(OPEN_TO_SCRIPTS);
        for name in ["alice", "bob"] {
            let secret = begun(name, 600);
            assert_eq!(pending().len(), 1);
            let code = code_in(&secret, 0);
            let played = world.sign_in("alice", [code], "PAM_ABORT");
            // Another secret is shown, so that the old one's code is wrong.
            let said = &played.texts()[1];
            assert!(said.contains("not what the app should show"), "{said}");
            assert!(!has_record(world, "alice"));
            let left = [Path::new(PENDING).join("alice")];
            assert_eq!(pending(), left, "{name}'s is gone");
            fs::remove_dir_all(PENDING).unwrap();
        }
        // Cut off by a crash; and what is not ours stays.
        for (content, stays) in [
            ("", false),
            ("antiphon pend", false),
            ("somebody else's\n", true),
        ] {
            let path = Path::new(PENDING).join("carol");
            write_secret(&path, content.as_bytes());
            let old = std::time::SystemTime::now() - std::time::Duration::from_secs(700);
            File::options()
                .write(true)
                .open(&path)
                .unwrap()
                .set_modified(old)
                .unwrap();
            let _ = PamHost::new(world, "alice").play();
            assert_eq!(path.exists(), stays, "{content:?}");
        }
    });
}

#[test]
fn what_is_void_and_a_callers_limit_keeps_from_being_wiped_stays_for_the_next() {
    in_world(|world| {
        world.configure(OPEN_TO_SCRIPTS);
        let _ = begun("bob", 600);
        let path = Path::new(PENDING).join("bob");
        let before = fs::read(&path).unwrap();
        let mut limited = world.command("prlimit");
        limited.arg("--fsize=0").arg(&world.product().pam_host);
        let played = PamHost::started_by(limited, "antiphon-alone", "alice").play();
        assert!(played.succeeded, "killed: {played:#?}");
        is_unusable(world, &played, "pending", "(ulimit -f)");
        assert_eq!(fs::read(&path).unwrap(), before);
        let _ = PamHost::new(world, "alice").play();
        assert!(!path.exists());
    });
}

#[test]
fn a_folder_or_file_that_is_not_roots_alone_ends_it() {
    in_world(|world| {
        world.configure(OPEN_TO_SCRIPTS);
        let secret = begun("alice", 60);
        let file = Path::new(PENDING).join("alice");
        let mode = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        let refused = |what: &str, words: &str| {
            is_unusable(world, &play(world, &secret), what, words);
        };
        mode(Path::new(PENDING), 0o777);
        let folder = "pending: mode 0777 lets others in; run: chmod 0755";
        refused("pending", folder);
        mode(Path::new(PENDING), 0o700);
        mode(&file, 0o640);
        refused("pending", "pending/alice: mode 0640 lets others in");
        mode(&file, 0o600);
        chown(&file, Some(1000), None).unwrap();
        refused("pending", "belongs to user id 1000");
        fs::remove_file(&file).unwrap();
        symlink("/etc/shadow", &file).unwrap();
        refused("pending", "is a symbolic link");
        fs::remove_file(&file).unwrap();
        nix::unistd::mkfifo(&file, nix::sys::stat::Mode::S_IRWXU).unwrap();
        refused("pending", "is not a regular file");
        fs::remove_dir_all(PENDING).unwrap();
        symlink("/tmp", PENDING).unwrap();
        refused("pending", "is a symbolic link");
        fs::remove_file(PENDING).unwrap();
        let shadow = fs::read_to_string("/etc/shadow").unwrap();
        assert!(shadow.contains("alice"));
        // The folders of records and states are looked at as ever.
        let secret = begun("alice", 60);
        mode(Path::new("/var/lib/antiphon/state"), 0o770);
        is_unusable(world, &play(world, &secret), "state", "mode 0770");
        mode(Path::new("/var/lib/antiphon/state"), 0o700);
        // That code was right, and so is used.
        let secret = begun("alice", 60);
        assert_eq!(play(world, &secret).result(), "PAM_SUCCESS");
    });
}

#[test]
fn on_a_full_disk_nobody_is_enrolled_and_nothing_is_left() {
    in_world(|world| {
        world.configure(OPEN_TO_SCRIPTS);
        for (folder, what) in [
            (PENDING, "pending"),
            ("/var/lib/antiphon/state", "state"),
            ("/etc/antiphon/users", "record"),
        ] {
            let secret = begun("alice", 60);
            if folder == PENDING {
                fs::remove_file(Path::new(PENDING).join("alice")).unwrap();
            }
            let small = ["-t", "tmpfs", "-o", "size=16k,mode=700", "small", folder];
            mount(world, &small);
            let ballast = Path::new(folder).join(".ballast");
            let mut file = File::create(&ballast).unwrap();
            while file.write_all(&[0xff; 512]).is_ok() {}
            let full = "No space left on device; free some space there";
            is_unusable(world, &play(world, &secret), what, full);
            drop(file);
            fs::remove_file(&ballast).unwrap();
            let left: Vec<_> = fs::read_dir(folder).unwrap().collect();
            assert!(left.is_empty(), "{what}: {left:?}");
            assert!(world.state("alice").is_none(), "{what}");
            let status = world.command("umount").arg(folder).status().unwrap();
            assert!(status.success());
        }
        let secret = begun("alice", 60);
        assert_eq!(play(world, &secret).result(), "PAM_SUCCESS");
    });
}
