//! Checks every request: is it meant for us, and does it come from our own page? And sets the headers of every
//! response.

use std::sync::{Arc, LazyLock};

use antiphon_core::config::Page;
use antiphon_page::headers;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::refusal::Refusal;
use super::{API, cors, health};
use crate::exchange::Exchange;

/// A policy as a header.
pub(super) fn policy_value(policy: &str) -> HeaderValue {
    // All of it is ASCII.
    HeaderValue::from_str(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// The policy of whatever is not the document.
static ELSEWHERE: LazyLock<HeaderValue> =
    LazyLock::new(|| policy_value(&headers::policy_elsewhere()));

/// Checks a request's destination and origin, and sets the headers of its response.
pub(super) async fn guard(
    State(exchange): State<Arc<Exchange>>,
    request: Request,
    next: Next,
) -> Response {
    let page = &exchange.config.page;
    // The page of another web server, which may use the API and nothing else.
    let is_from_elsewhere = page.is_served_elsewhere()
        && request.uri().path().starts_with(API)
        && origin(&request) == Said::Once(&page.origin);
    let mut response = match check(&request, page) {
        Ok(()) if is_from_elsewhere && cors::is_preflight(&request) => cors::answer(),
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    if is_from_elsewhere {
        cors::permit(response.headers_mut(), &page.origin);
    }
    exchange.metrics.responded(response.status());
    let said = response.headers_mut();
    for (name, value) in headers::ALWAYS {
        said.insert(name, HeaderValue::from_static(value));
    }
    // The page and the guide have policies of their own.
    said.entry(header::CONTENT_SECURITY_POLICY)
        .or_insert_with(|| ELSEWHERE.clone());
    if page.origin.starts_with("https://") {
        let value = HeaderValue::from_static(headers::TRANSPORT_SECURITY);
        said.insert(header::STRICT_TRANSPORT_SECURITY, value);
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

fn check(request: &Request, page: &Page) -> Result<(), Refusal> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads && request.uri().path() == health::PATH {
        return Ok(());
    }
    // Another name that resolves to us is not ours: a page there could talk to us (DNS rebinding).
    if !page
        .answering()
        .iter()
        .any(|address| is_for(request, address))
    {
        let addresses = page.answering().join(" or ");
        return Err(Refusal::with_words(
            StatusCode::MISDIRECTED_REQUEST,
            format!("this is not the page's address, which is {addresses}"),
        ));
    }
    let may = match origin(request) {
        Said::Nothing => true,
        Said::Once(from) if from == page.origin => true,
        // The browser hides the response from the other page.
        Said::Once(_) | Said::Oddly => reads && !page.is_served_elsewhere(),
    };
    if may {
        return Ok(());
    }
    Err(Refusal::new(
        StatusCode::FORBIDDEN,
        "another page may not do this",
    ))
}

fn origin(request: &Request) -> Said<'_> {
    header(request.headers(), &header::ORIGIN)
}

fn is_for(request: &Request, address: &str) -> bool {
    let (scheme, host) = address.split_once("://").unwrap_or(("https", address));
    let usual = match scheme {
        _ if host.contains(':') => "",
        "http" => ":80",
        _ => ":443",
    };
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
#[derive(PartialEq, Eq)]
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

    use antiphon_core::config::Page;

    use super::check;

    fn passes(method: &str, headers: &[(&str, &str)]) -> bool {
        let page = Page {
            origin: "https://mfa.example.org".to_owned(),
            ..Page::default()
        };
        passes_at(&page, method, headers)
    }

    fn passes_at(page: &Page, method: &str, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().method(method).uri("/api/me");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        check(&request, page).is_ok()
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
    #[test]
    fn a_relay_of_another_servers_page_is_called_by_its_own_name_from_that_page_alone() {
        let page = Page {
            origin: "https://mfa.example.org".to_owned(),
            relays: vec!["https://r1.example.org".to_owned()],
            ..Page::default()
        };
        let host = ("host", "r1.example.org");
        for method in ["GET", "POST", "OPTIONS"] {
            let passes = |headers: &[(&str, &str)]| passes_at(&page, method, headers);
            assert!(passes(&[host]));
            assert!(passes(&[host, ("origin", "https://mfa.example.org")]));
            for origin in ["https://r1.example.org", "https://evil.example", "null"] {
                assert!(!passes(&[host, ("origin", origin)]), "{origin}");
            }
            assert!(!passes(&[("host", "mfa.example.org")]));
        }
    }
}
