//! The only place that asks for randomness: the kernel's.

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
