//! Random bytes from the kernel.

use ring::rand::{Random, SystemRandom, generate};

/// The kernel provided none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoRandomness;

pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let bytes = generate(&SystemRandom::new()).map_err(|_| NoRandomness)?;
    Ok(Random::expose(bytes))
}
