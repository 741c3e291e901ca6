//! What a provider may be.

use super::{CheckDigitsWhen, Provider, StrengthClaim, SubjectClaim};
use crate::config::Config;
use crate::language::Language;
use crate::origin::Origin;

const TENANT: &str = "11111111-2222-3333-4444-555555555555";

/// A provider with these lines instead of the usual ones of the same keys.
fn text(issuer: &str, more: &str) -> String {
    format!(
        "[[provider]]\nname = \"kmh\"\nissuer = \"{issuer}\"\nclient_id = \"7f1c-3\"\n\
         label = {{ sv = \"KMH-konto\", en = \"KMH account\" }}\n{more}\n"
    )
}

fn read(issuer: &str, more: &str) -> Result<Provider, String> {
    let config = Config::parse(&text(issuer, more)).map_err(|error| error.to_string())?;
    Ok(config.providers.into_iter().next().unwrap())
}

fn entra() -> String {
    format!("https://login.microsoftonline.com/{TENANT}/v2.0")
}

#[test]
fn a_provider_needs_no_more_than_name_issuer_client_id_and_labels() {
    let provider = read("https://id.example.org/realms/staff", "").unwrap();
    assert_eq!(provider.name, "kmh");
    assert_eq!(provider.issuer, "https://id.example.org/realms/staff");
    assert_eq!(provider.client_id, "7f1c-3");
    assert_eq!(provider.label.in_language(Language::Swedish), "KMH-konto");
    assert_eq!(provider.label.in_language(Language::English), "KMH account");
    assert_eq!(provider.subject, SubjectClaim::Sub);
    assert_eq!(provider.strength, None);
    assert!(provider.reauthentication);
    assert_eq!(provider.scopes, ["openid"]);
    assert_eq!(provider.check_digits, CheckDigitsWhen::Remote);
    assert!(Config::parse("").unwrap().providers.is_empty());
}

#[test]
fn a_providers_origin_is_that_of_its_issuer_unless_root_names_another() {
    for (issuer, origin) in [
        (entra().as_str(), "https://login.microsoftonline.com"),
        ("https://accounts.google.com", "https://accounts.google.com"),
        (
            "https://id.example.org:8443/realms/staff",
            "https://id.example.org:8443",
        ),
    ] {
        assert_eq!(read(issuer, "").unwrap().origin(), origin);
        let other = "authorization_origin = \"https://login.example.org:8443\"";
        let other = read(issuer, other).unwrap();
        assert_eq!(other.origin(), "https://login.example.org:8443");
    }
    for none in [
        "http://localhost",
        "https://login.example.org/",
        "login.example.org",
        "",
    ] {
        let more = format!("authorization_origin = \"{none}\"");
        let said = read("https://id.example.org", &more).unwrap_err();
        assert!(said.contains("authorization_origin"), "{said}");
    }
}

#[test]
fn every_key_is_read() {
    let more = "subject = \"oid\"\nreauthentication = false\nscopes = [\"openid\", \"profile\", \"x\"]\n\
                check_digits = \"always\"\nstrength = { claim = \"acrs\", values = [\"c1\", \"c2\"] }";
    let provider = read(&entra(), more).unwrap();
    assert_eq!(provider.subject, SubjectClaim::ObjectId);
    assert!(!provider.reauthentication);
    assert_eq!(provider.scopes, ["openid", "profile", "x"]);
    assert_eq!(provider.check_digits, CheckDigitsWhen::Always);
    let strength = provider.strength.unwrap();
    assert_eq!(strength.claim, StrengthClaim::Acrs);
    assert_eq!(strength.values, ["c1", "c2"]);
}

