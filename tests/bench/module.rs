//! The modules that are compared.

use std::path::Path;

/// Where Debian has the modules of others.
const SECURITY: &str = "/lib/x86_64-linux-gnu/security";

/// A PAM module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Module {
    /// The floor: says yes.
    Permit,
    /// A code from an app; reuse disallowed, rate limit on.
    Google,
    /// A code from an app.
    Oath,
    /// Ours.
    Antiphon,
}

impl Module {
    pub(crate) const ALL: [Self; 4] = [Self::Permit, Self::Google, Self::Oath, Self::Antiphon];

    /// The name in tables, of the PAM service and of the module's file.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Permit => "pam_permit",
            Self::Google => "pam_google_authenticator",
            Self::Oath => "pam_oath",
            Self::Antiphon => "pam_antiphon",
        }
    }

    /// The module's file on every stage.
    pub(crate) fn file(self) -> String {
        match self {
            // Beside the others it would be the machine's; on the stage it is the one to be measured.
            Self::Antiphon => "/var/lib/antiphon-bench/pam_antiphon.so".to_owned(),
            others => format!("{SECURITY}/{}.so", others.name()),
        }
    }

    /// Whether the file is there, on the machine.
    pub(crate) fn is_installed(self) -> bool {
        self == Self::Antiphon || Path::new(&self.file()).exists()
    }

    /// The whole of the service's file.
    pub(crate) fn stack(self) -> String {
        let arguments = match self {
            Self::Permit | Self::Antiphon => "",
            Self::Google => " user=root secret=/var/lib/google-authenticator/${USER}",
            Self::Oath => " usersfile=/etc/users.oath window=3 digits=6",
        };
        format!("auth required {}{arguments}\n", self.file())
    }
}
