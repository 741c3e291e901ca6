//! Bytes for the tests of readers: whole files with something changed, and rubbish.

/// Calls `read` with variants of `whole`: cut off at each byte, and as many as `rounds` with bytes changed, doubled or left
/// out; and with as many of random bytes alone.
pub(super) fn around(whole: &[u8], rounds: u32, mut read: impl FnMut(&[u8])) {
    let mut state = 0x00a7_1940_u64;
    let mut random = || {
        // Xorshift, Marsaglia 2003.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for end in 0..=whole.len() {
        read(&whole[..end]);
    }
    for _ in 0..rounds {
        let mut bytes = whole.to_vec();
        for _ in 0..random() % 8 {
            let place = usize::try_from(random()).unwrap_or_default() % bytes.len();
            let byte = random().to_le_bytes()[0];
            match random() % 4 {
                0 => bytes[place] = byte,
                1 => bytes.insert(place, byte),
                2 => drop(bytes.drain(place..(place + 9).min(bytes.len() - 1).max(place))),
                _ => bytes.extend_from_within(place..),
            }
        }
        read(&bytes);
        let rubbish: Vec<u8> = (0..random() % 64)
            .map(|_| random().to_le_bytes()[0])
            .collect();
        read(&rubbish);
    }
}
