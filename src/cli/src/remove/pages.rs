//! The pages of phones that count no more: the daemon is told to end their tokens.
//!
//! No approval of theirs has counted since the record was written, whatever becomes of this. But a page whose token lives
//! shows the person's recent activity to whoever has the phone; so where the daemon is away, that is said, with what ends
//! it later.

use std::time::{Duration, Instant};

use antiphon_core::base64url;
use antiphon_core::disk::record_file;
use antiphon_core::name::UserName;
use antiphon_core::record::Phone;
use antiphon_core::shell;
use antiphon_core::wire::{FromDaemon, ToDaemon, Unwilling};
use serde::Serialize;

use crate::arguments::Remove;
use crate::daemon::{Link, Silence};
use crate::failure::{Failure, Kind};
use crate::house::House;
use crate::interrupt::Interrupts;
use crate::roll;
use crate::screen::Screen;

/// How long the daemon may take.
const PATIENCE: Duration = Duration::from_secs(4);

/// What became of them, as `--json` says it; nothing where there were no phones.
#[derive(Default, Serialize)]
pub(super) struct Pages {
    /// Whether the daemon has ended their tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    forgotten: Option<bool>,
    /// Else: what `--forget` takes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    credentials: Vec<String>,
}

impl Pages {
    /// Ends those of `phones`, which were `user`'s. If that cannot be done now, it is said how it can be later.
    pub(super) fn end<'a>(
        phones: impl Iterator<Item = &'a Phone>,
        user: &UserName,
        house: &House,
        screen: &mut Screen,
    ) -> Self {
        let credentials: Vec<Vec<u8>> = phones.map(|phone| phone.credential.clone()).collect();
        if credentials.is_empty() {
            return Self::default();
        }
        let shown = credentials
            .iter()
            .map(|credential| base64url::encode(credential));
        let shown: Vec<String> = shown.collect();
        match forget(credentials, house) {
            Ok(()) => Self {
                forgotten: Some(true),
                credentials: Vec::new(),
            },
            Err(why) => {
                // Each by itself: a line has a bound.
                screen.note(&format!(
                    "note: antiphond could not be told ({why}). No approval of the phone counts; but its page can show {user}'s \
                     recent activity until, with antiphond running, you say:"
                ));
                let word = user.shell_word();
                for credential in &shown {
                    screen.note(&format!("  antiphon remove {word} --forget={credential}"));
                }
                Self {
                    forgotten: Some(false),
                    credentials: shown,
                }
            }
        }
    }
}

/// The object of `--forget --json`.
#[derive(Serialize)]
struct Object<'a> {
    user: &'a str,
    forgotten: bool,
}

/// `--forget`: what could not be done when the phones were removed. A phone that still stands in a record is left
/// alone: it is removed by its name.
pub(super) fn end_later(
    wanted: &Remove,
    house: &House,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let user = super::whose(&wanted.whose.user, true, house)?;
    let mut credentials = Vec::new();
    for shown in &wanted.forget {
        let credential = base64url::decode(shown).filter(|bytes| !bytes.is_empty());
        credentials.push(credential.ok_or_else(|| {
            let what =
                format!("--forget {shown} is no credential; take it as `remove` has said it");
            Failure::new(Kind::Data, what)
        })?);
    }
    refuse_if_counts(&credentials, house)?;
    forget(credentials, house).map_err(|why| {
        let socket = house.config.paths.socket.display();
        let what = format!(
            "antiphond could not be told at {socket} ({why}); start it: systemctl start antiphond"
        );
        Failure::new(Kind::Unavailable, what)
    })?;
    if screen.is_json() {
        return screen.object(&Object {
            user: user.as_str(),
            forgotten: true,
        });
    }
    screen.say("That phone's page shows nothing any more.")
}

/// A slip of the pen would else cost somebody their phone, whoever was named with it.
fn refuse_if_counts(credentials: &[Vec<u8>], house: &House) -> Result<(), Failure> {
    let Some(users) = house.users()? else {
        return Ok(());
    };
    for user in roll::call(&users, record_file::SUFFIX)?.users {
        // A record that cannot be read signs nobody in.
        let Ok(Some(record)) = record_file::load(&users, &user) else {
            continue;
        };
        let counts = |phone: &&Phone| credentials.contains(&phone.credential);
        if let Some(phone) = record.phones.iter().find(counts) {
            let name = shell::word(&phone.name);
            let what = format!(
                "that is {user}'s phone {name}, which still counts; run: antiphon remove {} --phone {name}",
                user.shell_word()
            );
            return Err(Failure::new(Kind::Data, what));
        }
    }
    Ok(())
}

fn forget(credentials: Vec<Vec<u8>>, house: &House) -> Result<(), String> {
    let said = |silence: Silence| match silence {
        Silence::Late => "it does not answer".to_owned(),
        Silence::Stopped => "stopped".to_owned(),
        Silence::Gone(why) => why,
    };
    let interrupts = Interrupts::hold().map_err(|failure| failure.to_string())?;
    let mut link = Link::open(&house.config.paths.socket)?;
    link.send(&ToDaemon::Forget { credentials }).map_err(said)?;
    match link
        .wait(Instant::now() + PATIENCE, &interrupts)
        .map_err(said)?
    {
        FromDaemon::Forgotten {} => Ok(()),
        FromDaemon::Unwilling {
            reason: Unwilling::Overloaded,
        } => Err("its store cannot be written now".to_owned()),
        _ => Err("it speaks of something else; is it another version?".to_owned()),
    }
}
