//! What is said where a person enrols at the sign-in, in both languages.

use super::{CODE, duration};

/// When somebody did something, and from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sighting<'a> {
    /// From where, safe to show.
    pub from: &'a str,
    /// The hour and minute, UTC.
    pub at: &'a str,
}

/// A sentence of an enrolment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnrolmentText<'a> {
    /// What will happen.
    Begin,
    /// So many seconds ago it was begun from there, and not finished.
    BegunBefore(u64, Sighting<'a>),
    /// Explains that a code goes on with it, and that without one it is begun again.
    GoOnOrAgain,
    /// Asks for a code, or Enter.
    CodeOrAgain,
    /// Explains that only a code goes on with it: for so many seconds it cannot be begun again.
    GoOnOnly(u64),
    /// Asks for a code.
    CodeAlone,
    /// Explains that codes are no longer looked at.
    OnlyAgain,
    /// Asks for Enter.
    Again,
    /// What will happen where it is begun again.
    BeginAgain,
    /// For so many seconds it cannot be begun again.
    TooOften(u64),
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
    /// Others that were shown in a sitting before are not valid.
    RecoveryAnew,
    /// Asks for Enter once they are written down.
    WrittenDown,
    /// It is done.
    Done,
    /// Another sign-in or root was quicker.
    Meanwhile,
    /// It was begun again in another sitting.
    BegunElsewhere(Sighting<'a>),
    /// It was gone on with in another sitting.
    GoneOnElsewhere(Sighting<'a>),
    /// It took too long, or root ended it.
    Void,
}

#[allow(
    clippy::too_many_lines,
    reason = "one list of sentences, and nothing else"
)]
pub(super) fn english(text: EnrolmentText<'_>) -> String {
    use EnrolmentText as T;
    match text {
        T::Begin => "You have no second factor yet, so it is set up now. You need an authenticator app on your phone and \
                     a few minutes. If you run out of time, sign in again within ten minutes and go on with a code from the \
                     app."
            .to_owned(),
        T::BegunBefore(seconds, Sighting { from, at }) => format!(
            "You have no second factor yet. Somebody, perhaps you, began to set it up {} ago from {from} (at {at} UTC), and \
             did not finish. If that was not you, tell your administrator.",
            duration(seconds)
        ),
        T::GoOnOrAgain => "If you have added it to the app already, type the code that the app shows now, and you go on. The \
                           QR code is not shown a second time: if you do not have it in the app, press Enter to begin again \
                           with a new one. The earlier one is then no longer valid."
            .to_owned(),
        T::CodeOrAgain => format!("{CODE} from the app, or Enter alone to begin again: "),
        T::GoOnOnly(seconds) => format!(
            "If you have added it to the app already, type the code that the app shows now, and you go on. New QR codes were \
             shown many times in a short while: the next one can be shown in {}.",
            duration(seconds)
        ),
        T::CodeAlone => format!("{CODE} from the app: "),
        T::OnlyAgain => "Too many wrong codes were typed, so nobody can go on with it. Begin again with a new QR code; the \
                         earlier one is then no longer valid."
            .to_owned(),
        T::Again => "Press Enter to begin again: ".to_owned(),
        T::BeginAgain => "Now comes a new QR code. Once it is shown, the earlier one is no longer valid: if you added that to \
                          the app, delete it there."
            .to_owned(),
        T::TooOften(seconds) => format!(
            "New QR codes were shown many times in a short while, so the next one can be shown in {}. If that was not you, \
             tell your administrator.",
            duration(seconds)
        ),
        T::DoesItShow => "Press Enter if you see a row of squares above. If you see something else, type no: ".to_owned(),
        T::Scan => "Scan the QR code with the authenticator app, or type the key into it.".to_owned(),
        T::Type => "Type the key into the authenticator app (time-based, 6 digits), or open the link on the phone."
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
        T::NotConfirmed => "No code was right. Sign in again within ten minutes to go on with a code from the app, or to \
                            begin again."
            .to_owned(),
        T::Recovery => "These are your recovery codes, for the day when the phone is lost. Each works once, in the \
                        place of a code. They are not shown again: write them down, or keep them with your passwords."
            .to_owned(),
        T::RecoveryAnew => "If you were shown others before, those are not valid.".to_owned(),
        T::WrittenDown => "Press Enter when you have written them down: ".to_owned(),
        T::Done => "Your second factor is set up. From now on you are asked for a code when you sign in.".to_owned(),
        T::Meanwhile => "Your second factor has been set up by another sign-in meanwhile. Sign in again. If it was not \
                         you, tell your administrator."
            .to_owned(),
        T::BegunElsewhere(Sighting { from, at }) => format!(
            "This set-up is no longer valid: somebody else, or you in another window, began again from {from} at {at} UTC. \
             If that was not you, tell your administrator."
        ),
        T::GoneOnElsewhere(Sighting { from, at }) => format!(
            "This set-up is no longer valid here: somebody else, or you in another window, went on with it from {from} at \
             {at} UTC, by a right code. If that was not you, tell your administrator."
        ),
        T::Void => "This set-up is no longer valid: it took too long, or your administrator ended it. Sign in again."
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
        T::Begin => "Du har ingen tvåfaktorsinloggning än. Nu ordnar vi den: du behöver en autentiseringsapp i telefonen och \
                     några minuter. Räcker tiden inte till, logga in igen inom tio minuter och fortsätt med en kod från appen."
            .to_owned(),
        T::BegunBefore(seconds, Sighting { from, at }) => format!(
            "Du har ingen tvåfaktorsinloggning än. För {} sedan (kl. {at} UTC) började någon ordna den från {from}, men blev inte \
             klar. Om det inte var du, säg till din administratör.",
            duration(seconds)
        ),
        T::GoOnOrAgain => "Har du redan lagt till den i appen, skriv koden som appen visar nu, så fortsätter du. QR-koden visas \
                           inte en gång till: har du den inte i appen, tryck på Enter och börja om med en ny. Då slutar den \
                           förra att gälla."
            .to_owned(),
        T::CodeOrAgain => format!("{CODE} / verifieringskod från appen (bara Enter börjar om): "),
        T::GoOnOnly(seconds) => format!(
            "Har du redan lagt till den i appen, skriv koden som appen visar nu, så fortsätter du. Nya QR-koder har visats \
             många gånger på kort tid: nästa kan visas om {}.",
            duration(seconds)
        ),
        T::CodeAlone => format!("{CODE} / verifieringskod från appen: "),
        T::OnlyAgain => "Det blev för många felaktiga koder, så det går inte att fortsätta. Börja om med en ny QR-kod; då slutar \
                         den förra att gälla."
            .to_owned(),
        T::Again => "Tryck på Enter för att börja om: ".to_owned(),
        T::BeginAgain => "Nu kommer en ny QR-kod. När den visas slutar den förra att gälla: har du lagt till den i appen, ta \
                          bort den där."
            .to_owned(),
        T::TooOften(seconds) => format!(
            "Nya QR-koder har visats många gånger på kort tid, så nästa kan visas om {}. Om det inte var du, säg till din \
             administratör.",
            duration(seconds)
        ),
        T::DoesItShow => "Tryck på Enter om du ser en rad rutor här ovanför. Ser du något annat, skriv nej: ".to_owned(),
        T::Scan => "Skanna QR-koden med autentiseringsappen, eller skriv in nyckeln i den.".to_owned(),
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
        T::NotConfirmed => "Ingen kod var rätt. Logga in igen inom tio minuter för att fortsätta med en kod från appen, eller \
                            för att börja om."
            .to_owned(),
        T::Recovery => "Det här är dina återställningskoder, för den dag då telefonen är borta. Var och en gäller en \
                        gång, i stället för en kod. De visas inte igen: skriv upp dem, eller spara dem där du har dina \
                        lösenord."
            .to_owned(),
        T::RecoveryAnew => "Om du redan har fått se andra, så gäller de inte.".to_owned(),
        T::WrittenDown => "Tryck på Enter när du har skrivit upp dem: ".to_owned(),
        T::Done => "Din tvåfaktorsinloggning är klar. Från och med nu behöver du en kod när du loggar in.".to_owned(),
        T::Meanwhile => "Din tvåfaktorsinloggning har ordnats i en annan inloggning under tiden. Logga in igen. Om det inte var \
                         du, säg till din administratör."
            .to_owned(),
        T::BegunElsewhere(Sighting { from, at }) => format!(
            "Det här gäller inte längre: någon annan, eller du i ett annat fönster, började om från {from} kl. {at} UTC. Om \
             det inte var du, säg till din administratör."
        ),
        T::GoneOnElsewhere(Sighting { from, at }) => format!(
            "Det gäller inte längre här: någon annan, eller du i ett annat fönster, fortsatte från {from} kl. {at} UTC med \
             rätt kod. Om det inte var du, säg till din administratör."
        ),
        T::Void => "Det här gäller inte längre: det tog för lång tid, eller så har din administratör avbrutit det. Logga in \
                    igen."
            .to_owned(),
    }
}

