//! The number that the terminal shows and the person types in on the phone.

use std::fmt;
use std::ops::RangeInclusive;

use zeroize::Zeroizing;

/// Two to six digits without a leading zero. Shown at the prompt and nowhere else: no `Display`, and `Debug` hides it.
#[derive(Clone)]
pub struct Number(Zeroizing<String>);

impl Number {
    /// The numbers with this many digits: 10 to 99 for two.
    #[must_use]
    pub fn range(digits: u8) -> RangeInclusive<u32> {
        let least = 10_u32.saturating_pow(u32::from(digits).saturating_sub(1));
        least..=least.saturating_mul(10).saturating_sub(1)
    }

    /// The number `value`, which the caller draws uniformly from [`Self::range`].
    #[must_use]
    pub fn new(value: u32) -> Self {
        Self(Zeroizing::new(value.to_string()))
    }

    /// The digits, for the prompt and the digest.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Number([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::Number;

    #[test]
    fn a_number_has_just_so_many_digits_and_no_leading_zero() {
        assert_eq!(Number::range(2), 10..=99);
        assert_eq!(Number::range(6), 100_000..=999_999);
        assert_eq!(Number::new(42).digits(), "42");
        assert_eq!(format!("{:?}", Number::new(42)), "Number([redacted])");
    }
}
