//! Secrets displayed to the person: a QR code, recovery codes. Our copies are wiped.

use antiphon_core::draft::RecoverySet;
use antiphon_core::qr::{self, Drawing, Size};
use zeroize::Zeroizing;

/// The screen sizes for which a QR code is drawn: the usual one, and a larger one for people with a long name. The
/// actual size is unknown here.
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
/// More bytes than a prompt needs: a QR code has up to three per character.
pub(crate) const ROOM: usize = 16 * 1024;

/// Recovery codes between `said` and the question.
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

/// Without colours, since ssh does not show escape sequences. So the white modules are drawn, for a dark screen.
pub(crate) fn picture(text: &str) -> Option<Drawing> {
    SCREENS
        .into_iter()
        .find_map(|size| qr::draw(text, size, false).ok())
}
