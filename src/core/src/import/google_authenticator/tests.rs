use super::read;
use crate::code::code_at;
use crate::import::{Found, Remark, Unusable, noise};
use crate::time::UnixTime;

/// As `google-authenticator -t -d -f -r 3 -R 30 -w 17` wrote it, after two sign-ins.
const WHOLE: &str = "D3SUTRHVL2QRQHA2S4KNZTPZTU
\" RATE_LIMIT 3 30 1795966000 1795966030
\" WINDOW_SIZE 17
\" DISALLOW_REUSE 59865533 59865534
\" TOTP_AUTH
24630605
76670097
68907551
";
const SECRET: &str = "D3SUTRHVL2QRQHA2S4KNZTPZTU";

fn found(text: &str) -> Found {
    read(text.as_bytes()).unwrap()
}

#[test]
fn a_file_of_the_programs_own_is_read_whole() {
    let found = found(WHOLE);
    assert_eq!(*found.code.base32(), SECRET);
    assert_eq!(
        (found.code.digits().get(), found.code.period().get()),
        (6, 30)
    );
    assert_eq!(found.used, [59_865_533, 59_865_534]);
    assert_eq!(
        found.remarks,
        [
            Remark::EmergencyCodes(3),
            Remark::RateLimit,
            Remark::Window(240)
        ]
    );
}

#[test]
fn what_is_not_kept_there_is_said() {
    for (from, to, remark) in [
        (
            " DISALLOW_REUSE 59865533 59865534",
            " X",
            Remark::UsedCodesUnknown,
        ),
        (" TOTP_AUTH", " X", Remark::RefusedThere),
        ("D3SU", "# mine\nD3SU", Remark::RefusedThere),
        ("D3SU", "\u{feff}D3SU", Remark::RefusedThere),
        ("PZTU\n", "PZTU======\n", Remark::RefusedThere),
        (
            "\" TOTP_AUTH",
            "\" TOTP_AUTH\n\" TIME_SKEW -4",
            Remark::ClockSkew(-4),
        ),
    ] {
        let text = WHOLE.replacen(from, to, 1);
        let found = found(&text);
        assert!(found.remarks.contains(&remark), "{to}: {found:?}");
        assert_eq!(*found.code.base32(), SECRET, "{to}");
    }
    assert!(!found(WHOLE).remarks.contains(&Remark::UsedCodesUnknown));
    let none_used = found(&WHOLE.replace(" 59865533 59865534", ""));
    assert!(none_used.used.is_empty());
    assert!(!none_used.remarks.contains(&Remark::UsedCodesUnknown));
}

/// Tried with the module itself: these secrets make the codes of [`SECRET`] there.
#[test]
fn a_secret_is_decoded_as_the_other_module_decodes_it() {
    for written in [
        "d3sutrhvl2qrqha2s4knztpztu",
        "D3SU TRHV-L2QR\tQHA2S4KNZTPZTU",
        "D3SUTRHVL2QRQHA2S4KNZTPZTU\r",
        // Bits beyond the last byte, and a letter beyond the last whole one.
        "D3SUTRHVL2QRQHA2S4KNZTPZTV",
        "D3SUTRHVL2QRQHA2S4KNZTPZTUA",
    ] {
        let found = found(&WHOLE.replacen(SECRET, written, 1));
        assert_eq!(*found.code.base32(), SECRET, "{written:?}");
    }
    let mistyped = found("O1B0O1B0O1B0O1B0\n\" TOTP_AUTH\n");
    let meant = found("OLBOOLBOOLBOOLBO\n\" TOTP_AUTH\n");
    assert_eq!(mistyped.code, meant.code);
    // 80 bits, as older versions made them.
    assert_eq!(meant.code.secret().expose().len(), 10);
}

#[test]
fn the_period_is_the_files() {
    let text = WHOLE.replace("\" TOTP_AUTH", "\" TOTP_AUTH\n\" STEP_SIZE 60");
    let found = found(&text);
    assert_eq!(found.code.period().get(), 60);
    assert!(found.remarks.contains(&Remark::Window(480)));
    assert_eq!(
        code_at(&found.code, UnixTime(60)),
        code_at(&found.code, UnixTime(119))
    );
}

#[test]
fn what_cannot_be_taken_over_is_named_without_its_values() {
    for (text, unusable) in [
        ("", Unusable::Empty),
        ("\n\n", Unusable::Empty),
        ("\" TOTP_AUTH\n", Unusable::Empty),
        (
            "D3SUTRHVL2QRQHA2S4KNZTPZTU\n\" HOTP_COUNTER 1\n",
            Unusable::Counter,
        ),
        ("D3SUTRHV\n\" TOTP_AUTH\n", Unusable::Secret),
        ("D3SUTRHVL2QRQHA2S4KNZ9PZTU\n", Unusable::Secret),
        ("D3SUTRHVL2QRQHA2S4KÅZTPZTU\n", Unusable::Secret),
        (
            "D3SUTRHVL2QRQHA2S4KNZTPZTU\n\" STEP_SIZE 5\n",
            Unusable::Period,
        ),
        (
            "D3SUTRHVL2QRQHA2S4KNZTPZTU\n\" STEP_SIZE 99999999999\n",
            Unusable::Period,
        ),
    ] {
        assert_eq!(read(text.as_bytes()), Err(unusable), "{text}");
        assert!(!unusable.to_string().contains("D3SU"));
    }
    assert_eq!(read(b"D3SU\xff\n"), Err(Unusable::NotText));
}

#[test]
fn whatever_is_in_the_file_it_is_read_to_an_end() {
    noise::around(WHOLE.as_bytes(), 20_000, |bytes| {
        if let Ok(found) = read(bytes) {
            assert!(found.code.secret().expose().len() >= 10);
        }
    });
}
