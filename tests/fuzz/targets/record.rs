//! A record: what is read comes back the same from what we write of it, and no error quotes what could be a secret.
#![no_main]

use antiphon_core::name::UserName;
use antiphon_core::record::Record;
use libfuzzer_sys::fuzz_target;

/// A run of base32 so long is a secret, or could be one; no word of ours is.
const LONG: usize = 16;

fuzz_target!(|text: &str| {
    let Ok(user) = UserName::new("alice") else {
        return;
    };
    match Record::parse(text, &user) {
        Ok(record) => {
            let written = record.to_toml();
            let again = match Record::parse(written.expose(), &user) {
                Ok(again) => again,
                Err(error) => panic!("what we wrote is not understood: {error}"),
            };
            assert_eq!(again.code, record.code);
            assert_eq!(again.recovery, record.recovery);
            assert_eq!(again.phones, record.phones);
            assert_eq!(again.accounts, record.accounts);
            assert_eq!(again.numbers, record.numbers);
            assert_eq!(again.language, record.language);
            assert_eq!(again.to_toml().expose(), written.expose());
            // What would be taken for a whole record must say all that it offers.
            assert_eq!(again.is_enrolled(), record.is_enrolled());
            // A phone or an account may have any name, even that of the secret.
            if record.phones.is_empty()
                && record.accounts.is_empty()
                && record.numbers.is_empty()
                && let Some(code) = &record.code
            {
                assert!(!format!("{record:?}").contains(&**code.base32()));
            }
        }
        Err(error) => {
            let said = format!("{error} {error:?}");
            assert!(!error.to_string().contains('\n'), "{said:?}");
            quotes_nothing(text, &said);
        }
    }
});

fn quotes_nothing(text: &str, said: &str) {
    let is_base32 = |character: char| matches!(character, 'A'..='Z' | '2'..='7');
    for run in text.split(|character| !is_base32(character)) {
        assert!(run.len() < LONG || !said.contains(run), "{said}");
    }
}
