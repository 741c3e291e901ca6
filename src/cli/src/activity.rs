//! `antiphon activity`: recent sign-ins, and what root did.

use antiphon_core::activity::{ASKED, CALLED, Event, VERIFIED};
use antiphon_core::disk::activity_file;
use antiphon_core::name::UserName;
use antiphon_core::visible::visible;
use serde::Serialize;

use crate::arguments::Activity;
use crate::failure::Failure;
use crate::house::House;
use crate::person;
use crate::roll;
use crate::screen::Screen;
use crate::standing;
use crate::zone::Zone;

/// The longest displayed field, in bytes.
const LONGEST: usize = 128;

/// The object of `--json`.
#[derive(Serialize)]
struct Object {
    events: Vec<EventObject>,
}

/// An event with its person, safe to show.
#[derive(Serialize)]
pub(crate) struct EventObject {
    user: String,
    #[serde(flatten)]
    event: Event,
}

impl EventObject {
    pub(crate) fn new(user: &UserName, event: &Event) -> Self {
        // Lines are made safe when written, but anything may have written this one.
        Self {
            user: visible(user.as_str(), LONGEST),
            event: event.safe(LONGEST).without_names(),
        }
    }

    pub(crate) fn event(&self) -> &Event {
        &self.event
    }
}

/// Shows the latest events of one person or of everybody, newest last.
pub(crate) fn run(wanted: &Activity, house: &House, screen: &mut Screen) -> Result<(), Failure> {
    let folder = house.activity()?;
    let people = match (&wanted.whose.user, &folder) {
        (Some(typed), _) => vec![person::canonical_or_on_file(typed, house)?],
        (None, Some(folder)) => roll::call(folder, activity_file::SUFFIX)?.users,
        (None, None) => Vec::new(),
    };
    let mut events = Vec::new();
    for user in &people {
        for event in standing::events(user, house)? {
            events.push(EventObject::new(user, &event));
        }
    }
    // RFC 3339 in UTC sorts as text. The sort is stable: events of one second stay in order.
    events.sort_by(|a, b| a.event.time.cmp(&b.event.time));
    let events = events.split_off(events.len().saturating_sub(wanted.lines));
    if screen.is_json() {
        return screen.object(&Object { events });
    }
    if events.is_empty() {
        return screen.line("No activity yet.");
    }
    let widest = events
        .iter()
        .map(|event| event.user.chars().count())
        .max()
        .unwrap_or_default();
    for EventObject { user, event } in &events {
        let words = in_words(event, user, screen.zone());
        screen.line(&format!("{user:widest$}  {words}"))?;
    }
    Ok(())
}

/// `2026-11-22 21:00:00 CET  accepted  code, sshd from 203.0.113.5`.
pub(crate) fn in_words(event: &Event, user: &str, zone: &Zone) -> String {
    let time = zone.show(&event.time);
    let mut words: Vec<String> = [
        stage(&event.outcome),
        &event.reason,
        &event.method,
        &event.service,
    ]
    .into_iter()
    .filter(|word| !word.is_empty())
    .map(str::to_owned)
    .collect();
    for (before, word) in [
        ("from", event.remote_host.as_str()),
        ("on", &event.terminal),
        ("by", event.caller_worth_telling(user)),
    ] {
        if !word.is_empty() {
            words.push(format!("{before} {word}"));
        }
    }
    if event.times() > 1 {
        let since = zone.show(&event.since);
        words.push(format!("{} times since {since}", event.times()));
    }
    format!("{time}  {:9} {}", event.outcome, words.join(", "))
}

/// Explains the outcome of an unfinished sign-in.
fn stage(outcome: &str) -> &'static str {
    match outcome {
        ASKED => "began, not finished",
        CALLED => "began, not finished; the phone was called",
        VERIFIED => "right answer, not finished",
        _ => "",
    }
}