#[test]
fn entra_id_is_known_by_its_issuer_and_needs_oid_and_profile_and_a_tenant_of_ones_own() {
    let provider = read(&entra(), "").unwrap();
    assert_eq!(provider.subject, SubjectClaim::ObjectId);
    assert_eq!(provider.scopes, ["openid", "profile"]);
    let said = read(&entra(), "subject = \"sub\"").unwrap_err();
    assert!(
        said.contains("line 6: `provider.subject`") && said.contains("\"oid\""),
        "{said}"
    );
    let said = read(&entra(), "scopes = [\"openid\"]").unwrap_err();
    assert!(
        said.contains("`provider.scopes`") && said.contains("\"profile\""),
        "{said}"
    );
    for tenant in [
        "common/v2.0",
        "organizations/v2.0",
        "consumers/v2.0",
        "kmh.onmicrosoft.com/v2.0",
        "{tenantid}/v2.0",
        "9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
        "9188040D-6C67-4C5B-B112-36A304B66DAD/v2.0",
        "11111111-2222-3333-4444-555555555555",
        "11111111-2222-3333-4444-555555555555/v2.0/",
        "11111111-2222-3333-4444-55555555555/v2.0",
        "1111111g-2222-3333-4444-555555555555/v2.0",
        "AAAAAAAA-2222-3333-4444-555555555555/v2.0",
        "",
    ] {
        let said = read(&format!("https://login.microsoftonline.com/{tenant}"), "").unwrap_err();
        assert!(
            said.contains("line 3: `provider.issuer` must be"),
            "{tenant}: {said}"
        );
    }
}

#[test]
fn an_issuer_is_an_https_address_of_one_organisation() {
    for (issuer, fine) in [
        ("https://id.example.org", true),
        ("https://id.example.org/", true),
        ("https://id.example.org:8443/realms/staff", true),
        ("https://accounts.google.com", true),
        ("https://dev-1.okta.com/oauth2/aus1", true),
        ("http://id.example.org", false),
        ("http://localhost:8080", false),
        ("https://192.0.2.7/realms/staff", false),
        ("https://id.example.org/{tenantid}/v2.0", false),
        // Everybody's at Entra ID alone.
        ("https://id.example.org/common/v2.0", true),
        ("https://id.example.org/realms/consumers", true),
        ("https://login.microsoftonline.com", false),
        ("https://login.microsoftonline.com:443/common", false),
        ("https://login.microsoftonline.us", false),
        (
            "https://sts.windows.net/11111111-2222-3333-4444-555555555555/",
            false,
        ),
        ("https://id.example.org?x=1", false),
        ("https://id.example.org/a?x=1", false),
        ("https://id.example.org/a#b", false),
        ("https://id.example.org/a b", false),
        ("https://user@id.example.org/a", false),
        ("https://ID.example.org/a", false),
        ("https://", false),
        ("", false),
    ] {
        assert_eq!(read(issuer, "").is_ok(), fine, "{issuer}");
    }
    let long = format!("https://id.example.org/{}", "a".repeat(300));
    assert!(read(&long, "").is_err());
}

#[test]
fn what_would_mean_another_person_one_day_is_no_subject() {
    for claim in [
        "email",
        "upn",
        "preferred_username",
        "unique_name",
        "name",
        "",
    ] {
        let more = format!("subject = \"{claim}\"");
        let said = read("https://id.example.org", &more).unwrap_err();
        assert!(said.contains("line 6: `provider.subject`"), "{said}");
    }
}

