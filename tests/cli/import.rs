//! Secrets taken over from other modules: nothing is used twice, nothing of theirs changes, and nothing that a person puts
//! in their home reaches further than the person.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::PathBuf;

use antiphon_core::record::CodeSecret;
use antiphon_tests::{PamHost, World, in_world};

use crate::command::{
    Said, antiphon, antiphon_with, code_of, command, enroll, files, run, secret_of, sh,
};

const KEY: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const HEX: &str = "3132333435363738393031323334353637383930";
const FROM_HOMES: [&str; 4] = ["import", "google-authenticator", "--home", "--yes"];

fn secret() -> CodeSecret {
    secret_of(KEY)
}

/// The step of now, as a file of the other module names it.
fn step() -> u64 {
    let now = std::time::SystemTime::now();
    now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() / 30
}

/// The other module's file of `name`, who owns it.
fn put(world: &World, name: &str, text: &str) -> PathBuf {
    let path = world.home(name).join(".google_authenticator");
    let owner = fs::metadata(world.home(name)).unwrap().uid();
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    chown(&path, Some(owner), Some(owner)).unwrap();
    path
}

fn usual(used: &str) -> String {
    format!(
        "{KEY}\n\" RATE_LIMIT 3 30\n\" WINDOW_SIZE 17\n\" DISALLOW_REUSE{used}\n\" TOTP_AUTH\n24630605\n76670097\n"
    )
}

fn signs_in(world: &World, name: &str, answer: &str) -> bool {
    PamHost::new(world, name).answer(answer).play().result() == "PAM_SUCCESS"
}

#[test]
fn without_yes_it_is_only_shown_and_with_it_people_go_on_with_their_app() {
    in_world(|world| {
        let file = put(world, "alice", &usual(""));
        let before = (fs::read(&file).unwrap(), fs::metadata(&file).unwrap());
        let [words @ .., _] = FROM_HOMES;
        let said = antiphon_with(world, &words).done();
        for part in [
            "alice (/run/antiphon-tests/home/alice/.google_authenticator): a secret of 160 bits, 6 digits every 30 s",
            "its 2 emergency codes of 8 digits are not taken over",
            "its limit on sign-ins gives way to [throttle]",
            "a clock could be 240 s off there, and 30 s here",
            "1 can be imported, 0 left out. Nothing was written",
        ] {
            assert!(said.out.contains(part), "{part}: {said:#?}");
        }
        assert!(files(world).is_empty());
        assert!(!signs_in(world, "alice", &code_of(&secret(), 0)));

        antiphon_with(world, &FROM_HOMES)
            .done()
            .says("1 imported, 0 left out.");
        assert!(
            signs_in(world, "alice", &code_of(&secret(), 0)),
            "the very next code counts"
        );
        let after = fs::metadata(&file).unwrap();
        assert_eq!(before.0, fs::read(&file).unwrap());
        let stamps =
            |found: &fs::Metadata| (found.ino(), found.mode(), found.uid(), found.mtime_nsec());
        assert_eq!(stamps(&before.1), stamps(&after));
        // A second run finds nothing to do.
        let before = files(world);
        antiphon_with(world, &FROM_HOMES)
            .done()
            .says(".google_authenticator): has this secret already")
            .says("0 imported, 1 done before, 0 left out.");
        assert_eq!(files(world), before);
    });
}

#[test]
fn what_was_used_with_the_other_module_stays_used_here() {
    in_world(|world| {
        let now = step();
        put(world, "alice", &usual(&format!(" {} {now}", now - 1)));
        let code = code_of(&secret(), 0);
        let line = format!("HOTP/T30\tbob\t-\t{HEX}\t0\t{code}\t2026-11-29T18:00:00L\n");
        fs::write("/etc/users.oath", line).unwrap();
        antiphon_with(world, &FROM_HOMES).done();
        antiphon(world, "import oath /etc/users.oath --yes").done();
        for name in ["alice", "bob"] {
            assert!(!signs_in(world, name, &code), "{name}");
            assert!(signs_in(world, name, &code_of(&secret(), 30)), "{name}");
        }
    });
}

#[test]
fn a_line_of_the_log_says_who_was_imported_from_where_and_no_secret_is_shown() {
    in_world(|world| {
        put(world, "alice", &usual(""));
        let said = run(
            &mut command(world, &[&FROM_HOMES[..], &["--json"]].concat()),
            "",
        )
        .done();
        let person = said.object()["people"][0].clone();
        assert_eq!(
            (&person["user"], &person["outcome"], &person["bits"]),
            (&"alice".into(), &"imported".into(), &160.into())
        );
        let logged = world.log().lines().join("\n");
        let line = "outcome=imported reason=google-authenticator method=code user=alice by=root";
        assert!(logged.contains(line), "{logged}");
        let event = world.activity("alice").pop().unwrap();
        assert_eq!(
            (event.outcome.as_str(), event.service.as_str()),
            ("imported", "antiphon import")
        );
        for text in [logged, said.out, said.err] {
            assert!(
                !text.contains("GEZD") && !text.contains("24630605"),
                "{text}"
            );
        }
    });
}

