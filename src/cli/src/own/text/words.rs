//! The log's words, in readable form.

use antiphon_core::text::Language;

/// A word of the log and its translations.
pub(in crate::own) struct Word {
    pub(super) key: &'static str,
    pub(super) english: &'static str,
    pub(super) swedish: &'static str,
}

/// Translates a word of the log, if it is one of these.
pub(in crate::own) fn translated<'w>(word: &'w str, known: &[Word], language: Language) -> &'w str {
    let known = known.iter().find(|known| known.key == word);
    known.map_or(word, |known| match language {
        Language::Swedish => known.swedish,
        Language::English => known.english,
    })
}

const fn word(key: &'static str, english: &'static str, swedish: &'static str) -> Word {
    Word {
        key,
        english,
        swedish,
    }
}

/// Outcomes of sign-ins, and other events.
pub(in crate::own) const OUTCOMES: &[Word] = &[
    word("asked", "Started, not finished", "Påbörjad, inte slutförd"),
    word(
        "called",
        "Started, not finished; the phone was asked",
        "Påbörjad, inte slutförd; telefonen fick frågan",
    ),
    word(
        "verified",
        "Right answer, not finished",
        "Rätt svar, inte slutförd",
    ),
    word("answered", "Wrong code", "Fel kod"),
    word("sent", "A code was sent", "En kod skickades"),
    word("accepted", "Signed in", "Inloggad"),
    word(
        "exempt",
        "Signed in without a second factor",
        "Inloggad utan en andra faktor",
    ),
    word("wrong", "Wrong answer", "Fel svar"),
    word("refused", "Refused", "Nekad"),
    word(
        "locked",
        "Locked after too many wrong codes",
        "Spärrad efter för många felaktiga koder",
    ),
    word("cancelled", "Cancelled", "Avbruten"),
    word(
        "unusable",
        "Could not be checked",
        "Kunde inte kontrolleras",
    ),
    word(
        "reported",
        "Refused: it was not you",
        "Stoppad: det var inte du",
    ),
    word("expired", "Time ran out", "Tiden gick ut"),
    word("enrolled", "Set-up finished", "Registreringen klar"),
    word(
        "imported",
        "App taken over by the administrator",
        "App övertagen av administratören",
    ),
    word("enrolment-begun", "Set-up started", "Registrering påbörjad"),
    word(
        "enrolment-restarted",
        "Set-up started again",
        "Registrering påbörjad på nytt",
    ),
    word(
        "enrolment-resumed",
        "Set-up continued",
        "Registrering återupptagen",
    ),
    word(
        "enrolment-wrong-code",
        "Wrong code during set-up",
        "Fel kod vid registrering",
    ),
    word(
        "changed",
        "Methods changed during a sign-in",
        "Inloggningssätt ändrade vid en inloggning",
    ),
    word(
        "unlocked",
        "Unlocked by the administrator",
        "Upplåst av administratören",
    ),
    word(
        "removed",
        "Removed by the administrator",
        "Borttagen av administratören",
    ),
    word(
        "recovery",
        "New recovery codes from the administrator",
        "Nya återställningskoder från administratören",
    ),
    word(
        "bypass",
        "Temporary code from the administrator",
        "Tillfällig kod från administratören",
    ),
    word(
        "number",
        "Phone number changed by the administrator",
        "Telefonnummer ändrat av administratören",
    ),
];

pub(in crate::own) const METHODS: &[Word] = &[
    word("approval", "approved on a phone", "godkänd på telefon"),
    word(
        "account",
        "approved with an account",
        "godkänd med ett konto",
    ),
    word("code", "with a code", "med en kod"),
    word("sms", "with a code by text message", "med en kod i ett sms"),
    word(
        "call",
        "with a code by phone call",
        "med en kod i ett samtal",
    ),
    word(
        "recovery",
        "with a recovery code",
        "med en återställningskod",
    ),
    word("bypass", "with a temporary code", "med en tillfällig kod"),
    word("enrolment", "during set-up", "vid registrering"),
    word("phone", "a phone", "en telefon"),
];
