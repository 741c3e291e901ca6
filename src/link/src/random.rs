//! Randomness for what is handed out: the kernel's.

use antiphon_core::outcome::Trouble;
use rand::TryRng;
use rand::rngs::SysRng;
use zeroize::Zeroizing;

/// So many random bytes.
pub fn bytes<const LENGTH: usize>() -> Result<Zeroizing<[u8; LENGTH]>, Trouble> {
    let mut bytes = Zeroizing::new([0; LENGTH]);
    SysRng
        .try_fill_bytes(&mut *bytes)
        .map_err(|_| Trouble::new("random", &"the system gave no random bytes"))?;
    Ok(bytes)
}
