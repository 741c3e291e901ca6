//! Networks that are far away, or swallow everything.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use crate::browser::{Browser, Engine, Taste};
use crate::driver::until;
use crate::stub::{Presence, Stub};
use crate::walk::{CODES, ENGLISH, enrol};

in_each_browser!(codes_come_from_the_shelf_though_the_network_swallows_everything);
fn codes_come_from_the_shelf_though_the_network_swallows_everything(engine: Engine) {
    let (stub, browser) = (Stub::start(), Browser::start(Taste::ENGLISH.of(engine)));
    enrol(&browser, &stub, &ENGLISH, Some(CODES));
    until("the kept page", || {
        let kept = browser.run(
            "return caches.match('/').then((found) => Boolean(found))",
            &[],
        );
        kept.as_bool().filter(|kept| *kept)
    });
    stub.be(Presence::Silent);
    browser.go(&stub.origin);
    let codes = browser.find("text=Show a code");
    // For whoever measures: a test that asserted it would fail on a busy machine.
    let shown = browser.run("return Math.round(performance.now())", &[]);
    println!("shown after {shown} ms");
    codes.click();
    browser.find("#code");
}

/// From the browser to the server and back, as to another continent.
const ROUND_TRIP: Duration = Duration::from_millis(100);

#[test]
fn a_page_of_which_nothing_is_kept_takes_few_requests() {
    let (stub, browser) = (Stub::start(), Browser::start(Taste::ENGLISH));
    let far = far_from(&stub.origin);
    browser.go(&format!("{far}/"));
    browser.see("If this phone has been added before");
    let paint = browser.run(
        "return Math.round(performance.getEntriesByName('first-contentful-paint')[0].startTime)",
        &[],
    );
    println!("first paint after {paint} ms, each round trip taking {ROUND_TRIP:?}");
    let loaded = browser.run(
        "return performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)",
        &[],
    );
    // And the page itself.
    let requests = 1 + loaded.as_array().unwrap().len();
    assert!(requests <= 8, "{loaded}");
}

/// An address by which `origin` is far away.
fn far_from(origin: &str) -> String {
    let port = origin.rsplit(':').next().unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let far = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    thread::spawn(move || {
        for near in listener.incoming().map_while(Result::ok) {
            let server = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
            let [near_too, server_too] = [&near, &server].map(|it| it.try_clone().unwrap());
            // The first bytes come after the handshake, which has taken a round trip more.
            late(near, server, ROUND_TRIP);
            late(server_too, near_too, Duration::ZERO);
        }
    });
    far
}

/// Passes on what comes, half a round trip late, and all of it later still by `handshake`.
fn late(mut from: TcpStream, mut to: TcpStream, handshake: Duration) {
    let (sender, pieces) = channel::<Piece>();
    thread::spawn(move || {
        let mut bytes = [0; 16 * 1024];
        while let Ok(length) = from.read(&mut bytes) {
            let piece = Piece {
                due: Instant::now() + ROUND_TRIP / 2 + handshake,
                bytes: bytes[..length].to_vec(),
            };
            if sender.send(piece).is_err() || length == 0 {
                break;
            }
        }
    });
    thread::spawn(move || {
        for piece in pieces {
            thread::sleep(piece.due.saturating_duration_since(Instant::now()));
            if piece.bytes.is_empty() || to.write_all(&piece.bytes).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
}

struct Piece {
    due: Instant,
    bytes: Vec<u8>,
}
