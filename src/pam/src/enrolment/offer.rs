//! The prompts of an enrolment. Our copies of secrets are wiped; those of the calling program are its own affair.

use antiphon_core::code::otpauth_uri;
use antiphon_core::draft::RecoverySet;
use antiphon_core::record::CodeSecret;
use antiphon_core::text::{EnrolmentText, Text};
use antiphon_core::visible::visible;
use zeroize::Zeroizing;

use super::{Client, Confirmation, Enrolment};
use crate::host;
use crate::shown::{ROOM, codes_prompt, picture};

/// Shown to find out whether the client displays blocks, since over ssh there is no way to query it.
const SQUARES: &str =
    "    \u{2588}\u{2580}\u{2584}\u{2588}\u{2580}\u{2584}\u{2588}\u{2580}\u{2584}\u{2588}";
/// The longest name in a prompt, in bytes.
const LONGEST: usize = 128;
impl Enrolment<'_> {
    /// The introduction, and the question whether the client displays blocks.
    pub(super) fn first_prompt(&self, first: EnrolmentText<'_>) -> String {
        let said = self.text(&first.into(), Client::Shows);
        let question = self.text(&EnrolmentText::DoesItShow.into(), Client::Shows);
        format!("{said}\n\n{SQUARES}\n\n{question}")
    }

    /// Key, link and, if it can be shown, the QR code. That comes last, so that only the question below can scroll it.
    pub(super) fn offer(
        &self,
        code: &CodeSecret,
        client: Client,
        first: Option<EnrolmentText<'_>>,
    ) -> Zeroizing<String> {
        let link = self.link(code);
        let picture = (client == Client::Shows).then(|| picture(&link)).flatten();
        let how = match picture {
            Some(_) => EnrolmentText::Scan,
            None => EnrolmentText::Type,
        };
        let mut prompt = Zeroizing::new(String::with_capacity(ROOM));
        let mut paragraph = |text: &str, end: &str| {
            prompt.push_str(text);
            prompt.push_str(end);
        };
        if let Some(first) = first {
            paragraph(&self.text(&first.into(), client), "\n\n");
        }
        paragraph(&self.text(&how.into(), client), "\n\n");
        let key = code.key();
        let key = Zeroizing::new(self.text(&EnrolmentText::Key(&key).into(), client));
        paragraph(&key, "\n");
        let link = Zeroizing::new(self.text(&EnrolmentText::Link(&link).into(), client));
        paragraph(&link, "\n\n");
        for line in picture.iter().flat_map(|drawing| &drawing.lines) {
            paragraph(line, "\n");
        }
        paragraph(&self.text(&EnrolmentText::Code.into(), client), "");
        prompt
    }

    /// The prompt with the recovery codes.
    pub(super) fn recovery_prompt(
        &self,
        codes: &RecoverySet,
        confirmation: &Confirmation,
    ) -> Zeroizing<String> {
        let client = confirmation.client;
        let mut texts = vec![Text::Enrolment(EnrolmentText::Recovery)];
        if confirmation.came_back {
            texts.push(EnrolmentText::RecoveryAnew.into());
        }
        let question = self.text(&EnrolmentText::WrittenDown.into(), client);
        codes_prompt(&self.joined("\n", &texts, client), codes, &question)
    }

    fn link(&self, code: &CodeSecret) -> Zeroizing<String> {
        let host = visible(&host::name(), LONGEST);
        let account = format!("{}@{host}", visible(self.context.user.as_str(), LONGEST));
        let issuer = self.context.config.organisation.as_deref().unwrap_or(&host);
        otpauth_uri(code, issuer, &account)
    }
}
