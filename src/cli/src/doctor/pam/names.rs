//! What is known of services by their names.

/// They run the account and session parts of their file, or only change passwords: nobody is asked for one.
pub(crate) const NEVER_ASK: [&str; 21] = [
    "atd",
    "chpasswd",
    "cron",
    "crond",
    "groupadd",
    "groupdel",
    "groupmems",
    "groupmod",
    "newusers",
    "passwd",
    "runuser",
    "runuser-l",
    "samba",
    "sddm-autologin",
    "gdm-autologin",
    "gdm-launch-environment",
    "lightdm-autologin",
    "lightdm-greeter",
    "sddm-greeter",
    "systemd-user",
    "useradd",
];

/// They do not run as root, and cannot read the records of root.
pub(crate) const NOT_ROOT: [&str; 18] = [
    "apache2",
    "cinnamon-screensaver",
    "gnome-screensaver",
    "gtklock",
    "httpd",
    "hyprlock",
    "i3lock",
    "kde",
    "kscreensaver",
    "mate-screensaver",
    "postgresql",
    "swaylock",
    "squid",
    "waylock",
    "xfce4-screensaver",
    "xlock",
    "xscreensaver",
    "xsecurelock",
];

/// They know of one password, and cannot show a prompt.
pub(crate) const CANNOT_ASK: [&str; 9] = [
    "dovecot",
    "ftp",
    "imap",
    "pop3",
    "proftpd",
    "sddm",
    "smtp",
    "vsftpd",
    "xrdp-sesman",
];

/// `sudo -i` and `su -` read files of their own.
pub(crate) const LOGIN_SHELLS: [LoginShell; 2] = [
    LoginShell {
        service: "sudo",
        shell: "sudo-i",
        typed: "sudo -i",
    },
    LoginShell {
        service: "su",
        shell: "su-l",
        typed: "su -",
    },
];

/// A service, and the one that its program is when it opens a login shell.
pub(crate) struct LoginShell {
    pub(crate) service: &'static str,
    pub(crate) shell: &'static str,
    /// How it comes to that.
    pub(crate) typed: &'static str,
}

/// Without these nobody can work on the computer.
pub(crate) const ESSENTIAL: [&str; 6] = ["login", "sshd", "su", "su-l", "sudo", "sudo-i"];

/// Files that others include, and no program asks for.
const FRAGMENTS: [&str; 6] = [
    "config-util",
    "fingerprint-auth",
    "password-auth",
    "postlogin",
    "smartcard-auth",
    "other",
];
const FRAGMENTS_BEGIN: [&str; 2] = ["common-", "system-"];
/// What editors and packages leave.
const LEFT_BEHIND: [&str; 7] = [
    "~", ".bak", ".orig", ".dpkg-", ".rpm", ".pacnew", ".pam-old",
];

/// Whether the file of this name is that of a service.
pub(crate) fn is_service(name: &str) -> bool {
    !FRAGMENTS.contains(&name)
        && !FRAGMENTS_BEGIN.iter().any(|begin| name.starts_with(begin))
        && !LEFT_BEHIND.iter().any(|part| name.contains(part))
        && !name.starts_with(['/', '.'])
        // libpam asks for names in small letters alone.
        && !name.contains(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::is_service;

    #[test]
    fn fragments_and_what_is_left_behind_are_no_services() {
        for name in [
            "sshd",
            "sudo-i",
            "su-l",
            "i3lock",
            "gdm-password",
            "polkit-1",
        ] {
            assert!(is_service(name), "{name}");
        }
        for name in [
            "common-auth",
            "system-auth",
            "password-auth",
            "other",
            "sshd~",
            "sshd.dpkg-old",
            "sshd.rpmsave",
            ".sshd.swp",
            "README",
        ] {
            assert!(!is_service(name), "{name}");
        }
    }
}
