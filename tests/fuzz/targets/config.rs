//! The configuration: any text is read or refused in one line, and what holds of every configuration holds of it.
#![no_main]

use antiphon_core::config::Config;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Config::parse(text) {
        Ok(config) => {
            assert!(config.code.window <= 10);
            let throttle = &config.throttle;
            assert!((1..=100).contains(&throttle.most_in_a_row));
            assert!((1..=throttle.most_in_a_row).contains(&throttle.attempts));
            assert!((1..=throttle.longest_lock).contains(&throttle.first_lock));
            let paths = &config.paths;
            for path in [&paths.users, &paths.state, &paths.activity, &paths.socket] {
                assert!(path.is_absolute());
                assert!(!path.components().any(|part| part.as_os_str() == ".."));
            }
            for rule in &config.exempt.network {
                // No address, no network.
                assert!(!rule.covers("sshd", ""));
                assert!(!rule.covers("sshd", "host.example"));
            }
        }
        Err(error) => {
            let said = error.to_string();
            assert!(!said.is_empty());
            assert!(!said.contains('\n'), "{said:?}");
        }
    }
});
