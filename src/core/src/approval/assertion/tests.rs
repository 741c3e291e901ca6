//! A software passkey signs; then every bit is flipped, and every rule is broken by a passkey whose signature is valid.

use super::{Assertion, Fault, verify};
use crate::approval::passkey::{ORIGIN, Passkey, Saying, client_data};

const CHALLENGE: [u8; 32] = [9; 32];

#[test]
fn a_right_answer_counts_also_with_what_browsers_add() {
    let passkey = Passkey::new();
    for more in [
        "",
        r#","other_keys_can_be_added_here":"do not compare clientDataJSON against a template""#,
        r#","clientExtensions":{},"androidPackageName":"org.example""#,
    ] {
        let saying = Saying {
            client_data: client_data("webauthn.get", &CHALLENGE, ORIGIN, more),
            ..Saying::to(&CHALLENGE)
        };
        let verified = verify(&passkey.says(&saying), &passkey.phone(), &CHALLENGE, 0);
        assert_eq!(verified.unwrap().counter(), 0);
    }
}

#[test]
fn no_single_bit_of_a_right_answer_can_be_flipped() {
    let passkey = Passkey::new();
    let phone = passkey.phone();
    let right = passkey.says(&Saying::to(&CHALLENGE));
    assert!(verify(&right, &phone, &CHALLENGE, 0).is_ok());
    let parts: [fn(&mut Assertion) -> &mut Vec<u8>; 4] = [
        |assertion| &mut assertion.credential,
        |assertion| &mut assertion.client_data,
        |assertion| &mut assertion.authenticator_data,
        |assertion| &mut assertion.signature,
    ];
    for part in parts {
        let bits = part(&mut right.clone()).len() * 8;
        for bit in 0..bits {
            let mut flipped = right.clone();
            part(&mut flipped)[bit / 8] ^= 1 << (bit % 8);
            assert!(
                verify(&flipped, &phone, &CHALLENGE, 0).is_err(),
                "bit {bit}"
            );
        }
    }
    for bit in 0..256 {
        let mut other = CHALLENGE;
        other[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(verify(&right, &phone, &other, 0), Err(Fault::Challenge));
    }
}

#[test]
#[allow(clippy::too_many_lines, reason = "one table, a rule a line")]
fn each_rule_is_checked_though_the_passkey_signs() {
    let passkey = Passkey::new();
    let right = || Saying::to(&CHALLENGE);
    let with = |client_data: String| Saying {
        client_data,
        ..right()
    };
    for (saying, fault) in [
        (
            with(client_data("webauthn.create", &CHALLENGE, ORIGIN, "")),
            Fault::Type,
        ),
        (
            with(client_data("webauthn.get", &[8; 32], ORIGIN, "")),
            Fault::Challenge,
        ),
        (
            with(client_data("webauthn.get", &[], ORIGIN, "")),
            Fault::Challenge,
        ),
        (
            with(client_data(
                "webauthn.get",
                &CHALLENGE,
                "https://mfa.example.org",
                "",
            )),
            Fault::Origin,
        ),
        (
            with(client_data(
                "webauthn.get",
                &CHALLENGE,
                "http://mfa.example.org:8443",
                "",
            )),
            Fault::Origin,
        ),
        (
            with(client_data(
                "webauthn.get",
                &CHALLENGE,
                ORIGIN,
                r#","topOrigin":"https://x.example""#,
            )),
            Fault::Origin,
        ),
        (
            with(right().client_data.replace("false", "true")),
            Fault::Origin,
        ),
        (
            with(right().client_data.replace("false", "1")),
            Fault::ClientData,
        ),
        (
            with(
                right()
                    .client_data
                    .replace('}', r#","type":"webauthn.get"}"#),
            ),
            Fault::ClientData,
        ),
        (
            with(format!("{}{}", right().client_data, " ".repeat(4096))),
            Fault::ClientData,
        ),
        (with(format!("{}x", right().client_data)), Fault::ClientData),
        (with(String::new()), Fault::ClientData),
        (
            Saying {
                site: "example.org".into(),
                ..right()
            },
            Fault::RelyingParty,
        ),
        (
            Saying {
                flags: 0x04,
                ..right()
            },
            Fault::UserVerification,
        ),
        (
            Saying {
                flags: 0x01,
                ..right()
            },
            Fault::UserVerification,
        ),
        (
            Saying {
                flags: 0x0d,
                ..right()
            },
            Fault::Backup,
        ),
        (
            Saying {
                flags: 0x15,
                ..right()
            },
            Fault::Backup,
        ),
        (
            Saying {
                flags: 0x45,
                ..right()
            },
            Fault::AuthenticatorData,
        ),
        (
            Saying {
                flags: 0x85,
                ..right()
            },
            Fault::AuthenticatorData,
        ),
        (
            Saying {
                tail: vec![0xa0],
                ..right()
            },
            Fault::AuthenticatorData,
        ),
    ] {
        let verified = verify(&passkey.says(&saying), &passkey.phone(), &CHALLENGE, 0);
        assert_eq!(verified, Err(fault), "{}", saying.client_data);
    }
}

#[test]
fn short_authenticator_data_is_refused_at_every_length() {
    let passkey = Passkey::new();
    let right = passkey.says(&Saying::to(&CHALLENGE));
    for length in 0..37 {
        let mut short = right.clone();
        short.authenticator_data.truncate(length);
        assert_eq!(
            verify(&short, &passkey.phone(), &CHALLENGE, 0),
            Err(Fault::AuthenticatorData)
        );
    }
}

#[test]
fn extensions_are_taken_where_they_are_said_to_be() {
    let passkey = Passkey::new();
    let saying = Saying {
        flags: 0x85,
        tail: vec![0xa0],
        ..Saying::to(&CHALLENGE)
    };
    assert!(verify(&passkey.says(&saying), &passkey.phone(), &CHALLENGE, 0).is_ok());
}

#[test]
fn a_synced_passkey_must_have_been_enrolled_as_one() {
    let passkey = Passkey::new();
    let mut phone = passkey.phone();
    phone.backup_eligible = true;
    for (flags, fine) in [(0x0d, true), (0x1d, true), (0x05, false), (0x15, false)] {
        let verified = verify(
            &passkey.says(&Saying {
                flags,
                ..Saying::to(&CHALLENGE)
            }),
            &phone,
            &CHALLENGE,
            0,
        );
        assert_eq!(verified.is_ok(), fine, "{flags:#x}");
    }
}

#[test]
fn a_counter_must_grow_unless_both_are_zero() {
    let passkey = Passkey::new();
    for (counter, last, fine) in [
        (0, 0, true),
        (1, 0, true),
        (0, 1, false),
        (5, 5, false),
        (4, 5, false),
        (6, 5, true),
    ] {
        let verified = verify(
            &passkey.says(&Saying {
                counter,
                ..Saying::to(&CHALLENGE)
            }),
            &passkey.phone(),
            &CHALLENGE,
            last,
        );
        assert_eq!(verified.is_ok(), fine, "{counter} after {last}");
    }
}

#[test]
fn another_key_or_another_credential_is_refused() {
    let (passkey, other) = (Passkey::new(), Passkey::new());
    let right = passkey.says(&Saying::to(&CHALLENGE));
    assert_eq!(
        verify(&right, &other.phone(), &CHALLENGE, 0),
        Err(Fault::Signature)
    );
    let mut foreign = right;
    foreign.credential = vec![1, 2, 3];
    assert_eq!(
        verify(&foreign, &passkey.phone(), &CHALLENGE, 0),
        Err(Fault::Credential)
    );
}
