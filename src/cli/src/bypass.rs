//! `antiphon bypass`: a temporary code from root for a person who lost their phone, or for an envelope.

mod page;

use antiphon_core::bypass::{BypassCode, SALT_LENGTH};
use antiphon_core::name::UserName;
use antiphon_core::person::{Edit, Grant};
use antiphon_core::recovery::CODE_LENGTH;
use antiphon_core::state;
use antiphon_link::random;
use serde::Serialize;

use crate::arguments;
use crate::failure::{Failure, Kind};
use crate::house::House;
use crate::lock::change_noting;
use crate::log::{self, Done};
use crate::person;
use crate::screen::Screen;
use crate::status::counted;

const GRANTED: Done<'_> = Done {
    outcome: "bypass",
    reason: "",
    detail: "",
    method: "bypass",
    phone: "",
    provider: "",
    command: "bypass",
};
const WITHDRAWN: Done<'_> = Done {
    reason: "withdrawn",
    ..GRANTED
};

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

/// Makes a bypass code and shows it once, or withdraws the existing one.
pub(crate) fn run(
    wanted: &arguments::Bypass,
    house: &House,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let user = person::canonical_or_on_file(&wanted.whose.user, house)?;
    if wanted.end {
        return end(&user, house, screen);
    }
    if !wanted.sealed && wanted.lasts > state::Bypass::LONGEST {
        let what =
            "a code serves for 7d at most; one that is locked away serves longer: add --sealed";
        return Err(Failure::new(Kind::Usage, what));
    }
    let code = BypassCode::new(*random::bytes::<CODE_LENGTH>()?);
    let salt = *random::bytes::<SALT_LENGTH>()?;
    let grant = Grant {
        code: &code,
        salt,
        lasts: wanted.lasts,
        uses: wanted.uses,
    };
    let changed = change_noting(Edit::Grant(&grant), &user, house, screen)?;
    let Some(granted) = changed.after.state.bypass(changed.now) else {
        return Ok(());
    };
    let until = granted.until().to_string();
    let times = counted(granted.uses() as usize, "sign-in");
    let sealed = if wanted.sealed { ", sealed" } else { "" };
    let done = Done {
        detail: &format!("until {until}, {times}{sealed}"),
        ..GRANTED
    };
    log::write_down(done, &user, house, screen);
    let shown = code.shown();
    let told = if screen.is_json() {
        screen.object(&Granted {
            user: user.as_str(),
            bypass_code: &shown,
            until,
            uses: granted.uses(),
        })
    } else if wanted.sealed {
        let page = page::Page {
            user: &user,
            host: &house.host,
            code: &shown,
            made: changed.now,
            until: granted.until(),
            uses: granted.uses(),
        };
        page.print(screen)
    } else {
        tell(&user, &shown, &until, &times, screen)
    };
    told.map_err(|failure| {
        let withdrawn = change_noting(Edit::Withdraw, &user, house, screen);
        let rest = match withdrawn {
            Ok(_) => {
                log::write_down(WITHDRAWN, &user, house, screen);
                "; any earlier one no longer works either".to_owned()
            }
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
    let changed = change_noting(Edit::Withdraw, user, house, screen)?;
    let ended = changed.before.state != changed.after.state;
    if ended {
        log::write_down(WITHDRAWN, user, house, screen);
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
