//! What is known about services by name.

/// Programs that use only other parts of their file, or change passwords: they never authenticate.
pub(crate) const NEVER_ASK: &str = "\
    atd chpasswd cron crond groupadd groupdel groupmems groupmod newusers passwd runuser runuser-l samba \
    sddm-autologin gdm-autologin gdm-launch-environment lightdm-autologin lightdm-greeter sddm-greeter \
    systemd-user useradd";

/// Programs that do not run as root, so they cannot read root's records.
pub(crate) const NOT_ROOT: &str = "\
    apache2 cinnamon-screensaver gnome-screensaver gtklock httpd hyprlock i3lock kde kscreensaver \
    mate-screensaver postgresql swaylock squid waylock xfce4-screensaver xlock xscreensaver xsecurelock";

/// Programs that pass on one password and cannot show a prompt.
pub(crate) const CANNOT_ASK: &str = "\
    dovecot ftp imap pop3 proftpd sddm smtp vsftpd xrdp-sesman";

/// `sudo -i` and `su -` have files of their own.
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

/// A service, and the service of the same program for login shells.
pub(crate) struct LoginShell {
    pub(crate) service: &'static str,
    pub(crate) shell: &'static str,
    /// The command that uses it.
    pub(crate) typed: &'static str,
}

/// Services without which the computer is unusable.
pub(crate) const ESSENTIAL: [&str; 6] = ["login", "sshd", "su", "su-l", "sudo", "sudo-i"];

/// Files that are only included.
const FRAGMENTS: [&str; 6] = [
    "config-util",
    "fingerprint-auth",
    "password-auth",
    "postlogin",
    "smartcard-auth",
    "other",
];
const FRAGMENTS_BEGIN: [&str; 2] = ["common-", "system-"];
/// Left behind by editors and package managers.
const LEFT_BEHIND: [&str; 7] = [
    "~", ".bak", ".orig", ".dpkg-", ".rpm", ".pacnew", ".pam-old",
];

/// Whether `name` is one of the words of `list`.
pub(crate) fn is_listed(list: &str, name: &str) -> bool {
    list.split(' ').any(|listed| listed == name)
}

/// Whether a file of this name is a service's.
pub(crate) fn is_service(name: &str) -> bool {
    !FRAGMENTS.contains(&name)
        && !FRAGMENTS_BEGIN.iter().any(|begin| name.starts_with(begin))
        && !LEFT_BEHIND.iter().any(|part| name.contains(part))
        && !name.starts_with(['/', '.'])
        // libpam converts service names to lower case.
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
