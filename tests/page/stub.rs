//! A daemon for the page alone: it serves the page's files with the real headers, speaks the API of
//! `src/daemon/API.md`, and does what the test says. What it is sent it checks with the core, as root would.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};
use std::time::Duration;
use std::{fs, thread};

use antiphon_core::approval::{
    ApprovalRequest, Assertion, Number, TakenBack, renewal_digest, verify,
};
use antiphon_core::invitation::{address, proves};
use antiphon_core::record::Phone;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{Enrolled, Hints};
use antiphon_tests::{PATIENCE, apart};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The page's document and modules, put together as the daemon's build does it.
#[path = "../../src/page/build/document.rs"]
mod document;
#[path = "../../src/page/build/script.rs"]
mod script;

const TICKET: [u8; 16] = [7; 16];
const SECRET: [u8; 32] = [9; 32];
pub(crate) const USER: &str = "alice";
pub(crate) const HOST: &str = "web1";

/// What a phone has sent.
#[derive(Debug)]
pub(crate) enum Said {
    Enrolled(Enrolled),
    Answer(Assertion),
    Declined { mistake: bool },
    TakenBack(Assertion),
    Renewed,
    Push,
    Reported(String),
}

/// The daemon, and what it knows.
pub(crate) struct Stub {
    pub(crate) origin: String,
    known: Arc<Mutex<Known>>,
    said: Receiver<Said>,
}

#[derive(Default)]
struct Known {
    credentials: Vec<String>,
    phone: Option<Phone>,
    token: Option<String>,
    tokens_given: u32,
    waiting: Vec<(String, Value)>,
    asked: u32,
    inboxes: Vec<TcpStream>,
    refuse: HashMap<&'static str, u16>,
    events: Vec<Value>,
    methods: Value,
    pause: Option<Value>,
    heard: Vec<u8>,
    presence: Presence,
    lost: Lost,
    /// What stands at the beginning of the document, as where another web server has it.
    named: String,
    /// What calls of `/api/account/` are answered with, by their last part.
    account: HashMap<&'static str, Value>,
}

/// Whether the daemon answers.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    #[default]
    Here,
    /// Connections end at once.
    Away,
    /// Connections are made, and nothing ever comes back, as of a network that swallows packets.
    Silent,
}

/// What becomes of what the daemon says to an answer of the phone's.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Lost {
    #[default]
    Nothing,
    /// The connection ends before it is said.
    Next,
    /// It was, and whoever says the same again is taken at their word.
    Before,
}

