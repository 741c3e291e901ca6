//! The doctor changes nothing, and comes to an end with words that a terminal can show, whatever it is shown.

use std::time::{Duration, Instant};

use antiphon_tests::in_world;
use nix::sys::signal::{Signal, kill};

use super::Clinic;
use crate::command::Said;
use crate::daemon::{Daemon, in_house};

/// How long it may take with nobody to wait for but a program or two.
const PATIENCE: Duration = Duration::from_secs(45);

/// Holds what is true of whatever it says.
fn hold(clinic: &Clinic<'_>, arguments: &[&str]) -> Said {
    let begun = Instant::now();
    let said = clinic.doctor(arguments);
    println!("{:?} {arguments:?}", begun.elapsed());
    assert!(
        begun.elapsed() < PATIENCE,
        "{:?} {said:#?}",
        begun.elapsed()
    );
    assert!((0..=2).contains(&said.status), "{said:#?}");
    for text in [&said.out, &said.err] {
        let mut shown = text.chars().filter(|letter| *letter != '\n');
        assert!(!shown.any(char::is_control), "{said:#?}");
    }
    assert!(!said.err.contains("panicked"), "{said:#?}");
    said
}

#[test]
fn nothing_on_disk_is_changed_and_nothing_is_logged() {
    in_house(|world| {
        let clinic = Clinic::new(world);
        let _daemon = Daemon::start(world, "[page]\norigin = \"http://localhost:8470\"\n");
        // Something to be found in each part.
        clinic.types(
            "rm /etc/antiphon/users/bob.toml; chmod 644 /etc/antiphon/users/root.toml; \
             rm /etc/ssh/sshd_config.d/00-antiphon.conf; sed -i /antiphon/d /etc/pam.d/su; \
             ln -s /no/where /etc/pam.d/gone; sleep 0.1",
        );
        // The change time sees what the modification time does not.
        let all = "find /etc /var/lib/antiphon /var/lib/antiphond /run/antiphon /root /home -printf \
                   '%p %y %m %U %G %s %T@ %C@ %l\\n' | sort";
        let before = (clinic.types(all), world.log().lines());
        assert!(before.0.lines().count() > 50);
        for arguments in [
            &[][..],
            &["--json"],
            &["sshd"],
            &["sshd", "alice"],
            &["sudo", "bob"],
            &["su", "root", "--json"],
            &["no-such-service"],
        ] {
            hold(&clinic, arguments);
            let after = (clinic.types(all), world.log().lines());
            assert_eq!(before, after, "{arguments:?}");
        }
    });
}

#[test]
fn files_that_are_none_have_no_end_or_no_sense_are_said_to_be_so() {
    in_world(|world| {
        let clinic = Clinic::new(world);
        for (damage, says) in [
            (
                "rm sshd; mkfifo sshd",
                "/etc/pam.d/sshd: it is not a regular file: what becomes of sign-ins by sshd is not known",
            ),
            (
                "rm sshd; ln -s sshd sshd",
                "/etc/pam.d/sshd: Too many levels of symbolic links",
            ),
            (
                "rm common-auth; mkfifo common-auth",
                "/etc/pam.d/common-auth: it is not a regular file",
            ),
            (
                "yes 'auth required pam_permit.so' | head -c 300000 > sshd",
                "/etc/pam.d/sshd: it is too large",
            ),
            (
                "yes 'auth required pam_permit.so' | head -n 600 > sshd",
                "/etc/pam.d/sshd:501: the way has more than 500 lines",
            ),
            ("echo 'auth include sshd' >> sshd", "sshd includes itself"),
            (
                "echo 'auth include b' > a; echo 'auth include a' > b; echo '@include a' >> sshd",
                "a includes itself",
            ),
            (
                "for n in $(seq 40); do yes \"auth include n$((n + 1))\" | head -n 2 > n$n; done; \
                 echo 'auth include n1' >> sshd; : > n41",
                "the way has more than 500 lines",
            ),
            (
                "for n in $(seq 160); do printf 'auth [success=1 default=ignore] pam_unix.so\\nauth required \
                 pam_unix.so\\nauth optional pam_antiphon.so\\n'; done > sshd",
                "/etc/pam.d/sshd",
            ),
            ("head -c 200000 /dev/urandom > sshd", "sshd"),
            (
                "printf 'auth required pam_\\033[2Jx.so\\nauth requ\\302\\233ired \\007\\n' > sshd",
                "pam_?[2Jx.so",
            ),
            (
                "printf 'auth required pam_antiphon.so\\n' > \"$(printf 'a\\033[31mb')\"",
                "a?[31mb",
            ),
            (
                "ln -s . /etc/ssh/sshd_config.d/x; printf 'Include /etc/ssh/sshd_config\\n' >> /etc/ssh/sshd_config",
                "sshd",
            ),
            (
                "printf 'Ba\\033]0;nner\\007 x\\n' > /etc/ssh/sshd_config.d/50-x.conf",
                "/etc/ssh/sshd_config.d/50-x.conf:1: ",
            ),
            ("head -c 100000 /dev/urandom > /etc/ssh/sshd_config", "sshd"),
            (
                "mkdir -p /home/alice/.ssh; mkfifo /home/alice/.ssh/authorized_keys; ln -s /dev/zero \
                 /home/alice/.ssh/authorized_keys2",
                "Faults: 0.",
            ),
            ("rm -r /etc/pam.d/*", "Faults: "),
            ("rm -r /etc/ssh/*", "sshd"),
            ("rm /etc/shadow; mkfifo /etc/shadow", "Faults: "),
        ] {
            clinic.types("rm -rf /run/kept; mkdir /run/kept; cp -a /etc/pam.d /etc/ssh /etc/shadow /run/kept");
            clinic.types(&format!("cd /etc/pam.d; {damage}"));
            let said = hold(&clinic, &[]).case(damage).says(says);
            hold(&clinic, &["sshd", "alice"]);
            let object = hold(&clinic, &["--json"]).case(damage).object();
            assert_eq!(object["ok"] == true, said.status < 2, "{said:#?}");
            clinic.types(
                "rm -rf /etc/pam.d/* /etc/ssh/* /etc/shadow /home/*/.ssh; cp -a /run/kept/pam.d/. /etc/pam.d; cp -a \
                 /run/kept/ssh/. /etc/ssh; cp -a /run/kept/shadow /etc",
            );
            clinic.is_well();
        }
    });
}

