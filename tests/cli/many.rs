//! Many people enrolled at once: each has a letter, each letter signs in, and whoever cannot be enrolled is named.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;

use antiphon_core::code::code_at;
use antiphon_core::name::UserName;
use antiphon_core::record::Record;
use antiphon_core::time::UnixTime;
use antiphon_tests::{PamHost, Terminal, World, in_world};
use nix::fcntl::{Flock, FlockArg};

use crate::command::{Said, antiphon, antiphon_with, command, enroll, files, run, sh};
use crate::letter::{FOLDER, Letter};

const GROUP: [&str; 6] = ["enroll", "--group", "staff", "--letters", FOLDER, "--yes"];

fn with_staff(world: &World) {
    world.add_group("staff", 2000, &["alice", "bob"]);
}

fn signs_in(world: &World, name: &str, answer: &str, seconds: i64) -> bool {
    let played = PamHost::new(world, name)
        .ahead(seconds)
        .answer(answer)
        .play();
    played.result() == "PAM_SUCCESS"
}

/// Enrols those in this table.
fn table(world: &World, text: &str, options: &[&str]) -> Said {
    let path = world.folder().join("people.csv");
    fs::write(&path, text).unwrap();
    let mut arguments = vec![
        "enroll",
        "--from",
        path.to_str().unwrap(),
        "--letters",
        FOLDER,
    ];
    arguments.extend(options);
    antiphon_with(world, &arguments)
}

