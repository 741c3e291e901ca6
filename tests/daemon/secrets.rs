//! What must stand nowhere: the number, tokens, tickets.

use std::fs;

use antiphon_core::approval::Number;
use antiphon_core::wire::{FromDaemon, encode};
use serde_json::json;

use crate::daemon::{STATE, in_house};
use crate::enrolment::{enrol, qr_code};
use crate::phone::base64url;
use crate::root::{approve, request};
use crate::server::{PUSHES, Server};
use crate::{Daemon, Phone, Root, Web};

/// Six digits, so that no other number happens to hold them.
const NUMBER: u32 = 918_273;

fn holds(all: &[u8], part: &[u8]) -> bool {
    all.windows(part.len()).any(|window| window == part)
}

#[test]
fn the_number_and_its_digest_are_in_no_database_log_push_or_answer_before_the_phone_sends_them() {
    in_house(|world| {
        let service = Server::of_pushes(world);
        let daemon = Daemon::start_with(world, PUSHES, &[service.trusted()]);
        let phone = enrol("alice", "Pixel 9");
        let post = json!({"post": format!("{}/topic", service.origin())});
        assert_eq!(phone.put_push(&post).status, 200);
        let (mut inbox, _) = phone.inbox();
        let asked = request("alice", 60);
        // The module's own frame does not hold it: it cannot get further.
        let frame = encode(&approve(&asked, &[&phone.credential])).unwrap();
        let mut root = Root::ask(&asked, &[&phone.credential], 1);
        let pushed = service.next();
        let shown = inbox.request();
        let (_, waits) = phone.inbox();
        let accepted = phone.approve(&shown, &NUMBER.to_string());
        assert_eq!(accepted.status, 202);
        let Some(FromDaemon::Answer(answer)) = root.hear() else {
            panic!("not an answer")
        };
        root.outcome("accepted");
        let ended = inbox.gone(&shown);
        let me = phone.get("/api/me");
        let activity = phone.get("/api/activity");

        let mut places = vec![
            frame,
            [format!("{pushed:?}").into_bytes(), pushed.body].concat(),
            shown.to_string().into_bytes(),
            json!(waits).to_string().into_bytes(),
            [accepted.head.into_bytes(), accepted.body].concat(),
            ended.into_bytes(),
            me.body,
            activity.body,
            daemon.log().into_bytes(),
        ];
        for file in fs::read_dir(STATE).unwrap() {
            places.push(fs::read(file.unwrap().path()).unwrap());
        }
        let digest = asked.digest(&Number::new(NUMBER));
        let client_data = answer.client_data;
        for place in &places {
            for part in [
                NUMBER.to_string().as_bytes(),
                base64url(&digest).as_bytes(),
                &digest,
                &client_data,
            ] {
                assert!(!holds(place, part), "{}", String::from_utf8_lossy(place));
            }
        }
    });
}

#[test]
fn tokens_and_tickets_are_in_no_file_and_no_log() {
    in_house(|world| {
        let daemon = Daemon::start(world, "");
        let web = Web::default();
        let mut root = Root::ticket([77; 16], "alice", &[]);
        let phone = Phone::enrol(&qr_code([77; 16]), "Pixel 9").unwrap();
        root.send(&antiphon_core::wire::ToDaemon::Keep {});
        while root.hear().is_some() {}
        phone.get("/api/me");
        web.get("/api/me", "a wrong token");
        let mut places = vec![daemon.log().into_bytes()];
        let mut found = false;
        for file in fs::read_dir(STATE).unwrap() {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            found |= holds(&bytes, &phone.credential);
            places.push(bytes);
        }
        assert!(found, "the phone is in no file: these are the wrong ones");
        for place in &places {
            assert!(!holds(place, phone.token.as_bytes()));
            assert!(!holds(place, &crate::phone::bytes(&phone.token)));
            assert!(!holds(place, &[77; 16]));
            assert!(!holds(place, base64url(&[77; 16]).as_bytes()));
        }
    });
}
