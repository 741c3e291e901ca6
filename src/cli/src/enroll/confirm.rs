//! Asks for one code of the new secret: who can answer has it, and has a clock that agrees with ours.

use std::io::{BufRead, Read};

use antiphon_core::answer::Answer;
use antiphon_core::code::{Step, matching_step, step_at};
use antiphon_core::record::CodeSecret;
use antiphon_core::time::UnixTime;

use crate::failure::{Failure, Kind};
use crate::screen::Screen;

/// How often one may try.
const TRIES: u32 = 5;
/// The longest line that is read, in bytes.
const LONGEST_LINE: u64 = 256;
/// How far off, in steps, a code is still recognised, to say that a clock is wrong: the widest window that the
/// configuration allows.
const FAR_OFF: u8 = 10;

/// The step whose code was typed: it counts as used from the beginning.
pub(crate) fn ask(
    code: &CodeSecret,
    window: u8,
    input: &mut dyn BufRead,
    now: &dyn Fn() -> UnixTime,
    screen: &mut Screen,
) -> Result<Step, Failure> {
    for left in (0..TRIES).rev() {
        screen.prompt("Code that the app shows: ");
        let typed = read_line(input)?;
        let now = now();
        let said = match Answer::parse(&typed, Some(code.digits)) {
            Answer::Code(typed) => match matching_step(code, &typed, now, window) {
                Some(step) => return Ok(step),
                None => why_not(code, &typed, now),
            },
            _ => format!("A code has {} digits.", code.digits.get()),
        };
        if left > 0 {
            screen.note(&said);
        } else {
            return Err(nothing_written(Kind::Data, &said));
        }
    }
    Err(nothing_written(Kind::Data, "No code was right."))
}

fn why_not(code: &CodeSecret, typed: &str, now: UnixTime) -> String {
    let Some(step) = matching_step(code, typed, now, FAR_OFF) else {
        return "That is not the code that this app should show now; wait for the next one."
            .to_owned();
    };
    let off = step.abs_diff(step_at(now, code)) * code.period.get();
    let way = if step > step_at(now, code) {
        "ahead of"
    } else {
        "behind"
    };
    format!(
        "The phone's clock is about {off} s {way} this computer's, which says {now}: set the one that is wrong."
    )
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
