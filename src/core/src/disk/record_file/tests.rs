use std::borrow::Cow;
use std::fs;

use super::{ReadRecord, load, remove, store};
use crate::disk::fixture::{Host, STRANGER, entries, mode_of, own, put};
use crate::language::Language;
use crate::name::UserName;
use crate::record::Record;

fn text_of(record: &Record) -> String {
    record.to_toml().expose().to_owned()
}

/// What is wrong with alice's record, whose file is called so in it.
fn trouble(host: &Host) -> String {
    let trouble = load(&host.users, &host.alice).unwrap_err();
    assert_eq!(trouble.what, "record");
    let path = host.record_path();
    assert!(
        trouble.detail.starts_with(path.to_str().unwrap()),
        "{}",
        trouble.detail
    );
    trouble.detail
}

#[test]
fn a_record_that_was_stored_is_loaded_and_is_roots_alone() {
    let host = Host::new();
    let record = host.record();
    assert!(load(&host.users, &host.alice).unwrap().is_none());
    store(&host.users, &host.alice, &record).unwrap();
    let loaded = load(&host.users, &host.alice).unwrap().unwrap();
    assert_eq!(text_of(&loaded), text_of(&record));
    assert_eq!(mode_of(host.record_path()), 0o600);
    assert_eq!(entries(&host.users), ["alice.toml"]);
}

#[test]
fn only_a_record_that_is_not_there_is_none() {
    let host = Host::with_alice();
    own(host.record_path(), STRANGER);
    assert!(trouble(&host).contains("chown root"));
    own(host.record_path(), 0);
    let whole = fs::read(host.record_path()).unwrap();
    let not_utf_8 = [&whole[..], b"# \xff\n"].concat();
    for (content, wrong) in [
        (&b""[..], "empty"),
        (b"version = 1\n", ""),
        (&whole[..whole.len() - 1], ""),
        (b"version = 1\nuser = \"bob\"\n", ""),
        (&not_utf_8, "UTF-8"),
    ] {
        put(host.record_path(), content, 0o600);
        let detail = trouble(&host);
        assert!(detail.contains(wrong), "{detail}");
        assert!(
            detail.ends_with("fix it, or run: antiphon enroll alice --replace"),
            "{detail}"
        );
    }
    // One byte more than the largest record.
    put(host.record_path(), "#".repeat(64 * 1024 + 1), 0o600);
    assert!(trouble(&host).contains("larger than 65536 bytes"));
}

#[test]
fn the_command_that_fixes_it_has_an_odd_name_as_one_word() {
    let host = Host::new();
    let odd = UserName::new("a;id").unwrap();
    put(host.users.path_of("a%3Bid.toml"), "", 0o600);
    let trouble = load(&host.users, &odd).unwrap_err();
    assert!(
        trouble.detail.ends_with("antiphon enroll 'a;id' --replace"),
        "{}",
        trouble.detail
    );
}

#[test]
fn a_second_look_knows_what_is_on_file_by_then() {
    let host = Host::with_alice();
    assert!(
        ReadRecord::load(&host.users, &UserName::new("bob").unwrap())
            .unwrap()
            .is_none()
    );
    let read = ReadRecord::load(&host.users, &host.alice).unwrap().unwrap();
    assert_eq!(text_of(read.record()), text_of(&host.record()));
    let by_now = || read.by_now(&host.users, &host.alice);
    // What has not changed is not read into a record again.
    assert!(matches!(by_now().unwrap().unwrap(), Cow::Borrowed(_)));
    let mut changed = host.record();
    changed.language = Some(Language::Swedish);
    store(&host.users, &host.alice, &changed).unwrap();
    assert_eq!(text_of(&by_now().unwrap().unwrap()), text_of(&changed));
    put(host.record_path(), "version = 1\n", 0o600);
    assert!(by_now().is_err());
    fs::remove_file(host.record_path()).unwrap();
    assert!(by_now().unwrap().is_none());
}

#[test]
fn a_secret_that_apps_read_in_two_ways_is_told_apart() {
    let host = Host::with_alice();
    let is_canonical = || {
        let read = ReadRecord::load(&host.users, &host.alice).unwrap().unwrap();
        read.has_canonical_secret()
    };
    assert!(is_canonical());
    let text = text_of(&host.record());
    let secret = host.record().code.unwrap().base32().to_string();
    let odd = text.replace(&secret, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PX");
    put(host.record_path(), odd, 0o600);
    assert!(!is_canonical());
}

#[test]
fn a_record_that_cannot_be_written_leaves_the_old_one() {
    let host = Host::with_alice();
    let before = fs::read(host.record_path()).unwrap();
    Host::make_read_only("/etc");
    let mut changed = host.record();
    changed.language = Some(Language::Swedish);
    assert!(store(&host.users, &host.alice, &changed).is_err());
    assert_eq!(fs::read(host.record_path()).unwrap(), before);
}

#[test]
fn a_record_is_removed_once_and_what_is_no_file_is_said_to_be_in_the_way() {
    let host = Host::with_alice();
    let removed = || remove(&host.users, &host.alice);
    assert_eq!(removed(), Ok(true));
    assert_eq!(entries(&host.users), [""; 0]);
    assert_eq!(removed(), Ok(false));
    fs::create_dir(host.record_path()).unwrap();
    assert_eq!(removed().unwrap_err().path, host.record_path());
}