/// What lies in the folder of letters.
fn in_folder() -> Vec<String> {
    let Ok(entries) = fs::read_dir(FOLDER) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn everybody_in_a_group_has_a_letter_that_signs_in() {
    in_world(|world| {
        with_staff(world);
        // Of that group by their own line.
        sh("echo 'carol:x:1002:2000::/:/bin/sh' >>/etc/passwd");
        antiphon_with(world, &GROUP)
            .done()
            .says("3 enrolled, 0 done before, 0 left out.");
        for name in ["alice", "bob", "carol"] {
            let letter = Letter::of(name).unwrap();
            let scanned = letter.scanned(world);
            assert!(
                scanned.contains(&format!("secret={}&", letter.key)),
                "{scanned}"
            );
            assert!(scanned.contains(&format!(":{name}@harbour")), "{scanned}");
            assert!(signs_in(world, name, &letter.code_in(0), 0), "{name}");
            assert_eq!(letter.recovery.len(), 10);
            assert!(signs_in(world, name, &letter.recovery[9], 0), "{name}");
        }
        let all = fs::read_to_string(format!("{FOLDER}/ALL-LETTERS.html")).unwrap();
        assert_eq!(all.matches("<article").count(), 3);
        assert_eq!(
            in_folder(),
            ["ALL-LETTERS.html", "alice.html", "bob.html", "carol.html"]
        );
    });
}

#[test]
fn a_table_says_who_in_which_language_and_with_which_number() {
    in_world(|world| {
        world.configure("[organisation]\nname = \"Hamnskolan\"\nhelp_desk = \"ring 4711\"\n");
        let text = "\u{feff}Name;Language;Number\r\nbob;en;\r\nalice;sv;+46 70 123 45 21\r\n";
        table(world, text, &["--yes"]).done();
        let letter = Letter::of("alice").unwrap().html;
        assert!(letter.contains("Återställningskoder") && letter.contains("ring 4711"));
        assert!(Letter::of("bob").unwrap().html.contains("Recovery codes"));
        let record = fs::read_to_string(world.record_path("alice")).unwrap();
        assert!(record.contains("language = \"sv\"") && record.contains("+46701234521"));
        // In the order of the table, as they will be handed out.
        let all = fs::read_to_string(format!("{FOLDER}/ALL-LETTERS.html")).unwrap();
        assert!(all.find("<b>bob").unwrap() < all.find("<b>alice").unwrap());
    });
}

#[test]
fn nothing_is_written_unless_it_is_wanted() {
    in_world(|world| {
        with_staff(world);
        let [words @ .., _] = GROUP;
        antiphon_with(world, &words)
            .done()
            .says("2 can be enrolled")
            .says("--yes");
        let said = run(
            &mut command(world, &[&words[..], &["--json"]].concat()),
            "y\n",
        )
        .done();
        assert_eq!(said.object()["written"], false);
        assert!(files(world).is_empty() && !Path::new(FOLDER).exists());

        let ask = |answer: &str| {
            let mut terminal = Terminal::start(&command(world, &words));
            terminal.answer("[y/N] ", answer);
            terminal.end()
        };
        assert!(ask("").succeeded());
        assert!(files(world).is_empty() && !Path::new(FOLDER).exists());
        assert!(ask("y").succeeded());
        assert!(Letter::of("bob").is_some());
    });
}

#[test]
fn who_cannot_be_enrolled_is_named_by_line_and_the_others_are_enrolled() {
    in_world(|world| {
        let _ = enroll(world, "bob");
        let before = fs::read(world.record_path("bob")).unwrap();
        let text =
            "name,language\nroot,\nnobody-here,\n../x,\nalice,de\nbob,\n,sv\nalice,en\nalice,\n";
        let said = table(world, text, &["--yes"]).exits(1);
        for part in [
            "line 2: root: left out: is root",
            "line 3: nobody-here: left out: nobody-here: the system knows no such user",
            "line 4: ../x: left out:",
            "line 5: alice: left out: language \"de\"",
            "line 6: bob: left out: has a record already",
            "line 7: : left out: has no name",
            "line 9: alice: left out: is on the list already",
            "1 enrolled, 0 done before, 7 left out.",
        ] {
            assert!(said.out.contains(part), "{part}: {said:#?}");
        }
        let letter = Letter::of("alice").unwrap();
        assert!(signs_in(world, "alice", &letter.code_in(0), 0));
        assert_eq!(fs::read(world.record_path("bob")).unwrap(), before);
        assert_eq!(in_folder(), ["ALL-LETTERS.html", "alice.html"]);
    });
}

#[test]
fn a_list_that_is_none_is_refused_whole() {
    in_world(|world| {
        antiphon(world, "enroll --group nobodys --letters /root/x --yes")
            .failed(67, "no such group");
        table(world, "alice\nbob\n", &["--yes"]).failed(65, "no column is called name");
        antiphon(world, "enroll --from /nowhere --letters /root/x --yes")
            .failed(66, "no such file");
        sh("mkfifo /root/fifo");
        antiphon(world, "enroll --from /root/fifo --letters /root/x")
            .failed(66, "not a regular file");
        for words in [
            "enroll --group staff",
            "enroll",
            "enroll alice --letters /root/x",
            "enroll alice --group staff",
        ] {
            antiphon(world, words).exits(64);
        }
        assert!(files(world).is_empty() && in_folder().is_empty());
    });
}

#[test]
fn letters_stand_only_where_nobody_else_can_read_or_change_them() {
    in_world(|world| {
        with_staff(world);
        sh(
            "mkdir -m 700 /root/real; mkdir -m 750 /root/open; install -d -m 700 -o alice /root/hers",
        );
        symlink("/root/real", "/root/link").unwrap();
        for (folder, part) in [
            ("/root/link", "symbolic link"),
            ("/root/open", "name a folder that is not there yet"),
            ("/root/hers", "name a folder that is not there yet"),
            ("/tmp/letters", "name a folder that is not there yet"),
            ("/tmp", "name a folder that is not there yet"),
            ("/root/no/such", "No such file"),
        ] {
            let words = format!("enroll --group staff --letters {folder} --yes");
            let said = antiphon(world, &words).exits(78);
            assert!(said.err.contains(part), "{folder}: {said:#?}");
            assert!(
                !said.err.contains("chmod") && !said.err.contains("chown"),
                "{said:#?}"
            );
        }
        assert!(files(world).is_empty());
    });
}

#[test]
fn a_letter_is_never_overwritten_and_a_second_run_leaves_alone_who_is_done() {
    in_world(|world| {
        with_staff(world);
        sh(&format!(
            "mkdir -m 700 {FOLDER}; echo mine >{FOLDER}/bob.html; chmod 600 {FOLDER}/bob.html"
        ));
        antiphon_with(world, &GROUP)
            .exits(1)
            .says("bob: left out: /root/letters/bob.html is there already");
        assert_eq!(
            fs::read_to_string(format!("{FOLDER}/bob.html")).unwrap(),
            "mine\n"
        );
        assert!(!world.record_path("bob").exists());
        let record = fs::read(world.record_path("alice")).unwrap();

        fs::remove_file(format!("{FOLDER}/bob.html")).unwrap();
        antiphon_with(world, &GROUP)
            .done()
            .says("1 enrolled, 1 done before, 0 left out.");
        // With new secrets too: whoever has the letter of a new one already is done.
        let replace = [&GROUP[..], &["--replace"]].concat();
        antiphon_with(world, &replace)
            .done()
            .says("0 enrolled, 2 done before, 0 left out.");
        assert_eq!(fs::read(world.record_path("alice")).unwrap(), record);
        let to_new = |word: &'static str| if word == FOLDER { "/root/new" } else { word };
        let elsewhere: Vec<&str> = replace.iter().copied().map(to_new).collect();
        antiphon_with(world, &elsewhere)
            .done()
            .says("2 enrolled, 0 done before");
        assert_ne!(fs::read(world.record_path("alice")).unwrap(), record);
        antiphon_with(world, &replace)
            .exits(1)
            .says("not of this person's record");
    });
}

#[test]
fn two_runs_do_not_write_to_one_folder_at_once() {
    in_world(|world| {
        with_staff(world);
        sh(&format!("mkdir -m 700 {FOLDER}"));
        let folder = File::open(FOLDER).unwrap();
        let other = Flock::lock(folder, FlockArg::LockExclusive).unwrap();
        antiphon_with(world, &GROUP).failed(75, "another antiphon enroll");
        assert!(files(world).is_empty());
        drop(other);
        antiphon_with(world, &GROUP).done();
    });
}

/// The code of the record as it stands, if there is one.
fn key_on_file(world: &World, name: &str) -> Option<String> {
    let text = fs::read_to_string(world.record_path(name)).ok()?;
    let record = Record::parse(&text, &UserName::new(name).unwrap()).unwrap();
    let code = record.code.unwrap();
    assert_eq!(code_at(&code, UnixTime(0)).len(), 6);
    Some(code.base32().to_string())
}

/// Runs it with `tampering` at its system calls, in the words of `strace --inject`.
fn tampered(world: &World, tampering: &str) -> Said {
    let mut strace = world.command("strace");
    strace.args(["-f", "-o", "/dev/null", &format!("--inject={tampering}")]);
    strace.arg(&world.product().command);
    run(strace.args(GROUP), "")
}

#[test]
fn killed_at_any_write_no_record_is_without_its_letter_and_the_next_run_goes_on() {
    in_world(|world| {
        with_staff(world);
        let mut kills = 0;
        for call in
            "openat write pwrite64 fdatasync fsync rename renameat unlinkat flock mkdir sendto"
                .split(' ')
        {
            // Every other one, and two of three after that: both people's calls are met.
            for place in (1..).step_by(2) {
                for name in ["alice", "bob"] {
                    let _ = antiphon(world, &format!("remove {name} --yes --purge"));
                }
                sh(&format!("rm -rf {FOLDER}"));
                let kill = format!("{call}:signal=KILL:when={place}");
                let said = tampered(world, &kill);
                for name in ["alice", "bob"] {
                    let Some(key) = key_on_file(world, name) else {
                        continue;
                    };
                    let grouped: Vec<String> = key
                        .as_bytes()
                        .chunks(4)
                        .map(|four| String::from_utf8_lossy(four).into_owned())
                        .collect();
                    let grouped = grouped.join(" ");
                    let has_it = in_folder().iter().any(|file| {
                        let text = fs::read_to_string(format!("{FOLDER}/{file}")).unwrap();
                        text.contains(&grouped)
                    });
                    assert!(has_it, "{kill}: {name} has no letter");
                }
                antiphon_with(world, &GROUP).done();
                for name in ["alice", "bob"] {
                    let letter = Letter::of(name).unwrap();
                    assert_eq!(
                        key_on_file(world, name).as_ref(),
                        Some(&letter.key),
                        "{kill}"
                    );
                    assert!(
                        signs_in(world, name, &letter.code_in(0), 0),
                        "{kill}: {name}"
                    );
                }
                assert_eq!(
                    in_folder(),
                    ["ALL-LETTERS.html", "alice.html", "bob.html"],
                    "{kill}"
                );
                if said.status == 0 {
                    break;
                }
                kills += 1;
            }
        }
        assert!(kills > 10, "{kills}");
    });
}

#[test]
fn ctrl_c_ends_it_after_the_person_who_is_being_enrolled() {
    in_world(|world| {
        with_staff(world);
        sh(&format!("mkdir -m 700 {FOLDER}"));
        // At the first letter that is put aside.
        tampered(world, "fdatasync,fsync:signal=INT:when=1")
            .failed(75, "1 still to do: run the same command again");
        let letter = Letter::of("alice").unwrap();
        assert!(signs_in(world, "alice", &letter.code_in(0), 0));
        assert!(Letter::of("bob").is_none() && !world.record_path("bob").exists());
        antiphon_with(world, &GROUP)
            .done()
            .says("1 enrolled, 1 done before");
    });
}

#[test]
fn where_letters_cannot_be_written_nobody_is_enrolled() {
    in_world(|world| {
        with_staff(world);
        sh(&format!(
            "mkdir -m 700 {FOLDER}; mount -t tmpfs -o mode=700,size=4k letters {FOLDER}"
        ));
        antiphon_with(world, &GROUP).failed(73, "No space left on device");
        assert!(files(world).is_empty() && in_folder().is_empty());
        sh(&format!("mount -o remount,ro {FOLDER}"));
        antiphon_with(world, &GROUP).failed(73, "Read-only file system");
        assert!(files(world).is_empty());
    });
}

#[test]
fn where_records_cannot_be_written_no_letter_stays() {
    in_world(|world| {
        with_staff(world);
        sh("mount --bind /etc/antiphon /etc/antiphon; mount -o remount,bind,ro /etc/antiphon");
        antiphon_with(world, &GROUP)
            .exits(1)
            .says("alice: left out:")
            .says("Read-only file system");
        assert!(!world.record_path("alice").exists());
        assert!(in_folder().is_empty());
        sh("umount /etc/antiphon");
        antiphon_with(world, &GROUP).done();
    });
}

#[test]
fn each_enrolment_is_in_the_log_and_no_secret_is() {
    in_world(|world| {
        with_staff(world);
        let said = antiphon_with(world, &[&GROUP[..], &["--json"]].concat()).done();
        let logged = world.log().lines().join("\n");
        for name in ["alice", "bob"] {
            let line = format!("outcome=enrolled method=code user={name} by=root");
            assert_eq!(logged.matches(&line).count(), 1, "{logged}");
            let activity = format!("{:?}", world.activity(name));
            let letter = Letter::of(name).unwrap();
            for secret in letter.recovery.iter().chain([&letter.key]) {
                for text in [&logged, &activity, &said.out, &said.err] {
                    assert!(!text.contains(secret));
                }
            }
        }
        let people = said.object()["people"].clone();
        assert_eq!(
            people[0],
            serde_json::json!({"user": "alice", "line": null, "outcome": "enrolled", "reason": null})
        );
    });
}
