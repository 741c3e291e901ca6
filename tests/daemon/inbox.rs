//! The inbox, read as API.md says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

/// A stream of events.
pub(crate) struct Inbox {
    stream: BufReader<TcpStream>,
    unread: String,
}

impl Inbox {
    /// Opens it on a connection to the page, and gives what waits already.
    pub(crate) fn open(mut stream: TcpStream, token: &str) -> (Self, Vec<Value>) {
        write!(
            stream,
            "GET /api/inbox HTTP/1.1\r\nHost: localhost:8470\r\nAuthorization: Bearer {token}\r\n\r\n"
        )
        .unwrap();
        let mut stream = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(stream.read_line(&mut head).unwrap(), 0, "{head}");
        }
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        assert!(head.contains("content-type: text/event-stream"), "{head}");
        assert!(head.contains("cache-control: no-store"), "{head}");
        let mut inbox = Self {
            stream,
            unread: String::new(),
        };
        let mut waits = Vec::new();
        while let Some(event) = inbox.block().unwrap() {
            assert!(["request", "account"].contains(&event.0.as_str()));
            waits.push(event.1);
        }
        (inbox, waits)
    }

    /// The next event; `None` at the end of the stream.
    pub(crate) fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some(event) = self.block()? {
                return Some(event);
            }
        }
    }

    /// The next event, which must be a request.
    pub(crate) fn request(&mut self) -> Value {
        let (name, data) = self.next().expect("a request");
        assert_eq!(name, "request");
        data
    }

    /// The next event, which must be the end of `request`; its outcome.
    pub(crate) fn gone(&mut self, request: &Value) -> String {
        let (name, data) = self.next().expect("an end");
        assert_eq!((name.as_str(), &data["id"]), ("gone", &request["id"]));
        data["outcome"].as_str().unwrap().to_owned()
    }

    /// One block: `Some(None)` is a comment, `None` the end.
    #[allow(clippy::option_option)]
    fn block(&mut self) -> Option<Option<(String, Value)>> {
        while !self.unread.contains("\n\n") {
            let piece = self.chunk()?;
            self.unread.push_str(&piece);
        }
        let (block, rest) = self.unread.split_once("\n\n").unwrap();
        let (block, rest) = (block.to_owned(), rest.to_owned());
        self.unread = rest;
        if block.starts_with(':') {
            return Some(None);
        }
        let line = |name| block.lines().find_map(|line| line.strip_prefix(name));
        let data = serde_json::from_str(line("data: ").unwrap()).unwrap();
        Some(Some((line("event: ").unwrap().to_owned(), data)))
    }

    fn chunk(&mut self) -> Option<String> {
        let mut size = String::new();
        if self.stream.read_line(&mut size).ok()? == 0 {
            return None;
        }
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        let mut chunk = vec![0; size + 2];
        self.stream.read_exact(&mut chunk).unwrap();
        chunk.truncate(size);
        (size > 0).then(|| String::from_utf8(chunk).unwrap())
    }
}
