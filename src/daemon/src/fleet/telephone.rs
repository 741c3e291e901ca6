//! Codes for telephones of the fleet's people: a host says whose telephone and which code, and the relay to which number and
//! in which words.
//!
//! What a host that somebody has taken over can still do, as often as the ceilings let it: have a text or call of this one
//! form sent to people who have a number, with six digits of its choice, a service of a few letters with two digits at most,
//! and an address.

use std::net::IpAddr;
use std::sync::Arc;

use antiphon_core::fleet::{FleetNumbers, SignedDocument, TrustedKeys, TrustedRecord};
use antiphon_core::name::UserName;
use antiphon_core::one_time::OneTimeCode;
use antiphon_core::record::TelAtRelay;
use antiphon_core::text::{Language, Message};
use antiphon_core::time::UnixTime;
use antiphon_core::visible::visible;
use antiphon_core::wire::{Deliver, DeliverToPerson, Undelivered};

use super::Relay;
use crate::clock;
use crate::seldom::Seldom;
use crate::store::fleet::Numbered;
use crate::store::{Store, StoreError};

/// The longest name in a message, in bytes, as where a host writes it itself.
const LONGEST: usize = 40;
/// The longest name of a service, in characters.
const LONGEST_SERVICE: usize = 16;
/// How many digits it keeps.
const MOST_DIGITS: usize = 2;

impl Relay {
    /// The message that a host wants sent; `None` if it does not have the form of one.
    pub(crate) async fn message(
        &self,
        wanted: DeliverToPerson,
        store: &Arc<dyn Store>,
    ) -> Option<Result<Deliver, Undelivered>> {
        static SELDOM: Seldom = Seldom::new();
        let is_code = wanted.code.len() == usize::from(OneTimeCode::DIGITS.get())
            && wanted.code.bytes().all(|byte| byte.is_ascii_digit());
        let user = UserName::new(&wanted.user).ok().filter(|_| is_code)?;
        let host = &wanted.host;
        Some(match self.number(&user, &wanted, store).await {
            Ok(Some(tel)) => Ok(written(wanted, tel)),
            Ok(None) => {
                SELDOM.warn(format_args!(
                    "no code was sent for {user} at {host}: no such number is published"
                ));
                Err(Undelivered::NoNumber)
            }
            Err(error) => {
                SELDOM.fail(format_args!(
                    "no code was sent for {user} at {host}: {error}"
                ));
                Err(Undelivered::NoAnswer)
            }
        })
    }

    /// All digits of the number, if a key of the fleet has signed them, the use, and the record that they belong to.
    async fn number(
        &self,
        user: &UserName,
        wanted: &DeliverToPerson,
        store: &Arc<dyn Store>,
    ) -> Result<Option<String>, StoreError> {
        let now = clock::now();
        let numbered = store.numbered(user.as_str()).await?;
        let (Some(numbered), Some(keys)) = (numbered, self.trusted_keys(store, now).await?) else {
            return Ok(None);
        };
        let there = TelAtRelay {
            place: wanted.place,
            ending: wanted.ending.clone(),
        };
        let numbers = verified_numbers(&numbered, &keys, user, now);
        Ok(numbers.and_then(|numbers| numbers.find(&there, wanted.by).map(str::to_owned)))
    }
}

/// As when they were published: what is kept may have been changed since.
fn verified_numbers(
    numbered: &Numbered,
    keys: &TrustedKeys,
    user: &UserName,
    now: UnixTime,
) -> Option<FleetNumbers> {
    let parse = |text: &str| SignedDocument::parse(text.as_bytes()).ok();
    let record = TrustedRecord::verify(&parse(&numbered.record)?, keys, user, now).ok()?;
    let numbers = FleetNumbers::verify(&parse(&numbered.numbers.0)?, keys, user, now).ok()?;
    numbers.belong_to(record.record()).then_some(numbers)
}

/// The message to `tel`.
fn written(wanted: DeliverToPerson, tel: String) -> Deliver {
    let shown = |text: &str| visible(text, LONGEST);
    let language = Language::from_tag(&wanted.language).unwrap_or(Language::English);
    let text = Message {
        by: wanted.by,
        code: &wanted.code,
        user: &shown(&wanted.user),
        host: &shown(&wanted.host),
        service: &word(&wanted.service),
        remote_host: &address(&wanted.remote_host),
    }
    .in_language(language);
    Deliver {
        user: wanted.user,
        tel,
        by: wanted.by,
        language: language.tag().to_owned(),
        code: wanted.code,
        text: text.to_string(),
    }
}

/// A service as one short word, which is no sentence, and which no telephone makes a link to a page or dials: numbers of
/// telephones have more digits than [`MOST_DIGITS`], with or without hyphens between them.
fn word(service: &str) -> String {
    let mut digits = 0..MOST_DIGITS;
    let plain = |letter: char| match letter {
        '0'..='9' if digits.next().is_none() => '-',
        '0'..='9' | 'a'..='z' | 'A'..='Z' | '_' => letter,
        _ => '-',
    };
    service.chars().take(LONGEST_SERVICE).map(plain).collect()
}

/// An address; a name could be anything.
fn address(remote_host: &str) -> String {
    let address = remote_host.parse::<IpAddr>();
    address.map_or_else(|_| String::new(), |address| address.to_string())
}

#[cfg(test)]
mod tests {
    use antiphon_core::record::TelephoneUse;
    use antiphon_core::wire::DeliverToPerson;

    use super::{word, written};

    #[test]
    fn a_host_writes_no_sentence_no_link_and_no_number() {
        let wanted = DeliverToPerson {
            user: "anna".into(),
            host: "db7".into(),
            service: "call 0900-123456 or visit evil.example/x now".into(),
            remote_host: "evil.example".into(),
            place: 0,
            ending: "21".into(),
            by: TelephoneUse::Sms,
            language: "tlh".into(),
            code: "918273".into(),
        };
        let message = written(wanted.clone(), "+46701234521".into());
        let expected = "918273 is your code to sign in to db7 (call-09---------) as anna. Never give it to anybody.";
        assert_eq!(message.text, expected);
        for (service, shown) in [
            ("07-01-23-45-67", "07------------"),
            ("0a9b0c0d1e2f", "0a9b-c-d-e-f"),
            ("٠٩٠٠١٢", "------"),
            ("112", "11-"),
            ("gdm-password", "gdm-password"),
            ("smb_4", "smb_4"),
        ] {
            assert_eq!(word(service), shown);
        }
        let usual = DeliverToPerson {
            service: "sshd".into(),
            remote_host: "203.0.113.5".into(),
            language: "sv".into(),
            ..wanted
        };
        let message = written(usual, "+46701234521".into());
        assert_eq!(
            message.text,
            "918273 är din kod för att logga in på db7 (sshd) som anna, från 203.0.113.5. Lämna aldrig ut den till någon."
        );
        assert_eq!((&*message.language, &*message.code), ("sv", "918273"));
    }
}
