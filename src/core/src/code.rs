//! Codes of an authenticator app (RFC 6238): which time step a code belongs to, and the URI that enrols an app.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use totp_rs::{Algorithm, Builder, Secret, Totp};
use zeroize::Zeroizing;

use crate::record::{CodeSecret, TotpAlgorithm};
use crate::time::UnixTime;

/// A time step T (RFC 6238 §4.2): Unix time divided by the period.
pub type Step = u64;

/// How many steps away a wrong code is still recognised, to tell the person that a clock is wrong.
pub(crate) const FAR_OFF: u8 = 20;

/// The step of `now`.
#[must_use]
pub fn step_at(now: UnixTime, code: &CodeSecret) -> Step {
    now.0 / code.period().get()
}

/// The latest step within `window` steps of `now` whose code is `typed`.
///
/// Once in a million two steps of a window have the same code; marking the later one as used covers both. Every step is
/// computed and compared in constant time, whichever matches.
#[must_use]
pub fn matching_step(code: &CodeSecret, typed: &str, now: UnixTime, window: u8) -> Option<Step> {
    let totp = generator(code);
    let present = step_at(now, code);
    let window = Step::from(window);
    // A fold rather than a reverse search, so that every step is computed.
    (present.saturating_sub(window)..=present.saturating_add(window)).fold(None, |latest, step| {
        let matches = step.checked_mul(code.period().get()).is_some_and(|start| {
            // `check` without skew: this step only, digits only, constant time.
            totp.check(typed, start).is_some()
        });
        if matches { Some(step) } else { latest }
    })
}

/// The code at `now`, for tests of enrolment and for `packaging/try`; never used at a sign-in.
#[must_use]
pub fn code_at(code: &CodeSecret, now: UnixTime) -> Zeroizing<String> {
    Zeroizing::new(generator(code).generate(now.0).to_string())
}

fn generator(code: &CodeSecret) -> Totp {
    let secret = Secret::new(code.secret().expose().into());
    // Not `build`, which refuses the 80-bit secrets that other systems hand out. The record has checked the rest.
    Builder::new()
        .with_algorithm(match code.algorithm() {
            TotpAlgorithm::Sha1 => Algorithm::SHA1,
            TotpAlgorithm::Sha256 => Algorithm::SHA256,
            TotpAlgorithm::Sha512 => Algorithm::SHA512,
        })
        .with_digits(code.digits().get())
        .with_skew(0)
        .with_step_duration(code.period().get())
        .with_secret(secret)
        .build_noncompliant()
}

/// All but the unreserved characters of RFC 3986 §2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// `otpauth://totp/ISSUER:ACCOUNT?secret=…&issuer=…` of the Key URI format. Parameters are given even at their default,
/// since apps differ in their defaults.
#[must_use]
pub fn otpauth_uri(code: &CodeSecret, issuer: &str, account: &str) -> Zeroizing<String> {
    // A colon separates issuer and account, and some apps split at an escaped one too.
    let escaped = |text: &str| utf8_percent_encode(&text.replace(':', " "), RESERVED).to_string();
    // `@` is allowed in a path (RFC 3986 §3.3), and some apps show the label undecoded.
    let account = escaped(account).replace("%40", "@");
    let issuer = escaped(issuer);
    Zeroizing::new(format!(
        "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm={}&digits={}&period={}",
        *code.base32(),
        code.algorithm(),
        code.digits().get(),
        code.period().get(),
    ))
}

#[cfg(test)]
mod tests {
    use super::{code_at, matching_step, otpauth_uri};
    use crate::record::{CodeSecret, Digits, Period, TotpAlgorithm};
    use crate::secret::SecretBytes;
    use crate::time::UnixTime;

    fn secret_of(bytes: &[u8], algorithm: TotpAlgorithm, digits: u8) -> CodeSecret {
        CodeSecret::new(
            SecretBytes::new(bytes.to_vec()),
            algorithm,
            Digits::new(digits.into()).unwrap(),
            Period::new(30).unwrap(),
        )
    }

    #[test]
    fn the_vectors_of_rfc_6238_hold_for_sha_1_256_and_512() {
        let seed = b"1234567890123456789012345678901234567890123456789012345678901234";
        for (time, sha1, sha256, sha512) in [
            (59, "94287082", "46119246", "90693936"),
            (1_111_111_109, "07081804", "68084774", "25091201"),
            (1_111_111_111, "14050471", "67062674", "99943326"),
            (1_234_567_890, "89005924", "91819424", "93441116"),
            (2_000_000_000, "69279037", "90698825", "38618901"),
            (20_000_000_000, "65353130", "77737706", "47863826"),
        ] {
            for (algorithm, length, expected) in [
                (TotpAlgorithm::Sha1, 20, sha1),
                (TotpAlgorithm::Sha256, 32, sha256),
                (TotpAlgorithm::Sha512, 64, sha512),
            ] {
                let code = secret_of(&seed[..length], algorithm, 8);
                assert_eq!(*code_at(&code, UnixTime(time)), expected);
                assert_eq!(
                    matching_step(&code, expected, UnixTime(time), 0),
                    Some(time / 30)
                );
            }
        }
    }

    #[test]
    fn a_code_counts_within_the_window_and_not_beyond() {
        let code = secret_of(b"12345678901234567890", TotpAlgorithm::Sha1, 6);
        let now = UnixTime(1_795_377_600);
        for window in 0..=2_u8 {
            for distance in -4_i64..=4 {
                let then = UnixTime(now.0.saturating_add_signed(distance * 30));
                let matched = matching_step(&code, &code_at(&code, then), now, window);
                let expected =
                    (distance.unsigned_abs() <= u64::from(window)).then_some(then.0 / 30);
                assert_eq!(matched, expected, "window {window}, distance {distance}");
            }
        }
    }

    #[test]
    fn the_ends_of_time_are_no_panic() {
        let code = secret_of(b"12345678901234567890", TotpAlgorithm::Sha1, 6);
        for now in [0, 1, u64::MAX - 1, u64::MAX] {
            let _ = matching_step(&code, "123456", UnixTime(now), 10);
        }
    }

    #[test]
    fn only_ascii_digits_of_the_right_number_match() {
        let code = secret_of(b"12345678901234567890", TotpAlgorithm::Sha1, 6);
        let now = UnixTime(1_111_111_109);
        assert!(matching_step(&code, "081804", now, 1).is_some());
        for typed in [
            "81804",
            "0081804",
            "+81804",
            "081804\0",
            " 81804",
            "٠٨١٨٠٤",
            "０８１８０４",
            "",
        ] {
            assert_eq!(matching_step(&code, typed, now, 1), None, "{typed:?}");
        }
    }

    #[test]
    fn the_address_is_of_the_key_uri_format() {
        let code = secret_of(b"12345678901234567890", TotpAlgorithm::Sha1, 6);
        assert_eq!(
            *otpauth_uri(&code, "Räksmörgås AB: IT", "alice@web 1"),
            "otpauth://totp/R%C3%A4ksm%C3%B6rg%C3%A5s%20AB%20%20IT:alice@web%201\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=R%C3%A4ksm%C3%B6rg%C3%A5s%20AB%20%20IT\
             &algorithm=SHA1&digits=6&period=30"
        );
    }
}
