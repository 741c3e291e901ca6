//! Asks for one code of the new secret, which proves that the person has it, and a clock that agrees with ours.

use std::io::{BufRead, Read};

use antiphon_core::answer::Answer;
use antiphon_core::code::Step;
use antiphon_core::judge::{Unconfirmed, confirm};
use antiphon_core::record::CodeSecret;
use antiphon_core::time::UnixTime;

use crate::failure::{Failure, Kind};
use crate::screen::Screen;

/// Most attempts.
const TRIES: u32 = 5;
/// The longest accepted line, in bytes.
const LONGEST_LINE: u64 = 256;

/// Returns the step of the code, which counts as used from the start.
pub(crate) fn ask(
    code: &CodeSecret,
    window: u8,
    input: &mut dyn BufRead,
    now: &dyn Fn() -> UnixTime,
    screen: &mut Screen,
) -> Result<Step, Failure> {
    for _ in 0..TRIES {
        screen.prompt("Code that the app shows: ");
        let typed = read_line(input).inspect_err(|_| screen.note(""))?;
        let now = now();
        let said = match Answer::parse(&typed, Some(code.digits())) {
            Answer::Code(typed) => match confirm(code, &typed, window, now) {
                Ok(confirmed) => return Ok(confirmed.step()),
                Err(why) => sentence(why, now),
            },
            _ => format!("A code has {} digits.", code.digits().get()),
        };
        screen.note(&said);
    }
    Err(nothing_written(Kind::Data, "No code was right."))
}

fn sentence(why: Unconfirmed, now: UnixTime) -> String {
    match why {
        Unconfirmed::Wrong => {
            "That is not the code that this app should show now; wait for the next one.".to_owned()
        }
        Unconfirmed::ClockOff { seconds, ahead } => {
            let way = if ahead { "ahead of" } else { "behind" };
            format!(
                "The phone's clock is about {seconds} s {way} this computer's, which says {now}: set the one that is wrong."
            )
        }
    }
}

fn read_line(input: &mut dyn BufRead) -> Result<Vec<u8>, Failure> {
    let mut line = Vec::new();
    match input.take(LONGEST_LINE).read_until(b'\n', &mut line) {
        Ok(0) => Err(nothing_written(Kind::NoInput, "No code came.")),
        Ok(_) => Ok(line),
        Err(error) => Err(nothing_written(
            Kind::NoInput,
            &format!("Standard input: {error}."),
        )),
    }
}

fn nothing_written(kind: Kind, said: &str) -> Failure {
    Failure::new(
        kind,
        format!(
            "{said} Nothing was written: run the command again, the secret shown above is void"
        ),
    )
}

#[cfg(test)]
mod tests {
    use antiphon_core::code::{Step, code_at};
    use antiphon_core::judge::confirm;
    use antiphon_core::record::CodeSecret;
    use antiphon_core::time::UnixTime;

    use super::{TRIES, ask, sentence};
    use crate::failure::{Failure, Kind};
    use crate::screen::Screen;

    const NOW: UnixTime = UnixTime(1_795_377_600);

    fn secret() -> CodeSecret {
        CodeSecret::usual(*b"12345678901234567890")
    }

    fn code_in(seconds: i64) -> String {
        let then = UnixTime(NOW.0.saturating_add_signed(seconds));
        code_at(&secret(), then).to_string()
    }

    fn why_not(seconds: i64) -> String {
        sentence(
            confirm(&secret(), &code_in(seconds), 1, NOW).unwrap_err(),
            NOW,
        )
    }

    fn asked(typed: &str) -> Result<Step, Failure> {
        ask(
            &secret(),
            1,
            &mut typed.as_bytes(),
            &|| NOW,
            &mut Screen::dark(),
        )
    }

    #[test]
    fn a_right_code_gives_its_step_also_without_a_newline_or_after_slips() {
        let right = code_in(0);
        for typed in [
            right.clone(),
            format!("{right}\n"),
            format!(" {} {}\r\n", &right[..3], &right[3..]),
            format!("\n12345\nhello\n000000\n{right}\n"),
        ] {
            assert_eq!(asked(&typed).unwrap(), NOW.0 / 30, "{typed:?}");
        }
        assert_eq!(asked(&code_in(-30)).unwrap(), NOW.0 / 30 - 1);
        assert_eq!(asked(&code_in(30)).unwrap(), NOW.0 / 30 + 1);
    }

    #[test]
    fn a_code_outside_the_window_is_refused_and_the_clock_is_named() {
        assert_eq!(asked(&code_in(90)).unwrap_err().kind(), Kind::NoInput);
        let said = why_not(90);
        assert!(said.contains("90 s ahead of"), "{said}");
        let said = why_not(-60);
        assert!(said.contains("60 s behind"), "{said}");
        let said = why_not(3600);
        assert!(!said.contains("clock"), "{said}");
    }

    #[test]
    fn tries_come_to_an_end_and_so_does_the_input() {
        let wrong = "12345\n".repeat(TRIES as usize);
        assert_eq!(
            asked(&format!("{wrong}{}\n", code_in(0)))
                .unwrap_err()
                .kind(),
            Kind::Data
        );
        assert_eq!(asked("").unwrap_err().kind(), Kind::NoInput);
        assert_eq!(asked(&"1".repeat(1 << 20)).unwrap_err().kind(), Kind::Data);
    }
}
