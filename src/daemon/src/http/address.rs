//! A phone's address: that of the connection, or as reported by a trusted proxy.
//!
//! Where the page is plain HTTP, phones come through a proxy, and one on this host is trusted without being configured.
//! A local user who connects directly can then claim any address. The address is only used to count attempts: a phone
//! that has a ticket or signs with its passkey is served however many attempts others have made under its address.

use std::net::IpAddr;
use std::sync::Arc;

use antiphon_core::config::Page;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

use super::refusal::Refusal;
use super::server::Peer;
use crate::exchange::Exchange;

/// Where a request comes from.
pub(super) struct Address(pub(super) IpAddr);

impl FromRequestParts<Arc<Exchange>> for Address {
    type Rejection = Refusal;

    async fn from_request_parts(
        parts: &mut Parts,
        exchange: &Arc<Exchange>,
    ) -> Result<Self, Refusal> {
        // Every connection sets it.
        let Peer(peer) = parts.extensions.get().copied().ok_or(Refusal::NOT_HERE)?;
        Ok(Self(of(peer.ip(), &parts.headers, &exchange.config.page)))
    }
}

/// The last address that is not a trusted proxy: anybody can have written what precedes it.
fn of(peer: IpAddr, headers: &HeaderMap, page: &Page) -> IpAddr {
    let is_trusted = |address: &IpAddr| {
        let mut named = page.trusted_proxies.iter();
        page.tls.is_none() && address.is_loopback()
            || named.any(|proxy| proxy.to_canonical() == *address)
    };
    let mut last = peer.to_canonical();
    let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().collect();
    let said = lines
        .iter()
        .rev()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.rsplit(','));
    for one in said {
        if !is_trusted(&last) {
            break;
        }
        match literal(one.trim()) {
            Some(address) => last = address.to_canonical(),
            None => break,
        }
    }
    last
}

/// Parses an address as proxies write it: bare, in brackets, with a port.
fn literal(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    if let Some(rest) = text.strip_prefix('[') {
        return rest.split_once(']')?.0.parse().ok();
    }
    text.rsplit_once(':')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use antiphon_core::config::{Page, TlsFiles};
    use axum::http::HeaderMap;

    use super::of;

    fn from(peer: &str, lines: &[&str], trusted: &[&str]) -> String {
        let tls = TlsFiles {
            certificate: "/c".into(),
            key: "/k".into(),
        };
        let page = Page {
            tls: Some(tls),
            trusted_proxies: trusted.iter().map(|text| text.parse().unwrap()).collect(),
            ..Page::default()
        };
        said_to(&page, peer, lines)
    }

    fn said_to(page: &Page, peer: &str, lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        of(peer.parse().unwrap(), &headers, page).to_string()
    }

    #[test]
    fn where_the_page_is_plain_a_proxy_on_this_computer_is_believed_and_no_other() {
        let plain = Page::default();
        for (peer, lines, address) in [
            ("127.0.0.1", &["192.0.2.1"][..], "192.0.2.1"),
            ("::1", &["198.51.100.9, 2001:db8::1"], "2001:db8::1"),
            ("::ffff:127.0.0.1", &["192.0.2.1"], "192.0.2.1"),
            // Two proxies, one behind the other.
            ("127.0.0.1", &["192.0.2.1, 127.0.0.1"], "192.0.2.1"),
            ("203.0.113.5", &["192.0.2.1"], "203.0.113.5"),
        ] {
            assert_eq!(said_to(&plain, peer, lines), address, "{peer} {lines:?}");
        }
        assert_eq!(from("127.0.0.1", &["192.0.2.1"], &[]), "127.0.0.1");
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_about_who_came_to_it() {
        let proxy = &["10.0.0.1", "10.0.0.2"][..];
        for (peer, lines, trusted, address) in [
            ("203.0.113.5", &["192.0.2.1"][..], &[][..], "203.0.113.5"),
            ("203.0.113.5", &["192.0.2.1"], proxy, "203.0.113.5"),
            ("10.0.0.1", &["192.0.2.1"], proxy, "192.0.2.1"),
            ("::ffff:10.0.0.1", &["::ffff:192.0.2.1"], proxy, "192.0.2.1"),
            // What the phone wrote precedes what the proxy wrote.
            ("10.0.0.1", &["198.51.100.9, 192.0.2.1"], proxy, "192.0.2.1"),
            (
                "10.0.0.1",
                &["198.51.100.9", "192.0.2.1"],
                proxy,
                "192.0.2.1",
            ),
            ("10.0.0.1", &["192.0.2.1, 10.0.0.2"], proxy, "192.0.2.1"),
            ("10.0.0.1", &["[2001:db8::1]:4711"], proxy, "2001:db8::1"),
            ("10.0.0.1", &["192.0.2.1:4711"], proxy, "192.0.2.1"),
            ("10.0.0.1", &["unknown"], proxy, "10.0.0.1"),
            ("10.0.0.1", &[], proxy, "10.0.0.1"),
        ] {
            assert_eq!(from(peer, lines, trusted), address, "{lines:?}");
        }
    }
}
