//! `check` names each fault, and the fix that it names fixes it.

use std::fs;

use antiphon_tests::{Passkey, World, in_world};

use crate::Daemon;
use crate::certificate::Certificate;
use crate::command::{Said, antiphon, command, enroll, enroll_confirmed, run, sh, signs_in};
use crate::daemon::in_house;

/// A world in which nothing is to be found.
fn sound(world: &World) {
    for user in ["root", "alice"] {
        let _ = enroll(world, user);
    }
    is_well(world);
}

/// Holds that root and alice are enrolled, and nothing is to be found.
pub(crate) fn is_well(world: &World) {
    let said = check(world).done();
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
        check(world)
            .done()
            .says("the phone 'Pixel 9' was enrolled at https://mfa.example.org")
            .says("antiphon remove alice --phone 'Pixel 9'");
        world.configure("[page]\norigin = \"https://mfa.example.org\"\n");
        check(world).done().says_no("Pixel 9");
    });
}

#[test]
fn each_fault_is_named_and_its_fix_fixes_it() {
    in_world(|world| {
        sound(world);
        let antiphon = world.product().command.display();
        // What is spoilt so is named by its path, the last word.
        let spoilt = [
            "chmod 644 /etc/antiphon/users/alice.toml",
            "chown 1000 /etc/antiphon/users/alice.toml",
            ": > /etc/antiphon/users/alice.toml",
            "chmod 777 /etc/antiphon/users",
            "chown 1000 /etc/antiphon",
            "chmod 660 /var/lib/antiphon/state/alice",
            "chmod 770 /var/lib/antiphon/state",
            "chown 1000 /var/lib/antiphon/activity",
            "rm -r /var/lib/antiphon/activity",
            // Of nobody who is enrolled, and not to be met by a sign-in either.
            "install -o bob -m 600 /dev/null /var/lib/antiphon/state/bob",
            "cd /var/lib/antiphon; install -d -m 700 pending; install -m 640 /dev/null /var/lib/antiphon/pending/bob",
        ];
        let spoilt = spoilt.map(|damage| (damage, damage.rsplit(' ').next().unwrap()));
        let others = [
            (
                "cd /var/lib/antiphon/state; rm alice; mkdir -p alice/x",
                "state/alice: is not a regular file",
            ),
            (
                "sed -i s/digits.*/digits=5/ /etc/antiphon/users/alice.toml",
                "code.digits",
            ),
            (
                "sed -i s/alice/bob/ /etc/antiphon/users/alice.toml",
                "another person",
            ),
        ];
        for (damage, named) in spoilt.into_iter().chain(others) {
            sh(damage);
            let found = check(world).case(damage).exits(78).says(named);
            // Commands come after `run: `, to the line's end.
            for line in found.out.lines().filter(|line| line.starts_with("fault")) {
                let (_, fix) = line.split_once("run: ").unwrap_or_else(|| panic!("{line}"));
                let enroll = format!("{antiphon} enroll alice --replace --no-confirm --json");
                let fix = fix.replace("antiphon enroll alice --replace", &enroll);
                sh(&format!("{fix} >/dev/null"));
            }
            check(world).case(damage).done();
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
            check(world).says("\nEnrolled: not known. Faults: 1.");
            assert!(antiphon(world, "check --json").object()["people"].is_null());
            sh("chmod 700 /etc/antiphon/users");
        }
        sh("rm /etc/antiphon/antiphon.toml; rm -r /etc/antiphon/users");
        check(world).says("\nEnrolled: 0. Faults: 1.");
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
            check(world)
                .case(secret)
                .exits(status)
                .says(says)
                .says("antiphon enroll alice --replace")
                .says_no("JBSW");
        }
        write("jbsw y3dp ehpk 3pxp jbsw y3dp ee======");
        check(world).done().says_no("byte");
    });
}

#[test]
fn status_and_check_say_the_same_of_a_clock_that_ran_ahead_and_of_a_lost_state() {
    in_world(|world| {
        sound(world);
        let alice = enroll_confirmed(world, &["alice", "--replace"]).0;
        assert!(signs_in(world, &alice.code_in(86_400), 86_400));
        let says = |part: &str, codes: &str| {
            check(world).says(part);
            antiphon(world, "status alice").done().says(part);
            let object = antiphon(world, "status alice --json").done().object();
            assert_eq!(object["users"][0]["codes"], codes);
        };
        says(
            "accepted while the clock ran ahead; run: antiphon unlock alice",
            "ahead",
        );
        antiphon(world, "unlock alice").done();
        antiphon(world, "status alice")
            .done()
            .says("codes           open");
        check(world).says_no("ran ahead");
        sh("rm /var/lib/antiphon/state/alice");
        says("the state is missing or unreadable", "open");
    });
}

