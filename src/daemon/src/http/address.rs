//! The address of a phone: that of the connection, or what a proxy that is trusted says.

use std::net::IpAddr;
use std::sync::Arc;

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
        // Every connection puts it there.
        let Peer(peer) = parts.extensions.get().copied().ok_or(Refusal::NOT_HERE)?;
        let trusted = &exchange.config.page.trusted_proxies;
        Ok(Self(of(peer.ip(), &parts.headers, trusted)))
    }
}

/// The last address that no trusted proxy has: what stands before it, anybody can have written.
fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let is_trusted = |address: &IpAddr| {
        let mut all = trusted.iter();
        all.any(|proxy| proxy.to_canonical() == address.to_canonical())
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

/// An address, as proxies write it: bare, in brackets, with a port.
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
    use std::net::IpAddr;

    use axum::http::HeaderMap;

    use super::of;

    fn from(peer: &str, lines: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let trusted: Vec<IpAddr> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        of(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_about_who_came_to_it() {
        let proxy = &["10.0.0.1", "10.0.0.2"][..];
        for (peer, lines, trusted, address) in [
            ("203.0.113.5", &["192.0.2.1"][..], &[][..], "203.0.113.5"),
            ("203.0.113.5", &["192.0.2.1"], proxy, "203.0.113.5"),
            ("10.0.0.1", &["192.0.2.1"], proxy, "192.0.2.1"),
            ("::ffff:10.0.0.1", &["::ffff:192.0.2.1"], proxy, "192.0.2.1"),
            // What the phone wrote itself stands before what the proxy wrote.
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
