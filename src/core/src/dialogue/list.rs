//! Another method, chosen from a list of those that the person has and the service allows.
//!
//! A choice is not an answer: nothing is judged, and none of the three answers is used up. Choosing another method
//! withdraws the request from the phone.

use super::{Asking, Care, Dialogue, Step};
use crate::method::Method;
use crate::one_time::SentTo;
use crate::outcome::Outcome;
use crate::text::{Entry, MethodsText, Text};
use crate::way::Way;

impl<'r> Dialogue<'r> {
    pub(super) fn entries(&self) -> Vec<Entry<'r>> {
        let ways = self.ways.iter().copied().map(Entry::Way);
        let care = (self.care == Care::Offered).then_some(Entry::Methods);
        ways.chain(care).chain([Entry::Cancel]).collect()
    }

    /// Takes the chosen line, numbered from 0. Anything else shows the list again.
    pub(super) fn choose(&mut self, line: Option<usize>) -> Step<'r> {
        let entries = self.entries();
        self.said = None;
        match line.and_then(|line| entries.get(line)).copied() {
            None => self.said = Some(Text::NoSuchChoice(entries.len())),
            Some(Entry::Cancel) => {
                self.is_called = false;
                return Step::End(self.end(Outcome::Cancelled));
            }
            Some(Entry::Methods) => {
                self.care = Care::Wanted;
                self.said = Some(MethodsText::First.into());
            }
            // The phone already has the request: show the number again.
            Some(Entry::Way(Way::Approval)) if self.is_called => self.asking = Asking::Usual,
            Some(Entry::Way(Way::Approval)) => {
                self.sight.is_uncalled = false;
                return Step::CallPhone;
            }
            Some(Entry::Way(Way::Code)) => self.turn_to(Asking::Usual),
            Some(Entry::Way(Way::Recovery)) => self.turn_to(Asking::Recovery),
            Some(Entry::Way(Way::Telephone(by, number))) => {
                self.is_called = false;
                return Step::Send(SentTo { by, number });
            }
        }
        self.go_on()
    }

    /// Switches to another method: withdraws the phone's request and stops waiting for a sent code.
    fn turn_to(&mut self, asking: Asking) {
        self.is_called = false;
        self.sent = None;
        self.asking = asking;
    }

    /// Whether the person has methods that this prompt does not name and `?` would show.
    pub(super) fn has_others(&self) -> bool {
        let named: &[Method] = match self.asking {
            // Another code can be sent.
            Asking::Sent => &[],
            Asking::Way => &Method::ALL,
            Asking::Recovery => &[Method::Recovery],
            Asking::Usual if !self.is_called => &[Method::Code],
            Asking::Usual if self.has(Method::Code) => &[Method::Approval, Method::Code],
            // Where Enter is asked for, nothing else is named.
            Asking::Usual if !self.by_enter => &[Method::Approval, Method::Recovery],
            Asking::Usual => &[Method::Approval],
        };
        self.ways.iter().any(|way| !named.contains(&way.method()))
    }

    pub(super) fn has(&self, method: Method) -> bool {
        self.ways.iter().any(|way| way.method() == method)
    }
}
