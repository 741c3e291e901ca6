//! `antiphon report`: "that sign-in was not me".

use antiphon_core::wire::{FromPerson, OwnEvent, ToPerson};
use serde::Serialize;

use super::activity::{in_words, latest};
use super::text::Text;
use super::{Person, is_anybody_there};
use crate::failure::{Failure, Kind};
use crate::screen::Screen;

/// How many sign-ins are offered.
const OFFERED: usize = 10;
/// How many events are searched for them.
const LOOKED_AT: usize = 50;

/// The object of `--json`.
#[derive(Serialize)]
struct Object<'a> {
    id: &'a str,
    reported: bool,
    /// Whether it had been reported before.
    before: bool,
}

/// Reports the sign-in with the id `named`, or one that the person picks.
pub(super) fn run(
    person: &Person,
    named: Option<&str>,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let id = match named {
        Some(named) => named.to_ascii_lowercase(),
        None if is_anybody_there(screen) => match pick(person, screen)? {
            Some(id) => id,
            None => return screen.say(&person.say(&Text::NothingReported)),
        },
        None => return Err(person.failure(Kind::Usage, &Text::NameIt)),
    };
    let answer = person.ask(&FromPerson::Report { id: id.clone() })?;
    let ToPerson::Reported { before } = answer else {
        return Err(person.odd());
    };
    if screen.is_json() {
        return screen.object(&Object {
            id: &id,
            reported: true,
            before,
        });
    }
    screen.say(&person.say(if before {
        &Text::ReportedBefore
    } else {
        &Text::Reported
    }))?;
    screen.say(&person.say(&Text::WhatNow))
}

fn pick(person: &Person, screen: &mut Screen) -> Result<Option<String>, Failure> {
    let (user, events) = latest(person, LOOKED_AT)?;
    let sign_ins: Vec<&OwnEvent> = events
        .iter()
        .filter(|seen| seen.event.is_sign_in())
        .take(OFFERED)
        .collect();
    if sign_ins.is_empty() {
        screen.say(&person.say(&Text::NoActivity))?;
        return Ok(None);
    }
    for (index, seen) in sign_ins.iter().enumerate() {
        let words = in_words(seen, &user, person, screen.zone());
        screen.say(&format!("{:3}  {words}", index + 1))?;
    }
    let question = person.say(&Text::WhichOne(sign_ins.len()));
    let Some(answer) = screen.ask(&question) else {
        return Ok(None);
    };
    let answer = String::from_utf8_lossy(&answer).into_owned();
    if answer.is_empty() {
        return Ok(None);
    }
    let picked = answer
        .parse::<usize>()
        .ok()
        .and_then(|number| sign_ins.get(number.checked_sub(1)?))
        .ok_or_else(|| person.failure(Kind::Data, &Text::NoSuchSignIn))?;
    Ok(Some(picked.id.clone()))
}
