//! Who signs in, to what, from where: what PAM and the system say, before anything is decided.

use std::ffi::{CStr, OsStr};
use std::io::IsTerminal as _;
use std::os::unix::ffi::OsStrExt;

use antiphon_core::name::UserName;
use antiphon_core::origin::{Origin, Screen};
use antiphon_core::outcome::{Refusal, Trouble};
use antiphon_core::shell;
use antiphon_core::visible::visible;
use nix::unistd::getuid;
use pam::constants::PamResultCode;
use pam::items::{AuthTok, RHost, Service, Tty, User};
use pam::module::PamHandle;
use pam::secret::SecretBytes;

use crate::ffi;
use crate::host::Host;
use crate::terminal::standard_input;

/// The longest of the texts below, in bytes.
const LONGEST: usize = 256;

/// One call of `pam_authenticate`. All texts are safe to show.
pub(crate) struct Request {
    /// `PAM_USER`, as given by the application: not yet the canonical name.
    pub(crate) asked_for: String,
    /// `PAM_SERVICE`.
    pub(crate) service: String,
    /// `PAM_RHOST`; empty if there is none.
    pub(crate) remote_host: String,
    /// `PAM_TTY`; empty if there is none.
    pub(crate) terminal: String,
    /// The name of the real user id: the caller of su or sudo. Never `PAM_RUSER`, which the application makes up. Empty
    /// for programs where it is always root.
    pub(crate) caller: String,
    pub(crate) host: Host,
    /// The password given to a module before us.
    pub(crate) password: Option<SecretBytes>,
    /// Whether `pam_unix` before us found it wrong, and the stack continued.
    pub(crate) pam_unix_failed: bool,
}

impl Request {
    pub(crate) fn gather(handle: &mut PamHandle) -> Result<Self, Trouble> {
        // May prompt for the name, if the application has not.
        let asked_for = handle
            .get_user(None)
            .map_err(|code| Trouble::new("pam", &why_no_name(handle, &code)))?;
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
        // Not whether /dev/tty can be opened: a desktop started from a console has one, but asks in a window.
        let on_terminal = standard_input().is_terminal();
        let host = Host::recognise(
            &service,
            connection.is_some(),
            ssh_methods.as_deref(),
            on_terminal,
        );
        let caller = caller(host, &service);
        Ok(Self {
            host,
            pam_unix_failed: ffi::pam_unix_failed(handle, &asked_for),
            asked_for,
            service,
            remote_host,
            terminal,
            caller,
            password,
        })
    }

    /// Whether a first factor was checked before us. Only for sshd can we know that none was.
    pub(crate) fn had_a_first_factor(&self) -> bool {
        self.password.is_some() || !self.host.is_sshd_without_first_method()
    }

    pub(crate) fn origin(&self) -> Origin<'_> {
        Origin {
            remote_host: &self.remote_host,
            terminal: &self.terminal,
            caller: &self.caller,
        }
    }

    /// Where the prompt is shown: each client of sshd displays it in its own way.
    pub(crate) fn screen(&self) -> Screen<'_> {
        let is_sshd = matches!(self.host, Host::Sshd { .. } | Host::SshdBlind);
        Screen {
            service: &self.service,
            client: if is_sshd { &self.remote_host } else { "" },
        }
    }

    /// Why no human can have typed this: programs that do not understand a prompt answer with what they have.
    pub(crate) fn is_answered_by_program(&self, typed: &[u8], user: &UserName) -> Option<Refusal> {
        let password = self.password.as_ref();
        if password.is_some_and(|password| password.as_bytes() == typed) {
            return Some(Refusal::PasswordAnswered);
        }
        [self.asked_for.as_str(), user.as_str()]
            .iter()
            .any(|name| name.as_bytes() == typed)
            .then_some(Refusal::NameAnswered)
    }
}

/// Either there is none, or it is not UTF-8 and so cannot have a record.
fn why_no_name(handle: &PamHandle, code: &PamResultCode) -> String {
    match handle.get_item::<User>() {
        Ok(Some(name)) if name.0.to_str().is_err() => {
            let shown = shell::word(OsStr::from_bytes(name.0.to_bytes()));
            format!("the user name {shown} is not UTF-8; give the account one that is")
        }
        _ => format!("PAM gave no user name: {code:?}"),
    }
}

fn text(item: Option<&CStr>) -> String {
    item.map(|item| visible(&item.to_string_lossy(), LONGEST))
        .unwrap_or_default()
}

fn caller(host: Host, service: &str) -> String {
    let uid = getuid();
    if uid.is_root() {
        // Saves a query of the user database. For sshd, login and the like it is meaningless.
        let can_be_another = host == Host::Terminal && service != "login";
        return if can_be_another { "root" } else { "" }.to_owned();
    }
    match nix::unistd::User::from_uid(uid) {
        Ok(Some(user)) => visible(&user.name, LONGEST),
        _ => uid.to_string(),
    }
}
