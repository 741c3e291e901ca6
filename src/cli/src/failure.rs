//! Errors of a command: one line that says what to do next, and the exit status.

use std::fmt;
use std::process::ExitCode;

use antiphon_core::disk::{Distrust, LockTrouble, StateTrouble, Unwritten};
use antiphon_core::outcome::Trouble;

/// The kinds of failure, with their `sysexits.h` numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Invalid arguments.
    Usage = 64,
    /// Invalid input: a code, a name.
    Data = 65,
    /// Input ended too soon.
    NoInput = 66,
    /// No such person.
    NoUser = 67,
    /// No such host in the fleet.
    NoHost = 68,
    /// The user database or randomness is unavailable.
    Unavailable = 69,
    /// A record exists that must not be overwritten, or a file cannot be created.
    CannotCreate = 73,
    /// Reading or writing failed.
    Io = 74,
    /// Another process holds a lock.
    TryAgain = 75,
    /// Not root.
    NoPermission = 77,
    /// Configuration, records or folders need a fix.
    Config = 78,
}

impl Kind {
    pub(crate) fn exit_code(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}

/// The exit status of a command for many people that has left some out, and said why.
pub(crate) fn partly() -> ExitCode {
    ExitCode::from(1)
}

/// A failed command. `Display` is one sentence, with the fix.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    what: String,
}

impl Failure {
    pub(crate) fn new(kind: Kind, what: impl fmt::Display) -> Self {
        Self {
            kind,
            what: what.to_string(),
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl From<Distrust> for Failure {
    fn from(distrust: Distrust) -> Self {
        Self::new(Kind::Config, distrust)
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        let kind = match trouble.what {
            "random" => Kind::Unavailable,
            _ => Kind::Config,
        };
        Self::new(kind, trouble.detail)
    }
}

impl From<StateTrouble> for Failure {
    fn from(trouble: StateTrouble) -> Self {
        let kind = match trouble {
            StateTrouble::Busy(_) => Kind::TryAgain,
            StateTrouble::Distrusted(_) | StateTrouble::NotUnderstood(..) => Kind::Config,
        };
        Self::new(kind, trouble)
    }
}

impl From<LockTrouble> for Failure {
    fn from(trouble: LockTrouble) -> Self {
        let kind = match trouble {
            LockTrouble::Busy(_) => Kind::TryAgain,
            LockTrouble::System(_) => Kind::Io,
        };
        Self::new(kind, trouble)
    }
}

impl From<Unwritten> for Failure {
    fn from(why: Unwritten) -> Self {
        match why {
            Unwritten::Lock(trouble) => trouble.into(),
            Unwritten::State(trouble) => trouble.into(),
            Unwritten::StateNotWritten(_) | Unwritten::Record(_) => {
                Self::new(Kind::CannotCreate, why)
            }
            Unwritten::Changed => Self::new(Kind::TryAgain, why),
            Unwritten::Refused(_) => Self::new(Kind::Data, why),
            Unwritten::Unreadable(trouble) | Unwritten::System(trouble) => trouble.into(),
        }
    }
}
