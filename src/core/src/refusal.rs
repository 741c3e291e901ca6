//! Why a sign-in is refused: a word for the log, and a fix for the administrator.

use crate::shell;

/// Why a sign-in is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The last answer was wrong.
    Wrong,
    /// The last answer was right but already used.
    Used,
    /// The last answer was right, but whether it was already used is unknown.
    UseUnknown,
    /// The last answer was right, but one from the future had been accepted before.
    ClockWasAhead,
    /// The last answer was a recovery code of a set whose used codes are unknown.
    RecoveryClosed,
    /// The last answer was a recovery or bypass code, and the disk is read-only.
    ReadOnlyDisk,
    /// Somebody said "It is not me" on the phone.
    Reported,
    /// The person said on the phone that they started it by mistake.
    Mistake,
    /// Whoever opened the page of the sign-in said there that it is not theirs.
    NotTheirs,
    /// The phone is the person's only method, and could not be called.
    PhoneAway,
    /// The phone is the person's only method, and is paused.
    PhoneNotAsked,
    /// The account is the person's only method, and could not be asked.
    AccountAway,
    /// The account is the person's only method, and nobody is asked for an approval for a while.
    AccountNotAsked,
    /// No answer that could have been right or wrong.
    NoAnswer,
    /// The prompt was answered with the password, so nobody saw it.
    PasswordAnswered,
    /// sshd's password method shows no prompts.
    BlindPasswordMethod,
    /// The prompt was answered with the user name, so nobody saw it.
    NameAnswered,
    /// The program could not even show the prompt.
    CannotAsk,
    /// No first factor was checked before us.
    NoFirstFactor,
    /// The password was wrong, but the stack continued.
    WrongPassword,
    /// The system knows no such user.
    UnknownUser,
    /// The person has no record.
    NotEnrolled,
    /// The person has no record here, and a relay says that the fleet has none either.
    NotInFleet,
    /// The person has a record, but nothing in it to ask for.
    NothingToAsk,
    /// The service allows none of the person's methods.
    NoMethodAllowed,
    /// The last answer used a method that the service does not allow.
    MethodNotAllowed,
    /// The last answer was a sent code, but it had expired.
    ExpiredCode,
    /// A code could not be sent to the person's telephone.
    NotSent,
    /// Too many codes were sent to the person's telephone; none is sent for a while.
    TooManySent,
    /// The person has no record, and may not enrol in this sign-in.
    EnrolmentClosed(EnrolmentClosed),
    /// The person was enrolling, and no code confirmed it.
    Unconfirmed,
    /// The person was enrolling, and was enrolled by another sign-in or by root meanwhile.
    EnrolledMeanwhile,
    /// The person was enrolling, and restarted elsewhere, or the enrolment expired.
    EnrolmentVoid,
    /// The person's enrolment was restarted too often lately, and must wait.
    EnrolmentTooOften,
}

/// The rule, of `[enroll]` or built in, that is not met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnrolmentClosed {
    /// The user database has another name for the user id.
    SecondName,
    /// The end date is past.
    Over,
    /// The sign-in does not come from one of the networks.
    Network,
    /// The host gave a name instead of an address, which matches no network.
    HostName,
    /// The person is in none of the groups.
    Group,
    /// There is no telephone number on file.
    NoNumber,
    /// Nothing shows that a password was checked.
    NoPassword,
}

