//! As much HTTP as a phone needs, on a connection that stays, as browsers keep theirs.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// Where the page is, if no configuration says otherwise.
const ADDRESS: &str = "127.0.0.1:8470";
const HOST: &str = "localhost:8470";
/// Nobody hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection.
pub(super) struct Web(BufReader<TcpStream>);

impl Web {
    pub(super) fn connect() -> Self {
        let stream = TcpStream::connect(ADDRESS).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(BufReader::new(stream))
    }

    /// A call that begins with `head`, whose lines are ended; in one piece.
    pub(super) fn send(&mut self, head: &str, body: &str) {
        let length = body.len();
        let call = format!("{head}Host: {HOST}\r\nContent-Length: {length}\r\n\r\n{body}");
        self.0.get_mut().write_all(call.as_bytes()).unwrap();
    }

    /// The status and the body of what comes back.
    pub(super) fn receive(&mut self) -> (u16, Value) {
        let head = self.head();
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let is_it = name.eq_ignore_ascii_case("content-length");
            is_it.then(|| value.trim().parse().unwrap())
        });
        let mut body = vec![0; length.unwrap_or(0)];
        self.0.read_exact(&mut body).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    fn head(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(self.0.read_line(&mut head).unwrap(), 0, "{head}");
        }
        head
    }
}

/// A stream of events.
pub(super) struct Inbox {
    web: Web,
    unread: String,
}

impl Inbox {
    /// Opens it.
    pub(super) fn open(token: &str) -> Self {
        let mut web = Web::connect();
        web.send(
            &format!("GET /api/inbox HTTP/1.1\r\nAuthorization: Bearer {token}\r\n"),
            "",
        );
        let head = web.head();
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        let mut inbox = Self {
            web,
            unread: String::new(),
        };
        // The comment, after what waits already: now it listens.
        while !inbox.unread.contains(":\n\n") {
            inbox.read();
        }
        inbox
    }

    /// The next event: its name and what it says.
    pub(super) fn next(&mut self) -> (String, Value) {
        loop {
            if let Some((block, rest)) = self.unread.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.unread = rest;
                let line = |name| block.lines().find_map(|line| line.strip_prefix(name));
                if let (Some(event), Some(data)) = (line("event: "), line("data: ")) {
                    return (event.to_owned(), serde_json::from_str(data).unwrap());
                }
            } else {
                self.read();
            }
        }
    }

    /// A chunk (RFC 9112, section 7.1).
    fn read(&mut self) {
        let mut size = String::new();
        self.web.0.read_line(&mut size).unwrap();
        let size = usize::from_str_radix(size.trim(), 16).expect("the inbox has ended");
        let mut chunk = vec![0; size + 2];
        self.web.0.read_exact(&mut chunk).unwrap();
        self.unread
            .push_str(std::str::from_utf8(&chunk[..size]).unwrap());
    }
}
