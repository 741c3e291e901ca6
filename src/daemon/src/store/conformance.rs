//! Tests that every store must pass, starting empty.

pub(crate) mod fleet;
pub(crate) mod messages;

use antiphon_core::time::UnixTime;

use super::{Device, MOST_DEVICES, MOST_REPORTS, Store, StoreError};
use crate::push::Target;
use crate::token::TokenHash;

pub(crate) fn phone(credential: &[u8], user: &str, token: u8) -> Device {
    Device {
        credential: credential.to_vec(),
        user: user.into(),
        host: "web1".into(),
        name: "Åsas \"Pixel\" 9".into(),
        public_key: vec![4; 91],
        backup_eligible: credential.len() == 2,
        enrolled: UnixTime(1_795_377_600 + u64::from(token)),
        token: TokenHash::stored([token; 32]),
        push: None,
    }
}

fn post(address: &str) -> Target {
    Target::Post {
        post: address.to_owned(),
    }
}

/// Exercises every method, and every error that a store decides on itself; for messages see [`messages`].
pub(crate) async fn holds(store: &dyn Store) {
    phones_are_found_by_token_credential_and_person(store).await;
    a_credential_never_changes_hands(store).await;
    each_device_of_a_phone_has_its_token_and_the_latest_are_kept(store).await;
    a_lost_address_is_forgotten_only_if_it_is_still_the_one(store).await;
    a_report_is_news_once_and_each_persons_latest_are_kept(store).await;
    the_first_push_key_stays(store).await;
    a_forgotten_phone_is_gone_and_no_other(store).await;
    fleet::holds(store).await;
}

async fn phones_are_found_by_token_credential_and_person(store: &dyn Store) {
    let (first, second, other) = (
        phone(&[1], "åsa", 1),
        phone(&[2, 2], "åsa", 2),
        phone(&[3], "bob", 3),
    );
    for phone in [&second, &first, &other] {
        store.keep(phone.clone()).await.unwrap();
    }
    let found = store.of_token(first.token).await.unwrap();
    assert_eq!(found.as_ref(), Some(&first));
    let found = store.of_credential(&[2, 2]).await.unwrap();
    assert_eq!(found.as_ref(), Some(&second));
    assert_eq!(store.of_user("åsa").await.unwrap(), [first, second]);
    assert_eq!(store.of_user("bob").await.unwrap(), [other]);
    assert_eq!(store.of_user("Åsa").await.unwrap(), []);
    assert_eq!(store.of_credential(&[2]).await.unwrap(), None);
    let unknown = TokenHash::stored([9; 32]);
    assert_eq!(store.of_token(unknown).await.unwrap(), None);
}

async fn a_credential_never_changes_hands(store: &dyn Store) {
    let stolen = phone(&[1], "bob", 4);
    assert_eq!(store.keep(stolen).await, Err(StoreError::Conflict));
    // The same person may enrol the same phone again, which revokes the old token.
    let again = phone(&[1], "åsa", 5);
    store.keep(again.clone()).await.unwrap();
    let old = TokenHash::stored([1; 32]);
    assert_eq!(store.of_token(old).await.unwrap(), None);
    assert_eq!(store.of_token(again.token).await.unwrap(), Some(again));
}

async fn each_device_of_a_phone_has_its_token_and_the_latest_are_kept(store: &dyn Store) {
    let token = |byte| TokenHash::stored([byte; 32]);
    let of_token = async |byte| store.of_token(token(byte)).await.unwrap();
    let target = post("https://first.example");
    store.call_at(token(3), Some(target.clone())).await.unwrap();
    assert_eq!(store.add_token(&[3], token(20)).await, Ok(Vec::new()));
    // Both devices speak for the phone, and each is called at its own address.
    assert_eq!(of_token(3).await.unwrap().push, Some(target));
    assert_eq!(of_token(20).await.unwrap().push, None);
    assert_eq!(of_token(20).await.unwrap().credential, [3]);
    assert_eq!(store.of_user("bob").await.unwrap().len(), 2);
    for number in 21..24 {
        let ended = store.add_token(&[3], token(number)).await;
        assert_eq!(ended, Ok(Vec::new()), "{number}");
    }
    assert_eq!(store.add_token(&[3], token(24)).await, Ok(vec![token(3)]));
    assert_eq!(of_token(3).await, None);
    assert_eq!(store.of_user("bob").await.unwrap().len(), MOST_DEVICES);
    let latest = store.of_credential(&[3]).await.unwrap().unwrap();
    assert_eq!(latest.token, token(24));
    let gone = store.add_token(&[99], token(25)).await;
    assert_eq!(gone, Err(StoreError::Conflict));
    // Enrolled again, the phone starts anew.
    store.keep(phone(&[3], "bob", 3)).await.unwrap();
    assert_eq!(store.of_user("bob").await.unwrap().len(), 1);
    assert_eq!(of_token(24).await, None);
}