impl Refusal {
    /// The word after `reason=`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::Used => "used",
            Self::UseUnknown => "use-unknown",
            Self::ClockWasAhead => "clock-was-ahead",
            Self::RecoveryClosed => "recovery-closed",
            Self::ReadOnlyDisk => "read-only-disk",
            Self::Reported => "reported",
            Self::Mistake => "mistake",
            Self::NotTheirs => "not-theirs",
            Self::PhoneAway => "phone-away",
            Self::PhoneNotAsked => "phone-not-asked",
            Self::AccountAway => "account-away",
            Self::AccountNotAsked => "account-not-asked",
            Self::NoAnswer => "no-answer",
            Self::PasswordAnswered => "password-answered",
            Self::BlindPasswordMethod => "blind-password-method",
            Self::NameAnswered => "name-answered",
            Self::CannotAsk => "cannot-ask",
            Self::NoFirstFactor => "no-first-factor",
            Self::WrongPassword => "wrong-password",
            Self::UnknownUser => "unknown-user",
            Self::NotEnrolled => "not-enrolled",
            Self::NotInFleet => "not-in-fleet",
            Self::NothingToAsk => "nothing-to-ask",
            Self::EnrolmentClosed(why) => why.word(),
            Self::Unconfirmed => "unconfirmed",
            Self::EnrolledMeanwhile => "enrolled-meanwhile",
            Self::EnrolmentVoid => "enrolment-void",
            Self::EnrolmentTooOften => "enrolment-too-often",
            Self::NoMethodAllowed => "no-method-allowed",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::ExpiredCode => "expired-code",
            Self::NotSent => "not-sent",
            Self::TooManySent => "too-many-sent",
        }
    }

    /// A fix for the administrator, for the log.
    #[must_use]
    pub fn fix(self, user: &str) -> Option<String> {
        let user = shell::word(user);
        Some(match self {
            // Not "remove the password method": if a list of methods still needs it, sshd would not start.
            Self::BlindPasswordMethod => {
                "sshd's password method cannot show our prompt; in sshd_config set KbdInteractiveAuthentication yes and \
                 PasswordAuthentication no, and where AuthenticationMethods names password, write keyboard-interactive in \
                 its place, once; then run: sshd -t"
                    .to_owned()
            }
            Self::PasswordAnswered => {
                "the program that signs in gave the password as the answer to our prompt, too, and showed it to nobody: let it \
                 show each prompt, or use another program; no setting here changes that"
                    .to_owned()
            }
            Self::NameAnswered | Self::CannotAsk => {
                "the program cannot ask for a second factor; exempt its service in antiphon.toml ([exempt] services), or \
                 take pam_antiphon.so out of its file in /etc/pam.d"
                    .to_owned()
            }
            Self::WrongPassword => {
                "the password was wrong, and the stack went on to pam_antiphon.so all the same; make the line that asks for \
                 the password end it (requisite), and include its file instead of using substack"
                    .to_owned()
            }
            Self::NoFirstFactor => {
                "nothing before us asked for a password or key; check the lines before pam_antiphon.so, or set \
                 first_factor = \"optional\""
                    .to_owned()
            }
            Self::ClockWasAhead => {
                format!("a code of the future was accepted before the clock was set back; run: antiphon unlock {user}")
            }
            Self::UseUnknown => {
                "the note of the codes that were used was lost, so codes up to then are refused once; the next code works"
                    .to_owned()
            }
            Self::ReadOnlyDisk => {
                "recovery codes are refused while the file system of the states is read-only; mount it for writing".to_owned()
            }
            Self::RecoveryClosed => format!("run: antiphon recovery {user}"),
            Self::PhoneAway => {
                "the phone is the only way and could not be asked; look at antiphond, or give the person codes".to_owned()
            }
            Self::PhoneNotAsked => {
                "the phone is the only way and is not called for a while, after too many calls, \"It is not me\", or while \
                 another sign-in waits for it"
                    .to_owned()
            }
            Self::AccountAway => {
                "the account is the only way and could not be asked; look at antiphond and its provider, or give the person \
                 codes"
                    .to_owned()
            }
            Self::AccountNotAsked => {
                "the account is the only way and is not asked for a while, after too many requests, \"It is not me\", or while \
                 another sign-in waits for an approval"
                    .to_owned()
            }
            Self::NotInFleet => format!(
                "a relay says that the fleet knows no such person; on the enrolment host run: antiphon enroll {user} \
                 --phone, or here: antiphon enroll {user}"
            ),
            Self::NotEnrolled | Self::NothingToAsk => format!("run: antiphon enroll {user}"),
            Self::EnrolmentClosed(why) => format!("{}, or run: antiphon enroll {user}", why.fix()),
            Self::NoMethodAllowed | Self::MethodNotAllowed => format!(
                "the methods of this service in antiphon.toml leave out what the person has; change them, or give the \
                 person another way; see: antiphon status {user}"
            ),
            Self::EnrolmentTooOften => format!(
                "it was begun again and again in ten minutes, perhaps by two people who know the password; see from where: \
                 antiphon activity {user}; to let in the right one now: antiphon enroll {user}"
            ),
            Self::NotSent => {
                "no code could be sent to the telephone; the line before says why, and so does the log of antiphond".to_owned()
            }
            Self::TooManySent => {
                "wait, or raise most_in_ten_minutes or most_a_day of [telephone] in antiphon.toml".to_owned()
            }
            Self::Wrong
            | Self::Used
            | Self::Reported
            | Self::Mistake
            | Self::NotTheirs
            | Self::NoAnswer
            | Self::UnknownUser
            | Self::ExpiredCode
            | Self::Unconfirmed
            | Self::EnrolledMeanwhile
            | Self::EnrolmentVoid => return None,
        })
    }
}

impl EnrolmentClosed {
    /// The word after `reason=`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::SecondName => "enrolment-second-name",
            Self::Over => "enrolment-over",
            Self::Network => "enrolment-network",
            Self::HostName => "enrolment-host-name",
            Self::Group => "enrolment-group",
            Self::NoNumber => "enrolment-no-number",
            Self::NoPassword => "enrolment-no-password",
        }
    }

    fn fix(self) -> &'static str {
        match self {
            Self::SecondName => "the user id has another name: sign in by that one",
            Self::Over => "the date until in [enroll] is past: set a later one",
            Self::Network => {
                "the sign-in comes from none of the networks in [enroll]: add the address it comes from"
            }
            Self::HostName => {
                "networks in [enroll] need an address, and this is a host name: set UseDNS no in sshd_config"
            }
            Self::Group => "the person is in none of the groups in [enroll]: add one",
            Self::NoNumber => {
                "number_on_file in [enroll] needs a record with a [[number]]: write one"
            }
            Self::NoPassword => {
                "nothing shows that a right password came before us: let the line of the module that asks for it end the \
                 stack where it fails (requisite)"
            }
        }
    }
}
