//! The messages. Unknown keys are refused, so that both sides notice when they differ.
//!
//! A message is an object with one key, its kind: `{"unwilling": {"reason": "busy"}}`. With the kind among the other
//! keys, serde would have to buffer the message until it knows the kind.

use serde::{Deserialize, Serialize};

use super::delivery::{Deliver, DeliverToPerson, Undelivered};
use super::fleet::{FromFleet, ToFleet};
use super::{array, bytes, list_of_bytes};
use crate::account::AccountTerms;
use crate::approval::{ApprovalRequest, Assertion};
use crate::time::UnixTime;

/// Messages from root to the daemon. A connection carries one sign-in, enrolment or question, which the daemon drops
/// when the connection closes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ToDaemon {
    /// Ask this person's phones for an approval.
    Approve {
        /// What the phones show and sign.
        request: ApprovalRequest,
        /// The valid passkeys: a removed phone is sent nothing.
        #[serde(with = "list_of_bytes")]
        credentials: Vec<Vec<u8>>,
        /// Length of the number.
        digits: u8,
        /// Additional information for the person.
        #[serde(default, skip_serializing_if = "Hints::are_none")]
        hints: Hints,
    },
    /// Have this person approve with an account. Answered as [`ToDaemon::Approve`] is, with a [`FromDaemon::Token`] in
    /// place of the phone's answer; the connection is the request's life, as there.
    ApproveByAccount(ByAccount),
    /// The token names a key that root's file does not have: have root refresh the provider's keys. The module judges
    /// the same token again when they are there; nothing is answered.
    KeyUnknown {},
    /// How the sign-in ended, for the phone.
    Outcome {
        /// The word after `outcome=` in the log.
        outcome: String,
        /// How long the phone is paused as a result, if it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pause: Option<Silence>,
    },
    /// The phones are not asked because one of them said "It is not me". Has one taken that back?
    Paused {
        /// The canonical name of the person.
        user: String,
        /// The host.
        host: String,
        /// How long the pause lasts.
        pause: Silence,
    },
    /// Open a ticket for enrolling a phone.
    Ticket(Ticket),
    /// Open a ticket for enrolling an account: [`FromDaemon::TicketOpen`], then [`FromDaemon::TicketSeen`] when its page
    /// has been opened, and a [`FromDaemon::Token`] or [`FromDaemon::NoToken`]. The connection is the ticket's life.
    AccountTicket(AccountTicket),
    /// The phone that answered the ticket is enrolled; keep its token.
    Keep {},
    /// Send a one-time code to a telephone.
    Deliver(Deliver),
    /// Send a one-time code to a telephone of a person of the fleet.
    DeliverToPerson(DeliverToPerson),
    /// These passkeys are no longer valid; revoke their phones' tokens.
    Forget {
        /// The WebAuthn credential IDs.
        #[serde(with = "list_of_bytes")]
        credentials: Vec<Vec<u8>>,
    },
    /// A message of a fleet.
    Fleet(ToFleet),
}

/// A sign-in to approve with an account. The page finds it by its [code](crate::account::page_code), which is part of the
/// address on the terminal, shows what it says, asks for the number, and has the browser sign in at the provider with
/// [the digest](AccountTerms::digest) of the typed number as the nonce. A wrong number makes a token that the module
/// refuses; the daemon cannot know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByAccount {
    /// What the page shows.
    pub request: ApprovalRequest,
    /// Which provider and account. The daemon refuses if its own configuration says something else of the provider.
    pub terms: AccountTerms,
    /// The person's passkeys, whose phones can be told that a sign-in waits; perhaps none.
    #[serde(with = "list_of_bytes")]
    pub credentials: Vec<Vec<u8>>,
    /// Length of the number.
    pub digits: u8,
    /// Whether the page shows the token's [check digits](crate::account::CheckDigits), to be typed at the terminal.
    pub check_digits: bool,
    /// Additional information for the person.
    #[serde(default, skip_serializing_if = "Hints::are_none")]
    pub hints: Hints,
}

/// A provider's ID token in compact form, at most [`LONGEST_TOKEN`](crate::account::LONGEST_TOKEN) bytes. Keeps it out of
/// logs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdToken {
    /// As the provider has sent it.
    pub token: String,
}

impl std::fmt::Debug for IdToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdToken([redacted])")
    }
}

/// Why there will be no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoToken {
    /// The person did not want to, or the provider did not let them (`access_denied`).
    Denied,
    /// The provider could not be reached.
    ProviderAway,
    /// The provider answered with another error, which is in the daemon's log.
    ProviderRefused,
}

/// A pause that "It is not me" began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// When it was said; what ends the pause is signed over this.
    pub since: UnixTime,
    /// When the pause ends.
    pub until: UnixTime,
}