#[test]
fn a_key_with_a_wrong_value_is_refused_with_its_line_and_rule() {
    for (more, expected) in [
        ("scopes = []", "\"openid\""),
        (
            "scopes = [\"openid\", \"offline_access\"]",
            "\"offline_access\"",
        ),
        ("scopes = [\"openid\", \"a b\"]", "`provider.scopes`"),
        ("scopes = \"openid\"", "`provider.scopes`"),
        ("reauthentication = \"no\"", "true or false"),
        ("check_digits = true", "`provider.check_digits`"),
        (
            "strength = { claim = \"email\", values = [\"a\"] }",
            "`provider.strength.claim`",
        ),
        (
            "strength = { claim = \"acr\", values = [] }",
            "`provider.strength.values`",
        ),
        (
            "strength = { claim = \"acr\" }",
            "`provider.strength.values` is missing",
        ),
        (
            "strength = { values = [\"a\"] }",
            "`provider.strength.claim` is missing",
        ),
        ("algorithm = \"RS256\"", "unknown key `provider.algorithm`"),
        (
            "client_secret = \"x\"",
            "unknown key `provider.client_secret`",
        ),
    ] {
        let said = read("https://id.example.org", more).unwrap_err();
        assert!(
            said.contains("line 6") && said.contains(expected),
            "{more}: {said}"
        );
    }
    let whole = text("https://id.example.org", "");
    for (from, to, expected) in [
        ("\"kmh\"", "\"\"", "`provider.name`"),
        ("\"kmh\"", "\"KMH\"", "`provider.name`"),
        ("\"kmh\"", "\"../kmh\"", "`provider.name`"),
        ("\"kmh\"", "\"-kmh\"", "`provider.name`"),
        (
            "\"kmh\"",
            "\"a23456789012345678901234567890123\"",
            "`provider.name`",
        ),
        ("\"7f1c-3\"", "\"7f1c 3\"", "`provider.client_id`"),
        ("\"7f1c-3\"", "\"\"", "`provider.client_id`"),
        ("client_id", "clientid", "`provider.client_id` is missing"),
        ("sv = \"KMH-konto\", ", "", "`provider.label.sv` is missing"),
        ("en = \"KMH account\"", "en = \"\"", "`provider.label.en`"),
        (
            "en = \"KMH account\"",
            "en = \"a\\u001b[2J\"",
            "`provider.label.en`",
        ),
        (
            "en = \"KMH account\"",
            "en = \"x\", de = \"y\"",
            "unknown key `provider.label.de`",
        ),
    ] {
        assert!(whole.contains(from), "{from}");
        let said = Config::parse(&whole.replacen(from, to, 1))
            .unwrap_err()
            .to_string();
        assert!(said.contains(expected), "{to}: {said}");
    }
}

#[test]
fn two_providers_cannot_have_one_name() {
    let both = text("https://a.example.org", "") + &text("https://b.example.org", "");
    let said = Config::parse(&both).unwrap_err().to_string();
    assert!(said.contains("names kmh twice"), "{said}");
    let both = both.replacen("\"kmh\"", "\"kmh2\"", 1);
    assert_eq!(Config::parse(&both).unwrap().providers.len(), 2);
}

#[test]
fn check_digits_are_wanted_unless_it_is_certainly_the_person_at_this_computer_or_root_says_otherwise()
 {
    let origin = |remote_host, terminal, caller| Origin {
        remote_host,
        terminal,
        caller,
    };
    for (origin, is_certain) in [
        (origin("203.0.113.5", "ssh", ""), false),
        (origin("203.0.113.5", "pts/1", "alice"), false),
        // sudo, and a locked screen.
        (origin("", "pts/1", "alice"), true),
        (origin("", "", "alice"), true),
        // login, and a display manager.
        (origin("", "tty1", ""), true),
        (origin("", "/dev/tty2", ""), true),
        (origin("", ":0", ""), true),
        // su, by anybody else, also root.
        (origin("", "pts/1", "mallory"), false),
        (origin("", "tty1", "mallory"), false),
        (origin("", "pts/1", "root"), false),
        // Nobody knows whose these are.
        (origin("", "pts/1", ""), false),
        (origin("", "ttyS0", ""), false),
        (origin("", "tty", ""), false),
        (origin("", "xrdp-sesman", ""), false),
        (origin("", "", ""), false),
    ] {
        for (more, is_wanted) in [
            ("", !is_certain),
            ("check_digits = \"remote\"", !is_certain),
            ("check_digits = \"always\"", true),
            ("check_digits = \"never\"", false),
        ] {
            let provider = read("https://id.example.org", more).unwrap();
            let wants = provider.wants_check_digits(origin, "alice");
            assert_eq!(wants, is_wanted, "{origin:?} {more}");
        }
    }
}
