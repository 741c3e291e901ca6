//! What people without root may see about themselves, and "that sign-in was not me": requested from the daemon, which
//! learns the caller's identity from the kernel. All output is in the caller's language.

mod activity;
mod ask;
mod language;
mod report;
mod text;
mod ways;

use std::io::{self, IsTerminal};

use antiphon_core::text::Language;
use nix::unistd::{User, geteuid, getuid};

use crate::arguments::{Arguments, Deed};
use crate::failure::{Failure, Kind};
use crate::screen::Screen;
use ask::Daemon;
use text::Text;

/// Runs the commands that everybody may use for themselves; `None` for those that need root.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Option<Result<(), Failure>> {
    let person = |whose: Option<&str>| Person::new(arguments, whose);
    let without_root = !geteuid().is_root();
    Some(match &arguments.deed {
        Deed::Status(wanted) if without_root => {
            person(wanted.user.as_deref()).and_then(|person| ways::show(&person, screen))
        }
        Deed::Activity(wanted) if without_root => person(wanted.whose.user.as_deref())
            .and_then(|person| activity::show(&person, wanted.lines, screen)),
        Deed::Report(wanted) => {
            person(None).and_then(|person| report::run(&person, wanted.sign_in.as_deref(), screen))
        }
        _ => return None,
    })
}

/// The caller, and the daemon.
struct Person {
    language: Language,
    daemon: Daemon,
}

impl Person {
    /// The caller, who can ask only about themselves.
    fn new(arguments: &Arguments, whose: Option<&str>) -> Result<Self, Failure> {
        let language = language::of_environment();
        // Compared by user id, since the database may accept other forms of the name, such as DOMAIN\\name or capitals.
        let is_own = whose.is_none_or(
            |whose| matches!(User::from_name(whose), Ok(Some(user)) if user.uid == getuid()),
        );
        if !is_own {
            let text = Text::OnlyYourOwn.in_language(language);
            return Err(Failure::new(Kind::NoPermission, text));
        }
        Ok(Self {
            language,
            daemon: Daemon::new(arguments.config.as_deref(), language)?,
        })
    }

    fn say(&self, text: &Text<'_>) -> String {
        text.in_language(self.language)
    }

    fn failure(&self, kind: Kind, text: &Text<'_>) -> Failure {
        Failure::new(kind, self.say(text))
    }
}

/// Whether there is somebody to ask.
fn is_anybody_there(screen: &Screen) -> bool {
    io::stdin().is_terminal() && screen.size().is_some() && !screen.is_json()
}
