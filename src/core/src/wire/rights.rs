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
mod tests {
    use super::Peer;
    use crate::account::AccountTerms;
    use crate::approval::ApprovalRequest;
    use crate::fleet::{Kind, SignedDocument};
    use crate::invitation::TRIAL_SERVICE;
    use crate::record::TelephoneUse;
    use crate::time::UnixTime;
    use crate::wire::{
        AccountTicket, ByAccount, Deliver, DeliverToPerson, Hints, HostRole, Join, Silence, Ticket,
        ToDaemon, ToFleet,
    };

    const OWN: &str = "db7";

    fn request(host: &str) -> ApprovalRequest {
        ApprovalRequest {
            nonce: [7; 32],
            user: "anna".into(),
            host: host.into(),
            service: "sshd".into(),
            caller: String::new(),
            remote_host: String::new(),
            terminal: String::new(),
            issued: UnixTime(1),
            expires: UnixTime(61),
        }
    }

    fn approve(host: &str, service: &str) -> ToDaemon {
        ToDaemon::Approve {
            request: ApprovalRequest {
                service: service.into(),
                ..request(host)
            },
            credentials: Vec::new(),
            digits: 2,
            hints: Hints::default(),
        }
    }

    fn deliver() -> Deliver {
        Deliver {
            user: "anna".into(),
            tel: "+46701234521".into(),
            by: TelephoneUse::Sms,
            language: "sv".into(),
            code: "123456".into(),
            text: String::new(),
        }
    }

    fn deliver_to_person(host: &str) -> DeliverToPerson {
        DeliverToPerson {
            user: "anna".into(),
            host: host.into(),
            service: "sshd".into(),
            remote_host: String::new(),
            place: 0,
            ending: "21".into(),
            by: TelephoneUse::Sms,
            language: "sv".into(),
            code: "123456".into(),
        }
    }

    /// Every message there is, for `host` if it speaks for one. A new one does not compile without its place here.
    fn messages(host: &str) -> Vec<(&'static str, ToDaemon)> {
        let silence = Silence {
            since: UnixTime(1),
            until: UnixTime(2),
        };
        let document = SignedDocument {
            kind: Kind::Record,
            body: String::new(),
            key: String::new(),
            signature: Vec::new(),
        };
        let terms = AccountTerms {
            provider: "entra".into(),
            issuer: "https://login.example.org".into(),
            client_id: "antiphon".into(),
            subject: String::new(),
            tenant: String::new(),
        };
        let all = vec![
            approve(host, "sshd"),
            approve(host, TRIAL_SERVICE),
            ToDaemon::ApproveByAccount(ByAccount {
                request: request(host),
                terms: terms.clone(),
                credentials: Vec::new(),
                digits: 2,
                check_digits: true,
                hints: Hints::default(),
            }),
            ToDaemon::KeyUnknown {},
            ToDaemon::Outcome {
                outcome: "accepted".into(),
                pause: None,
            },
            ToDaemon::Paused {
                user: "anna".into(),
                host: host.into(),
                pause: silence,
            },
            ToDaemon::Ticket(Ticket {
                ticket: Vec::new(),
                user: "anna".into(),
                host: host.into(),
                credentials: Vec::new(),
            }),
            ToDaemon::AccountTicket(AccountTicket {
                name: [7; 32],
                user: "anna".into(),
                host: host.into(),
                issued: UnixTime(1),
                expires: UnixTime(601),
                terms,
            }),
            ToDaemon::Keep {},
            ToDaemon::Deliver(deliver()),
            ToDaemon::DeliverToPerson(deliver_to_person(host)),
            ToDaemon::Forget {
                credentials: Vec::new(),
            },
            ToDaemon::Fleet(ToFleet::Hello {
                version: 1,
                name: host.into(),
            }),
            ToDaemon::Fleet(ToFleet::Record {
                user: "anna".into(),
                keys: 0,
            }),
            ToDaemon::Fleet(ToFleet::Publish {
                document,
                numbers: None,
            }),
            ToDaemon::Fleet(ToFleet::Token {
                hash: [0; 32],
                role: HostRole::Enrol,
                hosts: 1,
                until: UnixTime(1),
                network: String::new(),
            }),
            ToDaemon::Fleet(ToFleet::Tokens { after: [0; 32] }),
            ToDaemon::Fleet(ToFleet::Withdraw { hash: [0; 32] }),
            ToDaemon::Fleet(ToFleet::Join(Join {
                secret: String::new(),
                name: host.into(),
                key: Vec::new(),
            })),
            ToDaemon::Fleet(ToFleet::Renew { key: Vec::new() }),
            ToDaemon::Fleet(ToFleet::Revoke { host: OWN.into() }),
            ToDaemon::Fleet(ToFleet::Hosts {
                after: String::new(),
            }),
        ];
        all.into_iter()
            .map(|message| (word(&message), message))
            .collect()
    }

