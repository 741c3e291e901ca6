//! Swedish.

use antiphon_core::record::TelephoneUse;

use super::Text;

pub(super) const OUTCOMES: &[(&str, &str)] = &[
    ("asked", "Påbörjad, inte slutförd"),
    ("called", "Påbörjad, inte slutförd; telefonen fick frågan"),
    ("verified", "Rätt svar, inte slutförd"),
    ("answered", "Fel kod"),
    ("sent", "En kod skickades"),
    ("accepted", "Inloggad"),
    ("exempt", "Inloggad utan en andra faktor"),
    ("wrong", "Fel svar"),
    ("refused", "Nekad"),
    ("locked", "Spärrad efter för många felaktiga koder"),
    ("cancelled", "Avbruten"),
    ("unusable", "Kunde inte kontrolleras"),
    ("reported", "Stoppad: det var inte du"),
    ("expired", "Tiden gick ut"),
    ("enrolled", "Registreringen klar"),
    ("enrolment-begun", "Registrering påbörjad"),
    ("enrolment-restarted", "Registrering påbörjad på nytt"),
    ("enrolment-resumed", "Registrering återupptagen"),
    ("enrolment-wrong-code", "Fel kod vid registrering"),
    ("changed", "Inloggningssätt ändrade vid en inloggning"),
    ("unlocked", "Upplåst av administratören"),
    ("removed", "Borttagen av administratören"),
    ("recovery", "Nya återställningskoder från administratören"),
    ("bypass", "Tillfällig kod från administratören"),
    ("number", "Telefonnummer ändrat av administratören"),
];

pub(super) const METHODS: &[(&str, &str)] = &[
    ("approval", "godkänd på telefon"),
    ("code", "med en kod"),
    ("sms", "med en kod i ett sms"),
    ("call", "med en kod i ett samtal"),
    ("recovery", "med en återställningskod"),
    ("bypass", "med en tillfällig kod"),
    ("enrolment", "vid registrering"),
    ("phone", "en telefon"),
];

pub(super) fn sentence(text: &Text<'_>) -> String {
    match text {
        Text::OnlyYourOwn => {
            "du kan bara se ditt eget; skriv sudo före kommandot för att se andras".to_owned()
        }
        Text::Away(why) => format!("tjänsten antiphond svarar inte ({why}); säg till din administratör"),
        Text::Later => "det går inte att svara på just nu; försök igen om en stund".to_owned(),
        Text::Stopped => "avbrutet".to_owned(),
        Text::Unknown => "systemet vet inte vem du är; säg till din administratör".to_owned(),
        Text::TooOften => "för många frågor; vänta en minut".to_owned(),
        Text::NoSuchSignIn => {
            "ingen av dina senaste inloggningar heter så; antiphon activity visar vad de heter".to_owned()
        }
        Text::NotUnderstood => {
            "tjänsten antiphond är av en annan version än kommandot; säg till din administratör".to_owned()
        }
        Text::NothingKnown => {
            "Det finns inga uppgifter om din tvåfaktorsinloggning. Fråga din administratör.".to_owned()
        }
        Text::Phone(name, since) => format!("Telefon som godkänner: {name}, sedan {since}"),
        Text::Codes => "Koder från en autentiseringsapp".to_owned(),
        Text::Number(ending, uses) => {
            let by = match (uses.contains(&TelephoneUse::Sms), uses.contains(&TelephoneUse::Call)) {
                (true, true) => "som sms eller samtal",
                (true, false) => "som sms",
                (false, true) => "som samtal",
                (false, false) => "används inte",
            };
            format!("Koder till numret som slutar på {ending}, {by}")
        }
        Text::RecoveryLeft(0) => {
            "Inga återställningskoder kvar: be din administratör om nya".to_owned()
        }
        Text::RecoveryLeft(1) => "1 återställningskod kvar".to_owned(),
        Text::RecoveryLeft(left) => format!("{left} återställningskoder kvar"),
        Text::HowToChange => {
            "Vill du ändra något: välj det vid en inloggning (skriv ? vid frågan), eller be din administratör.".to_owned()
        }
        Text::NoActivity => "Inga händelser än.".to_owned(),
        Text::HowToReport => {
            "Var det någon som inte var du? Skriv antiphon report och namnet i första kolumnen.".to_owned()
        }
        Text::From(place) => format!("från {place}"),
        Text::On(host) => format!("på {host}"),
        Text::Times(count, since) => format!("{count} gånger sedan {since}"),
        Text::By(caller) => format!("begärd av {caller}"),
        Text::IsReported => "anmäld: det var inte du".to_owned(),
        Text::WhichOne(most) => format!("Vilken var inte du? [1-{most}, eller Enter för ingen] "),
        Text::NameIt => "säg vilken inloggning, med namnet från antiphon activity: antiphon report NAMN".to_owned(),
        Text::NothingReported => "Inget anmäldes.".to_owned(),
        Text::Reported => "Anmält. Det står nu i administratörens logg.".to_owned(),
        Text::ReportedBefore => "Den inloggningen är redan anmäld.".to_owned(),
        Text::WhatNow => {
            "Byt lösenord nu, eftersom någon annan kan känna till det, och tala med din administratör.".to_owned()
        }
    }
}