#[test]
fn a_configuration_that_is_none_is_said_to_be_so() {
    in_world(|world| {
        let clinic = Clinic::new(world);
        for damage in [
            "mkfifo",
            "head -c 3000000 /dev/urandom >",
            "ln -s /dev/zero",
            "printf '\\033[2J = 1\\n' >",
            "mkdir",
            ":",
        ] {
            clinic.types(&format!(
                "rm -rf /etc/antiphon/antiphon.toml; {damage} /etc/antiphon/antiphon.toml"
            ));
            let said = hold(&clinic, &[]).case(damage);
            if damage != ":" {
                let locked = said.says("sshd").says("the configuration cannot be used");
                assert_eq!(locked.status, 2, "{locked:#?}");
            }
            hold(&clinic, &["sshd", "alice"]);
        }
    });
}

#[test]
fn a_daemon_that_is_stuck_is_found_and_not_waited_for() {
    in_house(|world| {
        let clinic = Clinic::new(world);
        let daemon = Daemon::start(world, "[page]\norigin = \"http://localhost:8470\"\n");
        clinic.types("antiphon check --fix");
        // It is wanted where somebody has a phone; here systemd has it started.
        clinic.types(
            "mkdir -p /etc/systemd/system/multi-user.target.wants; ln -s /x \
             /etc/systemd/system/multi-user.target.wants/antiphond.service",
        );
        hold(&clinic, &[]).says_no("antiphond does not answer");
        kill(daemon.id(), Signal::SIGSTOP).unwrap();
        hold(&clinic, &[])
            .says("antiphond does not answer at /run/antiphon/antiphond.sock (it does not answer)");
        kill(daemon.id(), Signal::SIGCONT).unwrap();
    });
}

#[test]
fn a_host_without_sshd_and_one_whose_sshd_says_nothing_are_looked_at_all_the_same() {
    in_world(|world| {
        let clinic = Clinic::new(world);
        // It waits for somebody to write.
        clinic.types("mkfifo /etc/ssh/sshd_config.d/50-x.conf");
        hold(&clinic, &[]).says("/usr/sbin/sshd did not finish within 10 s");
        clinic.types("rm /etc/ssh/sshd_config.d/50-x.conf; mount --bind /dev/null /usr/sbin/sshd");
        hold(&clinic, &[]).says("/usr/sbin/sshd: Permission denied");
        clinic.types(
            "umount /usr/sbin/sshd; mkdir /run/up /run/work; mount -t overlay -o \
             lowerdir=/usr/sbin,upperdir=/run/up,workdir=/run/work none /usr/sbin; rm /usr/sbin/sshd",
        );
        let said = hold(&clinic, &[]).says("sshd  ").says_no("sshd -T");
        assert_eq!(said.status, 0, "{said:#?}");
    });
}
