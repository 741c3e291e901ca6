//! `antiphon fleet status`: this computer's part of the fleet.

use antiphon_core::disk::fleet_home::FleetFile;
use antiphon_core::fleet::Use;
use data_encoding::HEXLOWER;
use serde::Serialize;

use super::home::Home;
use super::standing;
use crate::failure::Failure;
use crate::house::House;
use crate::screen::Screen;

/// The object of `--json`.
#[derive(Serialize)]
struct Object {
    fleet: String,
    host: String,
    /// Some of `host`, `relay`, `enrol` and `authority`.
    roles: Vec<&'static str>,
    /// SHA-256 of the root key.
    root: String,
    relays: Vec<String>,
    keys_serial: u32,
    keys_until: String,
    /// The names of those that sign records.
    record_keys: Vec<String>,
    certificate_until: String,
    /// How many have phones, on an enrolment host.
    #[serde(skip_serializing_if = "Option::is_none")]
    people: Option<usize>,
    /// When the first of their records expires.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_until: Option<String>,
}

pub(super) fn run(house: &House, screen: &mut Screen) -> Result<(), Failure> {
    let home = Home::of_member()?;
    let keys = standing::keys(&home, house)?;
    let own = standing::own(&home)?;
    let is_enrolling = home.has(FleetFile::RecordsKey)?;
    let roles = [
        ("host", house.config.fleet.is_some()),
        ("relay", house.config.relay.is_some()),
        ("enrol", is_enrolling),
        ("authority", home.has(FleetFile::AuthorityKey)?),
    ];
    let people = if is_enrolling {
        Some(standing::people(house)?)
    } else {
        None
    };
    let pinned = &home.pinned;
    let of_records = keys.keys.iter().filter(|key| key.purpose == Use::Records);
    let with_phones = people.iter().flatten().filter(|person| person.phones > 0);
    let oldest = with_phones.clone().map(|person| person.until).min();
    let object = Object {
        fleet: pinned.fleet.clone(),
        host: pinned.host.clone(),
        roles: roles
            .iter()
            .filter(|(_, is_so)| *is_so)
            .map(|(role, _)| *role)
            .collect(),
        root: HEXLOWER.encode(&pinned.root.fingerprint()),
        relays: pinned.relays.iter().map(ToString::to_string).collect(),
        keys_serial: keys.serial,
        keys_until: keys.until.to_string(),
        record_keys: of_records.map(|key| key.name.clone()).collect(),
        certificate_until: own.certificate.ends().to_string(),
        people: people.as_ref().map(|_| with_phones.count()),
        oldest_until: oldest.map(|until| until.to_string()),
    };
    if screen.is_json() {
        return screen.object(&object);
    }
    show(&object, screen)
}

fn show(object: &Object, screen: &mut Screen) -> Result<(), Failure> {
    let day = |time: &str, screen: &Screen| screen.zone().show(time);
    let mut lines = vec![
        ("Fleet", object.fleet.clone()),
        ("This computer", object.host.clone()),
        ("It is", roles(object)),
        ("Root key", format!("SHA-256 {}", object.root)),
        ("Relays", object.relays.join(", ")),
        (
            "Keys",
            format!(
                "serial {}, valid until {}",
                object.keys_serial,
                day(&object.keys_until, screen)
            ),
        ),
        ("They are", object.record_keys.join(", ")),
        (
            "Certificate",
            format!("valid until {}", day(&object.certificate_until, screen)),
        ),
    ];
    if let Some(people) = object.people {
        let first = object.oldest_until.as_deref();
        let first =
            first.map(|until| format!("; the first record expires at {}", day(until, screen)));
        lines.push((
            "People",
            format!("{people} with phones{}", first.unwrap_or_default()),
        ));
    }
    for (name, value) in lines {
        screen.say(&format!("{name:<14} {value}"))?;
    }
    Ok(())
}

fn roles(object: &Object) -> String {
    let words = object.roles.iter().map(|role| match *role {
        "host" => "a host",
        "relay" => "a relay",
        "enrol" => "an enrolment host",
        _ => "where certificates are signed",
    });
    let words: Vec<&str> = words.collect();
    if words.is_empty() {
        return "nothing: antiphon.toml has neither [fleet] nor [relay]".to_owned();
    }
    words.join(", ")
}
