//! The only place that asks for randomness: the kernel's.

use std::ops::RangeInclusive;

use rand::TryRng;
use rand::rngs::SysRng;

use crate::failure::{Failure, Kind};

/// So many random bytes.
pub(crate) fn bytes<const LENGTH: usize>() -> Result<[u8; LENGTH], Failure> {
    let mut bytes = [0; LENGTH];
    SysRng
        .try_fill_bytes(&mut bytes)
        .map_err(|error| Failure::new(Kind::Unavailable, format!("no randomness: {error}")))?;
    Ok(bytes)
}

/// A number of `range`, each as likely as the other.
pub(crate) fn within(range: RangeInclusive<u32>) -> Result<u32, Failure> {
    let numbers = u64::from(range.end().saturating_sub(*range.start())) + 1;
    // What is left over at the end would make the first ones likelier.
    let fair = (1_u64 << 32) / numbers * numbers;
    loop {
        let drawn = u64::from(u32::from_be_bytes(bytes()?));
        if drawn < fair {
            let place = u32::try_from(drawn % numbers).unwrap_or_default();
            return Ok(range.start().saturating_add(place));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn every_number_of_a_range_is_drawn_and_no_other() {
        let mut drawn = [0; 12];
        for _ in 0..1000 {
            drawn[within(1..=10).unwrap() as usize] += 1;
        }
        assert_eq!((drawn[0], drawn[11]), (0, 0));
        assert!(drawn[1..=10].iter().all(|times| *times > 0), "{drawn:?}");
        assert_eq!(within(7..=7).unwrap(), 7);
    }
}
