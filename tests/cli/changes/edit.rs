//! The configuration in an editor: what is wrong with it does not take its place, and no draft is lost.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use antiphon_tests::{Terminal, World, in_world};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{Desk, in_time, is_over, seen};
use crate::command::{Said, command, run};

pub(super) const CONFIG: &str = "/etc/antiphon/antiphon.toml";
pub(super) const DRAFT: &str = "/var/lib/antiphon/drafts/%2Fetc%2Fantiphon%2Fantiphon.toml";
const GO_ON: &str = "Go on with it, or throw it away? [g/t] ";
const AGAIN: &str = "Edit again, or throw the draft away? [e/t] ";

/// The command with an editor that is this script; the draft is its `$1`.
pub(super) fn editing(world: &World, script: &str, arguments: &[&str]) -> Command {
    let editor = world.folder().join("editor");
    fs::write(&editor, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();
    let words: Vec<&str> = ["edit"].iter().chain(arguments).copied().collect();
    let mut command = command(world, &words);
    command.env("EDITOR", format!("{} ", editor.display()));
    command
}

fn edit(world: &World, script: &str, arguments: &[&str]) -> Terminal {
    Terminal::start(&editing(world, script, arguments))
}

fn without_a_terminal(world: &World) -> Said {
    run(&mut editing(world, "exit 0", &[]), "")
}

#[test]
fn what_is_right_takes_the_files_place_and_the_old_one_is_kept() {
    in_world(|world| {
        let _desk = Desk::new(world);
        world.configure("language = \"sv\"\n");
        fs::set_permissions(CONFIG, fs::Permissions::from_mode(0o640)).unwrap();
        let ended = edit(world, "echo 'mode = \"enforce\"' >> \"$1\"", &[]).end();
        assert!(ended.succeeded(), "{ended:?}");
        let after = seen(CONFIG);
        assert_eq!(after.bytes, b"language = \"sv\"\nmode = \"enforce\"\n");
        assert_eq!(after.mode & 0o7777, 0o640);
        assert_eq!(super::backups(CONFIG), [b"language = \"sv\"\n"]);
        assert!(!fs::exists(DRAFT).unwrap());
        let ended = edit(world, "true", &[]).end();
        assert!(
            ended.succeeded() && ended.text.contains("is unchanged"),
            "{ended:?}"
        );
        without_a_terminal(world).failed(64, "an editor needs a terminal");
        is_over();
    });
}

#[test]
fn a_fault_is_said_and_asked_about_and_the_file_stays_as_it_was() {
    in_world(|world| {
        let _desk = Desk::new(world);
        world.configure("language = \"sv\"\n");
        let mut terminal = edit(world, "echo 'mod = \"observe\"' >> \"$1\"", &[]);
        terminal
            .expect("/etc/antiphon/antiphon.toml: ")
            .expect("unknown key `mod`");
        terminal.answer(AGAIN, "?").answer(AGAIN, "t");
        let ended = terminal.end();
        assert_eq!(ended.status.code(), Some(65), "{ended:?}");
        assert_eq!(seen(CONFIG).bytes, b"language = \"sv\"\n");
        assert!(!fs::exists(DRAFT).unwrap());
        // Put right at the second time.
        let script = "if grep -q '^mod ' \"$1\"; then sed -i 's/^mod /mode /' \"$1\"; else echo 'mod = \"observe\"' >> \"$1\"; fi";
        let mut terminal = edit(world, script, &[]);
        terminal.answer(AGAIN, "e").expect("is changed");
        assert!(terminal.end().succeeded());
        assert_eq!(
            seen(CONFIG).bytes,
            b"language = \"sv\"\nmode = \"observe\"\n"
        );
    });
}

#[test]
fn a_file_that_was_broken_before_can_be_mended_and_what_is_wrong_elsewhere_is_no_hindrance() {
    in_world(|world| {
        let _desk = Desk::new(world);
        world.configure("mod = \"enforce\"\n");
        let ended = edit(world, "sed -i 's/mod /mode /' \"$1\"", &[]).end();
        assert!(ended.succeeded(), "{ended:?}");
        fs::set_permissions(world.record_path("bob"), fs::Permissions::from_mode(0o644)).unwrap();
        let ended = edit(world, "echo >> \"$1\"", &[]).end();
        assert!(ended.succeeded(), "{ended:?}");
    });
}

#[test]
fn a_draft_outlives_the_command_and_nobody_edits_beside_another() {
    in_world(|world| {
        let _desk = Desk::new(world);
        world.configure("language = \"sv\"\n");
        let script = "echo '# half' >> \"$1\"; touch /run/editing; sleep 1000";
        let terminal = edit(world, script, &[]);
        in_time("the editor", || fs::exists("/run/editing").unwrap());
        let second = edit(world, "true", &[]).end();
        assert_eq!(second.status.code(), Some(75), "{second:?}");
        assert!(
            second.text.contains("somebody else is editing"),
            "{second:?}"
        );
        let command = Pid::from_raw(terminal.id().try_into().unwrap());
        kill(command, Signal::SIGKILL).unwrap();
        // The editor goes with it.
        let _ = terminal.hang_up();
        assert_eq!(
            fs::metadata(DRAFT).unwrap().permissions().mode() & 0o7777,
            0o600
        );
        assert_eq!(seen(CONFIG).bytes, b"language = \"sv\"\n");

        let mut terminal = edit(world, "echo '# whole' >> \"$1\"", &[]);
        terminal
            .expect(DRAFT)
            .expect("  + # half")
            .answer(GO_ON, "g");
        assert!(terminal.end().succeeded());
        assert_eq!(seen(CONFIG).bytes, b"language = \"sv\"\n# half\n# whole\n");
    });
}

#[test]
fn an_editor_that_fails_changes_nothing_and_the_draft_is_kept() {
    in_world(|world| {
        let _desk = Desk::new(world);
        world.configure("language = \"sv\"\n");
        let ended = edit(world, "echo '# mine' >> \"$1\"; exit 3", &[]).end();
        assert_eq!(ended.status.code(), Some(69), "{ended:?}");
        assert!(ended.text.contains(DRAFT), "{ended:?}");
        assert_eq!(seen(CONFIG).bytes, b"language = \"sv\"\n");
        let mut terminal = edit(world, "true", &[]);
        terminal.answer(GO_ON, "t");
        assert!(terminal.end().text.contains("is unchanged"));
        // Somebody else has changed the file meanwhile.
        let ended = edit(
            world,
            "echo '# mine' >> \"$1\"; echo '# theirs' >> /etc/antiphon/antiphon.toml",
            &[],
        )
        .end();
        assert_eq!(ended.status.code(), Some(75), "{ended:?}");
        assert!(
            ended.text.contains("changed by somebody else") && ended.text.contains(DRAFT),
            "{ended:?}"
        );
        assert_eq!(seen(CONFIG).bytes, b"language = \"sv\"\n# theirs\n");
        // Whoever goes on is shown what would be undone by that, and Enter is no answer.
        let mut terminal = edit(world, "true", &[]);
        terminal.expect("It would change the file as it is now:");
        terminal.expect("  - # theirs").expect("  + # mine");
        terminal.answer(GO_ON, "").answer(GO_ON, "t");
        assert!(terminal.end().text.contains("is unchanged"));
        assert_eq!(seen(CONFIG).bytes, b"language = \"sv\"\n# theirs\n");
    });
}

#[test]
fn what_is_taken_back_is_kept_as_a_draft_and_edits_of_others_stay() {
    in_world(|world| {
        let _desk = Desk::new(world);
        world.configure("language = \"sv\"\nmode = \"enforce\"\n# end\n");
        let script = "sed -i s/sv/en/ \"$1\"";
        let mut terminal = edit(world, script, &["--revert", "1h"]);
        terminal.expect(super::QUESTION);
        crate::command::sh(&format!("echo '# theirs' >> {CONFIG}"));
        terminal.send_line("no");
        let ended = terminal.end();
        assert_eq!(ended.status.code(), Some(65), "{ended:?}");
        assert!(
            ended.text.contains("the change was taken back there"),
            "{ended:?}"
        );
        assert!(ended.text.contains(DRAFT), "{ended:?}");
        let expected = b"language = \"sv\"\nmode = \"enforce\"\n# end\n# theirs\n";
        assert_eq!(seen(CONFIG).bytes, expected);
        is_over();
        assert!(
            fs::read_to_string(DRAFT)
                .unwrap()
                .starts_with("language = \"en\"")
        );
    });
}

#[test]
fn a_configuration_that_keeps_people_out_is_taken_back_by_itself() {
    in_world(|world| {
        let desk = Desk::new(world);
        desk.runs("enable sudo --yes").done();
        world.configure("language = \"sv\"\n");
        let before = seen(CONFIG);
        let script = "printf '[service.sudo]\\nmethods = [\"approval\"]\\n' > \"$1\"";
        let mut terminal = edit(world, script, &["--revert", "1s"]);
        terminal.expect(super::QUESTION);
        let ended = terminal.end();
        assert_eq!(ended.status.code(), Some(75), "{ended:?}");
        assert_eq!(seen(CONFIG), before);
        assert!(desk.asks());
        is_over();
    });
}

#[test]
fn a_file_of_somebody_else_is_checked_as_what_the_configuration_would_be_and_nothing_changes() {
    in_world(|world| {
        let _desk = Desk::new(world);
        world.configure("language = \"sv\"\n");
        // What is wrong elsewhere is no fault of this file, wherever it lies and whoever may write to it.
        fs::set_permissions(world.record_path("bob"), fs::Permissions::from_mode(0o644)).unwrap();
        let new = "/tmp/new.toml";
        let checked = |text: &str| {
            fs::write(new, text).unwrap();
            fs::set_permissions(new, fs::Permissions::from_mode(0o666)).unwrap();
            run(&mut command(world, &["edit", "--check", new]), "")
        };
        assert_eq!(checked("language = \"en\"\n").done().out, "");
        let said = checked("mod = \"observe\"\n").exits(78);
        assert!(said.out.contains("unknown key `mod`"), "{said:#?}");
        assert!(
            said.err
                .contains("cannot take the place of /etc/antiphon/antiphon.toml"),
            "{said:#?}"
        );
        let said = run(&mut command(world, &["--json", "edit", "--check", new]), "").exits(78);
        assert_eq!(said.object()["ok"], false);
        assert_eq!(said.object()["findings"].as_array().unwrap().len(), 1);
        run(&mut command(world, &["edit", "--check", "/nowhere"]), "").failed(66, "no such file");
        run(&mut command(world, &["edit", "--check", "/dev/zero"]), "")
            .failed(66, "not a regular file");
        assert_eq!(seen(CONFIG).bytes, b"language = \"sv\"\n");
        assert_eq!(fs::read_dir("/var/lib/antiphon/drafts").unwrap().count(), 0);
        is_over();
    });
}
