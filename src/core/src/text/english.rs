//! English.

use std::fmt::{self, Write as _};

use super::message::Message;
use super::{Besides, CODE, Entry, Text, duration, enrolment, methods, numbered};
use crate::record::TelephoneUse;
use crate::state::Quiet;
use crate::way::Way;

#[allow(
    clippy::too_many_lines,
    reason = "one list of sentences, and nothing else"
)]
pub(super) fn sentence(text: &Text<'_>) -> String {
    match text {
        Text::CodePrompt { digits, others } => {
            format!("{CODE}{} from your authenticator app{}: ", length(*digits), hint(*others))
        }
        Text::ApprovalPrompt { number, besides, enter, others } => {
            let answer = match (besides, enter) {
                (Besides::Code(digits), true) => format!("{CODE}{}, or press Enter once approved", length(*digits)),
                (Besides::Code(digits), false) => format!("{CODE}{} instead", length(*digits)),
                (Besides::Recovery | Besides::Nothing, true) => "Then press Enter here".to_owned(),
                (Besides::Recovery, false) => "Or type a recovery code here".to_owned(),
                (Besides::Nothing, false) => "The sign-in continues by itself".to_owned(),
            };
            let hint = hint(*others);
            format!("Enter the number {number} on your phone to approve the sign-in.\n{answer}{hint}: ")
        }
        Text::SentPrompt { by, tel, others } => {
            let how = match by {
                TelephoneUse::Sms => "sent to",
                TelephoneUse::Call => "from the call to",
            };
            format!("{CODE} {how} {tel}{}: ", hint(*others))
        }
        Text::Choose(entries) => {
            let lines = numbered(entries, entry);
            format!("How do you want to show that it is you?\n{lines}Your choice: ")
        }
        Text::NoSuchChoice(most) => format!("Type a number from 1 to {most}."),
        Text::Sending(TelephoneUse::Sms, tel) => format!("A text is being sent to {tel}."),
        Text::Sending(TelephoneUse::Call, tel) => format!("{tel} is being called."),
        Text::NotSent(TelephoneUse::Sms) => "The text could not be sent.".to_owned(),
        Text::NotSent(TelephoneUse::Call) => "The call could not be made.".to_owned(),
        Text::TooManySent(seconds) => format!(
            "Too many codes have been sent to your telephone. One more can be sent in {}.",
            duration(*seconds)
        ),
        Text::ExpiredCode => "That code is no longer valid.".to_owned(),
        Text::NotAllowed => "That kind of code is not accepted here.".to_owned(),
        Text::NoMethodAllowed => {
            "None of your ways to show that it is you is accepted here. Ask your administrator.".to_owned()
        }
        Text::NotYetApproved => "Not approved on the phone yet.".to_owned(),
        Text::WrongNumber => "The number did not match.".to_owned(),
        Text::WrongApproval => "The phone's answer could not be used.".to_owned(),
        Text::ApprovalExpired => "The phone did not answer in time.".to_owned(),
        Text::PhoneBusy => "Another sign-in of yours is waiting for the phone.".to_owned(),
        Text::PhoneAway => "The phone cannot be reached now.".to_owned(),
        Text::PhoneQuiet(why, seconds) => {
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
        }
        Text::Reported => "Refused on the phone.".to_owned(),
        Text::Approved => "Approved on the phone.".to_owned(),
        Text::RecoveryPrompt { others } => format!("Recovery code{}: ", hint(*others)),
        Text::WrongCode => "That code is wrong.".to_owned(),
        Text::UsedCode(0) => {
            "That code was already used; type the newer one that your app shows.".to_owned()
        }
        Text::UsedCode(seconds) => {
            format!("That code was already used; the next one comes in {}.", duration(*seconds))
        }
        Text::UseUnknown(0) => {
            "This computer no longer knows which codes have been used. Type the newer code that your app shows.".to_owned()
        }
        Text::UseUnknown(seconds) => format!(
            "This computer no longer knows which codes have been used. Type the next code, which comes in {}.",
            duration(*seconds)
        ),
        Text::ReadOnly => {
            "This computer's disk is read-only, and such codes cannot be used now. Use a code from your app, or ask your \
             administrator."
                .to_owned()
        }
        Text::ClockWasAhead => {
            "This computer's clock has been wrong, and codes cannot be checked. Ask your administrator, or use a \
             recovery code."
                .to_owned()
        }
        Text::WrongRecovery => "That recovery code is wrong.".to_owned(),
        Text::UsedRecovery => "That recovery code was already used; take another one.".to_owned(),
        Text::WrongBypass => "That temporary code is wrong or no longer valid.".to_owned(),
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
        Text::Unfinished(count, from) => {
            let (what, was) = if *count == 1 {
                ("1 sign-in".to_owned(), "was")
            } else {
                (format!("{count} sign-ins"), "were")
            };
            let from = if from.is_empty() { String::new() } else { format!(" from {from}") };
            format!(
                "Since your last sign-in, {what}{from} had your password but {was} not finished. If it was not you, change \
                 your password."
            )
        }
        Text::RecoveryLeft(0) => {
            "That was your last recovery code. Ask your administrator for new ones.".to_owned()
        }
        Text::RecoveryLeft(1) => "You have 1 recovery code left.".to_owned(),
        Text::RecoveryLeft(left) => format!("You have {left} recovery codes left."),
        Text::Enrolment(text) => enrolment::english(*text),
        Text::Methods(text) => methods::english(*text),
    }
}

/// How long the code is, where that is not what everybody expects.
fn length(digits: u8) -> String {
    match digits {
        6 => String::new(),
        digits => format!(" ({digits} digits)"),
    }
}

fn hint(others: bool) -> &'static str {
    if others { " (? for other ways)" } else { "" }
}

fn entry(entry: &Entry<'_>) -> String {
    match entry {
        Entry::Way(Way::Approval) => "Approve a request in my authenticator app".to_owned(),
        Entry::Way(Way::Code) => "Use a verification code".to_owned(),
        Entry::Way(Way::Telephone(TelephoneUse::Sms, number)) => {
            format!("Text {}", number.masked())
        }
        Entry::Way(Way::Telephone(TelephoneUse::Call, number)) => {
            format!("Call {}", number.masked())
        }
        Entry::Way(Way::Recovery) => "Use a recovery code".to_owned(),
        Entry::Methods => "Look after my methods".to_owned(),
        Entry::Cancel => "Cancel".to_owned(),
    }
}

pub(super) fn message(message: &Message<'_>, spoken: &str, to: &mut String) -> fmt::Result {
    let Message {
        by,
        code,
        user,
        host,
        service,
        remote_host,
    } = message;
    match by {
        TelephoneUse::Sms => {
            write!(
                to,
                "{code} is your code to sign in to {host} ({service}) as {user}"
            )?;
            if !remote_host.is_empty() {
                write!(to, ", from {remote_host}")?;
            }
            to.write_str(". Never give it to anybody.")
        }
        TelephoneUse::Call => write!(
            to,
            "This is the computer {host}. Your code is: {spoken}. Once more: {spoken}. Never give it to anybody. Goodbye."
        ),
    }
}
