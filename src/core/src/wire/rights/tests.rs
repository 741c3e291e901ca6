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
                "outcome", "keep", "forget", "record", "publish", "token", "tokens", "withdraw",
                "renew", "revoke", "hosts",
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
