//! The page: the routes of its files ([`antiphon_page`]).

use antiphon_core::config::Config;
use antiphon_page::{COMPRESSED, DOCUMENT, FILES, HTML, headers};
use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use data_encoding::BASE64URL_NOPAD;
use ring::digest::{SHA256, digest};

use super::gate::policy_value;

/// The routes of the page's files. The document has several addresses: to which view each leads, the page knows.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(config: &Config) -> Router<S> {
    let mut router = Router::new();
    for file in FILES {
        let kept = Kept::new(file.kind, Bytes::from_static(file.bytes));
        let answer = async move |headers: HeaderMap| kept.answer(&headers);
        router = router.route(file.path, get(answer));
    }
    let document = Document::new();
    for path in ["/", "/enroll", "/a", "/a/{code}"] {
        let document = document.clone();
        let answer = async move |headers: HeaderMap| document.answer(&headers);
        router = router.route(path, get(answer));
    }
    for provider in &config.providers {
        let document = document.clone();
        let answer = async move |headers: HeaderMap| document.answer_to_a_provider(&headers);
        router = router.route(&format!("/account/{}", provider.name), get(answer));
    }
    router
}

#[derive(Clone)]
struct Document {
    plain: Kept,
    compressed: Kept,
    policy: HeaderValue,
}

impl Document {
    fn new() -> Self {
        Self {
            plain: Kept::new(HTML, Bytes::from_static(DOCUMENT)),
            compressed: Kept::new(HTML, Bytes::from_static(COMPRESSED)),
            policy: policy_value(&headers::policy(&[])),
        }
    }

    fn answer(&self, headers: &HeaderMap) -> Response {
        let mut response = if takes_gzip(headers) {
            let mut response = self.compressed.answer(headers);
            let gzip = HeaderValue::from_static("gzip");
            response
                .headers_mut()
                .insert(header::CONTENT_ENCODING, gzip);
            response
        } else {
            self.plain.answer(headers)
        };
        let headers = response.headers_mut();
        let varies = HeaderValue::from_static("accept-encoding");
        headers.insert(header::VARY, varies);
        let policy = self.policy.clone();
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        response
    }

    /// The same for a browser that comes back from a provider: its address may hold a code, so nothing is kept.
    fn answer_to_a_provider(&self, headers: &HeaderMap) -> Response {
        let mut headers = headers.clone();
        headers.remove(header::IF_NONE_MATCH);
        let mut response = self.answer(&headers);
        let headers = response.headers_mut();
        headers.remove(header::ETAG);
        let never = HeaderValue::from_static("no-store");
        headers.insert(header::CACHE_CONTROL, never);
        response
    }
}

/// Whether gzip is named, and not with the weight of nothing (RFC 9110, section 12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| {
            let (coding, weight) = one.split_once(';').unwrap_or((one, ""));
            let weight = weight.trim().to_ascii_lowercase();
            coding.trim().eq_ignore_ascii_case("gzip")
                && weight
                    .strip_prefix("q=")
                    .is_none_or(|weight| weight.parse().is_ok_and(|weight: f32| weight > 0.0))
        })
}

/// A file, with its entity tag, so that browsers reload only what has changed.
#[derive(Clone)]
pub(super) struct Kept {
    kind: &'static str,
    bytes: Bytes,
    tag: HeaderValue,
}

impl Kept {
    pub(super) fn new(kind: &'static str, bytes: Bytes) -> Self {
        let sum = BASE64URL_NOPAD.encode(digest(&SHA256, &bytes).as_ref());
        // Base64url has no characters that a header cannot have.
        let tag = HeaderValue::from_str(&format!("\"{sum}\""));
        let tag = tag.unwrap_or(HeaderValue::from_static("\"\""));
        Self { kind, bytes, tag }
    }

    pub(super) fn answer(&self, headers: &HeaderMap) -> Response {
        let known = headers
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            // A compressing proxy makes a tag weak (RFC 9110, section 8.8.3); the file is the same.
            .any(|one| one.trim().trim_start_matches("W/").as_bytes() == self.tag.as_bytes());
        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let mut response = self.bytes.clone().into_response();
            let kind = HeaderValue::from_static(self.kind);
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            response
        };
        let headers = response.headers_mut();
        headers.insert(header::ETAG, self.tag.clone());
        // Cached but always revalidated: a page and its modules must be of one release.
        let asked = HeaderValue::from_static("no-cache");
        headers.insert(header::CACHE_CONTROL, asked);
        response
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::takes_gzip;

    #[test]
    fn what_is_compressed_goes_to_those_who_take_it() {
        for (said, takes) in [
            ("gzip, deflate, br", true),
            ("br;q=1.0, GZIP;q=0.8", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000", false),
            ("gzip;q=x", false),
            ("identity", false),
            ("xgzip", false),
            ("*", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            let value = HeaderValue::from_static(said);
            headers.insert(header::ACCEPT_ENCODING, value);
            assert_eq!(takes_gzip(&headers), takes, "{said}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
