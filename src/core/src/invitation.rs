//! Enrolling a phone: the URL in the QR code, and the proof that the page which created the passkey had it.
//!
//! The secret is in the URL's fragment, which browsers do not send: the daemon, which serves the page, is told only the
//! ticket. So a passkey slipped in by somebody else has no proof.
//!
//! That protects against everybody but the daemon itself, which serves the page that reads the fragment. A hostile
//! daemon can leak the secret, prove its own passkey with it, and sign the trial with the number that the person types
//! into the page. The record then has the daemon's key instead of the phone's, and that key can approve the person's
//! sign-ins from then on, even once the daemon is trustworthy again. No check here can detect that. Phones enrolled
//! earlier are not affected. So phones added while the daemon was not trustworthy must be removed and enrolled again:
//! [`Phone::enrolled`] has the dates.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::approval::framed;
use crate::base64url;
use crate::record::{CodeSecret, Phone, Record, TotpAlgorithm};
use crate::time::UnixTime;
use crate::wire::Enrolled;

/// The service name shown in the trial of a phone being enrolled.
pub const TRIAL_SERVICE: &str = "antiphon enroll";

/// Lifetime of a ticket, in seconds.
pub const TICKET_LIFETIME: u64 = 600;

/// The longest credential ID in bytes (WebAuthn Level 3, section 5.8.3).
const LONGEST_CREDENTIAL: usize = 1023;

/// Why a passkey is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The page that created it did not have the secret for this person, host and origin.
    Proof,
    /// The phone's name is empty, too long, or has unprintable characters.
    Name,
    /// The credential ID is empty or too long.
    Credential,
    /// The person already has it.
    Known,
    /// Not a P-256 key.
    Key,
    /// This host's clock is beyond the range of dates.
    Clock,
}

impl Fault {
    /// The word for it in the log.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Proof => "wrong-proof",
            Self::Name => "odd-name",
            Self::Credential => "odd-credential",
            Self::Known => "known-passkey",
            Self::Key => "foreign-key",
            Self::Clock => "clock",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Proof => "the passkey that came was not made with this QR code",
            Self::Name => {
                "the phone's name is empty, too long, or has characters that are not shown"
            }
            Self::Credential => "the passkey's id is empty or too long",
            Self::Known => "the passkey is one of a phone that the person has already",
            Self::Key => "the passkey's key is not one of P-256",
            Self::Clock => "this computer's clock is past the year 9999",
        })
    }
}

/// An enrolment's parties and secret.
pub struct Invitation<'a> {
    /// Only in the QR code.
    pub secret: &'a [u8; 32],
    /// The canonical name.
    pub user: &'a str,
    /// This host.
    pub host: &'a str,
    /// The page's origin.
    pub origin: &'a str,
}

impl Invitation<'_> {
    /// The phone in `enrolled`, as the record will store it, if it answers this invitation and is not in `record` yet.
    ///
    /// # Errors
    /// The first [`Fault`]. The proof is checked first: nothing else is looked at without it.
    pub fn admit(
        &self,
        enrolled: &Enrolled,
        record: Option<&Record>,
        now: UnixTime,
    ) -> Result<Phone, Fault> {
        if !proves(enrolled, self.secret, self.user, self.host, self.origin) {
            return Err(Fault::Proof);
        }
        if !Phone::is_name(&enrolled.name) {
            return Err(Fault::Name);
        }
        if !(1..=LONGEST_CREDENTIAL).contains(&enrolled.credential.len()) {
            return Err(Fault::Credential);
        }
        let known = record.is_some_and(|record| {
            record
                .phones
                .iter()
                .any(|phone| phone.credential == enrolled.credential)
        });
        if known {
            return Err(Fault::Known);
        }
        if !Phone::takes_key(&enrolled.public_key) {
            return Err(Fault::Key);
        }
        Ok(Phone {
            name: enrolled.name.clone(),
            credential: enrolled.credential.clone(),
            public_key: enrolled.public_key.clone(),
            origin: self.origin.to_owned(),
            backup_eligible: enrolled.backup_eligible,
            enrolled: now.to_string().parse().map_err(|_| Fault::Clock)?,
        })
    }
}

/// Appended to the URL after another dot where the page may show codes: the secret in base64url, if it uses the default
/// parameters, the only ones that the page supports.
#[must_use]
pub fn codes_for_page(code: &CodeSecret) -> Option<Zeroizing<String>> {
    let usual = (code.algorithm(), code.digits().get(), code.period().get())
        == (TotpAlgorithm::Sha1, 6, 30);
    usual.then(|| Zeroizing::new(base64url::encode(code.secret().expose())))
}

