//! What somebody does to a file while a change of it waits is theirs, and stays.

use std::fs;

use antiphon_tests::{Terminal, in_world};

use super::{Desk, OURS, QUESTION, SUDO, backups, has_line, hidden, is_over};
use crate::command::sh;

/// Begins to enable or disable, has somebody edit, and says no: how it ended.
fn edited(desk: &Desk<'_>, command: &str, script: &str) -> String {
    let mut terminal: Terminal = desk.types(command);
    terminal.expect(QUESTION);
    sh(script);
    terminal.send_line("no");
    let ended = terminal.end();
    let is_left = ended.text.contains("could not be taken back everywhere");
    let code = if is_left { 78 } else { 65 };
    assert_eq!(ended.status.code(), Some(code), "{script}: {ended:?}");
    assert_eq!(hidden(), <[std::path::PathBuf; 0]>::default());
    ended.text
}

#[test]
fn of_a_file_that_was_edited_our_line_alone_is_taken_out() {
    in_world(|world| {
        let desk = Desk::new(world);
        let before = fs::read_to_string(SUDO).unwrap();
        for script in [
            "echo '# mine' >> /etc/pam.d/sudo",
            "sed -i '$a # mine' /etc/pam.d/sudo",
        ] {
            let said = edited(&desk, "enable sudo", script);
            assert!(
                said.contains("edited by somebody else: the change was taken back there"),
                "{said}"
            );
            assert_eq!(
                fs::read_to_string(SUDO).unwrap(),
                format!("{before}# mine\n")
            );
            is_over();
            assert!(desk.needs_no_code());
            assert!(world.log().says("outcome=edited-meanwhile"));
            fs::write(SUDO, &before).unwrap();
        }
        // Also by what waits in the background.
        let mut terminal = desk.types("enable sudo --revert 1h");
        terminal.expect(QUESTION);
        sh("echo '# mine' >> /etc/pam.d/sudo");
        let object = desk.runs("revert --json").done().object();
        assert_eq!(object["files"][0]["became"], "merged");
        assert_eq!(
            fs::read_to_string(SUDO).unwrap(),
            format!("{before}# mine\n")
        );
        terminal.send_line("no");
        assert_eq!(terminal.end().status.code(), Some(75));
    });
}

#[test]
fn a_disabling_that_nobody_confirms_asks_again_also_in_a_file_that_was_edited() {
    in_world(|world| {
        let desk = Desk::new(world);
        desk.runs("enable sudo --yes").done();
        let before = fs::read_to_string(SUDO).unwrap();
        let said = edited(&desk, "disable sudo", "echo '# mine' >> /etc/pam.d/sudo");
        assert!(said.contains("the change was taken back there"), "{said}");
        let expected = format!("{before}# mine\n");
        assert_eq!(fs::read_to_string(SUDO).unwrap(), expected);
        is_over();
        assert!(desk.asks());
    });
}

#[test]
fn what_cannot_be_taken_back_is_a_fault_until_somebody_has_looked_at_it() {
    in_world(|world| {
        let desk = Desk::new(world);
        for (command, script) in [
            (
                "enable sudo",
                "sed -i s/required.pam_antiphon.so/requisite\\ pam_antiphon.so/ /etc/pam.d/sudo",
            ),
            ("enable sudo", "ln -sf login /etc/pam.d/sudo"),
            ("enable sudo", "rm /etc/pam.d/sudo"),
            // Right beside our line, and a jump further up, which may count it.
            (
                "enable sudo",
                "sed -i '/pam_antiphon/i auth [success=1 default=ignore] pam_unix.so' /etc/pam.d/sudo",
            ),
            (
                "enable sudo",
                "sed -i '1i auth [success=2 default=ignore] pam_unix.so\\n# \\n' /etc/pam.d/sudo",
            ),
            (
                "disable sudo",
                "printf '# mine\\nauth required pam_deny.so\\n' > /etc/pam.d/sudo",
            ),
        ] {
            if command == "disable sudo" {
                desk.runs("enable sudo --yes").done();
                // Neither the line in front of ours nor the one behind it will be there.
                sh("echo '# last' >> /etc/pam.d/sudo");
            }
            let before = fs::read(SUDO).unwrap();
            let said = edited(&desk, command, script);
            assert!(
                said.contains("The change could not be taken back everywhere."),
                "{said}"
            );
            assert!(
                said.contains("/etc/pam.d/sudo was edited by somebody else, in the same lines or some that depend on them, and stays as it is"),
                "{said}"
            );
            assert!(said.contains("/var/lib/antiphon/changes/20"), "{said}");
            assert!(backups(SUDO).contains(&before));
            assert!(world.log().says("outcome=not-taken-back"));
            let theirs = (fs::read_link(SUDO).ok(), fs::read(SUDO).ok());
            let fix = desk
                .clinic
                .fix(2, "could not be taken back in /etc/pam.d/sudo");
            assert_eq!(
                fix,
                "${EDITOR:-vi} /etc/pam.d/sudo && antiphon revert --leave"
            );

            // Nothing else begins, nothing is confirmed, and another try leaves it as well.
            desk.runs("enable sudo-i --yes").exits(78);
            desk.runs("confirm").failed(78, "antiphon doctor");
            let object = desk.runs("revert --json").exits(78).object();
            assert_eq!(object["files"][0]["became"], "left");
            assert_eq!(
                (fs::read_link(SUDO).ok(), fs::read(SUDO).ok()),
                theirs,
                "{script}"
            );

            // Whoever has looked at it says so; or has put it back, which is seen.
            if command == "disable sudo" {
                fs::write(SUDO, &before).unwrap();
                desk.runs("revert")
                    .done()
                    .says("/etc/pam.d/sudo is as before");
            } else {
                desk.clinic.types(&format!("EDITOR=true; {fix}"));
                assert_eq!(
                    (fs::read_link(SUDO).ok(), fs::read(SUDO).ok()),
                    theirs,
                    "{script}"
                );
                let _ = fs::remove_file(SUDO);
                fs::write(SUDO, &before).unwrap();
            }
            is_over();
        }
        desk.runs("revert --leave")
            .done()
            .says("nothing to take back");
    });
}

