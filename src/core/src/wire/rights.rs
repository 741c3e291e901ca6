//! Who may send what to a daemon. The one table of rights.
//!
//! A host that somebody has taken over can ask phones about its own sign-ins and have codes sent for them, and nothing else: it
//! asks for no other host, names no telephone number, enrols nobody, forgets nobody's phone and lets no host in.

use std::fmt;

use super::{ByAccount, HostRole, ToDaemon, ToFleet};
use crate::invitation::TRIAL_SERVICE;

/// The peer on a connection, as the kernel or its certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    /// Root on this computer.
    Root,
    /// A host of the fleet, by the name in its certificate.
    Host {
        /// The name.
        name: String,
        /// What it may do.
        role: HostRole,
    },
    /// Somebody without a certificate, who can only join.
    Newcomer,
}

/// Who may send a message, apart from root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Right {
    /// Only root on this computer.
    RootAlone,
    /// Root, and enrolment hosts.
    Enrolling,
    /// Root, and every host.
    EveryHost,
    /// Every host, and not root, who has no certificate.
    WithCertificate,
    /// Only who has not joined yet.
    Newcomers,
}

/// For the log.
impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("root"),
            Self::Host { name, .. } => write!(f, "the host {name}"),
            Self::Newcomer => f.write_str("a host that has not joined"),
        }
    }
}

impl ToDaemon {
    fn right(&self) -> Right {
        match self {
            // The trial of a phone is asked whatever was asked before: only who enrols may say that it is one.
            Self::Approve { request, .. } if request.service == TRIAL_SERVICE => Right::Enrolling,
            Self::Approve { .. }
            | Self::Outcome { .. }
            | Self::Paused { .. }
            | Self::DeliverToPerson(_) => Right::EveryHost,
            Self::Ticket(_) | Self::Keep {} | Self::Forget { .. } => Right::Enrolling,
            // It names the telephone number, which a relay takes from no host. And accounts are asked where the sign-in is.
            Self::Deliver(_)
            | Self::ApproveByAccount(_)
            | Self::AccountTicket(_)
            | Self::KeyUnknown {} => Right::RootAlone,
            Self::Fleet(message) => message.right(),
        }
    }

    /// The host that it speaks for.
    fn host(&self) -> Option<&str> {
        match self {
            Self::Approve { request, .. } | Self::ApproveByAccount(ByAccount { request, .. }) => {
                Some(&request.host)
            }
            Self::Paused { host, .. } => Some(host),
            Self::DeliverToPerson(deliver) => Some(&deliver.host),
            Self::Ticket(ticket) => Some(&ticket.host),
            Self::AccountTicket(ticket) => Some(&ticket.host),
            Self::Fleet(ToFleet::Hello { name, .. }) => Some(name),
            Self::Outcome { .. }
            | Self::Keep {}
            | Self::Forget { .. }
            | Self::Deliver(_)
            | Self::KeyUnknown {}
            | Self::Fleet(_) => None,
        }
    }
}

impl ToFleet {
    fn right(&self) -> Right {
        match self {
            Self::Record { .. } => Right::EveryHost,
            Self::Hello { .. } | Self::Renew { .. } => Right::WithCertificate,
            Self::Publish { .. }
            | Self::Token { .. }
            | Self::Tokens { .. }
            | Self::Withdraw { .. }
            | Self::Revoke { .. }
            | Self::Hosts { .. } => Right::Enrolling,
            Self::Join(_) => Right::Newcomers,
        }
    }
}

impl Peer {
    /// Whether this peer may send `message`: one of its role, and for no other host than itself.
    #[must_use]
    pub fn may(&self, message: &ToDaemon) -> bool {
        let right = message.right();
        match self {
            Self::Root => !matches!(right, Right::WithCertificate | Right::Newcomers),
            Self::Newcomer => right == Right::Newcomers,
            Self::Host { name, role } => {
                let has = match right {
                    Right::EveryHost | Right::WithCertificate => true,
                    Right::Enrolling => *role == HostRole::Enrol,
                    Right::RootAlone | Right::Newcomers => false,
                };
                has && message.host().is_none_or(|host| host == name)
            }
        }
    }
}

#[cfg(test)]
mod tests;
