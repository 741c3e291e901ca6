//! Base64url without padding (RFC 4648 §5), as WebAuthn uses it, decoded strictly.

use data_encoding::BASE64URL_NOPAD;

/// Encodes `bytes`.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// Decodes `text`; `None` if it is not the canonical encoding of some bytes.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64URL_NOPAD.decode(text.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn bytes_have_one_text_and_no_other_is_read() {
        for bytes in [&[][..], &[0], &[251, 255], &[1, 2, 3], &[255; 100]] {
            assert_eq!(decode(&encode(bytes)).unwrap(), bytes);
        }
        assert_eq!(encode(&[251, 255]), "-_8");
        for text in ["-_9", "-_8=", "+/8", "A", "A A", "AA\n", "ÅA"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
