//! Whether the phones' page can be reached at its origin.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use antiphon_core::config::Page;
use antiphon_core::shell;

use super::program;
use crate::finding::{Finding, Findings};

/// The time limit for each step.
const PATIENCE: Duration = Duration::from_secs(4);
/// The most addresses of a name to try.
const MOST_ADDRESSES: usize = 4;
/// How curl reports a certificate that is not trusted.
const NOT_TRUSTED: &str = "curl: (60)";

/// The result of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reached {
    /// Nobody here has a phone, and none could be enrolled.
    NotTried,
    Yes,
    /// The name does not resolve.
    NoName(String),
    /// No address accepts a connection.
    NoConnection(String),
    /// Something else answers.
    NotThePage(String),
    /// Its certificate is not trusted here.
    NotTrusted(String),
}

/// The facts that the findings are based on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) origin: String,
    pub(crate) reached: Reached,
}

/// Tries to reach it, if anybody needs it: `is_wanted` says whether somebody has a phone.
pub(crate) fn read(page: &Page, is_wanted: bool) -> Facts {
    Facts {
        origin: page.origin.clone(),
        reached: if is_wanted || !page.is_for_this_computer_only() {
            reach(page)
        } else {
            Reached::NotTried
        },
    }
}

fn reach(page: &Page) -> Reached {
    let (is_tls, rest) = match page.origin.split_once("://") {
        Some(("https", rest)) => (true, rest),
        Some((_, rest)) => (false, rest),
        None => (false, page.origin.as_str()),
    };
    let target = if rest.contains(':') {
        rest.to_owned()
    } else {
        format!("{rest}:{}", if is_tls { 443 } else { 80 })
    };
    let addresses = match target.to_socket_addrs() {
        Ok(addresses) => addresses.take(MOST_ADDRESSES),
        Err(error) => return Reached::NoName(error.to_string()),
    };
    let mut why = "it has no address".to_owned();
    for address in addresses {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(stream) if is_tls => {
                drop(stream);
                return by_tls(&page.origin);
            }
            Ok(stream) => return plainly(stream, rest),
            Err(error) => why = format!("{address}: {error}"),
        }
    }
    Reached::NoConnection(why)
}

fn plainly(mut stream: TcpStream, host: &str) -> Reached {
    let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let mut answer = [0; 12];
    let asked = stream
        .set_read_timeout(Some(PATIENCE))
        .and_then(|()| stream.write_all(request.as_bytes()))
        .and_then(|()| stream.read_exact(&mut answer));
    match asked {
        Ok(()) if answer.ends_with(b" 200") => Reached::Yes,
        Ok(()) => Reached::NotThePage(String::from_utf8_lossy(&answer).into_owned()),
        Err(error) => Reached::NotThePage(error.to_string()),
    }
}

/// With curl, if installed, since this program has no TLS.
fn by_tls(origin: &str) -> Reached {
    let url = format!("{origin}/");
    let seconds = PATIENCE.as_secs().to_string();
    let asked = program::run(
        "curl",
        &[
            // Without root's own settings of it.
            "--disable",
            "--silent",
            "--show-error",
            "--output",
            "/dev/null",
            "--max-time",
            &seconds,
            "--write-out",
            "%{http_code}",
            &url,
        ],
    );
    match asked {
        // At least a connection was made.
        Err(_) => Reached::Yes,
        Ok(ran) if ran.succeeded && ran.out == "200" => Reached::Yes,
        Ok(ran) if ran.succeeded => Reached::NotThePage(format!("HTTP {}", ran.out)),
        Ok(ran) if ran.err.contains(NOT_TRUSTED) => Reached::NotTrusted(first_line(&ran.err)),
        Ok(ran) => Reached::NotThePage(first_line(&ran.err)),
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

pub(crate) fn look(facts: &Facts, findings: &mut Findings) {
    let Facts { origin, reached } = facts;
    let host = host_of(origin);
    let (why, fix) = match reached {
        Reached::NotTried | Reached::Yes => return,
        Reached::NoName(why) => (
            format!("its host name does not resolve ({why})"),
            format!("getent hosts {}", shell::word(host)),
        ),
        Reached::NoConnection(why) => (
            format!("nothing answers there ({why})"),
            "systemctl restart antiphond && ss -ltnp".to_owned(),
        ),
        Reached::NotThePage(why) => (
            format!("what answers there is not the page ({why})"),
            format!("curl -v {}/", shell::word(origin)),
        ),
        Reached::NotTrusted(why) => (
            format!("its certificate is not trusted here, and phones may not either ({why})"),
            format!("curl -v {}/", shell::word(origin)),
        ),
    };
    findings.add(
        Finding::warning(format_args!(
            "{origin}: the phones' page cannot be reached from this computer: {why}; no phone can be enrolled, and \
             enrolled phones cannot answer"
        ))
        .fix(fix),
    );
}

fn host_of(origin: &str) -> &str {
    let rest = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    rest.split(':').next().unwrap_or(rest)
}
