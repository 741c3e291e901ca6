//! A sound host: Debian with our line in sshd, sudo, su and login, as the README has it.

use antiphon_core::config::Config;

use crate::doctor::host::Host;
use crate::doctor::package::Package;
use crate::doctor::pam::{File, Folder};
use crate::doctor::people::{Account, Keys};
use crate::doctor::{clock, daemon, host_name, page, polkit, providers, sshd, versions};
use crate::setting::Settings;

/// The password, as Debian asks for it.
pub(super) const COMMON_AUTH: &str = "\
# here are the per-package modules
auth	[success=1 default=ignore]	pam_unix.so nullok
# here's the fallback if no module succeeds
auth	requisite			pam_deny.so
auth	required			pam_permit.so
auth	optional			pam_cap.so
";
const SSHD: &str = "\
@include common-auth
auth required pam_antiphon.so
account    required     pam_nologin.so
@include common-account
session    required     pam_loginuid.so
";
const SUDO: &str = "\
#%PAM-1.0
session    required   pam_limits.so
@include common-auth
auth required pam_antiphon.so
@include common-account
";
const SU: &str = "\
auth       sufficient pam_rootok.so
@include common-auth
auth required pam_antiphon.so
@include common-account
";
const LOGIN: &str = "\
auth       optional   pam_faildelay.so  delay=3000000
auth       requisite  pam_nologin.so
@include common-auth
auth required pam_antiphon.so
auth       optional   pam_group.so
account    requisite  pam_time.so
@include common-account
";
const FILES: [(&str, &str); 13] = [
    ("common-auth", COMMON_AUTH),
    ("common-account", "account required pam_unix.so\n"),
    ("common-password", "password required pam_unix.so\n"),
    ("cron", "@include common-auth\n@include common-account\n"),
    ("login", LOGIN),
    (
        "other",
        "auth required pam_deny.so\naccount required pam_deny.so\n",
    ),
    ("passwd", "@include common-password\n"),
    ("sshd", SSHD),
    ("su", SU),
    ("su-l", "auth include su\naccount include su\n"),
    ("sudo", SUDO),
    ("sudo-i", SUDO),
    ("vlock", "@include common-auth\n"),
];
const MODULES: [&str; 20] = [
    "pam_antiphon.so",
    "pam_cap.so",
    "pam_debug.so",
    "pam_deny.so",
    "pam_env.so",
    "pam_faildelay.so",
    "pam_faillock.so",
    "pam_group.so",
    "pam_limits.so",
    "pam_loginuid.so",
    "pam_nologin.so",
    "pam_permit.so",
    "pam_rootok.so",
    "pam_sss.so",
    "pam_succeed_if.so",
    "pam_time.so",
    "pam_unix.so",
    "pam_warn.so",
    "pam_wheel.so",
    "pam_fprintd.so",
];
/// The file of Debian, in which a package would have more.
pub(super) const SSHD_CONFIG: &str = "\
# This is the sshd server system-wide configuration file.
Include /etc/ssh/sshd_config.d/*.conf

KbdInteractiveAuthentication no
UsePAM yes
PrintMotd no
";
const DROP_IN: &str = include_str!("../../../../../conf/sshd_config.d/00-antiphon.conf");

/// Nothing is wrong with it.
pub(super) fn sound() -> Host {
    let file = |(name, text): (&str, &str)| (name.to_owned(), pam_file(name, text));
    Host {
        folder: Folder {
            files: FILES.map(file).into(),
            unread: [].into(),
            knows_at_include: true,
            modules: MODULES.map(str::to_owned).into(),
            absent_configurations: ["/etc/antiphon/other.toml".to_owned()].into(),
            modules_at: "/usr/lib/x86_64-linux-gnu/security".to_owned(),
        },
        sshd: Some(sshd::Facts {
            files: [
                ("/etc/ssh/sshd_config", SSHD_CONFIG),
                ("/etc/ssh/sshd_config.d/00-antiphon.conf", DROP_IN),
            ]
            .map(|(path, text)| (path.to_owned(), text.to_owned()))
            .into(),
            // Not asked: so a change of the files is seen.
            output: Err(String::new()),
            by_block: Vec::new(),
            unit: "ssh".to_owned(),
            has_keytab: false,
        }),
        people: vec![account("root"), account("anna"), account("bo"), nobody()],
        named: Vec::new(),
        config: Some(Config::default()),
        settings: Settings {
            path: "/etc/antiphon/antiphon.toml".into(),
            text: String::new(),
        },
        package: Package::ByHand,
        has_profile: false,
        daemon: Some(daemon::Facts {
            socket: "/run/antiphon/antiphond.sock".to_owned(),
            away: None,
            sends_codes: false,
            has_unit: true,
            is_enabled: true,
            is_replaced: false,
        }),
        page: Some(page::Facts {
            origin: "https://mfa.example.org".to_owned(),
            reached: page::Reached::Yes,
        }),
        providers: providers::Facts::default(),
        polkit: polkit::Facts {
            is_closed: true,
            is_opened: false,
        },
        clock: clock::Facts {
            is_synchronised: Some(true),
            is_kept: Some(true),
            has_chrony: false,
        },
        name: host_name::Facts {
            name: "harbour".to_owned(),
            is_known: true,
        },
        versions: versions::Facts {
            command: "0.1.0".to_owned(),
            module: Some("0.1.0".to_owned()),
            daemon: Some("0.1.0".to_owned()),
            module_path: "/usr/lib/x86_64-linux-gnu/security/pam_antiphon.so".to_owned(),
        },
        denials: Vec::new(),
        unconfirmed: Ok(None),
    }
}

fn pam_file(name: &str, text: &str) -> File {
    File::new(format!("/etc/pam.d/{name}"), text)
}

/// Somebody who is enrolled.
fn account(name: &str) -> Account {
    Account {
        name: name.to_owned(),
        has_password: true,
        keys: Keys::default(),
        has_shell: true,
        is_enrolled: true,
        is_exempt: false,
        refused_skew: None,
        has_phone: true,
        has_phone_alone: false,
    }
}

fn nobody() -> Account {
    Account {
        has_password: false,
        has_shell: false,
        is_enrolled: false,
        has_phone: false,
        ..account("www-data")
    }
}

/// Writes a file of pam.d.
pub(super) fn write(host: &mut Host, name: &str, text: &str) {
    let file = pam_file(name, text);
    host.folder.files.insert(name.to_owned(), file);
}

/// Changes a part of one, which must be there.
pub(super) fn change(host: &mut Host, name: &str, old: &str, new: &str) {
    let file = host.folder.files.get_mut(name).unwrap();
    assert!(file.text().contains(old), "{name}: {old}");
    *file = pam_file(name, &file.text().replacen(old, new, 1));
}

/// Writes the configuration.
pub(super) fn configure(host: &mut Host, text: &str) {
    host.config = Some(Config::parse(text).unwrap());
    text.clone_into(&mut host.settings.text);
}

/// Writes a file of sshd.
pub(super) fn configure_sshd(host: &mut Host, name: &str, text: &str) {
    let files = &mut host.sshd.as_mut().unwrap().files;
    files.insert(format!("/etc/ssh/{name}"), text.to_owned());
}

/// The person called so.
pub(super) fn person<'h>(host: &'h mut Host, name: &str) -> &'h mut Account {
    let mut people = host.people.iter_mut();
    people.find(|account| account.name == name).unwrap()
}
