//! The conversation with the person, through the application.

use pam::constants::{PAM_ERROR_MSG, PAM_PROMPT_ECHO_ON, PAM_TEXT_INFO, PamMessageStyle};
use pam::conv::Conv;
use pam::module::{PamHandle, PamResult};
use pam::secret::SecretBytes;
use zeroize::Zeroizing;

/// Nobody answers: the person has gone or interrupted, or the application cannot ask.
#[derive(Debug)]
pub(crate) struct Gone;

/// Prompts and messages of a sign-in.
pub(crate) trait Conversation {
    /// Asks with echo on: a code is useless to whoever reads it afterwards.
    fn ask(&self, prompt: &str) -> Result<Zeroizing<Vec<u8>>, Gone>;
    fn tell(&self, text: &str);
    /// Shows the reason for a refusal.
    fn refuse(&self, text: &str);
}

/// The application's conversation function.
pub(crate) struct PamConversation<'a>(&'a PamHandle);

impl<'a> PamConversation<'a> {
    pub(crate) fn new(handle: &'a PamHandle) -> Self {
        Self(handle)
    }

    fn send(&self, style: PamMessageStyle, text: &str) -> PamResult<Option<SecretBytes>> {
        // Looked up each time, since an application may change it between calls.
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
        // Nothing depends on whether it was shown.
        let _ = self.send(PAM_TEXT_INFO, text);
    }

    fn refuse(&self, text: &str) {
        let _ = self.send(PAM_ERROR_MSG, text);
    }
}
