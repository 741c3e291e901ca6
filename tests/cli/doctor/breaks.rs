//! Each break is found, and the command that is named for it, typed into a shell, ends it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use antiphon_tests::{Passkey, in_world};

use super::Clinic;
use crate::certificate::Certificate;
use crate::daemon::{Daemon, in_house};

#[test]
fn a_typo_in_the_configuration_a_mode_of_a_record_and_a_lost_letter_of_a_secret_are_healed() {
    in_world(|world| {
        let clinic = Clinic::new(world);
        clinic.heals(
            "echo 'unenroled = \"deny\"' > /etc/antiphon/antiphon.toml",
            2,
            "unknown key `unenroled`",
        );
        clinic.heals(
            "chmod 644 /etc/antiphon/users/alice.toml",
            2,
            "/etc/antiphon/users/alice.toml: mode 0644 lets others in",
        );
        // One in eight lost letters leaves what could be a secret; with these at the end, none does.
        clinic.heals(
            "sed -i 's/^secret = \"./secret = \"/; s/^\\(secret = .*\\).\"/\\1B\"/' /etc/antiphon/users/alice.toml",
            1,
            "as if letters had been lost",
        );
    });
}

#[test]
fn a_phone_whose_clock_is_off_is_told_and_its_owner_gets_in_meanwhile() {
    in_world(|world| {
        let clinic = Clinic::new(world);
        assert!(!clinic.lets_alice_in(&clinic.alice.code_in(90)));
        let fix = clinic.fix(1, "alice: the phone's clock was");
        let printed = clinic.types(&fix);
        let code = printed
            .lines()
            .find_map(|line| line.strip_prefix("    "))
            .unwrap_or_else(|| panic!("{printed}"));
        assert!(clinic.lets_alice_in(code), "{printed}");
        // Then the clock is set by the network.
        assert!(clinic.lets_alice_in(&clinic.alice.code()));
        clinic.is_well();
    });
}

#[test]
fn a_read_only_disk_and_a_host_of_which_only_etc_was_restored_are_healed() {
    in_world(|world| {
        let clinic = Clinic::new(world);
        clinic.types(
            "cp -a /var/lib/antiphon /run/kept; mount -t tmpfs -o mode=755 own /var/lib/antiphon",
        );
        clinic.types("cp -a /run/kept/. /var/lib/antiphon");
        clinic.heals("mount -o remount,ro /var/lib/antiphon", 2, "is READ-ONLY");
        clinic.types("umount /var/lib/antiphon; rm -r /var/lib/antiphon");
        for round in 0.. {
            let found = clinic.findings();
            if found.is_empty() {
                break;
            }
            assert!(round < 4, "{found:#?}");
            for finding in found {
                clinic.types(finding["fix"].as_str().unwrap());
            }
        }
        clinic.is_well();
        // Without the state, what was used of late is not known: codes of the next minutes count.
        assert!(clinic.lets_alice_in_later(&clinic.alice.code_in(120), 120));
    });
}

#[test]
fn a_daemon_that_is_stopped_is_healed() {
    in_house(|world| {
        let clinic = Clinic::new(world);
        let phone = Passkey::new("Pixel 9", "http://localhost:8470").phone();
        world
            .enrol("alice")
            .change(|record| record.phones.push(phone));
        let daemon = Daemon::start(world, "");
        clinic.types("antiphon check --fix");
        clinic.is_well();
        let _ = daemon.terminate();
        assert!(Path::new(&world.copy_of_daemon()).exists());
        let fix = clinic.fix(
            1,
            "antiphond does not answer at /run/antiphon/antiphond.sock",
        );
        clinic.types("rm -f /run/antiphon/*.sock");
        clinic.types(&fix);
        clinic.is_well();
    });
}

#[test]
fn a_certificate_that_has_expired_is_healed() {
    in_house(|world| {
        let clinic = Clinic::new(world);
        let place = "/etc/letsencrypt/live/localhost";
        let expired = Certificate::lasting(world, "expired", -1);
        let renewed = Certificate::make(world, "renewed");
        let copied = |certificate: &Certificate| {
            let (chain, key) = (certificate.chain.display(), certificate.key.display());
            format!(
                "install -D -m 644 {chain} {place}/fullchain.pem; install -m 640 -g antiphon {key} {place}/privkey.pem"
            )
        };
        clinic.program(
            "certbot",
            &format!(
                "#!/bin/sh\n[ \"$*\" = 'renew --force-renewal --cert-name localhost' ] || exit 1\n{}\n",
                copied(&renewed)
            ),
        );
        world.configure(&format!(
            "[page]\norigin = \"https://localhost:8470\"\ncertificate = \"{place}/fullchain.pem\"\nkey = \
             \"{place}/privkey.pem\"\n"
        ));
        clinic.heals(&copied(&expired), 2, "the page's certificate expired at");
    });
}

