//! What is asked, as far as tests wait for it.

/// The question of `pam_unix`.
pub const PASSWORD_PROMPT: &str = "Password: ";
/// How the last line of every prompt begins that wants digits, in both languages. Nothing else of ours holds it.
pub const VERIFICATION_CODE: &str = "Verification code";
/// The question for the code of the app. Nothing else of ours holds it.
pub const CODE: &str = "Verification code from your app";
/// What stands before the number of an approval.
pub const NUMBER: &str = "Enter the number ";