#[test]
fn what_is_no_fault_but_should_be_looked_at_is_a_warning() {
    in_world(|world| {
        let warned = |damage: &str, configuration: &str, said: &str| {
            sh(
                "rm -rf /etc/antiphon/users/*; rm -f /etc/antiphon/users/.??*; chmod 700 /etc/antiphon/users; \
                chgrp antiphon /var/lib/antiphon/activity",
            );
            world.configure("");
            sound(world);
            world.configure(configuration);
            sh(&format!(
                "cd /var/lib/antiphon; users=/etc/antiphon/users; {damage}"
            ));
            let case = format!("{damage} {configuration}");
            check(world).case(&case).done().says(said).says("warning");
        };
        for (damage, said) in [
            ("chmod 755 $users", "chmod 0700 /etc/antiphon/users"),
            ("chgrp root activity", "chgrp antiphon"),
            (
                "touch $users/.alice.toml.new",
                "rm /etc/antiphon/users/.alice.toml.new",
            ),
            (
                "touch $users/alice.toml~",
                "alice.toml~: is nobody's record",
            ),
            ("rm state/alice", "antiphon recovery alice"),
            (
                "head -c 4096 state/alice > /run/x; cat /run/x > state/alice",
                "one half of the state",
            ),
            ("rm $users/root.toml", "root has no second factor"),
            (
                "sed -i 's/^secret.*/secret = \"JBSWY3DPEHPK3PXP\"/' $users/alice.toml",
                "80 bits",
            ),
            (
                "sed -i '/recovery/,$d' $users/alice.toml",
                "no recovery code is left",
            ),
        ] {
            warned(damage, "", said);
        }
        for (configuration, said) in [
            ("mode = \"observe\"\n", "nobody is asked"),
            (
                "[service.ssh]\nmethods = [\"approval\"]\n",
                "there is no /etc/pam.d/ssh",
            ),
            (
                "unenrolled = \"enroll\"\nfirst_factor = \"optional\"\n",
                "anybody enrols as anybody",
            ),
            (
                "[exempt]\ngroups = [\"robots\"]\n",
                "there is no group robots",
            ),
        ] {
            warned("true", configuration, said);
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
            let found = check(world).case(damage).done().says("warning");
            for line in found.out.lines().filter(|line| line.starts_with("warning")) {
                let (_, fix) = line.split_once("run: ").unwrap_or_else(|| panic!("{line}"));
                let command = world.product().command.display().to_string();
                sh(&fix.replace("antiphon check", &format!("{command} check")));
            }
            // What was in the place of a summary had hidden that there is none.
            antiphon(world, "check --fix").done();
            check(world)
                .case(damage)
                .done()
                .says("Faults: 0. Warnings: 0.\n");
        }
        let many = "cd /var/lib/antiphon/activity; for n in $(seq 200); do : > p$n.jsonl; done";
        sh(many);
        check(world)
            .done()
            .says("p1.jsonl: belongs to user id 0 and group id 0")
            .says("and 199 more")
            .says("Warnings: 1.");
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
        check(world).exits(78).says("line 1").says("`unenrolled`");
        world.configure("");
        sh("chmod 666 /etc/antiphon/antiphon.toml");
        let fix = "chmod 0644 /etc/antiphon/antiphon.toml";
        check(world).exits(78).says(fix);
    });
}

#[test]
fn a_file_of_another_place_is_checked_before_it_is_put_in_place() {
    in_world(|world| {
        sound(world);
        let path = world.folder().join("new.toml");
        fs::write(&path, "[code]\nwindow = 11\n").unwrap();
        let mut wanted = command(world, &["check", "--config", "new.toml"]);
        run(wanted.current_dir(world.folder()), "")
            .exits(78)
            .says("code.window");
    });
}

#[test]
fn who_would_be_kept_out_is_named_unless_exempt_or_allowed() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        world.add_group("robots", 3000, &["bob"]);
        let found = || run(command(world, &["check"]).env("SUDO_USER", "bob"), "").done();
        found()
            .says("antiphon enroll root")
            .says("antiphon enroll bob");
        world.configure("[exempt]\ngroups = [\"robots\"]\n");
        found()
            .says("antiphon enroll root")
            .says_no("antiphon enroll bob");
        world.configure("unenrolled = \"allow\"\n");
        found().says_no("antiphon enroll");
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
            check(world).case(text).says(named).says("Faults: 1.");
        }
        let carried =
            "[telephone]\nsms = true\n[gateway.sms]\nkind = \"46elks\"\nfrom = \"Antiphon\"\n";
        world.configure(carried);
        is_well(world);
    });
}

#[test]
fn a_certificate_that_phones_refuse_or_soon_will_is_found_with_the_fix() {
    in_house(|world| {
        sound(world);
        for (days, severity, says) in [
            (-1, "fault ", "the page's certificate expired at"),
            (13, "warning", "the page's certificate expires at"),
        ] {
            let certificate = Certificate::lasting(world, &format!("ends{days}"), days);
            close(&certificate, "antiphon");
            world.configure(&certificate.configured());
            let found = check(world).out;
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
        world.configure(&certificate.configured());
        is_well(world);
        close(&certificate, "root");
        let key = certificate.key.display();
        let fix = format!("chgrp antiphon {key} && chmod g+r {key}");
        check(world)
            .says("the daemon cannot read it")
            .says(&format!("run: {fix}"));
        sh(&fix);
        is_well(world);
        sh(&format!("chmod o+r {key}"));
        check(world).says(&format!("chmod o= {key}"));
        sh(&format!("rm {key}"));
        check(world).says(&format!("{key}: the daemon cannot read it"));
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
        antiphon(world, "enroll alice --phone")
            .failed(78, "the page's certificate expired at")
            .says_no("#");
    });
}
