//! `doctor` on a real host, on which nothing is wrong before a test breaks something.

mod breaks;
mod harmless;
mod person;
mod walk;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use antiphon_tests::{PASSWORD, PamHost, World, make_key};
use serde_json::Value;

use crate::command::{Enrolment, Said, command, enroll, run};

/// As Debian has it, but for its comments.
const SSHD_CONFIG: &str =
    "Include /etc/ssh/sshd_config.d/*.conf\nKbdInteractiveAuthentication no\nUsePAM yes\n";
const DROP_IN: &str = include_str!("../../../conf/sshd_config.d/00-antiphon.conf");
/// What a reload and a restart come to where there is no systemd.
const SYSTEMCTL: &str = "#!/bin/sh
case \"$*\" in
    'reload ssh') ;;
    'restart antiphond')
        setsid setpriv --reuid=antiphon --regid=antiphon --clear-groups /run/antiphon-tests/antiphond \\
            </dev/null >/dev/null 2>&1 &
        until [ -S /run/antiphon/antiphond.sock ]; do sleep 0.01; done ;;
    *) echo \"systemctl $*: not known here\" >&2; exit 1 ;;
esac
";

/// A host, an administrator at its shell, and people.
pub(super) struct Clinic<'w> {
    world: &'w World,
    programs: PathBuf,
    pub(super) alice: Enrolment,
}

impl<'w> Clinic<'w> {
    /// A host on which nothing is wrong.
    pub(super) fn new(world: &'w World) -> Self {
        let programs = world.folder().join("programs");
        fs::create_dir(&programs).unwrap();
        let clinic = Self {
            world,
            programs,
            alice: enroll(world, "alice"),
        };
        for user in ["root", "bob"] {
            let _ = enroll(world, user);
        }
        // It has no password before ours.
        fs::remove_file("/etc/pam.d/antiphon-alone").unwrap();
        // Packages of Debian want these, as polkit does.
        for part in ["account", "password", "session-noninteractive"] {
            fs::write(format!("/etc/pam.d/common-{part}"), "").unwrap();
        }
        fs::write("/etc/ssh/sshd_config", SSHD_CONFIG).unwrap();
        fs::create_dir("/etc/ssh/sshd_config.d").unwrap();
        fs::write("/etc/ssh/sshd_config.d/00-antiphon.conf", DROP_IN).unwrap();
        make_key(world, Path::new("/etc/ssh/ssh_host_ed25519_key"));
        fs::create_dir("/run/sshd").unwrap();
        clinic.program("systemctl", SYSTEMCTL);
        let command = world.product().command.display();
        // Nobody is there to confirm a code.
        let antiphon = format!(
            "#!/bin/sh\ncase \"$1\" in enroll) set -- \"$@\" --no-confirm --json ;; esac\nexec {command} \"$@\"\n"
        );
        clinic.program("antiphon", &antiphon);
        clinic.is_well();
        clinic
    }

    pub(super) fn program(&self, name: &str, text: &str) {
        let path = self.programs.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn path(&self) -> String {
        format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", self.programs.display())
    }

    pub(super) fn doctor(&self, arguments: &[&str]) -> Said {
        let arguments: Vec<&str> = ["doctor"].iter().chain(arguments).copied().collect();
        run(command(self.world, &arguments).env("PATH", self.path()), "")
    }

    pub(super) fn findings(&self) -> Vec<Value> {
        let object = self.doctor(&["--json"]).object();
        object["findings"].as_array().unwrap().clone()
    }

    /// Types a command, and answers with what it prints.
    pub(super) fn types(&self, script: &str) -> String {
        let mut shell = Command::new("sh");
        let typed = shell
            .args(["-ec", script])
            .current_dir(self.world.folder())
            .env("PATH", self.path())
            .output()
            .unwrap();
        assert!(typed.status.success(), "{script}: {typed:?}");
        String::from_utf8(typed.stdout).unwrap()
    }

    pub(super) fn is_well(&self) {
        let said = self.doctor(&[]);
        assert_eq!(said.status, 0, "{said:#?}");
        assert!(said.out.ends_with("Faults: 0. Warnings: 0.\n"), "{said:#?}");
    }

    /// The fix of what is found with these words.
    pub(super) fn fix(&self, status: i32, words: &str) -> String {
        let said = self.doctor(&[]);
        assert_eq!(said.status, status, "{said:#?}");
        let found = self.findings();
        let found = found
            .iter()
            .find(|found| found["says"].as_str().unwrap().contains(words))
            .unwrap_or_else(|| panic!("no {words:?} in {said:#?}"));
        let fix = found["fix"]
            .as_str()
            .unwrap_or_else(|| panic!("{found:#?}"));
        assert!(
            said.out.contains(&format!("         fix: {fix}\n")),
            "{said:#?}"
        );
        fix.to_owned()
    }

    /// Breaks something, and types the fix that is named for it; then nothing is wrong any more.
    pub(super) fn heals(&self, damage: &str, status: i32, words: &str) {
        self.types(damage);
        let fix = self.fix(status, words);
        self.types(&fix);
        self.is_well();
    }

    pub(super) fn lets_alice_in(&self, answer: &str) -> bool {
        self.lets_alice_in_later(answer, 0)
    }

    /// By the host's clock in so many seconds.
    pub(super) fn lets_alice_in_later(&self, answer: &str, seconds: i64) -> bool {
        let host = PamHost::of_service(self.world, "sudo", "alice").ahead(seconds);
        let played = host.answer(PASSWORD).answer(answer).play();
        played.result() == "PAM_SUCCESS"
    }
}
