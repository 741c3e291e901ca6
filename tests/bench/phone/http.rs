//! As much HTTP as a phone needs, on a connection that stays, as browsers keep theirs.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use antiphon_tests::PATIENCE;
use serde_json::Value;

/// Where the page is, if no configuration says otherwise.
const ADDRESS: &str = "127.0.0.1:8470";
const HOST: &str = "localhost:8470";

/// A connection to the page.
pub(crate) fn connect() -> TcpStream {
    connect_to(ADDRESS)
}

/// A connection to the page at another address.
pub(crate) fn connect_to(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// A connection.
pub(crate) struct Web(BufReader<TcpStream>);

impl Web {
    pub(crate) fn connect() -> Self {
        Self(BufReader::new(connect()))
    }

    pub(crate) fn connect_to(address: &str) -> Self {
        Self(BufReader::new(connect_to(address)))
    }

    /// A call that begins with `head`, whose lines are ended; in one piece.
    pub(crate) fn send(&mut self, head: &str, body: &str) {
        let length = body.len();
        let call = format!("{head}Host: {HOST}\r\nContent-Length: {length}\r\n\r\n{body}");
        self.0.get_mut().write_all(call.as_bytes()).unwrap();
    }

    /// The status and the body of what comes back.
    pub(crate) fn receive(&mut self) -> (u16, Value) {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(self.0.read_line(&mut head).unwrap(), 0, "{head}");
        }
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
}
