//! Another way, chosen from a list of those that this person has and that this service allows.
//!
//! Choosing is no answer: nothing is judged, and none of the three is used up. Whoever takes another way than the phone
//! takes the request back from it.

use antiphon_core::answer::chosen;
use antiphon_core::outcome::{Outcome, Trouble};
use antiphon_core::text::{Entry, MethodsText, Text};
use antiphon_core::way::Way;

use crate::dialogue::{Asking, Dialogue, End, Talk};
use crate::telephone::Sending;

impl<'a> Dialogue<'a> {
    /// The lines of the list.
    pub(crate) fn entries<'t>(talk: &Talk<'t>) -> Vec<Entry<'t>> {
        let ways = talk.ways.iter().copied().map(Entry::Way);
        let care = talk.offers_care.then_some(Entry::Methods);
        ways.chain(care).chain([Entry::Cancel]).collect()
    }

    /// Takes what was typed at the list. Anything but one of its numbers shows it again.
    pub(crate) fn take_choice(
        &self,
        typed: &[u8],
        talk: &mut Talk<'a>,
        end: &mut End,
    ) -> Result<Option<Outcome>, Trouble> {
        let entries = Self::entries(talk);
        let chosen = chosen(typed, entries.len()).and_then(|place| entries.get(place));
        talk.said = None;
        match chosen {
            None => talk.said = Some(Text::NoSuchChoice(entries.len())),
            Some(Entry::Cancel) => {
                talk.take_back("cancelled");
                return Ok(Some(Outcome::Cancelled));
            }
            Some(Entry::Methods) => {
                end.wants_care = true;
                talk.offers_care = false;
                talk.said = Some(MethodsText::First.into());
            }
            // The phone has it already: the number is shown again.
            Some(Entry::Way(Way::Approval)) if talk.pending.is_some() => {
                talk.asking = Asking::Usual;
            }
            Some(Entry::Way(Way::Approval)) => {
                if self.begin_approval(talk)? {
                    talk.sent = None;
                }
            }
            Some(Entry::Way(Way::Code)) => talk.turn_to(Asking::Usual),
            Some(Entry::Way(Way::Recovery)) => talk.turn_to(Asking::Recovery),
            Some(Entry::Way(Way::Telephone(by, number))) => {
                talk.take_back("cancelled");
                match self.send_code(*by, number, end)? {
                    Sending::Sent(code) => {
                        talk.sent = Some(code);
                        talk.asking = Asking::Sent;
                    }
                    Sending::Failed(text, refusal) => {
                        talk.said = Some(text);
                        talk.refusal = refusal;
                    }
                    Sending::Ended(outcome) => return Ok(Some(outcome)),
                }
            }
        }
        Ok(None)
    }
}
