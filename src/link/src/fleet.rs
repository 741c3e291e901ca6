//! What a relay has of a person's record.

use std::path::Path;

use antiphon_core::disk::fleet_files::Sent;
use antiphon_core::name::UserName;
use antiphon_core::wire::{FromDaemon, FromFleet, ToDaemon, ToFleet};

use crate::connection::{Away, ask};
use crate::interrupt::Interrupt;

/// Asks for the record of `user`, by the name in the fleet, through the daemon at `socket`. `keys` is the serial of the
/// keys that this host knows. Nothing in the answer is to be believed unverified, least of all that there is none.
///
/// # Errors
/// [`Away`], also if interrupted.
pub fn fleet_record(
    socket: &Path,
    user: &UserName,
    keys: u32,
    interrupt: &dyn Interrupt,
) -> Result<Sent, Away> {
    let user = user.as_str().to_owned();
    let question = ToDaemon::Fleet(ToFleet::Record { user, keys });
    match ask(socket, &question, interrupt)? {
        FromDaemon::Fleet(FromFleet::Record { record, keys }) => Ok(Sent { keys, record }),
        other => Err(Away::odd(&other)),
    }
}
