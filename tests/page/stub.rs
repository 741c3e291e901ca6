//! A daemon for the page alone: it serves the page's files with the real headers, speaks the API of
//! `src/daemon/API.md`, and does what the test says. What it is sent it checks with the core, as root would.

mod files;
mod serve;

use std::collections::HashMap;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use antiphon_core::approval::{ApprovalRequest, Assertion, Number, TakenBack, verify};
use antiphon_core::invitation::{address, proves};
use antiphon_core::record::Phone;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{Enrolled, Hints};
use antiphon_tests::{PATIENCE, apart};
use serde_json::{Value, json};

use serve::serve;

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