impl Stub {
    pub(crate) fn start() -> Self {
        apart();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let known = Arc::new(Mutex::new(Known::default()));
        let (sender, said) = mpsc::channel();
        let stub = Self {
            origin: origin.clone(),
            known: Arc::clone(&known),
            said,
        };
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (known, sender, origin) = (Arc::clone(&known), sender.clone(), origin.clone());
                // A browser that goes away in the middle is no failure of a test.
                thread::spawn(move || serve(stream, &known, &sender, &origin));
            }
        });
        stub
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap()
    }

    /// The address of the QR code; with `codes`, the secret of the person's codes too.
    pub(crate) fn link(&self, codes: Option<&[u8]>) -> String {
        let codes = codes.map(|codes| format!(".{}", data_encoding::BASE64URL_NOPAD.encode(codes)));
        format!(
            "{}{}",
            *address(&self.origin, &TICKET, &SECRET),
            codes.unwrap_or_default()
        )
    }

    /// What the phone sends next.
    pub(crate) fn said(&self) -> Said {
        self.said
            .recv_timeout(PATIENCE)
            .expect("the phone says something")
    }

    /// That the phone sends nothing.
    pub(crate) fn assert_silent(&self) {
        assert!(self.said.recv_timeout(Duration::from_millis(300)).is_err());
    }

    /// Takes the enrolment as root does: only with the right proof.
    pub(crate) fn enrolled(&self) -> Enrolled {
        let Said::Enrolled(enrolled) = self.said() else {
            panic!("not an enrolment")
        };
        assert!(proves(&enrolled, &SECRET, USER, HOST, &self.origin));
        self.known().phone = Some(recorded(&enrolled, &self.origin));
        enrolled
    }

    /// A sign-in is waiting. Its id.
    pub(crate) fn ask(&self, request: &ApprovalRequest, digits: u8) -> String {
        self.ask_with(request, digits, &Hints::default())
    }

    /// The same, of which the phone is told more.
    pub(crate) fn ask_with(&self, request: &ApprovalRequest, digits: u8, hints: &Hints) -> String {
        let mut known = self.known();
        known.asked += 1;
        let id = format!("r{}", known.asked);
        let mut data = serde_json::to_value(request).unwrap();
        data["id"] = json!(id);
        data["digits"] = json!(digits);
        for (name, value) in serde_json::to_value(hints).unwrap().as_object().unwrap() {
            data[name] = value.clone();
        }
        known.tell("request", &data);
        known.waiting.push((id.clone(), data));
        id
    }

    /// The sign-in has ended.
    pub(crate) fn gone(&self, id: &str, outcome: &str) {
        let mut known = self.known();
        known.waiting.retain(|(waiting, _)| waiting != id);
        known.tell("gone", &json!({"id": id, "outcome": outcome}));
    }

    /// Takes the answer as the module does, and says how the sign-in ended.
    pub(crate) fn judge(&self, id: &str, request: &ApprovalRequest, number: u32) {
        let Said::Answer(assertion) = self.said() else {
            panic!("not an answer")
        };
        let phone = self.known().phone.clone().unwrap();
        let right = verify(&assertion, &phone, &request.digest(&Number::new(number)), 0).is_ok();
        self.gone(id, if right { "accepted" } else { "wrong" });
    }

    /// Whether the phone sends what takes back "It's not me" of `since` at `host`, as its module judges it.
    pub(crate) fn takes_back(&self, host: &str, since: UnixTime) -> bool {
        let Said::TakenBack(assertion) = self.said() else {
            panic!("not that")
        };
        let taken_back = TakenBack {
            user: USER,
            host,
            since,
        };
        let phone = self.known().phone.clone().unwrap();
        verify(&assertion, &phone, &taken_back.digest(), 0).is_ok()
    }

    /// Whether the phone has ever sent `text`.
    pub(crate) fn has_heard(&self, text: &str) -> bool {
        String::from_utf8_lossy(&self.known().heard).contains(text)
    }

    /// The daemon starts anew: connections and requests are gone.
    pub(crate) fn restart(&self) {
        let mut known = self.known();
        known.waiting.clear();
        known.inboxes.clear();
    }

    /// Takes the next answer to a sign-in, but what is said to it is lost.
    pub(crate) fn lose_word(&self) {
        self.known().lost = Lost::Next;
    }

    /// Connections are lost, and nothing else.
    pub(crate) fn cut(&self) {
        self.known().inboxes.clear();
    }

    pub(crate) fn be(&self, presence: Presence) {
        let mut known = self.known();
        known.presence = presence;
        known.inboxes.clear();
    }

    pub(crate) fn forget_token(&self) {
        let mut known = self.known();
        known.token = None;
        known.inboxes.clear();
    }

    /// From now on requests whose path begins with `path` are refused; by `200` no longer, and by `0` without a word.
    pub(crate) fn refuse(&self, path: &'static str, status: u16) {
        self.known().refuse.insert(path, status);
    }

    pub(crate) fn credentials(&self, credentials: Vec<String>) {
        self.known().credentials = credentials;
    }

    /// From now on the page is served as by another web server, with the daemon as its relay, and these providers.
    pub(crate) fn serve_elsewhere(&self, providers: &[&str]) {
        let named = |name, origins: &str| format!("<meta name=\"{name}\" content=\"{origins}\">");
        let mut head = named("relays", &self.origin);
        if !providers.is_empty() {
            head += &named("providers", &providers.join(" "));
        }
        self.known().named = head;
    }

    /// Answers a call of `/api/account/` with this, or with 404.
    pub(crate) fn account(&self, call: &'static str, answer: Option<Value>) {
        let mut known = self.known();
        match answer {
            Some(answer) => known.account.insert(call, answer),
            None => known.account.remove(call),
        };
    }

    /// A sign-in that an account approves is waiting. Its id.
    pub(crate) fn ask_account(&self, asked: &Value) -> String {
        let mut known = self.known();
        known.asked += 1;
        let id = format!("r{}", known.asked);
        let mut data = asked.clone();
        data["id"] = json!(id);
        data["code"] = json!("abcde-fghij");
        known.tell("account", &data);
        id
    }

    pub(crate) fn methods(&self, methods: Value) {
        self.known().methods = methods;
    }

    pub(crate) fn pause(&self, pause: Option<Value>) {
        self.known().pause = pause;
    }

    pub(crate) fn events(&self, events: Vec<Value>) {
        self.known().events = events;
    }
}

