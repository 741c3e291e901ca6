//! Swedish.

use std::fmt::{self, Write as _};

use super::message::Message;
use super::{Besides, CODE, Entry, Text, duration, enrolment, methods, numbered};
use crate::record::TelephoneUse;
use crate::state::Quiet;
use crate::way::Way;

#[allow(
    clippy::too_many_lines,
    reason = "one list of sentences, and nothing else"
)]
pub(super) fn sentence(text: &Text<'_>) -> String {
    match text {
        Text::CodePrompt { digits, others } => {
            format!("{CODE} / verifieringskod{} från din autentiseringsapp{}: ", length(*digits), hint(*others))
        }
        Text::ApprovalPrompt { number, besides, enter, others } => {
            let answer = match (besides, enter) {
                (Besides::Code(digits), true) => {
                    format!("{CODE} / verifieringskod{}, eller tryck på Enter när du har godkänt", length(*digits))
                }
                (Besides::Code(digits), false) => format!("{CODE} / verifieringskod{} i stället", length(*digits)),
                (Besides::Recovery | Besides::Nothing, true) => "Tryck sedan på Enter här".to_owned(),
                (Besides::Recovery, false) => "Eller skriv en återställningskod här".to_owned(),
                (Besides::Nothing, false) => "Inloggningen fortsätter av sig själv".to_owned(),
            };
            let hint = hint(*others);
            format!("Skriv in numret {number} i telefonen för att godkänna inloggningen.\n{answer}{hint}: ")
        }
        Text::SentPrompt { by, tel, others } => {
            let how = match by {
                TelephoneUse::Sms => "skickad till",
                TelephoneUse::Call => "från samtalet till",
            };
            format!("{CODE} / verifieringskod {how} {tel}{}: ", hint(*others))
        }
        Text::Choose(entries) => {
            let lines = numbered(entries, entry);
            format!("Hur vill du visa att det är du?\n{lines}Ditt val: ")
        }
        Text::NoSuchChoice(most) => format!("Skriv en siffra från 1 till {most}."),
        Text::Sending(TelephoneUse::Sms, tel) => format!("Ett sms skickas till {tel}."),
        Text::Sending(TelephoneUse::Call, tel) => format!("{tel} rings upp."),
        Text::NotSent(TelephoneUse::Sms) => "Det gick inte att skicka ett sms.".to_owned(),
        Text::NotSent(TelephoneUse::Call) => "Det gick inte att ringa.".to_owned(),
        Text::TooManySent(seconds) => format!(
            "För många koder har skickats till din telefon. Nästa kan skickas om {}.",
            duration(*seconds)
        ),
        Text::ExpiredCode => "Koden gäller inte längre.".to_owned(),
        Text::NotAllowed => "En sådan kod godtas inte här.".to_owned(),
        Text::NoMethodAllowed => {
            "Inget av dina sätt att visa att det är du godtas här. Fråga din administratör.".to_owned()
        }
        Text::NotYetApproved => "Inte godkänd i telefonen än.".to_owned(),
        Text::WrongNumber => "Numret stämde inte.".to_owned(),
        Text::WrongApproval => "Telefonens svar kunde inte användas.".to_owned(),
        Text::ApprovalExpired => "Telefonen svarade inte i tid.".to_owned(),
        Text::PhoneBusy => "En annan av dina inloggningar väntar på telefonen.".to_owned(),
        Text::PhoneAway => "Telefonen kan inte nås just nu.".to_owned(),
        Text::PhoneQuiet(why, seconds) => {
            let left = duration(*seconds);
            match why {
                Quiet::TooOften => format!("Telefonen får inga nya frågor på {left}, eftersom det har varit för många."),
                Quiet::Unanswered => {
                    format!("Telefonen får inga nya frågor på {left}, eftersom ingen har godkänt de senaste.")
                }
                Quiet::Reported => format!(
                    "Du svarade i telefonen att det inte var du som loggade in, så den får inga nya frågor på {left}. Om det var \
                     du trots allt, avsluta pausen på sidan i telefonen."
                ),
            }
        }
        Text::Reported => "Stoppad i telefonen.".to_owned(),
        Text::Approved => "Godkänd i telefonen.".to_owned(),
        Text::RecoveryPrompt { others } => format!("Återställningskod{}: ", hint(*others)),
        Text::WrongCode => "Koden är fel.".to_owned(),
        Text::UsedCode(0) => "Koden är redan använd; skriv den nyare som finns i appen.".to_owned(),
        Text::UsedCode(seconds) => {
            format!("Koden är redan använd; nästa kommer om {}.", duration(*seconds))
        }
        Text::UseUnknown(0) => {
            "Datorn vet inte längre vilka koder som har använts. Skriv den nyare koden som finns i appen.".to_owned()
        }
        Text::UseUnknown(seconds) => format!(
            "Datorn vet inte längre vilka koder som har använts. Skriv nästa kod, som kommer om {}.",
            duration(*seconds)
        ),
        Text::ReadOnly => {
            "Datorns disk är skrivskyddad, och sådana koder kan inte användas just nu. Använd en kod från din app, eller fråga \
             din administratör."
                .to_owned()
        }
        Text::ClockWasAhead => {
            "Datorns klocka har gått fel, och koder kan inte kontrolleras. Fråga din administratör, eller använd en \
             återställningskod."
                .to_owned()
        }
        Text::WrongRecovery => "Återställningskoden är fel.".to_owned(),
        Text::UsedRecovery => "Återställningskoden är redan använd; ta en annan.".to_owned(),
        Text::WrongBypass => "Den tillfälliga koden är fel eller gäller inte längre.".to_owned(),
        Text::RecoveryClosed => {
            "Dina återställningskoder gäller inte längre. Be din administratör om nya.".to_owned()
        }
        Text::Malformed(digits) => format!("En kod har {digits} siffror."),
        Text::MalformedRecovery => "En återställningskod ser ut så här: ABCD-EFGH-IJKL-MNOP.".to_owned(),
        Text::Empty => "Du skrev ingenting.".to_owned(),
        Text::Locked(seconds) => format!("För många felaktiga koder. Försök igen om {}.", duration(*seconds)),
        Text::Closed => {
            "För många felaktiga koder. Använd en återställningskod eller fråga din administratör.".to_owned()
        }
        Text::NotEnrolled => {
            "Du har ingen tvåfaktorsinloggning än. Be din administratör att ordna den.".to_owned()
        }
        Text::Unavailable => {
            "Tvåfaktorsinloggningen fungerar inte just nu. Fråga din administratör.".to_owned()
        }
        Text::CannotAsk => {
            "Ditt program klarar inte tvåfaktorsinloggning. Fråga din administratör.".to_owned()
        }
        Text::Missed(1, "") => {
            "1 felaktig kod sedan du senast loggade in. Byt lösenord om det inte var du.".to_owned()
        }
        Text::Missed(1, from) => format!(
            "1 felaktig kod sedan du senast loggade in, från {from}. Byt lösenord om det inte var du."
        ),
        Text::Missed(wrong, "") => format!(
            "{wrong} felaktiga koder sedan du senast loggade in. Byt lösenord om det inte var du."
        ),
        Text::Missed(wrong, from) => format!(
            "{wrong} felaktiga koder sedan du senast loggade in, från {from}. Byt lösenord om det inte var du."
        ),
        Text::Unfinished(count, from) => {
            let what = if *count == 1 {
                "1 inloggning".to_owned()
            } else {
                format!("{count} inloggningar")
            };
            let from = if from.is_empty() { String::new() } else { format!(" från {from}") };
            format!(
                "Sedan du senast loggade in har {what}{from} påbörjats med rätt lösenord men inte slutförts. Byt lösenord om \
                 det inte var du."
            )
        }
        Text::RecoveryLeft(0) => {
            "Det var din sista återställningskod. Be din administratör om nya.".to_owned()
        }
        Text::RecoveryLeft(1) => "Du har 1 återställningskod kvar.".to_owned(),
        Text::RecoveryLeft(left) => format!("Du har {left} återställningskoder kvar."),
        Text::Enrolment(text) => enrolment::swedish(*text),
        Text::Methods(text) => methods::swedish(*text),
    }
}

/// How long the code is, where that is not what everybody expects.
fn length(digits: u8) -> String {
    match digits {
        6 => String::new(),
        digits => format!(" ({digits} siffror)"),
    }
}

fn hint(others: bool) -> &'static str {
    if others { " (? för andra sätt)" } else { "" }
}

fn entry(entry: &Entry<'_>) -> String {
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

pub(super) fn message(message: &Message<'_>, spoken: &str, to: &mut String) -> fmt::Result {
    let Message {
        by,
        code,
        user,
        host,
        service,
        remote_host,
    } = message;
    match by {
        TelephoneUse::Sms => {
            write!(
                to,
                "{code} är din kod för att logga in på {host} ({service}) som {user}"
            )?;
            if !remote_host.is_empty() {
                write!(to, ", från {remote_host}")?;
            }
            to.write_str(". Lämna aldrig ut den till någon.")
        }
        TelephoneUse::Call => write!(
            to,
            "Det här är datorn {host}. Din kod är: {spoken}. En gång till: {spoken}. Lämna aldrig ut den till någon. Hej då."
        ),
    }
}