/// One of each, for the test of all sentences.
#[cfg(test)]
pub(super) fn all() -> Vec<EnrolmentText<'static>> {
    use EnrolmentText as T;
    let sighting = Sighting {
        from: "203.0.113.5",
        at: "20:00",
    };
    vec![
        T::Begin,
        T::BegunBefore(90, sighting),
        T::GoOnOrAgain,
        T::CodeOrAgain,
        T::GoOnOnly(90),
        T::CodeAlone,
        T::OnlyAgain,
        T::Again,
        T::BeginAgain,
        T::TooOften(90),
        T::DoesItShow,
        T::Scan,
        T::Type,
        T::Code,
        T::WrongCode,
        T::ClockOff(90, true),
        T::ClockOff(90, false),
        T::NotConfirmed,
        T::Recovery,
        T::RecoveryAnew,
        T::WrittenDown,
        T::Done,
        T::Meanwhile,
        T::BegunElsewhere(sighting),
        T::GoneOnElsewhere(sighting),
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
            T::BegunBefore(..) => 1,
            T::GoOnOrAgain => 2,
            T::CodeOrAgain => 3,
            T::GoOnOnly(_) => 4,
            T::CodeAlone => 5,
            T::OnlyAgain => 6,
            T::Again => 7,
            T::BeginAgain => 8,
            T::TooOften(_) => 9,
            T::DoesItShow => 10,
            T::Scan => 11,
            T::Type => 12,
            T::Code => 13,
            T::WrongCode => 14,
            T::ClockOff(_, true) => 15,
            T::ClockOff(_, false) => 16,
            T::NotConfirmed => 17,
            T::Recovery => 18,
            T::RecoveryAnew => 19,
            T::WrittenDown => 20,
            T::Done => 21,
            T::Meanwhile => 22,
            T::BegunElsewhere(_) => 23,
            T::GoneOnElsewhere(_) => 24,
            T::Void => 25,
            // Labels of what ends without a full stop.
            T::Key(_) | T::Link(_) => 26,
        }
    }

    #[test]
    fn no_sentence_is_missing_from_the_list() {
        let kinds: Vec<usize> = all().into_iter().map(kind).collect();
        assert_eq!(kinds, (0..26).collect::<Vec<_>>());
    }
}
