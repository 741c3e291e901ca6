//! A line of pam.d whose module is gone refuses everybody: the package stays as long as one stands that it cannot take
//! out itself.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::symlink;

use antiphon_tests::{World, in_world};

use super::{asks, begin, done, run, seen};

const COMMON: &str = "/etc/pam.d/common-auth";
/// What must be as it was: what PAM reads, and what pam-auth-update remembers.
const KEPT: &[&str] = &["/etc", "/var/lib/pam"];

fn add(path: &str, line: &str) {
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .unwrap();
    writeln!(file, "{line}").unwrap();
}

fn enable(world: &World) {
    done(
        world,
        "DEBIAN_FRONTEND=noninteractive pam-auth-update --enable antiphon",
    );
    assert!(asks(COMMON));
}

/// The removal is refused with the names of `files`, and nothing is another than before.
fn is_refused(world: &World, files: &[&str]) {
    let before = seen(KEPT);
    for argument in ["remove", "0"] {
        let output = run(world, "prerm", &[argument]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{files:?}: {said}");
        for file in files {
            assert!(said.contains(&format!("\n  {file}\n")), "{said}");
        }
        let named = said.lines().filter(|line| line.starts_with("  /")).count();
        assert_eq!(named, files.len(), "{said}");
        assert!(said.contains("nothing was changed"), "{said}");
        assert_eq!(seen(KEPT), before, "{files:?}");
    }
}

#[test]
fn a_line_that_somebody_wrote_keeps_the_package_and_nothing_is_touched() {
    in_world(|world| {
        begin(world);
        // The line that could be taken out stays as well: all or nothing.
        enable(world);
        for (file, line) in [
            ("/etc/pam.d/sshd", "auth required pam_antiphon.so"),
            (
                "/etc/pam.d/sudo",
                "auth\t[success=1 default=die]\tpam_antiphon.so debug",
            ),
            // Without its module that line lets in without a second factor.
            ("/etc/pam.d/su", "-auth required pam_antiphon.so"),
            (
                "/etc/pam.d/login",
                "  auth required /usr/lib/security/pam_antiphon.so # ours",
            ),
            ("/etc/pam.d/my.service", "auth required \\\npam_antiphon.so"),
            (
                "/etc/pam.d/common-password",
                "auth required pam_antiphon.so",
            ),
            ("/usr/lib/pam.d/vendor", "auth required pam_antiphon.so"),
            ("/etc/pam.conf", "ftp auth required pam_antiphon.so"),
            // Behind what pam-auth-update keeps.
            (COMMON, "auth required pam_antiphon.so"),
        ] {
            let before = fs::read(file).ok();
            fs::create_dir_all("/usr/lib/pam.d").unwrap();
            add(file, line);
            is_refused(world, &[file]);
            match before {
                Some(bytes) => fs::write(file, bytes).unwrap(),
                None => fs::remove_file(file).unwrap(),
            }
        }
        // As authselect has it.
        fs::create_dir("/etc/authselect").unwrap();
        add(
            "/etc/authselect/system-auth",
            "auth requisite pam_antiphon.so",
        );
        symlink("/etc/authselect/system-auth", "/etc/pam.d/system-auth").unwrap();
        add("/etc/pam.d/sshd", "auth required pam_antiphon.so");
        is_refused(world, &["/etc/pam.d/sshd", "/etc/pam.d/system-auth"]);
    });
}

#[test]
fn what_pam_auth_update_wrote_goes_with_the_package_and_nothing_else() {
    in_world(|world| {
        begin(world);
        // What an administrator adds to another line of it, and a profile of another module.
        fs::write(
            "/usr/share/pam-configs/other",
            "Name: other\nDefault: yes\nPriority: 10\nAuth-Type: Additional\nAuth:\n\toptional\tpam_echo.so\n",
        )
        .unwrap();
        done(
            world,
            "DEBIAN_FRONTEND=noninteractive pam-auth-update --package",
        );
        done(
            world,
            &format!("sed -i '/pam_echo/s/$/ file=\\/etc\\/hosts/' {COMMON}"),
        );
        // It has blanks of its own.
        done(
            world,
            "DEBIAN_FRONTEND=noninteractive pam-auth-update --package",
        );
        assert!(
            fs::read_to_string(COMMON)
                .unwrap()
                .contains("file=/etc/hosts")
        );
        let before = seen(&["/etc"]);
        enable(world);
        done(
            world,
            &format!("sed -i '/pam_antiphon/s/$/ debug/' {COMMON}"),
        );
        let output = run(world, "prerm", &["remove"]);
        assert!(output.status.success(), "{output:#?}");
        assert_eq!(seen(&["/etc"]), before);
        // Once more, as after a removal that failed later.
        assert!(run(world, "prerm", &["remove"]).status.success());
        assert_eq!(seen(&["/etc"]), before);
    });
}

#[test]
fn a_common_file_that_was_edited_by_hand_keeps_the_package() {
    in_world(|world| {
        begin(world);
        enable(world);
        // pam-auth-update then leaves all its files as they are, and says so on standard error alone.
        done(
            world,
            &format!("sed -i '/pam_antiphon/i auth optional pam_echo.so' {COMMON}"),
        );
        is_refused(world, &[COMMON]);
        // And where the line is not what it wrote.
        done(
            world,
            &format!("sed -i '/pam_echo/d; /pam_antiphon/s/required/requisite/' {COMMON}"),
        );
        is_refused(world, &[COMMON]);
        // Where it has lost its own notes.
        done(
            world,
            &format!("sed -i '/pam_antiphon/s/requisite/required/' {COMMON}; rm /var/lib/pam/auth"),
        );
        is_refused(world, &[COMMON]);
    });
}

#[test]
fn comments_and_old_copies_are_no_lines() {
    in_world(|world| {
        begin(world);
        add("/etc/pam.d/sshd", "# auth required pam_antiphon.so");
        add(
            "/etc/pam.d/sshd",
            "auth optional pam_echo.so # before pam_antiphon.so came",
        );
        for old in [
            "sshd~",
            "sshd.dpkg-old",
            "common-auth.pam-old",
            "system-auth.rpmsave",
        ] {
            add(
                &format!("/etc/pam.d/{old}"),
                "auth required pam_antiphon.so",
            );
        }
        let before = seen(KEPT);
        for argument in ["remove", "0"] {
            let output = run(world, "prerm", &[argument]);
            assert!(output.status.success(), "{output:#?}");
            assert_eq!(seen(KEPT), before);
        }
    });
}

#[test]
fn an_upgrade_leaves_every_line() {
    in_world(|world| {
        begin(world);
        enable(world);
        add("/etc/pam.d/sshd", "auth required pam_antiphon.so");
        let before = seen(KEPT);
        for arguments in [
            &["upgrade", "0.2.0"][..],
            &["failed-upgrade", "0.1.0"],
            &["deconfigure", "in-favour", "other", "1"],
            &["1"],
            &[],
        ] {
            let output = run(world, "prerm", arguments);
            assert!(output.status.success(), "{arguments:?}: {output:#?}");
            assert_eq!(seen(KEPT), before, "{arguments:?}");
        }
    });
}
