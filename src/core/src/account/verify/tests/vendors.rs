//! Tokens and keys in the shape in which Entra ID, Keycloak, Okta and Google publish them, as their documentation shows it,
//! with keys of ours.

use serde_json::{Value, json};

use super::{Desk, TENANT};
use crate::account::test_provider::{ISSUED, NOW, TestProvider, configured, digest};
use crate::account::{Algorithm, Fault, KeySet, published_keys};
use crate::base64url;
use crate::record::AccountSubject;

/// A provider whose keys are read as published, all but `others` of them.
fn desk(
    issuer: &str,
    more: &str,
    jwks: impl FnOnce(&TestProvider) -> Value,
    others: usize,
) -> Desk {
    let provider = configured(issuer, more);
    let of = TestProvider::new();
    let published = published_keys(&jwks(&of).to_string(), &provider).unwrap();
    assert_eq!(published.others.len(), others, "{:?}", published.others);
    Desk {
        keys: KeySet::refreshed(None, &provider, published, ISSUED),
        digest: digest(&provider),
        provider,
        of,
        subject: None,
    }
}

fn verdict(desk: &Desk, header: &Value, payload: &Value) -> Result<AccountSubject, Fault> {
    let token = desk
        .of
        .signs(Algorithm::Rs256, &header.to_string(), &payload.to_string());
    let verified = desk.verified_at(&token, NOW)?;
    Ok(verified.subject().clone())
}

fn nonce(desk: &Desk) -> String {
    base64url::encode(&desk.digest)
}

#[test]
fn entra_id() {
    let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let strength = "strength = { claim = \"acrs\", values = [\"c1\"] }";
    let jwks = |of: &TestProvider| {
        let key = |kid: &str, issuer: &str| {
            let more = json!({
                "use": "sig", "kid": kid, "x5t": kid, "x5c": ["MIIC/TCCAeWgAwIBAgIIUd7j/OIahkYwDQYJKoZIhvcNAQELBQAw"],
                "cloud_instance_name": "microsoftonline.com", "issuer": issuer,
            });
            of.jwk(Algorithm::Rs256, &more)
        };
        json!({"keys": [
            key("-KI3Q9nNR7bRofxmeZoXqbHZGew", "https://login.microsoftonline.com/{tenantid}/v2.0"),
            key("nOo3ZDrODXEK1jKWhXslHR_KXEg", &format!("https://login.microsoftonline.com/{TENANT}/v2.0")),
            key("9GmnyFPkhc3hOuR22mvSvgnLo7Y", "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"),
        ]})
    };
    let desk = desk(&issuer, strength, jwks, 1);
    let payload = |acrs: Value| {
        json!({
            "aud": "antiphon", "iss": issuer, "iat": ISSUED.0 - 280, "nbf": ISSUED.0 - 280, "exp": ISSUED.0 + 3620,
            "auth_time": ISSUED.0 + 12, "acrs": acrs, "name": "Anna Ek", "nonce": nonce(&desk),
            "oid": "690222be-ff1a-4d56-abd1-7e4f7d38e474", "preferred_username": "anna@kmh.se",
            "rh": "0.AXEAkGrNmV1L.", "sid": "00a1", "sub": "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ",
            "tid": TENANT, "uti": "fqiBqXLPj0eQa82S-IYFAA", "ver": "2.0",
        })
    };
    for kid in ["-KI3Q9nNR7bRofxmeZoXqbHZGew", "nOo3ZDrODXEK1jKWhXslHR_KXEg"] {
        let header = json!({"typ": "JWT", "alg": "RS256", "kid": kid});
        let subject = verdict(&desk, &header, &payload(json!(["p1", "c1"]))).unwrap();
        assert_eq!(subject.id, "690222be-ff1a-4d56-abd1-7e4f7d38e474");
        assert_eq!(subject.tenant.as_deref(), Some(TENANT));
        assert_eq!(
            verdict(&desk, &header, &payload(json!(["p1"]))),
            Err(Fault::Strength)
        );
    }
    let header = json!({"typ": "JWT", "alg": "RS256", "kid": "9GmnyFPkhc3hOuR22mvSvgnLo7Y"});
    assert_eq!(
        verdict(&desk, &header, &payload(json!(["c1"]))),
        Err(Fault::UnknownKey)
    );
}

