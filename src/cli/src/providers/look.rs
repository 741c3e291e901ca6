//! What is wrong with providers: in antiphon.toml and root's files, and in what they publish.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use antiphon_core::account::KeySet;
use antiphon_core::config::{Provider, origin_of, secure_origin_of};
use antiphon_core::disk::{Folder, key_file, record_file};
use antiphon_core::shell;
use antiphon_core::time::UnixTime;
use antiphon_core::visible::visible;

use super::fetch::{Published, discovery_address};
use crate::clock;
use crate::finding::{Finding, Findings};
use crate::house::House;
use crate::roll;

/// How old keys become before somebody should look at the timer, in seconds: two of its hours have failed.
const STALE: u64 = 3 * 3600;
/// The longest origin that is shown, in bytes.
const LONGEST: usize = 256;
/// Where client secrets are kept, each in `provider-NAME`, for systemd to hand over.
const SECRETS: &str = "/etc/antiphon";

/// Looks at the configuration and at the keys on file.
pub(crate) fn look_at_files(house: &House, findings: &mut Findings) {
    let providers = &house.config.providers;
    if providers.is_empty() {
        return;
    }
    if house.config.page.is_for_this_computer_only() {
        findings.warning(
            "[[provider]]: accounts are approved on the page, and [page] origin is for this computer alone; set origin",
        );
    }
    let folder = Folder::open(&house.config.paths.providers);
    let used = used(house);
    for provider in providers {
        let name = &provider.name;
        look_at_secret(
            &Path::new(SECRETS).join(format!("provider-{name}")),
            findings,
        );
        if !provider.reauthentication {
            findings.warning(format_args!(
                "[[provider]] {name}: with reauthentication = false a stolen session at the provider is enough to \
                 approve; take that line out if the provider puts auth_time into its ID tokens"
            ));
        }
        let is_used = used.iter().any(|used| used == name);
        let keys = match &folder {
            Ok(folder) => key_file::load(folder, name).map_err(|trouble| trouble.detail),
            Err(distrust) if distrust.is_missing() => Ok(None),
            Err(distrust) => Err(distrust.to_string()),
        };
        let said = match keys {
            Ok(keys) => said_of(provider, keys.as_ref(), clock::now()),
            Err(why) => Some(Said::Nobody(why)),
        };
        match said {
            Some(Said::Nobody(says)) if is_used => findings.fault(says),
            Some(Said::Nobody(says) | Said::Soon(says)) => findings.warning(says),
            None => {}
        }
    }
    for (index, provider) in providers.iter().enumerate() {
        let earlier = providers.iter().take(index);
        let is_same = |other: &&Provider| {
            other.issuer == provider.issuer && other.client_id == provider.client_id
        };
        if let Some(other) = earlier.into_iter().find(is_same) {
            findings.warning(format_args!(
                "[[provider]] {} and {} have one client id: a sign-in at one is a sign-in at the other, and the weaker \
                 of their rules holds for both; register a client for each",
                other.name, provider.name
            ));
        }
    }
}

/// Looks at who can read a client secret, if there is one: with it anybody is this client.
fn look_at_secret(path: &Path, findings: &mut Findings) {
    if path
        .metadata()
        .is_ok_and(|secret| secret.mode() & 0o007 != 0)
    {
        let shown = shell::word(path);
        findings.add(
            Finding::warning(format_args!(
                "{}: everybody on this computer can read this client secret",
                path.display()
            ))
            .fix(format!("chmod 0600 {shown}")),
        );
    }
}

/// What is wrong with keys.
enum Said {
    /// Nobody can approve.
    Nobody(String),
    /// They still count.
    Soon(String),
}

