//! What the fleet has signed about a person: asked of a relay at each sign-in, verified and kept before it counts.
//!
//! The relay is not believed. Without a valid signature, or with a relay that is away, what this host has verified before
//! is used as long as it is valid; without that the person is refused, whatever the reason: that there is no record is
//! only the relay's word.

use antiphon_core::config::Config;
use antiphon_core::disk::Walk;
use antiphon_core::disk::fleet_files::{self, Believed, FleetFiles, NotKept};
use antiphon_core::fleet::Pinned;
use antiphon_core::logline::LogLine;
use antiphon_core::name::UserName;
use antiphon_core::outcome::{Outcome, Refusal, Trouble};
use antiphon_link::fleet_record;

use crate::interrupt::Blocked;
use crate::journal::Journal;
use crate::shield::Shield;
use crate::watch::Watch;

/// Where in a fleet a sign-in is.
pub(crate) struct Place {
    /// What root has pinned on this host.
    pub(crate) pinned: Pinned,
    /// The person's name in the fleet.
    pub(crate) user: UserName,
}

/// Why there is nothing to ask by.
pub(crate) enum Missing {
    /// A relay says that there is no record.
    NoRecord,
    /// Something is away or unusable, or not to be believed.
    Trouble(Trouble),
}

impl Place {
    /// The place of `user` on this host; `None` if it is in no fleet.
    pub(crate) fn find(
        config: &Config,
        user: &UserName,
        walk: &Walk,
    ) -> Option<Result<Self, Trouble>> {
        let fleet = config.fleet.as_ref()?;
        Some(fleet_files::pinned(walk).map(|pinned| Self {
            pinned,
            user: fleet.name_of(user),
        }))
    }
}

/// A person whose record is asked for.
pub(crate) struct Enquiry<'a> {
    pub(crate) config: &'a Config,
    pub(crate) place: &'a Place,
    pub(crate) watch: &'a dyn Watch,
    pub(crate) journal: &'a Journal,
    pub(crate) walk: &'a Walk,
}

impl Enquiry<'_> {
    /// The record that counts.
    pub(crate) fn run(&self) -> Result<Believed, Missing> {
        let Place { pinned, user } = self.place;
        let files = FleetFiles::open(self.config, pinned, user, self.walk)?;
        let kept = files.look()?;
        let sent = fleet_record(
            &self.config.paths.socket,
            user,
            kept.keys_serial(),
            &Blocked,
        );
        let mut why = Missing::NoRecord;
        match &sent {
            Ok(sent) => {
                let _shield = Shield::raise()?;
                let mut patience = self.watch.patience(self.journal);
                match files.keep(&kept, sent, &|| self.watch.now(), &mut *patience) {
                    Ok(()) => {}
                    Err(NotKept::Untrusted(untrusted)) => {
                        self.warn_of_fleet(untrusted.word(), &untrusted.to_string());
                        why = Missing::Trouble(Trouble::new("fleet", &untrusted));
                    }
                    Err(NotKept::Trouble(trouble)) => return Err(trouble.into()),
                }
            }
            Err(away) => {
                self.warn_of_fleet("away", &away.0);
                let detail = format_args!(
                    "no relay could be asked for the record of {user} ({away}), and this host has none from before; look \
                     at antiphond, or run: antiphon enroll {}",
                    user.shell_word()
                );
                why = Missing::Trouble(Trouble::new("fleet-away", &detail));
            }
        }
        match files.believed(files.look()?, self.watch.now()?)? {
            Ok(Some(believed)) => Ok(believed),
            Ok(None) => Err(why),
            Err(untrusted) => Err(Trouble::new("fleet", &untrusted).into()),
        }
    }

    pub(crate) fn warn_of_fleet(&self, word: &str, detail: &str) {
        let line = LogLine::new()
            .with("fleet", word)
            .with("user", self.place.user.as_str())
            .with("detail", detail);
        self.journal.warn(&line);
    }
}

impl From<Trouble> for Missing {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<Missing> for Outcome {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::NoRecord => Self::Refused(Refusal::NotInFleet),
            Missing::Trouble(trouble) => Self::Unusable(trouble),
        }
    }
}
