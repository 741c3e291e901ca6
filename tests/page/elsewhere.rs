//! The page from another web server, by what `antiphon page export` has written, with two relays.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;

use antiphon_core::wire::{FromDaemon, ToDaemon};
use antiphon_tests::{Postgres, World};
use nix::sys::signal::{Signal, kill};
use serde_json::{Value, json};

use crate::browser::{Browser, Taste};
use crate::daemon::in_house;
use crate::driver::until;
use crate::real::judge;
use crate::relay::{Relay, join};
use crate::root::{Root, approve as asks};
use crate::stub::{recorded, request, trial};
use crate::walk::{ENGLISH, approve, tap};

const ORIGIN: &str = "http://localhost:8470";
const PAGE: &str = "origin = \"http://localhost:8470\"\nrelays = [\"http://localhost:8481\", \"http://localhost:8482\"]\n";
const PROVIDER: &str = "[[provider]]\nname = \"kmh\"\nissuer = \"https://id.example.org\"\nclient_id = \"antiphon\"\n\
    label = { sv = \"KMH-konto\", en = \"KMH account\" }\n";
const SECRET: [u8; 32] = [9; 32];

/// Exports the page.
fn exported(world: &World) -> PathBuf {
    world.configure(&format!("[page]\n{PAGE}{PROVIDER}"));
    let folder = Path::new("/etc/antiphon/exported");
    let mut export = world.command(&world.product().command);
    let said = export
        .args(["page", "export"])
        .arg(folder)
        .output()
        .unwrap();
    assert!(said.status.success(), "{said:?}");
    folder.to_owned()
}

/// Serves it as its nginx.conf says.
fn serve(folder: &Path) {
    let nginx = fs::read_to_string(folder.join("nginx.conf")).unwrap();
    let (_, policy) = nginx.split_once("default \"").unwrap();
    let mut head = format!(
        "content-security-policy: {}\r\n",
        policy.split('"').next().unwrap()
    );
    for line in nginx
        .lines()
        .filter_map(|line| line.trim().strip_prefix("add_header "))
    {
        let (name, value) = line.split_once(' ').unwrap();
        if let Some(value) = value.strip_suffix("\" always;") {
            head += &[name, ": ", value.trim_start_matches('"'), "\r\n"].concat();
        }
    }
    let listener = TcpListener::bind("127.0.0.1:8470").unwrap();
    let page = folder.join("page");
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let (page, head) = (page.clone(), head.clone());
            thread::spawn(move || answer(stream, &page, &head));
        }
    });
}

fn answer(mut stream: TcpStream, page: &Path, head: &str) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?)
        .lines()
        .map_while(Result::ok);
    let first = lines.next()?;
    // Left unread, it would reset the connection.
    lines.find(String::is_empty)?;
    let path = first.split(' ').nth(1)?.trim_start_matches('/').to_owned();
    let name = match path.as_str() {
        "" | "enroll" | "a" => "index.html",
        name => name,
    };
    let kind = match name.rsplit_once('.').map(|(_, end)| end) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/manifest+json",
    };
    let (status, bytes) = fs::read(page.join(name)).map_or((404, Vec::new()), |bytes| (200, bytes));
    write!(
        stream,
        "HTTP/1.1 {status} -\r\nConnection: close\r\nContent-Type: {kind}\r\n{head}\r\n"
    )
    .ok()?;
    stream.write_all(&bytes).ok()
}

