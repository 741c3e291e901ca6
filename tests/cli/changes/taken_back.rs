//! A change that nobody confirms is taken back: by an answer, by the time, by what waits in the background, by hand.

use std::fs;
use std::os::unix::fs::MetadataExt;

use antiphon_tests::{in_world, until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{Desk, OPEN, QUESTION, SUDO, backups, has_line, hidden, in_time, is_over, seen};
use crate::command::{command, run, sh};

#[test]
fn without_a_yes_the_very_file_is_back_that_was_there() {
    in_world(|world| {
        let desk = Desk::new(world);
        let before = seen(SUDO);
        let inode = || fs::metadata(SUDO).unwrap().ino();
        let first = inode();
        let mut terminal = desk.types("enable sudo");
        terminal
            .answer(QUESTION, "y")
            .answer("Please type yes or no: ", "NO");
        let ended = terminal.end();
        assert_eq!(ended.status.code(), Some(65), "{ended:?}");
        assert!(
            ended.text.contains("/etc/pam.d/sudo is as before"),
            "{ended:?}"
        );
        assert_eq!((seen(SUDO), inode()), (before, first));
        is_over();
        assert!(world.log().says("outcome=taken-back reason=asked"));

        let mut terminal = desk.types("enable sudo --revert 1s");
        terminal.expect(QUESTION);
        let ended = terminal.end();
        assert_eq!(ended.status.code(), Some(75), "{ended:?}");
        assert_eq!(inode(), first);
        assert!(world.log().says("outcome=taken-back reason=not-confirmed"));

        let mut terminal = desk.types("enable sudo");
        terminal.expect(QUESTION);
        assert_eq!(terminal.interrupt().status.code(), Some(65));
        assert_eq!(inode(), first);

        let mut terminal = desk.types("enable sudo");
        terminal.expect(QUESTION);
        let _ = terminal.hang_up();
        in_time("the end of the change", || inode() == first);
        is_over();
        assert!(desk.needs_no_code());
    });
}

#[test]
fn what_waits_in_the_background_outlives_the_command_and_its_terminal() {
    in_world(|world| {
        let desk = Desk::new(world);
        let before = seen(SUDO);
        let mut terminal = desk.types("enable sudo --revert 1s");
        terminal.expect(QUESTION);
        kill(
            Pid::from_raw(terminal.id().try_into().unwrap()),
            Signal::SIGKILL,
        )
        .unwrap();
        let _ = terminal.hang_up();
        in_time("the guard", || {
            seen(SUDO) == before && !fs::exists(OPEN).unwrap()
        });
        assert!(world.log().says("outcome=taken-back reason=not-confirmed"));
        is_over();
        assert_eq!(backups(SUDO), [before.bytes]);
    });
}

#[test]
fn root_takes_back_what_a_killed_command_has_left() {
    in_world(|world| {
        let desk = Desk::new(world);
        desk.runs("revert").done().says("nothing to take back");
        let before = seen(SUDO);
        let mut terminal = desk.types("disable sudo");
        terminal.expect("sudo does not ask");
        let _ = terminal.end();
        let mut terminal = desk.types("enable sudo --revert 1h");
        terminal.expect(QUESTION);
        let pid = Pid::from_raw(terminal.id().try_into().unwrap());
        kill(pid, Signal::SIGKILL).unwrap();
        let _ = terminal.end();
        assert!(has_line(SUDO));
        assert_eq!(
            desk.clinic.fix(1, "waits to be confirmed"),
            "antiphon revert"
        );
        // Nobody else begins meanwhile.
        desk.runs("enable sudo-i --yes").failed(
            75,
            "a change by antiphon enable sudo still waits to be confirmed",
        );
        let object = desk.runs("revert --json").done().object();
        assert_eq!(object["command"], "antiphon enable sudo");
        assert_eq!(object["files"][0]["became"], "as-before");
        assert_eq!(seen(SUDO), before);
        is_over();
        assert!(world.log().says("outcome=taken-back reason=reverted"));
        desk.runs("enable sudo-i --yes").done();
    });
}

#[test]
fn two_at_once_do_not_meet() {
    in_world(|world| {
        let desk = Desk::new(world);
        let mut first = desk.types("enable sudo");
        first.expect(QUESTION);
        let second = desk.types("enable sudo-i").end();
        assert_eq!(second.status.code(), Some(75), "{second:?}");
        assert!(
            second.text.contains("still waits to be confirmed"),
            "{second:?}"
        );
        assert!(!has_line("/etc/pam.d/sudo-i"));
        first.send_line("yes");
        assert!(first.end().succeeded());
        assert!(has_line(SUDO));
    });
}

#[test]
fn a_yes_that_comes_too_late_is_told_so() {
    in_world(|world| {
        let desk = Desk::new(world);
        let mut terminal = desk.types("enable sudo");
        terminal.expect(QUESTION);
        desk.runs("revert").done();
        terminal.send_line("yes");
        let ended = terminal.end();
        assert_eq!(ended.status.code(), Some(75), "{ended:?}");
        assert!(ended.text.contains("taken back already"), "{ended:?}");
        assert!(!has_line(SUDO));
        is_over();
    });
}

/// pam.d on a small disk of its own, filled to the last byte.
fn on_a_small_disk() {
    sh(
        "cp -a /etc/pam.d /run/kept; mount -t tmpfs -o mode=755,size=256k small /etc/pam.d; cp -a /run/kept/. /etc/pam.d",
    );
}

fn fill() {
    sh(
        "cat /dev/zero > /etc/pam.d/.ballast 2>/dev/null || true; echo x > /etc/pam.d/.y 2>/dev/null || true",
    );
}

#[test]
fn a_full_disk_keeps_a_change_from_being_made_and_not_from_being_taken_back() {
    in_world(|world| {
        let desk = Desk::new(world);
        on_a_small_disk();
        let before = seen(SUDO);
        fill();
        desk.runs("enable sudo --yes").failed(73, "free some space");
        assert_eq!(seen(SUDO), before);
        sh("rm /etc/pam.d/.ballast /etc/pam.d/.y");
        is_over();

        let mut terminal = desk.types("enable sudo");
        terminal.expect(QUESTION);
        fill();
        terminal.send_line("no");
        assert_eq!(terminal.end().status.code(), Some(65));
        assert_eq!(seen(SUDO), before);
        sh("rm /etc/pam.d/.ballast /etc/pam.d/.y");
        is_over();
    });
}

#[test]
fn a_change_that_cannot_be_taken_back_yet_is_taken_back_as_soon_as_it_can() {
    in_world(|world| {
        let desk = Desk::new(world);
        on_a_small_disk();
        let before = seen(SUDO);
        let mut terminal = desk.types("enable sudo --revert 1s");
        terminal.expect(QUESTION);
        // The old file is gone, and there is no room for another one.
        for path in hidden() {
            fs::remove_file(path).unwrap();
        }
        fill();
        let ended = terminal.end();
        assert_eq!(ended.status.code(), Some(74), "{ended:?}");
        assert!(ended.text.contains("is not taken back yet"), "{ended:?}");
        assert!(
            ended.text.contains("changes/20"),
            "where the backup is: {ended:?}"
        );
        until("the guard's first try", || {
            world.log().says("outcome=not-taken-back").then_some(())
        });
        assert!(has_line(SUDO));
        sh("rm -f /etc/pam.d/.ballast /etc/pam.d/.y");
        in_time("the guard", || {
            seen(SUDO) == before && !fs::exists(OPEN).unwrap()
        });
        is_over();
    });
}

#[test]
fn what_a_revert_could_not_take_back_is_taken_back_as_soon_as_it_can_as_after_a_start_of_the_computer()
 {
    in_world(|world| {
        let desk = Desk::new(world);
        on_a_small_disk();
        let before = seen(SUDO);
        desk.runs("enable sudo --later --revert 1h").done();
        for path in hidden() {
            fs::remove_file(path).unwrap();
        }
        fill();
        desk.runs("revert")
            .failed(74, "it is also tried again in the background");
        assert!(has_line(SUDO));
        sh("rm -f /etc/pam.d/.ballast /etc/pam.d/.y");
        in_time("what tries again", || {
            seen(SUDO) == before && !fs::exists(OPEN).unwrap()
        });
        is_over();
    });
}

#[test]
fn a_guard_whose_unit_does_not_start_is_seen_and_a_process_waits_in_its_place() {
    in_world(|world| {
        let desk = Desk::new(world);
        let before = seen(SUDO);
        sh("mkdir -p /run/systemd/system /run/fake");
        let programs = [
            (
                "systemd-run",
                "echo \"$*\" >> /run/fake/ran; case \"$*\" in *Type=exec*) exit 1;; esac",
            ),
            (
                "systemctl",
                "echo \"systemctl $*\" >> /run/fake/ran; [ \"$1\" != --version ] || cat /run/fake/version",
            ),
        ];
        for (name, script) in programs {
            sh(&format!(
                "printf '%s\\n' '#!/bin/sh' '{script}' > /run/fake/{name}; chmod 755 /run/fake/{name}"
            ));
        }
        let enable = |version: &str| {
            sh(&format!(
                "echo 'systemd {version}' > /run/fake/version; rm -f /run/fake/ran"
            ));
            let arguments = ["enable", "sudo", "--later", "--revert", "1s"];
            let path = "/run/fake:/usr/sbin:/usr/bin:/sbin:/bin";
            let said = run(command(world, &arguments).env("PATH", path), "").done();
            (said, fs::read_to_string("/run/fake/ran").unwrap())
        };
        let (said, ran) = enable("252 (252.39-1~deb12u2)");
        said.warns("systemd-run failed");
        assert!(ran.contains("systemctl stop antiphon-guard-"), "{ran}");
        in_time("the process", || {
            seen(SUDO) == before && !fs::exists(OPEN).unwrap()
        });

        // Where systemd does not know it, the unit is of the usual type.
        let (said, ran) = enable("239 (239-82.el8)");
        assert!(!said.err.contains("systemd-run failed"), "{said:#?}");
        assert!(!ran.contains("Type="), "{ran}");
        desk.runs("revert").done();
        is_over();
    });
}

#[test]
fn a_file_that_cannot_be_replaced_changes_nothing() {
    in_world(|world| {
        let desk = Desk::new(world);
        let before = (seen(SUDO), seen("/etc/pam.d/sudo-i"));
        sh("mount --bind /etc/pam.d /etc/pam.d; mount -o remount,bind,ro /etc/pam.d");
        desk.runs("enable sudo --yes")
            .failed(73, "mount its file system for writing");
        sh("umount /etc/pam.d");
        // The second of two files.
        sh("mount --bind /etc/pam.d/sudo-i /etc/pam.d/sudo-i");
        desk.runs("enable sudo sudo-i --yes").exits(73);
        sh("umount /etc/pam.d/sudo-i");
        assert_eq!((seen(SUDO), seen("/etc/pam.d/sudo-i")), before);
        is_over();
    });
}

#[test]
fn where_a_change_cannot_be_written_down_it_is_not_made() {
    in_world(|world| {
        let desk = Desk::new(world);
        let before = seen(SUDO);
        let folder = "/var/lib/antiphon/changes";
        sh(&format!(
            "mkdir -m 700 {folder}; mount -t tmpfs -o mode=700,size=4k small {folder}"
        ));
        sh(&format!(
            "cat /dev/zero > {folder}/ballast 2>/dev/null || true"
        ));
        desk.runs("enable sudo --yes")
            .failed(73, "nothing was changed");
        sh(&format!("umount {folder}; chmod 777 {folder}"));
        desk.runs("enable sudo --yes")
            .exits(78)
            .says("lets others in");
        sh(&format!(
            "chmod 700 {folder}; echo '{{' > {OPEN}; chmod 600 {OPEN}"
        ));
        for command in ["enable sudo --yes", "revert"] {
            let said = desk.runs(command).exits(78);
            let all = format!("{}{}", said.out, said.err);
            assert!(all.contains("look at the backups beside it"), "{all}");
            assert!(all.contains(&format!("rm {OPEN}")), "{all}");
        }
        let fix = desk.clinic.fix(2, "look at the backups beside it");
        assert_eq!(fix, format!("rm {OPEN}"));
        assert_eq!(seen(SUDO), before);
        sh(&format!("rm {OPEN}"));
        desk.runs("enable sudo --yes").done();
    });
}

#[test]
fn of_a_package_that_is_purged_meanwhile_nothing_is_made_again() {
    in_world(|world| {
        let desk = Desk::new(world);
        sh("rm -rf /var/lib/antiphon");
        desk.runs("revert").done().says("nothing to take back");
        desk.runs("revert --guard x 0").done();
        assert!(!fs::exists("/var/lib/antiphon").unwrap());
    });
}

#[test]
fn what_waits_in_the_background_holds_nothing_that_the_command_was_started_with() {
    in_world(|world| {
        let desk = Desk::new(world);
        let enable = command(world, &["enable", "sudo", "--later", "--revert", "1h"]);
        let mut shell = world.command("bash");
        shell.args(["-c", "exec 10>/run/held 251>/run/held; exec \"$@\"", "bash"]);
        shell.arg(enable.get_program()).args(enable.get_args());
        for (key, value) in enable.get_envs() {
            shell.env(key, value.unwrap_or_default());
        }
        run(&mut shell, "").done();
        sh("! ls -l /proc/[0-9]*/fd 2>/dev/null | grep /run/held");
        desk.runs("revert").done();
    });
}