/// A request of ssh by alice, from now on for `seconds`.
pub(crate) fn request(seconds: u64) -> ApprovalRequest {
    crate::root::request(USER, seconds)
}

/// The request that tries a new phone.
pub(crate) fn trial() -> ApprovalRequest {
    ApprovalRequest {
        service: "antiphon enroll".into(),
        ..request(600)
    }
}

/// Of a sign-in at which Enter is to be pressed.
pub(crate) const ENTER: Hints = Hints {
    enter: true,
    place: String::new(),
    familiar: None,
};

/// What root's record says of a phone that was enrolled so.
pub(crate) fn recorded(enrolled: &Enrolled, origin: &str) -> Phone {
    Phone {
        name: enrolled.name.clone(),
        credential: enrolled.credential.clone(),
        public_key: enrolled.public_key.clone(),
        origin: origin.into(),
        backup_eligible: enrolled.backup_eligible,
        enrolled: "2026-11-22T20:00:00Z".parse().unwrap(),
    }
}

impl Known {
    fn tell(&mut self, event: &str, data: &Value) {
        self.inboxes
            .retain_mut(|inbox| write!(inbox, "event: {event}\ndata: {data}\n\n").is_ok());
    }

    fn new_token(&mut self) -> String {
        self.tokens_given += 1;
        let token = format!("token-{}", self.tokens_given);
        self.token = Some(token.clone());
        token
    }
}

fn serve(
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

fn head(status: u16, kind: &str) -> String {
    let [scripts, styles] = [&PAGE.script, &PAGE.style].map(|text| {
        let sum = Sha256::digest(text);
        format!("'sha256-{}'", data_encoding::BASE64.encode(&sum))
    });
    format!(
        "HTTP/1.1 {status} -\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Security-Policy: \
         default-src 'none'; script-src 'self' {scripts}; style-src 'self' {styles}; img-src 'self'; connect-src 'self'; \
         manifest-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types antiphon\r\n\
         X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-store\r\n\r\n"
    )
}

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../src/page/files");

static PAGE: LazyLock<Page> = LazyLock::new(|| {
    let read = |name| fs::read_to_string(Path::new(FOLDER).join(name)).unwrap();
    let (style, script) = (read("style.css"), script::joined(FOLDER).unwrap());
    Page {
        document: document::whole(&read("index.html"), &style, &script).unwrap(),
        script,
        style,
    }
});

struct Page {
    document: String,
    script: String,
    style: String,
}

fn file(path: &str, named: &str) -> (&'static str, Vec<u8>) {
    let name = match path.trim_start_matches('/') {
        "" | "enroll" | "a" => "index.html",
        name if name.starts_with("a/") || name.starts_with("account/") => "index.html",
        name => name,
    };
    let kind = match name.rsplit_once('.').map(|(_, end)| end) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/manifest+json",
    };
    let bytes = if name == "index.html" {
        PAGE.document
            .replacen("<head>", &format!("<head>{named}"), 1)
            .into_bytes()
    } else {
        fs::read(Path::new(FOLDER).join(name)).unwrap_or_default()
    };
    (kind, bytes)
}
