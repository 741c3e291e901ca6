//! A validated message: gateways can rely on its form.

use std::sync::Arc;

use antiphon_core::record::{TelephoneNumber, TelephoneUse};
use antiphon_core::wire::Deliver;
use antiphon_gateway::{Credentials, Filling};
use zeroize::Zeroizing;

/// The longest text: ten text messages.
const LONGEST_TEXT: usize = 1600;
/// The longest user name.
const LONGEST_USER: usize = 256;

/// A code for a telephone. Wiped on drop, as far as it is ours.
#[derive(Clone)]
pub(super) struct Message {
    pub(super) user: String,
    /// The host of the fleet where the person signs in, if it is not this computer.
    pub(super) host: Option<String>,
    pub(super) to: String,
    pub(super) by: TelephoneUse,
    pub(super) language: &'static str,
    pub(super) code: Zeroizing<String>,
    pub(super) text: Zeroizing<String>,
    pub(super) credentials: Arc<Credentials>,
}

impl Message {
    /// Validates root's message, or one for a `host` of the fleet.
    pub(super) fn read(
        deliver: Deliver,
        host: Option<String>,
        credentials: Arc<Credentials>,
    ) -> Option<Self> {
        let Deliver {
            user,
            tel,
            by,
            language,
            code,
            text,
        } = deliver;
        let (code, text) = (Zeroizing::new(code), Zeroizing::new(text));
        let is_text = |text: &str, most: usize| {
            (1..=most).contains(&text.len())
                && !text.contains(|character: char| character.is_control() && character != '\n')
        };
        let is_sound = TelephoneNumber::takes(&tel)
            && (4..=10).contains(&code.len())
            && code.bytes().all(|byte| byte.is_ascii_digit())
            && is_text(&text, LONGEST_TEXT)
            && is_text(&user, LONGEST_USER);
        is_sound.then(|| Self {
            user,
            host,
            to: tel,
            by,
            // Unsupported languages become English, since we must have a voice.
            language: if language == "sv" { "sv" } else { "en" },
            code,
            text,
            credentials,
        })
    }

    /// The placeholders' values.
    pub(super) fn filling(&self) -> Filling<'_> {
        Filling {
            to: &self.to,
            text: &self.text,
            code: &self.code,
            language: self.language,
            credentials: &self.credentials,
        }
    }

    /// What is sent, in words.
    pub(super) fn way(&self) -> &'static str {
        match self.by {
            TelephoneUse::Sms => "a text",
            TelephoneUse::Call => "a call",
        }
    }

    /// Whose telephone it is for, for the log.
    pub(super) fn whose(&self) -> String {
        match &self.host {
            Some(host) => format!("{} at {host}", self.user),
            None => self.user.clone(),
        }
    }

    /// The number as it may be logged: its last two digits.
    pub(super) fn masked(&self) -> String {
        let shown = self.to.len().saturating_sub(2);
        format!("…{}", self.to.get(shown..).unwrap_or_default())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::Arc;

    use antiphon_core::record::TelephoneUse;
    use antiphon_core::wire::Deliver;
    use antiphon_gateway::Credentials;

    use super::Message;

    pub(in crate::gateway) fn deliver() -> Deliver {
        Deliver {
            user: "åsa".into(),
            tel: "+46701234521".into(),
            by: TelephoneUse::Sms,
            language: "sv".into(),
            code: "918273".into(),
            text: "Din kod är 918273".into(),
        }
    }

    pub(in crate::gateway) fn message(credentials: &str) -> Message {
        let credentials = Credentials::parse(credentials, "sms").unwrap();
        Message::read(deliver(), None, Arc::new(credentials)).unwrap()
    }

    #[test]
    fn what_is_not_of_roots_form_goes_nowhere() {
        assert_eq!(message("").masked(), "…21");
        let spoils: [fn(&mut Deliver); 13] = [
            |said| said.tel = "0701234521".into(),
            |said| said.tel = "+46701234521;x".into(),
            |said| said.tel = "+0701234521".into(),
            |said| said.tel = "+1234567890123456".into(),
            |said| said.tel = "+46 701234521".into(),
            |said| said.code = "12345x".into(),
            |said| said.code = "١٢٣٤٥٦".into(),
            |said| said.code = String::new(),
            |said| said.text = "a\0b".into(),
            |said| said.text = "\u{1b}[2J".into(),
            |said| said.text = "x".repeat(1601),
            |said| said.text = String::new(),
            |said| said.user = String::new(),
        ];
        for (index, spoil) in spoils.iter().enumerate() {
            let mut said = deliver();
            spoil(&mut said);
            let read = Message::read(said, None, Arc::default());
            assert!(read.is_none(), "{index}");
        }
    }
}
