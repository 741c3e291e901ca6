//! `GET /guide`: the guide for people, the same bytes as `antiphon guide` prints.
//!
//! It has its style and pictures in it, and no script: its policy permits just that, in the place of the page's.

use antiphon_core::config::Config;
use antiphon_core::text::Language;
use antiphon_page::HTML;
use axum::Router;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;

use super::gate::policy_value;
use super::page::Kept;

/// Its address.
const PATH: &str = "/guide";

/// The route of the guide.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(config: &Config) -> Router<S> {
    let made = |language| Kept::new(HTML, Bytes::from(antiphon_guide::page(language, config)));
    let (swedish, english) = (made(Language::Swedish), made(Language::English));
    let usual = config.language;
    let policy = policy_value(&antiphon_guide::policy());
    let answer = async move |uri: Uri, headers: HeaderMap| {
        let guide = match wanted(&uri, &headers).unwrap_or(usual) {
            Language::Swedish => &swedish,
            Language::English => &english,
        };
        let mut response: Response = guide.answer(&headers);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, policy.clone());
        let varies = HeaderValue::from_static("accept-language");
        headers.insert(header::VARY, varies);
        response
    };
    Router::new().route(PATH, get(answer))
}

/// The language of `?language=sv`, or else the first of the browser's languages that there is.
fn wanted(uri: &Uri, headers: &HeaderMap) -> Option<Language> {
    let asked = uri.query().into_iter().flat_map(|query| query.split('&'));
    let mut asked = asked.filter_map(|pair| pair.strip_prefix("language="));
    if let Some(language) = asked.find_map(Language::from_tag) {
        return Some(language);
    }
    let liked = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    liked.split(',').find_map(|tag| {
        let tag = tag.trim().split([';', '-']).next().unwrap_or_default();
        Language::from_tag(tag)
    })
}

#[cfg(test)]
mod tests {
    use antiphon_core::text::Language;
    use axum::http::{HeaderMap, HeaderValue, Uri, header};

    use super::wanted;

    #[test]
    fn the_language_is_the_one_asked_for_or_else_the_browsers() {
        for (address, liked, expected) in [
            ("/guide?language=sv", "en", Some(Language::Swedish)),
            ("/guide?x=1&language=en", "sv", Some(Language::English)),
            (
                "/guide?language=de",
                "de, sv-SE;q=0.8, en;q=0.5",
                Some(Language::Swedish),
            ),
            ("/guide", "en-GB,en;q=0.9,sv;q=0.8", Some(Language::English)),
            ("/guide", "de", None),
            ("/guide", "", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(liked));
            let uri = Uri::from_static(address);
            assert_eq!(wanted(&uri, &headers), expected, "{address} {liked}");
        }
    }
}
