//! Checks every request: is it meant for us, and does it come from our own page? And sets the headers of every
//! response.

use std::sync::{Arc, LazyLock};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::refusal::Refusal;
use crate::exchange::Exchange;

/// Only the page's own files, and what of `scripts` and `styles` is in the document itself; and one trusted types policy,
/// `antiphon`, which permits only `/sw.js`.
pub(super) fn policy(scripts: &str, styles: &str) -> HeaderValue {
    let policy = format!(
        "default-src 'none'; script-src 'self'{scripts}; style-src 'self'{styles}; img-src 'self'; connect-src 'self'; \
         manifest-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types antiphon"
    );
    // All of it is ASCII.
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// The policy of whatever is not the document.
static ELSEWHERE: LazyLock<HeaderValue> = LazyLock::new(|| policy("", ""));

/// Passkeys, and no other browser feature.
const PERMISSIONS_POLICY: &str = "publickey-credentials-create=(self), \
    publickey-credentials-get=(self), accelerometer=(), autoplay=(), camera=(), \
    display-capture=(), geolocation=(), gyroscope=(), hid=(), identity-credentials-get=(), \
    local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=(), \
    xr-spatial-tracking=()";

/// Two years.
const TRANSPORT_SECURITY: &str = "max-age=63072000";

/// Checks a request's destination and origin, and sets the headers of its response.
pub(super) async fn guard(
    State(exchange): State<Arc<Exchange>>,
    request: Request,
    next: Next,
) -> Response {
    let origin = exchange.config.page.origin.as_str();
    let mut response = match check(&request, origin) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    exchange.metrics.responded(response.status());
    let headers = response.headers_mut();
    let named = HeaderName::from_static;
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (named("cross-origin-opener-policy"), "same-origin"),
        (named("cross-origin-resource-policy"), "same-origin"),
        (named("permissions-policy"), PERMISSIONS_POLICY),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // The page and the guide have policies of their own.
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert_with(|| ELSEWHERE.clone());
    if origin.starts_with("https://") {
        let value = HeaderValue::from_static(TRANSPORT_SECURITY);
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    response
}

/// API responses must not be stored anywhere.
pub(super) async fn never_stored(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let value = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, value);
    response
}

fn check(request: &Request, origin: &str) -> Result<(), Refusal> {
    let (scheme, host) = origin.split_once("://").unwrap_or(("https", origin));
    let usual = match scheme {
        _ if host.contains(':') => "",
        "http" => ":80",
        _ => ":443",
    };
    // Another name that resolves to us is not ours: a page there could talk to us (DNS rebinding).
    if !is_for(request, host, usual) {
        return Err(Refusal::with_words(
            StatusCode::MISDIRECTED_REQUEST,
            format!("this is not the page's address, which is {origin}"),
        ));
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let ours = match header(request.headers(), &header::ORIGIN) {
        Said::Nothing => true,
        Said::Once(from) => from == origin,
        Said::Oddly => false,
    };
    if reads || ours {
        return Ok(());
    }
    Err(Refusal::new(
        StatusCode::FORBIDDEN,
        "another page may not do this",
    ))
}

fn is_for(request: &Request, host: &str, usual: &str) -> bool {
    let same = |said: &str| {
        said.eq_ignore_ascii_case(host)
            || said
                .strip_suffix(usual)
                .is_some_and(|said| said.eq_ignore_ascii_case(host))
    };
    // RFC 9112, section 3.2.2: an address in the request line takes precedence over the header.
    if let Some(authority) = request.uri().authority() {
        return same(authority.as_str());
    }
    match header(request.headers(), &header::HOST) {
        Said::Once(said) => same(said),
        Said::Nothing | Said::Oddly => false,
    }
}

/// A header that must not occur twice.
enum Said<'a> {
    Nothing,
    Once(&'a str),
    /// Occurs twice, or is not ASCII.
    Oddly,
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Said<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Said::Nothing,
        (Some(value), None) => value.to_str().map_or(Said::Oddly, Said::Once),
        (Some(_), Some(_)) => Said::Oddly,
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::Request;

    use super::check;

    fn passes(method: &str, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().method(method).uri("/api/me");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        check(&request, "https://mfa.example.org").is_ok()
    }

    #[test]
    fn only_our_own_name_is_served() {
        for (host, fine) in [
            ("mfa.example.org", true),
            ("MFA.example.org", true),
            ("mfa.example.org:443", true),
            ("mfa.example.org:8443", false),
            ("evil.example", false),
            ("127.0.0.1", false),
            ("", false),
        ] {
            assert_eq!(passes("GET", &[("host", host)]), fine, "{host}");
        }
        assert!(!passes("GET", &[]));
        let two = [("host", "mfa.example.org"), ("host", "mfa.example.org")];
        assert!(!passes("GET", &two));
    }

    #[test]
    fn another_pages_posts_are_refused() {
        let host = ("host", "mfa.example.org");
        for (origin, fine) in [
            ("https://mfa.example.org", true),
            ("http://mfa.example.org", false),
            ("https://evil.example", false),
            ("null", false),
        ] {
            for method in ["POST", "PUT", "DELETE"] {
                assert_eq!(
                    passes(method, &[host, ("origin", origin)]),
                    fine,
                    "{origin}"
                );
            }
            // Reading needs the token, and the browser hides the response from the other page.
            assert!(passes("GET", &[host, ("origin", origin)]));
        }
        assert!(passes("POST", &[host]));
    }
}
