//! `antiphon fleet token`: lets hosts join.

use antiphon_core::disk::fleet_home::FleetFile;
use antiphon_core::fleet::{JoinToken, PublicKey, TokenSecret};
use antiphon_core::logline::LogLine;
use antiphon_core::wire::{FromFleet, HostRole, ToFleet};
use antiphon_link::random;
use serde::Serialize;

use super::home::{Home, damaged};
use super::relay::{self, Unasked};
use super::tokens::id;
use crate::arguments::{FleetToken, Role};
use crate::failure::{Failure, Kind};
use crate::house::House;
use crate::screen::Screen;
use crate::status::counted;
use crate::{clock, log};

/// The object of `--json`.
#[derive(Serialize)]
struct Object<'a> {
    id: &'a str,
    token: &'a str,
    hosts: u32,
    until: String,
    role: &'static str,
    /// null for everywhere.
    network: Option<&'a str>,
}

pub(super) fn run(wanted: &FleetToken, house: &House, screen: &mut Screen) -> Result<(), Failure> {
    let home = Home::of_member()?;
    if !home.has(FleetFile::AuthorityKey)? {
        let what = "hosts join at the relay that signs their certificates: run this where the fleet was set up";
        return Err(Failure::new(Kind::Config, what));
    }
    let key = PublicKey::from_spki(home.certificate()?.key())
        .ok_or_else(|| damaged(FleetFile::Certificate, "has a key of another form"))?;
    let relay = home.own_relay()?;
    let secret = TokenSecret::new(*random::bytes()?);
    let token = JoinToken::new(relay, &key, &home.pinned.root, secret);
    let until = clock::now().plus(wanted.lasts);
    let (role, word) = match wanted.role {
        Role::Host => (HostRole::Host, "host"),
        Role::Enrol => (HostRole::Enrol, "enrol"),
    };
    let message = ToFleet::Token {
        hash: token.secret.hash(),
        role,
        hosts: wanted.hosts,
        until,
        network: wanted.network.clone().unwrap_or_default(),
    };
    match relay::ask(house, message) {
        Ok(FromFleet::TokenOpen {}) => {}
        Ok(_) => return Err(Unasked::Odd.into()),
        Err(Unasked::Refused(antiphon_core::wire::FleetRefusal::Token)) => {
            let what = "the relay opens no such token: --network must be a network such as 10.0.0.0/8 or 2001:db8::/32";
            return Err(Failure::new(Kind::Usage, what));
        }
        Err(unasked) => return Err(unasked.into()),
    }
    let (hosts, id) = (
        counted(wanted.hosts as usize, word),
        id(&token.secret.hash()),
    );
    log::log_by_caller(
        LogLine::new()
            .with("fleet", "token")
            .with("detail", &format!("{id}, for {hosts}, until {until}")),
    );
    let text = token.to_text();
    if screen.is_json() {
        return screen.object(&Object {
            id: &id,
            token: &text,
            hosts: wanted.hosts,
            until: until.to_string(),
            role: word,
            network: wanted.network.as_deref(),
        });
    }
    let until = screen.zone().show(&until.to_string());
    let hosts = counted(wanted.hosts as usize, "host");
    screen.note(&format!(
        "A token for {hosts}, until {until}. Keep it secret till then. On the new host: antiphon join TOKEN. To withdraw it: antiphon fleet \
         withdraw {id}"
    ));
    screen.line(&text)
}
