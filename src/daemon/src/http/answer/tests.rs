use antiphon_core::config::Config;
use antiphon_gateway::Gateways;

use super::super::tests::post;
use super::*;
use crate::post::slow::Slow;
use crate::post::{Noted, Post};
use crate::store::conformance::phone;
use crate::store::{Memory, Store};
use crate::token::Token;

#[tokio::test]
async fn the_engine_is_asked_of_ids_alone() {
    let (engine, store) = (Slow::new(), Arc::new(Memory::default()));
    let token = Token::new().unwrap();
    let mut alice = phone(&[1], "alice", 1);
    alice.token = token.hash();
    store.keep(alice).await.unwrap();
    let gateways = Gateways::default();
    let exchange = Exchange::new(Config::default(), &gateways, store).await;
    let mut exchange = exchange.unwrap();
    exchange.join(&(engine.clone() as Arc<dyn Post>));
    let exchange = Arc::new(exchange);
    let decline = async |id: &str| {
        let path = format!("/api/requests/{id}/decline");
        post(&exchange, &path, token.expose()).await
    };
    for none in [
        "x",
        // PostgreSQL takes no NUL in a text, and gives up the connection.
        "%00AAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAA%00",
        "%FFAAAAAAAAAAAAAAAAAAAAA",
        // 15 and 17 bytes.
        "AAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAA",
        // Padded, in the other alphabet, in hexadecimal, and with bits that belong to no byte.
        "AAAAAAAAAAAAAAAAAAAAAA==",
        "AAAAAAAAAAAAAAAAAAAA%2B%2F",
        "00000000000000000000000000000000",
        "AAAAAAAAAAAAAAAAAAAAAB",
    ] {
        engine.noted.say(Noted::Unknown);
        let said = decline(none).await;
        assert!(said.starts_with("HTTP/1.1 404 "), "{none}: {said}");
    }
    assert_eq!(engine.noted.asked.available_permits(), 0);
    let said = decline("AAAAAAAAAAAAAAAAAAA-_A").await;
    assert!(said.starts_with("HTTP/1.1 404 "), "{said}");
    assert_eq!(engine.noted.asked.available_permits(), 1);
}
