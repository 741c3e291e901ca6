//! An answer: told apart by its form, whatever was typed. The first byte is the number of digits.
#![no_main]

use antiphon_core::answer::{Answer, chosen};
use antiphon_core::record::Digits;
use antiphon_core::recovery::RecoveryCode;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((first, typed)) = data.split_first() else {
        return;
    };
    let digits = Digits::new(u32::from(*first % 10));
    match Answer::parse(typed, digits) {
        Answer::Code(code) => {
            assert_eq!(
                Some(code.len()),
                digits.map(|digits| usize::from(digits.get()))
            );
            assert!(code.bytes().all(|byte| byte.is_ascii_digit()));
            // Nothing was made up: it is what was typed, without the spaces.
            let plain: Vec<u8> = typed.iter().copied().filter(u8::is_ascii_digit).collect();
            assert_eq!(code.as_bytes(), plain);
        }
        Answer::Recovery(code) => is_the_same_however_typed(&code),
        Answer::Bypass(code) => {
            let again = Answer::parse(code.shown().as_bytes(), digits);
            assert!(matches!(again, Answer::Bypass(again) if *again.shown() == *code.shown()));
        }
        Answer::Question => assert_eq!(typed.trim_ascii(), b"?"),
        Answer::Empty => assert!(typed.iter().all(u8::is_ascii_whitespace)),
        Answer::Malformed => {}
    }
    let lines = usize::from(*first);
    if let Some(place) = chosen(typed, lines) {
        assert!(place < lines);
        let digits: Vec<u8> = typed.iter().copied().filter(u8::is_ascii_digit).collect();
        assert_eq!(digits, (place + 1).to_string().as_bytes());
    }
    if let Some(code) = std::str::from_utf8(typed)
        .ok()
        .and_then(RecoveryCode::parse)
    {
        is_the_same_however_typed(&code);
    }
});

fn is_the_same_however_typed(code: &RecoveryCode) {
    let shown = code.shown();
    for typed in [
        shown.to_string(),
        shown.to_lowercase(),
        shown.replace('-', ""),
    ] {
        let again = RecoveryCode::parse(&typed).expect("what we show is a recovery code");
        assert_eq!(*again.shown(), *shown);
    }
}
