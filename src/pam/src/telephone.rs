//! Sends a code to a telephone: drawn here, kept only in this process's memory, counted before it is sent.
//!
//! The daemon passes it to a gateway, in a fleet a relay to the number that it looks up. It can lose, read or delay the code,
//! but cannot have a different one accepted.

use antiphon_core::dialogue::Heard;
use antiphon_core::logline::LogLine;
use antiphon_core::one_time::{OneTimeCode, SentTo};
use antiphon_core::outcome::{Outcome, Refusal, Trouble};
use antiphon_core::record::{Tel, TelAtRelay, TelephoneNumber, TelephoneUse};
use antiphon_core::state::Gate;
use antiphon_core::text::{Message, Text};
use antiphon_core::visible::visible;
use antiphon_core::wire::{Deliver, DeliverToPerson, ToDaemon, Undelivered};
use antiphon_link::{Delivery, deliver, random};

use crate::dialogue::{SignIn, Talk};
use crate::host;
use crate::interrupt::Blocked;

/// The longest text in a message, in bytes, so that it fits in one text message.
const LONGEST: usize = 40;

impl<'a> Talk<'a> {
    /// Sends a new code, unless a limit is reached.
    pub(crate) fn send_code(&mut self, to: SentTo<'a>) -> Result<Heard<'a>, Trouble> {
        let (with, SentTo { by, number }) = (self.with, to);
        let Some(held) = with.hold_state()? else {
            return Ok(Heard::Decided(Outcome::Refused(Refusal::NotEnrolled)));
        };
        // Root may have removed the number while the list was shown.
        let mut known = held.record.numbers.iter();
        if !known.any(|known| known.tel == number.tel && known.uses.contains(&by)) {
            return Ok(Heard::Failed(Text::NotSent(by), Refusal::NotSent));
        }
        let now = held.now();
        match held.state().gate(with.context.config, now) {
            Gate::Open => {}
            locked => return Ok(Heard::Locked(locked, now)),
        }
        if let Err(too_many) = held.state().allows_sending(with.context.config, now) {
            let text = Text::TooManySent(too_many.again_in);
            return Ok(Heard::Failed(text, Refusal::TooManySent));
        }
        let value = random::below(OneTimeCode::VALUES)?;
        let code = OneTimeCode::new(value, &held.record, to, now);
        held.change(|state| state.count_sending(now))?;
        if with.context.request.host.forks() {
            let text = Text::Sending(by, &number.masked()).in_language(with.context.language);
            host::tell(with.context.request, with.context.conversation, &text);
        }
        let socket = &with.context.config.paths.socket;
        let delivery = deliver(socket, with.message(&code), &Blocked);
        with.log_sending(number, by, &delivery);
        with.context.sent(by.method());
        Ok(match delivery {
            Delivery::Taken => {
                self.sent = Some(code);
                Heard::Sent(to)
            }
            Delivery::Failed(_) | Delivery::Away(_) => {
                Heard::Failed(Text::NotSent(by), Refusal::NotSent)
            }
            Delivery::Interrupted => Heard::Decided(Outcome::Cancelled),
        })
    }
}

impl SignIn<'_> {
    fn message(&self, code: &OneTimeCode) -> ToDaemon {
        match code.tel() {
            Tel::Digits(digits) => self.to_number(digits, code).into(),
            Tel::AtRelay(there) => self.to_person(there, code).into(),
        }
    }

    fn to_number(&self, digits: &str, code: &OneTimeCode) -> Deliver {
        let text = Message {
            by: code.by(),
            code: code.digits(),
            user: &shown(self.context.user.as_str()),
            host: &shown(&self.context.host_name()),
            service: &shown(&self.context.request.service),
            remote_host: &shown(&self.context.request.remote_host),
        }
        .in_language(self.context.language);
        Deliver {
            user: self.context.user.as_str().to_owned(),
            tel: digits.to_owned(),
            by: code.by(),
            language: self.context.language.tag().to_owned(),
            code: code.digits().to_owned(),
            text: text.to_string(),
        }
    }

    /// The relay writes the text.
    fn to_person(&self, there: &TelAtRelay, code: &OneTimeCode) -> DeliverToPerson {
        DeliverToPerson {
            user: self.context.name_on_phone().to_owned(),
            host: self.context.host_name(),
            service: shown(&self.context.request.service),
            remote_host: shown(&self.context.request.remote_host),
            place: there.place,
            ending: there.ending.clone(),
            by: code.by(),
            language: self.context.language.tag().to_owned(),
            code: code.digits().to_owned(),
        }
    }

    /// Logs only the end of the number, and nothing of the code.
    fn log_sending(&self, number: &TelephoneNumber, by: TelephoneUse, delivery: &Delivery) {
        let (word, detail) = match delivery {
            Delivery::Taken => ("sent", ""),
            Delivery::Failed(reason) => ("failed", word_of(*reason)),
            Delivery::Away(away) => ("failed", away.0.as_str()),
            Delivery::Interrupted => ("interrupted", ""),
        };
        let line = LogLine::new()
            .with("telephone", word)
            .with("method", by.method().word())
            .with("user", self.context.user.as_str())
            .with("to", &number.masked())
            .with("rhost", &self.context.request.remote_host)
            .with("detail", detail);
        match delivery {
            Delivery::Taken | Delivery::Interrupted => self.context.journal.note(&line),
            Delivery::Failed(_) | Delivery::Away(_) => self.context.journal.warn(&line),
        }
    }
}

fn shown(text: &str) -> String {
    visible(text, LONGEST)
}

/// The reason, and where to look.
fn word_of(reason: Undelivered) -> &'static str {
    match reason {
        Undelivered::NoGateway => {
            "antiphond, in a fleet that of the relay, has no gateway for this; look at [gateway] in antiphon.toml there"
        }
        Undelivered::Ceiling => {
            "a limit of [telephone] is reached, in a fleet one of the relay; see the log of antiphond there"
        }
        Undelivered::Refused => "the gateway refused; its words stand in the log of antiphond",
        Undelivered::NoNumber => {
            "the relay has no such number; on the enrolment host run: antiphon fleet renew"
        }
        Undelivered::NoAnswer => {
            "the gateway gave no answer that is known; see the log of antiphond"
        }
    }
}
