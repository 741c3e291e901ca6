//! English.

use super::{Besides, Text, duration};

pub(super) fn sentence(text: &Text<'_>) -> String {
    match text {
        Text::CodePrompt(digits) => format!("{digits}-digit code from your authenticator app: "),
        Text::ApprovalPrompt(number, besides, enter) => {
            let answer = match (besides, enter) {
                (Besides::Code(digits), true) => format!("Then press Enter here - or type a {digits}-digit code: "),
                (Besides::Code(digits), false) => format!("Or type a {digits}-digit code here: "),
                (Besides::Recovery | Besides::Nothing, true) => "Then press Enter here: ".to_owned(),
                (Besides::Recovery, false) => "Or type a recovery code here: ".to_owned(),
                (Besides::Nothing, false) => "It goes on here by itself: ".to_owned(),
            };
            format!("Approve the sign-in on your phone: enter the number {number}\n{answer}")
        }
        Text::NotYetApproved => "Not approved on the phone yet.".to_owned(),
        Text::WrongNumber => "The number did not match.".to_owned(),
        Text::WrongApproval => "The phone's answer could not be used.".to_owned(),
        Text::ApprovalExpired => "The phone did not answer in time.".to_owned(),
        Text::PhoneBusy => "Another sign-in of yours is waiting for the phone.".to_owned(),
        Text::PhoneAway => "The phone cannot be reached now.".to_owned(),
        Text::PhoneQuiet => "The phone is not asked now, after too many requests.".to_owned(),
        Text::Reported => "Refused on the phone.".to_owned(),
        Text::Approved => "Approved on the phone.".to_owned(),
        Text::RecoveryPrompt => "Recovery code: ".to_owned(),
        Text::WrongCode => "That code is wrong.".to_owned(),
        Text::UsedCode(seconds) => {
            format!("That code was already used; the next one comes in {}.", duration(*seconds))
        }
        Text::ClockWasAhead => {
            "This computer's clock has been wrong, and codes cannot be checked. Ask your administrator, or use a \
             recovery code."
                .to_owned()
        }
        Text::WrongRecovery => "That recovery code is wrong.".to_owned(),
        Text::UsedRecovery => "That recovery code was already used; take another one.".to_owned(),
        Text::WrongBypass => "That bypass code is wrong or no longer valid.".to_owned(),
        Text::RecoveryClosed => {
            "Your recovery codes are no longer valid. Ask your administrator for new ones.".to_owned()
        }
        Text::Malformed(digits) => format!("A code has {digits} digits."),
        Text::MalformedRecovery => "A recovery code looks like ABCD-EFGH-IJKL-MNOP.".to_owned(),
        Text::Empty => "Nothing was typed.".to_owned(),
        Text::Locked(seconds) => format!("Too many wrong codes. Try again in {}.", duration(*seconds)),
        Text::Closed => {
            "Too many wrong codes. Use a recovery code, or ask your administrator.".to_owned()
        }
        Text::NotEnrolled => {
            "You have no second factor yet. Ask your administrator to enrol you.".to_owned()
        }
        Text::Unavailable => {
            "The second factor cannot be checked now. Ask your administrator.".to_owned()
        }
        Text::CannotAsk => {
            "Your program cannot ask for the second factor. Ask your administrator.".to_owned()
        }
        Text::Missed(1, "") => {
            "1 wrong code since your last sign-in. If it was not you, change your password.".to_owned()
        }
        Text::Missed(1, from) => format!(
            "1 wrong code since your last sign-in, from {from}. If it was not you, change your password."
        ),
        Text::Missed(wrong, "") => format!(
            "{wrong} wrong codes since your last sign-in. If it was not you, change your password."
        ),
        Text::Missed(wrong, from) => format!(
            "{wrong} wrong codes since your last sign-in, from {from}. If it was not you, change your password."
        ),
        Text::RecoveryLeft(0) => {
            "That was your last recovery code. Ask your administrator for new ones.".to_owned()
        }
        Text::RecoveryLeft(1) => "You have 1 recovery code left.".to_owned(),
        Text::RecoveryLeft(left) => format!("You have {left} recovery codes left."),
    }
}
