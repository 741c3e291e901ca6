//! A change that is confirmed stays, and all that a file had stays with it.

use std::fs;

use antiphon_tests::in_world;

use super::{Desk, OURS, QUESTION, SUDO, backups, has_line, is_over, seen};
use crate::command::sh;

#[test]
fn a_service_asks_from_the_moment_of_the_question_and_stays_so_after_yes() {
    in_world(|world| {
        let desk = Desk::new(world);
        sh("chgrp antiphon /etc/pam.d/sudo; chmod 640 /etc/pam.d/sudo");
        xattr::set(SUDO, "security.selinux", b"system_u:object_r:etc_t:s0\0").unwrap();
        let before = seen(SUDO);
        assert!(desk.needs_no_code());
        let mut terminal = desk.types("enable sudo");
        terminal.expect(&format!("{SUDO}\r\n  + {OURS}"));
        terminal
            .expect("Sign in from a second one, by sudo")
            .expect(QUESTION);
        assert!(desk.asks());
        assert_eq!(
            desk.runs("doctor sudo --json").object()["services"][0]["verdict"],
            "asks"
        );
        let shown = terminal.send_line("yes").expect("sudo now asks").shown();
        assert!(
            shown.contains("at 20"),
            "when it would be taken back: {shown}"
        );
        assert!(terminal.end().succeeded());
        let after = seen(SUDO);
        assert_eq!((after.mode, after.owner), (before.mode, before.owner));
        let label = xattr::get(SUDO, "security.selinux").unwrap().unwrap();
        assert_eq!(label, b"system_u:object_r:etc_t:s0\0");
        let lines = String::from_utf8(after.bytes).unwrap();
        assert_eq!(lines.matches(OURS).count(), 1);
        assert!(
            lines.contains(&format!("@include common-auth\n{OURS}\n")),
            "{lines}"
        );
        assert_eq!(backups(SUDO), [before.bytes]);
        is_over();
        for part in [
            "outcome=changed",
            "outcome=kept command=\"antiphon enable sudo\"",
        ] {
            assert!(world.log().says(part), "{part}: {:?}", world.log().lines());
        }
        // Once more there is nothing to do.
        desk.runs("enable sudo --yes")
            .done()
            .says("sudo asks already");
    });
}

#[test]
fn a_script_changes_for_good_and_reads_what_was_done() {
    in_world(|world| {
        let desk = Desk::new(world);
        let object = desk.runs("enable sudo sudo-i --yes --json").done().object();
        assert_eq!(object["result"], "kept");
        assert_eq!(object["services"], serde_json::json!(["sudo", "sudo-i"]));
        let backup = object["files"][0]["backup"].as_str().unwrap();
        assert!(!has_line(backup) && has_line(SUDO) && has_line("/etc/pam.d/sudo-i"));
        assert!(desk.asks());
        is_over();
        let object = desk.runs("enable sudo --yes --json").done().object();
        assert_eq!(object["result"], "unchanged");

        let object = desk
            .runs("disable sudo sudo-i --yes --json")
            .done()
            .object();
        assert_eq!(object["result"], "kept");
        assert!(desk.needs_no_code() && !has_line("/etc/pam.d/sudo-i"));
        desk.runs("disable sudo --yes")
            .done()
            .says("sudo does not ask");
        is_over();
    });
}

#[test]
fn a_file_with_bytes_that_are_no_text_keeps_them() {
    in_world(|world| {
        let desk = Desk::new(world);
        let mut bytes = b"# caf\xe9\n".to_vec();
        bytes.extend(fs::read(SUDO).unwrap());
        fs::write(SUDO, &bytes).unwrap();
        desk.runs("enable sudo --yes").done();
        let after = fs::read(SUDO).unwrap();
        assert!(after.starts_with(b"# caf\xe9\n") && has_bytes(&after, OURS.as_bytes()));
        desk.runs("disable sudo --yes").done();
        assert_eq!(fs::read(SUDO).unwrap(), bytes);
    });
}

fn has_bytes(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[test]
fn a_packages_own_file_stays_and_the_administrators_is_made_beside_it() {
    in_world(|world| {
        let desk = Desk::new(world);
        sh("mkdir -p /usr/lib/pam.d; mv /etc/pam.d/sudo /usr/lib/pam.d");
        let theirs = seen("/usr/lib/pam.d/sudo");
        let mut terminal = desk.types("enable sudo");
        terminal.expect(QUESTION);
        assert!(has_line(SUDO) && desk.asks());
        terminal.send_line("no");
        assert_eq!(terminal.end().status.code(), Some(65));
        assert!(!fs::exists(SUDO).unwrap());
        assert_eq!(seen("/usr/lib/pam.d/sudo"), theirs);
        is_over();
    });
}

#[test]
fn a_dry_run_says_what_would_be_changed_or_why_not_and_changes_nothing() {
    in_world(|world| {
        let desk = Desk::new(world);
        let before = seen(SUDO);
        let said = desk.runs("--json enable sudo --dry-run").done();
        let object = said.object();
        assert_eq!(object["result"], "possible");
        assert_eq!(object["services"], serde_json::json!(["sudo"]));
        assert_eq!(object["files"][0]["file"], SUDO);
        assert_eq!(object["files"][0]["added"], serde_json::json!([OURS]));
        assert_eq!(object["files"][0]["removed"], serde_json::json!([]));
        let said = desk.runs("enable sudo --dry-run").done();
        assert!(said.out.contains(&format!("  + {OURS}\n")), "{said:#?}");
        assert!(said.out.ends_with("Nothing was changed.\n"), "{said:#?}");
        world.configure("mod = \"enforce\"\n");
        desk.runs("enable sudo --dry-run")
            .failed(78, "nothing was changed");
        assert_eq!(seen(SUDO), before);
        assert!(!fs::exists("/var/lib/antiphon/changes/open.json").unwrap());
        for other in ["--yes", "--later", "--revert 2m"] {
            desk.runs(&format!("enable sudo --dry-run {other}"))
                .exits(64);
        }
    });
}
