//! Checks 3 to 6 and 8: who says it, for whom, for what, of whom, and how strongly that was proved.

use serde_json::{Value, json};

use super::{Desk, TENANT, names_account};
use crate::account::test_provider::{SUBJECT, claims, configured};
use crate::account::{AccountTerms, Algorithm, Fault};
use crate::base64url;
use crate::record::AccountSubject;

// Check 3.

#[test]
fn the_issuer_is_the_configured_one_to_the_byte() {
    let desk = Desk::new();
    let issuer = desk.provider.issuer.clone();
    for other in [
        json!(format!("{issuer}/")),
        json!(issuer.trim_end_matches('f')),
        json!(issuer.replace("https", "HTTPS")),
        json!(issuer.replace("staff", "students")),
        json!("https://id.example.org/realms/{tenantid}"),
        json!([issuer]),
        json!(null),
        json!(""),
    ] {
        assert_eq!(desk.having("iss", &other), Err(Fault::Issuer), "{other}");
    }
}

#[test]
fn a_key_of_another_issuer_signs_nothing_of_this_one() {
    let mut desk = Desk::new();
    let token = desk.right(Algorithm::Es256);
    let issuers = [
        (Some(desk.provider.issuer.clone()), Ok(())),
        (
            Some("https://id.example.org/realms/students".to_owned()),
            Err(Fault::Issuer),
        ),
        (Some(String::new()), Err(Fault::Issuer)),
    ];
    for (issuer, expected) in issuers {
        for key in &mut desk.keys.keys {
            key.issuer.clone_from(&issuer);
        }
        assert_eq!(desk.verdict(&token), expected, "{issuer:?}");
    }
}

#[test]
fn keys_that_were_fetched_for_another_issuer_or_provider_do_not_count() {
    let mut desk = Desk::new();
    let token = desk.right(Algorithm::Es256);
    desk.keys.issuer.push('x');
    assert_eq!(desk.verdict(&token), Err(Fault::UnknownKey));
    desk.keys.issuer.pop();
    assert_eq!(desk.verdict(&token), Ok(()));
    desk.keys.provider.push('x');
    assert_eq!(desk.verdict(&token), Err(Fault::UnknownKey));
}

// Check 4.

#[test]
fn the_audience_is_this_client_alone() {
    let desk = Desk::new();
    for (audience, expected) in [
        (json!("antiphon"), Ok(())),
        (json!(["antiphon"]), Ok(())),
        (json!(["antiphon", "other"]), Err(Fault::Audience)),
        (json!(["other", "antiphon"]), Err(Fault::Audience)),
        (json!(["antiphon", "antiphon"]), Err(Fault::Audience)),
        (json!(["antiphon", 1]), Err(Fault::Audience)),
        (json!([]), Err(Fault::Audience)),
        (json!("other"), Err(Fault::Audience)),
        (json!("Antiphon"), Err(Fault::Audience)),
        (json!("antiphon "), Err(Fault::Audience)),
        (json!(""), Err(Fault::Audience)),
        (json!({"antiphon": true}), Err(Fault::Audience)),
        (json!(null), Err(Fault::Audience)),
    ] {
        assert_eq!(desk.having("aud", &audience), expected, "{audience}");
    }
}

#[test]
fn a_token_that_another_party_asked_for_is_refused() {
    let desk = Desk::new();
    for (party, expected) in [
        (json!("antiphon"), Ok(())),
        (json!(null), Ok(())),
        (json!("other"), Err(Fault::Audience)),
        (json!(["antiphon"]), Err(Fault::Audience)),
        (json!(1), Err(Fault::Audience)),
    ] {
        assert_eq!(desk.having("azp", &party), expected, "{party}");
    }
    // Not the same as an absent one.
    let payload = Value::Object(claims(&desk.provider, &desk.digest)).to_string();
    let payload = payload.replacen('{', "{\"azp\":null,", 1);
    let header = r#"{"alg":"ES256","kid":"ES256"}"#;
    let token = desk.of.signs(Algorithm::Es256, header, &payload);
    assert_eq!(desk.verdict(&token), Err(Fault::Audience));
}

