//! The credentials file: passed by systemd (`LoadCredential=`, systemd.exec(5)), or at a path from the configuration.

use std::env;
use std::path::PathBuf;

use antiphon_core::shell;
use antiphon_gateway::{Credentials, Gateway, Gateways};

use crate::private_file;

/// Its name in `LoadCredential=`.
const NAME: &str = "gateway";

/// The credentials for both gateways.
#[derive(Default)]
pub(super) struct Both {
    pub(super) sms: Credentials,
    pub(super) call: Credentials,
}

/// Reads the file if any gateway needs it.
///
/// # Errors
/// One sentence with the fix, which quotes nothing from the file.
pub(super) fn load(gateways: &Gateways) -> Result<Both, String> {
    let handed = env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    let handed = handed.map(|folder| folder.join(NAME));
    let path = handed
        .filter(|path| path.exists())
        .or_else(|| gateways.credentials.clone());
    let ways = [("sms", &gateways.sms), ("call", &gateways.call)];
    let needs = |gateway: &Option<Gateway>| gateway.as_ref().map_or_else(Vec::new, Gateway::needs);
    let Some(path) = path else {
        return match ways.iter().find(|(_, gateway)| !needs(gateway).is_empty()) {
            None => Ok(Both::default()),
            Some((way, _)) => Err(format!(
                "[gateway.{way}] needs credentials: write them to /etc/antiphon/gateway, mode 0600, owned by root, and \
                 hand that to the service by LoadCredential=gateway:/etc/antiphon/gateway (systemctl edit antiphond)"
            )),
        };
    };
    let shown = shell::word(&path);
    let text = private_file::read(&path)?;
    let parse = |way| Credentials::parse(&text, way).map_err(|error| format!("{shown}: {error}"));
    let both = Both {
        sms: parse("sms")?,
        call: parse("call")?,
    };
    for ((way, gateway), credentials) in ways.into_iter().zip([&both.sms, &both.call]) {
        let missing = needs(gateway)
            .into_iter()
            .find(|which| credentials.get(*which).is_none());
        if let Some(which) = missing {
            let key = which.key();
            return Err(format!(
                "{shown}: `{key}` is missing, which [gateway.{way}] needs"
            ));
        }
    }
    Ok(both)
}
