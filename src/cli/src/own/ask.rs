//! A question to the daemon.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use antiphon_core::config::Paths;
use antiphon_core::text::Language;
use antiphon_core::wire::{FromPerson, NotTold, ToPerson};
use antiphon_link::{Link, Unheard};

use super::text::Text;
use crate::failure::{Failure, Kind};
use crate::house;
use crate::interrupt::Interrupts;

/// How long to wait for an answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// The daemon's socket for people.
pub(super) struct Daemon {
    socket: PathBuf,
    language: Language,
}

impl Daemon {
    /// Found in the configuration at `named`, or at the default path; if the caller cannot read that, the default
    /// socket.
    pub(super) fn new(named: Option<&Path>, language: Language) -> Result<Self, Failure> {
        let paths = match house::config_at(named) {
            Ok(config) => config.paths,
            Err(failure) if named.is_some() => return Err(failure),
            Err(_) => Paths::default(),
        };
        Ok(Self {
            socket: paths.person_socket(),
            language,
        })
    }

    /// Asks, and turns refusals into errors.
    pub(super) fn ask(&self, question: &FromPerson) -> Result<ToPerson, Failure> {
        let failed = |kind, text: Text<'_>| Failure::new(kind, text.in_language(self.language));
        let away = |why: &str| failed(Kind::Unavailable, Text::Away(why));
        let mut link = Link::open(&self.socket).map_err(|why| away(&why.0))?;
        let interrupts = Interrupts::hold()?;
        let answer = link
            .send(question)
            .map_err(Unheard::Away)
            .and_then(|()| link.wait(Instant::now() + PATIENCE, &interrupts));
        let reason = match answer {
            Ok(ToPerson::Refused { reason }) => reason,
            Ok(answer) => return Ok(answer),
            Err(Unheard::Stopped) => return Err(failed(Kind::TryAgain, Text::Stopped)),
            // Also if it closed the connection because of too many requests.
            Err(Unheard::Late | Unheard::Away(_)) => {
                return Err(failed(Kind::TryAgain, Text::Later));
            }
        };
        Err(match reason {
            NotTold::Unknown => failed(Kind::NoUser, Text::Unknown),
            NotTold::TooOften => failed(Kind::TryAgain, Text::TooOften),
            NotTold::NoSuchSignIn => failed(Kind::Data, Text::NoSuchSignIn),
            NotTold::NotNow => failed(Kind::TryAgain, Text::Later),
            NotTold::NotUnderstood => failed(Kind::Unavailable, Text::NotUnderstood),
        })
    }

    /// The answer does not match the question.
    pub(super) fn odd(&self) -> Failure {
        let text = Text::NotUnderstood.in_language(self.language);
        Failure::new(Kind::Unavailable, text)
    }
}
