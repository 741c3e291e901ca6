//! A lying daemon never signs anyone in with an account, holds nobody up, and takes no code away.
//!
//! What it says is as right as can be but for one thing: the number is known to it, and so is the provider's key.

use std::sync::mpsc::Receiver;

use antiphon_core::wire::{Enrolled as NewPhone, FromDaemon, IdToken, MAX_FRAME, encode};
use antiphon_tests::{
    AccountCall, LyingDaemon, PamHost, Passkey, Played, Provider, World, in_world, other_digits,
};
use serde_json::{Map, Value, json};

use super::alice_with_account;
use crate::phone::{play_with, wrong_in_a_row};

/// What a lie has at hand.
struct Liar<'a> {
    call: AccountCall,
    number: String,
    provider: &'a Provider,
}

type Lie<'a> = Box<dyn Fn(&mut Liar<'_>) + Sync + 'a>;

const FORKS: &str = "runuser";
const ALONE: &str = "auth required pam_antiphon.so\n";
const LIMITS: &str =
    "check_digits = \"never\"\n[push]\nmost_in_five_minutes = 100\nmost_unanswered = 100\n";

/// A token in which this claim is another.
fn claim(name: &'static str, value: Value) -> Lie<'static> {
    changed(move |claims| {
        claims.insert(name.into(), value.clone());
    })
}

fn changed(change: impl Fn(&mut Map<String, Value>) + Sync + 'static) -> Lie<'static> {
    Box::new(move |liar| {
        let token = liar
            .provider
            .token_with(&liar.call.asked, &liar.number, &change);
        liar.call.token(token);
    })
}

/// A right token with this header.
fn headed(header: Value) -> Lie<'static> {
    Box::new(move |liar| {
        let right = liar.provider.token(&liar.call.asked, &liar.number);
        let payload = right.split('.').nth(1).unwrap();
        let payload = data_encoding::BASE64URL_NOPAD
            .decode(payload.as_bytes())
            .unwrap();
        let payload: Value = serde_json::from_slice(&payload).unwrap();
        liar.call.token(liar.provider.signs(&header, &payload));
    })
}

/// A token alone decides here: with digits to type, one that is accepted would not yet let anybody in.
fn configure(world: &World) {
    world.configure(&format!("{}{LIMITS}", Provider::CONFIGURATION));
}

/// One sign-in after the other meets each of `lies`, in a program that forks and in one that does not: nobody is let in
/// by it, nothing is counted, and a code still is.
fn must_not_help(world: &World, lies: Vec<(&str, Lie<'_>)>) {
    world.pam(FORKS, ALONE);
    let (mut alice, provider) = alice_with_account(world);
    configure(world);
    let daemon = LyingDaemon::start();
    for (name, lie) in lies {
        for service in [FORKS, "antiphon-alone"] {
            for code in [None, Some(alice.code())] {
                alice.change(|_| {});
                let host = PamHost::of_service(world, service, "alice");
                let host = if service == FORKS {
                    host.option("--phone-first")
                } else {
                    host.answer("")
                };
                let host = code.iter().fold(host, PamHost::answer);
                let played = meet(&daemon, host, &lie, &provider);
                let context = format!("{name}, {service}: {played:#?}");
                if code.is_some() {
                    assert_eq!(played.result(), "PAM_SUCCESS", "{context}");
                    world.ended("accepted method=code");
                } else {
                    assert_eq!(played.result(), "PAM_ABORT", "{context}");
                    assert_eq!(wrong_in_a_row(world), 0, "{context}");
                }
            }
        }
    }
}

fn meet(daemon: &LyingDaemon, host: PamHost, lie: &Lie<'_>, provider: &Provider) -> Played {
    let tell = |numbers: Receiver<String>| {
        let call = daemon.asked_by_account();
        let number = numbers.recv().unwrap_or_default();
        let mut liar = Liar {
            call,
            number,
            provider,
        };
        lie(&mut liar);
        // Until it has gone: what it is told is no matter.
        while liar.call.hear().is_some() {}
    };
    play_with(host, tell).0
}

#[test]
fn forged_replayed_and_exchanged_tokens_are_refused() {
    in_world(|world| {
        // What the daemon has carried before: right, and taken.
        let (mut alice, provider) = alice_with_account(world);
        configure(world);
        world.pam(FORKS, ALONE);
        let daemon = LyingDaemon::start();
        let host = PamHost::of_service(world, FORKS, "alice").option("--phone-first");
        let (played, older) = play_with(host, |numbers| {
            let mut call = daemon.asked_by_account();
            let older = provider.token(&call.asked, &numbers.recv().unwrap());
            call.token(older.clone());
            assert_eq!(call.outcome().as_deref(), Some("accepted"));
            older
        });
        assert_eq!(played.result(), "PAM_SUCCESS");
        drop(daemon);
        alice.change(|_| {});
        let stranger = Provider::new("k1");
        let lies: Vec<(&str, Lie<'_>)> = vec![
            (
                "an older token",
                Box::new(|liar| {
                    liar.call.token(older.clone());
                }),
            ),
            (
                "another number",
                Box::new(|liar| {
                    let other = if liar.number == "42" { "43" } else { "42" };
                    let token = liar.provider.token(&liar.call.asked, other);
                    liar.call.token(token);
                }),
            ),
            (
                "another key",
                Box::new(|liar| {
                    let token = stranger.token(&liar.call.asked, &liar.number);
                    liar.call.token(token);
                }),
            ),
            (
                "for another host",
                Box::new(|liar| {
                    let mut asked = liar.call.asked.clone();
                    asked.request.host = "elsewhere".into();
                    liar.call.token(liar.provider.token(&asked, &liar.number));
                }),
            ),
            (
                "for another person",
                Box::new(|liar| {
                    let mut asked = liar.call.asked.clone();
                    asked.request.user = "bob".into();
                    liar.call.token(liar.provider.token(&asked, &liar.number));
                }),
            ),
            (
                "with another account in the nonce",
                Box::new(|liar| {
                    let mut asked = liar.call.asked.clone();
                    asked.terms.subject = "somebody else".into();
                    let token = liar.provider.token_with(&asked, &liar.number, |claims| {
                        claims.insert("sub".into(), "3f07-a".into());
                    });
                    liar.call.token(token);
                }),
            ),
            ("another account", claim("sub", "somebody else".into())),
            ("another audience", claim("aud", "other".into())),
            ("two audiences", claim("aud", json!(["antiphon", "other"]))),
            ("another party", claim("azp", "other".into())),
            (
                "another issuer",
                claim("iss", "https://evil.example".into()),
            ),
            ("another nonce", claim("nonce", "AAAA".into())),
            ("an old sign-in", claim("auth_time", 0.into())),
            (
                "no sign-in",
                changed(|claims| drop(claims.remove("auth_time"))),
            ),
            ("expired", claim("exp", 1.into())),
            (
                "issued in the future",
                claim("iat", u64::from(u32::MAX).into()),
            ),
            ("no algorithm", headed(json!({"alg": "none", "kid": "k1"}))),
            (
                "a secret's algorithm",
                headed(json!({"alg": "HS256", "kid": "k1"})),
            ),
            ("no key", headed(json!({"alg": "ES256"}))),
            (
                "an extension",
                headed(json!({"alg": "ES256", "kid": "k1", "crit": ["b64"], "b64": false})),
            ),
        ];
        must_not_help(world, lies);
    });
}

#[test]
fn malformed_tokens_and_messages_of_something_else_are_refused() {
    in_world(|world| {
        let passkey = Passkey::new("Pixel 9", "https://mfa.example.org");
        let right = |liar: &Liar<'_>| liar.provider.token(&liar.call.asked, &liar.number);
        let lies: Vec<(&str, Lie<'_>)> = vec![
            (
                "nothing",
                Box::new(|liar| {
                    liar.call.token(String::new());
                }),
            ),
            (
                "three empty parts",
                Box::new(|liar| {
                    liar.call.token("..".into());
                }),
            ),
            (
                "without a signature",
                Box::new(|liar| {
                    let token = right(liar);
                    liar.call
                        .token(token[..=token.rfind('.').unwrap()].to_owned());
                }),
            ),
            (
                "padded",
                Box::new(|liar| {
                    let token = right(liar);
                    liar.call.token(token + "=");
                }),
            ),
            (
                "as long as a frame",
                Box::new(|liar| {
                    liar.call.token("a".repeat(MAX_FRAME - 100));
                }),
            ),
            (
                "a key nobody has",
                Box::new(|liar| {
                    let token = Provider::new("nobody's").token(&liar.call.asked, &liar.number);
                    liar.call.token(token);
                    // It waits for the key, and the daemon gives up.
                    let _ = liar.call.hear();
                    liar.call.hang_up();
                }),
            ),
            (
                "a phone's answer",
                Box::new(|liar| {
                    let answer = passkey.answer(liar.call.request(), &liar.number);
                    liar.call.say(&FromDaemon::Answer(answer));
                }),
            ),
            (
                "the check digits alone",
                Box::new(|liar| {
                    let token = other_digits(&right(liar));
                    liar.call.token(token);
                }),
            ),
            (
                "a new phone",
                Box::new(|liar| {
                    let phone = NewPhone {
                        name: "Pixel 9".into(),
                        credential: vec![1],
                        public_key: passkey.public_key(),
                        backup_eligible: false,
                        proof: vec![0; 32],
                    };
                    liar.call.say(&FromDaemon::Enrolled(phone));
                }),
            ),
            (
                "half of a token",
                Box::new(|liar| {
                    let token = right(liar);
                    let frame = encode(&FromDaemon::Token(IdToken { token })).unwrap();
                    liar.call.send(&frame[..frame.len() / 2]);
                    liar.call.hang_up();
                }),
            ),
            ("silence, and gone", Box::new(|liar| liar.call.hang_up())),
        ];
        must_not_help(world, lies);
    });
}

#[test]
fn no_token_is_taken_for_a_phones_answer() {
    in_world(|world| {
        world.pam(FORKS, ALONE);
        let (mut alice, provider) = alice_with_account(world);
        let passkey = Passkey::new("Pixel 9", "https://mfa.example.org");
        alice.change(|record| record.phones.push(passkey.phone()));
        let daemon = LyingDaemon::start();
        let host = PamHost::of_service(world, FORKS, "alice").option("--phone-first");
        let (played, ()) = play_with(host, |numbers| {
            let mut call = daemon.asked();
            let number = numbers.recv().unwrap();
            let account = Provider::account("3f07-a");
            let asked = antiphon_core::wire::ByAccount {
                request: call.request.clone(),
                terms: antiphon_core::account::AccountTerms {
                    provider: "kmh".into(),
                    issuer: "https://id.example.org".into(),
                    client_id: "antiphon".into(),
                    subject: account.subject.id,
                    tenant: String::new(),
                },
                credentials: Vec::new(),
                digits: 2,
                check_digits: false,
                hints: antiphon_core::wire::Hints::default(),
            };
            let token = provider.token(&asked, &number);
            call.say(&FromDaemon::Token(IdToken { token }));
            let _ = call.outcome();
        });
        assert_eq!(played.result(), "PAM_ABORT");
    });
}
