//! The files of other modules, some of which people write themselves: read to an end, and what is found can be kept.
#![no_main]

use antiphon_core::import::{Found, google_authenticator, oath};
use antiphon_core::name::UserName;
use antiphon_core::record::Record;
use antiphon_core::time::UnixTime;
use libfuzzer_sys::fuzz_target;

const NOW: UnixTime = UnixTime(1_795_966_050);

fuzz_target!(|data: &[u8]| {
    if let Ok(found) = google_authenticator::read(data) {
        can_be_kept(found);
    }
    for entry in oath::entries(data) {
        assert!(!entry.lines.is_empty());
        if let Ok(found) = oath::read(&entry.lines, NOW) {
            assert!(found.used.len() <= 1);
            can_be_kept(found);
        }
    }
});

/// A record with the secret is one that is read again.
fn can_be_kept(found: Found) {
    let user = UserName::new("alice").unwrap();
    let mut record = Record::new(&user);
    record.code = Some(found.code);
    let again = Record::parse(record.to_toml().expose(), &user).expect("what we write can be read");
    assert_eq!(again.code, record.code);
}
