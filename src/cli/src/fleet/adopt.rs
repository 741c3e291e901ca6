//! `antiphon fleet adopt`: the phones that people have on this computer become the fleet's.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use antiphon_core::disk::record_file;
use antiphon_core::name::UserName;
use serde::Serialize;

use super::home::Home;
use super::publish::Publisher;
use super::renew::{Outcome, Row, publish_keys, sign};
use super::signer::not_enrolling;
use crate::arguments::FleetAdopt;
use crate::failure::{self, Failure, Kind};
use crate::house::House;
use crate::progress::Progress;
use crate::roll;
use crate::screen::Screen;
use crate::status::counted;

/// The object of `--json`.
#[derive(Serialize)]
struct Object {
    people: Vec<Row>,
    /// Whether anything was signed.
    written: bool,
}

pub(super) fn run(
    wanted: &FleetAdopt,
    house: &House,
    screen: &mut Screen,
) -> Result<ExitCode, Failure> {
    let home = Home::of_member()?;
    let publisher = Publisher::find(house)?.ok_or_else(not_enrolling)?;
    let mut people = look(&publisher)?;
    let ready = people.iter().filter(|row| row.is_ready()).count();
    let is_written = ready > 0 && (wanted.yes || asked(&people, ready, screen)?);
    if is_written {
        publish_keys(&home, house)?;
        let mut progress = Progress::new(ready);
        for row in people.iter_mut().filter(|row| row.is_ready()) {
            progress.step(&row.user);
            *row = publish(&row.user, &publisher);
        }
    }
    let failed = people
        .iter()
        .any(|row| matches!(row.outcome, Outcome::Failed | Outcome::Waiting));
    if screen.is_json() {
        screen.object(&Object {
            people,
            written: is_written,
        })?;
    } else {
        show(&people, is_written, screen)?;
    }
    Ok(if failed {
        failure::partly()
    } else {
        ExitCode::SUCCESS
    })
}

/// Everybody who has phones here and is not published yet.
fn look(publisher: &Publisher<'_>) -> Result<Vec<Row>, Failure> {
    let house = publisher.house;
    let Some(users) = house.users()? else {
        return Ok(Vec::new());
    };
    let mut rows = Vec::new();
    for user in roll::call(&users, record_file::SUFFIX)?.users {
        let (outcome, reason) = match house.record(&user) {
            Err(failure) => (Outcome::Failed, failure.to_string()),
            Ok(None) => continue,
            Ok(Some(record)) if record.phones.is_empty() => continue,
            Ok(Some(record)) => {
                if publisher.is_published(&user)? {
                    continue;
                }
                let origin = &house.config.page.origin;
                if publisher.name_of(&user).is_none() {
                    (
                        Outcome::LeftOut,
                        "root is never a person of the fleet".to_owned(),
                    )
                } else if record.phones.iter().all(|phone| phone.origin != *origin) {
                    (
                        Outcome::LeftOut,
                        format!("has no phone of the page {origin}"),
                    )
                } else {
                    (Outcome::Ready, String::new())
                }
            }
        };
        rows.push(Row {
            user: user.as_str().to_owned(),
            outcome,
            until: None,
            reason,
        });
    }
    Ok(rows)
}

impl Row {
    fn is_ready(&self) -> bool {
        self.outcome == Outcome::Ready
    }
}

/// Shows whose phones are meant, and asks.
fn asked(people: &[Row], ready: usize, screen: &mut Screen) -> Result<bool, Failure> {
    if screen.is_json() || !io::stdin().is_terminal() {
        return Ok(false);
    }
    for row in people.iter().filter(|row| row.is_ready()) {
        screen.say(&row.user)?;
    }
    let who = counted(ready, "account");
    screen.note(&format!(
        "Every host of the fleet will ask the phones of {who} when people of these names sign in there."
    ));
    match screen.ask("Publish them? [y/N] ").as_deref() {
        Some(b"y" | b"Y" | b"yes") => Ok(true),
        _ => Err(Failure::new(Kind::Data, "nothing was published")),
    }
}

fn publish(user: &str, publisher: &Publisher<'_>) -> Row {
    let failed = |reason: String| Row {
        user: user.to_owned(),
        outcome: Outcome::Failed,
        until: None,
        reason,
    };
    let user = match UserName::new(user) {
        Ok(user) => user,
        Err(error) => return failed(error.to_string()),
    };
    match publisher.name_of(&user) {
        Some(name) => sign(&name, publisher),
        None => failed("root is never a person of the fleet".to_owned()),
    }
}

fn show(people: &[Row], is_written: bool, screen: &mut Screen) -> Result<(), Failure> {
    for row in people {
        let said = match row.outcome {
            Outcome::Ready => "would be published",
            Outcome::Renewed | Outcome::Published | Outcome::Unchanged => "published",
            Outcome::LeftOut | Outcome::Waiting | Outcome::Failed => &row.reason,
        };
        screen.say(&format!("{}: {said}", row.user))?;
    }
    if people.is_empty() {
        return screen.say("Everybody who has a phone here is published already.");
    }
    if !is_written && people.iter().any(Row::is_ready) {
        return screen.say("Nothing was published. To do it: antiphon fleet adopt --yes");
    }
    Ok(())
}
