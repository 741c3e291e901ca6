//! `check` names each fault, and the fix that it names fixes it.

use std::fs;
use std::process::Command;

use antiphon_tests::{Passkey, World, in_world};

use crate::Daemon;
use crate::certificate::Certificate;
use crate::command::{Said, antiphon, command, enroll, enroll_confirmed, run, signs_in};
use crate::daemon::in_house;

fn sh(script: &str) {
    let status = Command::new("sh").args(["-ec", script]).status().unwrap();
    assert!(status.success(), "{script}");
}

/// A world in which nothing is to be found.
fn sound(world: &World) {
    for user in ["root", "alice"] {
        let _ = enroll(world, user);
    }
    let said = antiphon(world, "check").done();
    assert_eq!(said.out, "Enrolled: 2. Faults: 0. Warnings: 0.\n");
}

fn check(world: &World) -> Said {
    antiphon(world, "check")
}

#[test]
fn a_sound_house_has_no_findings() {
    in_world(|world| {
        sound(world);
        let object = antiphon(world, "check --json").done().object();
        assert_eq!(object["ok"], true);
        assert_eq!(object["findings"].as_array().unwrap().len(), 0);
    });
}

#[test]
fn a_phone_of_another_page_than_the_configured_one_is_warned_of() {
    in_world(|world| {
        let phone = Passkey::new("Pixel 9", "https://mfa.example.org").phone();
        world
            .enrol("alice")
            .change(|record| record.phones.push(phone));
        let said = antiphon(world, "check").done();
        let name = "the phone 'Pixel 9' was enrolled at https://mfa.example.org";
        assert!(said.out.contains(name), "{said:#?}");
        assert!(said.out.contains("antiphon remove alice --phone 'Pixel 9'"));
        world.configure("[page]\norigin = \"https://mfa.example.org\"\n");
        let said = antiphon(world, "check").done();
        assert!(!said.out.contains("Pixel 9"), "{said:#?}");
    });
}

#[test]
fn each_fault_is_named_and_its_fix_fixes_it() {
    const RECORD: &str = "/etc/antiphon/users/alice.toml";
    const STATE: &str = "/var/lib/antiphon/state/alice";
    in_world(|world| {
        sound(world);
        for (damage, named) in [
            ("chmod 644 /etc/antiphon/users/alice.toml", RECORD),
            ("chown 1000 /etc/antiphon/users/alice.toml", RECORD),
            ("chmod 777 /etc/antiphon/users", "/etc/antiphon/users"),
            ("chown 1000 /etc/antiphon", "/etc/antiphon"),
            ("chmod 660 /var/lib/antiphon/state/alice", STATE),
            (
                "chmod 770 /var/lib/antiphon/state",
                "/var/lib/antiphon/state",
            ),
            (
                "chown 1000 /var/lib/antiphon/activity",
                "/var/lib/antiphon/activity",
            ),
            (
                "rm -r /var/lib/antiphon/activity",
                "/var/lib/antiphon/activity",
            ),
            (
                // Of nobody who is enrolled, and not to be met by a sign-in either.
                "install -o bob -m 600 /dev/null /var/lib/antiphon/state/bob",
                "/var/lib/antiphon/state/bob",
            ),
            (
                "install -d -m 700 /var/lib/antiphon/pending; install -m 640 /dev/null /var/lib/antiphon/pending/bob",
                "/var/lib/antiphon/pending/bob",
            ),
            (
                "rm /var/lib/antiphon/state/alice; mkdir -p /var/lib/antiphon/state/alice/x",
                STATE,
            ),
            (": > /etc/antiphon/users/alice.toml", RECORD),
            (
                "sed -i s/digits.*/digits=5/ /etc/antiphon/users/alice.toml",
                "code.digits",
            ),
            (
                "sed -i s/alice/bob/ /etc/antiphon/users/alice.toml",
                "another person",
            ),
        ] {
            sh(damage);
            let found = check(world);
            assert_eq!(found.status, 78, "{damage}: {found:#?}");
            assert!(found.out.contains(named), "{damage}: {found:#?}");
            // Commands come after `run: `, to the line's end.
            for line in found.out.lines().filter(|line| line.starts_with("fault")) {
                let (_, fix) = line.split_once("run: ").unwrap_or_else(|| panic!("{line}"));
                let fix = fix.replace(
                    "antiphon enroll alice --replace",
                    &format!(
                        "{} enroll alice --replace --no-confirm --json",
                        world.product().command.display()
                    ),
                );
                sh(&format!("{fix} >/dev/null"));
            }
            let fixed = check(world);
            assert_eq!(fixed.status, 0, "{damage}: {fixed:#?}");
            sh("chgrp antiphon /var/lib/antiphon/activity");
        }
    });
}

