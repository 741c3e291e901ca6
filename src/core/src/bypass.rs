//! Bypass codes: root gives one to a person who lost their phone, for a limited time and a few sign-ins.
//!
//! Shown as `BYPASS-ABCD-EFGH-IJKL-MNOP`: 80 random bits in the alphabet of a recovery code, with a prefix that no
//! other answer has. The state keeps SHA-256(salt ‖ the ten bytes), the expiry and the remaining uses; the record keeps
//! nothing.

use zeroize::Zeroizing;

use crate::record::{HASH_LENGTH, Salt};
use crate::recovery::{CODE_LENGTH, RecoveryCode};

/// The prefix of a bypass code.
const PREFIX: &str = "BYPASS";
/// Length of the salt, in bytes.
pub const SALT_LENGTH: usize = 16;

/// One bypass code. Wiped on drop.
pub struct BypassCode(RecoveryCode);

impl BypassCode {
    /// The code made of `random`.
    #[must_use]
    pub fn new(random: [u8; CODE_LENGTH]) -> Self {
        Self(RecoveryCode::new(random))
    }

    /// Parses typed text in any case, with or without dashes and spaces; `None` if it is not a bypass code.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let mut expected = PREFIX.bytes();
        let mut rest = typed;
        while expected.len() > 0 {
            let (first, others) = rest.split_at_checked(1)?;
            if first != "-" && first != " " {
                let letter = expected.next()?;
                if !first.as_bytes().eq_ignore_ascii_case(&[letter]) {
                    return None;
                }
            }
            rest = others;
        }
        RecoveryCode::parse(rest).map(Self)
    }

    /// `BYPASS-ABCD-EFGH-IJKL-MNOP`.
    #[must_use]
    pub fn shown(&self) -> Zeroizing<String> {
        let code = self.0.shown();
        // Allocated at full size: a string that grows leaves an unwiped copy behind.
        let mut shown = Zeroizing::new(String::with_capacity(PREFIX.len() + 1 + code.len()));
        shown.push_str(PREFIX);
        shown.push('-');
        shown.push_str(&code);
        shown
    }

    pub(crate) fn hash(&self, salt: [u8; SALT_LENGTH]) -> [u8; HASH_LENGTH] {
        self.0.hash(&Salt(salt.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::BypassCode;
    use crate::recovery::RecoveryCode;

    #[test]
    fn a_bypass_code_is_known_in_any_case_with_or_without_dashes() {
        let code = BypassCode::new([7; 10]);
        let shown = code.shown().to_string();
        assert_eq!(shown, "BYPASS-A4DQ-OBYH-A4DQ-OBYH");
        for typed in [
            shown.clone(),
            shown.to_lowercase(),
            shown.replace('-', ""),
            shown.replace('-', " "),
            shown.replace("BYPASS", "by pass "),
        ] {
            let read = BypassCode::parse(&typed).unwrap();
            assert_eq!(read.hash([1; 16]), code.hash([1; 16]), "{typed}");
            assert!(RecoveryCode::parse(&typed).is_none(), "{typed}");
        }
        assert_ne!(code.hash([1; 16]), code.hash([2; 16]));
        for odd in [
            "BYPASS",
            "BYPASS-",
            "",
            "A4DQ-OBYH-A4DQ-OBYH",
            "BYPASSA4DQOBYHA4DQOBY",
            "BYPASSA4DQOBYHA4DQOBYHA",
            "BYPASS-A4DQ-OBYH-A4DQ-OBY1",
            "ÅYPASS-A4DQ-OBYH-A4DQ-OBYH",
            "BYPAS-A4DQ-OBYH-A4DQ-OBYH",
        ] {
            assert!(BypassCode::parse(odd).is_none(), "{odd}");
        }
    }
}
