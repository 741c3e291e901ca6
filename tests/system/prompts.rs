//! What is asked, as far as a test waits for it.

pub(crate) use antiphon_tests::{CODE, PASSWORD_PROMPT};