// Check 5.

#[test]
fn the_nonce_is_the_digest_of_this_sign_in_and_number() {
    let desk = Desk::new();
    let right = base64url::encode(&desk.digest);
    assert_eq!(desk.having("nonce", &json!(right)), Ok(()));
    let mut other = desk.digest;
    other[31] ^= 1;
    for nonce in [
        json!(base64url::encode(&other)),
        json!(format!("{right}=")),
        json!(right.to_lowercase()),
        json!(right[1..]),
        json!([right]),
        json!(""),
        json!(1),
        json!(null),
    ] {
        assert_eq!(desk.having("nonce", &nonce), Err(Fault::Nonce), "{nonce}");
    }
}

// Check 6.

#[test]
fn the_subject_is_the_records_to_the_byte_and_nothing_else_names_anybody() {
    let desk = Desk::new();
    for other in [
        json!("3f07-A"),
        json!("3f07-a "),
        json!("3f07"),
        json!(""),
        json!([SUBJECT]),
        json!(1),
        json!(null),
        json!("caf\u{e9}"),
        json!("a\nb"),
    ] {
        let verdict = desk.changed(|claims| {
            claims.insert("sub".into(), other.clone());
            claims.retain(|_, value| !value.is_null());
            for name in [
                "email",
                "upn",
                "preferred_username",
                "unique_name",
                "name",
                "oid",
            ] {
                claims.insert(name.into(), SUBJECT.into());
            }
        });
        assert_eq!(verdict, Err(Fault::Subject), "{other}");
    }
    // A record with a tenant is one of Entra ID.
    let mut desk = desk;
    desk.subject.as_mut().unwrap().tenant = Some(TENANT.into());
    assert_eq!(desk.changed(|_| {}), Err(Fault::Subject));
    assert_eq!(desk.having("tid", &json!(TENANT)), Err(Fault::Subject));
}

#[test]
fn a_subject_of_entra_id_is_the_object_id_and_the_tenant_both() {
    let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let mut desk = Desk::at(configured(&issuer, ""));
    let subject = AccountSubject {
        id: "oid-1".into(),
        tenant: Some(TENANT.into()),
    };
    desk.subject = Some(subject.clone());
    let verdict = |desk: &Desk, object: Value, tenant: Value| {
        desk.changed(|claims| {
            // Another for each client, and not asked for.
            claims.insert("sub".into(), "pairwise".into());
            claims.insert("oid".into(), object);
            claims.insert("tid".into(), tenant);
            claims.retain(|_, value| !value.is_null());
        })
    };
    let other = "11111111-2222-3333-4444-555555555556";
    for (object, tenant, expected) in [
        (json!("oid-1"), json!(TENANT), Ok(())),
        (json!("oid-2"), json!(TENANT), Err(Fault::Subject)),
        (json!("oid-1"), json!(other), Err(Fault::Subject)),
        (json!("oid-1"), json!(null), Err(Fault::Subject)),
        (json!(null), json!(TENANT), Err(Fault::Subject)),
        (json!(""), json!(TENANT), Err(Fault::Subject)),
    ] {
        assert_eq!(verdict(&desk, object, tenant), expected);
    }
    // Personal accounts, which anybody can create, are nobody's: not even at an enrolment.
    let consumers = "9188040d-6c67-4c5b-b112-36a304b66dad";
    desk.subject = None;
    assert_eq!(verdict(&desk, json!("oid-1"), json!(TENANT)), Ok(()));
    assert_eq!(
        verdict(&desk, json!("oid-1"), json!(consumers)),
        Err(Fault::Subject)
    );
    // A record without a tenant would be anybody's with this object id.
    desk.subject = Some(AccountSubject {
        tenant: None,
        ..subject
    });
    assert_eq!(
        verdict(&desk, json!("oid-1"), json!(TENANT)),
        Err(Fault::Subject)
    );
}

