use std::fs;
use std::path::PathBuf;

use antiphon_core::time::UnixTime;
use rusqlite::Connection;

use super::{Sqlite, schema};
use crate::push::Target;
use crate::scratch::Scratch;
use crate::store::conformance::{self, phone};
use crate::store::{Ceilings, Counted, Sending, Store, StoreError};
use crate::token::{Token, TokenHash};

impl Scratch {
    fn database(&self) -> PathBuf {
        self.join("antiphond.db")
    }
}

#[tokio::test]
async fn it_does_what_stores_do_and_remembers_it() {
    let folder = Scratch::new();
    let store = Sqlite::open(&folder.database()).unwrap();
    conformance::holds(&store).await;
    conformance::messages::are_counted(&store).await;
    conformance::fleet::goes_by_the_time_given(&store).await;
    let before = store.of_user("åsa").await.unwrap();
    drop(store);
    let again = Sqlite::open(&folder.database()).unwrap();
    assert_eq!(again.of_user("åsa").await.unwrap(), before);
    assert_eq!(again.push_key(vec![9]).await.unwrap(), [1, 2]);
    conformance::messages::are_remembered(&again).await;
}

#[tokio::test]
async fn the_file_holds_a_tokens_hash_and_not_the_token() {
    let folder = Scratch::new();
    let store = Sqlite::open(&folder.database()).unwrap();
    let token = Token::new().unwrap();
    let mut kept = phone(&[1], "alice", 1);
    kept.token = token.hash();
    store.keep(kept).await.unwrap();
    let mut all = Vec::new();
    for file in fs::read_dir(folder.path()).unwrap() {
        all.extend(fs::read(file.unwrap().path()).unwrap());
    }
    let holds = |part: &[u8]| all.windows(part.len()).any(|window| window == part);
    assert!(holds(token.hash().bytes()));
    assert!(!holds(token.expose().as_bytes()));
    let raw = data_encoding::BASE64URL_NOPAD
        .decode(token.expose().as_bytes())
        .unwrap();
    assert!(!holds(&raw));
}

/// Each write is queued, and its end is not waited for: whoever asked may have gone.
#[tokio::test]
async fn what_was_looked_up_before_a_write_is_not_told_after_it() {
    let folder = Scratch::new();
    let store = Sqlite::open(&folder.database()).unwrap();
    let (alice, target) = (
        phone(&[1], "alice", 1),
        Target::Post {
            post: "https://a.example".to_owned(),
        },
    );
    let writes: [&dyn Fn(&Sqlite); 5] = [
        &|store| drop(store.keep(phone(&[1], "alice", 1))),
        &|store| drop(store.call_at(TokenHash::stored([1; 32]), Some(target.clone()))),
        &|store| drop(store.add_token(&[1], TokenHash::stored([2; 32]))),
        &|store| drop(store.lost(&[1], target.clone())),
        &|store| drop(store.forget(vec![vec![1]])),
    ];
    for write in writes {
        // Both are known now.
        let _ = store.of_token(alice.token).await.unwrap();
        let _ = store.of_user("alice").await.unwrap();
        write(&store);
        // Answered after the write is done.
        let _ = store.of_credential(&[9]).await.unwrap();
        let anew = Sqlite::open(&folder.database()).unwrap();
        assert_eq!(
            store.of_token(alice.token).await,
            anew.of_token(alice.token).await
        );
        assert_eq!(store.of_user("alice").await, anew.of_user("alice").await);
    }
    assert_eq!(store.of_user("alice").await, Ok(Vec::new()));
}

#[tokio::test]
async fn a_locked_database_is_unavailable_for_writing_and_can_still_be_read() {
    let folder = Scratch::new();
    let store = Sqlite::open(&folder.database()).unwrap();
    let alice = phone(&[1], "alice", 1);
    store.keep(alice.clone()).await.unwrap();
    let other = Connection::open(folder.database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let kept = store.keep(phone(&[2], "alice", 2)).await;
    assert!(matches!(kept, Err(StoreError::Unavailable(_))), "{kept:?}");
    assert_eq!(store.of_token(alice.token).await, Ok(Some(alice)));
    other.execute_batch("ROLLBACK").unwrap();
    store.keep(phone(&[2], "alice", 2)).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_is_unavailable_and_nothing_is_half_written() {
    let folder = Scratch::new();
    let connection = schema::open(&folder.database()).unwrap();
    let pages: i64 = connection
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .unwrap();
    connection
        .pragma_update(None, "max_page_count", pages + 1)
        .unwrap();
    let store = Sqlite::on_thread(connection).unwrap();
    let mut kept: u8 = 0;
    let refused = loop {
        let mut large = phone(&[kept], "alice", kept);
        large.public_key = vec![4; 900];
        match store.keep(large).await {
            Ok(()) => kept += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
    let there = store.of_user("alice").await.unwrap();
    assert_eq!(there.len(), usize::from(kept));
    assert!(store.of_credential(&[kept]).await.unwrap().is_none());
}

#[tokio::test]
async fn a_file_of_an_earlier_form_gets_what_it_lacks_and_keeps_what_it_has() {
    let folder = Scratch::new();
    let mut alice = phone(&[1], "alice", 1);
    alice.push = Some(Target::Post {
        post: "https://a.example".to_owned(),
    });
    let connection = Connection::open(folder.database()).unwrap();
    connection.execute_batch(schema::PHONES).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    connection
        .execute(
            "INSERT INTO phone VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            rusqlite::params![
                alice.credential,
                alice.user,
                alice.host,
                alice.name,
                alice.public_key,
                alice.backup_eligible,
                i64::try_from(alice.enrolled.0).unwrap(),
                alice.token.bytes(),
                r#"{"post":"https://a.example"}"#,
            ],
        )
        .unwrap();
    drop(connection);
    let store = Sqlite::open(&folder.database()).unwrap();
    assert!(store.report("alice", "one").await.unwrap());
    let ceilings = Ceilings {
        ten_minutes: 1,
        day: 1,
        day_of_host: 1,
        day_of_all: 1,
    };
    let sending = Sending {
        user: "alice".into(),
        host: String::new(),
    };
    let counted = store.count_message(sending, UnixTime(1), ceilings).await;
    assert_eq!(counted, Ok(Counted::Fine));
    assert_eq!(store.of_token(alice.token).await, Ok(Some(alice)));
}

#[tokio::test]
async fn a_file_of_a_later_version_or_of_something_else_is_refused_with_a_fix() {
    let folder = Scratch::new();
    drop(Sqlite::open(&folder.database()).unwrap());
    let connection = Connection::open(folder.database()).unwrap();
    connection.pragma_update(None, "user_version", 8).unwrap();
    drop(connection);
    let why = Sqlite::open(&folder.database()).err().unwrap();
    assert!(why.contains("form 8") && why.contains("enrol"), "{why}");
    fs::write(
        folder.database(),
        "no database, and longer than a header of one",
    )
    .unwrap();
    assert!(Sqlite::open(&folder.database()).is_err());
}
