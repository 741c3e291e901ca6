//! The messages themselves. Unknown keys are refused, so that both sides notice when they differ.
//!
//! A message is an object of one key, its kind: `{"unwilling": {"reason": "busy"}}`. One with its kind among its own keys
//! would need serde to hold it unread until its kind is known.

use serde::{Deserialize, Serialize};

use super::{bytes, list_of_bytes};
use crate::approval::{ApprovalRequest, Assertion};
use crate::record::TelephoneUse;
use crate::time::UnixTime;

/// What root says to the daemon. One connection is one sign-in or one enrolment, and ends with it: the daemon forgets
/// the request when the connection closes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ToDaemon {
    /// Ask this person's phones for an approval.
    Approve {
        /// What they are shown and sign.
        request: ApprovalRequest,
        /// The passkeys that count now: a removed phone gets nothing.
        #[serde(with = "list_of_bytes")]
        credentials: Vec<Vec<u8>>,
        /// Digits of the number.
        digits: u8,
        /// What helps the person besides.
        #[serde(default, skip_serializing_if = "Hints::are_none")]
        hints: Hints,
    },
    /// How it ended, for the phone: a word of the log's `outcome=`.
    Outcome {
        /// The word.
        outcome: String,
        /// Where the phone is not called for a while by it: how long.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pause: Option<Silence>,
    },
    /// The phones are not asked, since one of them said "It is not me". Has one of them taken that back?
    Paused {
        /// Whose phones: the canonical name.
        user: String,
        /// At which computer.
        host: String,
        /// How long.
        pause: Silence,
    },
    /// Open a ticket, so that a phone can enrol.
    Ticket(Ticket),
    /// The phone that answered the ticket is enrolled: keep its token.
    Keep {},
    /// Send a one-time code to a telephone.
    Deliver(Deliver),
    /// These passkeys count no more: end the tokens of their phones.
    Forget {
        /// WebAuthn credential ids.
        #[serde(with = "list_of_bytes")]
        credentials: Vec<Vec<u8>>,
    },
}

/// A pause that "It is not me" began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silence {
    /// When it was said: what takes it back is signed over this.
    pub since: UnixTime,
    /// Until when it lasts.
    pub until: UnixTime,
}

/// What the phone is told of a sign-in and does not sign: it helps the person, and decides nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hints {
    /// The computer looks at the answer when somebody presses Enter there, and not before.
    pub enter: bool,
    /// What the administrator calls the network that it comes from; empty for none.
    pub place: String,
    /// Whether the person has signed in from there lately; `None` where that says nothing.
    pub familiar: Option<bool>,
}

impl Hints {
    fn are_none(&self) -> bool {
        *self == Self::default()
    }
}

/// A one-time code on its way to a telephone, good for the sign-in that waits on this connection and for nothing else. The
/// daemon could read it and so must be trusted here, as the telephone network must.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deliver {
    /// Whose: the canonical name. For the log and the ceilings on cost.
    pub user: String,
    /// Where to, in E.164: `+46701234521`.
    pub tel: String,
    /// By which way.
    pub by: TelephoneUse,
    /// In which language `text` is, for a voice to read it: the tag of BCP 47.
    pub language: String,
    /// The digits alone.
    pub code: String,
    /// The whole message, as it is to be read: in a call with the digits apart and twice.
    pub text: String,
}

/// The code is in no log.
impl std::fmt::Debug for Deliver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deliver")
            .field("user", &self.user)
            .field("by", &self.by)
            .finish_non_exhaustive()
    }
}

/// A ticket for one phone to enrol, for ten minutes. The secret that goes with it is in the QR code only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    /// Its name: 16 random bytes.
    #[serde(with = "bytes")]
    pub ticket: Vec<u8>,
    /// Whose phone: the canonical name.
    pub user: String,
    /// For which computer.
    pub host: String,
    /// Passkeys that this person has here already: an authenticator is not enrolled twice.
    #[serde(with = "list_of_bytes")]
    pub credentials: Vec<Vec<u8>>,
}

/// What the daemon says to root. None of it is believed but an [`Assertion`] or a proof, which root checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FromDaemon {
    /// The request waits for the phones.
    Waiting {
        /// Those with the page open, or that a push went to. 0: one is known here, but nothing calls it; the person can
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
    /// A phone said "It is not me", and that it was suspicious.
    Declined {},
    /// A phone said that the person began it by mistake.
    Mistake {},
    /// A phone said "It is not me" of an earlier sign-in, which had gone by then. Once that is written down, ask again.
    Suspected(Suspicion),
    /// No phone has taken back what began the pause.
    StillPaused {},
    /// One has.
    TakenBack(Assertion),
    /// The ticket is open.
    TicketOpen {},
    /// The page of the ticket has been opened on a phone.
    TicketSeen {},
    /// A phone has made a passkey.
    Enrolled(Enrolled),
    /// Its token is kept; without this word after [`ToDaemon::Keep`] it may not be.
    Kept {},
    /// The tokens of those passkeys have ended.
    Forgotten {},
    /// The gateway has taken the one-time code.
    Delivered {},
    /// It has not.
    Undelivered {
        /// Why.
        reason: Undelivered,
    },
}

/// "It is not me", said of a sign-in that went away before it heard that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suspicion {
    /// When.
    pub since: UnixTime,
    /// Where the sign-in came from, as it was asked.
    pub remote_host: String,
    /// Who called su or sudo, as it was asked.
    pub caller: String,
}

/// Why a one-time code was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undelivered {
    /// No gateway is configured for this way.
    NoGateway,
    /// So many have been sent that no more are paid for today.
    Ceiling,
    /// The gateway said no.
    Refused,
    /// The gateway did not answer, or not in a form that is known.
    NoAnswer,
}

/// Why the daemon does not ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unwilling {
    /// Another request of this person is open.
    Busy,
    /// None of the credentials is one of a phone that is known here.
    NoPhone,
    /// Too much at once, or no store.
    Overloaded,
    /// The message was not understood.
    NotUnderstood,
    /// Phones refuse the page's certificate: a ticket's address would lead nowhere.
    Certificate,
}

/// A new passkey, and the proof that the page which made it had the QR code's secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolled {
    /// The name that the person gave the phone.
    pub name: String,
    /// WebAuthn credential id.
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
    use super::{FromDaemon, Ticket, ToDaemon, Unwilling};
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