#[test]
fn keycloak() {
    let issuer = "https://id.example.org/realms/staff";
    let jwks = |of: &TestProvider| {
        let certificate = json!({"x5c": ["MIICmzCCAYMCBgGP"], "x5t": "a", "x5t#S256": "b"});
        let with = |kid: &str, alg: &str, usage: &str| {
            let mut more = certificate.clone();
            more.as_object_mut().unwrap().extend(
                json!({"kid": kid, "alg": alg, "use": usage})
                    .as_object()
                    .unwrap()
                    .clone(),
            );
            more
        };
        json!({"keys": [
            of.jwk(Algorithm::Rs256, &with("0RVZRdVnbGgaWXJ3", "RS256", "sig")),
            of.jwk(Algorithm::Rs256, &with("wVTOzZGbmhDCM2QK", "RSA-OAEP", "enc")),
            of.jwk(Algorithm::Rs256, &with("pTOzZGbmhDCM2QK1", "PS256", "sig")),
            of.jwk(Algorithm::Es256, &json!({"kid": "es", "alg": "ES256", "use": "sig"})),
            of.jwk(Algorithm::EdDsa, &json!({"kid": "ed", "alg": "EdDSA", "use": "sig"})),
        ]})
    };
    let desk = desk(
        issuer,
        "strength = { claim = \"acr\", values = [\"gold\"] }",
        jwks,
        2,
    );
    let payload = json!({
        "exp": ISSUED.0 + 320, "iat": ISSUED.0 + 20, "auth_time": ISSUED.0 + 19, "jti": "5a1b5a1b-0000-4000-8000-000000000000",
        "iss": issuer, "aud": "antiphon", "sub": "f2f8e1f0-5c1d-4c8a-9b7e-0a1b2c3d4e5f", "typ": "ID", "azp": "antiphon",
        "nonce": nonce(&desk), "sid": "c1f0", "at_hash": "Cbnd5ewvUk8z0WLRjHqpPw", "acr": "gold", "email_verified": true,
        "name": "Anna Ek", "preferred_username": "anna", "given_name": "Anna", "family_name": "Ek", "email": "anna@example.org",
        "resource_access": {"account": {"roles": ["manage-account"]}},
    });
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": "0RVZRdVnbGgaWXJ3"});
    let subject = verdict(&desk, &header, &payload).unwrap();
    assert_eq!(subject.id, "f2f8e1f0-5c1d-4c8a-9b7e-0a1b2c3d4e5f");
    assert_eq!(subject.tenant, None);
    for kid in ["wVTOzZGbmhDCM2QK", "pTOzZGbmhDCM2QK1"] {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": kid});
        assert_eq!(verdict(&desk, &header, &payload), Err(Fault::UnknownKey));
    }
    for (kid, algorithm) in [("es", Algorithm::Es256), ("ed", Algorithm::EdDsa)] {
        let header = json!({"alg": algorithm.name(), "typ": "JWT", "kid": kid}).to_string();
        let token = desk.of.signs(algorithm, &header, &payload.to_string());
        assert_eq!(desk.verdict(&token), Ok(()));
    }
}

#[test]
fn okta() {
    let issuer = "https://dev-1.okta.com/oauth2/default";
    let jwks = |of: &TestProvider| {
        let more = json!({"alg": "RS256", "use": "sig", "kid": "U5R8cHbGw445Qbq8zVO1PcCpXL8yG6IcovVa3laCoxM"});
        json!({"keys": [of.jwk(Algorithm::Rs256, &more)]})
    };
    let desk = desk(
        issuer,
        "strength = { claim = \"amr\", values = [\"hwk\"] }",
        jwks,
        0,
    );
    let payload = json!({
        "ver": 1, "sub": "00uid4BxXw6I6TV4m0g3", "iss": issuer, "aud": "antiphon", "iat": ISSUED.0 + 20,
        "exp": ISSUED.0 + 3620, "jti": "ID.4eAWJOCMB3SX8XewDfVR", "amr": ["mfa", "hwk", "pwd"], "idp": "00ok1u7AsAkrwdZL3z0g3",
        "nonce": nonce(&desk), "auth_time": ISSUED.0 + 10, "at_hash": "cpqKfdQA5eH891Ff5oJr_Q", "name": "Anna Ek",
        "email": "anna@example.org", "email_verified": true, "updated_at": 1_311_280_970,
    });
    // Okta's header has no `typ`.
    let header = json!({"kid": "U5R8cHbGw445Qbq8zVO1PcCpXL8yG6IcovVa3laCoxM", "alg": "RS256"});
    assert_eq!(
        verdict(&desk, &header, &payload).unwrap().id,
        "00uid4BxXw6I6TV4m0g3"
    );
}

#[test]
fn google() {
    let issuer = "https://accounts.google.com";
    let jwks = |of: &TestProvider| {
        let key = |kid: &str| {
            of.jwk(
                Algorithm::Rs256,
                &json!({"alg": "RS256", "use": "sig", "kid": kid}),
            )
        };
        json!({"keys": [key("e8863fe292fa2a2967cd7551c42a1211bcac5507"), key("d7b939771a7800c413f90051012d975981916d71")]})
    };
    let mut desk = desk(issuer, "", jwks, 0);
    let mut payload = json!({
        "iss": issuer, "azp": "antiphon", "aud": "antiphon", "sub": "110169484474386276334", "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q",
        "hd": "example.org", "email": "anna@example.org", "email_verified": true, "iat": ISSUED.0 + 20, "exp": ISSUED.0 + 3620,
        "nonce": nonce(&desk),
    });
    let header =
        json!({"alg": "RS256", "kid": "d7b939771a7800c413f90051012d975981916d71", "typ": "JWT"});
    // Without auth_time a stolen session at Google would do: root must have said so.
    assert_eq!(verdict(&desk, &header, &payload), Err(Fault::NoSignInTime));
    desk.provider.reauthentication = false;
    assert_eq!(
        verdict(&desk, &header, &payload).unwrap().id,
        "110169484474386276334"
    );
    // Google's other spelling of its issuer is another one.
    payload["iss"] = "accounts.google.com".into();
    assert_eq!(verdict(&desk, &header, &payload), Err(Fault::Issuer));
}
