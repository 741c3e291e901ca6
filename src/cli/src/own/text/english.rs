//! English.

use antiphon_core::record::TelephoneUse;

use super::Text;

pub(super) const OUTCOMES: &[(&str, &str)] = &[
    ("asked", "Started, not finished"),
    ("called", "Started, not finished; the phone was asked"),
    ("verified", "Right answer, not finished"),
    ("answered", "Wrong code"),
    ("sent", "A code was sent"),
    ("accepted", "Signed in"),
    ("exempt", "Signed in without a second factor"),
    ("wrong", "Wrong answer"),
    ("refused", "Refused"),
    ("locked", "Locked after too many wrong codes"),
    ("cancelled", "Cancelled"),
    ("unusable", "Could not be checked"),
    ("reported", "Refused: it was not you"),
    ("expired", "Time ran out"),
    ("enrolled", "Set-up finished"),
    ("enrolment-begun", "Set-up started"),
    ("enrolment-restarted", "Set-up started again"),
    ("enrolment-resumed", "Set-up continued"),
    ("enrolment-wrong-code", "Wrong code during set-up"),
    ("changed", "Methods changed during a sign-in"),
    ("unlocked", "Unlocked by the administrator"),
    ("removed", "Removed by the administrator"),
    ("recovery", "New recovery codes from the administrator"),
    ("bypass", "Temporary code from the administrator"),
    ("number", "Phone number changed by the administrator"),
];

pub(super) const METHODS: &[(&str, &str)] = &[
    ("approval", "approved on a phone"),
    ("code", "with a code"),
    ("sms", "with a code by text message"),
    ("call", "with a code by phone call"),
    ("recovery", "with a recovery code"),
    ("bypass", "with a temporary code"),
    ("enrolment", "during set-up"),
    ("phone", "a phone"),
];

pub(super) fn sentence(text: &Text<'_>) -> String {
    match text {
        Text::OnlyYourOwn => {
            "you can see only your own; for others, put sudo before the command".to_owned()
        }
        Text::Away(why) => format!("the service antiphond does not answer ({why}); tell your administrator"),
        Text::Later => "that cannot be answered now; try again in a moment".to_owned(),
        Text::Stopped => "stopped".to_owned(),
        Text::Unknown => "the system does not know who you are; tell your administrator".to_owned(),
        Text::TooOften => "too many requests; wait a minute".to_owned(),
        Text::NoSuchSignIn => {
            "no recent sign-in of yours has that name; antiphon activity shows their names".to_owned()
        }
        Text::NotUnderstood => {
            "the service antiphond is of another version than this command; tell your administrator".to_owned()
        }
        Text::NothingKnown => {
            "Nothing is known about how you sign in with a second factor. Ask your administrator.".to_owned()
        }
        Text::Phone(name, since) => format!("Phone that approves: {name}, since {since}"),
        Text::Codes => "Codes from an authenticator app".to_owned(),
        Text::Number(ending, uses) => {
            let by = match (uses.contains(&TelephoneUse::Sms), uses.contains(&TelephoneUse::Call)) {
                (true, true) => "by text message or phone call",
                (true, false) => "by text message",
                (false, true) => "by phone call",
                (false, false) => "not in use",
            };
            format!("Codes to the number ending in {ending}, {by}")
        }
        Text::RecoveryLeft(0) => "No recovery codes left: ask your administrator for new ones".to_owned(),
        Text::RecoveryLeft(1) => "1 recovery code left".to_owned(),
        Text::RecoveryLeft(left) => format!("{left} recovery codes left"),
        Text::HowToChange => {
            "To change something, choose it at a sign-in (type ? at the prompt), or ask your administrator.".to_owned()
        }
        Text::NoActivity => "No activity yet.".to_owned(),
        Text::HowToReport => "Was one of them not you? Type antiphon report and its name from the first column.".to_owned(),
        Text::From(place) => format!("from {place}"),
        Text::On(host) => format!("on {host}"),
        Text::Times(count, since) => format!("{count} times since {since}"),
        Text::By(caller) => format!("asked by {caller}"),
        Text::IsReported => "reported as not you".to_owned(),
        Text::WhichOne(most) => format!("Which one was not you? [1-{most}, or Enter for none] "),
        Text::NameIt => "say which sign-in, by its name in antiphon activity: antiphon report NAME".to_owned(),
        Text::NothingReported => "Nothing was reported.".to_owned(),
        Text::Reported => "Reported. It is now in your administrator's log.".to_owned(),
        Text::ReportedBefore => "That sign-in has been reported before.".to_owned(),
        Text::WhatNow => {
            "Change your password now, since someone may know it, and talk to your administrator.".to_owned()
        }
    }
}
