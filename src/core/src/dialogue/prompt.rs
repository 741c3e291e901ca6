//! The prompts' texts.

use super::{Asking, Called, Dialogue};
use crate::method::Method;
use crate::text::{AccountText, Besides, Language, Text, Then};

/// What a prompt shows of the open request.
#[derive(Debug, Clone, Copy)]
pub struct ShownRequest<'a> {
    /// The number to type on the phone or the page.
    pub number: &'a str,
    /// The page's address for this sign-in with an account.
    pub address: &'a str,
}

impl Dialogue<'_> {
    /// The prompt with whatever is to be said before it; `request` is the open one.
    /// One string, because sshd holds back separate messages, and login writes them to standard output.
    #[must_use]
    pub fn prompt(&self, request: Option<ShownRequest<'_>>, language: Language) -> String {
        let others = self.has_others();
        let question = match (self.asking, request, self.sent) {
            (Asking::Way, ..) => Text::Choose(&self.entries()).in_language(language),
            (Asking::Sent, _, Some(sent)) => Text::SentPrompt {
                by: sent.by,
                tel: &sent.number.masked(),
                others,
            }
            .in_language(language),
            (Asking::Usual, Some(request), _) => self.approval_prompt(request, language),
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

    fn approval_prompt(&self, shown: ShownRequest<'_>, language: Language) -> String {
        let ShownRequest { number, address } = shown;
        let (besides, others) = (self.besides(), self.has_others());
        let text: Text<'_> = match self.called {
            Some(Called::Account { way, .. }) => AccountText::Prompt {
                number,
                address,
                label: way.provider.label.in_language(language),
                besides,
                then: self.then(),
                others,
            }
            .into(),
            Some(Called::Phone) | None => Text::ApprovalPrompt {
                number,
                besides,
                enter: self.by_enter,
                others,
            },
        };
        text.in_language(language)
    }

    fn then(&self) -> Then {
        match (self.wants_digits(), self.by_enter) {
            (true, _) => Then::CheckDigits,
            (false, true) => Then::Enter,
            (false, false) => Then::Nothing,
        }
    }

    /// What the prompt asks for, as a word for the log.
    #[must_use]
    pub fn asks_for(&self) -> &'static str {
        let method = match self.asking {
            Asking::Usual => match self.called {
                Some(Called::Phone) => Method::Approval,
                Some(Called::Account { .. }) => Method::Account,
                None => Method::Code,
            },
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
