//! Prompts and messages while a person manages their methods.

use antiphon_core::text::{MethodsText, Text};
use zeroize::Zeroizing;

use super::{Care, LONGEST, MOST_PROMPTS, Over};
use crate::context::Context;
use crate::host;

impl Care<'_> {
    /// Asks, after any pending messages. Ends if the person is gone or takes too long, or if a program answered with
    /// the password without showing the prompt.
    pub(super) fn ask(&mut self, question: &str) -> Result<Zeroizing<Vec<u8>>, Over> {
        self.prompts += 1;
        if self.prompts > MOST_PROMPTS {
            return Err(Over);
        }
        // Allocated at full size: a string that grows leaves a copy behind, which may contain recovery codes.
        let said = self.said.take();
        let length = said.as_ref().map_or(0, |said| said.len() + 1) + question.len();
        let mut prompt = Zeroizing::new(String::with_capacity(length));
        if let Some(said) = said {
            prompt.push_str(&said);
            prompt.push('\n');
        }
        prompt.push_str(question);
        let Context {
            conversation,
            request,
            watch,
            ..
        } = self.context;
        let typed = conversation.ask(&prompt).map_err(|_| Over)?;
        let password = request.password.as_ref();
        let is_password = password.is_some_and(|password| password.as_bytes() == typed.as_slice());
        let lasted = watch.instant().saturating_duration_since(self.began);
        if is_password || lasted > LONGEST {
            return Err(Over);
        }
        Ok(typed)
    }

    /// Whether the answer starts like yes in either language.
    pub(super) fn ask_yes(&mut self, question: MethodsText<'_>) -> Result<bool, Over> {
        let question = self.text(&question.into());
        let typed = self.ask(&question)?;
        let first = typed.trim_ascii_start().first().copied();
        Ok(matches!(first, Some(b'y' | b'Y' | b'j' | b'J')))
    }

    /// Says `text` before the next prompt, or at the end.
    pub(super) fn say<'t>(&mut self, text: impl Into<Text<'t>>) {
        let text = self.text(&text.into());
        self.said = Some(match self.said.take() {
            Some(said) => format!("{said}\n{text}"),
            None => text,
        });
    }

    /// Shows messages for which no prompt followed.
    pub(super) fn last_words(&mut self) {
        if let Some(said) = self.said.take() {
            host::tell(self.context.request, self.context.conversation, &said);
        }
    }

    pub(super) fn text(&self, text: &Text<'_>) -> String {
        text.in_language(self.context.language)
    }
}
