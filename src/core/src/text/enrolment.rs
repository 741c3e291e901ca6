//! What is said where a person enrols at the sign-in, in both languages.

use super::{CODE, duration};

/// A sentence of an enrolment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnrolmentText<'a> {
    /// What will happen.
    Begin,
    /// It goes on with what was begun here so many seconds ago.
    Resumed(u64),
    /// Asks whether the row of squares above is seen as one.
    DoesItShow,
    /// Below is a QR code and a key.
    Scan,
    /// Below is a key and a link.
    Type,
    /// The key.
    Key(&'a str),
    /// The link.
    Link(&'a str),
    /// Asks for the code that the app shows.
    Code,
    /// That was not it.
    WrongCode,
    /// It was a code of another time: so many seconds off, and whether the phone is ahead.
    ClockOff(u64, bool),
    /// No code was right.
    NotConfirmed,
    /// What recovery codes are for; they follow.
    Recovery,
    /// Asks for Enter once they are written down.
    WrittenDown,
    /// It is done.
    Done,
    /// Another sign-in or root was quicker.
    Meanwhile,
    /// It was begun anew elsewhere, or took too long.
    Void,
}

#[allow(
    clippy::too_many_lines,
    reason = "one list of sentences, and nothing else"
)]
pub(super) fn english(text: EnrolmentText<'_>) -> String {
    use EnrolmentText as T;
    match text {
        T::Begin => "You have no second factor yet. It is set up now: you need an authenticator app on your phone, and \
                     a few minutes."
            .to_owned(),
        T::Resumed(seconds) => format!(
            "This goes on with the set-up that was begun here {} ago: the QR code is the same.",
            duration(seconds)
        ),
        T::DoesItShow => "Press Enter if you see a row of squares above. If you see something else, type no: ".to_owned(),
        T::Scan => "Scan the QR code with the authenticator app, or type the key into it.".to_owned(),
        T::Type => "Type the key into the authenticator app (based on time, 6 digits), or open the link on the phone."
            .to_owned(),
        T::Key(key) => format!("Key: {key}"),
        T::Link(link) => format!("Link: {link}"),
        T::Code => format!("{CODE} that the app shows now (Enter alone shows all this again): "),
        T::WrongCode => "That is not what the app should show now. Wait for the next code.".to_owned(),
        T::ClockOff(seconds, true) => format!(
            "The phone's clock is about {} ahead of this computer's. Set the one that is wrong.",
            duration(seconds)
        ),
        T::ClockOff(seconds, false) => format!(
            "The phone's clock is about {} behind this computer's. Set the one that is wrong.",
            duration(seconds)
        ),
        T::NotConfirmed => "No code was right. Sign in again to go on.".to_owned(),
        T::Recovery => "These are your recovery codes, for the day when the phone is lost. Each works once, in the \
                        place of a code. They are not shown again: write them down, or keep them with your passwords."
            .to_owned(),
        T::WrittenDown => "Press Enter when you have written them down: ".to_owned(),
        T::Done => "Your second factor is set up. From now on you are asked for a code.".to_owned(),
        T::Meanwhile => "Your second factor has been set up by another sign-in meanwhile. Sign in again. If it was not \
                         you, tell your administrator."
            .to_owned(),
        T::Void => "This set-up no longer counts: it took too long, or was begun again elsewhere. Sign in again."
            .to_owned(),
    }
}

#[allow(
    clippy::too_many_lines,
    reason = "one list of sentences, and nothing else"
)]
pub(super) fn swedish(text: EnrolmentText<'_>) -> String {
    use EnrolmentText as T;
    match text {
        T::Begin => "Du har ingen andra faktor än. Nu ordnar vi den: du behöver en autentiseringsapp i telefonen och \
                     några minuter."
            .to_owned(),
        T::Resumed(seconds) => format!(
            "Du fortsätter där du började här för {} sedan: QR-koden är densamma.",
            duration(seconds)
        ),
        T::DoesItShow => "Tryck Enter om du ser en rad rutor här ovanför. Ser du något annat, skriv nej: ".to_owned(),
        T::Scan => "Läs av QR-koden med autentiseringsappen, eller skriv in nyckeln i den.".to_owned(),
        T::Type => "Skriv in nyckeln i autentiseringsappen (tidsbaserad, 6 siffror), eller öppna länken i telefonen."
            .to_owned(),
        T::Key(key) => format!("Nyckel: {key}"),
        T::Link(link) => format!("Länk: {link}"),
        T::Code => format!("{CODE} / verifieringskod som appen visar nu (bara Enter visar allt en gång till): "),
        T::WrongCode => "Det är inte vad appen borde visa nu. Vänta på nästa kod.".to_owned(),
        T::ClockOff(seconds, true) => format!(
            "Telefonens klocka går ungefär {} före den här datorns. Ställ den som går fel.",
            duration(seconds)
        ),
        T::ClockOff(seconds, false) => format!(
            "Telefonens klocka går ungefär {} efter den här datorns. Ställ den som går fel.",
            duration(seconds)
        ),
        T::NotConfirmed => "Ingen kod var rätt. Logga in igen för att fortsätta.".to_owned(),
        T::Recovery => "Det här är dina återställningskoder, för den dag då telefonen är borta. Var och en gäller en \
                        gång, i stället för en kod. De visas inte igen: skriv upp dem, eller spara dem där du har dina \
                        lösenord."
            .to_owned(),
        T::WrittenDown => "Tryck Enter när du har skrivit upp dem: ".to_owned(),
        T::Done => "Din andra faktor är klar. Från och med nu får du frågan efter en kod.".to_owned(),
        T::Meanwhile => "Din andra faktor har ordnats i en annan inloggning under tiden. Logga in igen. Om det inte var \
                         du, säg till din administratör."
            .to_owned(),
        T::Void => "Det här gäller inte längre: det tog för lång tid, eller började om någon annanstans. Logga in igen."
            .to_owned(),
    }
}

/// One of each, for the test of all sentences.
#[cfg(test)]
pub(super) fn all() -> Vec<EnrolmentText<'static>> {
    use EnrolmentText as T;
    vec![
        T::Begin,
        T::Resumed(90),
        T::DoesItShow,
        T::Scan,
        T::Type,
        T::Code,
        T::WrongCode,
        T::ClockOff(90, true),
        T::ClockOff(90, false),
        T::NotConfirmed,
        T::Recovery,
        T::WrittenDown,
        T::Done,
        T::Meanwhile,
        T::Void,
    ]
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::{EnrolmentText as T, all};

    /// Whoever adds one comes here, and then the count is wrong.
    fn kind(text: T<'_>) -> usize {
        match text {
            T::Begin => 0,
            T::Resumed(_) => 1,
            T::DoesItShow => 2,
            T::Scan => 3,
            T::Type => 4,
            T::Code => 5,
            T::WrongCode => 6,
            T::ClockOff(_, true) => 7,
            T::ClockOff(_, false) => 8,
            T::NotConfirmed => 9,
            T::Recovery => 10,
            T::WrittenDown => 11,
            T::Done => 12,
            T::Meanwhile => 13,
            T::Void => 14,
            // Labels of what ends without a full stop.
            T::Key(_) | T::Link(_) => 15,
        }
    }

    #[test]
    fn no_sentence_is_missing_from_the_list() {
        let kinds: Vec<usize> = all().into_iter().map(kind).collect();
        assert_eq!(kinds, (0..15).collect::<Vec<_>>());
    }
}
