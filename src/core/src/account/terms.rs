//! What a token must be for, and the nonce that says so.

use base32ct::{Base32Unpadded, Encoding};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::approval::{ApprovalRequest, Number, framed};
use crate::config::Provider;
use crate::record::{Account, AccountSubject};
use crate::time::UnixTime;

/// How many bytes of a hash the page's code is taken from.
const CODE_BYTES: usize = 7;
/// Characters of the page's code.
const CODE_LENGTH: usize = 10;

/// Which account of which provider approves. Texts are UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountTerms {
    /// The provider's name in the configuration.
    pub provider: String,
    /// Its issuer.
    pub issuer: String,
    /// The client id.
    pub client_id: String,
    /// The account's subject at the provider; empty if it is not known yet.
    pub subject: String,
    /// Entra ID's tenant; empty for others.
    pub tenant: String,
}

impl AccountTerms {
    /// The terms of `account`, which is at `provider`.
    #[must_use]
    pub fn of(provider: &Provider, account: &Account) -> Self {
        Self::for_subject(provider, Some(&account.subject))
    }

    /// The terms of whoever has this subject; `None` for the account that is being enrolled.
    #[must_use]
    pub fn for_subject(provider: &Provider, subject: Option<&AccountSubject>) -> Self {
        let tenant = subject.and_then(|subject| subject.tenant.clone());
        Self {
            provider: provider.name.clone(),
            issuer: provider.issuer.clone(),
            client_id: provider.client_id.clone(),
            subject: subject
                .map(|subject| subject.id.clone())
                .unwrap_or_default(),
            tenant: tenant.unwrap_or_default(),
        }
    }

    /// What the nonce of an approval encodes, in base64url without padding:
    /// `SHA-256("antiphon account v1" ‖ Σ len32be(field) ‖ field)` over the fields of the approval's digest
    /// ([`ApprovalRequest::digest`]), the number included, and then provider, issuer, client id, subject, tenant.
    #[must_use]
    pub fn digest(&self, request: &ApprovalRequest, number: &Number) -> [u8; 32] {
        request.digest_for("antiphon account v1", number, &self.fields())
    }

    fn fields(&self) -> [&[u8]; 5] {
        [
            &self.provider,
            &self.issuer,
            &self.client_id,
            &self.subject,
            &self.tenant,
        ]
        .map(String::as_bytes)
    }
}

/// The enrolment of an account, by one sign-in at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountInvitation<'a> {
    /// The ticket: 16 random bytes, never reused, which the daemon knows by their [name](ticket_name) alone.
    pub ticket: &'a [u8],
    /// The canonical name of the person.
    pub user: &'a str,
    /// The host.
    pub host: &'a str,
    /// When it was made.
    pub issued: UnixTime,
    /// When it expires.
    pub expires: UnixTime,
    /// The provider; the subject too, if root has said it.
    pub terms: &'a AccountTerms,
}

impl AccountInvitation<'_> {
    /// What its nonce encodes: `SHA-256("antiphon account enrolment v1" ‖ Σ len32be(field) ‖ field)` over the fields in
    /// order, times as decimal digits, the terms as in [`AccountTerms::digest`]. A token for it approves no sign-in.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let (issued, expires) = (self.issued.0.to_string(), self.expires.0.to_string());
        let fields: [&[u8]; 5] = [
            self.ticket,
            self.user.as_bytes(),
            self.host.as_bytes(),
            issued.as_bytes(),
            expires.as_bytes(),
        ];
        let fields = [&fields, &self.terms.fields()[..]].concat();
        Sha256::digest(framed("antiphon account enrolment v1", &fields)).into()
    }
}

/// The name of an enrolment's ticket: `SHA-256("antiphon account ticket v1" ‖ len32be(ticket) ‖ ticket)`. The daemon is
/// told the name alone, and learns the ticket, which the nonce needs, only from a page that had the address.
#[must_use]
pub fn ticket_name(ticket: &[u8]) -> [u8; 32] {
    Sha256::digest(framed("antiphon account ticket v1", &[ticket])).into()
}

/// The ten small letters and digits (base32, without 0, 1, 8 and 9), in two groups with a hyphen between them, by which the
/// page finds `request`, as part of the address that the terminal shows. They approve nothing: the page asks for the
/// number. Fifty bits are not guessed in the time that a sign-in lasts, so that nobody has to be locked out for guessing.
#[must_use]
pub fn page_code(request: &ApprovalRequest) -> String {
    let hash = Sha256::digest(framed("antiphon account page v1", &[&request.nonce]));
    let mut code = Base32Unpadded::encode_string(hash.get(..CODE_BYTES).unwrap_or_default());
    code.truncate(CODE_LENGTH);
    code.insert(CODE_LENGTH / 2, '-');
    code
}