/// What the phone is told about a sign-in but does not sign: information for the person that approves nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hints {
    /// The host looks at the answer only when somebody presses Enter there.
    pub enter: bool,
    /// The administrator's name for the client's network; empty if none.
    pub place: String,
    /// Whether the person has signed in from there lately; `None` if unknown. Such a request takes the place of an unanswered
    /// one that is not of this kind.
    pub familiar: Option<bool>,
}

impl Hints {
    fn are_none(&self) -> bool {
        *self == Self::default()
    }
}

/// A ticket for one phone to enrol, valid for ten minutes. Its secret is only in the QR code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    /// Its id: 16 random bytes.
    #[serde(with = "bytes")]
    pub ticket: Vec<u8>,
    /// The canonical name of the phone's owner.
    pub user: String,
    /// The host.
    pub host: String,
    /// The person's passkeys for this host: an authenticator cannot be enrolled twice.
    #[serde(with = "list_of_bytes")]
    pub credentials: Vec<Vec<u8>>,
}

/// A ticket for one account to enrol. The page has the ticket's 16 secret bytes from the address that the terminal shows,
/// and gives them to the daemon, which has the browser sign in at the provider with the
/// [digest](crate::account::AccountInvitation::digest) of all of this as the nonce.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountTicket {
    /// The [name](crate::account::ticket_name) of the secret bytes.
    #[serde(with = "array")]
    pub name: [u8; 32],
    /// The canonical name of the account's owner.
    pub user: String,
    /// The host.
    pub host: String,
    /// When it was made.
    pub issued: UnixTime,
    /// When it expires.
    pub expires: UnixTime,
    /// The provider, with an empty subject. The daemon refuses if its own configuration says something else of it.
    pub terms: AccountTerms,
}

/// Messages from the daemon to root. None is trusted except an [`Assertion`], a token or a proof, which root verifies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FromDaemon {
    /// The request is with the phones.
    Waiting {
        /// How many have the page open or were sent a push. 0: one is known, but nothing reaches it; the person can
        /// open the page.
        phones: u32,
    },
    /// There will be no answer.
    Unwilling {
        /// Why.
        reason: Unwilling,
    },
    /// A phone's answer.
    Answer(Assertion),
    /// A provider's token for the account. Root verifies it.
    Token(IdToken),
    /// There will be no token.
    NoToken {
        /// Why.
        reason: NoToken,
    },
    /// A phone said "It is not me", and that the sign-in was suspicious.
    Declined {},
    /// A phone said that the person started it by mistake.
    Mistake {},
    /// Somebody said on the page of an account that the sign-in is not theirs. It pauses nothing: anybody may have seen the
    /// page's address. After a token, while its check digits are awaited, it is whoever has signed in, and is taken as
    /// [`FromDaemon::Declined`] if the token is right.
    NotTheirs {},
    /// A phone said "It is not me" about an earlier sign-in after it had gone. Ask again once that is recorded.
    Suspected(Suspicion),
    /// No phone has ended the pause.
    StillPaused {},
    /// A phone has ended the pause.
    TakenBack(Assertion),
    /// The ticket is open.
    TicketOpen {},
    /// A phone has opened the ticket's page.
    TicketSeen {},
    /// A phone has created a passkey.
    Enrolled(Enrolled),
    /// Its token is kept; without this reply to [`ToDaemon::Keep`] it may not be.
    Kept {},
    /// The passkeys' tokens are revoked.
    Forgotten {},
    /// The gateway accepted the one-time code.
    Delivered {},
    /// The gateway did not accept it.
    Undelivered {
        /// Why.
        reason: Undelivered,
    },
    /// A message of a fleet.
    Fleet(FromFleet),
}

/// "It is not me", said about a sign-in that had ended before it could be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suspicion {
    /// When.
    pub since: UnixTime,
    /// The client's address, as in the request.
    pub remote_host: String,
    /// The caller of su or sudo, as in the request.
    pub caller: String,
}

/// Why the daemon does not ask the phones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unwilling {
    /// Another request of this person is open. After [`FromDaemon::Waiting`], it has taken the place of this one.
    Busy,
    /// This host, or all hosts of the fleet together, have called the person's phones too often in five minutes.
    TooOften,
    /// None of the credentials belongs to a known phone.
    NoPhone,
    /// Too many requests, or no store.
    Overloaded,
    /// The message was not understood.
    NotUnderstood,
    /// The daemon has no such provider, or does not know yet where its people sign in.
    NoProvider,
    /// Phones would refuse the page's certificate, so a ticket's URL would lead nowhere.
    Certificate,
}

