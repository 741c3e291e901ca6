//! Shared parts of Swedish sentences.

use super::Entry;
use crate::record::TelephoneUse;
use crate::way::Way;

/// The code's length, unless it is the usual one.
pub(super) fn length(digits: u8) -> String {
    match digits {
        6 => String::new(),
        digits => format!(" ({digits} siffror)"),
    }
}

pub(super) fn hint(others: bool) -> &'static str {
    if others { " (? för andra sätt)" } else { "" }
}

pub(super) fn entry(entry: &Entry<'_>) -> String {
    match entry {
        Entry::Way(Way::Approval) => "Godkänn en begäran i min autentiseringsapp".to_owned(),
        Entry::Way(Way::Code) => "Använd en verifieringskod".to_owned(),
        Entry::Way(Way::Telephone(TelephoneUse::Sms, number)) => {
            format!("Skicka sms till {}", number.masked())
        }
        Entry::Way(Way::Telephone(TelephoneUse::Call, number)) => {
            format!("Ring {}", number.masked())
        }
        Entry::Way(Way::Recovery) => "Använd en återställningskod".to_owned(),
        Entry::Methods => "Ändra mina inloggningssätt".to_owned(),
        Entry::Cancel => "Avbryt".to_owned(),
    }
}
