//! What is asked, as far as a test waits for it.

/// The question of `pam_unix`.
pub(crate) const PASSWORD_PROMPT: &str = "Password: ";
/// Ours. No other sentence of ours holds it.
pub(crate) const CODE: &str = "6-digit code from your authenticator app";