/// `ORIGIN/enroll#TICKET.SECRET`, both base64url.
#[must_use]
pub fn address(origin: &str, ticket: &[u8; 16], secret: &[u8; 32]) -> Zeroizing<String> {
    let (ticket, secret) = (
        base64url::encode(ticket),
        Zeroizing::new(base64url::encode(secret)),
    );
    Zeroizing::new(format!("{origin}/enroll#{ticket}.{}", *secret))
}

/// Whether `enrolled` was made by a page that had `secret`, for this person, host and origin: `HMAC-SHA256(secret,
/// "antiphon enrolment v1" ‖ Σ len32be(field) ‖ field)` over user, host, origin, credential ID, SPKI, backup eligible
/// (`true` or `false`) and the phone's name.
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
    // Compares in constant time.
    Hmac::<Sha256>::new_from_slice(secret).is_ok_and(|mac| {
        mac.chain_update(message)
            .verify_slice(&enrolled.proof)
            .is_ok()
    })
}

#[cfg(test)]
mod tests {
    use ring::hmac;

    use super::{Fault, Invitation, address, codes_for_page, proves};
    use crate::name::UserName;
    use crate::record::{CodeSecret, Record, TotpAlgorithm};
    use crate::time::UnixTime;
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

    /// A P-256 key in DER; that the point is on the curve is checked only with the first signature.
    fn key() -> Vec<u8> {
        let mut key = data_encoding::HEXLOWER
            .decode(b"3059301306072a8648ce3d020106082a8648ce3d03010703420004")
            .unwrap();
        key.extend([7; 64]);
        key
    }

    fn proof(secret: &[u8; 32]) -> Vec<u8> {
        proof_of(&enrolled(Vec::new()), secret)
    }

    /// The bytes as the page makes them, built without `framed`.
    fn proof_of(enrolled: &Enrolled, secret: &[u8; 32]) -> Vec<u8> {
        let mut bytes = b"antiphon enrolment v1".to_vec();
        for field in [
            b"alice".as_slice(),
            b"web1",
            b"https://mfa.example.org",
            &enrolled.credential,
            &enrolled.public_key,
            b"true",
            enrolled.name.as_bytes(),
        ] {
            bytes.extend(u32::try_from(field.len()).unwrap().to_be_bytes());
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
    fn a_passkey_is_taken_only_with_its_proof_once_and_in_the_right_form() {
        let secret = [5; 32];
        let invitation = Invitation {
            secret: &secret,
            user: "alice",
            host: "web1",
            origin: "https://mfa.example.org",
        };
        let now = UnixTime(1_795_377_600);
        let made = |change: fn(&mut Enrolled)| {
            let mut enrolled = enrolled(Vec::new());
            enrolled.public_key = key();
            change(&mut enrolled);
            enrolled.proof = proof_of(&enrolled, &secret);
            enrolled
        };
        let right = made(|_| {});
        let phone = invitation.admit(&right, None, now).unwrap();
        assert_eq!(phone.enrolled.to_string(), "2026-11-22T20:00:00Z");
        assert_eq!(phone.origin, "https://mfa.example.org");
        let mut record = Record::new(&UserName::new("alice").unwrap());
        record.phones.push(phone);
        assert_eq!(
            invitation.admit(&right, Some(&record), now),
            Err(Fault::Known)
        );
        for (change, fault) in [
            (
                (|it| it.name = " ".into()) as fn(&mut Enrolled),
                Fault::Name,
            ),
            (|it| it.name = "a\u{202e}b".into(), Fault::Name),
            (|it| it.name = "x".repeat(65), Fault::Name),
            (|it| it.credential.clear(), Fault::Credential),
            (|it| it.credential = vec![1; 1024], Fault::Credential),
            (|it| it.public_key[26] = 6, Fault::Key),
        ] {
            let other = made(change);
            assert_eq!(invitation.admit(&other, None, now), Err(fault));
        }
        let slipped_in = Enrolled {
            proof: vec![0; 32],
            ..right
        };
        assert_eq!(invitation.admit(&slipped_in, None, now), Err(Fault::Proof));
    }

    #[test]
    fn the_page_is_given_only_secrets_whose_codes_it_can_make() {
        let usual = CodeSecret::usual([255; 20]);
        assert_eq!(codes_for_page(&usual).unwrap().len(), 27);
        let other = CodeSecret::new(
            usual.secret().clone(),
            TotpAlgorithm::Sha256,
            usual.digits(),
            usual.period(),
        );
        assert!(codes_for_page(&other).is_none());
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
