//! The secret that a provider has given to this client: handed over by systemd, and nowhere in the configuration.

use std::env;
use std::path::PathBuf;

use antiphon_core::shell;
use zeroize::Zeroizing;

use crate::private_file;

/// The longest secret, in bytes.
const LONGEST: usize = 1024;

/// The secret for the provider `name`, from the credential `provider-NAME`; `None` if it has none: a public client then,
/// with PKCE alone.
///
/// # Errors
/// One sentence with the fix, which quotes nothing from the file.
pub(super) fn load(name: &str) -> Result<Option<Zeroizing<String>>, String> {
    let handed = env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    let handed = handed.map(|folder| folder.join(format!("provider-{name}")));
    let Some(path) = handed.filter(|path| path.exists()) else {
        return Ok(None);
    };
    let shown = shell::word(&path);
    let text = private_file::read(&path)?;
    let secret = text.trim_end_matches(['\r', '\n']);
    let is_one = (1..=LONGEST).contains(&secret.len())
        && secret.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if !is_one {
        return Err(format!(
            "{shown}: must hold the client secret of provider {name} and nothing else, of at most {LONGEST} printable \
             ASCII characters; write it anew, and restart antiphond"
        ));
    }
    Ok(Some(Zeroizing::new(secret.to_owned())))
}
