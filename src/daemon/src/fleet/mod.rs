//! The daemon in a fleet.
//!
//! On a *host* ([`Uplink`]) it carries each connection of the module to a relay, byte for byte, and does nothing else. On a
//! *relay* ([`HostDoor`], [`Relay`]) it takes those connections, as it takes root's, and keeps what the fleet has signed.
//! Both sides of a connection between them show a certificate of the fleet's authority ([`Identity`]).
//!
//! None of it is trusted: hosts believe signatures that lead to the root key which root has pinned there.

mod host_door;
mod identity;
mod lately;
mod publication;
mod register;
mod relay;
mod renewal;
mod telephone;
#[cfg(test)]
mod tests;
mod uplink;

pub(crate) use host_door::HostDoor;
pub(crate) use identity::{FOLDER, Identity};
pub(crate) use register::Register;
pub(crate) use relay::{Asked, Relay};
pub(crate) use renewal::{keep_valid, kept};
pub(crate) use uplink::{Uplink, serve};
