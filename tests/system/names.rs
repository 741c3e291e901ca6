//! A name leads to one person's record or to none: the database decides who is who, and no name leads out of a folder.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use antiphon_core::name::UserName;
use antiphon_tests::{PamHost, Terminal, World, in_world};

/// What libpam makes of `PAM_IGNORE` where no other line has an opinion.
const LET_THROUGH: &str = "PAM_PERM_DENIED";

/// Adds a line to the user database, whatever name it holds.
fn add_name(name: &str, id: u32) {
    let mut passwd = OpenOptions::new().append(true).open("/etc/passwd").unwrap();
    writeln!(passwd, "{name}:x:{id}:{id}::/:/bin/sh").unwrap();
}

/// The result of a sign-in that is answered with `code` as often as it likes.
fn result_for(world: &World, name: &str, code: &str) -> String {
    let host = PamHost::new(world, name);
    let played = host.answer(code).answer(code).answer(code).play();
    played.result().to_owned()
}

fn last_line(world: &World) -> String {
    world.log().ours().pop().unwrap().text
}

/// The names of everything in the folders that a sign-in writes to.
fn files() -> Vec<String> {
    let folders = [
        "/etc/antiphon/users",
        "/var/lib/antiphon/state",
        "/var/lib/antiphon/activity",
    ];
    let mut files: Vec<String> = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path().display().to_string())
        .collect();
    files.sort();
    files
}

#[test]
fn two_names_that_differ_in_case_are_two_people() {
    in_world(|world| {
        world.add_person("Alice", 1002);
        let [mut small, mut large] = ["alice", "Alice"].map(|name| world.enrol(name));
        small.set_period(300);
        large.set_period(300);
        assert_eq!(result_for(world, "alice", &large.code()), "PAM_AUTH_ERR");
        assert_eq!(result_for(world, "Alice", &small.code()), "PAM_AUTH_ERR");
        assert_eq!(result_for(world, "alice", &small.code()), "PAM_SUCCESS");
        assert_eq!(result_for(world, "Alice", &large.code()), "PAM_SUCCESS");
        let state = |name: &str| world.state_path(name);
        assert_ne!(state("alice"), state("Alice"));
        assert!(state("alice").exists() && state("Alice").exists());
    });
}

#[test]
fn a_second_name_of_a_user_id_has_a_record_of_its_own_or_is_refused_also_where_the_unenrolled_are_allowed()
 {
    in_world(|world| {
        world.configure("unenrolled = \"allow\"\n");
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        // As a directory that gives back what was typed would have it, and as some give root a second name.
        for (name, id) in [("ALICE", 1000), ("Alice", 1000), ("toor", 0)] {
            add_name(name, id);
            assert_eq!(
                result_for(world, name, &alice.code()),
                "PAM_AUTH_ERR",
                "{name}"
            );
            let line = last_line(world);
            let start = format!("outcome=refused reason=not-enrolled user={name} ");
            assert!(line.starts_with(&start), "{line}");
            assert!(
                line.contains(&format!("run: antiphon enroll {name}")),
                "{line}"
            );
        }
        let mut toor = world.enrol("toor");
        toor.set_period(300);
        assert_eq!(result_for(world, "toor", &toor.code()), "PAM_SUCCESS");
        assert_eq!(result_for(world, "alice", &alice.code()), "PAM_SUCCESS");
        assert_eq!(result_for(world, "bob", ""), LET_THROUGH);
        assert_eq!(result_for(world, "root", ""), LET_THROUGH);
    });
}

#[test]
fn a_name_that_the_system_does_not_know_is_refused_whatever_files_it_would_lead_to() {
    in_world(|world| {
        world.configure("unenrolled = \"allow\"\n");
        let alice = world.enrol("alice");
        let before = files();
        let long = "a".repeat(255);
        let longer = "a".repeat(100_000);
        for name in [
            "../alice",
            "../users/alice",
            "./alice",
            "users/../alice",
            "alice/",
            "/alice",
            "alice.toml",
            "alice\n",
            "\nalice",
            "alice\nbob",
            "alice ",
            " alice",
            "ALICE",
            "Alice",
            "alice:",
            "%61lice",
            ".",
            "..",
            "*",
            "-alice",
            "+alice",
            "+",
            "1000",
            "alice@harbour",
            "HARBOUR\\alice",
            "åsa",
            "\u{1b}[2J",
            "alice\u{202e}",
            &long,
            &longer,
        ] {
            assert_eq!(
                result_for(world, name, &alice.code()),
                "PAM_AUTH_ERR",
                "{name:?}"
            );
            let line = last_line(world);
            assert!(
                line.starts_with("outcome=refused reason=unknown-user user="),
                "{line}"
            );
            assert!(
                !line.contains(char::is_control) && line.len() < 512,
                "{line:?}"
            );
        }
        assert_eq!(files(), before);
    });
}

