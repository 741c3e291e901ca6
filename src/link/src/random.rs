//! The only source of randomness: the kernel's.

use std::ops::RangeInclusive;

use antiphon_core::approval::Number;
use antiphon_core::draft::RecoverySet;
use antiphon_core::outcome::Trouble;
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;
use rand::{RngExt, TryRng};
use zeroize::Zeroizing;

/// Random bytes.
///
/// # Errors
/// [`Trouble`] if the kernel provides none.
pub fn bytes<const LENGTH: usize>() -> Result<Zeroizing<[u8; LENGTH]>, Trouble> {
    let mut bytes = Zeroizing::new([0; LENGTH]);
    SysRng
        .try_fill_bytes(&mut *bytes)
        .map_err(|_| Trouble::new("random", &"the system gave no random bytes"))?;
    Ok(bytes)
}

/// A uniformly random value below `count`; 0 if `count` is 0.
///
/// # Errors
/// [`Trouble`] if the kernel provides no random bytes.
pub fn below(count: u32) -> Result<u32, Trouble> {
    within(0..=count.saturating_sub(1))
}

/// A random number with this many digits, for the terminal to show.
///
/// # Errors
/// [`Trouble`] if the kernel provides no random bytes.
pub fn number(digits: u8) -> Result<Number, Trouble> {
    within(Number::range(digits)).map(Number::new)
}

fn within(range: RangeInclusive<u32>) -> Result<u32, Trouble> {
    bytes::<1>()?;
    // It has just provided some; if it fails now, the panic refuses the sign-in.
    Ok(UnwrapErr(SysRng).random_range(range))
}

/// Ten new recovery codes.
///
/// # Errors
/// [`Trouble`] if the kernel gives no random bytes.
pub fn recovery_set() -> Result<RecoverySet, Trouble> {
    Ok(RecoverySet::new(&*bytes()?))
}

#[cfg(test)]
mod tests {
    use super::{below, number};

    #[test]
    fn every_value_below_a_bound_is_drawn_and_no_other() {
        let mut drawn = [0; 11];
        for _ in 0..1000 {
            drawn[below(10).unwrap() as usize] += 1;
        }
        assert_eq!(drawn[10], 0);
        assert!(drawn[..10].iter().all(|times| *times > 0), "{drawn:?}");
        assert_eq!((below(1).unwrap(), below(0).unwrap()), (0, 0));
    }

    #[test]
    fn every_number_of_two_digits_is_drawn_and_no_other() {
        let mut drawn = [0; 101];
        for _ in 0..10_000 {
            let number: usize = number(2).unwrap().digits().parse().unwrap();
            drawn[number] += 1;
        }
        let unlike = (0..)
            .zip(drawn)
            .find(|(number, times)| (*times > 0) != (10..100).contains(number));
        assert_eq!(unlike, None);
    }
}
