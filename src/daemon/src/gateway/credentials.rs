//! The credentials file: passed by systemd (`LoadCredential=`, systemd.exec(5)), or at a path from the configuration.

use std::env;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use antiphon_core::shell;
use antiphon_gateway::{Credentials, Gateway, Gateways};
use nix::fcntl::OFlag;
use zeroize::Zeroizing;

/// Its name in `LoadCredential=`.
const NAME: &str = "gateway";
/// The largest accepted file, in bytes.
const MAX_SIZE: u64 = 16 * 1024;

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
    let text = read(&path)?;
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

fn read(path: &Path) -> Result<Zeroizing<String>, String> {
    let shown = shell::word(path);
    let said = |error: std::io::Error| format!("{shown}: {error}");
    let file = File::options()
        .read(true)
        .custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits())
        .open(path)
        .map_err(said)?;
    let found = file.metadata().map_err(said)?;
    if !found.is_file() {
        return Err(format!("{shown}: is not a plain file"));
    }
    let own = nix::unistd::geteuid().as_raw();
    if ![0, own].contains(&found.uid()) {
        let owner = found.uid();
        return Err(format!(
            "{shown}: belongs to user id {owner}; run: chown root {shown}"
        ));
    }
    if found.mode() & 0o027 != 0 {
        return Err(format!(
            "{shown}: others can read it or its group can write it; run: chmod o=,g-w {shown}, and take new \
             credentials if somebody may have read these"
        ));
    }
    if found.size() > MAX_SIZE {
        return Err(format!("{shown}: is larger than {MAX_SIZE} bytes"));
    }
    // Allocated at full size: a string that grows leaves an unwiped copy behind.
    let room = usize::try_from(MAX_SIZE).unwrap_or_default() + 1;
    let mut text = Zeroizing::new(String::with_capacity(room));
    file.take(MAX_SIZE)
        .read_to_string(&mut text)
        .map_err(said)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::read;
    use crate::scratch::Scratch;

    #[test]
    fn a_file_that_others_can_read_is_refused_with_its_fix_and_without_its_words() {
        let folder = Scratch::new();
        let path = folder.join("credentials");
        fs::write(&path, "password = \"hunter2\"").unwrap();
        for (mode, fine) in [
            (0o600, true),
            (0o400, true),
            (0o440, true),
            (0o640, true),
            (0o644, false),
            (0o620, false),
            (0o601, false),
        ] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let result = read(&path);
            assert_eq!(result.is_ok(), fine, "{mode:o}");
            if let Err(said) = result {
                assert!(
                    said.contains("chmod") && !said.contains("hunter2"),
                    "{said}"
                );
            }
        }
        let link = folder.join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(read(&link).is_err());
        assert!(read(folder.path()).unwrap_err().contains("plain file"));
    }
}