#[test]
fn where_nobody_can_be_counted_no_number_is_said() {
    in_world(|world| {
        sound(world);
        for damage in [
            "chmod 777 /etc/antiphon/users",
            "echo mode = > /etc/antiphon/antiphon.toml",
        ] {
            sh(damage);
            let found = check(world);
            assert!(
                found.out.contains("\nEnrolled: not known. Faults: 1."),
                "{found:#?}"
            );
            assert!(antiphon(world, "check --json").object()["people"].is_null());
            sh("chmod 700 /etc/antiphon/users");
        }
        sh("rm /etc/antiphon/antiphon.toml; rm -r /etc/antiphon/users");
        assert!(check(world).out.contains("\nEnrolled: 0. Faults: 1."));
    });
}

#[test]
fn a_secret_that_apps_may_read_otherwise_is_warned_of_and_one_that_lost_a_letter_named() {
    const SECRET: &str = "/etc/antiphon/users/alice.toml";
    in_world(|world| {
        sound(world);
        let write = |secret: &str| {
            sh(&format!(
                "sed -i 's/^secret = .*/secret = \"{secret}\"/' {SECRET}"
            ));
        };
        for (secret, status, says) in [
            ("JBSWY3DPEHPK3PXPJBSWY3DPEF", 0, "belong to no byte"),
            ("JBSWY3DPEHPK3PXP", 0, "the secret has 80 bits"),
            ("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3P", 78, "multiple of 8"),
            ("JBSWY3DPEHPK3PXPJBSWY3DPE", 78, "multiple of 8"),
        ] {
            write(secret);
            let found = check(world);
            assert_eq!(found.status, status, "{secret}: {found:#?}");
            assert!(found.out.contains(says), "{secret}: {found:#?}");
            assert!(
                found.out.contains("antiphon enroll alice --replace"),
                "{found:#?}"
            );
            assert!(!found.out.contains("JBSW"), "{found:#?}");
        }
        write("jbsw y3dp ehpk 3pxp jbsw y3dp ee======");
        let found = check(world).done();
        assert!(!found.out.contains("byte"), "{found:#?}");
    });
}

#[test]
fn status_and_check_say_the_same_of_a_clock_that_ran_ahead_and_of_a_lost_state() {
    in_world(|world| {
        sound(world);
        let alice = enroll_confirmed(world, &["alice", "--replace"]).0;
        assert!(signs_in(world, &alice.code_in(86_400), 86_400));
        let says = |part: &str, codes: &str| {
            let (found, status) = (check(world), antiphon(world, "status alice").done());
            assert!(found.out.contains(part), "{found:#?}");
            assert!(status.out.contains(part), "{status:#?}");
            let object = antiphon(world, "status alice --json").done().object();
            assert_eq!(object["users"][0]["codes"], codes);
        };
        says(
            "accepted while the clock ran ahead; run: antiphon unlock alice",
            "ahead",
        );
        antiphon(world, "unlock alice").done();
        let status = antiphon(world, "status alice").done();
        assert!(status.out.contains("codes           open"), "{status:#?}");
        assert!(!check(world).out.contains("ran ahead"));
        sh("rm /var/lib/antiphon/state/alice");
        says("the state is missing or unreadable", "open");
    });
}

#[test]
fn what_is_no_fault_but_should_be_looked_at_is_a_warning() {
    in_world(|world| {
        for (damage, configuration, said) in [
            (
                "chmod 755 /etc/antiphon/users",
                "",
                "chmod 0700 /etc/antiphon/users",
            ),
            (
                "chgrp root /var/lib/antiphon/activity",
                "",
                "chgrp antiphon",
            ),
            (
                "touch /etc/antiphon/users/.alice.toml.new",
                "",
                "rm /etc/antiphon/users/.alice.toml.new",
            ),
            (
                "touch /etc/antiphon/users/alice.toml~",
                "",
                "alice.toml~: is nobody's record",
            ),
            (
                "rm /var/lib/antiphon/state/alice",
                "",
                "antiphon recovery alice",
            ),
            (
                "head -c 4096 /var/lib/antiphon/state/alice > /run/x; cat /run/x > /var/lib/antiphon/state/alice",
                "",
                "one half of the state",
            ),
            (
                "rm /etc/antiphon/users/root.toml",
                "",
                "root has no second factor",
            ),
            ("true", "mode = \"observe\"\n", "nobody is asked"),
            (
                "true",
                "[service.ssh]\nmethods = [\"approval\"]\n",
                "there is no /etc/pam.d/ssh",
            ),
            (
                "true",
                "unenrolled = \"enroll\"\nfirst_factor = \"optional\"\n",
                "anybody enrols as anybody",
            ),
            (
                "true",
                "[exempt]\ngroups = [\"robots\"]\n",
                "there is no group robots",
            ),
            (
                "sed -i 's/^secret.*/secret = \"JBSWY3DPEHPK3PXP\"/' /etc/antiphon/users/alice.toml",
                "",
                "80 bits",
            ),
            (
                "sed -i '/recovery/,$d' /etc/antiphon/users/alice.toml",
                "",
                "no recovery code is left",
            ),
        ] {
            sh(
                "rm -rf /etc/antiphon/users/*; rm -f /etc/antiphon/users/.??*; chmod 700 /etc/antiphon/users; \
                chgrp antiphon /var/lib/antiphon/activity",
            );
            world.configure("");
            sound(world);
            world.configure(configuration);
            sh(damage);
            let found = check(world).done();
            assert!(found.out.contains(said), "{damage}: {found:#?}");
            assert!(found.out.contains("warning"), "{damage}: {found:#?}");
        }
    });
}

