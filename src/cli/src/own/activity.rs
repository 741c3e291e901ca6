//! `antiphon activity` for the caller's own sign-ins.

use antiphon_core::visible::visible;
use antiphon_core::wire::{FromPerson, OwnEvent, ToPerson};
use serde::Serialize;

use super::Person;
use super::text::{METHODS, OUTCOMES, Text, translated};
use crate::failure::Failure;
use crate::screen::Screen;
use crate::zone::Zone;

/// The longest displayed field, in bytes.
const LONGEST: usize = 128;

/// The object of `--json`.
#[derive(Serialize)]
struct Object {
    events: Vec<EventObject>,
}

#[derive(Serialize)]
struct EventObject {
    user: String,
    #[serde(flatten)]
    event: OwnEvent,
}

/// Shows the latest events, newest last.
pub(super) fn show(person: &Person, most: usize, screen: &mut Screen) -> Result<(), Failure> {
    let (user, mut events) = latest(person, most)?;
    events.reverse();
    if screen.is_json() {
        let events = events
            .into_iter()
            .map(|event| EventObject {
                user: user.clone(),
                event,
            })
            .collect();
        return screen.object(&Object { events });
    }
    if events.is_empty() {
        return screen.say(&person.say(&Text::NoActivity));
    }
    for event in &events {
        let words = in_words(event, &user, person, screen.zone());
        screen.say(&format!("{}  {words}", event.id))?;
    }
    screen.line("")?;
    screen.say(&person.say(&Text::HowToReport))
}

/// The person's name and latest events, the latest first, safe to show.
pub(super) fn latest(person: &Person, most: usize) -> Result<(String, Vec<OwnEvent>), Failure> {
    let most = u32::try_from(most).unwrap_or(u32::MAX);
    let answer = person.ask(&FromPerson::Activity { most })?;
    let ToPerson::Activity { user, events } = answer else {
        return Err(person.odd());
    };
    let events = events.into_iter().map(|seen| OwnEvent {
        id: visible(&seen.id, LONGEST),
        reported: seen.reported,
        event: seen.event.safe(LONGEST),
    });
    Ok((visible(&user, LONGEST), events.collect()))
}

/// `2026-11-22 21:00 CET  Signed in, approved on a phone, sshd, from 203.0.113.5`.
pub(super) fn in_words(seen: &OwnEvent, user: &str, person: &Person, zone: &Zone) -> String {
    let event = &seen.event;
    let caller = event.caller_worth_telling(user);
    let in_words = |word, known| translated(word, known, person.language).to_owned();
    let mut parts = vec![in_words(&event.outcome, OUTCOMES)];
    // For actions of root, the outcome says it all.
    if event.is_sign_in() {
        parts.push(in_words(&event.method, METHODS));
        parts.push(event.service.clone());
    }
    for (text, field) in [
        (Text::From(&event.remote_host), event.remote_host.as_str()),
        (Text::On(&event.host), &event.host),
        (Text::By(caller), caller),
    ] {
        parts.push(if field.is_empty() {
            String::new()
        } else {
            person.say(&text)
        });
    }
    if event.times() > 1 {
        let since = zone.show_minute(&event.since);
        parts.push(person.say(&Text::Times(event.times(), &since)));
    }
    if seen.reported {
        parts.push(person.say(&Text::IsReported));
    }
    parts.retain(|part| !part.is_empty());
    format!("{}  {}", zone.show_minute(&event.time), parts.join(", "))
}
