//! The only place where an outcome becomes a PAM code.

use antiphon_core::outcome::Outcome;
use antiphon_core::policy::Exemption;
use pam::constants::PamResultCode;

/// The code for `outcome`. `PAM_SUCCESS` needs an `Accepted`, which only `antiphon_core::judge` makes, after one
/// verified factor and a durable state.
pub(crate) fn pam_code(outcome: &Outcome) -> PamResultCode {
    match outcome {
        Outcome::Accepted(_) => PamResultCode::PAM_SUCCESS,
        Outcome::Exempt(exemption) => let_through_unasked(exemption),
        Outcome::Refused(_) => PamResultCode::PAM_AUTH_ERR,
        Outcome::Locked(_) => PamResultCode::PAM_MAXTRIES,
        Outcome::Cancelled => PamResultCode::PAM_ABORT,
        Outcome::Unusable(_) => PamResultCode::PAM_AUTHINFO_UNAVAIL,
    }
}

/// The only source of `PAM_IGNORE`, which lets the person in as if our line were absent. Only `antiphon_core::policy`
/// makes an [`Exemption`], from a rule of a valid configuration.
fn let_through_unasked(_: &Exemption) -> PamResultCode {
    PamResultCode::PAM_IGNORE
}

#[cfg(test)]
mod tests {
    use antiphon_core::config::Config;
    use antiphon_core::outcome::{EnrolmentClosed, Outcome, Refusal, Trouble};
    use antiphon_core::policy;
    use antiphon_core::state::Gate;
    use antiphon_core::time::UnixTime;
    use pam::constants::PamResultCode;

    use super::pam_code;

    #[test]
    fn no_outcome_but_an_accepted_or_exempt_one_lets_anybody_in() {
        let refusals = [
            Refusal::Wrong,
            Refusal::Used,
            Refusal::ClockWasAhead,
            Refusal::UseUnknown,
            Refusal::RecoveryClosed,
            Refusal::ReadOnlyDisk,
            Refusal::Reported,
            Refusal::NotTheirs,
            Refusal::PhoneAway,
            Refusal::PhoneNotAsked,
            Refusal::AccountAway,
            Refusal::AccountNotAsked,
            Refusal::NoAnswer,
            Refusal::PasswordAnswered,
            Refusal::BlindPasswordMethod,
            Refusal::NoFirstFactor,
            Refusal::WrongPassword,
            Refusal::NameAnswered,
            Refusal::CannotAsk,
            Refusal::UnknownUser,
            Refusal::NotEnrolled,
            Refusal::NotInFleet,
            Refusal::NothingToAsk,
            Refusal::EnrolmentClosed(EnrolmentClosed::Group),
            Refusal::Unconfirmed,
            Refusal::EnrolledMeanwhile,
            Refusal::EnrolmentVoid,
            Refusal::EnrolmentTooOften,
            Refusal::NoMethodAllowed,
            Refusal::MethodNotAllowed,
            Refusal::ExpiredCode,
            Refusal::NotSent,
            Refusal::TooManySent,
        ];
        for refusal in refusals {
            assert_eq!(
                pam_code(&Outcome::Refused(refusal)),
                PamResultCode::PAM_AUTH_ERR
            );
        }
        for gate in [Gate::Closed, Gate::LockedUntil(UnixTime(0))] {
            assert_eq!(
                pam_code(&Outcome::Locked(gate)),
                PamResultCode::PAM_MAXTRIES
            );
        }
        assert_eq!(pam_code(&Outcome::Cancelled), PamResultCode::PAM_ABORT);
        let trouble = Trouble::new("state", &"x");
        assert_eq!(
            pam_code(&Outcome::Unusable(trouble)),
            PamResultCode::PAM_AUTHINFO_UNAVAIL
        );
    }

    #[test]
    fn only_an_exemption_is_ignored() {
        let config = Config::parse("mode = \"observe\"\n").unwrap();
        let exemption = policy::observed(&config).unwrap();
        assert_eq!(
            pam_code(&Outcome::Exempt(exemption)),
            PamResultCode::PAM_IGNORE
        );
    }
}
