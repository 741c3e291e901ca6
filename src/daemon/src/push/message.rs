//! The encrypted content of a Web Push message: RFC 8291 on RFC 8188.

use ring::aead::{AES_128_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::error::Unspecified;
use ring::hkdf::{HKDF_SHA256, KeyType, Salt};
use ring::rand::SystemRandom;

use super::target::Keys;
use crate::random;

/// Length of the plaintext, whatever it says, so that the length reveals nothing.
const PADDED: usize = 512;
/// The announced record size; we send a single, last record.
const RECORD_SIZE: u32 = 4096;
/// Delimiter of the last record (RFC 8188, section 2).
const LAST: u8 = 2;

/// Length of an uncompressed P-256 point.
const POINT: usize = 65;
/// Length of the browser's `auth`.
const AUTH: usize = 16;

/// The body of a message to a browser with these keys. Fails if `words` are too long.
pub(super) fn to(keys: &Keys, words: &[u8]) -> Result<Vec<u8>, Unspecified> {
    if words.len() >= PADDED {
        return Err(Unspecified);
    }
    let random = SystemRandom::new();
    let own = EphemeralPrivateKey::generate(&ECDH_P256, &random)?;
    let own_public = own.compute_public_key()?;
    let salt = random::bytes::<16>().map_err(|_| Unspecified)?;
    let theirs = UnparsedPublicKey::new(&ECDH_P256, &keys.p256dh);
    let keying = agree_ephemeral(own, &theirs, |shared| {
        keying(shared, keys, own_public.as_ref())
    })??;
    let mut said = words.to_vec();
    said.push(LAST);
    said.resize(PADDED, 0);
    content(&keying, &salt, own_public.as_ref(), said)
}

/// Whether these can be a browser's keys: the right lengths, and a point on the curve.
pub(super) fn fits(keys: &Keys) -> bool {
    let is_point = || {
        let own = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new())?;
        let theirs = UnparsedPublicKey::new(&ECDH_P256, &keys.p256dh);
        agree_ephemeral(own, &theirs, |_| ())
    };
    keys.auth.len() == AUTH && keys.p256dh.len() == POINT && is_point().is_ok()
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive<const N: usize>(
    salt: &[u8],
    input: &[u8],
    info: &[&[u8]],
) -> Result<[u8; N], Unspecified> {
    let mut derived = [0; N];
    Salt::new(HKDF_SHA256, salt)
        .extract(input)
        .expand(info, Length(N))?
        .fill(&mut derived)?;
    Ok(derived)
}

/// RFC 8291, section 3.4.
fn keying(shared: &[u8], keys: &Keys, own_public: &[u8]) -> Result<[u8; 32], Unspecified> {
    derive(
        &keys.auth,
        shared,
        &[b"WebPush: info\0", &keys.p256dh, own_public],
    )
}

/// RFC 8188, section 2: the header and one encrypted record.
fn content(
    keying: &[u8],
    salt: &[u8; 16],
    key_id: &[u8],
    record: Vec<u8>,
) -> Result<Vec<u8>, Unspecified> {
    let key: [u8; 16] = derive(salt, keying, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce: [u8; NONCE_LEN] = derive(salt, keying, &[b"Content-Encoding: nonce\0"])?;
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key)?);
    let mut record = record;
    // The first record's number is 0, so the nonce is used unchanged.
    let nonce = Nonce::assume_unique_for_key(nonce);
    key.seal_in_place_append_tag(nonce, Aad::empty(), &mut record)?;
    let mut body = salt.to_vec();
    body.extend(RECORD_SIZE.to_be_bytes());
    body.push(u8::try_from(key_id.len()).map_err(|_| Unspecified)?);
    body.extend(key_id);
    body.extend(record);
    Ok(body)
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64URL_NOPAD;

    use antiphon_core::time::UnixTime;

    use super::{content, fits, keying, to};
    use crate::push::{Gone, Keys, News};

    fn bytes(text: &str) -> Vec<u8> {
        BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()
    }

    /// The browser's keys in RFC 8291, appendix A.
    fn keys() -> Keys {
        Keys {
            p256dh: bytes(
                "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            ),
            auth: bytes("BTBZMqHH6r4Tts7J_aSIgg"),
        }
    }

    #[test]
    fn rfc_8291_appendix_a() {
        let own_public = bytes(
            "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
        );
        let shared = bytes("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs");
        let keying = keying(&shared, &keys(), &own_public).unwrap();
        assert_eq!(
            keying.to_vec(),
            bytes("S4lYMb_L0FxCeq0WhDx813KgSYqU26kOyzWUdsXYyrg")
        );
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let said = b"When I grow up, I want to be a watermelon\x02".to_vec();
        let body = content(&keying, &salt, &own_public, said).unwrap();
        assert_eq!(
            body,
            bytes(
                "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLoc\
                 InmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLV\
                 WGNWQexSgSxsj_Qulcy4a-fN"
            )
        );
    }

    #[test]
    fn rfc_8188_section_3_1() {
        let salt = bytes("I1BsxtFttlv3u_Oo94xnmw").try_into().unwrap();
        let keying = bytes("yqdlZ-tYemfogSmv7Ws5PQ");
        let body = content(&keying, &salt, b"", b"I am the walrus\x02".to_vec()).unwrap();
        assert_eq!(
            body,
            bytes("I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg")
        );
    }

    #[test]
    fn every_message_has_the_same_length_and_other_bytes() {
        let gone = News::Gone(Gone {
            at: UnixTime(u64::MAX),
            from: "\"".repeat(128),
        });
        let waits = News::Waits {
            lasts: 60,
            is_trial: false,
        };
        let [one, other] = [waits, gone].map(|news| to(&keys(), &news.words()).unwrap());
        assert_eq!(one.len(), other.len());
        assert_ne!(one, other);
    }

    #[test]
    fn keys_that_are_none_are_not_taken() {
        assert!(fits(&keys()));
        let mut off_the_curve = keys();
        off_the_curve.p256dh[64] ^= 1;
        assert!(!fits(&off_the_curve));
        let mut short = keys();
        short.auth.pop();
        assert!(!fits(&short));
        let mut compressed = keys();
        compressed.p256dh.truncate(33);
        assert!(!fits(&compressed));
    }
}