fn said_of(provider: &Provider, keys: Option<&KeySet>, now: UnixTime) -> Option<Said> {
    let name = &provider.name;
    let fix = format!("run: antiphon providers refresh {name}");
    let Some(keys) = keys else {
        return Some(Said::Nobody(format!(
            "[[provider]] {name}: its keys have not been fetched, and nobody can approve with an account there; {fix}"
        )));
    };
    if keys.issuer != provider.issuer {
        return Some(Said::Nobody(format!(
            "[[provider]] {name}: the keys on file are of another issuer ({}), and nobody can approve with an account \
             there; {fix}",
            keys.issuer
        )));
    }
    if keys.fetched > now && !keys.keys.iter().any(|key| key.counts(now)) {
        return Some(Said::Nobody(format!(
            "[[provider]] {name}: its keys were fetched at {}, and this computer's clock is {now}: it is off now, or was \
             then, and nobody can approve with an account there; set it right, then {fix}",
            keys.fetched
        )));
    }
    if !keys.keys.iter().any(|key| key.counts(now)) {
        return Some(Said::Nobody(format!(
            "[[provider]] {name}: its keys were last fetched at {}, more than a day ago, and are no longer valid: nobody \
             can approve with an account there; {fix}",
            keys.fetched
        )));
    }
    (keys.fetched.until(now) > STALE).then(|| {
        Said::Soon(format!(
            "[[provider]] {name}: its keys were last fetched at {}; they are valid for a day only, and the timer should \
             fetch them every hour; run: systemctl enable --now antiphon-providers.timer antiphon-providers.path",
            keys.fetched
        ))
    })
}

/// The names of the providers that somebody has an account at.
fn used(house: &House) -> Vec<String> {
    let Ok(Some(users)) = house.users() else {
        return Vec::new();
    };
    let people = roll::call(&users, record_file::SUFFIX).unwrap_or_default();
    let records = people
        .users
        .iter()
        .filter_map(|user| record_file::load(&users, user).ok().flatten());
    let mut used: Vec<String> = records
        .flat_map(|record| record.accounts)
        .map(|account| account.provider)
        .collect();
    used.sort_unstable();
    used.dedup();
    used
}

/// Looks at what a provider has said of itself, or at why it has not. A page that another web server serves sends people to
/// the origins in its document alone.
pub(crate) fn look_at_published(
    provider: &Provider,
    published: &Result<Published, String>,
    page_is_elsewhere: bool,
    findings: &mut Findings,
) {
    let name = &provider.name;
    let published = match published {
        Ok(published) => published,
        Err(why) => {
            findings.add(
                Finding::warning(format_args!(
                    "[[provider]] {name}: its keys cannot be fetched now: {why}; those on file, if there are any, are valid \
                     for a day from when they were fetched"
                ))
                .fix(format!(
                    "curl -sS {}",
                    shell::word(discovery_address(&provider.issuer))
                )),
            );
            return;
        }
    };
    if published.gives_device_codes == Some(true) {
        findings.warning(format_args!(
            "[[provider]] {name}: gives this client device codes, with which somebody can have a person approve without \
             the page; switch the device grant off in the registration of {}",
            provider.client_id
        ));
    }
    if page_is_elsewhere && let Some(endpoint) = &published.discovery.authorization_endpoint {
        look_at_origin(provider, endpoint, findings);
    }
    let challenges = &published.discovery.code_challenge_methods_supported;
    if !challenges.is_empty() && !challenges.iter().any(|method| method == "S256") {
        findings.warning(format_args!(
            "[[provider]] {name}: does not name S256 among its code challenge methods, which the page uses: sign-ins \
             there may be refused"
        ));
    }
}

