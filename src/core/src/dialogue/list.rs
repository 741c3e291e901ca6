//! Another method, chosen from a list of those that the person has and the service allows.
//!
//! A choice is not an answer: nothing is judged, and none of the three answers is used up. Choosing another method
//! withdraws the request for an approval.

use super::{Asking, Called, Care, Dialogue, Step};
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
                self.called = None;
                return Step::End(self.end(Outcome::Cancelled));
            }
            Some(Entry::Methods) => {
                self.care = Care::Wanted;
                self.said = Some(MethodsText::First.into());
            }
            // It already has the request: show the number again.
            Some(Entry::Way(way)) if self.is_asked_for(way) => self.asking = Asking::Usual,
            Some(Entry::Way(Way::Approval)) => {
                self.ask_another();
                return Step::CallPhone;
            }
            Some(Entry::Way(Way::Account(way))) => {
                self.ask_another();
                return Step::CallAccount(way);
            }
            Some(Entry::Way(Way::Code)) => self.turn_to(Asking::Usual),
            Some(Entry::Way(Way::Recovery)) => self.turn_to(Asking::Recovery),
            Some(Entry::Way(Way::Telephone(by, number))) => {
                self.called = None;
                return Step::Send(SentTo { by, number });
            }
        }
        self.go_on()
    }

    /// Another approval is asked for: the request that is open is withdrawn.
    fn ask_another(&mut self) {
        self.called = None;
        self.sight.is_uncalled = false;
    }

    /// Whether this is who has the open request.
    fn is_asked_for(&self, way: Way<'r>) -> bool {
        match self.called {
            Some(Called::Phone) => way == Way::Approval,
            Some(Called::Account { way: asked, .. }) => way == Way::Account(asked),
            None => false,
        }
    }

    /// Switches to another method: withdraws the request for an approval and stops waiting for a sent code.
    fn turn_to(&mut self, asking: Asking) {
        self.called = None;
        self.sent = None;
        self.asking = asking;
    }

    /// Whether the person has methods that this prompt does not name and `?` would show.
    pub(super) fn has_others(&self) -> bool {
        let named: &[Method] = match self.asking {
            Asking::Way => &Method::ALL,
            Asking::Recovery => &[Method::Recovery],
            Asking::Usual if self.called.is_none() || self.has(Method::Code) => &[Method::Code],
            // Where Enter or check digits are asked for, nothing else is named.
            Asking::Usual if !self.by_enter() => &[Method::Recovery],
            // Another code can be sent.
            Asking::Usual | Asking::Sent => &[],
        };
        let is_asked = |way| self.asking == Asking::Usual && self.is_asked_for(way);
        let mut ways = self.ways.iter().copied();
        ways.any(|way| !named.contains(&way.method()) && !is_asked(way))
    }

    pub(super) fn has(&self, method: Method) -> bool {
        self.ways.iter().any(|way| way.method() == method)
    }
}
