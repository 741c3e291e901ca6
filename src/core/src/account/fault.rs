use std::fmt::Write as _;

use crate::time::UnixTime;

/// The first check that a token failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Not a compact JWS of two JSON objects in strict base64url, too long, or with a name that stands twice.
    Form,
    /// Its header asks for an extension (`crit`, `b64`).
    Critical,
    /// It names no key.
    NoKey,
    /// Root's file has no such key, more than one, or it is too old.
    UnknownKey,
    /// The algorithm is not the key's.
    Algorithm,
    /// The signature was not made by the key.
    Signature,
    /// Another issuer.
    Issuer,
    /// For another client.
    Audience,
    /// For another sign-in, or with the wrong number.
    Nonce,
    /// Another account.
    Subject,
    /// It does not say when the person signed in at the provider.
    NoSignInTime,
    /// The person signed in at the provider before this sign-in began: then.
    OldSignIn(UnixTime),
    /// A time that is missing, malformed, or impossible by this computer's clock.
    Time(WrongTime),
    /// The sign-in at the provider was not as strong as required.
    Strength,
    /// It has let somebody in already.
    Used,
}

/// A claim of a time that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongTime {
    /// The claim.
    pub claim: &'static str,
    /// Its value, if it is a whole number.
    pub at: Option<UnixTime>,
}

impl Fault {
    /// The word for it in the log.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Form => "account-token",
            Self::Critical => "account-critical",
            Self::NoKey => "account-no-key",
            Self::UnknownKey => "account-unknown-key",
            Self::Algorithm => "account-algorithm",
            Self::Signature => "account-signature",
            Self::Issuer => "account-issuer",
            Self::Audience => "account-audience",
            Self::Nonce => "account-number",
            Self::Subject => "account-subject",
            Self::NoSignInTime => "account-no-sign-in-time",
            Self::OldSignIn(_) => "account-old-sign-in",
            Self::Time(_) => "account-time",
            Self::Strength => "account-strength",
            Self::Used => "account-used",
        }
    }

    /// The word, and what the administrator can do or needs to see; `now` is what the token was judged at.
    #[must_use]
    pub fn detail(self, provider: &str, now: UnixTime) -> String {
        let mut said = self.word().to_owned();
        let _ = match self {
            Self::UnknownKey => write!(said, "; run: antiphon providers refresh {provider}"),
            Self::NoSignInTime => write!(
                said,
                "; have {provider} put auth_time into its ID tokens, or set reauthentication = false"
            ),
            Self::OldSignIn(at) => write!(
                said,
                "; auth_time is {at}, and this computer's clock {now}: {provider} did not have the person sign in anew, or \
                 one of the clocks is off"
            ),
            Self::Strength => write!(
                said,
                "; {provider}'s token has none of the values of strength in antiphon.toml"
            ),
            Self::Time(WrongTime {
                claim,
                at: Some(at),
            }) => {
                write!(
                    said,
                    "; {claim} is {at}, and this computer's clock {now}: one of them is off"
                )
            }
            Self::Time(WrongTime { claim, at: None }) => {
                write!(said, "; {claim} is missing or no whole number")
            }
            _ => Ok(()),
        };
        said
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Fault, WrongTime};
    use crate::time::UnixTime;

    fn late(at: Option<u64>) -> Fault {
        let at = at.map(UnixTime);
        Fault::Time(WrongTime { claim: "iat", at })
    }

    #[test]
    fn each_has_a_word_of_its_own_that_says_it_was_the_accounts_token() {
        let all = [
            Fault::Form,
            Fault::Critical,
            Fault::NoKey,
            Fault::UnknownKey,
            Fault::Algorithm,
            Fault::Signature,
            Fault::Issuer,
            Fault::Audience,
            Fault::Nonce,
            Fault::Subject,
            Fault::NoSignInTime,
            Fault::OldSignIn(UnixTime(0)),
            late(None),
            Fault::Strength,
            Fault::Used,
        ];
        let words: BTreeSet<&str> = all.into_iter().map(Fault::word).collect();
        assert_eq!(words.len(), all.len());
        assert!(words.iter().all(|word| word.starts_with("account-")));
    }

    #[test]
    fn where_a_clock_is_off_both_times_are_told() {
        let said = late(Some(1_795_377_600)).detail("kmh", UnixTime(1_795_377_000));
        assert!(said.contains("iat is 2026-11-22T20:00:00Z"), "{said}");
        assert!(said.contains("clock 2026-11-22T19:50:00Z"), "{said}");
        let said = Fault::OldSignIn(UnixTime(1_795_376_000)).detail("kmh", UnixTime(1_795_377_000));
        assert!(said.contains("auth_time is 2026-11-22T19:33:20Z"), "{said}");
        assert!(said.contains("clock 2026-11-22T19:50:00Z"), "{said}");
        let said = late(None).detail("kmh", UnixTime(0));
        assert!(
            said.ends_with("iat is missing or no whole number"),
            "{said}"
        );
    }
}
