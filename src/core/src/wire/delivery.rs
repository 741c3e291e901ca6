//! One-time codes on their way to telephones.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::ToDaemon;
use crate::record::TelephoneUse;

/// A one-time code for a telephone, valid only for the sign-in that waits on this connection. The daemon can read it,
/// so it has to be trusted here, as does the telephone network.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deliver {
    /// The canonical name of the person, for the log and the cost limits.
    pub user: String,
    /// The recipient, in E.164: `+46701234521`.
    pub tel: String,
    /// How to send it.
    pub by: TelephoneUse,
    /// The language of `text`, for the voice that reads it: a BCP 47 tag.
    pub language: String,
    /// The digits only.
    pub code: String,
    /// The whole message; for a call, with the digits apart and twice.
    pub text: String,
}

/// Keeps the code out of logs.
impl fmt::Debug for Deliver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deliver")
            .field("user", &self.user)
            .field("by", &self.by)
            .finish_non_exhaustive()
    }
}

/// The same for a person of the fleet. The relay looks up the number, since a host could name anybody's, and writes the text,
/// since a host could write anything; what it takes of the host's words, it chooses.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliverToPerson {
    /// The person's name in the fleet.
    pub user: String,
    /// The host where the person signs in, as in its certificate.
    pub host: String,
    /// The PAM service.
    pub service: String,
    /// The client's address; empty if there is none.
    pub remote_host: String,
    /// The number's place in the person's record, from 0.
    pub place: u8,
    /// The last two digits of it, as the person was shown them.
    pub ending: String,
    /// How to send it.
    pub by: TelephoneUse,
    /// The person's language: a BCP 47 tag.
    pub language: String,
    /// The digits only.
    pub code: String,
}

/// Keeps the code out of logs.
impl fmt::Debug for DeliverToPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeliverToPerson")
            .field("user", &self.user)
            .field("host", &self.host)
            .field("by", &self.by)
            .finish_non_exhaustive()
    }
}

impl From<Deliver> for ToDaemon {
    fn from(deliver: Deliver) -> Self {
        Self::Deliver(deliver)
    }
}

impl From<DeliverToPerson> for ToDaemon {
    fn from(deliver: DeliverToPerson) -> Self {
        Self::DeliverToPerson(deliver)
    }
}

impl ToDaemon {
    /// Wipes the one-time code that it carries, if it carries one.
    pub fn wipe_code(&mut self) {
        match self {
            Self::Deliver(deliver) => {
                deliver.code.zeroize();
                deliver.text.zeroize();
            }
            Self::DeliverToPerson(deliver) => deliver.code.zeroize(),
            _ => {}
        }
    }
}

/// Why a one-time code was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undelivered {
    /// No gateway is configured for this method.
    NoGateway,
    /// A limit is reached.
    Ceiling,
    /// The gateway refused.
    Refused,
    /// The gateway did not answer, or its answer was invalid.
    NoAnswer,
    /// The relay has no such number of this person, or not for this use.
    NoNumber,
}

#[cfg(test)]
mod tests {
    use super::DeliverToPerson;
    use crate::record::TelephoneUse;
    use crate::wire::{ToDaemon, decode, encode};

    #[test]
    fn a_code_for_a_person_has_the_form_that_is_documented_and_is_not_shown() {
        let mut message = ToDaemon::from(DeliverToPerson {
            user: "anna".into(),
            host: "db7".into(),
            service: "sshd".into(),
            remote_host: "203.0.113.5".into(),
            place: 1,
            ending: "21".into(),
            by: TelephoneUse::Sms,
            language: "sv".into(),
            code: "918273".into(),
        });
        let json = br#"{"deliver_to_person":{"user":"anna","host":"db7","service":"sshd","remote_host":"203.0.113.5","place":1,"ending":"21","by":"sms","language":"sv","code":"918273"}}"#;
        assert_eq!(&encode(&message).unwrap()[4..], json);
        assert_eq!(decode(json), Ok(message.clone()));
        let shown = format!("{message:?}");
        assert!(
            shown.contains("db7") && !shown.contains("918273"),
            "{shown}"
        );
        message.wipe_code();
        let wiped = encode(&message).unwrap();
        assert!(wiped.ends_with(br#""code":""}}"#), "{wiped:?}");
    }
}
