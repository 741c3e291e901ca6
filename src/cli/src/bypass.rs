//! `antiphon bypass`: a one-time code from root, for a person whose phone is lost.

use antiphon_core::bypass::{BypassCode, SALT_LENGTH};
use antiphon_core::disk::{Folder, RecordsLock};
use antiphon_core::name::UserName;
use antiphon_core::record::Record;
use antiphon_core::recovery::CODE_LENGTH;
use antiphon_core::state::{Bypass, State};
use antiphon_core::time::UnixTime;
use serde::Serialize;

use crate::arguments;
use crate::failure::{Failure, Kind};
use crate::house::House;
use crate::journal::{self, Done};
use crate::lock::{open_state, patience};
use crate::person;
use crate::random;
use crate::screen::Screen;
use crate::status::counted;

/// The object of `--json`.
#[derive(Serialize)]
struct Granted<'a> {
    user: &'a str,
    bypass_code: &'a str,
    until: String,
    uses: u32,
}

/// The object of `--end --json`.
#[derive(Serialize)]
struct Ended<'a> {
    user: &'a str,
    /// Whether there was one.
    ended: bool,
}

/// Makes a bypass code and shows it once, or withdraws the one that there is.
pub(crate) fn run(
    wanted: &arguments::Bypass,
    house: &House,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let user = person::canonical_or_on_file(&wanted.whose.user, house.users()?.as_ref())?;
    if wanted.end {
        return end(&user, house, screen);
    }
    let code = BypassCode::new(random::bytes::<CODE_LENGTH>()?);
    let salt = random::bytes::<SALT_LENGTH>()?;
    let mut granted = None;
    change(&user, house, screen, |state, now| {
        let bypass = Bypass::new(&code, salt, now, wanted.lasts, wanted.uses);
        state.grant_bypass(granted.insert(bypass).clone());
    })?;
    let Some(granted) = granted else {
        return Ok(());
    };
    let until = granted.until().to_string();
    let times = counted(granted.uses() as usize, "sign-in");
    let reason = format!("until {until}, {times}");
    write_down(&reason, &user, house, screen);
    let shown = code.shown();
    let told = if screen.is_json() {
        screen.object(&Granted {
            user: user.as_str(),
            bypass_code: &shown,
            until,
            uses: granted.uses(),
        })
    } else {
        tell(&user, &shown, &until, &times, screen)
    };
    told.map_err(|failure| {
        let withdrawn = change(&user, house, screen, |state, _| {
            state.end_bypass();
        });
        let rest = match withdrawn {
            Ok(_) => String::new(),
            Err(why) => format!(
                ", and still serves ({why}); run: antiphon bypass {} --end",
                user.shell_word()
            ),
        };
        let what = format!("{user}'s bypass code could not be shown ({failure}){rest}");
        Failure::new(Kind::Io, what)
    })
}

fn tell(
    user: &UserName,
    code: &str,
    until: &str,
    times: &str,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let until = screen.zone().show(until);
    screen.say(&format!("A bypass code for {user}:"))?;
    screen.line("")?;
    screen.line(&format!("    {}", screen.bold(code)))?;
    screen.line("")?;
    screen.say(&format!(
        "It is typed in the place of a code, after the password, and serves until {until} for {times}."
    ))?;
    screen.say(
        "Make sure that it is really that person who asks: call them back, or see them. It is not shown again.",
    )?;
    screen.say(&format!(
        "To withdraw it: antiphon bypass {} --end",
        user.shell_word()
    ))
}

fn end(user: &UserName, house: &House, screen: &mut Screen) -> Result<(), Failure> {
    let ended = change(user, house, screen, |state, _| {
        state.end_bypass();
    })?;
    if ended {
        write_down("withdrawn", user, house, screen);
    }
    if screen.is_json() {
        return screen.object(&Ended {
            user: user.as_str(),
            ended,
        });
    }
    screen.say(&if ended {
        format!("{user}'s bypass code serves no more.")
    } else {
        format!("{user} has no bypass code; nothing to do.")
    })
}

fn write_down(reason: &str, user: &UserName, house: &House, screen: &mut Screen) {
    let done = Done {
        outcome: "bypass",
        reason,
        method: "bypass",
        command: "bypass",
        ..Done::default()
    };
    journal::write_down(done, user, house, screen);
}

/// Changes the state under the locks of records and state; whether anything was changed.
fn change(
    user: &UserName,
    house: &House,
    screen: &mut Screen,
    change: impl FnOnce(&mut State, UnixTime),
) -> Result<bool, Failure> {
    // Asked first, for the clearer error.
    enrolled(user, house)?;
    let _lock = RecordsLock::take(&Folder::open(&house.config.paths.users)?, &mut patience())?;
    // Under the lock: by a record that is just being replaced, the state would be bound to the old secret again.
    let record = enrolled(user, house)?;
    let folder = Folder::open(&house.config.paths.state)?;
    let opened = open_state(&folder, user, &record, &house.config)?;
    let mut file = opened.file;
    if let Some(mended) = opened.mended {
        screen.note(&format!("note: {mended}"));
    }
    let mut next = file.state().clone();
    change(&mut next, file.now());
    let changes = next != *file.state();
    if changes {
        file.write(next)?;
    }
    Ok(changes)
}

/// Who is not asked for a second factor, or has none, has nothing to bypass.
fn enrolled(user: &UserName, house: &House) -> Result<Record, Failure> {
    let record = house.record_of(user)?;
    if record.is_enrolled() {
        return Ok(record);
    }
    let what = format!(
        "{user} has no way to sign in that could be bypassed; run: antiphon enroll {} --replace",
        user.shell_word()
    );
    Err(Failure::new(Kind::NoUser, what))
}
