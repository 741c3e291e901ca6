//! What people without root may see about themselves, and "that sign-in was not me": requested from the daemon, which
//! learns the caller's identity from the kernel. All output is in the caller's language.

mod activity;
mod ask;
mod report;
mod text;
mod ways;

use std::env;
use std::io::{self, IsTerminal};
use std::path::PathBuf;

use antiphon_core::config::Paths;
use antiphon_core::text::Language;
use nix::unistd::{User, geteuid, getuid};

use crate::arguments::{Arguments, Deed};
use crate::failure::{Failure, Kind};
use crate::house;
use crate::screen::Screen;
use text::Text;

/// Runs the commands that everybody may use for themselves; `None` for those that need root.
pub(crate) fn run(arguments: &Arguments, screen: &mut Screen) -> Option<Result<(), Failure>> {
    let person = |whose: Option<&str>| Person::new(arguments, whose);
    let without_root = !geteuid().is_root();
    Some(match &arguments.deed {
        // The table, the page and the figures of everybody are root's.
        Deed::Status(wanted) if without_root && wanted.is_of_one() => {
            person(wanted.whose.user.as_deref()).and_then(|person| ways::show(&person, screen))
        }
        Deed::Activity(wanted) if without_root => person(wanted.whose.user.as_deref())
            .and_then(|person| activity::show(&person, wanted.lines, screen)),
        Deed::Report(wanted) => {
            person(None).and_then(|person| report::run(&person, wanted.sign_in.as_deref(), screen))
        }
        _ => return None,
    })
}

/// The caller, and the daemon's socket for people.
struct Person {
    language: Language,
    socket: PathBuf,
}

impl Person {
    /// The caller, who can ask only about themselves.
    fn new(arguments: &Arguments, whose: Option<&str>) -> Result<Self, Failure> {
        let language = language_of_environment();
        // Compared by user id, since the database may accept other forms of the name, such as DOMAIN\\name or capitals.
        let is_own = whose.is_none_or(
            |whose| matches!(User::from_name(whose), Ok(Some(user)) if user.uid == getuid()),
        );
        if !is_own {
            let text = Text::OnlyYourOwn.in_language(language);
            return Err(Failure::new(Kind::NoPermission, text));
        }
        let named = arguments.config.as_deref();
        let paths = match house::config_at(named) {
            Ok(config) => config.paths,
            Err(failure) if named.is_some() => return Err(failure),
            // The caller may be unable to read it.
            Err(_) => Paths::default(),
        };
        Ok(Self {
            language,
            socket: paths.person_socket(),
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

/// The language in the environment (POSIX.1-2017, XBD 8.2: the first of these variables that is set and not empty).
fn language_of_environment() -> Language {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(env::var_os)
        .find(|value| !value.is_empty());
    language_of_locale(&locale.unwrap_or_default().to_string_lossy())
}

/// `sv_SE.UTF-8` and `sv` are Swedish; anything unknown is English.
fn language_of_locale(locale: &str) -> Language {
    let tag = locale.split(['_', '.', '@']).next().unwrap_or_default();
    Language::from_tag(tag).unwrap_or(Language::English)
}

#[cfg(test)]
mod tests {
    use antiphon_core::text::Language;

    use super::language_of_locale;

    #[test]
    fn a_locale_of_sweden_or_finland_in_swedish_is_swedish_and_others_are_english() {
        for locale in ["sv", "sv_SE", "sv_SE.UTF-8", "sv_FI@euro", "sv.UTF-8"] {
            assert_eq!(language_of_locale(locale), Language::Swedish, "{locale}");
        }
        for locale in ["", "C", "C.UTF-8", "POSIX", "en_GB.UTF-8", "svk", "de_DE"] {
            assert_eq!(language_of_locale(locale), Language::English, "{locale}");
        }
    }
}
