//! Sentences of a sign-in, in both languages.

use super::account::AccountText;
use super::enrolment::EnrolmentText;
use super::methods::MethodsText;
use super::{
    Besides, CODE, Language, counted, duration, english_hint, length, numbered, swedish_hint,
    unless_empty,
};
use crate::record::TelephoneUse;
use crate::sentences;
use crate::state::Quiet;
use crate::way::Way;

sentences! {
    /// A line of the list of methods.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Entry<'a> {
        /// A method.
        Way(way: Way<'a>) =>
            {
                match way {
                    Way::Approval => "Approve a request in my authenticator app".to_owned(),
                    Way::Account(way) => {
                        let label = way.provider.label.in_language(Language::English);
                        format!("Approve with your {label}{}", unless_empty(": ", way.told_apart_by()))
                    }
                    Way::Code => "Use a verification code".to_owned(),
                    Way::Telephone(TelephoneUse::Sms, number) => format!("Text {}", number.masked()),
                    Way::Telephone(TelephoneUse::Call, number) => format!("Call {}", number.masked()),
                    Way::Recovery => "Use a recovery code".to_owned(),
                }
            },
            {
                match way {
                    Way::Approval => "Godkänn en begäran i min autentiseringsapp".to_owned(),
                    Way::Account(way) => {
                        let label = way.provider.label.in_language(Language::Swedish);
                        format!("Godkänn med ditt {label}{}", unless_empty(": ", way.told_apart_by()))
                    }
                    Way::Code => "Använd en verifieringskod".to_owned(),
                    Way::Telephone(TelephoneUse::Sms, number) => format!("Skicka sms till {}", number.masked()),
                    Way::Telephone(TelephoneUse::Call, number) => format!("Ring {}", number.masked()),
                    Way::Recovery => "Använd en återställningskod".to_owned(),
                }
            };
        /// Manage one's methods, once the person has proved their identity.
        Methods =>
            "Look after my methods",
            "Ändra mina inloggningssätt";
        /// End the sign-in.
        Cancel =>
            "Cancel",
            "Avbryt";
    }
}