async fn a_lost_address_is_forgotten_only_if_it_is_still_the_one(store: &dyn Store) {
    let (old, new) = (post("https://a.example"), post("https://b.example"));
    store
        .call_at(TokenHash::stored([3; 32]), Some(old.clone()))
        .await
        .unwrap();
    store
        .call_at(TokenHash::stored([3; 32]), Some(new.clone()))
        .await
        .unwrap();
    store.lost(&[3], old).await.unwrap();
    let called_at = async || store.of_credential(&[3]).await.unwrap().unwrap().push;
    assert_eq!(called_at().await, Some(new.clone()));
    store.lost(&[3], new.clone()).await.unwrap();
    assert_eq!(called_at().await, None);
    let web = Target::WebPush {
        endpoint: "https://push.example:8443/x".into(),
        keys: crate::push::Keys {
            p256dh: vec![4; 65],
            auth: vec![5; 16],
        },
    };
    store
        .call_at(TokenHash::stored([3; 32]), Some(web.clone()))
        .await
        .unwrap();
    assert_eq!(called_at().await, Some(web));
    store
        .call_at(TokenHash::stored([3; 32]), None)
        .await
        .unwrap();
    assert_eq!(called_at().await, None);
    store.lost(&[99], new).await.unwrap();
    assert_eq!(
        store.call_at(TokenHash::stored([99; 32]), None).await,
        Err(StoreError::Conflict)
    );
}

async fn a_forgotten_phone_is_gone_and_no_other(store: &dyn Store) {
    let (gone, left) = (phone(&[7], "cleo", 8), phone(&[8], "cleo", 9));
    for phone in [&gone, &left] {
        store.keep(phone.clone()).await.unwrap();
    }
    let named = vec![vec![7], vec![99]];
    assert_eq!(store.forget(named.clone()).await, Ok(1));
    assert_eq!(store.of_token(gone.token).await.unwrap(), None);
    assert_eq!(store.of_credential(&[7]).await.unwrap(), None);
    let renewed = store.add_token(&[7], TokenHash::stored([10; 32]));
    assert_eq!(renewed.await, Err(StoreError::Conflict));
    assert_eq!(store.of_user("cleo").await.unwrap(), [left]);
    assert_eq!(store.forget(named).await, Ok(0));
    // A forgotten passkey has no owner, so anybody can enrol it.
    let other = phone(&[7], "dan", 11);
    store.keep(other.clone()).await.unwrap();
    assert_eq!(store.of_user("dan").await.unwrap(), [other]);
}

async fn a_report_is_news_once_and_each_persons_latest_are_kept(store: &dyn Store) {
    assert_eq!(store.reported("åsa").await.unwrap(), Vec::<String>::new());
    assert!(store.report("åsa", "one").await.unwrap());
    assert!(!store.report("åsa", "one").await.unwrap());
    assert!(store.report("bob", "one").await.unwrap());
    for number in 1..=MOST_REPORTS {
        assert!(store.report("åsa", &number.to_string()).await.unwrap());
    }
    let kept = store.reported("åsa").await.unwrap();
    assert_eq!((kept.len(), kept[0].as_str()), (MOST_REPORTS, "1"));
    assert_eq!(store.reported("bob").await.unwrap(), ["one"]);
}

async fn the_first_push_key_stays(store: &dyn Store) {
    assert_eq!(store.push_key(vec![1, 2]).await.unwrap(), [1, 2]);
    assert_eq!(store.push_key(vec![3]).await.unwrap(), [1, 2]);
}