#[test]
fn a_phone_enrols_and_approves_at_another_relay_when_its_own_is_killed() {
    in_house(|world| {
        serve(&exported(world));
        join(world);
        let engine = Postgres::start(&world.folder().join("postgres"));
        let one = Relay::start(world, &engine.url(), 1, PAGE);
        let two = Relay::start(world, &engine.url(), 2, PAGE);
        let browser = Browser::start(Taste::ENGLISH);
        browser.go(ORIGIN);
        browser.run(
            "localStorage.setItem('relay', 'http://localhost:8481')",
            &[],
        );

        // The command and the hosts are at the second relay, and the page comes to the first.
        let mut command = two.say(&crate::root::ticket([1; 16], "alice", &[]));
        assert_eq!(command.hear(), Some(FromDaemon::TicketOpen {}));
        browser.go(&antiphon_core::invitation::address(
            ORIGIN, &[1; 16], &SECRET,
        ));
        assert_eq!(command.hear(), Some(FromDaemon::TicketSeen {}));
        tap(&browser, "Continue");
        let Some(FromDaemon::Enrolled(enrolled)) = command.hear() else {
            panic!("not an enrolment")
        };
        let phone = recorded(&enrolled, ORIGIN);
        tap(&browser, "Not now");
        let ask = |request: &_| {
            until("the end of the sign-in before it", || {
                let mut root: Root = two.say(&asks(request, &[&phone.credential]));
                matches!(root.hear(), Some(FromDaemon::Waiting { .. })).then_some(root)
            })
        };
        let asked = trial();
        let mut root = ask(&asked);
        approve(&browser, &ENGLISH, 42);
        judge(&mut root, &asked, &phone);
        command.send(&ToDaemon::Keep {});
        assert_eq!(command.hear(), Some(FromDaemon::Kept {}));
        tap(&browser, "To the start page");
        browser.see("Connected");
        let last = browser.run("return localStorage.getItem('relay')", &[]);
        assert_eq!(last, json!("http://localhost:8481"));

        // In the middle of waiting.
        let asked = request(60);
        let mut root = ask(&asked);
        browser.see("A sign-in is waiting");
        kill(one.daemon.id(), Signal::SIGKILL).unwrap();
        approve(&browser, &ENGLISH, 42);
        judge(&mut root, &asked, &phone);
        browser.see("Signed in");
        tap(&browser, "OK");
        let last = browser.run("return localStorage.getItem('relay')", &[]);
        assert_eq!(last, json!("http://localhost:8482"));

        // One that takes connections and answers nobody is passed over as well.
        let _again = Relay::start(world, &engine.url(), 1, PAGE);
        kill(two.daemon.id(), Signal::SIGSTOP).unwrap();
        browser.go(ORIGIN);
        browser.see("Connected");
        browser.see("this phone");
        let last = browser.run("return localStorage.getItem('relay')", &[]);
        assert_eq!(last, json!("http://localhost:8481"));
        browser.assert_quiet(&["ERR_"]);
    });
}

/// A relay that knows this of every ticket, or nothing of any.
fn relay(number: u8, known: Option<Value>) {
    let listener = TcpListener::bind(format!("127.0.0.1:848{number}")).unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let known = known.clone();
            thread::spawn(move || {
                let mut reader = BufReader::new(stream.try_clone().ok()?);
                let (mut first, mut length) = (String::new(), 0);
                reader.read_line(&mut first).ok()?;
                let mut line = String::new();
                while reader.read_line(&mut line).ok()? > 2 {
                    let length_of = line.to_ascii_lowercase();
                    if let Some(said) = length_of.strip_prefix("content-length: ") {
                        length = said.trim().parse().ok()?;
                    }
                    line.clear();
                }
                reader.read_exact(&mut vec![0; length]).ok()?;
                let is_asked = first.starts_with("OPTIONS");
                let status = if is_asked || known.is_some() {
                    200
                } else {
                    404
                };
                let body = known.unwrap_or_else(|| json!({})).to_string();
                write!(
                    stream,
                    "HTTP/1.1 {status} -\r\nConnection: close\r\nAccess-Control-Allow-Origin: {ORIGIN}\r\n\
                     Access-Control-Allow-Credentials: true\r\nAccess-Control-Allow-Headers: content-type\r\n\
                     Content-Length: {}\r\n\r\n{body}",
                    body.len()
                )
                .ok()
            });
        }
    });
}

#[test]
fn an_accounts_ticket_is_looked_for_at_each_relay_and_the_page_stays_where_it_is_known() {
    in_house(|world| {
        serve(&exported(world));
        let asked = request(600);
        relay(1, None);
        relay(
            2,
            Some(json!({
                "user": "alice", "host": "web1", "issued": asked.issued, "expires": asked.expires,
                "at": "id.example.org", "label": {"sv": "KMH-konto", "en": "KMH account"},
            })),
        );
        let browser = Browser::start(Taste::ENGLISH);
        browser.go(ORIGIN);
        browser.run(
            "localStorage.setItem('relay', 'http://localhost:8481')",
            &[],
        );
        browser.go("about:blank");
        browser.go(&format!("{ORIGIN}/a#AAAA"));
        browser.see("Add your account");
        let last = browser.run("return localStorage.getItem('relay')", &[]);
        assert_eq!(last, json!("http://localhost:8482"));
        browser.assert_quiet(&["404"]);
    });
}