#[test]
fn a_subject_that_no_record_can_hold_is_nobodys_at_an_enrolment_either() {
    let mut desk = Desk::new();
    desk.subject = None;
    for (id, expected) in [
        ("a".repeat(255), Ok(())),
        ("a".repeat(256), Err(Fault::Subject)),
        ("caf\u{e9}".to_owned(), Err(Fault::Subject)),
        ("a\u{7f}".to_owned(), Err(Fault::Subject)),
        ("a\nb".to_owned(), Err(Fault::Subject)),
        (String::new(), Err(Fault::Subject)),
    ] {
        assert_eq!(desk.having("sub", &json!(id)), expected, "{id:?}");
    }
}

// Check 8.

#[test]
fn the_token_proves_the_strength_that_root_asks_for_by_one_exact_value() {
    let acr = Desk::with("strength = { claim = \"acr\", values = [\"phr\", \"phrh\"] }");
    let amr = Desk::with("strength = { claim = \"amr\", values = [\"hwk\"] }");
    let acrs = Desk::with("strength = { claim = \"acrs\", values = [\"c1\"] }");
    let weak = Err(Fault::Strength);
    for (desk, claim, value, expected) in [
        (&acr, "acr", json!("phr"), Ok(())),
        (&acr, "acr", json!("phrh"), Ok(())),
        (&acr, "acr", json!("phrx"), weak),
        (&acr, "acr", json!("PHR"), weak),
        (&acr, "acr", json!("phr phrh"), weak),
        (&acr, "acr", json!(["phr"]), weak),
        (&acr, "acr", json!("0"), weak),
        (&acr, "acr", json!(null), weak),
        // Another claim proves nothing.
        (&acr, "amr", json!(["phr"]), weak),
        (&amr, "amr", json!(["pwd", "hwk"]), Ok(())),
        (&amr, "amr", json!(["pwd", "hw"]), weak),
        (&amr, "amr", json!([]), weak),
        (&amr, "amr", json!("hwk"), weak),
        (&amr, "amr", json!(["hwk", 1]), weak),
        (&amr, "amr", json!(null), weak),
        (&acrs, "acrs", json!(["p1", "c1"]), Ok(())),
        (&acrs, "acrs", json!("c1"), Ok(())),
        (&acrs, "acrs", json!(["c10"]), weak),
        (&acrs, "acrs", json!("c"), weak),
        (&acrs, "acrs", json!(null), weak),
    ] {
        assert_eq!(desk.having(claim, &value), expected, "{claim} {value}");
    }
}

#[test]
fn a_token_names_the_account_that_it_would_be_verified_for_whoever_has_signed_it() {
    let (of_one, of_tenants) = (Desk::new(), Desk::with("subject = \"oid\""));
    for (desk, tenant) in [(&of_one, None), (&of_tenants, Some(TENANT))] {
        let subject = AccountSubject {
            id: SUBJECT.into(),
            tenant: tenant.map(str::to_owned),
        };
        let terms = AccountTerms::for_subject(&desk.provider, Some(&subject));
        let names = |claim: &str, value: Value| {
            let mut members = claims(&desk.provider, &desk.digest);
            members.insert("oid".into(), SUBJECT.into());
            members.insert("tid".into(), TENANT.into());
            if tenant.is_some() {
                members.insert("sub".into(), "pairwise".into());
            }
            members.insert(claim.into(), value);
            let token = desk.of.token(Algorithm::EdDsa, &members);
            let (said, _) = token.rsplit_once('.').unwrap();
            names_account(&format!("{said}.AAAA"), &terms)
        };
        assert!(names("name", "Anna".into()) && names("nonce", "another".into()));
        let id = if tenant.is_some() { "oid" } else { "sub" };
        for (claim, value) in [
            ("iss", "https://id.example.org"),
            ("aud", "another"),
            ("azp", "another"),
            (id, "the stranger's own"),
            (id, ""),
        ] {
            assert!(!names(claim, value.into()), "{claim}: {value}");
        }
        let others = TENANT.replace('1', "2");
        assert_eq!(names("tid", others.into()), tenant.is_none());
        assert!(!names_account("a.b.c", &terms) && !names_account("", &terms));
    }
}
