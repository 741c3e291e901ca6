//! The context of a known person's sign-in.

use antiphon_core::config::Config;
use antiphon_core::disk::Walk;
use antiphon_core::judge::Subject;
use antiphon_core::logline::LogLine;
use antiphon_core::name::UserName;
use antiphon_core::record::Record;
use antiphon_core::text::Language;

use crate::conversation::Conversation;
use crate::fleet::Place;
use crate::host;
use crate::journal::Journal;
use crate::request::Request;
use crate::watch::Watch;

/// Who signs in, by which rules, and how to ask and log.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) config: &'a Config,
    /// The canonical name.
    pub(crate) user: &'a UserName,
    pub(crate) language: Language,
    pub(crate) request: &'a Request,
    pub(crate) conversation: &'a dyn Conversation,
    pub(crate) watch: &'a dyn Watch,
    pub(crate) journal: &'a Journal,
    pub(crate) walk: &'a Walk,
    /// Where in a fleet this is, if the host is in one.
    pub(crate) fleet: Option<&'a Place>,
}

impl Context<'_> {
    /// This host's name, as phones show and sign it: unique in a fleet.
    pub(crate) fn host_name(&self) -> String {
        match self.fleet {
            Some(place) => place.pinned.host.clone(),
            None => host::name(),
        }
    }

    /// The person's name, as phones show and sign it: the same on each host of a fleet.
    pub(crate) fn name_on_phone(&self) -> &str {
        self.fleet.map_or(self.user, |place| &place.user).as_str()
    }

    /// Whose answer is judged.
    pub(crate) fn subject<'r>(&'r self, record: &'r Record) -> Subject<'r> {
        Subject {
            record,
            config: self.config,
            service: &self.request.service,
            origin: self.request.origin(),
        }
    }

    /// The start of a line about the person.
    pub(crate) fn line(&self, key: &str, word: &str) -> LogLine {
        LogLine::new()
            .with(key, word)
            .with("user", self.user.as_str())
    }

    /// An extra line that an administrator should look at.
    pub(crate) fn warn(&self, key: &str, word: &str, detail: &str) {
        self.journal
            .warn(&self.line(key, word).with("detail", detail));
    }
}
