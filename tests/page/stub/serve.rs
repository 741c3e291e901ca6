//! The API, as `src/daemon/API.md` has it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::mpsc::Sender;

use antiphon_core::approval::{Assertion, renewal_digest, verify};
use serde_json::{Value, json};

use super::files::{file, head};
use super::{HOST, Known, Lost, Presence, Said, USER};

pub(super) fn serve(
    mut stream: TcpStream,
    known: &Mutex<Known>,
    said: &Sender<Said>,
    origin: &str,
) -> Option<()> {
    let presence = known.lock().unwrap().presence;
    match presence {
        Presence::Here => {}
        Presence::Away => return None,
        Presence::Silent => {
            // Until the browser gives up.
            while stream.read(&mut [0; 1024]).ok()? > 0 {}
            return None;
        }
    }
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let (mut first, mut length, mut token) = (String::new(), 0, None);
    reader.read_line(&mut first).ok()?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end();
        match line.split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse().ok()?;
            }
            Some((name, value)) if name.eq_ignore_ascii_case("authorization") => {
                token = value.strip_prefix("Bearer ").map(str::to_owned);
            }
            _ if line.is_empty() => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut known = known.lock().unwrap();
    known.heard.extend([first.as_bytes(), &body].concat());
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let mut words = first.split(' ');
    let (method, path) = (words.next()?, words.next()?);
    assert!(
        !path.contains(['?', '#']),
        "{path}: nothing of an enrolment is ever sent in an address"
    );

    let refused = known
        .refuse
        .iter()
        .find(|(start, _)| path.starts_with(**start));
    let mut status = refused.map_or(200, |(_, status)| *status);
    let open = matches!(path, "/api/enroll" | "/api/renew")
        || path.starts_with("/api/account/")
        || !path.starts_with("/api/");
    if status == 200 && !open && (token.is_none() || token != known.token) {
        status = 401;
    }
    if status == 0 {
        return None;
    }
    if status == 200 && path == "/api/inbox" {
        stream
            .write_all(head(200, "text/event-stream").as_bytes())
            .ok()?;
        for (_, data) in &known.waiting {
            write!(stream, "event: request\ndata: {data}\n\n").ok()?;
        }
        stream.write_all(b":\n\n").ok()?;
        known.inboxes.push(stream);
        return Some(());
    }
    let is_answer = path.starts_with("/api/requests/");
    let (status, answer) = if is_answer && known.lost == Lost::Before {
        (202, json!({}))
    } else if status == 200 {
        api(method, path, body, &mut known, said, origin)
    } else {
        (status, json!({}))
    };
    if is_answer && known.lost == Lost::Next {
        known.lost = Lost::Before;
        return None;
    }
    let named = known.named.clone();
    drop(known);
    let (kind, bytes) = if path.starts_with("/api/") {
        ("application/json", answer.to_string().into_bytes())
    } else {
        file(path, &named)
    };
    let status = if bytes.is_empty() { 404 } else { status };
    stream.write_all(head(status, kind).as_bytes()).ok()?;
    stream.write_all(&bytes).ok()
}

fn api(
    method: &str,
    path: &str,
    mut body: Value,
    known: &mut Known,
    said: &Sender<Said>,
    origin: &str,
) -> (u16, Value) {
    let say = |what| said.send(what).unwrap();
    match (method, path) {
        ("POST", "/api/enroll") if body.get("proof").is_none() => (
            200,
            json!({"user": USER, "host": HOST, "origin": origin, "credentials": known.credentials}),
        ),
        ("POST", "/api/enroll") => {
            body.as_object_mut().unwrap().remove("ticket");
            say(Said::Enrolled(serde_json::from_value(body).unwrap()));
            (200, json!({"token": known.new_token()}))
        }
        ("POST", "/api/renew") if body == json!({}) => (
            200,
            json!({"challenge": data_encoding::BASE64URL_NOPAD.encode(&[5; 32])}),
        ),
        ("POST", "/api/renew") => {
            let assertion: Assertion = serde_json::from_value(body["assertion"].take()).unwrap();
            let (phone, digest) = (known.phone.clone(), renewal_digest(&[5; 32]));
            if phone.is_none_or(|phone| verify(&assertion, &phone, &digest, 0).is_err()) {
                return (403, json!({}));
            }
            say(Said::Renewed);
            (200, json!({"token": known.new_token()}))
        }
        ("POST", path) if path.ends_with("/answer") => {
            say(Said::Answer(serde_json::from_value(body).unwrap()));
            (202, json!({}))
        }
        ("POST", path) if path.ends_with("/decline") => {
            let mistake = body["mistake"].as_bool().unwrap();
            say(Said::Declined { mistake });
            (202, json!({}))
        }
        ("POST", path) if path.starts_with("/api/account/") => {
            let call = path.rsplit('/').next().unwrap();
            match (known.account.get(call), call) {
                (Some(answer), _) => (200, answer.clone()),
                // It goes on waiting, and not a thousand times a second.
                (None, "ended") => (502, json!({})),
                (None, _) => (404, json!({})),
            }
        }
        ("PUT", "/api/push") => {
            say(Said::Push);
            (200, json!({}))
        }
        ("POST", "/api/pause/end") => {
            say(Said::TakenBack(serde_json::from_value(body).unwrap()));
            (200, json!({}))
        }
        ("GET", "/api/activity") => (200, json!({"events": known.events})),
        ("POST", "/api/activity/report") => {
            let id = body["id"].as_str().unwrap().to_owned();
            for event in &mut known.events {
                if event["id"] == json!(id) {
                    event["reported"] = json!(true);
                }
            }
            say(Said::Reported(id));
            (200, json!({}))
        }
        ("GET", "/api/me") => (
            200,
            json!({"user": USER, "host": HOST, "push_key": data_encoding::BASE64URL_NOPAD.encode(&[4; 65]), "phones": [
                {"name": known.phone.as_ref().map_or("", |phone| &phone.name), "enrolled": 1_795_377_600, "this": true},
                {"name": "Åsas gamla \u{202e}telefon", "enrolled": 1_763_841_600, "this": false},
            ], "methods": known.methods, "pause": known.pause}),
        ),
        _ if path.starts_with("/api/") => (404, json!({})),
        _ => (200, json!({})),
    }
}
