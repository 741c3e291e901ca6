//! What is known about modules: what they can return, and what their success means.

use super::folder::Folder;
use super::line::Module;
use super::names::is_listed;
use super::stack::Step;

/// Our module.
pub(crate) const OURS: &str = "pam_antiphon";

/// What a module is for, as far as relevant here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Ours.
    Ours,
    /// Success means that the person was authenticated.
    FirstFactor,
    /// Success means that root is the caller.
    IsRoot,
    /// Success means that a condition set by the administrator holds: who, when, from where.
    Condition,
    /// Success proves nothing about the person.
    Bystander,
    /// Unknown.
    Unknown,
}

const FIRST_FACTORS: &str = "\
    pam_unix pam_unix_auth pam_sss pam_sss_gss pam_ldap pam_krb5 pam_winbind pam_systemd_home pam_userdb \
    pam_pwdfile pam_tcb pam_mysql pam_pgsql pam_radius_auth pam_tacplus pam_fprintd pam_u2f pam_pkcs11 \
    pam_ssh_agent_auth pam_gdm pam_himmelblau pam_authd";

const CONDITIONS: &str = "\
    pam_succeed_if pam_listfile pam_access pam_wheel pam_localuser pam_usertype pam_time pam_exec pam_script \
    pam_shells pam_securetty pam_nologin pam_rhosts pam_group";

const BYSTANDERS: &str = "\
    pam_permit pam_deny pam_env pam_faildelay pam_faillock pam_tally2 pam_warn pam_echo pam_issue pam_mail \
    pam_motd pam_cap pam_ecryptfs pam_mount pam_gnome_keyring pam_kwallet5 pam_keyinit pam_loginuid pam_selinux \
    pam_limits pam_umask pam_systemd";

/// What our module returns (`src/pam/src/result.rs`).
const OF_OURS: [&str; 6] = [
    "success",
    "ignore",
    "auth_err",
    "maxtries",
    "abort",
    "authinfo_unavail",
];

fn name_of(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or_default();
    file.strip_suffix(".so").unwrap_or(file)
}

impl Role {
    /// The role of the module at `path`.
    pub(super) fn of(path: &str) -> Self {
        let name = name_of(path);
        if name == OURS {
            Self::Ours
        } else if name == "pam_rootok" {
            Self::IsRoot
        } else if is_listed(FIRST_FACTORS, name) {
            Self::FirstFactor
        } else if is_listed(CONDITIONS, name) {
            Self::Condition
        } else if is_listed(BYSTANDERS, name) {
            Self::Bystander
        } else {
            Self::Unknown
        }
    }
}

impl Module {
    /// Its file name without `.so`.
    pub(crate) fn name(&self) -> &str {
        name_of(&self.path)
    }

    /// The values it can return, as far as its control distinguishes them.
    pub(crate) fn values(&self, folder: &Folder) -> Vec<&str> {
        // What libpam returns for a missing module.
        if !folder.has(&self.path) {
            return vec!["module_unknown"];
        }
        match self.name() {
            "pam_permit" => vec!["success"],
            "pam_deny" => vec!["auth_err"],
            // Its arguments say what it returns.
            "pam_debug" => vec![self.told_to_return()],
            OURS if !self.is_usable(folder) => vec!["authinfo_unavail"],
            OURS => OF_OURS.to_vec(),
            _ => {
                let mut values = vec!["success", "auth_err"];
                if self.role != Role::FirstFactor || self.may_ignore() {
                    values.push("ignore");
                }
                let named = self.control.named();
                values.extend(named.filter(|value| *value != "ignore"));
                values.sort_unstable();
                values.dedup();
                values
            }
        }
    }

    /// Arguments that our module does not know; any of them makes it refuse every sign-in.
    pub(crate) fn unknown_arguments(&self) -> impl Iterator<Item = &str> {
        self.arguments
            .iter()
            .map(String::as_str)
            .filter(|argument| *argument != "debug" && !argument.starts_with("config="))
    }

    /// The configuration that our line names, if it does not exist.
    pub(crate) fn absent_configuration<'m>(&'m self, folder: &Folder) -> Option<&'m str> {
        self.arguments
            .iter()
            .filter_map(|argument| argument.strip_prefix("config="))
            .find(|path| folder.absent_configurations.contains(*path))
    }

    fn is_usable(&self, folder: &Folder) -> bool {
        self.unknown_arguments().next().is_none() && self.absent_configuration(folder).is_none()
    }

    /// Whether it may ignore people whom it does not know.
    fn may_ignore(&self) -> bool {
        let mut arguments = self.arguments.iter();
        arguments.any(|argument| argument.starts_with("ignore_"))
    }

    fn told_to_return(&self) -> &str {
        let told = self.arguments.iter().rev();
        let mut told = told.filter_map(|argument| argument.strip_prefix("auth="));
        told.next().unwrap_or("success")
    }
}

impl Step {
    /// What its module is for.
    pub(crate) fn role(&self) -> Option<Role> {
        self.module().map(|module| module.role)
    }

    pub(crate) fn is_ours(&self) -> bool {
        self.role() == Some(Role::Ours)
    }
}
