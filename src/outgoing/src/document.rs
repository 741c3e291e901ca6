//! Documents that a provider of accounts publishes: of itself, and of its keys.

use http_body_util::Full;
use hyper::Request;
use hyper::header::{ACCEPT, CONTENT_TYPE};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Answer, Client, address};

/// The longest document, in bytes. A provider's keys with their certificates have some 30,000.
pub const LONGEST_DOCUMENT: usize = 128 * 1024;

/// A field of a form.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value.
    pub value: &'a str,
}

impl Client {
    /// Fetches the document at `url`, which must be https.
    ///
    /// # Errors
    /// One sentence, without the URL.
    pub async fn document(&self, url: &str) -> Result<Vec<u8>, String> {
        let target = address(url)?;
        if target.scheme_str() != Some("https") {
            return Err("is not an https address".to_owned());
        }
        let request = Request::get(target)
            .header(ACCEPT, "application/json")
            .body(Full::default())
            .map_err(|_| "cannot be asked for".to_owned())?;
        let answer = self.ask_up_to(request, LONGEST_DOCUMENT + 1).await?;
        match answer.status {
            200 if answer.body.len() > LONGEST_DOCUMENT => {
                Err(format!("is longer than {} kB", LONGEST_DOCUMENT / 1024))
            }
            200 => Ok(answer.body),
            status @ 300..=399 => Err(format!(
                "answered {status}, which leads elsewhere and is not followed"
            )),
            status => Err(format!("answered {status}")),
        }
    }

    /// Posts `fields` as a form to `url`, which must be https.
    ///
    /// # Errors
    /// One sentence, without the URL.
    pub async fn form(&self, url: &str, fields: &[Field<'_>]) -> Result<Answer, String> {
        let target = address(url)?;
        if target.scheme_str() != Some("https") {
            return Err("is not an https address".to_owned());
        }
        let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
        let pairs = fields
            .iter()
            .map(|field| format!("{}={}", encoded(field.name), encoded(field.value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let request = Request::post(target)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from(body))
            .map_err(|_| "cannot be sent".to_owned())?;
        self.ask(request).await
    }
}
