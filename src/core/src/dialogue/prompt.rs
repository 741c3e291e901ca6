//! The prompts' texts.

use super::{Asking, Dialogue};
use crate::method::Method;
use crate::text::{Besides, Language, Text};

impl Dialogue<'_> {
    /// The prompt with whatever is to be said before it; `number` is the one to type on the phone that has the request.
    /// One string, because sshd holds back separate messages, and login writes them to standard output.
    #[must_use]
    pub fn prompt(&self, number: Option<&str>, language: Language) -> String {
        let others = self.has_others();
        let question = match (self.asking, number, self.sent) {
            (Asking::Way, ..) => Text::Choose(&self.entries()).in_language(language),
            (Asking::Sent, _, Some(sent)) => Text::SentPrompt {
                by: sent.by,
                tel: &sent.number.masked(),
                others,
            }
            .in_language(language),
            (Asking::Usual, Some(number), _) => Text::ApprovalPrompt {
                number,
                besides: self.besides(),
                enter: self.by_enter,
                others,
            }
            .in_language(language),
            (Asking::Usual, None, _) => match self.code_digits() {
                Some(digits) => Text::CodePrompt { digits, others }.in_language(language),
                None => Text::RecoveryPrompt { others }.in_language(language),
            },
            (Asking::Recovery | Asking::Sent, ..) => {
                Text::RecoveryPrompt { others }.in_language(language)
            }
        };
        match &self.said {
            Some(text) => format!("{}\n{question}", text.in_language(language)),
            None => question,
        }
    }

    /// What the prompt asks for, as a word for the log.
    #[must_use]
    pub fn asks_for(&self) -> &'static str {
        let method = match self.asking {
            Asking::Usual if self.is_called => Method::Approval,
            Asking::Usual => Method::Code,
            Asking::Recovery => Method::Recovery,
            Asking::Sent | Asking::Way => return "choice",
        };
        method.word()
    }

    fn besides(&self) -> Besides {
        match self.code_digits() {
            Some(digits) => Besides::Code(digits),
            None if self.has(Method::Recovery) => Besides::Recovery,
            None => Besides::Nothing,
        }
    }

    fn code_digits(&self) -> Option<u8> {
        let code = self.record.code.as_ref().filter(|_| self.has(Method::Code));
        code.map(|code| code.digits().get())
    }
}