#[test]
fn what_people_are_shown_is_looked_at_file_by_file_and_one_command_fixes_all() {
    in_world(|world| {
        sound(world);
        for damage in [
            // As it was before antiphond was installed.
            "chgrp root alice.json alice.jsonl root.jsonl",
            "chmod 600 root.json",
            "chmod 644 alice.jsonl",
            "chown alice alice.jsonl",
            "chmod 660 alice.json",
            "install -m 640 /dev/null alice.jsonl.1",
            "rm alice.jsonl; mkfifo alice.jsonl",
            "mkdir 'a b'",
            "rm alice.json; ln -s /etc/passwd alice.json",
        ] {
            sh(&format!("cd /var/lib/antiphon/activity; {damage}"));
            let found = check(world).done();
            let warnings: Vec<_> = found
                .out
                .lines()
                .filter(|line| line.starts_with("warning"))
                .collect();
            assert!(!warnings.is_empty(), "{damage}: {found:#?}");
            for line in warnings {
                let (_, fix) = line.split_once("run: ").unwrap_or_else(|| panic!("{line}"));
                let command = world.product().command.display().to_string();
                sh(&fix.replace("antiphon check", &format!("{command} check")));
            }
            // What was in the place of a summary had hidden that there is none.
            antiphon(world, "check --fix").done();
            let fixed = check(world).done();
            assert!(
                fixed.out.ends_with("Faults: 0. Warnings: 0.\n"),
                "{damage}: {fixed:#?}"
            );
        }
        let many = "cd /var/lib/antiphon/activity; for n in $(seq 200); do : > p$n.jsonl; done";
        sh(many);
        let found = check(world).done();
        assert!(
            found
                .out
                .contains("p1.jsonl: belongs to user id 0 and group id 0"),
            "{found:#?}"
        );
        assert!(
            found.out.contains("and 199 more") && found.out.contains("Warnings: 1."),
            "{found:#?}"
        );
    });
}

#[test]
fn without_the_daemons_group_what_is_shown_is_roots_alone() {
    in_world(|world| {
        sh("sed -i /^antiphon:/d /etc/group; rm -r /var/lib/antiphon/activity");
        sound(world);
    });
}

#[test]
fn a_configuration_that_is_not_understood_is_a_fault_and_so_is_one_that_others_may_write() {
    in_world(|world| {
        sound(world);
        world.configure("unenroled = \"allow\"\n");
        let found = check(world);
        assert_eq!(found.status, 78);
        assert!(
            found.out.contains("line 1") && found.out.contains("`unenrolled`"),
            "{found:#?}"
        );
        world.configure("");
        sh("chmod 666 /etc/antiphon/antiphon.toml");
        let found = check(world);
        assert_eq!(found.status, 78);
        assert!(
            found.out.contains("chmod 0644 /etc/antiphon/antiphon.toml"),
            "{found:#?}"
        );
    });
}

#[test]
fn a_file_of_another_place_is_checked_before_it_is_put_in_place() {
    in_world(|world| {
        sound(world);
        let path = world.folder().join("new.toml");
        fs::write(&path, "[code]\nwindow = 11\n").unwrap();
        let mut wanted = command(world, &["check", "--config", "new.toml"]);
        let found = run(wanted.current_dir(world.folder()), "");
        assert_eq!(found.status, 78);
        assert!(found.out.contains("code.window"), "{found:#?}");
    });
}

