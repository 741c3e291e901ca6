//! Sentences for managing one's methods during a sign-in, and the question whether they are up to date.

use super::{CODE, Language, counted, numbered};
use crate::sentences;

sentences! {
    /// A line of the list of actions.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum MethodsLine<'a> {
        /// Add a phone.
        Add =>
            "Add a phone",
            "Lägg till en telefon";
        /// Remove the phone of this name.
        Remove(name: &'a str) =>
            "Remove the phone {name}",
            "Ta bort telefonen {name}";
        /// Rename the phone of this name.
        Rename(name: &'a str) =>
            "Rename the phone {name}",
            "Byt namn på telefonen {name}";
        /// Add an account that is called so.
        AddAccount(label: &'a str) =>
            "Add your {label}",
            "Lägg till ditt {label}";
        /// Remove the account of this name.
        RemoveAccount(name: &'a str) =>
            "Remove the account {name}",
            "Ta bort kontot {name}";
        /// Rename the account of this name.
        RenameAccount(name: &'a str) =>
            "Rename the account {name}",
            "Byt namn på kontot {name}";
        /// New recovery codes; this many are left.
        NewCodes(left: u32) =>
            "New recovery codes ({left} left)",
            "Nya återställningskoder ({left} kvar)";
        /// Switch to this language, which is named in itself for people who cannot read the other.
        Speak(language: Language) =>
            ("{}", if *language == Language::English { "Ask me in English" } else { "Svenska" }),
            ("{}", if *language == Language::Swedish { "Fråga mig på svenska" } else { "English" });
        /// Nothing more; continue the sign-in.
        Done =>
            "Done: go on with the sign-in",
            "Klar: fortsätt inloggningen";
    }
}

sentences! {
    /// A sentence about the person's methods. Names are safe to show.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum MethodsText<'a> {
        /// The person wants to manage their methods, and has to prove their identity first.
        First =>
            "First show that it is you. Your methods come after that.",
            "Visa först att det är du. Sedan kommer dina inloggningssätt.";
        /// Offers this to a person who signed in without their phone.
        Offer =>
            "You are signed in without your phone.\nType yes to look after your methods, for example if you have lost a phone,\nor \
             press Enter to go on: ",
            "Du är inloggad utan din telefon.\nSkriv ja för att ändra dina inloggningssätt, till exempel om telefonen är borta,\neller \
             tryck på Enter för att gå vidare: ";
        /// Offers a person who has just enrolled to add a phone too.
        OfferPhone =>
            "Your codes are set up.\nTo approve sign-ins on your phone too, type yes, or press Enter to go on: ",
            "Dina koder är klara.\nSkriv ja för att kunna godkänna inloggningar i telefonen också,\neller tryck på Enter \
             för att gå vidare: ";
        /// Offers a person who has just enrolled to add an account that is called so.
        OfferAccount(label: &'a str) =>
            "To approve sign-ins with your {label} too, type yes,\nor press Enter to go on: ",
            "Vill du kunna godkänna inloggningar med ditt {label}?\nSkriv ja, eller tryck på Enter för att gå vidare: ";
        /// Asks for one of the lines.
        List(lines: &'a [MethodsLine<'a>]) =>
            ("Your methods:\n{}Your choice: ", numbered(lines, |line| line.in_language(Language::English))),
            ("Dina inloggningssätt:\n{}Ditt val: ", numbered(lines, |line| line.in_language(Language::Swedish)));
        /// New recovery codes follow; they are not valid yet.
        NewCodes =>
            "These are your new recovery codes. When you press Enter they become valid, and all old ones \
             stop being valid. They are not shown again.",
            "Det här är dina nya återställningskoder. De börjar gälla, och alla gamla slutar gälla, när du \
             trycker på Enter. De visas inte igen.";
        /// They are valid now.
        Renewed =>
            "The new recovery codes are valid now; the old ones are no longer valid.",
            "Nu gäller de nya återställningskoderna; de gamla gäller inte längre.";
        /// Asks to confirm the removal of this phone.
        ReallyRemove(name: &'a str) =>
            "Remove the phone {name}?\nType yes, or press Enter to keep it: ",
            "Ska telefonen {name} tas bort?\nSkriv ja, eller tryck på Enter för att behålla den: ";
        /// The phone can no longer approve.
        Removed(name: &'a str) =>
            "The phone {name} can no longer approve sign-ins.",
            "Telefonen {name} kan inte längre godkänna inloggningar.";
        /// Asks to confirm the removal of this account.
        ReallyRemoveAccount(name: &'a str) =>
            "Remove the account {name}?\nType yes, or press Enter to keep it: ",
            "Ska kontot {name} tas bort?\nSkriv ja, eller tryck på Enter för att behålla det: ";
        /// The account can no longer approve.
        RemovedAccount(name: &'a str) =>
            "The account {name} can no longer approve sign-ins.",
            "Kontot {name} kan inte längre godkänna inloggningar.";
        /// Without this phone the person could not sign in.
        LastWay =>
            "Without it you could not sign in any more. Add another phone first, or ask your administrator.",
            "Utan den skulle du inte kunna logga in mer. Lägg till en annan telefon först, eller fråga din \
             administratör.";
        /// Asks for a new name for this phone.
        NewName(name: &'a str) =>
            "New name for {name}: ",
            "Nytt namn på {name}: ";
        /// The phone has been renamed.
        Renamed(name: &'a str) =>
            "The phone is called {name} now.",
            "Telefonen heter nu {name}.";
        /// The account has been renamed.
        RenamedAccount(name: &'a str) =>
            "The account is called {name} now.",
            "Kontot heter nu {name}.";
        /// The name is invalid.
        OddName =>
            "A name has 1 to 64 characters that can all be shown.",
            "Ett namn har 1 till 64 tecken som alla går att visa.";
        /// Another phone, or another account, has this name.
        TakenName =>
            "Another one of yours has that name.",
            "Ett annat av dina inloggningssätt heter redan så.";
        /// The language has been changed.
        Speaks =>
            "From now on you are asked in English.",
            "Från och med nu får du frågorna på svenska.";
        /// Nothing was done.
        Nothing =>
            "Nothing was changed.",
            "Ingenting har ändrats.";
        /// The change could not be written.
        NotWritten =>
            "That could not be saved; nothing has changed. Ask your administrator.",
            "Det gick inte att spara; ingenting har ändrats. Fråga din administratör.";
        /// Somebody else changed the record.
        Meanwhile =>
            "Your methods have been changed elsewhere meanwhile, so nothing is changed here. Sign in again.",
            "Dina inloggningssätt har ändrats på annat håll under tiden, så här ändras ingenting. Logga in \
             igen.";
        /// A QR code and a link for the new phone follow.
        Scan =>
            "Scan the QR code with the camera of the new phone, or open the link there, and do what its page says.",
            "Skanna QR-koden med den nya telefonens kamera, eller öppna länken där, och gör som sidan säger.";
        /// A link for the new phone follows.
        OpenLink =>
            "Open this link on the new phone, and do what its page says.",
            "Öppna länken i den nya telefonen, och gör som sidan säger.";
        /// Asks for Enter when the phone is ready.
        WhenReady =>
            "Press Enter when the page asks for it, or type no to stop: ",
            "Tryck på Enter när sidan ber om det, eller skriv nej: ";
        /// The phone is not ready.
        NotReady =>
            "The phone is not ready yet.",
            "Telefonen är inte klar än.";
        /// Asks to approve with the new phone, with this number.
        TryOut(number: &'a str) =>
            "Try it out: enter the number {number} on the new phone.\nIf it asks about notifications, answer that first.\nThen press Enter here, or type no to stop: ",
            "Prova den: skriv in numret {number} i den nya telefonen.\nFrågar den om aviseringar, så svara på det först.\nTryck sedan på Enter här, eller skriv nej för att \
             avbryta: ";
        /// The phone could not be added.
        NotAdded =>
            "The phone could not be added; nothing has changed.",
            "Telefonen kunde inte läggas till; ingenting har ändrats.";
        /// The phone is on file, but the daemon does not know it and the addition could not be undone.
        HalfAdded =>
            "The phone could not be added completely, and that could not be undone. Ask your administrator.",
            "Telefonen blev inte helt tillagd, och det gick inte att ta tillbaka. Fråga din administratör.";
        /// The phone was added, under this name.
        Added(name: &'a str) =>
            "The phone {name} can approve your sign-ins now.",
            "Nu kan telefonen {name} godkänna dina inloggningar.";
        /// A QR code and a link follow, to sign in with an account that is called so.
        SignInAt(label: &'a str) =>
            "Open this link in a browser, and sign in there with your {label}.",
            "Öppna länken i en webbläsare, och logga in där med ditt {label}.";
        /// Asks for Enter when the person has signed in.
        WhenSignedIn =>
            "Press Enter when you have signed in, or type no to stop: ",
            "Tryck på Enter när du har loggat in, eller skriv nej: ";
        /// Asks whether it was the person who signed in.
        WasItYou {
            /// What the provider calls whoever signed in.
            name: &'a str,
            /// The account's id there.
            subject: &'a str,
        } =>
            "The account is that of {name} ({subject}).\nType yes if it is yours, or press Enter to stop: ",
            "Det är kontot för {name} ({subject}).\nSkriv ja om det är ditt, eller tryck på Enter för att avbryta: ";
        /// Asks to approve with the new account.
        TryAccount {
            /// The number.
            number: &'a str,
            /// The page's address.
            address: &'a str,
        } =>
            "Try it out: enter the number {number}\nat {address} and sign in there once more.\nThen press Enter here, or type no to stop: ",
            "Prova det: skriv in numret {number}\npå {address} och logga in där en gång till.\nTryck sedan på Enter här, eller skriv nej för att avbryta: ";
        /// Asks for the page's check digits.
        DigitsOfPage =>
            { format!("{CODE} that the page shows: ") },
            { format!("{CODE} / kod som sidan visar: ") };
        /// The account could not be added.
        AccountNotAdded =>
            "The account could not be added; nothing has changed.",
            "Kontot kunde inte läggas till; ingenting har ändrats.";
        /// The account was added, under this name.
        AccountAdded(name: &'a str) =>
            "The account {name} can approve your sign-ins now.",
            "Nu kan kontot {name} godkänna dina inloggningar.";
        /// Asks whether the methods are up to date.
        UpToDate {
            /// How many recovery codes are left, if few.
            few_codes: Option<u32>,
            /// A phone that has not answered for long.
            silent_phone: Option<&'a str>,
            /// The page's address, or empty.
            page: &'a str,
        } =>
            {
                let mut said = "Are your methods up to date?".to_owned();
                match few_codes {
                    Some(0) => said.push_str(" You have no recovery codes left."),
                    Some(few) => said = format!("{said} You have {} left.", counted(*few, "recovery code", "recovery codes")),
                    None => {}
                }
                if let Some(name) = silent_phone {
                    said = format!("{said} The phone {name} has not answered for 90 days.");
                }
                said.push_str(" Type ? when you sign in to change them");
                said + &seen_at("; see them at ", page)
            },
            {
                let mut said = "Stämmer dina inloggningssätt fortfarande?".to_owned();
                match few_codes {
                    Some(0) => said.push_str(" Du har inga återställningskoder kvar."),
                    Some(few) => said = format!("{said} Du har {} kvar.", counted(*few, "återställningskod", "återställningskoder")),
                    None => {}
                }
                if let Some(name) = silent_phone {
                    said = format!("{said} Telefonen {name} har inte svarat på 90 dagar.");
                }
                said.push_str(" Skriv ? när du loggar in för att ändra dem");
                said + &seen_at("; du ser dem på ", page)
            };

    }
}

/// The end of the sentence, with the page's address if there is one.
fn seen_at(words: &str, page: &str) -> String {
    if page.is_empty() {
        ".".to_owned()
    } else {
        format!("{words}{page} .")
    }
}

#[cfg(test)]
mod tests {
    use super::{MethodsLine, MethodsText as T};
    use crate::text::Language;

    #[test]
    fn who_reads_the_other_language_finds_its_name_in_it() {
        let lines = [Language::Swedish, Language::English].map(MethodsLine::Speak);
        assert!(
            T::List(&lines[..1])
                .in_language(Language::English)
                .contains("1. Svenska\n")
        );
        assert!(
            T::List(&lines[1..])
                .in_language(Language::Swedish)
                .contains("1. English\n")
        );
    }

    #[test]
    fn the_question_whether_they_are_up_to_date_is_one_line_and_reads_like_this() {
        let text = T::UpToDate {
            few_codes: Some(2),
            silent_phone: Some("Pixel 9"),
            page: "https://mfa.example.org",
        };
        assert_eq!(
            text.in_language(Language::English),
            "Are your methods up to date? You have 2 recovery codes left. The phone Pixel 9 has not answered for 90 days. \
             Type ? when you sign in to change them; see them at https://mfa.example.org ."
        );
        assert!(!text.in_language(Language::Swedish).contains('\n'));
    }
}
