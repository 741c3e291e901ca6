//! A name leads to one person's record or to none: the database decides who is who, and no name leads out of a folder.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use antiphon_core::name::UserName;
use antiphon_tests::{PamHost, Terminal, in_world};

/// What libpam makes of `PAM_IGNORE` where no other line has an opinion.
const LET_THROUGH: &str = "PAM_PERM_DENIED";

/// Adds a line to the user database, whatever name it holds.
fn add_name(name: &str, id: u32) {
    let mut passwd = OpenOptions::new().append(true).open("/etc/passwd").unwrap();
    writeln!(passwd, "{name}:x:{id}:{id}::/:/bin/sh").unwrap();
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
        let [small, large] = ["alice", "Alice"].map(|name| world.enrol_with_long_codes(name));
        world.sign_in("alice", [&large.code(); 3], "PAM_AUTH_ERR");
        world.sign_in("Alice", [&small.code(); 3], "PAM_AUTH_ERR");
        world.sign_in("alice", [small.code()], "PAM_SUCCESS");
        world.sign_in("Alice", [large.code()], "PAM_SUCCESS");
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
        let alice = world.enrol_with_long_codes("alice");
        // As a directory that gives back what was typed would have it, and as some give root a second name.
        for (name, id) in [("ALICE", 1000), ("Alice", 1000), ("toor", 0)] {
            add_name(name, id);
            world.sign_in(name, [&alice.code(); 3], "PAM_AUTH_ERR");
            let line = world.ended(&format!("refused reason=not-enrolled user={name} "));
            let fix = format!("run: antiphon enroll {name}");
            assert!(line.contains(&fix), "{line}");
        }
        let toor = world.enrol_with_long_codes("toor");
        world.sign_in("toor", [toor.code()], "PAM_SUCCESS");
        world.sign_in("alice", [alice.code()], "PAM_SUCCESS");
        world.sign_in("bob", [""], LET_THROUGH);
        world.sign_in("root", [""], LET_THROUGH);
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
            world.sign_in(name, [alice.code()], "PAM_AUTH_ERR");
            let line = world.ended("refused reason=unknown-user user=");
            let is_safe = !line.contains(char::is_control) && line.len() < 512;
            assert!(is_safe, "{line:?}");
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
        let bait = world.enrol_with_long_codes("alice");
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
            let host = PamHost::new(world, name).answers([&bait.code(); 3]);
            let played = host.play();
            let result = played.result();
            let refusals = ["PAM_AUTH_ERR", "PAM_AUTHINFO_UNAVAIL"];
            assert!(refusals.contains(&result), "{name:?}: {result}");
            assert!(!world.log().last_ending().contains(char::is_control));
            let own = world.enrol_with_long_codes(name);
            world.sign_in(name, [own.code()], "PAM_SUCCESS");
        }
        for file in files() {
            let path = Path::new(&file);
            let above = path.parent().unwrap();
            let is_in = |folder: &&str| above.ends_with(folder);
            assert!(["users", "state", "activity"].iter().any(is_in), "{file}");
        }
        assert_eq!(fs::read_dir("/var/lib/antiphon").unwrap().count(), 2);
        world.sign_in("alice", [bait.code()], "PAM_SUCCESS");
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
        let enrolled = world.enrol_with_long_codes(&longest);
        let before = files();
        world.sign_in(&too_long, [enrolled.code()], "PAM_AUTHINFO_UNAVAIL");
        let line = world.ended("unusable reason=user-database");
        assert!(line.contains("the user name is too long"), "{line}");
        assert_eq!(files(), before);
        world.sign_in(&long, [enrolled.code()], LET_THROUGH);
        world.sign_in(&longest, [enrolled.code()], "PAM_SUCCESS");
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
        Terminal::start(&su).end().refused("arrived");
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
            world.sign_in(name, [""; 3], "PAM_AUTH_ERR");
            let line = world.log().last_ending();
            let fix = format!("fix=\"run: antiphon enroll {word}\"");
            assert!(line.ends_with(&fix), "{line}");
        }
    });
}
