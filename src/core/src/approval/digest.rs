//! What the phone's passkey signs.

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Number;
use crate::time::UnixTime;

/// A sign-in that waits for an approval: everything the phone is shown. The number is not part of it.
///
/// Texts are UTF-8, and empty where unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalRequest {
    /// Random, never reused.
    #[serde(with = "crate::wire::array")]
    pub nonce: [u8; 32],
    /// The canonical name of the person who signs in.
    pub user: String,
    /// The host signed in to.
    pub host: String,
    /// The PAM service.
    pub service: String,
    /// The caller of su or sudo.
    pub caller: String,
    /// The client's address.
    pub remote_host: String,
    /// The terminal.
    pub terminal: String,
    /// When it was made.
    pub issued: UnixTime,
    /// When it expires.
    pub expires: UnixTime,
}

impl ApprovalRequest {
    /// Its name in the logs of module and daemon: the first eight bytes of the nonce in hexadecimal. Phones are shown
    /// the nonce; it reveals nothing.
    #[must_use]
    pub fn name(&self) -> String {
        let (first, _) = self.nonce.split_at(8);
        HEXLOWER.encode(first)
    }

    /// The WebAuthn challenge: `SHA-256("antiphon approval v1" ‖ Σ len32be(field) ‖ field)` over the fields in order,
    /// times as decimal digits, the number last.
    #[must_use]
    pub fn digest(&self, number: &Number) -> [u8; 32] {
        self.digest_for("antiphon approval v1", number, &[])
    }

    /// The same for another purpose, with `more` fields at the end.
    pub(crate) fn digest_for(&self, purpose: &str, number: &Number, more: &[&[u8]]) -> [u8; 32] {
        let (issued, expires) = (self.issued.0.to_string(), self.expires.0.to_string());
        let fields: [&[u8]; 10] = [
            &self.nonce,
            self.user.as_bytes(),
            self.host.as_bytes(),
            self.service.as_bytes(),
            self.caller.as_bytes(),
            self.remote_host.as_bytes(),
            self.terminal.as_bytes(),
            issued.as_bytes(),
            expires.as_bytes(),
            number.digits().as_bytes(),
        ];
        Sha256::digest(framed(purpose, &[&fields, more].concat())).into()
    }
}

/// "It was me after all": ends the pause that "It is not me" began. A signature over it ends this pause only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenBack<'a> {
    /// The canonical name of the person.
    pub user: &'a str,
    /// The host.
    pub host: &'a str,
    /// When the pause began, as in the state.
    pub since: UnixTime,
}

impl TakenBack<'_> {
    /// The WebAuthn challenge: `SHA-256("antiphon pause v1" ‖ Σ len32be(field) ‖ field)` over the fields in order, the
    /// time as decimal digits.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let since = self.since.0.to_string();
        let fields = [self.user, self.host, &since].map(str::as_bytes);
        Sha256::digest(framed("antiphon pause v1", &fields)).into()
    }
}

/// The WebAuthn challenge by which a device without a token shows that it has the passkey:
/// `SHA-256("antiphon renewal v1" ‖ len32be(challenge) ‖ challenge)`. The daemon draws `challenge`, and what it draws must not be
/// able to be the digest of an approval.
#[must_use]
pub fn renewal_digest(challenge: &[u8]) -> [u8; 32] {
    Sha256::digest(framed("antiphon renewal v1", &[challenge])).into()
}

/// `purpose ‖ Σ len32be(field) ‖ field`: injective, no two lists of fields give the same bytes.
pub(crate) fn framed(purpose: &str, fields: &[&[u8]]) -> Vec<u8> {
    let mut bytes = purpose.as_bytes().to_vec();
    for field in fields {
        // Nothing over 4 GiB reaches us: frames end at 64 KiB.
        let length = u32::try_from(field.len()).unwrap_or(u32::MAX);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(field);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::{ApprovalRequest, renewal_digest};
    use crate::approval::Number;
    use crate::time::UnixTime;

    fn request() -> ApprovalRequest {
        ApprovalRequest {
            nonce: [7; 32],
            user: "åsa".into(),
            host: "web1".into(),
            service: "sshd".into(),
            caller: "root".into(),
            remote_host: "203.0.113.5".into(),
            terminal: "ssh".into(),
            issued: UnixTime(1_795_377_600),
            expires: UnixTime(1_795_377_660),
        }
    }

    #[test]
    fn its_name_is_the_beginning_of_the_nonce() {
        let mut request = request();
        assert_eq!(request.name(), "0707070707070707");
        request.nonce[0] = 0xf0;
        request.nonce[8] = 0xff;
        assert_eq!(request.name(), "f007070707070707");
    }

    /// Computed with another program: `hashlib.sha256` over the bytes that the design describes.
    #[test]
    fn the_digest_is_of_the_described_bytes() {
        let hex = data_encoding::HEXLOWER.encode(&request().digest(&Number::new(42)));
        assert_eq!(
            hex,
            "8bca9effc5c1437ddadb62c3fd76a2e169fcb4b9892ff200a049fc32032986ac"
        );
    }

    /// Likewise. Whatever a daemon has signed so is no approval.
    #[test]
    fn a_renewals_digest_is_of_the_described_bytes() {
        let hex = data_encoding::HEXLOWER.encode(&renewal_digest(&[5; 32]));
        assert_eq!(
            hex,
            "2d9b591a0478daa80932ec754aa439c70fc6fccfdde749399fe6ae451673d01a"
        );
    }

    #[test]
    fn another_field_gives_another_digest_also_when_bytes_move_between_fields() {
        let base = request();
        let number = Number::new(42);
        let mut digests = vec![base.digest(&number), base.digest(&Number::new(43))];
        let mut add = |change: &dyn Fn(&mut ApprovalRequest)| {
            let mut changed = base.clone();
            change(&mut changed);
            digests.push(changed.digest(&number));
        };
        add(&|request| request.nonce[31] ^= 1);
        add(&|request| request.user = "åsaw".into());
        add(&|request| request.host = "eb1".into());
        add(&|request| {
            request.user = "åsaw".into();
            request.host = "eb1".into();
        });
        add(&|request| request.service.clear());
        add(&|request| request.caller = "asa".into());
        add(&|request| request.remote_host = "203.0.113.6".into());
        add(&|request| request.terminal.clear());
        add(&|request| request.issued.0 += 1);
        add(&|request| request.expires.0 += 1);
        let all = digests.len();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), all);
    }
}