/// A page from elsewhere sends people to one origin of each provider.
fn look_at_origin(provider: &Provider, endpoint: &str, findings: &mut Findings) {
    let (own, at) = (provider.origin(), origin_of(endpoint));
    let (named, spelt) = (secure_origin_of(own), secure_origin_of(endpoint));
    if own == at || (spelt.is_some() && named == spelt) {
        return;
    }
    let fix = match &spelt {
        Some(origin) => {
            format!(
                "if that is right, add authorization_origin = \"{origin}\" and export the page again"
            )
        }
        None => "authorization_origin cannot name that: have the relays serve the page".to_owned(),
    };
    findings.warning(format_args!(
        "[[provider]] {}: has people sign in at {}, and the page that antiphon page export has written sends them to {own} alone; \
         {fix}",
        provider.name,
        visible(at, LONGEST),
    ));
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use antiphon_core::account::{Key, KeySet, PublicKey};
    use antiphon_core::config::{Config, Provider};
    use antiphon_core::time::UnixTime;

    use super::{Said, look_at_origin, look_at_secret, said_of};
    use crate::finding::Findings;

    #[test]
    fn a_client_secret_that_anybody_can_read_is_a_finding() {
        let path = std::env::temp_dir().join(format!("antiphon-secret-{}", std::process::id()));
        fs::write(&path, "secret").unwrap();
        for (mode, count) in [(0o600, 0), (0o640, 0), (0o604, 1), (0o666, 1)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let mut findings = Findings::default();
            look_at_secret(&path, &mut findings);
            assert_eq!(findings.into_list().len(), count, "{mode:o}");
        }
        fs::remove_file(&path).unwrap();
        let mut findings = Findings::default();
        look_at_secret(&path, &mut findings);
        assert!(findings.into_list().is_empty());
    }

    const NOW: UnixTime = UnixTime(1_795_377_600);

    fn provider() -> Provider {
        let config = Config::parse(
            "[[provider]]\nname = \"kmh\"\nissuer = \"https://id.example.org\"\nclient_id = \"a\"\n\
             label = { sv = \"KMH-konto\", en = \"KMH account\" }\n",
        );
        config.unwrap().providers.remove(0)
    }

    #[test]
    fn a_page_from_elsewhere_is_advised_what_the_configuration_takes_and_only_where_the_origin_differs()
     {
        for (endpoint, says) in [
            ("https://id.example.org/authorize", None),
            ("https://ID.example.org:443/authorize", None),
            (
                "https://Login.example.org:443/authorize",
                Some("authorization_origin = \"https://login.example.org\""),
            ),
            (
                "https://192.0.2.7/authorize",
                Some("authorization_origin cannot name that"),
            ),
        ] {
            let mut findings = Findings::default();
            look_at_origin(&provider(), endpoint, &mut findings);
            let found = findings.into_list();
            assert_eq!(found.len(), usize::from(says.is_some()), "{endpoint}");
            let is_said = |says: &str| found[0].says.contains(says);
            assert!(says.is_none_or(is_said), "{found:?}");
        }
    }

    fn keys(age: u64) -> KeySet {
        let seen = UnixTime(NOW.0 - age);
        KeySet {
            provider: "kmh".into(),
            issuer: "https://id.example.org".into(),
            fetched: seen,
            keys: vec![Key {
                kid: "a".into(),
                key: PublicKey::ed25519(&[7; 32]).unwrap(),
                issuer: None,
                first_seen: seen,
                last_seen: seen,
            }],
        }
    }

    /// What is said, and whether it keeps everybody out.
    fn said(keys: Option<&KeySet>) -> Option<(String, bool)> {
        said_of(&provider(), keys, NOW).map(|said| match said {
            Said::Nobody(says) => (says, true),
            Said::Soon(says) => (says, false),
        })
    }

    #[test]
    fn keys_that_are_missing_anothers_or_too_old_keep_everybody_out_and_old_ones_will() {
        assert_eq!(said(Some(&keys(3600))), None);
        let others = KeySet {
            issuer: "https://old.example.org".into(),
            ..keys(60)
        };
        let mut ahead = keys(60);
        ahead.fetched = NOW.plus(48 * 3600);
        ahead.keys[0].last_seen = ahead.fetched;
        for (keys, part, is_nobody) in [
            (Some(&ahead), "set it right, then run: antiphon", true),
            (None, "have not been fetched", true),
            (Some(&others), "another issuer (https://old", true),
            (Some(&keys(24 * 3600)), "more than a day ago", true),
            (Some(&keys(4 * 3600)), "antiphon-providers.timer", false),
        ] {
            let (says, nobody) = said(keys).unwrap();
            assert!(says.contains(part), "{says}");
            assert_eq!(nobody, is_nobody, "{says}");
        }
    }
}
