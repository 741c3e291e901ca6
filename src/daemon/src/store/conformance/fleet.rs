//! What every store keeps of a fleet.

use antiphon_core::fleet::Kind;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::HostRole;

use crate::store::Store;
use crate::store::fleet::{
    Joining, Newcomer, Numbered, NumbersText, OpenToken, Opening, Publication, Published,
};

const NOW: UnixTime = UnixTime(1_795_377_600);
/// Long after and long before it, by whatever clock.
const END: UnixTime = UnixTime(4_102_444_800);
const OVER: UnixTime = UnixTime(1);

pub(super) async fn holds(store: &dyn Store) {
    a_document_gives_way_to_a_higher_serial_alone(store).await;
    numbers_come_and_go_with_their_record_and_are_no_document(store).await;
    a_token_joins_as_many_hosts_as_it_says(store).await;
    a_token_is_opened_once(store).await;
    a_token_serves_until_its_end_and_in_its_network(store).await;
    a_name_is_one_hosts_until_it_is_revoked(store).await;
    who_missed_the_answer_joins_again_and_uses_nothing_up(store).await;
    a_tokens_opener_takes_it_along(store).await;
    hosts_are_listed_by_name_piece_by_piece(store).await;
    a_token_is_listed_until_it_is_withdrawn(store).await;
}

/// And what those do that go by the time they are given. The engine goes by its own.
pub(crate) async fn goes_by_the_time_given(store: &dyn Store) {
    let until = NOW.plus(60);
    store
        .open_token(OpenToken {
            until,
            ..token(60, 10)
        })
        .await
        .unwrap();
    assert_eq!(store.tokens([59; 32], 9, until).await, Ok(vec![]));
    for (name, after, expected) in [("t1", 59, true), ("t2", 60, false), ("t3", 0, false)] {
        let newcomer = Newcomer {
            now: NOW.plus(after),
            ..newcomer(60, name)
        };
        let joined = join(store, newcomer).await;
        assert_eq!(
            joined == Joining::Joined(HostRole::Host),
            expected,
            "{name}"
        );
    }
    assert_eq!(store.revoke("t1", NOW.plus(65)).await, Ok(true));
    assert_eq!(store.revoke("t1", NOW.plus(69)).await, Ok(true));
    store.seen(vec!["t1".into()], NOW.plus(67)).await.unwrap();
    let entry = store.host("t1").await.unwrap().unwrap().entry;
    assert_eq!(entry.joined, NOW.plus(59));
    assert_eq!(entry.revoked, Some(NOW.plus(65)));
    assert_eq!(entry.seen, Some(NOW.plus(67)));
}

fn record(name: &str, serial: u32, text: &str) -> Published {
    Published {
        kind: Kind::Record,
        name: name.into(),
        serial,
        text: text.into(),
        numbers: None,
    }
}

async fn a_document_gives_way_to_a_higher_serial_alone(store: &dyn Store) {
    let keys = Published {
        kind: Kind::Keys,
        ..record("", 3, "keys")
    };
    for (document, expected) in [
        (record("åsa", 7, "seven"), Publication::Kept),
        (record("åsa", 6, "six"), Publication::Outdated(7)),
        (record("åsa", 7, "other"), Publication::Outdated(7)),
        (record("åsa", u32::MAX, "last"), Publication::Kept),
        (record("bob", 1, "bob"), Publication::Kept),
        (keys, Publication::Kept),
    ] {
        assert_eq!(store.publish(document).await, Ok(expected));
    }
    for (kind, name, text) in [
        (Kind::Record, "åsa", Some("last")),
        (Kind::Record, "bob", Some("bob")),
        (Kind::Record, "", None),
        (Kind::Record, "Åsa", None),
        (Kind::Keys, "", Some("keys")),
        (Kind::Keys, "åsa", None),
    ] {
        let found = store.document(kind, name).await.unwrap();
        assert_eq!(found.as_deref(), text, "{name}");
    }
}

async fn numbers_come_and_go_with_their_record_and_are_no_document(store: &dyn Store) {
    let with = |serial: u32, numbers: Option<&str>| Published {
        numbers: numbers.map(|text| NumbersText(text.to_owned())),
        ..record("eve", serial, &serial.to_string())
    };
    assert_eq!(store.numbered("eve").await, Ok(None));
    for (document, expected) in [
        (with(1, None), None),
        (with(2, Some("two")), Some(("2", "two"))),
        (with(1, Some("one")), Some(("2", "two"))),
        (with(2, None), Some(("2", "two"))),
        (with(3, Some("three")), Some(("3", "three"))),
        (with(4, None), None),
    ] {
        let shown = format!("{document:?}");
        assert!(!shown.contains("three"), "{shown}");
        store.publish(document).await.unwrap();
        let expected = expected.map(|(record, numbers)| Numbered {
            record: record.to_owned(),
            numbers: NumbersText(numbers.to_owned()),
        });
        assert_eq!(store.numbered("eve").await, Ok(expected));
        assert_eq!(store.document(Kind::Numbers, "eve").await, Ok(None));
    }
}

