//! Shared parts of English sentences.

use super::Entry;
use crate::record::TelephoneUse;
use crate::way::Way;

/// The code's length, unless it is the usual one.
pub(super) fn length(digits: u8) -> String {
    match digits {
        6 => String::new(),
        digits => format!(" ({digits} digits)"),
    }
}

pub(super) fn hint(others: bool) -> &'static str {
    if others { " (? for other ways)" } else { "" }
}

pub(super) fn entry(entry: &Entry<'_>) -> String {
    match entry {
        Entry::Way(Way::Approval) => "Approve a request in my authenticator app".to_owned(),
        Entry::Way(Way::Code) => "Use a verification code".to_owned(),
        Entry::Way(Way::Telephone(TelephoneUse::Sms, number)) => {
            format!("Text {}", number.masked())
        }
        Entry::Way(Way::Telephone(TelephoneUse::Call, number)) => {
            format!("Call {}", number.masked())
        }
        Entry::Way(Way::Recovery) => "Use a recovery code".to_owned(),
        Entry::Methods => "Look after my methods".to_owned(),
        Entry::Cancel => "Cancel".to_owned(),
    }
}
