//! Secrets on the person's own screen: a QR code, recovery codes. What holds one is wiped.

use antiphon_core::draft::RecoverySet;
use antiphon_core::qr::{self, Drawing, Size};
use zeroize::Zeroizing;

/// Screens for which a QR code is drawn: the usual one, and a larger one for who has a long name. How large the person's
/// is, nobody knows here either.
const SCREENS: [Size; 2] = [
    Size {
        columns: 80,
        rows: 24,
    },
    Size {
        columns: 132,
        rows: 60,
    },
];
/// Bytes that no offer comes near: a QR code has up to three for a character.
pub(crate) const ROOM: usize = 16 * 1024;

/// Recovery codes, between what is said of them and what is asked.
pub(crate) fn codes_prompt(said: &str, codes: &RecoverySet, question: &str) -> Zeroizing<String> {
    let mut prompt = Zeroizing::new(String::with_capacity(ROOM));
    prompt.push_str(said);
    prompt.push_str("\n\n");
    for line in codes.lines() {
        prompt.push_str(&line);
        prompt.push('\n');
    }
    prompt.push('\n');
    prompt.push_str(question);
    prompt
}

/// Without colours: ssh shows no escape sequences. So the white squares are drawn, as on a dark screen.
pub(crate) fn picture(text: &str) -> Option<Drawing> {
    SCREENS
        .into_iter()
        .find_map(|size| qr::draw(text, size, false).ok())
}