fn token(hash: u8, hosts: u32) -> OpenToken {
    OpenToken {
        hash: [hash; 32],
        role: HostRole::Host,
        hosts,
        until: END,
        network: None,
        opener: String::new(),
    }
}

fn newcomer(hash: u8, name: &str) -> Newcomer {
    Newcomer {
        hash: [hash; 32],
        name: name.into(),
        key: [hash; 32],
        from: [10, 0, 0, 7].into(),
        now: NOW,
    }
}

async fn join(store: &dyn Store, newcomer: Newcomer) -> Joining {
    store.join(newcomer).await.unwrap()
}

async fn a_token_joins_as_many_hosts_as_it_says(store: &dyn Store) {
    assert_eq!(join(store, newcomer(1, "a1")).await, Joining::Token);
    store.open_token(token(1, 2)).await.unwrap();
    assert_eq!(join(store, newcomer(9, "a1")).await, Joining::Token);
    for name in ["a1", "a2"] {
        let joined = join(store, newcomer(1, name)).await;
        assert_eq!(joined, Joining::Joined(HostRole::Host));
    }
    assert_eq!(join(store, newcomer(1, "a3")).await, Joining::Token);
    assert_eq!(store.host("a3").await, Ok(None));
    let role = HostRole::Enrol;
    store
        .open_token(OpenToken {
            role,
            ..token(2, 1)
        })
        .await
        .unwrap();
    let joined = join(store, newcomer(2, "e1")).await;
    assert_eq!(joined, Joining::Joined(role));
    let host = store.host("e1").await.unwrap().unwrap();
    assert_eq!((host.entry.role, host.key), (role, [2; 32]));
    assert_eq!(host.entry.revoked, None);
}

async fn a_token_is_opened_once(store: &dyn Store) {
    let network = Some("10.0.0.0/8".parse().unwrap());
    let first = OpenToken {
        network,
        ..token(20, 1)
    };
    assert_eq!(store.open_token(first.clone()).await, Ok(Opening::Opened));
    // By root again, and by hosts, which know its hash.
    for opener in ["", "e1", "nobody"] {
        let other = OpenToken {
            role: HostRole::Enrol,
            opener: opener.into(),
            until: END.plus(600),
            ..token(20, 9)
        };
        assert_eq!(
            store.open_token(other).await,
            Ok(Opening::Known),
            "{opener}"
        );
    }
    let found = store.tokens([19; 32], 1, NOW).await.unwrap();
    assert_eq!(found, [first]);
    // Nor once it is used up.
    let joined = join(store, newcomer(20, "k1")).await;
    assert_eq!(joined, Joining::Joined(HostRole::Host));
    assert_eq!(store.open_token(token(20, 9)).await, Ok(Opening::Known));
    assert_eq!(join(store, newcomer(20, "k2")).await, Joining::Token);
}

async fn who_missed_the_answer_joins_again_and_uses_nothing_up(store: &dyn Store) {
    let enrol = OpenToken {
        role: HostRole::Enrol,
        ..token(30, 2)
    };
    store.open_token(enrol).await.unwrap();
    store.open_token(token(31, 1)).await.unwrap();
    let joined = Joining::Joined(HostRole::Enrol);
    for _ in 0..3 {
        assert_eq!(join(store, newcomer(30, "r1")).await, joined);
    }
    let other = Newcomer {
        key: [32; 32],
        ..newcomer(30, "r2")
    };
    assert_eq!(join(store, other.clone()).await, joined);
    // Used up, it still serves who has joined; and another token gives no other role.
    let by_another = Newcomer {
        hash: [31; 32],
        ..newcomer(30, "r1")
    };
    assert_eq!(join(store, newcomer(30, "r1")).await, joined);
    assert_eq!(join(store, by_another).await, joined);
    for refused in [
        newcomer(30, "r3"),
        Newcomer {
            hash: [33; 32],
            ..newcomer(30, "r1")
        },
        Newcomer {
            name: "r1".into(),
            ..other
        },
    ] {
        assert_eq!(join(store, refused).await, Joining::Token);
    }
    let role = store.host("r1").await.unwrap().unwrap().entry.role;
    assert_eq!(role, HostRole::Enrol);
}

async fn a_tokens_opener_takes_it_along(store: &dyn Store) {
    for (hash, opener) in [(40, ""), (41, "e1"), (42, "n1")] {
        let opened = store.open_token(OpenToken {
            opener: opener.into(),
            ..token(hash, 10)
        });
        assert_eq!(opened.await, Ok(Opening::Opened));
    }
    assert_eq!(store.revoke("e1", NOW).await, Ok(true));
    for opener in ["e1", "nobody"] {
        let opened = store.open_token(OpenToken {
            opener: opener.into(),
            ..token(43, 10)
        });
        assert_eq!(opened.await, Ok(Opening::NoOpener), "{opener}");
    }
    for (hash, serves) in [(40, true), (41, false), (42, true), (43, false)] {
        let joined = join(store, newcomer(hash, &format!("o{hash}"))).await;
        let expected = if serves {
            Joining::Joined(HostRole::Host)
        } else {
            Joining::Token
        };
        assert_eq!(joined, expected, "{hash}");
    }
}

