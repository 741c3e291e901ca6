//! The pages of removed phones: has the daemon revoke their tokens.
//!
//! Their approvals have been invalid since the record was written, whether this succeeds or not. But a page with a
//! valid token shows the person's recent activity to whoever has the phone; so if the daemon is unavailable, the
//! command says so, and how to revoke the token later.

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

/// What happened to the pages, for `--json`; empty if there were no phones.
#[derive(Default, Serialize)]
pub(super) struct Pages {
    /// Whether the daemon has revoked their tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    forgotten: Option<bool>,
    /// If not: the arguments for `--forget`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    credentials: Vec<String>,
}

impl Pages {
    /// Revokes the tokens of `phones`, which were `user`'s. If that is not possible now, says how to do it later.
    pub(super) fn end(
        phones: &[Phone],
        user: &UserName,
        house: &House,
        screen: &mut Screen,
    ) -> Self {
        if phones.is_empty() {
            return Self::default();
        }
        let credentials = phones.iter().map(|phone| phone.credential.clone());
        let Err(why) = end(credentials.collect(), house) else {
            return Self {
                forgotten: Some(true),
                credentials: Vec::new(),
            };
        };
        screen.note(&format!(
            "note: antiphond could not be told ({why}). No approval of the phone counts; but its page can show {user}'s \
             recent activity until, with antiphond running, you say:"
        ));
        let credentials = phones
            .iter()
            .map(|phone| base64url::encode(&phone.credential));
        let credentials: Vec<String> = credentials.collect();
        let word = user.shell_word();
        // One at a time, since a line has a maximum length.
        for credential in &credentials {
            screen.note(&format!("  antiphon remove {word} --forget={credential}"));
        }
        Self {
            forgotten: Some(false),
            credentials,
        }
    }
}

/// The object of `--forget --json`.
#[derive(Serialize)]
struct Object<'a> {
    user: &'a str,
    forgotten: bool,
}

/// `--forget`: what could not be done when the phones were removed. Phones that are still in a record are left alone;
/// they are removed by name.
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

/// Otherwise a typo would cost somebody their phone, whoever was given as the user.
fn refuse_if_counts(credentials: &[Vec<u8>], house: &House) -> Result<(), Failure> {
    let Some(users) = house.users()? else {
        return Ok(());
    };
    for user in roll::call(&users, record_file::SUFFIX)?.users {
        // An unreadable record does not let anybody in.
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