/// A new passkey, and the proof that the page which created it had the QR code's secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolled {
    /// The name given by the person.
    pub name: String,
    /// The WebAuthn credential ID.
    #[serde(with = "bytes")]
    pub credential: Vec<u8>,
    /// SubjectPublicKeyInfo, DER.
    #[serde(with = "bytes")]
    pub public_key: Vec<u8>,
    /// WebAuthn's BE flag.
    pub backup_eligible: bool,
    /// HMAC-SHA256, see [`crate::invitation`].
    #[serde(with = "bytes")]
    pub proof: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::{
        AccountTicket, ByAccount, FromDaemon, Hints, IdToken, NoToken, Ticket, ToDaemon, Unwilling,
    };
    use crate::account::test_provider::{request, terms};
    use crate::account::ticket_name;
    use crate::time::UnixTime;
    use crate::wire::{FrameError, MAX_FRAME, decode, encode, length_of};

    #[test]
    fn a_message_goes_through_a_frame_unchanged() {
        let ticket = ToDaemon::Ticket(Ticket {
            ticket: vec![1; 16],
            user: "åsa".into(),
            host: "web1".into(),
            credentials: vec![vec![1, 2], vec![255]],
        });
        let frame = encode(&ticket).unwrap();
        let (prefix, json) = frame.split_first_chunk().unwrap();
        assert_eq!(length_of(*prefix).unwrap(), json.len());
        assert_eq!(decode::<ToDaemon>(json).unwrap(), ticket);
        let busy = FromDaemon::Unwilling {
            reason: Unwilling::Busy,
        };
        assert_eq!(
            &encode(&busy).unwrap()[4..],
            br#"{"unwilling":{"reason":"busy"}}"#
        );
    }

    #[test]
    fn an_approval_with_an_account_is_told_without_its_number_and_no_token_is_logged() {
        let asked = ToDaemon::ApproveByAccount(ByAccount {
            request: request(1),
            terms: terms(),
            credentials: vec![vec![1, 2]],
            digits: 2,
            check_digits: true,
            hints: Hints::default(),
        });
        let json = encode(&asked).unwrap().split_off(4);
        assert_eq!(decode::<ToDaemon>(&json).unwrap(), asked);
        let text = String::from_utf8(json).unwrap();
        assert!(
            text.starts_with(r#"{"approve_by_account":{"request":{"nonce":"#),
            "{text}"
        );
        assert!(!text.contains("42"), "{text}");
        let token = FromDaemon::Token(IdToken {
            token: "a.b.c".into(),
        });
        assert_eq!(
            &encode(&token).unwrap()[4..],
            br#"{"token":{"token":"a.b.c"}}"#
        );
        assert_eq!(format!("{token:?}"), "Token(IdToken([redacted]))");
        let none = FromDaemon::NoToken {
            reason: NoToken::ProviderAway,
        };
        assert_eq!(
            &encode(&none).unwrap()[4..],
            br#"{"no_token":{"reason":"provider_away"}}"#
        );
    }

    #[test]
    fn an_accounts_ticket_is_told_by_name_and_its_secret_is_not() {
        let secret = [0x5a; 16];
        let ticket = ToDaemon::AccountTicket(AccountTicket {
            name: ticket_name(&secret),
            user: "åsa".into(),
            host: "web1".into(),
            issued: UnixTime(1_795_377_600),
            expires: UnixTime(1_795_378_200),
            terms: terms(),
        });
        let json = encode(&ticket).unwrap().split_off(4);
        assert_eq!(decode::<ToDaemon>(&json).unwrap(), ticket);
        let text = String::from_utf8(json).unwrap();
        assert!(text.starts_with(r#"{"account_ticket":{"name":""#), "{text}");
        assert!(!text.contains(&crate::base64url::encode(&secret)), "{text}");
    }

    #[test]
    fn a_frame_has_a_bound_on_both_sides() {
        assert_eq!(length_of([0, 1, 0, 0]), Ok(MAX_FRAME));
        assert_eq!(length_of([0, 1, 0, 1]), Err(FrameError::TooLong));
        assert_eq!(length_of([255; 4]), Err(FrameError::TooLong));
        let long = ToDaemon::Outcome {
            outcome: "x".repeat(MAX_FRAME),
            pause: None,
        };
        assert_eq!(encode(&long), Err(FrameError::TooLong));
    }

    #[test]
    fn what_is_not_known_is_not_understood() {
        for json in [
            r#"{"approve":{}}"#,
            r#"{"keep":{"more":1}}"#,
            r#"{"keep":{},"more":1}"#,
            r#"{"launch":{}}"#,
            r#"{"reason":"busy"}"#,
            "[]",
            "",
            "{\"keep\":{}} x",
        ] {
            assert_eq!(
                decode::<ToDaemon>(json.as_bytes()),
                Err(FrameError::NotUnderstood),
                "{json}"
            );
        }
    }
}
