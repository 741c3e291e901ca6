//! Output of an enrolment.

use antiphon_core::draft::RecoverySet;
use antiphon_core::name::UserName;
use antiphon_core::qr::{self, Undrawable};
use antiphon_core::shell;
use antiphon_core::visible::visible;

use crate::check::not_enrolled_though_needed;
use crate::failure::{Failure, Kind};
use crate::house::House;
use crate::screen::Screen;

/// The longest displayed URI, in bytes: longer than any of ours.
const LONGEST_ADDRESS: usize = 2048;
/// The longest line with a name, in bytes.
pub(super) const LONGEST_TITLE: usize = 512;

/// Shows the secret for the app: as text, then as a QR code. The picture comes last, so that only the question below
/// can scroll it.
pub(super) fn offer(
    title: &str,
    key: &str,
    otpauth: &str,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let drawing = screen
        .size()
        .map(|size| qr::draw(otpauth, size, screen.has_colours()));
    screen.line(&screen.bold(&visible(title, LONGEST_TITLE)))?;
    screen.line("")?;
    screen.line(if matches!(drawing, Some(Ok(_))) {
        "Scan the QR code with an authenticator app, or type the key into it."
    } else {
        "Type the key into an authenticator app, or open the address on the phone."
    })?;
    screen.line("")?;
    screen.line(&format!("  key      {}", screen.bold(key)))?;
    screen.line("  kind     based on time, 6 digits, 30 seconds")?;
    let address = visible(otpauth, LONGEST_ADDRESS);
    screen.line(&format!("  address  {address}"))?;
    screen.line("")?;
    picture(drawing, screen)
}

/// The QR code, or why it is missing.
pub(super) fn picture(
    drawing: Option<Result<Vec<String>, Undrawable>>,
    screen: &mut Screen,
) -> Result<(), Failure> {
    match drawing {
        Some(Ok(drawing)) => screen.line(&drawing.join("\n")),
        Some(Err(Undrawable::TooSmall(columns, rows))) => screen.line(&format!(
            "(For a QR code the window needs {columns} columns and {rows} lines.)"
        )),
        Some(Err(Undrawable::TooLong)) | None => Ok(()),
    }
}

/// Reports success and shows the recovery codes.
pub(super) fn enrolled(
    user: &UserName,
    codes: &RecoverySet,
    replaced: bool,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let old = if replaced {
        " The old secret and the old recovery codes are void."
    } else {
        ""
    };
    screen.line("")?;
    let done = format!("{user} is enrolled.");
    screen.line(&format!(
        "{}{old}",
        screen.bold(&visible(&done, LONGEST_TITLE))
    ))?;
    screen.line("")?;
    recovery_codes(codes, screen)
}

/// Whoever is enrolled is not told so, nor their recovery codes.
pub(super) fn codes_not_shown(user: &UserName, failure: &Failure) -> Failure {
    let word = user.shell_word();
    let what = format!(
        "{user} is enrolled, but the recovery codes were not shown ({failure}); run: antiphon recovery {word}"
    );
    Failure::new(Kind::Io, what)
}

/// Warns that root or the caller of sudo would be kept out, while there still is a way in.
pub(super) fn who_else(house: &House, screen: &mut Screen) -> Result<(), Failure> {
    for name in not_enrolled_though_needed(house) {
        screen.line("")?;
        screen.say(&format!(
            "{name} has no second factor yet. Before Antiphon is asked in pam.d: antiphon enroll {}",
            shell::word(&name)
        ))?;
    }
    Ok(())
}

/// Ten recovery codes and their purpose.
pub(crate) fn recovery_codes(codes: &RecoverySet, screen: &mut Screen) -> Result<(), Failure> {
    screen.line(
        "Recovery codes, for the day when the phone is lost. Each works once, in the place",
    )?;
    screen.line(
        "of a code. They are not shown again: print them, or keep them with the passwords.",
    )?;
    screen.line("")?;
    for line in codes.lines() {
        screen.line(&line)?;
    }
    Ok(())
}
