//! HTTP as plain as it can be, so that a test sees each byte.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use antiphon_tests::PATIENCE;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The sentence of an error.
    pub(crate) fn error(&self) -> String {
        self.json()["error"].as_str().unwrap().to_owned()
    }
}

/// Where the page is.
#[derive(Debug, Clone)]
pub(crate) struct Web {
    pub(crate) address: String,
    pub(crate) host: String,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            address: "127.0.0.1:8470".into(),
            host: "localhost:8470".into(),
        }
    }
}

impl Web {
    /// The page by another name.
    pub(crate) fn called(host: &str) -> Self {
        let host = host.to_owned();
        Self {
            host,
            ..Self::default()
        }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    pub(crate) fn get(&self, path: &str, token: &str) -> Answer {
        self.call("GET", path, Some(token), None)
    }

    pub(crate) fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Answer {
        self.call("POST", path, token, Some(&body.to_string()))
    }

    pub(crate) fn call(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<&str>,
    ) -> Answer {
        let more = token.map(|token| format!("Authorization: Bearer {token}\r\n"));
        self.say(method, path, &more.unwrap_or_default(), body)
    }

    /// With these lines in the head, each ended.
    pub(crate) fn say(&self, method: &str, path: &str, more: &str, body: Option<&str>) -> Answer {
        let host = format!("Host: {}\r\n", self.host);
        let length = body.map(|body| format!("Content-Length: {}\r\n", body.len()));
        let (length, body) = (length.unwrap_or_default(), body.unwrap_or_default());
        self.raw(&format!(
            "{method} {path} HTTP/1.1\r\n{host}Connection: close\r\n{more}{length}\r\n{body}"
        ))
    }

    pub(crate) fn raw(&self, text: &str) -> Answer {
        let mut stream = self.connect();
        stream.write_all(text.as_bytes()).unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        parse(&all)
    }
}

pub(crate) fn parse(all: &[u8]) -> Answer {
    let end = all
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap_or_else(|| panic!("no answer: {}", String::from_utf8_lossy(all)));
    let head = String::from_utf8(all[..end].to_vec()).unwrap();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head,
        body: all[end + 4..].to_vec(),
    }
}
