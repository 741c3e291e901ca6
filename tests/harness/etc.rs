//! The world's `/etc`: only what the real programs read on the way of a sign-in.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The password as Debian's `common-auth` asks for it, without the two seconds after a wrong one.
const COMMON_AUTH: &str = "\
auth [success=1 default=ignore] pam_unix.so nodelay
auth requisite pam_deny.so
auth required pam_permit.so
";

/// The lines that we ship.
const SHIPPED: &[(&str, &str)] = &[
    ("sshd", include_str!("../../conf/pam.d/sshd")),
    ("sudo", include_str!("../../conf/pam.d/sudo")),
    ("sudo-i", include_str!("../../conf/pam.d/sudo-i")),
    ("su", include_str!("../../conf/pam.d/su")),
    ("login", include_str!("../../conf/pam.d/login")),
];

/// The phases after us, the same for every service.
const AFTERWARDS: &str = "\
account required pam_unix.so
session required pam_permit.so
";

/// Folders that are emptied first, so that nothing of the machine's shows through.
const EMPTIED: &[&str] = &[
    "/etc/pam.d",
    "/etc/ssh",
    "/etc/sudoers.d",
    "/etc/antiphon",
    "/etc/profile.d",
    "/etc/security",
];

/// Files of which the machine may have one that changes a sign-in; without them everything is as its program has it, and
/// the time zone is UTC.
const REMOVED: &[&str] = &[
    "bash.bashrc",
    "hosts.allow",
    "hosts.deny",
    "issue",
    "issue.net",
    "localtime",
    "motd",
    "nologin",
    "profile",
    "securetty",
    "subgid",
    "subuid",
    "sudo.conf",
    "timezone",
];

/// Writes everything but the people.
pub(crate) fn write_all(host: &str, module: &Path) {
    for folder in EMPTIED {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir(folder).unwrap();
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
    for name in REMOVED {
        let _ = fs::remove_file(format!("/etc/{name}"));
    }
    write("hosts", &format!("127.0.0.1 localhost {host}\n"));
    write("hostname", &format!("{host}\n"));
    write(
        "nsswitch.conf",
        "passwd: files\ngroup: files\nshadow: files\nhosts: files\n",
    );
    write("resolv.conf", "");
    write("environment", "");
    write(
        "login.defs",
        "LOGIN_TIMEOUT 60\nLOGIN_RETRIES 3\nENV_PATH PATH=/usr/bin:/bin\nFAIL_DELAY 0\n",
    );
    write(
        "sudoers",
        "Defaults !lecture, timestamp_timeout=0\nALL ALL=(ALL) ALL\n",
    );
    fs::set_permissions("/etc/sudoers", fs::Permissions::from_mode(0o440)).unwrap();
    write("pam.d/common-auth", COMMON_AUTH);
    for (service, lines) in SHIPPED {
        service_file(service, lines, module);
    }
    // What `pam_host` asks for where no more is wanted: our line alone.
    service_file("antiphon-alone", "auth required pam_antiphon.so\n", module);
    service_file("other", "auth required pam_deny.so\n", module);
}

/// Writes `/etc/pam.d/SERVICE`: these lines with the module where it stands, and the phases after them.
pub(crate) fn service_file(service: &str, auth: &str, module: &Path) {
    let auth = auth.replace("pam_antiphon.so", module.to_str().unwrap());
    write(&format!("pam.d/{service}"), &format!("{auth}{AFTERWARDS}"));
}

fn write(name: &str, text: &str) {
    let path = format!("/etc/{name}");
    // Removed first: it may be a link to somewhere else, as resolv.conf often is.
    let _ = fs::remove_file(&path);
    fs::write(&path, text).unwrap_or_else(|error| panic!("{path}: {error}"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
}