#[test]
fn who_has_something_already_is_left_alone() {
    in_world(|world| {
        put(world, "alice", &usual(""));
        let _ = enroll(world, "alice");
        let before = files(world);
        antiphon_with(world, &FROM_HOMES)
            .exits(1)
            .says("alice")
            .says("has a record already");
        assert_eq!(files(world), before);
    });
}

/// What somebody puts in their home, in the words of a shell, and what is said of it.
const HOSTILE: [(&str, &str); 9] = [
    ("ln -s /root/.google_authenticator FILE", "symbolic link"),
    ("ln -s /dev/zero FILE", "symbolic link"),
    ("mkfifo FILE; chown alice FILE", "not a regular file"),
    ("mkdir FILE; chown alice FILE", "not a regular file"),
    (
        "cp /root/.google_authenticator FILE; chmod 644 FILE",
        "belongs to user id 0",
    ),
    (
        "cp /root/.google_authenticator FILE; chmod 600 FILE",
        "Permission denied",
    ),
    (
        "cp /root/.google_authenticator FILE; chown alice FILE; chmod 666 FILE",
        "can write to it",
    ),
    ("truncate -s 1G FILE; chown alice FILE", "larger than"),
    (
        "head -c 4000 /dev/urandom >FILE; chown alice FILE",
        "it is not text",
    ),
];

#[test]
fn whatever_lies_in_a_home_only_the_persons_own_file_is_read() {
    in_world(|world| {
        fs::write("/root/.google_authenticator", usual("")).unwrap();
        sh("chmod 600 /root/.google_authenticator");
        let file = world.home("alice").join(".google_authenticator");
        for (script, part) in HOSTILE {
            sh(&script.replace("FILE", file.to_str().unwrap()));
            let said = antiphon_with(world, &FROM_HOMES).exits(1);
            let line = said
                .out
                .lines()
                .find(|line| line.starts_with("alice "))
                .unwrap();
            assert!(line.contains(part), "{script}: {line}");
            assert!(!world.record_path("alice").exists(), "{script}");
            sh(&format!("rm -r {}", file.display()));
        }
    });
}

#[test]
fn a_home_behind_a_link_of_the_persons_own_opens_nothing_that_is_not_theirs() {
    in_world(|world| {
        put(world, "bob", &usual(""));
        // As where a home is a folder below one that the person may write to.
        let home = world.home("alice");
        symlink(world.home("bob"), home.join("below")).unwrap();
        sh(&format!(
            "sed -i 's|{0}:|{0}/below:|' /etc/passwd",
            home.display()
        ));
        let said = antiphon_with(world, &FROM_HOMES).done();
        assert!(!said.out.contains("alice"), "{said:#?}");
        assert!(world.record_path("bob").exists() && !world.record_path("alice").exists());
    });
}

#[test]
fn a_file_that_root_names_is_of_the_person_it_is_named_after() {
    in_world(|world| {
        sh("mkdir -m 700 /etc/secrets");
        for name in ["alice", "nobody-here"] {
            let path = format!("/etc/secrets/{name}");
            fs::write(&path, usual("")).unwrap();
            sh(&format!("chmod 600 {path}"));
        }
        let own = put(world, "bob", &usual(""));
        let own = own.to_str().unwrap();
        let words = [
            "import",
            "google-authenticator",
            "/etc/secrets/alice",
            "/etc/secrets/nobody-here",
            "/etc/secrets/gone",
            own,
            "--yes",
        ];
        antiphon_with(world, &words)
            .exits(1)
            .says("nobody-here (/etc/secrets/nobody-here): left out: nobody-here: the system knows no such user")
            .says("gone (/etc/secrets/gone): left out:")
            .says("2 imported, 2 left out.");
        for name in ["alice", "bob"] {
            assert!(signs_in(world, name, &code_of(&secret(), 0)), "{name}");
        }
        antiphon(world, "import google-authenticator").exits(64);
        antiphon(
            world,
            "import google-authenticator --home /etc/secrets/alice",
        )
        .exits(64);
    });
}

#[test]
fn the_users_file_is_read_line_by_line_and_what_it_has_of_counters_is_left_out() {
    in_world(|world| {
        let text = format!(
            "# users\nHOTP alice - {HEX} 5\nHOTP/T60/8 bob 1234 {HEX}\nHOTP/T30 nobody-here - {HEX}\nHOTP/T30 root\n"
        );
        fs::write("/etc/users.oath", text).unwrap();
        let said = antiphon(world, "import oath /etc/users.oath --yes").exits(1);
        for part in [
            "alice (/etc/users.oath, line 2): left out: its codes count sign-ins (HOTP)",
            "bob (/etc/users.oath, line 3): a secret of 160 bits, 8 digits every 60 s; its PIN is not taken over",
            "nobody-here (/etc/users.oath, line 4): left out:",
            "root (/etc/users.oath, line 5): left out: there is no secret in it",
            "1 imported, 3 left out.",
        ] {
            assert!(said.out.contains(part), "{part}: {said:#?}");
        }
        let record = fs::read_to_string(world.record_path("bob")).unwrap();
        assert!(record.contains("digits = 8") && record.contains("period = 60"));
        sh("chmod 666 /etc/users.oath");
        antiphon(world, "import oath /etc/users.oath --yes").failed(66, "can write to it");
        antiphon(world, "import oath /nowhere").failed(66, "No such file");
    });
}

