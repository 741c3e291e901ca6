use super::{entries, read};
use crate::code::code_at;
use crate::import::{Found, Remark, Unusable, noise};
use crate::record::CodeSecret;
use crate::time::UnixTime;

const NOW: UnixTime = UnixTime(1_795_966_050);
const KEY: &str = "3132333435363738393031323334353637383930";

fn of_line(line: &str) -> Result<Found, Unusable> {
    let entries = entries(line.as_bytes());
    assert_eq!(entries.len(), 1, "{line}");
    read(&entries[0].lines, NOW)
}

#[test]
fn a_line_is_read_with_its_period_and_digits() {
    for (kind, period, digits) in [
        ("HOTP/T30", 30, 6),
        ("HOTP/T30/6", 30, 6),
        ("HOTP/T30/8", 30, 8),
        ("HOTP/T60/7", 60, 7),
    ] {
        let found = of_line(&format!("{kind} alice - {KEY}\n")).unwrap();
        assert_eq!(found.code.secret().expose(), b"12345678901234567890");
        assert_eq!(
            (found.code.period().get(), found.code.digits().get()),
            (period, digits)
        );
        assert!(found.used.is_empty() && found.remarks.is_empty());
    }
}

#[test]
fn the_last_code_says_which_steps_are_used() {
    let code = CodeSecret::usual(*b"12345678901234567890");
    let now = NOW.0 / 30;
    for (ahead, is_found) in [
        (-121_i64, false),
        (-120, true),
        (0, true),
        (5, true),
        (120, true),
        (121, false),
    ] {
        let step = now.saturating_add_signed(ahead);
        let typed = code_at(&code, UnixTime(step * 30));
        let line = format!(
            "HOTP/T30\talice\t-\t{KEY}\t0\t{}\t2026-11-29T18:00:00L\n",
            *typed
        );
        let found = of_line(&line).unwrap();
        assert_eq!(found.used == [step], is_found, "{ahead}: {found:?}");
    }
}

#[test]
fn of_several_secrets_the_first_that_is_based_on_time_is_taken() {
    let text = format!(
        "# type user pin secret\n\n\
         HOTP bob - {KEY}\n\
         HOTP/E/6 alice - 00{KEY}\n\
         HOTP/T30 alice 1234 {KEY}\n\
         HOTP/T60 alice - 00{KEY}\n\
           HOTP/T30/6\tcarol\t+\t{}\n",
        KEY.to_lowercase()
    );
    let entries = entries(text.as_bytes());
    let seen: Vec<_> = entries
        .iter()
        .map(|entry| (entry.user, entry.line))
        .collect();
    assert_eq!(seen, [("bob", 3), ("alice", 4), ("carol", 7)]);
    let found = |place: usize| read(&entries[place].lines, NOW);
    assert_eq!(found(0), Err(Unusable::Counter));
    let alice = found(1).unwrap();
    assert_eq!(alice.code.period().get(), 30);
    assert_eq!(alice.remarks, [Remark::Pin, Remark::OtherSecrets(2)]);
    assert!(found(2).unwrap().remarks.is_empty());
}

#[test]
fn what_cannot_be_taken_over_is_named_without_its_values() {
    for (line, unusable) in [
        (format!("HOTP alice - {KEY}"), Unusable::Counter),
        (format!("HOTP/E/8 alice - {KEY} 7"), Unusable::Counter),
        (format!("TOTP alice - {KEY}"), Unusable::Kind),
        (format!("HOTP/T30/5 alice - {KEY}"), Unusable::Kind),
        (format!("HOTP/T30/6/7 alice - {KEY}"), Unusable::Kind),
        (format!("HOTP/Tx alice - {KEY}"), Unusable::Kind),
        (format!("HOTP/T5 alice - {KEY}"), Unusable::Period),
        ("HOTP/T30 alice - 313233".to_owned(), Unusable::Secret),
        (format!("HOTP/T30 alice - {KEY}3"), Unusable::Secret),
        ("HOTP/T30 alice -".to_owned(), Unusable::Empty),
        ("HOTP/T30 alice".to_owned(), Unusable::Empty),
        ("HOTP/T30".to_owned(), Unusable::Empty),
    ] {
        assert_eq!(of_line(&line), Err(unusable), "{line}");
    }
    let odd = b"HOTP/T30 bj\xf6rn - 00\n";
    let entries = entries(odd);
    assert_eq!(
        (entries[0].user, read(&entries[0].lines, NOW)),
        ("", Err(Unusable::NotText))
    );
}

#[test]
fn whatever_is_in_the_file_it_is_read_to_an_end() {
    let whole = format!(
        "HOTP/T30\talice\t-\t{KEY}\t0\t123456\t2026-11-29T18:00:00L\nHOTP/T60/8 bob + {KEY}\n"
    );
    // Few: the last code is looked for in 241 steps.
    noise::around(whole.as_bytes(), 300, |bytes| {
        let lines = bytes.split(|byte| *byte == b'\n').count();
        for entry in entries(bytes) {
            assert!((1..=lines).contains(&entry.line) && !entry.lines.is_empty());
            let _ = read(&entry.lines, NOW);
        }
    });
}
