//! What somebody does to a file while a change of it waits is theirs, and stays.

use std::fs;

use antiphon_tests::{Terminal, in_world};

use super::{Desk, OURS, QUESTION, SUDO, backups, has_line, is_over};
use crate::command::sh;

/// Begins, has somebody edit, and says no: how it ended.
fn edited(desk: &Desk<'_>, script: &str) -> String {
    let mut terminal: Terminal = desk.types("enable sudo");
    terminal.expect(QUESTION);
    sh(script);
    terminal.send_line("no");
    let ended = terminal.end();
    assert_eq!(ended.status.code(), Some(65), "{script}: {ended:?}");
    is_over();
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
            let said = edited(&desk, script);
            assert!(
                said.contains("edited by somebody else: the line of pam_antiphon was taken out"),
                "{said}"
            );
            assert_eq!(
                fs::read_to_string(SUDO).unwrap(),
                format!("{before}# mine\n")
            );
            assert!(desk.needs_no_code());
            assert!(world.log().says("outcome=edited-meanwhile"));
            fs::write(SUDO, &before).unwrap();
        }
        // Also by what waits in the background.
        let mut terminal = desk.types("enable sudo --revert 1h");
        terminal.expect(QUESTION);
        sh("echo '# mine' >> /etc/pam.d/sudo");
        let object = desk.runs("revert --json").done().object();
        assert_eq!(object["files"][0]["became"], "without-ours");
        assert_eq!(
            fs::read_to_string(SUDO).unwrap(),
            format!("{before}# mine\n")
        );
        terminal.send_line("no");
        assert_eq!(terminal.end().status.code(), Some(75));
    });
}

#[test]
fn what_is_no_longer_what_was_written_is_left_and_the_backup_is_named() {
    in_world(|world| {
        let desk = Desk::new(world);
        let before = fs::read(SUDO).unwrap();
        for (script, left) in [
            (
                "sed -i s/required.pam_antiphon.so/requisite\\ pam_antiphon.so/ /etc/pam.d/sudo",
                None,
            ),
            (
                "cp /etc/pam.d/login /etc/pam.d/sudo; echo '# mine' >> /etc/pam.d/sudo",
                None,
            ),
            ("ln -sf login /etc/pam.d/sudo", Some("login")),
        ] {
            let said = edited(&desk, script);
            assert!(
                said.contains("/etc/pam.d/sudo was edited by somebody else and stays as it is"),
                "{said}"
            );
            assert!(said.contains("/var/lib/antiphon/changes/20"), "{said}");
            assert!(backups(SUDO).contains(&before));
            let link = fs::read_link(SUDO).ok();
            assert_eq!(link.as_deref(), left.map(std::path::Path::new), "{script}");
            fs::remove_file(SUDO).unwrap();
            fs::write(SUDO, &before).unwrap();
        }
        let said = edited(&desk, "rm /etc/pam.d/sudo");
        assert!(said.contains("stays as it is"), "{said}");
        assert!(!fs::exists(SUDO).unwrap());
    });
}

#[test]
fn somebody_who_has_taken_it_back_by_hand_has_done_so() {
    in_world(|world| {
        let desk = Desk::new(world);
        let before = fs::read(SUDO).unwrap();
        let said = edited(&desk, &format!("sed -i '/^{OURS}/d' /etc/pam.d/sudo"));
        assert!(said.contains("/etc/pam.d/sudo is as before"), "{said}");
        assert_eq!(fs::read(SUDO).unwrap(), before);
        assert!(!has_line(SUDO));
    });
}
