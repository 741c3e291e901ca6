//! Secrets displayed to the person: a QR code, recovery codes. Our copies are wiped.

use antiphon_core::draft::RecoverySet;
use antiphon_core::qr::{self, Size};
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
const ROOM: usize = 16 * 1024;

/// The parts of a prompt in a row, without a copy that is left behind.
pub(crate) fn joined(parts: &[&str]) -> Zeroizing<String> {
    let mut prompt = Zeroizing::new(String::with_capacity(ROOM));
    prompt.extend(parts.iter().copied());
    prompt
}

/// Recovery codes between `said` and the question.
pub(crate) fn codes_prompt(said: &str, codes: &RecoverySet, question: &str) -> Zeroizing<String> {
    let codes = codes.lines();
    let lines: Vec<&str> = codes
        .iter()
        .flat_map(|line| [line.as_str(), "\n"])
        .collect();
    joined(&[&[said, "\n\n"][..], &lines, &["\n", question]].concat())
}

/// The lines of a QR code, if it can be drawn. Without colours, since ssh does not show escape sequences. So the white
/// modules are drawn, for a dark screen.
pub(crate) fn picture(text: &str) -> Option<Zeroizing<String>> {
    let drawn = |size| qr::draw(text, size, false).ok();
    let lines = SCREENS.into_iter().find_map(drawn)?;
    let lines: Vec<&str> = lines
        .iter()
        .flat_map(|line| [line.as_str(), "\n"])
        .collect();
    Some(joined(&lines))
}
