//! The prompts of an enrolment. Our copies of secrets are wiped; those of the calling program are its own affair.

use antiphon_core::code::otpauth_uri;
use antiphon_core::draft::RecoverySet;
use antiphon_core::record::CodeSecret;
use antiphon_core::text::{EnrolmentText, Text};
use antiphon_core::visible::visible;
use zeroize::Zeroizing;

use super::{Client, Confirmation, Enrolment};
use crate::host;
use crate::shown::{codes_prompt, joined, picture};

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
        let text = |text: EnrolmentText<'_>| Zeroizing::new(self.text(&text.into(), client));
        let first = first.map_or(String::new(), |first| format!("{}\n\n", *text(first)));
        let key = text(EnrolmentText::Key(&code.key()));
        let link = text(EnrolmentText::Link(&link));
        let (how, question) = (text(how), text(EnrolmentText::Code));
        let picture = picture.unwrap_or_default();
        joined(&[
            &first, &how, "\n\n", &key, "\n", &link, "\n\n", &picture, &question,
        ])
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
        let organisation = &self.context.config.organisation;
        let issuer = organisation.name.as_deref().unwrap_or(&host);
        otpauth_uri(code, issuer, &account)
    }
}
