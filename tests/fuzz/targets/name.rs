//! A user name: its file stays in its folder, is nobody else's, and leads back to the name.
#![no_main]

use antiphon_core::name::UserName;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(user) = UserName::new(text) {
        assert_eq!(user.as_str(), text);
        for suffix in ["", ".toml", ".jsonl", ".jsonl.1"] {
            let file = user.file_name(suffix);
            assert!(file.len() <= 255);
            assert!(!file.starts_with('.') && !file.contains(['/', '\0']));
            assert!(file.is_ascii() && !file.contains(|letter: char| letter.is_ascii_control()));
            assert_eq!(UserName::from_file_name(&file, suffix), Some(user.clone()));
        }
    }
    // Two files never stand for one name.
    if let Some(user) = UserName::from_file_name(text, ".toml") {
        assert_eq!(user.file_name(".toml"), text);
    }
});
