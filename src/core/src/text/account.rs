//! Sentences about approving with an account, in both languages.

use super::{Besides, CODE, Then, duration, english_hint, length, swedish_hint};
use crate::sentences;
use crate::state::Quiet;

sentences! {
    /// A sentence about approving with an account.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum AccountText<'a> {
        /// Shows number and address, and asks for whatever is to be typed.
        Prompt {
            /// The number to type on the page.
            number: &'a str,
            /// The page's address.
            address: &'a str,
            /// What the account is called.
            label: &'a str,
            /// What else can be typed.
            besides: Besides,
            /// What is typed after the sign-in at the provider.
            then: Then,
            /// Whether there are other methods.
            others: bool,
        } =>
            {
                let answer = match (then, besides) {
                    (Then::CheckDigits, Besides::Code(_)) => format!("{CODE} that the page shows, or one from your app"),
                    (Then::CheckDigits, _) => format!("{CODE} that the page shows"),
                    (Then::Enter, Besides::Code(digits)) => format!("{CODE}{}, or press Enter once approved", length(*digits, "digits")),
                    (Then::Enter, _) => "Then press Enter here".to_owned(),
                    (Then::Nothing, Besides::Code(digits)) => format!("{CODE}{} instead", length(*digits, "digits")),
                    (Then::Nothing, Besides::Recovery) => "Or type a recovery code here".to_owned(),
                    (Then::Nothing, Besides::Nothing) => "The sign-in continues by itself".to_owned(),
                };
                let hint = english_hint(*others);
                format!("Enter the number {number} at {address}\nand sign in there with your {label}.\n{answer}{hint}: ")
            },
            {
                let answer = match (then, besides) {
                    (Then::CheckDigits, Besides::Code(_)) => format!("{CODE} / kod som sidan visar, eller en i appen"),
                    (Then::CheckDigits, _) => format!("{CODE} / kod som sidan visar"),
                    (Then::Enter, Besides::Code(digits)) => {
                        format!("{CODE} / kod{}, eller Enter när du har godkänt", length(*digits, "siffror"))
                    }
                    (Then::Enter, _) => "Tryck sedan på Enter här".to_owned(),
                    (Then::Nothing, Besides::Code(digits)) => format!("{CODE} / kod{} i stället", length(*digits, "siffror")),
                    (Then::Nothing, Besides::Recovery) => "Eller skriv en återställningskod här".to_owned(),
                    (Then::Nothing, Besides::Nothing) => "Inloggningen fortsätter av sig själv".to_owned(),
                };
                let hint = swedish_hint(*others);
                format!("Skriv in numret {number} på {address}\noch logga in där med ditt {label}.\n{answer}{hint}: ")
            };
        /// Nobody has signed in at the provider yet.
        NotYet =>
            "You have not signed in on the page yet.",
            "Du har inte loggat in på sidan än.";
        /// The person has signed in at the provider, whose key for its answer is being fetched.
        Checking =>
            "The account's answer is still being checked. Wait a little.",
            "Kontots svar kontrolleras fortfarande. Vänta lite.";
        /// The person has signed in at the provider, and did not type the page's digits.
        DigitsMissing =>
            "Type the two digits that the page shows.",
            "Skriv de två siffror som sidan visar.";
        /// Other digits than the page's.
        WrongDigits =>
            "Those are not the digits that the page shows.",
            "Det är inte de siffror som sidan visar.";
        /// Signed in with another account.
        OtherAccount =>
            "You signed in there with another account than the one that belongs to you here.",
            "Du loggade in där med ett annat konto än det som är ditt här.";
        /// The provider did not ask the person to sign in again.
        OldSignIn =>
            "You were signed in there already, and that is not enough. Sign out of the account there, and try again.",
            "Du var redan inloggad där, och det räcker inte. Logga ut från kontot där och försök igen.";
        /// The provider's sign-in was not strong enough.
        TooWeak =>
            "You signed in there in a way that is not strong enough. Choose the stronger one.",
            "Du loggade in där på ett sätt som inte är tillräckligt säkert. Välj det säkrare sättet.";
        /// The token was invalid for another reason, or cannot be checked.
        Unusable =>
            "The account's answer could not be used. Ask your administrator.",
            "Kontots svar kunde inte användas. Fråga din administratör.";
        /// Nobody signed in at the provider in time.
        Expired =>
            "You did not sign in on the page in time.",
            "Du loggade inte in på sidan i tid.";
        /// The sign-in at the provider was cancelled or refused.
        Denied =>
            "The sign-in on the page was cancelled.",
            "Inloggningen på sidan avbröts.";
        /// Daemon or provider cannot be reached.
        Away =>
            "Your account cannot be asked now.",
            "Ditt konto kan inte användas just nu.";
        /// Another sign-in of this person waits for an approval.
        Busy =>
            "Another sign-in of yours is waiting to be approved.",
            "En annan av dina inloggningar väntar på att godkännas.";
        /// Nobody is asked for this reason, for this many more seconds.
        Quiet(why: Quiet, seconds: u64) =>
            {
                let left = duration(*seconds);
                match why {
                    Quiet::TooOften => format!("No approval is asked for in the next {left}, after too many requests."),
                    Quiet::Unanswered => {
                        format!("No approval is asked for in the next {left}, after many requests that nobody approved.")
                    }
                    Quiet::Reported => format!("You said that a sign-in was not you, so no approval is asked for in the next {left}."),
                }
            },
            {
                let left = duration(*seconds);
                match why {
                    Quiet::TooOften => format!("Du kan inte godkänna på {left}, eftersom det har varit för många frågor."),
                    Quiet::Unanswered => format!("Du kan inte godkänna på {left}, eftersom ingen har godkänt de senaste."),
                    Quiet::Reported => format!("Du svarade att det inte var du som loggade in, så du kan inte godkänna på {left}."),
                }
            };
        /// Approved with the account.
        Approved =>
            "Approved with your account.",
            "Godkänt med ditt konto.";
    }
}
