//! The cookie of a browser that has been sent to a provider: the one cookie that there is.
//!
//! The prefix `__Host-` has browsers take it from this very host alone, over https, for all paths (RFC 6265bis, section
//! 4.1.3.2): no other page can put one of its own there. The page's scripts cannot read it.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};

use crate::token::{Token, TokenHash};

const NAME: &str = "__Host-antiphon-account";

/// The cookie, if the browser has sent one.
pub(super) struct Cookie(pub(super) Option<TokenHash>);

impl<S: Send + Sync> FromRequestParts<S> for Cookie {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(of(&parts.headers)))
    }
}

fn of(headers: &HeaderMap) -> Option<TokenHash> {
    let lines = headers.get_all(header::COOKIE).iter();
    let mut values = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == NAME)
        .map(|(_, value)| value);
    // Two of them cannot both be ours.
    match (values.next(), values.next()) {
        (Some(value), None) => Some(TokenHash::of(value)),
        _ => None,
    }
}

/// What has the browser keep `token` for so many seconds.
pub(super) fn set(token: &Token, seconds: u64) -> HeaderValue {
    let token = token.expose();
    let cookie =
        format!("{NAME}={token}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax");
    // All of it is ASCII.
    let mut cookie = HeaderValue::from_str(&cookie).unwrap_or(HeaderValue::from_static("invalid"));
    cookie.set_sensitive(true);
    cookie
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::{NAME, of, set};
    use crate::token::{Token, TokenHash};

    #[test]
    fn the_cookie_is_found_among_others_and_two_are_none() {
        for (lines, found) in [
            (&["a=b; NAME=x; c=d"][..], Some("x")),
            (&["a=b", "NAME=x"], Some("x")),
            (&["NAME=x; NAME=x"], None),
            (&["NAME=x", "NAME=y"], None),
            (&["name=x; XNAME=x; NAMEX=x"], None),
            (&[], None),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("cookie", line.replace("NAME", NAME).parse().unwrap());
            }
            assert_eq!(of(&headers), found.map(TokenHash::of), "{lines:?}");
        }
    }

    #[test]
    fn the_cookie_is_for_this_host_alone_and_for_no_script() {
        let token = Token::new().unwrap();
        let cookie = set(&token, 180);
        let expected = format!(
            "__Host-antiphon-account={}; Path=/; Max-Age=180; Secure; HttpOnly; SameSite=Lax",
            token.expose()
        );
        assert_eq!(cookie.to_str().unwrap(), expected);
        assert!(!format!("{cookie:?}").contains(token.expose()));
    }
}
