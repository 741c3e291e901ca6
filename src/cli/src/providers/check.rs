//! `antiphon providers check`: what a provider says of itself, and what is wrong with it. Writes nothing.

use std::process::ExitCode;

use antiphon_core::visible::visible;
use serde::Serialize;

use super::fetch::{Ask, Published, ask_all};
use super::look::{look_at_files, look_at_published};
use super::named;
use crate::doctor::show_findings;
use crate::failure::{Failure, Kind};
use crate::finding::{Finding, Findings, Severity};
use crate::house::House;
use crate::screen::Screen;

/// The longest text in a line, in bytes.
const LONGEST: usize = 1024;
/// Grants that a client for this needs not, and which let tokens be had in other ways.
const NOT_NEEDED: [&str; 4] = [
    "implicit",
    "password",
    "refresh_token",
    "urn:ietf:params:oauth:grant-type:device_code",
];

/// The object of `--json`.
#[derive(Serialize)]
struct Object {
    name: String,
    issuer: String,
    jwks_uri: Option<String>,
    /// The keys that can be used here.
    keys: Vec<KeyObject>,
    /// The others, and why not.
    passed_over: Vec<String>,
    /// What the provider offers its clients, and this one needs not.
    grants_not_needed: Vec<String>,
    #[serde(skip)]
    has_device_codes: bool,
    /// Whether it gives this client device codes; null if that cannot be told.
    gives_device_codes: Option<bool>,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct KeyObject {
    kid: String,
    algorithm: &'static str,
}

pub(super) fn run(name: &str, house: &House, screen: &mut Screen) -> Result<ExitCode, Failure> {
    let provider = named(name, house)?;
    let answers = ask_all(&[provider], Ask::DeviceCodes, |_| {});
    let mut answers = answers.map_err(|why| Failure::new(Kind::Unavailable, why))?;
    let answer = answers
        .pop()
        .unwrap_or_else(|| Err("nobody was asked".to_owned()));
    let mut found = Findings::default();
    let page_is_elsewhere = house.config.page.is_served_elsewhere();
    look_at_published(provider, &answer, page_is_elsewhere, &mut found);
    look_at_files(house, &mut found);
    let about = format!("[[provider]] {name}: ");
    let mut findings = Findings::default();
    for finding in found.into_list() {
        if finding.says.starts_with(&about) {
            findings.add(finding);
        }
    }
    let code = match (&answer, findings.count(Severity::Fault)) {
        (Err(_), _) => Kind::Unavailable.exit_code(),
        (Ok(_), 0) => ExitCode::SUCCESS,
        (Ok(_), _) => Kind::Config.exit_code(),
    };
    let object = Object::new(name, &provider.issuer, answer.ok(), findings);
    if screen.is_json() {
        screen.object(&object)?;
    } else {
        object.show(screen)?;
    }
    Ok(code)
}

impl Object {
    fn new(name: &str, issuer: &str, published: Option<Published>, findings: Findings) -> Self {
        let mut object = Self {
            name: name.to_owned(),
            issuer: issuer.to_owned(),
            jwks_uri: None,
            keys: Vec::new(),
            passed_over: Vec::new(),
            grants_not_needed: Vec::new(),
            has_device_codes: false,
            gives_device_codes: None,
            findings: findings.into_list(),
        };
        if let Some(published) = published {
            let grants = published.discovery.grant_types_supported.iter();
            let grants = grants.filter(|grant| NOT_NEEDED.contains(&grant.as_str()));
            object.grants_not_needed = grants.cloned().collect();
            object.jwks_uri = Some(visible(&published.discovery.jwks_uri, LONGEST));
            object.has_device_codes = published.discovery.device_authorization_endpoint.is_some();
            object.gives_device_codes = published.gives_device_codes;
            object.passed_over = published.keys.others;
            let keys = published.keys.keys.into_iter();
            object.keys = keys
                .map(|key| KeyObject {
                    algorithm: key.key.algorithm().name(),
                    kid: key.kid,
                })
                .collect();
        }
        object
    }

    fn show(&self, screen: &mut Screen) -> Result<(), Failure> {
        screen.line(&screen.bold(&self.name))?;
        let mut rows = vec![("issuer", self.issuer.clone())];
        rows.extend(self.jwks_uri.iter().map(|uri| ("keys at", uri.clone())));
        for key in &self.keys {
            rows.push(("key", format!("{}, {}", key.kid, key.algorithm)));
        }
        for why in &self.passed_over {
            rows.push(("passed over", why.clone()));
        }
        let words = match self.gives_device_codes {
            Some(true) => "given to this client",
            Some(false) => "not given to this client",
            None if self.has_device_codes => {
                "cannot be told from here: see that the device grant is off in the client's registration"
            }
            None => "",
        };
        if !words.is_empty() {
            rows.push(("device codes", words.to_owned()));
        }
        for (label, words) in rows {
            screen.say(&format!("  {label:13} {words}"))?;
        }
        if !self.grants_not_needed.is_empty() {
            screen.line("")?;
            screen.say(&format!(
                "The provider offers its clients {}. This one needs the authorization code with S256 and nothing else: see \
                 that the others are off in its registration.",
                self.grants_not_needed.join(", ")
            ))?;
        }
        if !self.findings.is_empty() {
            screen.line("")?;
        }
        show_findings(self.findings.iter(), screen)
    }
}