#[test]
fn a_program_hands_lines_over_on_standard_input_and_a_second_time_nothing_changes() {
    in_world(|world| {
        let lines = format!("HOTP/T30/6 alice - {HEX}\nHOTP/T30/6 bob - 00\n");
        let handed = |words: &[&str]| {
            let words = [&["--json", "import", "oath", "-"], words].concat();
            run(&mut command(world, &words), &lines)
        };
        let outcomes = |said: &Said| {
            let object = said.object();
            let people = object["people"].as_array().unwrap().iter();
            let outcomes = people.map(|person| person["outcome"].as_str().unwrap().to_owned());
            outcomes.collect::<Vec<_>>()
        };
        let looked = handed(&[]).exits(1);
        assert_eq!(outcomes(&looked), ["ready", "left-out"]);
        assert!(files(world).is_empty());
        assert_eq!(
            outcomes(&handed(&["--yes"]).exits(1)),
            ["imported", "left-out"]
        );
        assert!(signs_in(world, "alice", &code_of(&secret(), 0)));
        let before = files(world);
        let again = handed(&["--yes"]).exits(1);
        assert_eq!(outcomes(&again), ["done-before", "left-out"]);
        assert_eq!(files(world), before);
        for text in [looked, again]
            .iter()
            .flat_map(|said| [&said.out, &said.err])
        {
            assert!(!text.contains(HEX) && !text.contains(KEY), "{text}");
        }
        // Another secret than that of the record is not taken silently.
        let other = format!("HOTP/T30/6 alice - {}\n", "ab".repeat(20));
        run(
            &mut command(world, &["import", "oath", "-", "--yes"]),
            &other,
        )
        .exits(1)
        .says("has a record already, which stays as it is");
        assert_eq!(files(world), before);
    });
}

/// Runs it with `tampering` at its system calls, in the words of `strace --inject`.
fn tampered(world: &World, tampering: &str) -> Said {
    let mut strace = world.command("strace");
    // The command alone, and not getent, which it asks.
    strace.args(["-o", "/dev/null", &format!("--inject={tampering}")]);
    strace.arg(&world.product().command);
    run(strace.args(FROM_HOMES), "")
}

#[test]
fn killed_at_any_write_the_next_run_goes_on_and_nothing_used_is_open() {
    in_world(|world| {
        let now = step();
        let sources = ["alice", "bob"].map(|name| put(world, name, &usual(&format!(" {now}"))));
        let before = sources.each_ref().map(|path| fs::read(path).unwrap());
        let used = code_of(&secret(), 0);
        let mut kills = 0;
        for call in "write pwrite64 fdatasync fsync rename renameat unlinkat flock setfsuid sendto"
            .split(' ')
        {
            for place in (1..).step_by(2) {
                for name in ["alice", "bob"] {
                    let _ = antiphon(world, &format!("remove {name} --yes --purge"));
                }
                let kill = format!("{call}:signal=KILL:when={place}");
                let said = tampered(world, &kill);
                let again = antiphon_with(world, &FROM_HOMES);
                for name in ["alice", "bob"] {
                    let record = fs::read_to_string(world.record_path(name)).unwrap();
                    assert!(record.contains(KEY), "{kill}: {again:#?}");
                    assert!(!signs_in(world, name, &used), "{kill}: {name}");
                }
                if said.status >= 0 {
                    break;
                }
                kills += 1;
            }
        }
        assert!(kills > 10, "{kills}");
        assert_eq!(sources.map(|path| fs::read(path).unwrap()), before);
        // The record has the next code open, whichever run wrote it.
        assert!(signs_in(world, "bob", &code_of(&secret(), 30)));
    });
}

#[test]
fn ctrl_c_ends_it_after_the_person_who_is_being_imported() {
    in_world(|world| {
        for name in ["alice", "bob"] {
            put(world, name, &usual(""));
        }
        tampered(world, "fdatasync,fsync:signal=INT:when=1").failed(75, "1 still to do");
        assert!(signs_in(world, "alice", &code_of(&secret(), 0)));
        assert!(!world.record_path("bob").exists());
        antiphon_with(world, &FROM_HOMES)
            .done()
            .says("1 imported, 1 done before, 0 left out.");
    });
}

#[test]
fn where_records_cannot_be_written_each_person_is_named_and_nothing_is_left() {
    in_world(|world| {
        put(world, "alice", &usual(""));
        sh("mount --bind /etc/antiphon /etc/antiphon; mount -o remount,bind,ro /etc/antiphon");
        antiphon_with(world, &FROM_HOMES)
            .exits(1)
            .says("alice")
            .says("Read-only file system");
        assert!(files(world).is_empty());
        sh("umount /etc/antiphon");
        antiphon_with(world, &FROM_HOMES).done();
        assert!(signs_in(world, "alice", &code_of(&secret(), 0)));
    });
}
