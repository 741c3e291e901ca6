//! A code on its way to a telephone: drawn here, kept in this process's memory alone, counted before it is sent.
//!
//! The daemon carries it to a gateway. It can lose it, read it and delay it; it cannot have another one accepted.

use antiphon_core::logline::LogLine;
use antiphon_core::one_time::OneTimeCode;
use antiphon_core::outcome::{Outcome, Refusal, Trouble};
use antiphon_core::record::{TelephoneNumber, TelephoneUse};
use antiphon_core::state::Gate;
use antiphon_core::text::{Message, Text};
use antiphon_core::visible::visible;
use antiphon_core::wire::{Deliver, Undelivered};
use antiphon_link::{Delivery, deliver, random};

use crate::dialogue::{Dialogue, End, seconds_locked};
use crate::host;
use crate::interrupt::Blocked;

/// The longest of the texts in a message, in bytes: so that it stays one message.
const LONGEST: usize = 40;

/// What became of sending a code.
pub(crate) enum Sending {
    /// The gateway has it.
    Sent(OneTimeCode),
    /// A way that failed: this is said at the list, and is why the sign-in fails if nothing else is answered.
    Failed(Text<'static>, Refusal),
    /// The sign-in has ended.
    Ended(Outcome),
}

impl Dialogue<'_> {
    /// Sends a new code to `number`, if one more may be sent.
    pub(crate) fn send_code(
        &self,
        by: TelephoneUse,
        number: &TelephoneNumber,
        end: &mut End,
    ) -> Result<Sending, Trouble> {
        let Some(held) = self.hold_state()? else {
            return Ok(Sending::Ended(Outcome::Refused(Refusal::NotEnrolled)));
        };
        // Root may have taken it away while the list stood there.
        let mut known = held.record.numbers.iter();
        if !known.any(|known| known.tel == number.tel && known.uses.contains(&by)) {
            return Ok(Sending::Failed(Text::NotSent(by), Refusal::NotSent));
        }
        let now = held.now();
        match held.state().gate(self.config, now) {
            Gate::Open => {}
            locked => {
                end.locked_for = seconds_locked(locked, now);
                return Ok(Sending::Ended(Outcome::Locked(locked)));
            }
        }
        if let Err(too_many) = held.state().allows_sending(self.config, now) {
            let text = Text::TooManySent(too_many.again_in);
            return Ok(Sending::Failed(text, Refusal::TooManySent));
        }
        let code = OneTimeCode::new(
            random::below(OneTimeCode::VALUES)?,
            &held.record,
            (by, number),
            now,
        );
        held.change(|state| state.count_sending(now))?;
        if self.request.host.forks() {
            let text = Text::Sending(by, &number.masked()).in_language(self.language);
            host::tell(self.request, self.conversation, &text);
        }
        let delivery = deliver(&self.config.paths.socket, self.message(&code), &Blocked);
        self.log_sending(number, by, &delivery);
        self.course().sent(by.method());
        Ok(match delivery {
            Delivery::Taken => Sending::Sent(code),
            Delivery::Failed(_) | Delivery::Away(_) => {
                Sending::Failed(Text::NotSent(by), Refusal::NotSent)
            }
            Delivery::Interrupted => Sending::Ended(Outcome::Cancelled),
        })
    }

    fn message(&self, code: &OneTimeCode) -> Deliver {
        let shown = |text: &str| visible(text, LONGEST);
        let text = Message {
            by: code.by(),
            code: code.digits(),
            user: &shown(self.user.as_str()),
            host: &shown(&host::name()),
            service: &shown(&self.request.service),
            remote_host: &shown(&self.request.remote_host),
        }
        .in_language(self.language);
        Deliver {
            user: self.user.as_str().to_owned(),
            tel: code.tel().to_owned(),
            by: code.by(),
            language: self.language.tag().to_owned(),
            code: code.digits().to_owned(),
            text: text.to_string(),
        }
    }

    /// Of the number only its end, of the code nothing.
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
            .with("user", self.user.as_str())
            .with("to", &number.masked())
            .with("rhost", &self.request.remote_host)
            .with("detail", detail);
        match delivery {
            Delivery::Taken | Delivery::Interrupted => self.journal.note(&line),
            Delivery::Failed(_) | Delivery::Away(_) => self.journal.warn(&line),
        }
    }
}

/// Why, and where to look.
fn word_of(reason: Undelivered) -> &'static str {
    match reason {
        Undelivered::NoGateway => {
            "antiphond has no gateway for this; look at [gateway] in antiphon.toml"
        }
        Undelivered::Ceiling => "most_a_day_on_this_host is reached",
        Undelivered::Refused => "the gateway refused; its words stand in the log of antiphond",
        Undelivered::NoAnswer => {
            "the gateway gave no answer that is known; see the log of antiphond"
        }
    }
}