async fn a_token_serves_until_its_end_and_in_its_network(store: &dyn Store) {
    let network = Some("10.0.0.0/8".parse().unwrap());
    store
        .open_token(OpenToken {
            network,
            ..token(3, 10)
        })
        .await
        .unwrap();
    for (name, from, expected) in [
        ("n1", "10.1.2.3", true),
        ("n2", "::ffff:10.1.2.3", true),
        ("n3", "11.0.0.1", false),
        ("n4", "2001:db8::1", false),
    ] {
        let newcomer = Newcomer {
            from: from.parse().unwrap(),
            ..newcomer(3, name)
        };
        let joined = join(store, newcomer).await;
        assert_eq!(
            joined == Joining::Joined(HostRole::Host),
            expected,
            "{from}"
        );
    }
    let until = OVER;
    let over = OpenToken {
        until,
        ..token(6, 10)
    };
    store.open_token(over).await.unwrap();
    assert_eq!(join(store, newcomer(6, "n5")).await, Joining::Token);
}

async fn a_name_is_one_hosts_until_it_is_revoked(store: &dyn Store) {
    store.open_token(token(4, 10)).await.unwrap();
    let joined = Joining::Joined(HostRole::Host);
    assert_eq!(join(store, newcomer(4, "db7")).await, joined);
    let other = Newcomer {
        key: [5; 32],
        ..newcomer(4, "db7")
    };
    assert_eq!(join(store, other.clone()).await, Joining::NameTaken);
    for _ in 0..2 {
        assert_eq!(store.revoke("db7", NOW).await, Ok(true));
    }
    assert_eq!(store.revoke("db8", NOW).await, Ok(false));
    let host = store.host("db7").await.unwrap().unwrap();
    assert!(host.entry.revoked.is_some());
    assert_eq!(join(store, other).await, joined);
    let host = store.host("db7").await.unwrap().unwrap();
    // Whoever has the former key is another, and stays out whatever the name, and whoever was revoked since.
    assert_eq!((host.entry.revoked, host.key), (None, [5; 32]));
    assert_eq!(store.revoke("db7", NOW).await, Ok(true));
    for name in ["db7", "db9"] {
        for key in [4, 5] {
            let former = Newcomer {
                key: [key; 32],
                ..newcomer(4, name)
            };
            assert_eq!(join(store, former).await, Joining::Revoked);
        }
    }
    assert_eq!(store.host("db9").await, Ok(None));
    let third = Newcomer {
        key: [6; 32],
        ..newcomer(4, "db7")
    };
    assert_eq!(join(store, third).await, joined);
    store
        .seen(vec!["db7".into(), "nobody".into()], NOW)
        .await
        .unwrap();
    let host = store.host("db7").await.unwrap().unwrap();
    assert!(host.entry.seen.is_some());
}

async fn hosts_are_listed_by_name_piece_by_piece(store: &dyn Store) {
    let mut names: Vec<String> = Vec::new();
    loop {
        let after = names.last().cloned().unwrap_or_default();
        let hosts = store.hosts(&after, 2).await.unwrap();
        assert!(hosts.len() <= 2);
        if hosts.is_empty() {
            break;
        }
        names.extend(hosts.into_iter().map(|host| host.name));
    }
    assert_eq!(
        names,
        [
            "a1", "a2", "db7", "e1", "k1", "n1", "n2", "o40", "o42", "r1", "r2"
        ]
    );
}

async fn a_token_is_listed_until_it_is_withdrawn(store: &dyn Store) {
    let listed = async |after: u8, most| {
        let tokens = store.tokens([after; 32], most, NOW).await.unwrap();
        let hashes = tokens.iter().map(|token| token.hash[0]);
        hashes.filter(|hash| *hash >= 50).collect::<Vec<_>>()
    };
    let network = Some("10.0.0.0/8".parse().unwrap());
    for (hash, until) in [(52, END), (51, END), (53, OVER), (54, END)] {
        let opened = store.open_token(OpenToken {
            until,
            network,
            ..token(hash, 3)
        });
        assert_eq!(opened.await, Ok(Opening::Opened));
    }
    store.open_token(token(55, 1)).await.unwrap();
    assert_eq!(listed(49, 9).await, [51, 52, 54, 55]);
    let joined = join(store, newcomer(55, "w55")).await;
    assert_eq!(joined, Joining::Joined(HostRole::Host));
    // Used up.
    assert_eq!(listed(49, 9).await, [51, 52, 54]);
    assert_eq!(listed(51, 1).await, [52]);
    let found = store.tokens([51; 32], 1, NOW).await.unwrap();
    let expected = OpenToken {
        network,
        ..token(52, 3)
    };
    assert_eq!(found, [expected]);
    for there in [true, false] {
        assert_eq!(store.withdraw([52; 32]).await, Ok(there));
    }
    assert_eq!(listed(49, 9).await, [51, 54]);
    assert_eq!(join(store, newcomer(52, "w52")).await, Joining::Token);
}
