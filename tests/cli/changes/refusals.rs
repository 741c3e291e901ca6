//! What would lock people out, or could be jumped over, is not made; each refusal says how to go on.

use std::fs;

use antiphon_tests::in_world;

use super::{Desk, SUDO, has_line, is_over, seen};
use crate::command::{command, run, sh};

/// Holds that nothing is changed by this, with `status` and these words; and how it was refused.
fn refused(desk: &Desk<'_>, arguments: &str, status: i32, words: &str) -> String {
    let before = desk.clinic.types("cat /etc/pam.d/*; ls -lA /etc/pam.d");
    let said = desk.runs(arguments).exits(status);
    let all = format!("{}{}", said.out, said.err);
    assert!(all.contains(words), "no {words:?} in {all}");
    assert_eq!(
        desk.clinic.types("cat /etc/pam.d/*; ls -lA /etc/pam.d"),
        before
    );
    all
}

#[test]
fn a_stack_that_ends_before_our_line_is_refused_and_the_fix_opens_the_way() {
    in_world(|world| {
        let desk = Desk::new(world);
        let recipe = "auth [success=1 default=bad] pam_unix.so nodelay\nauth [default=die] pam_faillock.so authfail\n\
             auth sufficient pam_faillock.so authsucc\nauth required pam_deny.so\n";
        fs::write("/etc/pam.d/common-auth", recipe).unwrap();
        let said = refused(
            &desk,
            "enable sudo --yes",
            78,
            "ends the stack before pam_antiphon or jumps over it",
        );
        let fix = said
            .lines()
            .find_map(|line| line.trim().strip_prefix("fix: "));
        let object = desk.runs("enable sudo --yes --json").exits(78).object();
        assert_eq!(object["result"], "refused");
        assert_eq!(object["findings"][0]["fix"].as_str(), fix);
        sh(fix.unwrap());
        desk.runs("enable sudo --yes").done();
        assert!(desk.asks());
    });
}

#[test]
fn a_program_that_cannot_ask_is_refused_also_where_it_includes_the_service() {
    in_world(|world| {
        let desk = Desk::new(world);
        fs::write("/etc/pam.d/vsftpd", "@include common-auth\n").unwrap();
        refused(&desk, "enable vsftpd --yes", 78, "it cannot show a prompt");
        fs::write("/etc/pam.d/i3lock", "auth include login\n").unwrap();
        refused(&desk, "enable login --yes", 78, "i3lock, which cannot ask");
        sh("sed -i 's/auth include login/@include common-auth/' /etc/pam.d/i3lock");
        desk.runs("enable login --yes").done();
    });
}

#[test]
fn an_sshd_that_cannot_show_the_prompt_is_refused_until_its_fix_is_typed() {
    in_world(|world| {
        let desk = Desk::new(world);
        sh("rm /etc/ssh/sshd_config.d/00-antiphon.conf");
        let words =
            "sshd uses the password method, which cannot show the prompt for a second factor";
        let said = refused(&desk, "enable sshd --yes", 78, words);
        let fix = said
            .lines()
            .find_map(|line| line.trim().strip_prefix("fix: "));
        desk.clinic.types(fix.unwrap());
        desk.runs("enable sshd --yes").done();
        assert!(has_line("/etc/pam.d/sshd"));
    });
}

#[test]
fn whoever_would_lock_themselves_out_is_told_to_enrol_first() {
    in_world(|world| {
        let desk = Desk::new(world);
        sh("rm /etc/antiphon/users/bob.toml");
        let arguments = ["enable", "sudo", "--yes"];
        let said = run(command(world, &arguments).env("SUDO_USER", "bob"), "");
        said.failed(78, "antiphon enroll bob");
        sh("rm /etc/antiphon/users/*");
        refused(&desk, "enable sudo --yes", 78, "antiphon enroll root");
        assert!(desk.needs_no_code());
    });
}

#[test]
fn a_configuration_that_cannot_be_used_a_missing_module_and_a_link_are_refused() {
    in_world(|world| {
        let desk = Desk::new(world);
        world.configure("mod = \"observe\"\n");
        refused(&desk, "enable sudo --yes", 78, "unknown key `mod`");
        world.configure("");
        sh("mv /usr/lib/$(uname -m)-linux-gnu/security/pam_antiphon.so /run");
        refused(&desk, "enable sudo --yes", 78, "install -D -m 644");
        sh("mv /run/pam_antiphon.so /usr/lib/$(uname -m)-linux-gnu/security");
        sh("mv /etc/pam.d/sudo /etc/pam.d/other-sudo; ln -s other-sudo /etc/pam.d/sudo");
        refused(
            &desk,
            "enable sudo --yes",
            78,
            "/etc/pam.d/sudo: is a symbolic link to other-sudo",
        );
        refused(
            &desk,
            "enable no-such --yes",
            66,
            "no such file in /etc/pam.d",
        );
        refused(
            &desk,
            "enable ../sudo --yes",
            66,
            "no such file in /etc/pam.d",
        );
        refused(&desk, "enable common-auth --yes", 65, "is no service");
        refused(&desk, "enable sudo-i", 64, "add --yes");
        refused(&desk, "enable", 64, "SERVICE");
        refused(&desk, "enable sudo --revert 2d", 64, "from 1s to 1h");
        is_over();
    });
}

#[test]
fn a_line_is_not_taken_out_where_nothing_else_would_ask_or_where_others_share_it() {
    in_world(|world| {
        let desk = Desk::new(world);
        let alone = "auth requisite pam_antiphon.so\nauth required pam_permit.so\naccount required pam_permit.so\n";
        fs::write(SUDO, alone).unwrap();
        refused(&desk, "disable sudo --yes", 78, "everybody would get in");
        assert_eq!(seen(SUDO).bytes, alone.as_bytes());
        sh(
            "echo 'auth required pam_antiphon.so' >> /etc/pam.d/common-auth; echo '@include common-auth' > /etc/pam.d/sudo",
        );
        refused(&desk, "disable sudo --yes", 78, "antiphon disable --all");
        // A configuration that cannot be used is a reason to take the line out.
        world.configure("mod = \"observe\"\n");
        sh(
            "sed -i /antiphon/d /etc/pam.d/common-auth; echo 'auth required pam_antiphon.so' >> /etc/pam.d/sudo",
        );
        desk.runs("disable sudo --yes").done();
        assert!(desk.needs_no_code());
    });
}
