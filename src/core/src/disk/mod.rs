//! Root's files, opened so that nobody else can have tampered with them.
//!
//! [`folder`] walks to a folder and checks it, [`record_file`] and [`config_file`] read what the administrator wrote,
//! [`state_file`] locks, reads and writes the state, [`read_only`] keeps it in memory where it cannot be written,
//! [`person_files`] changes both, [`pending_file`] keeps unfinished enrolments, [`activity_file`] appends events,
//! [`key_file`] keeps providers' keys, [`summary_file`] shows people what they have, [`letter_file`] keeps letters to
//! print, [`fleet_files`] keeps what a fleet has signed, [`fleet_home`] what makes this computer one of a fleet, [`roster`]
//! what an enrolment host has signed for it; `contest` waits for locks. Time and patience are passed in; no
//! randomness is needed.

pub mod activity_file;
pub mod config_file;
mod contest;
mod distrust;
#[cfg(test)]
mod fixture;
pub mod fleet_files;
pub mod fleet_home;
pub mod folder;
mod holder;
pub mod key_file;
pub mod letter_file;
mod limit;
mod locked_file;
mod locked_state;
pub mod pending_file;
pub mod person_files;
pub mod read_only;
mod reading;
pub mod record_file;
mod records_lock;
pub mod roster;
pub mod state_file;
mod state_read;
pub mod summary_file;
mod whole_file;

pub use contest::Patience;
pub use distrust::{Distrust, Fault};
pub use fleet_home::FleetHome;
pub use folder::{Folder, Kind, Walk};
pub use holder::Holder;
pub use locked_state::LockedState;
pub use person_files::{Changed, Editing, Judged, PersonFiles, Removed, Unwritten};
pub use records_lock::{LockTrouble, RecordsLock};
pub use roster::Roster;
pub use state_file::{Opened, StateFile, StateTrouble};
