//! `clientDataJSON` (WebAuthn Level 3, section 5.8.1): what the browser says that it signed for.

use serde::Deserialize;

use super::assertion::Fault;
use crate::base64url;

/// The most bytes of it that are read.
const MOST: usize = 4096;

/// The keys that count. Browsers put others beside them, so that nobody compares texts.
#[derive(Deserialize)]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: bool,
    #[serde(default, rename = "topOrigin")]
    top_origin: Option<serde_json::Value>,
}

/// Checks type, challenge, origin, and that no other page stood around it.
pub(super) fn check(json: &[u8], challenge: &[u8; 32], origin: &str) -> Result<(), Fault> {
    if json.len() > MOST {
        return Err(Fault::ClientData);
    }
    let data: ClientData = serde_json::from_slice(json).map_err(|_| Fault::ClientData)?;
    if data.r#type != "webauthn.get" {
        return Err(Fault::Type);
    }
    if data.challenge != base64url::encode(challenge) {
        return Err(Fault::Challenge);
    }
    if data.origin != origin || data.cross_origin || data.top_origin.is_some() {
        return Err(Fault::Origin);
    }
    Ok(())
}
