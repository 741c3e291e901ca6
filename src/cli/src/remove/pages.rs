//! The pages of phones that count no more: the daemon is told to end their tokens.
//!
//! No approval of theirs has counted since the record was written, whatever becomes of this. But a page whose token lives
//! shows the person's recent activity to whoever has the phone; so where the daemon is away, that is said, with what ends
//! it later.

use antiphon_core::base64url;
use antiphon_core::disk::record_file;
use antiphon_core::name::UserName;
use antiphon_core::record::Phone;
use antiphon_core::shell;
use antiphon_link::forget;
use serde::Serialize;

use crate::arguments::Remove;
use crate::failure::{Failure, Kind};
use crate::house::House;
use crate::interrupt::Interrupts;
use crate::roll;
use crate::screen::Screen;

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
        match end(credentials, house) {
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
    end(credentials, house).map_err(|why| {
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

fn end(credentials: Vec<Vec<u8>>, house: &House) -> Result<(), String> {
    let interrupts = Interrupts::hold().map_err(|failure| failure.to_string())?;
    forget(&house.config.paths.socket, credentials, &interrupts).map_err(|away| away.0)
}