#[cfg(test)]
mod tests {
    use super::{AccountInvitation, AccountTerms, page_code, ticket_name};
    use crate::approval::{ApprovalRequest, Number};
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
            expires: UnixTime(1_795_377_780),
        }
    }

    fn terms() -> AccountTerms {
        AccountTerms {
            provider: "kmh".into(),
            issuer: "https://id.example.org/realms/staff".into(),
            client_id: "antiphon".into(),
            subject: "3f07-å".into(),
            tenant: String::new(),
        }
    }

    fn invitation(terms: &AccountTerms) -> AccountInvitation<'_> {
        AccountInvitation {
            ticket: &[9; 16],
            user: "åsa",
            host: "web1",
            issued: UnixTime(1_795_377_600),
            expires: UnixTime(1_795_378_200),
            terms,
        }
    }

    /// Computed with another program: `hashlib.sha256` over the bytes that the documentation describes.
    #[test]
    fn the_digests_are_of_the_described_bytes() {
        let hex = |digest: [u8; 32]| data_encoding::HEXLOWER.encode(&digest);
        assert_eq!(
            hex(terms().digest(&request(), &Number::new(42))),
            "b5e6c94c807092bd661b749a972b211e50bc7c8bf1f03ecec2fd72fd4cde4dc7"
        );
        assert_eq!(
            hex(invitation(&terms()).digest()),
            "ac3797b83fb597ce09d6f9ff622480af9dbbdf2a4143e69bf03fbb247475c6d5"
        );
        assert_eq!(page_code(&request()), "hscdx-z44j7");
        assert_eq!(
            hex(ticket_name(&[9; 16])),
            "8007ed9c776cf26c7724fb0befa1725c5799725eb71014e10e799e73b0585ca2"
        );
    }

    #[test]
    fn another_field_gives_another_digest_also_when_bytes_move_between_fields() {
        let number = Number::new(42);
        let digest = |terms: &AccountTerms| terms.digest(&request(), &number);
        let mut digests = vec![
            digest(&terms()),
            terms().digest(&request(), &Number::new(43)),
            // A passkey's signature is no token's nonce, nor the other way round.
            request().digest(&number),
            invitation(&terms()).digest(),
        ];
        let changes: [fn(&mut AccountTerms); 7] = [
            |terms| terms.provider.push('x'),
            |terms| terms.issuer.push('/'),
            |terms| terms.client_id.clear(),
            |terms| terms.subject.push('x'),
            |terms| terms.tenant.push('x'),
            |terms| {
                terms.provider.push('h');
                terms.issuer.remove(0);
            },
            |terms| {
                terms.tenant = std::mem::take(&mut terms.subject);
            },
        ];
        for change in changes {
            let mut others = terms();
            change(&mut others);
            digests.push(digest(&others));
            digests.push(invitation(&others).digest());
        }
        let changes: [fn(&mut ApprovalRequest); 5] = [
            |request| request.nonce[31] ^= 1,
            |request| request.user = "asa".into(),
            |request| request.host = "web2".into(),
            |request| request.service = "sudo".into(),
            |request| request.expires.0 += 1,
        ];
        for change in changes {
            let mut another = request();
            change(&mut another);
            digests.push(terms().digest(&another, &number));
        }
        let terms = terms();
        let base = invitation(&terms);
        let (issued, expires) = (UnixTime(base.issued.0 + 1), UnixTime(base.expires.0 + 1));
        digests.extend(
            [
                AccountInvitation {
                    ticket: &[8; 16],
                    ..base
                },
                AccountInvitation {
                    user: "åsaw",
                    host: "eb1",
                    ..base
                },
                AccountInvitation {
                    host: "web2",
                    ..base
                },
                AccountInvitation { issued, ..base },
                AccountInvitation { expires, ..base },
            ]
            .map(|invitation| invitation.digest()),
        );
        let all = digests.len();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), all);
    }

    #[test]
    fn the_page_finds_a_sign_in_by_ten_characters_that_nobody_guesses_or_confuses() {
        let mut codes: Vec<String> = (0..200)
            .map(|nonce| {
                page_code(&ApprovalRequest {
                    nonce: [nonce; 32],
                    ..request()
                })
            })
            .collect();
        for code in &codes {
            let (first, last) = code.split_once('-').unwrap();
            assert_eq!((first.len(), last.len()), (5, 5));
            let is_known = |byte: u8| matches!(byte, b'a'..=b'z' | b'2'..=b'7');
            assert!(first.bytes().chain(last.bytes()).all(is_known), "{code}");
        }
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), 200);
    }
}