#[test]
fn an_odd_name_that_the_system_knows_never_leaves_the_folders() {
    in_world(|world| {
        let names = [
            "../x",
            "a/b",
            "..",
            ".",
            ".hidden",
            "..\\x",
            "50%",
            "%61lice",
            "a b",
            "åsa",
            "x\u{1b}[2J",
            "x.toml",
        ];
        // What a name that is taken as it stands would find: the record of another.
        let mut bait = world.enrol("alice");
        bait.set_period(300);
        let users = Path::new("/etc/antiphon/users");
        fs::create_dir(users.join("a")).unwrap();
        for place in [
            "../x.toml",
            "a/b.toml",
            "..toml",
            ".hidden.toml",
            "%61lice.toml",
            "a b.toml",
            "x.toml.toml",
        ] {
            fs::copy(world.record_path("alice"), users.join(place)).unwrap();
            fs::set_permissions(users.join(place), Permissions::from_mode(0o600)).unwrap();
        }
        for (id, name) in (2000..).zip(names) {
            add_name(name, id);
            let result = result_for(world, name, &bait.code());
            assert!(
                ["PAM_AUTH_ERR", "PAM_AUTHINFO_UNAVAIL"].contains(&result.as_str()),
                "{name:?}: {result}"
            );
            assert!(!last_line(world).contains(char::is_control));
            let mut own = world.enrol(name);
            own.set_period(300);
            assert_eq!(
                result_for(world, name, &own.code()),
                "PAM_SUCCESS",
                "{name:?}"
            );
        }
        for file in files() {
            let path = Path::new(&file);
            let above = path.parent().unwrap();
            assert!(
                ["users", "state", "activity"]
                    .map(|folder| above.ends_with(folder))
                    .contains(&true),
                "{file}"
            );
        }
        assert_eq!(fs::read_dir("/var/lib/antiphon").unwrap().count(), 2);
        assert_eq!(result_for(world, "alice", &bait.code()), "PAM_SUCCESS");
    });
}

#[test]
fn a_name_too_long_for_a_file_is_refused_and_shares_no_file_with_a_shorter_one() {
    in_world(|world| {
        world.configure("unenrolled = \"allow\"\n");
        let [long, longest] = [239, 240].map(|length| "a".repeat(length));
        let too_long = "a".repeat(255);
        for (id, name) in (2000..).zip([&long, &longest, &too_long]) {
            add_name(name, id);
        }
        assert!(UserName::new(&too_long).is_err());
        let mut enrolled = world.enrol(&longest);
        enrolled.set_period(300);
        let before = files();
        assert_eq!(
            result_for(world, &too_long, &enrolled.code()),
            "PAM_AUTHINFO_UNAVAIL"
        );
        let line = last_line(world);
        assert!(
            line.starts_with("outcome=unusable reason=user-database"),
            "{line}"
        );
        assert!(line.contains("the user name is too long"), "{line}");
        assert_eq!(files(), before);
        assert_eq!(result_for(world, &long, &enrolled.code()), LET_THROUGH);
        assert_eq!(result_for(world, &longest, &enrolled.code()), "PAM_SUCCESS");
    });
}

/// As a computer has them that was set up in Latin-1.
#[test]
fn a_name_in_other_bytes_than_utf_8_is_refused_and_stands_in_the_log() {
    in_world(|world| {
        let mut passwd = fs::read("/etc/passwd").unwrap();
        passwd.extend_from_slice(b"bj\xf6rn:x:2000:2000::/:/bin/sh\n");
        fs::write("/etc/passwd", passwd).unwrap();
        world.configure("unenrolled = \"allow\"\n");
        world.pam("su", "auth required pam_antiphon.so\n");
        let mut su = world.command_of("alice", "su");
        su.arg(OsStr::from_bytes(b"bj\xf6rn"))
            .args(["-c", "echo arrived"]);
        let ended = Terminal::start(&su).end();
        assert!(
            !ended.succeeded() && !ended.text.contains("arrived"),
            "{ended:#?}"
        );
        assert_eq!(
            world.log().our_only_line(),
            "outcome=unusable reason=pam detail=\"the user name $'bj\\\\366rn' is not UTF-8; give the account one that is\""
        );
    });
}

#[test]
fn a_command_in_the_log_names_the_person_in_one_word_of_a_shell() {
    in_world(|world| {
        for (id, (name, word)) in (2000..).zip([
            ("a b", "'a b'"),
            ("$HOME", "'$HOME'"),
            ("it's", r"'it'\\''s'"),
            ("DOM\\bob", r"'DOM\\bob'"),
            ("bob@example.org", "bob@example.org"),
        ]) {
            add_name(name, id);
            assert_eq!(result_for(world, name, ""), "PAM_AUTH_ERR", "{name}");
            let line = last_line(world);
            let fix = format!("fix=\"run: antiphon enroll {word}\"");
            assert!(line.ends_with(&fix), "{line}");
        }
    });
}
