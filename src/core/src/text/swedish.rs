//! Swedish.

use super::{Besides, Text, duration};

pub(super) fn sentence(text: &Text<'_>) -> String {
    match text {
        Text::CodePrompt(digits) => format!("{digits}-siffrig kod från din autentiseringsapp: "),
        Text::ApprovalPrompt(number, besides, enter) => {
            let answer = match (besides, enter) {
                (Besides::Code(digits), true) => format!("Tryck sedan Enter här - eller skriv en {digits}-siffrig kod: "),
                (Besides::Code(digits), false) => format!("Eller skriv en {digits}-siffrig kod här: "),
                (Besides::Recovery | Besides::Nothing, true) => "Tryck sedan Enter här: ".to_owned(),
                (Besides::Recovery, false) => "Eller skriv en återställningskod här: ".to_owned(),
                (Besides::Nothing, false) => "Det går vidare här av sig självt: ".to_owned(),
            };
            format!("Godkänn inloggningen i telefonen: skriv in talet {number}\n{answer}")
        }
        Text::NotYetApproved => "Inte godkänd i telefonen än.".to_owned(),
        Text::WrongNumber => "Talet stämde inte.".to_owned(),
        Text::WrongApproval => "Telefonens svar kunde inte användas.".to_owned(),
        Text::ApprovalExpired => "Telefonen svarade inte i tid.".to_owned(),
        Text::PhoneBusy => "En annan av dina inloggningar väntar på telefonen.".to_owned(),
        Text::PhoneAway => "Telefonen kan inte nås just nu.".to_owned(),
        Text::PhoneQuiet => "Telefonen tillfrågas inte just nu, efter för många förfrågningar.".to_owned(),
        Text::Reported => "Avvisad i telefonen.".to_owned(),
        Text::Approved => "Godkänd i telefonen.".to_owned(),
        Text::RecoveryPrompt => "Återställningskod: ".to_owned(),
        Text::WrongCode => "Koden är fel.".to_owned(),
        Text::UsedCode(seconds) => {
            format!("Koden är redan använd; nästa kommer om {}.", duration(*seconds))
        }
        Text::ClockWasAhead => {
            "Datorns klocka har gått fel, och koder kan inte kontrolleras. Fråga din administratör, eller använd en \
             återställningskod."
                .to_owned()
        }
        Text::WrongRecovery => "Återställningskoden är fel.".to_owned(),
        Text::UsedRecovery => "Återställningskoden är redan använd; ta en annan.".to_owned(),
        Text::WrongBypass => "Koden från administratören är fel eller gäller inte längre.".to_owned(),
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
            "Du har ingen andra faktor än. Be din administratör att lägga upp den.".to_owned()
        }
        Text::Unavailable => {
            "Den andra faktorn kan inte kontrolleras just nu. Fråga din administratör.".to_owned()
        }
        Text::CannotAsk => {
            "Ditt program kan inte fråga efter den andra faktorn. Fråga din administratör.".to_owned()
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
        Text::RecoveryLeft(0) => {
            "Det var din sista återställningskod. Be din administratör om nya.".to_owned()
        }
        Text::RecoveryLeft(1) => "Du har 1 återställningskod kvar.".to_owned(),
        Text::RecoveryLeft(left) => format!("Du har {left} återställningskoder kvar."),
    }
}
