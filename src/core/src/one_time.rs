//! A code sent to a telephone: six digits, valid once, for one sign-in, for five minutes.
//!
//! It exists only in the memory of the sign-in that drew it, so it cannot be used for any other one, whoever's.

use std::fmt;

use constant_time_eq::constant_time_eq;
use zeroize::Zeroizing;

use crate::record::{Digits, Record, Tel, TelephoneNumber, TelephoneUse};
use crate::time::UnixTime;

/// Lifetime of a code in seconds. NIST SP 800-63B-4 (section 3.1.3.2) allows ten minutes.
const LIFETIME: u64 = 300;

/// Where a code is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentTo<'r> {
    /// By which method.
    pub by: TelephoneUse,
    /// To which number.
    pub number: &'r TelephoneNumber,
}

/// A code that was sent. Wiped on drop; `Debug` hides it.
pub struct OneTimeCode {
    digits: Zeroizing<String>,
    user: String,
    tel: Tel,
    by: TelephoneUse,
    drawn: UnixTime,
}

impl OneTimeCode {
    /// Codes are drawn uniformly below this.
    pub const VALUES: u32 = 1_000_000;
    /// Length of a code.
    pub const DIGITS: Digits = Digits::SIX;

    /// The code `value` for `record`'s person, sent to one of their numbers, drawn at `now`.
    #[must_use]
    pub fn new(value: u32, record: &Record, to: SentTo<'_>, now: UnixTime) -> Self {
        Self {
            digits: Zeroizing::new(format!("{:06}", value % Self::VALUES)),
            user: record.user.clone(),
            tel: to.number.tel.clone(),
            by: to.by,
            drawn: now,
        }
    }

    /// The digits, for the message.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// By which method it was sent.
    #[must_use]
    pub fn by(&self) -> TelephoneUse {
        self.by
    }

    /// The number it was sent to.
    #[must_use]
    pub fn tel(&self) -> &Tel {
        &self.tel
    }

    /// Whether it is valid: not expired, and the current record still has the number for this use. Not before it was
    /// drawn either: the clock was set back then, and its age is unknown.
    pub(crate) fn counts(&self, record: &Record, now: UnixTime) -> bool {
        let in_time = self.drawn <= now && now < self.drawn.plus(LIFETIME);
        let reaches = record
            .numbers
            .iter()
            .any(|number| number.tel == self.tel && number.uses.contains(&self.by));
        in_time && reaches && record.user == self.user
    }

    /// Compares in constant time.
    pub(crate) fn is(&self, typed: &str) -> bool {
        constant_time_eq(self.digits.as_bytes(), typed.as_bytes())
    }
}

impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::{OneTimeCode, SentTo};
    use crate::name::UserName;
    use crate::record::{Record, TelephoneNumber, TelephoneUse};
    use crate::time::UnixTime;

    const NOW: UnixTime = UnixTime(1_795_377_600);

    fn person(name: &str) -> Record {
        let mut record = Record::new(&UserName::new(name).unwrap());
        record.numbers.push(TelephoneNumber {
            tel: "+46701234521".into(),
            uses: vec![TelephoneUse::Sms],
        });
        record
    }

    fn code_of(record: &Record) -> OneTimeCode {
        let to = SentTo {
            by: TelephoneUse::Sms,
            number: &record.numbers[0],
        };
        OneTimeCode::new(42, record, to, NOW)
    }

    #[test]
    fn a_code_has_six_digits_whatever_its_value_and_is_nowhere_shown() {
        let alice = person("alice");
        let code = code_of(&alice);
        assert_eq!(code.digits(), "000042");
        assert!(code.is("000042") && !code.is("42") && !code.is("000043") && !code.is(""));
        assert!(!format!("{code:?}").contains("42"));
    }

    #[test]
    fn a_code_counts_for_five_minutes_and_not_before_it_was_drawn() {
        let alice = person("alice");
        let code = code_of(&alice);
        for (at, counts) in [
            (NOW, true),
            (NOW.plus(299), true),
            (NOW.plus(300), false),
            (NOW.plus(1_000_000), false),
            (UnixTime(NOW.0 - 1), false),
        ] {
            assert_eq!(code.counts(&alice, at), counts, "{at}");
        }
    }

    #[test]
    fn a_code_counts_for_its_person_while_the_record_has_its_number_for_that_use() {
        let mut alice = person("alice");
        let code = code_of(&alice);
        assert!(!code.counts(&person("bob"), NOW));
        alice.numbers[0].uses = vec![TelephoneUse::Call];
        assert!(!code.counts(&alice, NOW));
        alice.numbers.clear();
        assert!(!code.counts(&alice, NOW));
    }
}
