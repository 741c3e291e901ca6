//! Talking with the person, by way of the application.

use pam::constants::{PAM_ERROR_MSG, PAM_PROMPT_ECHO_ON, PAM_TEXT_INFO, PamMessageStyle};
use pam::conv::Conv;
use pam::module::{PamHandle, PamResult};
use pam::secret::SecretBytes;
use zeroize::Zeroizing;

/// The person is not there to answer: gone, interrupted, or the application cannot ask.
#[derive(Debug)]
pub(crate) struct Gone;

/// What a sign-in says and asks.
pub(crate) trait Conversation {
    /// Asks, with the answer shown as it is typed: a code is of no use to who reads it afterwards.
    fn ask(&self, prompt: &str) -> Result<Zeroizing<Vec<u8>>, Gone>;
    /// Says something on the way in.
    fn tell(&self, text: &str);
    /// Says why not.
    fn refuse(&self, text: &str);
}

/// The application's conversation function.
pub(crate) struct PamConversation<'a>(&'a PamHandle);

impl<'a> PamConversation<'a> {
    pub(crate) fn new(handle: &'a PamHandle) -> Self {
        Self(handle)
    }

    fn send(&self, style: PamMessageStyle, text: &str) -> PamResult<Option<SecretBytes>> {
        // Asked for each time: an application may change it between two calls.
        let conversation = self.0.get_item::<Conv<'_>>()?;
        match conversation {
            Some(conversation) => conversation.send(style, text),
            None => Err(pam::constants::PamResultCode::PAM_CONV_ERR),
        }
    }
}

impl Conversation for PamConversation<'_> {
    fn ask(&self, prompt: &str) -> Result<Zeroizing<Vec<u8>>, Gone> {
        let typed = self
            .send(PAM_PROMPT_ECHO_ON, prompt)
            .ok()
            .flatten()
            .ok_or(Gone)?;
        Ok(Zeroizing::new(typed.as_bytes().to_vec()))
    }

    fn tell(&self, text: &str) {
        // Nothing depends on whether it was seen.
        let _ = self.send(PAM_TEXT_INFO, text);
    }

    fn refuse(&self, text: &str) {
        let _ = self.send(PAM_ERROR_MSG, text);
    }
}
