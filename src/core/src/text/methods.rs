//! What is said where a person looks after their methods inside a sign-in, and asked whether they are up to date.

use super::Language;

/// A line of the list of what can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MethodsLine<'a> {
    /// One more phone.
    Add,
    /// A phone, by its name, away.
    Remove(&'a str),
    /// A phone, by its name, under another one.
    Rename(&'a str),
    /// New recovery codes; so many are left.
    NewCodes(u32),
    /// This language from now on.
    Speak(Language),
    /// Nothing more: the sign-in goes on.
    Done,
}

/// A sentence. Names are safe to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MethodsText<'a> {
    /// The person wants to: first they show that it is they.
    First,
    /// Asks a person who is signed in without their phone.
    Offer,
    /// Asks a person who has just enrolled whether a phone is added too.
    OfferPhone,
    /// Asks for one of these.
    List(&'a [MethodsLine<'a>]),
    /// What the recovery codes are that follow; they do not count yet.
    NewCodes,
    /// Now they do.
    Renewed,
    /// Asks whether this phone is meant.
    ReallyRemove(&'a str),
    /// It counts no more.
    Removed(&'a str),
    /// Without it the person could not sign in.
    LastWay,
    /// Asks for another name of this phone.
    NewName(&'a str),
    /// It is called so now.
    Renamed(&'a str),
    /// No phone can be called so.
    OddName,
    /// Another one is.
    TakenName,
    /// It is this language now.
    Speaks,
    /// Nothing was done.
    Nothing,
    /// It could not be written.
    NotWritten,
    /// Somebody else has changed the record.
    Meanwhile,
    /// A QR code and a link for the new phone follow.
    Scan,
    /// A link for the new phone follows.
    OpenLink,
    /// Asks for Enter when the phone is ready.
    WhenReady,
    /// It is not.
    NotReady,
    /// Asks to approve with the new phone, with this number.
    TryOut(&'a str),
    /// The phone could not be added.
    NotAdded,
    /// It was, under this name.
    Added(&'a str),
    /// Asks whether the methods are up to date.
    UpToDate {
        /// So few recovery codes are left.
        few_codes: Option<u32>,
        /// This phone has not answered for long.
        silent_phone: Option<&'a str>,
        /// The address of the page, or nothing.
        page: &'a str,
    },
}

/// `Your choice: ` is the prompt of the list of ways, too.
pub(super) fn english(text: MethodsText<'_>) -> String {
    use MethodsText as T;
    match text {
        T::First => "First show that it is you. Your methods come after that.".to_owned(),
        T::Offer => "You are signed in without your phone. Type yes to look after your methods, for example if \
                     you have lost a phone, or press Enter to go on: "
            .to_owned(),
        T::OfferPhone => "Your codes are set up. To approve sign-ins on your phone too, type yes, or press Enter to go on: "
            .to_owned(),
        T::List(lines) => format!("Your methods:\n{}Your choice: ", super::numbered(lines, english_line)),
        T::NewCodes => "These are your new recovery codes. When you press Enter they become valid, and all old ones \
                        stop being valid. They are not shown again."
            .to_owned(),
        T::Renewed => "The new recovery codes are valid now; the old ones are no longer valid.".to_owned(),
        T::ReallyRemove(name) => format!("Remove the phone {name}? Type yes, or press Enter to keep it: "),
        T::Removed(name) => format!("The phone {name} can no longer approve sign-ins."),
        T::LastWay => "Without it you could not sign in any more. Add another phone first, or ask your administrator."
            .to_owned(),
        T::NewName(name) => format!("New name for {name}: "),
        T::Renamed(name) => format!("The phone is called {name} now."),
        T::OddName => "A name has 1 to 64 characters that can all be shown.".to_owned(),
        T::TakenName => "Another phone of yours has that name.".to_owned(),
        T::Speaks => "From now on you are asked in English.".to_owned(),
        T::Nothing => "Nothing was changed.".to_owned(),
        T::NotWritten => "That could not be saved; nothing has changed. Ask your administrator.".to_owned(),
        T::Meanwhile => "Your methods have been changed elsewhere meanwhile, so nothing is changed here. Sign in again."
            .to_owned(),
        T::Scan => "Scan the QR code with the camera of the new phone, or open the link there, and do what its page says."
            .to_owned(),
        T::OpenLink => "Open this link on the new phone, and do what its page says.".to_owned(),
        T::WhenReady => "Press Enter when the page asks for it, or type no to stop: ".to_owned(),
        T::NotReady => "The phone is not ready yet.".to_owned(),
        T::TryOut(number) => {
            format!("Try it out: enter the number {number} on the new phone. If it asks about notifications, answer that first.\nThen press Enter here, or type no to stop: ")
        }
        T::NotAdded => "The phone could not be added; nothing has changed.".to_owned(),
        T::Added(name) => format!("The phone {name} can approve your sign-ins now."),
        T::UpToDate { few_codes, silent_phone, page } => {
            let mut said = "Are your methods up to date?".to_owned();
            match few_codes {
                Some(0) => said.push_str(" You have no recovery codes left."),
                Some(1) => said.push_str(" You have 1 recovery code left."),
                Some(few) => said = format!("{said} You have {few} recovery codes left."),
                None => {}
            }
            if let Some(name) = silent_phone {
                said = format!("{said} The phone {name} has not answered for 90 days.");
            }
            said.push_str(" Type ? when you sign in to change them");
            said + &seen_at("; see them at ", page)
        }
    }
}

fn english_line(line: &MethodsLine<'_>) -> String {
    match line {
        MethodsLine::Add => "Add a phone".to_owned(),
        MethodsLine::Remove(name) => format!("Remove the phone {name}"),
        MethodsLine::Rename(name) => format!("Rename the phone {name}"),
        MethodsLine::NewCodes(left) => format!("New recovery codes ({left} left)"),
        MethodsLine::Speak(Language::English) => "Ask me in English".to_owned(),
        // For who reads no English.
        MethodsLine::Speak(Language::Swedish) => "Svenska".to_owned(),
        MethodsLine::Done => "Done: go on with the sign-in".to_owned(),
    }
}

pub(super) fn swedish(text: MethodsText<'_>) -> String {
    use MethodsText as T;
    match text {
        T::First => "Visa först att det är du. Sedan kommer dina inloggningssätt.".to_owned(),
        T::Offer => "Du är inloggad utan din telefon. Skriv ja för att ändra dina inloggningssätt, till exempel om \
                     telefonen är borta, eller tryck på Enter för att gå vidare: "
            .to_owned(),
        T::OfferPhone => "Dina koder är klara. Skriv ja för att kunna godkänna inloggningar i telefonen också, eller \
                          tryck på Enter för att gå vidare: "
            .to_owned(),
        T::List(lines) => format!("Dina inloggningssätt:\n{}Ditt val: ", super::numbered(lines, swedish_line)),
        T::NewCodes => "Det här är dina nya återställningskoder. De börjar gälla, och alla gamla slutar gälla, när du \
                        trycker på Enter. De visas inte igen."
            .to_owned(),
        T::Renewed => "Nu gäller de nya återställningskoderna; de gamla gäller inte längre.".to_owned(),
        T::ReallyRemove(name) => {
            format!("Ska telefonen {name} tas bort? Skriv ja, eller tryck på Enter för att behålla den: ")
        }
        T::Removed(name) => format!("Telefonen {name} kan inte längre godkänna inloggningar."),
        T::LastWay => "Utan den skulle du inte kunna logga in mer. Lägg till en annan telefon först, eller fråga din \
                       administratör."
            .to_owned(),
        T::NewName(name) => format!("Nytt namn på {name}: "),
        T::Renamed(name) => format!("Telefonen heter nu {name}."),
        T::OddName => "Ett namn har 1 till 64 tecken som alla går att visa.".to_owned(),
        T::TakenName => "En annan av dina telefoner heter redan så.".to_owned(),
        T::Speaks => "Från och med nu får du frågorna på svenska.".to_owned(),
        T::Nothing => "Ingenting har ändrats.".to_owned(),
        T::NotWritten => "Det gick inte att spara; ingenting har ändrats. Fråga din administratör.".to_owned(),
        T::Meanwhile => "Dina inloggningssätt har ändrats på annat håll under tiden, så här ändras ingenting. Logga in \
                         igen."
            .to_owned(),
        T::Scan => "Skanna QR-koden med den nya telefonens kamera, eller öppna länken där, och gör som sidan säger."
            .to_owned(),
        T::OpenLink => "Öppna länken i den nya telefonen, och gör som sidan säger.".to_owned(),
        T::WhenReady => "Tryck på Enter när sidan ber om det, eller skriv nej för att avbryta: ".to_owned(),
        T::NotReady => "Telefonen är inte klar än.".to_owned(),
        T::TryOut(number) => format!(
            "Prova den: skriv in numret {number} i den nya telefonen. Frågar den om aviseringar, så svara på det först.\nTryck sedan på Enter här, eller skriv nej för att \
             avbryta: "
        ),
        T::NotAdded => "Telefonen kunde inte läggas till; ingenting har ändrats.".to_owned(),
        T::Added(name) => format!("Nu kan telefonen {name} godkänna dina inloggningar."),
        T::UpToDate { few_codes, silent_phone, page } => {
            let mut said = "Stämmer dina inloggningssätt fortfarande?".to_owned();
            match few_codes {
                Some(0) => said.push_str(" Du har inga återställningskoder kvar."),
                Some(1) => said.push_str(" Du har 1 återställningskod kvar."),
                Some(few) => said = format!("{said} Du har {few} återställningskoder kvar."),
                None => {}
            }
            if let Some(name) = silent_phone {
                said = format!("{said} Telefonen {name} har inte svarat på 90 dagar.");
            }
            said.push_str(" Skriv ? när du loggar in för att ändra dem");
            said + &seen_at("; du ser dem på ", page)
        }
    }
}

fn swedish_line(line: &MethodsLine<'_>) -> String {
    match line {
        MethodsLine::Add => "Lägg till en telefon".to_owned(),
        MethodsLine::Remove(name) => format!("Ta bort telefonen {name}"),
        MethodsLine::Rename(name) => format!("Byt namn på telefonen {name}"),
        MethodsLine::NewCodes(left) => format!("Nya återställningskoder ({left} kvar)"),
        MethodsLine::Speak(Language::Swedish) => "Fråga mig på svenska".to_owned(),
        MethodsLine::Speak(Language::English) => "English".to_owned(),
        MethodsLine::Done => "Klar: fortsätt inloggningen".to_owned(),
    }
}

/// The end of the sentence.
fn seen_at(words: &str, page: &str) -> String {
    if page.is_empty() {
        ".".to_owned()
    } else {
        format!("{words}{page} .")
    }
}

/// One of each, for the test of all sentences.
#[cfg(test)]
pub(super) fn all() -> Vec<MethodsText<'static>> {
    use MethodsText as T;
    let mut all = vec![
        T::First,
        T::Offer,
        T::List(&[
            MethodsLine::Add,
            MethodsLine::Remove("X9"),
            MethodsLine::Rename("X9"),
            MethodsLine::NewCodes(3),
            MethodsLine::Done,
        ]),
        T::NewCodes,
        T::Renewed,
        T::ReallyRemove("X9"),
        T::Removed("X9"),
        T::LastWay,
        T::NewName("X9"),
        T::Renamed("X9"),
        T::OddName,
        T::TakenName,
        T::Speaks,
        T::Nothing,
        T::NotWritten,
        T::Meanwhile,
        T::Scan,
        T::WhenReady,
        T::NotReady,
        T::TryOut("42"),
        T::NotAdded,
        T::Added("X9"),
    ];
    for few_codes in [None, Some(0), Some(1), Some(2)] {
        for silent_phone in [None, Some("X9")] {
            for page in ["", "HTTPS://MFA.X"] {
                all.push(T::UpToDate {
                    few_codes,
                    silent_phone,
                    page,
                });
            }
        }
    }
    all.extend([T::OfferPhone, T::OpenLink]);
    all
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::{MethodsLine, MethodsText as T, all, english, swedish};
    use crate::text::Language;

    /// Whoever adds one comes here, and then the count is wrong.
    fn kind(text: T<'_>) -> usize {
        match text {
            T::First => 0,
            T::Offer => 1,
            T::List(_) => 2,
            T::NewCodes => 3,
            T::Renewed => 4,
            T::ReallyRemove(_) => 5,
            T::Removed(_) => 6,
            T::LastWay => 7,
            T::NewName(_) => 8,
            T::Renamed(_) => 9,
            T::OddName => 10,
            T::TakenName => 11,
            T::Speaks => 12,
            T::Nothing => 13,
            T::NotWritten => 14,
            T::Meanwhile => 15,
            T::Scan => 16,
            T::WhenReady => 17,
            T::NotReady => 18,
            T::TryOut(_) => 19,
            T::NotAdded => 20,
            T::Added(_) => 21,
            T::UpToDate { .. } => 22,
            T::OfferPhone => 23,
            T::OpenLink => 24,
        }
    }

    #[test]
    fn no_sentence_is_missing_from_the_list() {
        let mut kinds: Vec<usize> = all().into_iter().map(kind).collect();
        kinds.dedup();
        assert_eq!(kinds, (0..25).collect::<Vec<_>>());
    }

    #[test]
    fn who_reads_the_other_language_finds_its_name_in_it() {
        let lines = [Language::Swedish, Language::English].map(MethodsLine::Speak);
        assert!(english(T::List(&lines[..1])).contains("1. Svenska\n"));
        assert!(swedish(T::List(&lines[1..])).contains("1. English\n"));
    }

    #[test]
    fn the_question_whether_they_are_up_to_date_is_one_line_and_reads_like_this() {
        let text = T::UpToDate {
            few_codes: Some(2),
            silent_phone: Some("Pixel 9"),
            page: "https://mfa.example.org",
        };
        assert_eq!(
            english(text),
            "Are your methods up to date? You have 2 recovery codes left. The phone Pixel 9 has not answered for 90 days. \
             Type ? when you sign in to change them; see them at https://mfa.example.org ."
        );
        assert!(!swedish(text).contains('\n'));
    }
}