#[test]
fn who_would_be_kept_out_is_named_unless_exempt_or_allowed() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        world.add_group("robots", 3000, &["bob"]);
        let found =
            |caller: &str| run(command(world, &["check"]).env("SUDO_USER", caller), "").done();
        let said = found("bob");
        assert!(
            said.out.contains("antiphon enroll root") && said.out.contains("antiphon enroll bob"),
            "{said:#?}"
        );
        world.configure("[exempt]\ngroups = [\"robots\"]\n");
        let said = found("bob");
        assert!(
            said.out.contains("antiphon enroll root") && !said.out.contains("antiphon enroll bob"),
            "{said:#?}"
        );
        world.configure("unenrolled = \"allow\"\n");
        assert!(!found("bob").out.contains("antiphon enroll"));
    });
}

#[test]
fn a_state_that_is_no_file_is_a_fault() {
    in_world(|world| {
        sound(world);
        sh("rm /var/lib/antiphon/state/alice; mkdir /var/lib/antiphon/state/alice");
        let found = check(world);
        assert_eq!(found.status, 78);
        assert!(found.out.contains("is not a regular file"), "{found:#?}");
    });
}

#[test]
fn codes_that_nobody_carries_are_a_fault_and_a_slip_in_the_gateway_too() {
    in_world(|world| {
        sound(world);
        for (text, named) in [
            ("[telephone]\nsms = true\n", "add [gateway.sms]"),
            (
                "[telephone]\ncall = true\n[gateway.call]\nkind = \"46elks\"\nfrom = \"+46701234567\"\n",
                "`gateway.call.sounds` is missing",
            ),
            (
                "[gateway.sms]\nkind = \"46elk\"\n",
                "line 2: `gateway.sms.kind`",
            ),
        ] {
            world.configure(text);
            let said = check(world);
            assert!(said.out.contains(named), "{}", said.out);
            assert!(said.out.contains("Faults: 1."), "{}", said.out);
        }
        let carried =
            "[telephone]\nsms = true\n[gateway.sms]\nkind = \"46elks\"\nfrom = \"Antiphon\"\n";
        world.configure(carried);
        assert_eq!(
            check(world).done().out,
            "Enrolled: 2. Faults: 0. Warnings: 0.\n"
        );
    });
}

#[test]
fn a_certificate_that_phones_refuse_or_soon_will_is_found_with_the_fix() {
    in_house(|world| {
        sound(world);
        let check = |certificate: &Certificate| {
            world.configure(&certificate.configured());
            antiphon(world, "check")
        };
        for (days, severity, says) in [
            (-1, "fault ", "the page's certificate expired at"),
            (13, "warning", "the page's certificate expires at"),
        ] {
            let certificate = Certificate::lasting(world, &format!("ends{days}"), days);
            close(&certificate, "antiphon");
            let found = check(&certificate).out;
            let line = found
                .lines()
                .find(|line| line.contains(says))
                .unwrap_or_else(|| panic!("{found}"));
            assert!(
                line.starts_with(severity) && line.contains("renew it"),
                "{line}"
            );
            assert!(line.contains(certificate.chain.to_str().unwrap()), "{line}");
        }
        let certificate = Certificate::make(world, "page");
        close(&certificate, "antiphon");
        let sound = "Enrolled: 2. Faults: 0. Warnings: 0.\n";
        assert_eq!(check(&certificate).out, sound);
        close(&certificate, "root");
        let found = check(&certificate).out;
        let key = certificate.key.display();
        let fix = format!("run: chgrp antiphon {key} && chmod g+r {key}");
        assert!(
            found.contains("the daemon cannot read it") && found.contains(&fix),
            "{found}"
        );
        sh(&format!("chgrp antiphon {key} && chmod g+r {key}"));
        assert_eq!(check(&certificate).out, sound);
        sh(&format!("chmod o+r {key}"));
        assert!(check(&certificate).out.contains(&format!("chmod o= {key}")));
        sh(&format!("rm {key}"));
        assert!(
            check(&certificate)
                .out
                .contains(&format!("{key}: the daemon cannot read it"))
        );
    });
}

/// The key as it should be: of this group, closed to others.
fn close(certificate: &Certificate, group: &str) {
    let key = certificate.key.display();
    sh(&format!("chgrp {group} {key}; chmod 640 {key}"));
}

#[test]
fn no_address_is_shown_that_phones_refuse() {
    in_house(|world| {
        let good = Certificate::make(world, "good");
        let _daemon = Daemon::start(world, &good.configured());
        let expired = Certificate::lasting(world, "expired", -1);
        world.configure(&expired.configured());
        let said = antiphon(world, "enroll alice --phone");
        assert_eq!(said.status, 78, "{said:#?}");
        assert!(
            said.err.contains("the page's certificate expired at"),
            "{said:#?}"
        );
        assert!(!said.out.contains('#'), "{said:#?}");
    });
}