    fn word(message: &ToDaemon) -> &'static str {
        match message {
            ToDaemon::Approve { request, .. } if request.service == TRIAL_SERVICE => "trial",
            ToDaemon::Approve { .. } => "approve",
            ToDaemon::ApproveByAccount(_) => "approve-by-account",
            ToDaemon::KeyUnknown {} => "key-unknown",
            ToDaemon::Outcome { .. } => "outcome",
            ToDaemon::Paused { .. } => "paused",
            ToDaemon::Ticket(_) => "ticket",
            ToDaemon::AccountTicket(_) => "account-ticket",
            ToDaemon::Keep {} => "keep",
            ToDaemon::Deliver(_) => "deliver",
            ToDaemon::DeliverToPerson(_) => "deliver-to-person",
            ToDaemon::Forget { .. } => "forget",
            ToDaemon::Fleet(ToFleet::Hello { .. }) => "hello",
            ToDaemon::Fleet(ToFleet::Record { .. }) => "record",
            ToDaemon::Fleet(ToFleet::Publish { .. }) => "publish",
            ToDaemon::Fleet(ToFleet::Token { .. }) => "token",
            ToDaemon::Fleet(ToFleet::Tokens { .. }) => "tokens",
            ToDaemon::Fleet(ToFleet::Withdraw { .. }) => "withdraw",
            ToDaemon::Fleet(ToFleet::Join(_)) => "join",
            ToDaemon::Fleet(ToFleet::Renew { .. }) => "renew",
            ToDaemon::Fleet(ToFleet::Revoke { .. }) => "revoke",
            ToDaemon::Fleet(ToFleet::Hosts { .. }) => "hosts",
        }
    }

    /// What each peer may send: for itself, and for another host.
    fn table() -> [(Peer, &'static [&'static str], &'static [&'static str]); 4] {
        let host = |role| Peer::Host {
            name: OWN.into(),
            role,
        };
        let roots: &[&str] = &[
            "approve",
            "trial",
            "approve-by-account",
            "key-unknown",
            "outcome",
            "paused",
            "ticket",
            "account-ticket",
            "keep",
            "deliver",
            "deliver-to-person",
            "forget",
            "record",
            "publish",
            "token",
            "tokens",
            "withdraw",
            "revoke",
            "hosts",
        ];
        [
            (Peer::Root, roots, roots),
            (
                host(HostRole::Host),
                &[
                    "approve",
                    "outcome",
                    "paused",
                    "deliver-to-person",
                    "hello",
                    "record",
                    "renew",
                ],
                &["outcome", "record", "renew"],
            ),
            (
                host(HostRole::Enrol),
                &[
                    "approve",
                    "trial",
                    "outcome",
                    "paused",
                    "ticket",
                    "keep",
                    "deliver-to-person",
                    "forget",
                    "hello",
                    "record",
                    "publish",
                    "token",
                    "tokens",
                    "withdraw",
                    "renew",
                    "revoke",
                    "hosts",
                ],
                &[
                    "outcome", "keep", "forget", "record", "publish", "token", "tokens",
                    "withdraw", "renew", "revoke", "hosts",
                ],
            ),
            (Peer::Newcomer, &["join"], &["join"]),
        ]
    }

    #[test]
    fn each_peer_may_send_what_the_table_says_and_nothing_else() {
        for (peer, own, others) in table() {
            for (host, expected) in [(OWN, own), ("web1", others), ("", others)] {
                let may: Vec<&str> = messages(host)
                    .into_iter()
                    .filter(|(_, message)| peer.may(message))
                    .map(|(word, _)| word)
                    .collect();
                assert_eq!(may, expected, "{peer:?} for {host:?}");
            }
        }
    }

    #[test]
    fn the_table_knows_every_message() {
        let mut words: Vec<&str> = messages(OWN).into_iter().map(|(word, _)| word).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), messages(OWN).len());
        assert_eq!(words.len(), 22);
    }

    #[test]
    fn a_rooted_host_can_neither_enrol_nor_forget_nor_ask_for_another_host() {
        let host = Peer::Host {
            name: OWN.into(),
            role: HostRole::Host,
        };
        for (word, message) in messages(OWN) {
            let forbidden = [
                "trial",
                "approve-by-account",
                "key-unknown",
                "ticket",
                "account-ticket",
                "keep",
                "forget",
                "deliver",
                "publish",
                "token",
                "tokens",
                "withdraw",
                "join",
                "revoke",
                "hosts",
            ];
            assert_eq!(host.may(&message), !forbidden.contains(&word), "{word}");
        }
        for other in ["web1", "DB7", "db7.", "db7.example.org", "db", ""] {
            for wanted in ["approve", "deliver-to-person"] {
                let asked = messages(other)
                    .into_iter()
                    .find(|(word, _)| *word == wanted);
                assert!(!host.may(&asked.unwrap().1), "{wanted} {other}");
            }
        }
    }
}