#[test]
fn a_module_that_is_missing_is_healed() {
    in_world(|world| {
        let clinic = Clinic::new(world);
        let built = &world.product().module;
        let target = built.parent().unwrap().parent().unwrap();
        symlink(target, world.folder().join("target")).unwrap();
        let module = world.module().display();
        clinic.heals(
            &format!("rm {module}"),
            2,
            "there is no /run/antiphon-tests/pam_antiphon.so",
        );
        let said = clinic.doctor(&["sshd"]);
        assert!(said.out.starts_with("sshd  asks "), "{said:#?}");
    });
}

#[test]
fn lines_in_a_wrong_order_and_one_that_leads_past_ours_are_healed() {
    in_world(|world| {
        let clinic = Clinic::new(world);
        clinic.heals(
            "sed -i -e '/^@include/{h;d}' -e '/antiphon/G' /etc/pam.d/sudo",
            2,
            "comes before the lines that ask for a password",
        );
        assert!(clinic.lets_alice_in(&clinic.alice.code()));
        let recipe = "auth [success=1 default=bad] pam_unix.so nodelay\nauth [default=die] pam_faillock.so authfail\n\
             auth sufficient pam_faillock.so authsucc\nauth required pam_deny.so\n";
        fs::write("/etc/pam.d/common-auth", recipe).unwrap();
        assert!(clinic.lets_alice_in("000000"), "the break is none");
        let said = clinic.doctor(&["sudo"]);
        assert!(
            said.out
                .starts_with("sudo  can be jumped over  /etc/pam.d/common-auth:3\n"),
            "{said:#?}"
        );
        clinic.heals(
            "true",
            2,
            "ends the stack before pam_antiphon or jumps over it",
        );
        assert!(!clinic.lets_alice_in("000000"));
        assert!(clinic.lets_alice_in(&clinic.alice.code_in(30)));
    });
}

#[test]
fn an_sshd_that_cannot_show_a_prompt_and_a_key_that_signs_in_alone_are_healed() {
    in_world(|world| {
        let clinic = Clinic::new(world);
        clinic.heals(
            "rm /etc/ssh/sshd_config.d/00-antiphon.conf",
            2,
            "sshd uses the password method, which cannot show the prompt for a second factor",
        );
        let home = world.home("alice");
        let keys = home.join(".ssh/authorized_keys");
        clinic.heals(
            &format!(
                "mkdir {home}/.ssh; cat /etc/ssh/ssh_host_ed25519_key.pub > {keys}",
                home = home.display(),
                keys = keys.display()
            ),
            1,
            "a key alone is enough, with no second factor (alice)",
        );
        // What sshd itself makes of a block is seen.
        clinic.heals(
            "printf 'Match User bob\\nAuthenticationMethods publickey\\n' >> /etc/ssh/sshd_config",
            1,
            "for `Match User bob`: a key alone is enough",
        );
    });
}

#[test]
fn keys_are_read_with_the_rights_of_their_owner_and_those_that_cannot_be_are_not_taken_for_none() {
    in_world(|world| {
        let clinic = Clinic::new(world);
        let home = world.home("alice");
        let folder = home.join(".ssh").display().to_string();
        clinic.types(&format!(
            "cat /etc/ssh/ssh_host_ed25519_key.pub > /root/keys; chmod 600 /root/keys; mkdir {folder}; ln -s /root/keys \
             {folder}/authorized_keys"
        ));
        let fix = clinic.fix(
            1,
            &format!("the keys of alice could not be seen, because of {folder}/authorized_keys: Permission denied"),
        );
        assert_eq!(fix, format!("timeout 10 ls -lL {folder}/authorized_keys"));
        clinic.types(&fix);
        // What root's rights would have shown is not told.
        assert!(!clinic.doctor(&[]).out.contains("a key alone is enough"));
    });
}

#[test]
fn keys_that_a_person_reads_by_a_group_are_seen_and_by_a_group_of_root_are_not() {
    in_world(|world| {
        let clinic = Clinic::new(world);
        let folder = world.home("alice").join(".ssh").display().to_string();
        clinic.types(&format!(
            "groupadd keepers; mkdir {folder}; cat /etc/ssh/ssh_host_ed25519_key.pub > {folder}/authorized_keys; \
             chown root:keepers {folder}/authorized_keys; chmod 640 {folder}/authorized_keys; usermod -aG keepers root"
        ));
        clinic.fix(
            1,
            &format!("the keys of alice could not be seen, because of {folder}/authorized_keys: Permission denied"),
        );
        clinic.types("usermod -aG keepers alice");
        let said = clinic.doctor(&[]);
        assert!(said.out.contains("a key alone is enough"), "{}", said.out);
    });
}

#[test]
fn a_new_name_of_the_computer_is_healed() {
    in_world(|world| {
        let clinic = Clinic::new(world);
        clinic.heals(
            "hostname haven",
            1,
            "this computer's name, haven, does not resolve",
        );
    });
}