#[test]
fn a_change_of_which_nothing_was_left_is_not_ended_by_saying_that_one_has_looked() {
    in_world(|world| {
        let desk = Desk::new(world);
        desk.runs("enable sudo --later --revert 1h").done();
        desk.runs("revert --leave").failed(64, "antiphon revert");
        assert!(has_line(SUDO));
        desk.runs("confirm").done();
    });
}

#[test]
fn somebody_who_has_taken_it_back_by_hand_has_done_so() {
    in_world(|world| {
        let desk = Desk::new(world);
        let before = fs::read(SUDO).unwrap();
        let said = edited(
            &desk,
            "enable sudo",
            &format!("sed -i '/^{OURS}/d' /etc/pam.d/sudo"),
        );
        assert!(said.contains("/etc/pam.d/sudo is as before"), "{said}");
        is_over();
        assert_eq!(fs::read(SUDO).unwrap(), before);
        assert!(!has_line(SUDO));
    });
}

#[test]
fn who_may_do_what_with_the_file_is_as_somebody_has_set_it_meanwhile() {
    in_world(|world| {
        let desk = Desk::new(world);
        let before = fs::read(SUDO).unwrap();
        edited(
            &desk,
            "enable sudo",
            "chmod 600 /etc/pam.d/sudo; chown 1:1 /etc/pam.d/sudo",
        );
        let now = super::seen(SUDO);
        assert_eq!(
            (now.bytes, now.mode & 0o777, now.owner),
            (before, 0o600, (1, 1))
        );
        is_over();
    });
}

#[test]
fn nobody_hears_that_a_change_stays_of_which_a_file_is_as_before() {
    in_world(|world| {
        let desk = Desk::new(world);
        let before = fs::read(SUDO).unwrap();
        desk.runs("enable sudo sudo-i --later --revert 1h").done();
        fs::write(SUDO, &before).unwrap();
        desk.runs("confirm").failed(75, "antiphon revert");
        desk.runs("revert").done();
        assert!(!has_line(SUDO) && !has_line("/etc/pam.d/sudo-i"));
        is_over();
    });
}

#[test]
fn a_change_for_good_that_was_stopped_halfway_is_none_though_somebody_has_edited_the_other_file() {
    in_world(|world| {
        let desk = Desk::new(world);
        desk.runs("enable sudo sudo-i --later --revert 1h").done();
        // As when it was stopped behind the first file.
        sh(
            "sed -i 's/\"is_made\":true/\"is_made\":false/; s/\"ends\":\"confirmed\"/\"ends\":\"made\"/' /var/lib/antiphon/changes/open.json",
        );
        sh("sed -i '/pam_antiphon/d; $a # mine' /etc/pam.d/sudo-i");
        desk.runs("confirm").failed(75, "antiphon revert");
        desk.runs("revert").done();
        assert!(!has_line(SUDO) && !has_line("/etc/pam.d/sudo-i"));
        is_over();
    });
}
