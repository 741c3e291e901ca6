//! The page from another web server, by what `antiphon page export` has written, with two relays.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;

use antiphon_core::account::{AccountTerms, ticket_name};
use antiphon_core::wire::{AccountTicket, FromDaemon, ToDaemon};
use antiphon_tests::{Postgres, World};
use nix::sys::signal::{Signal, kill};
use serde_json::json;

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

#[test]
fn an_accounts_ticket_is_looked_for_at_each_relay_and_the_page_stays_where_it_is_known() {
    in_house(|world| {
        serve(&exported(world));
        join(world);
        let engine = Postgres::start(&world.folder().join("postgres"));
        let configured = [PAGE, PROVIDER].concat();
        let [one, two] =
            [1, 2].map(|number| Relay::start(world, &engine.url(), number, &configured));
        let browser = Browser::start(Taste::ENGLISH);
        browser.go(ORIGIN);
        for (number, other, knows) in [(1, 2, &two), (2, 1, &one)] {
            let secret = [number; 16];
            let asked = request(600);
            let mut command = knows.say(&ToDaemon::AccountTicket(AccountTicket {
                name: ticket_name(&secret),
                user: "alice".into(),
                host: "web1".into(),
                issued: asked.issued,
                expires: asked.expires,
                terms: AccountTerms {
                    provider: "kmh".into(),
                    issuer: "https://id.example.org".into(),
                    client_id: "antiphon".into(),
                    subject: String::new(),
                    tenant: String::new(),
                },
            }));
            assert_eq!(command.hear(), Some(FromDaemon::TicketOpen {}));
            let last = |number: u8| format!("http://localhost:848{number}");
            let set = "localStorage.setItem('relay', arguments[0])";
            browser.run(set, &[json!(last(number))]);
            browser.go("about:blank");
            let ticket = data_encoding::BASE64URL_NOPAD.encode(&secret);
            browser.go(&format!("{ORIGIN}/a#{ticket}"));
            browser.see("Add your account");
            assert_eq!(command.hear(), Some(FromDaemon::TicketSeen {}));
            let kept = browser.run("return localStorage.getItem('relay')", &[]);
            assert_eq!(kept, json!(last(other)));
        }
        // That nobody knows it is said when all have been asked.
        browser.go("about:blank");
        browser.go(&format!("{ORIGIN}/a#AAAA"));
        browser.see("This link has expired or has been used.");
        browser.assert_quiet(&["404"]);
    });
}
