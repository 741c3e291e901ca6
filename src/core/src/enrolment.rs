//! Enrolling a phone: the address in the QR code, and the proof that the page which made the passkey had it.
//!
//! The secret stands in the address's fragment, which no browser sends: the daemon, which serves the page, is told the
//! ticket only. So a passkey that somebody else slips in has no proof.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::approval::framed;
use crate::base64url;
use crate::wire::Enrolled;

/// Seconds that a ticket lasts.
pub const TICKET_LIFETIME: u64 = 600;

/// `ORIGIN/enroll#TICKET.SECRET`, both base64url.
#[must_use]
pub fn address(origin: &str, ticket: &[u8; 16], secret: &[u8; 32]) -> Zeroizing<String> {
    let (ticket, secret) = (
        base64url::encode(ticket),
        Zeroizing::new(base64url::encode(secret)),
    );
    Zeroizing::new(format!("{origin}/enroll#{ticket}.{}", *secret))
}

/// Whether `enrolled` was made by a page that had `secret`, for this person, computer and origin:
/// `HMAC-SHA256(secret, "antiphon enrolment v1" ‖ Σ len32be(field) ‖ field)` over user, host, origin, credential id,
/// SPKI, backup eligible (`true` or `false`) and the phone's name.
#[must_use]
pub fn proves(
    enrolled: &Enrolled,
    secret: &[u8; 32],
    user: &str,
    host: &str,
    origin: &str,
) -> bool {
    let eligible = if enrolled.backup_eligible {
        "true"
    } else {
        "false"
    };
    let fields: [&[u8]; 7] = [
        user.as_bytes(),
        host.as_bytes(),
        origin.as_bytes(),
        &enrolled.credential,
        &enrolled.public_key,
        eligible.as_bytes(),
        enrolled.name.as_bytes(),
    ];
    let message = framed("antiphon enrolment v1", &fields);
    // In constant time.
    Hmac::<Sha256>::new_from_slice(secret).is_ok_and(|mac| {
        mac.chain_update(message)
            .verify_slice(&enrolled.proof)
            .is_ok()
    })
}

#[cfg(test)]
mod tests {
    use ring::hmac;

    use super::{address, proves};
    use crate::wire::Enrolled;

    fn enrolled(proof: Vec<u8>) -> Enrolled {
        Enrolled {
            name: "Pixel 9".into(),
            credential: vec![1, 2, 3],
            public_key: vec![4; 91],
            backup_eligible: true,
            proof,
        }
    }

    /// The bytes as the page makes them, put together without `framed`.
    fn proof(secret: &[u8; 32]) -> Vec<u8> {
        let mut bytes = b"antiphon enrolment v1".to_vec();
        for field in [
            b"alice".as_slice(),
            b"web1",
            b"https://mfa.example.org",
            &[1, 2, 3],
            &[4; 91],
            b"true",
            b"Pixel 9",
        ] {
            bytes.extend([0, 0, 0, u8::try_from(field.len()).unwrap()]);
            bytes.extend(field);
        }
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), &bytes)
            .as_ref()
            .to_vec()
    }

    #[test]
    fn only_the_page_with_the_secret_can_prove_a_passkey_and_only_as_it_was_made() {
        let secret = [5; 32];
        let fine = |enrolled: &Enrolled| {
            proves(
                enrolled,
                &secret,
                "alice",
                "web1",
                "https://mfa.example.org",
            )
        };
        assert!(fine(&enrolled(proof(&secret))));
        assert!(!fine(&enrolled(proof(&[6; 32]))));
        assert!(!fine(&enrolled(Vec::new())));
        let changes: [fn(&mut Enrolled); 4] = [
            |enrolled| enrolled.name.push('x'),
            |enrolled| enrolled.credential.push(0),
            |enrolled| enrolled.public_key[0] ^= 1,
            |enrolled| enrolled.backup_eligible = false,
        ];
        for change in changes {
            let mut other = enrolled(proof(&secret));
            change(&mut other);
            assert!(!fine(&other));
        }
        let right = enrolled(proof(&secret));
        assert!(!proves(
            &right,
            &secret,
            "bob",
            "web1",
            "https://mfa.example.org"
        ));
        assert!(!proves(
            &right,
            &secret,
            "alice",
            "web2",
            "https://mfa.example.org"
        ));
        assert!(!proves(
            &right,
            &secret,
            "alice",
            "web1",
            "https://evil.example"
        ));
    }

    #[test]
    fn the_secret_stands_in_the_fragment() {
        let address = address("https://mfa.example.org", &[0; 16], &[255; 32]);
        let (before, fragment) = address.split_once('#').unwrap();
        assert_eq!(before, "https://mfa.example.org/enroll");
        assert_eq!(
            fragment.split('.').map(str::len).collect::<Vec<_>>(),
            [22, 43]
        );
    }
}
