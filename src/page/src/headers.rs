//! The headers of every answer.

use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use crate::{JOINED, STYLE_SHEET};

/// Passkeys, and no other browser feature.
const PERMISSIONS: &str = "publickey-credentials-create=(self), \
    publickey-credentials-get=(self), accelerometer=(), autoplay=(), camera=(), \
    display-capture=(), geolocation=(), gyroscope=(), hid=(), identity-credentials-get=(), \
    local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=(), \
    xr-spatial-tracking=()";

/// Those that are always the same; names in small letters.
pub const ALWAYS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", PERMISSIONS),
];

/// `strict-transport-security` of an origin by https: two years.
pub const TRANSPORT_SECURITY: &str = "max-age=63072000";

/// The policy of the document, which may talk to `relays` too.
#[must_use]
pub fn policy(relays: &[String]) -> String {
    format!("{}; {FRAMES}", policy_in_document(relays))
}

/// The policy of whatever is not the document.
#[must_use]
pub fn policy_elsewhere() -> String {
    format!("{}; {FRAMES}", own(&Permitted::default()))
}

/// What a document cannot say of itself, but only a header.
const FRAMES: &str = "frame-ancestors 'none'";

pub(crate) fn policy_in_document(relays: &[String]) -> String {
    let [scripts, styles] = [JOINED, STYLE_SHEET].map(|text| {
        let sum = BASE64.encode(&Sha256::digest(text));
        format!(" 'sha256-{sum}'")
    });
    let relays = relays
        .iter()
        .fold(String::new(), |all, relay| all + " " + relay);
    own(&Permitted {
        scripts,
        styles,
        relays,
    })
}

/// What is permitted beside the page's own files, each with a space before it.
#[derive(Default)]
struct Permitted {
    scripts: String,
    styles: String,
    relays: String,
}

/// The page's own files and what is permitted; and one trusted types policy, `antiphon`, which permits only `/sw.js`.
fn own(permitted: &Permitted) -> String {
    let Permitted {
        scripts,
        styles,
        relays,
    } = permitted;
    format!(
        "default-src 'none'; script-src 'self'{scripts}; style-src 'self'{styles}; img-src 'self'; connect-src \
         'self'{relays}; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types antiphon"
    )
}
