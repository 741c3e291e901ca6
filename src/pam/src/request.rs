//! Who signs in, to what, from where: what PAM and the system say, before anything is decided.

use std::ffi::CStr;

use antiphon_core::outcome::Trouble;
use antiphon_core::visible::visible;
use nix::unistd::{User, getuid};
use pam::items::{AuthTok, RHost, Service, Tty};
use pam::module::PamHandle;
use pam::secret::SecretBytes;

use crate::ffi;
use crate::host::Host;

/// The longest of the texts below, in bytes.
const LONGEST: usize = 256;

/// One call of `pam_authenticate`. All texts are safe to show.
pub(crate) struct Request {
    /// `PAM_USER`, as the application gave it: not yet the canonical name.
    pub(crate) asked_for: String,
    /// `PAM_SERVICE`.
    pub(crate) service: String,
    /// `PAM_RHOST`; empty if there is none.
    pub(crate) remote_host: String,
    /// `PAM_TTY`; empty if there is none.
    pub(crate) terminal: String,
    /// The name of the real user id: who called su or sudo. Never `PAM_RUSER`, which the application makes up.
    pub(crate) caller: String,
    /// What kind of program asks.
    pub(crate) host: Host,
    /// The password that a module before us was given.
    pub(crate) password: Option<SecretBytes>,
    /// Whether `pam_unix` before us found it wrong, and the stack went on.
    pub(crate) password_was_wrong: bool,
}

impl Request {
    /// Takes everything from PAM.
    pub(crate) fn gather(handle: &mut PamHandle) -> Result<Self, Trouble> {
        // May ask for the name, in an application that has not.
        let asked_for = handle.get_user(None).map_err(|code| {
            Trouble::new("pam", &format_args!("PAM gave no user name: {code:?}"))
        })?;
        let service = text(
            handle
                .get_item::<Service>()
                .ok()
                .flatten()
                .map(|item| item.0),
        );
        let remote_host = text(handle.get_item::<RHost>().ok().flatten().map(|item| item.0));
        let terminal = text(handle.get_item::<Tty>().ok().flatten().map(|item| item.0));
        let password = handle
            .get_item::<AuthTok>()
            .ok()
            .flatten()
            .map(|token| token.to_owned_secret())
            .filter(|token| !token.is_empty());
        let connection = ffi::pam_environment(handle, c"SSH_CONNECTION");
        let ssh_methods = ffi::pam_environment(handle, c"SSH_AUTH_INFO_0");
        Ok(Self {
            host: Host::recognise(&service, connection.is_some(), ssh_methods.as_deref()),
            password_was_wrong: ffi::pam_unix_failed(handle, &asked_for),
            asked_for,
            service,
            remote_host,
            terminal,
            caller: caller(),
            password,
        })
    }

    /// Whether something was asked before us. Only sshd can be known to have asked nothing.
    pub(crate) fn had_a_first_factor(&self) -> bool {
        self.password.is_some() || !self.host.is_sshd_without_first_method()
    }

    /// From where, in one word: what a person is told of wrong codes.
    pub(crate) fn origin(&self) -> &str {
        if self.remote_host.is_empty() {
            &self.terminal
        } else {
            &self.remote_host
        }
    }
}

fn text(item: Option<&CStr>) -> String {
    item.map(|item| visible(&item.to_string_lossy(), LONGEST))
        .unwrap_or_default()
}

fn caller() -> String {
    let uid = getuid();
    if uid.is_root() {
        // As for sshd and login, and whatever else root calls itself: the user database need not be asked.
        return "root".to_owned();
    }
    match User::from_uid(uid) {
        Ok(Some(user)) => visible(&user.name, LONGEST),
        _ => uid.to_string(),
    }
}