sentences! {
    /// A sentence and its arguments. None ever says that a file is broken. Prompts end with a colon and a space, other
    /// sentences with a full stop; none ends with a newline.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Text<'a> {
        /// Asks for a code from the app.
        CodePrompt {
            /// Its length.
            digits: u8,
            /// Whether there are other methods, which `?` shows; also below.
            others: bool,
        } =>
            ("{CODE}{} from your app{}: ", length(*digits, "digits"), english_hint(*others)),
            ("{CODE} / kod{} från din app{}: ", length(*digits, "siffror"), swedish_hint(*others));
        /// Shows the number and asks for whatever else can be typed.
        ApprovalPrompt {
            /// The number to type on the phone.
            number: &'a str,
            /// What else can be typed.
            besides: Besides,
            /// Whether Enter has to be pressed.
            enter: bool,
            /// Whether there are other methods.
            others: bool,
        } =>
            {
                let answer = match (besides, enter) {
                    (Besides::Code(digits), true) => format!("{CODE}{}, or press Enter once approved", length(*digits, "digits")),
                    (Besides::Code(digits), false) => format!("{CODE}{} instead", length(*digits, "digits")),
                    (Besides::Recovery | Besides::Nothing, true) => "Then press Enter here".to_owned(),
                    (Besides::Recovery, false) => "Or type a recovery code here".to_owned(),
                    (Besides::Nothing, false) => "The sign-in continues by itself".to_owned(),
                };
                let hint = english_hint(*others);
                format!("Enter the number {number} on your phone to approve the sign-in.\n{answer}{hint}: ")
            },
            {
                let answer = match (besides, enter) {
                    (Besides::Code(digits), true) => {
                        format!("{CODE} / kod{}, eller Enter när du har godkänt", length(*digits, "siffror"))
                    }
                    (Besides::Code(digits), false) => format!("{CODE} / kod{} i stället", length(*digits, "siffror")),
                    (Besides::Recovery | Besides::Nothing, true) => "Tryck sedan på Enter här".to_owned(),
                    (Besides::Recovery, false) => "Eller skriv en återställningskod här".to_owned(),
                    (Besides::Nothing, false) => "Inloggningen fortsätter av sig själv".to_owned(),
                };
                let hint = swedish_hint(*others);
                format!("Skriv in numret {number} i telefonen och godkänn inloggningen.\n{answer}{hint}: ")
            };
        /// Asks for the code that was sent to a telephone.
        SentPrompt {
            /// How it was sent.
            by: TelephoneUse,
            /// The masked number.
            tel: &'a str,
            /// Whether there are other methods.
            others: bool,
        } =>
            {
                let how = match by {
                    TelephoneUse::Sms => "sent to",
                    TelephoneUse::Call => "from the call to",
                };
                format!("{CODE} {how} {tel}{}: ", english_hint(*others))
            },
            {
                let how = match by {
                    TelephoneUse::Sms => "skickad till",
                    TelephoneUse::Call => "från samtalet till",
                };
                format!("{CODE} / kod {how} {tel}{}: ", swedish_hint(*others))
            };
        /// Asks for one of the lines.
        Choose(entries: &'a [Entry<'a>]) =>
            ("How do you want to show that it is you?\n{}Your choice: ",
             numbered(entries, |entry| entry.in_language(Language::English))),
            ("Hur vill du visa att det är du?\n{}Ditt val: ",
             numbered(entries, |entry| entry.in_language(Language::Swedish)));
        /// The input is not one of the list's numbers, 1 to this.
        NoSuchChoice(most: usize) =>
            "Type a number from 1 to {most}.",
            "Skriv en siffra från 1 till {most}.";
        /// A code is being sent to this masked number.
        Sending(by: TelephoneUse, tel: &'a str) =>
            {
                match by {
                    TelephoneUse::Sms => format!("A text is being sent to {tel}."),
                    TelephoneUse::Call => format!("{tel} is being called."),
                }
            },
            {
                match by {
                    TelephoneUse::Sms => format!("Ett sms skickas till {tel}."),
                    TelephoneUse::Call => format!("{tel} rings upp."),
                }
            };
        /// The code could not be sent.
        NotSent(by: TelephoneUse) =>
            ("{}", match by {
                TelephoneUse::Sms => "The text could not be sent.",
                TelephoneUse::Call => "The call could not be made.",
            }),
            ("{}", match by {
                TelephoneUse::Sms => "Det gick inte att skicka ett sms.",
                TelephoneUse::Call => "Det gick inte att ringa.",
            });
        /// Too many codes were sent: the next one can be sent in this many seconds.
        TooManySent(seconds: u64) =>
            ("Too many codes have been sent to your telephone. One more can be sent in {}.", duration(*seconds)),
            ("För många koder har skickats till din telefon. Nästa kan skickas om {}.", duration(*seconds));
        /// A code that was sent has expired.
        ExpiredCode =>
            "That code is no longer valid.",
            "Koden gäller inte längre.";
        /// The service does not allow this method.
        NotAllowed =>
            "That kind of code is not accepted here.",
            "En sådan kod godtas inte här.";
        /// The service allows none of the person's methods.
        NoMethodAllowed =>
            "None of your ways to show that it is you is accepted here. Ask your administrator.",
            "Inget av dina sätt att visa att det är du godtas här. Fråga din administratör.";
        /// The phone has not answered yet.
        NotYetApproved =>
            "Not approved on the phone yet.",
            "Inte godkänd i telefonen än.";
        /// The wrong number was typed on the phone.
        WrongNumber =>
            "The number did not match.",
            "Numret stämde inte.";
        /// The phone's answer was invalid.
        WrongApproval =>
            "The phone's answer could not be used.",
            "Telefonens svar kunde inte användas.";
        /// The phone did not answer in time.
        ApprovalExpired =>
            "The phone did not answer in time.",
            "Telefonen svarade inte i tid.";
        /// Another sign-in of this person waits for the phone.
        PhoneBusy =>
            "Another sign-in of yours is waiting for the phone.",
            "En annan av dina inloggningar väntar på telefonen.";
        /// The phone cannot be reached now.
        PhoneAway =>
            "The phone cannot be reached now.",
            "Telefonen kan inte nås just nu.";
        /// The phone is paused for this reason, for this many more seconds.
        PhoneQuiet(why: Quiet, seconds: u64) =>
            {
                let left = duration(*seconds);
                match why {
                    Quiet::TooOften => format!("The phone is not asked for {left}, after too many requests."),
                    Quiet::Unanswered => {
                        format!("The phone is not asked for {left}, after many requests that nobody approved.")
                    }
                    Quiet::Reported => format!(
                        "You said on your phone that a sign-in was not you, so it is not asked for {left}. If it was you after \
                         all, end the pause on the phone's page."
                    ),
                }
            },
            {
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
            };
        /// Somebody said "It is not me" on the phone.
        Reported =>
            "Refused on the phone.",
            "Stoppad i telefonen.";
        /// Approved on the phone.
        Approved =>
            "Approved on the phone.",
            "Godkänd i telefonen.";
        /// Asks for a recovery code.
        RecoveryPrompt {
            /// Whether there are other methods.
            others: bool,
        } =>
            ("Recovery code{}: ", english_hint(*others)),
            ("Återställningskod{}: ", swedish_hint(*others));
        /// The code was wrong.
        WrongCode =>
            "That code is wrong.",
            "Koden är fel.";
        /// The code was used already; seconds until the next one, 0 if it is there already.
        UsedCode(seconds: u64) =>
            {
                match seconds {
                    0 => "That code was already used; type the newer one that your app shows.".to_owned(),
                    seconds => format!("That code was already used; the next one comes in {}.", duration(*seconds)),
                }
            },
            {
                match seconds {
                    0 => "Koden är redan använd; skriv den nyare som finns i appen.".to_owned(),
                    seconds => format!("Koden är redan använd; nästa kommer om {}.", duration(*seconds)),
                }
            };
        /// Whether the code was used is unknown; seconds until the next one, 0 if it is there already.
        UseUnknown(seconds: u64) =>
            {
                match seconds {
                    0 => "This computer no longer knows which codes have been used. Type the newer code that your app shows.".to_owned(),
                    seconds => format!(
                        "This computer no longer knows which codes have been used. Type the next code, which comes in {}.",
                        duration(*seconds)
                    ),
                }
            },
            {
                match seconds {
                    0 => "Datorn vet inte längre vilka koder som har använts. Skriv den nyare koden som finns i appen.".to_owned(),
                    seconds => format!(
                        "Datorn vet inte längre vilka koder som har använts. Skriv nästa kod, som kommer om {}.",
                        duration(*seconds)
                    ),
                }
            };
        /// Recovery and bypass codes are refused while the disk is read-only.
        ReadOnly =>
            "This computer's disk is read-only, and such codes cannot be used now. Use a code from your app, or ask your \
             administrator.",
            "Datorns disk är skrivskyddad, och sådana koder kan inte användas just nu. Använd en kod från din app, eller fråga \
             din administratör.";
        /// The host's clock ran ahead and was set back.
        ClockWasAhead =>
            "This computer's clock has been wrong, and codes cannot be checked. Ask your administrator, or use a \
             recovery code.",
            "Datorns klocka har gått fel, och koder kan inte kontrolleras. Fråga din administratör, eller använd en \
             återställningskod.";
        /// The recovery code was wrong.
        WrongRecovery =>
            "That recovery code is wrong.",
            "Återställningskoden är fel.";
        /// The recovery code was used already.
        UsedRecovery =>
            "That recovery code was already used; take another one.",
            "Återställningskoden är redan använd; ta en annan.";
        /// Recovery codes are disabled until there are new ones.
        RecoveryClosed =>
            "Your recovery codes are no longer valid. Ask your administrator for new ones.",
            "Dina återställningskoder gäller inte längre. Be din administratör om nya.";
        /// The bypass code was wrong, used up or expired.
        WrongBypass =>
            "That temporary code is wrong or no longer valid.",
            "Den tillfälliga koden är fel eller gäller inte längre.";
        /// The input is not a code, which has this many digits.
        Malformed(digits: u8) =>
            "A code has {digits} digits.",
            "En kod har {digits} siffror.";
        /// The input is not a recovery code.
        MalformedRecovery =>
            "A recovery code looks like ABCD-EFGH-IJKL-MNOP.",
            "En återställningskod ser ut så här: ABCD-EFGH-IJKL-MNOP.";
        /// Nothing was typed.
        Empty =>
            "Nothing was typed.",
            "Du skrev ingenting.";
        /// Too many wrong codes; seconds until codes are checked again.
        Locked(seconds: u64) =>
            ("Too many wrong codes. Try again in {}.", duration(*seconds)),
            ("För många felaktiga koder. Försök igen om {}.", duration(*seconds));
        /// Too many wrong codes in a row.
        Closed =>
            "Too many wrong codes. Use a recovery code, or ask your administrator.",
            "För många felaktiga koder. Använd en återställningskod eller fråga din administratör.";
        /// The person has no second factor.
        NotEnrolled =>
            "You have no second factor yet. Ask your administrator to enrol you.",
            "Du har ingen tvåfaktorsinloggning än. Be din administratör att ordna den.";
        /// Before the first prompt of a rehearsal.
        Rehearsal =>
            "Try out your second factor. For now you are let in whatever you answer; Enter skips this.",
            "Prova din tvåfaktorsinloggning. Än så länge släpps du in vad du än svarar; Enter hoppar över.";
        /// After a rehearsal without a right answer.
        RehearsalFailed =>
            "You are let in without it this time. Soon you will need it: if it does not work, ask your administrator.",
            "Du släpps in ändå den här gången. Snart behövs den: fråga din administratör om den inte fungerar.";
        /// After a right answer in a rehearsal.
        RehearsalRight =>
            "That was right: your second factor works.",
            "Det var rätt: din tvåfaktorsinloggning fungerar.";
        /// After the first right answer of a person who is asked in earnest from then on.
        InEarnest =>
            "That was right: your second factor works. From now on you need it each time.",
            "Det var rätt: din tvåfaktorsinloggning fungerar. Från och med nu behövs den varje gång.";
        /// The second factor cannot be checked now.
        Unavailable =>
            "The second factor cannot be checked now. Ask your administrator.",
            "Tvåfaktorsinloggningen fungerar inte just nu. Fråga din administratör.";
        /// The client cannot show our prompt.
        CannotAsk =>
            "Your program cannot ask for the second factor. Ask your administrator.",
            "Ditt program klarar inte tvåfaktorsinloggning. Fråga din administratör.";
        /// After success: wrong codes since the last one, and where they came from (may be empty).
        Missed(wrong: u32, from: &'a str) =>
            ("{} since your last sign-in{}. If it was not you, change your password.",
             counted(*wrong, "wrong code", "wrong codes"), unless_empty(", from ", from)),
            ("{} sedan du senast loggade in{}. Byt lösenord om det inte var du.",
             counted(*wrong, "felaktig kod", "felaktiga koder"), unless_empty(", från ", from));
        /// After success: sign-ins since the last one that had the password and were not finished, and where they came
        /// from (may be empty).
        Unfinished(count: u32, from: &'a str) =>
            ("Since your last sign-in, {}{} had your password but {} not finished. If it was not you, change your password.",
             counted(*count, "sign-in", "sign-ins"), unless_empty(" from ", from), if *count == 1 { "was" } else { "were" }),
            ("Sedan du senast loggade in har {}{} påbörjats med rätt lösenord men inte slutförts. Byt lösenord om det inte var du.",
             counted(*count, "inloggning", "inloggningar"), unless_empty(" från ", from));
        /// After success: sign-ins since the last one with the second factor that went on without it, because it was only
        /// being tried out.
        LetIn {
            /// How many.
            count: u32,
            /// Where they came from; may be empty.
            from: &'a str,
            /// When the last one was, in UTC.
            last: &'a str,
        } =>
            ("Since you last used your second factor, {}{} went on without it, the last one at {last} UTC. If it was not you, \
              change your password.",
             counted(*count, "sign-in", "sign-ins"), unless_empty(" from ", from)),
            ("Sedan du senast använde din tvåfaktorsinloggning har {}{} släppts in utan den, den senaste {last} UTC. Byt \
              lösenord om det inte var du.",
             counted(*count, "inloggning", "inloggningar"), unless_empty(" från ", from));
        /// After a recovery code: how many are left.
        RecoveryLeft(left: u32) =>
            {
                match left {
                    0 => "That was your last recovery code. Ask your administrator for new ones.".to_owned(),
                    left => format!("You have {} left.", counted(*left, "recovery code", "recovery codes")),
                }
            },
            {
                match left {
                    0 => "Det var din sista återställningskod. Be din administratör om nya.".to_owned(),
                    left => format!("Du har {} kvar.", counted(*left, "återställningskod", "återställningskoder")),
                }
            };
        /// A sentence about approving with an account.
        Account(text: AccountText<'a>) =>
            { text.in_language(Language::English) },
            { text.in_language(Language::Swedish) };
        /// A sentence of an enrolment at the sign-in.
        Enrolment(text: EnrolmentText<'a>) =>
            { text.in_language(Language::English) },
            { text.in_language(Language::Swedish) };
        /// A sentence about the person's methods.
        Methods(text: MethodsText<'a>) =>
            { text.in_language(Language::English) },
            { text.in_language(Language::Swedish) };

    }
}

impl<'a> From<AccountText<'a>> for Text<'a> {
    fn from(text: AccountText<'a>) -> Self {
        Self::Account(text)
    }
}

impl<'a> From<EnrolmentText<'a>> for Text<'a> {
    fn from(text: EnrolmentText<'a>) -> Self {
        Self::Enrolment(text)
    }
}

impl<'a> From<MethodsText<'a>> for Text<'a> {
    fn from(text: MethodsText<'a>) -> Self {
        Self::Methods(text)
    }
}
