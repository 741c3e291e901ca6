//! What root's programs share beside what is true: one client of the daemon.
#![forbid(unsafe_code)]

mod approval;
mod connection;
mod descriptor;
pub mod random;

pub use approval::{LIFETIME, News, PendingApproval, Question};
pub use connection::{Away, DaemonLink};
pub use descriptor::above_standard;
