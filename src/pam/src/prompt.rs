//! The questions, in words.

use antiphon_core::method::Method;
use antiphon_core::record::masked;
use antiphon_core::text::{Besides, Text};

use crate::dialogue::{Asking, Dialogue, Talk};

impl Dialogue<'_> {
    /// The prompt, with what is to be said before it. In one piece: sshd holds back what is said alone, and login says it
    /// on standard output.
    pub(crate) fn prompt(&self, talk: &Talk<'_>) -> String {
        let others = self.has_others(talk);
        let question = match (&talk.asking, &talk.pending) {
            (Asking::Way, _) => Text::Choose(&Self::entries(talk)).in_language(self.language),
            (Asking::Sent, _) => self.sent_prompt(talk, others),
            (Asking::Usual, Some(pending)) => Text::ApprovalPrompt {
                number: pending.number.digits(),
                besides: self.besides(talk),
                enter: talk.by_enter,
                others,
            }
            .in_language(self.language),
            (Asking::Usual, None) => match self.code_digits(talk) {
                Some(digits) => Text::CodePrompt { digits, others }.in_language(self.language),
                None => Text::RecoveryPrompt { others }.in_language(self.language),
            },
            (Asking::Recovery, _) => Text::RecoveryPrompt { others }.in_language(self.language),
        };
        match &talk.said {
            Some(text) => format!("{}\n{question}", text.in_language(self.language)),
            None => question,
        }
    }

    fn sent_prompt(&self, talk: &Talk<'_>, others: bool) -> String {
        let Some(sent) = &talk.sent else {
            return Text::RecoveryPrompt { others }.in_language(self.language);
        };
        Text::SentPrompt {
            by: sent.by(),
            tel: &masked(sent.tel()),
            others,
        }
        .in_language(self.language)
    }

    /// Whether the person has ways that this prompt does not name, and that `?` would show.
    pub(crate) fn has_others(&self, talk: &Talk<'_>) -> bool {
        let named: &[Method] = match (&talk.asking, &talk.pending) {
            // Another code can be sent.
            (Asking::Sent, _) => &[],
            (Asking::Way, _) => &Method::ALL,
            (Asking::Recovery, _) => &[Method::Recovery],
            (Asking::Usual, None) => &[Method::Code],
            (Asking::Usual, Some(_)) => match self.besides(talk) {
                Besides::Code(_) => &[Method::Approval, Method::Code],
                // Where Enter is asked for, nothing else is named.
                Besides::Recovery if !talk.by_enter => &[Method::Approval, Method::Recovery],
                Besides::Recovery | Besides::Nothing => &[Method::Approval],
            },
        };
        talk.ways.iter().any(|way| !named.contains(&way.method()))
    }

    fn besides(&self, talk: &Talk<'_>) -> Besides {
        match self.code_digits(talk) {
            Some(digits) => Besides::Code(digits),
            None if talk.has(Method::Recovery) => Besides::Recovery,
            None => Besides::Nothing,
        }
    }

    fn code_digits(&self, talk: &Talk<'_>) -> Option<u8> {
        let code = self.record.code.as_ref().filter(|_| talk.has(Method::Code));
        code.map(|code| code.digits.get())
    }
}
