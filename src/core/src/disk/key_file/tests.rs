use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::{load, store};
use crate::account::KeySet;
use crate::account::test_provider::{TestProvider, usual};
use crate::disk::fixture::{Host, STRANGER, entries, mode_of, own, put, set_mode};
use crate::disk::folder::Folder;

const FOLDER: &str = "/var/lib/antiphon/providers";
const FILE: &str = "/var/lib/antiphon/providers/kmh.toml";

fn folder() -> Folder {
    Folder::open_or_make(Path::new(FOLDER)).unwrap()
}

fn keys() -> KeySet {
    TestProvider::new().key_set(&usual())
}

fn trouble() -> String {
    let trouble = load(&folder(), "kmh").unwrap_err();
    assert_eq!(trouble.what, "provider");
    trouble.detail
}

#[test]
fn keys_that_were_stored_are_loaded_and_root_alone_can_change_them() {
    let _host = Host::new();
    assert_eq!(load(&folder(), "kmh"), Ok(None));
    let keys = keys();
    store(&folder(), &keys).unwrap();
    assert_eq!(load(&folder(), "kmh"), Ok(Some(keys)));
    assert_eq!(mode_of(FILE), 0o644);
    assert_eq!(entries(&folder()), ["kmh.toml"]);
    assert_eq!(load(&folder(), "kth"), Ok(None));
}

#[test]
fn keys_that_anybody_else_could_have_written_are_an_error_and_never_read() {
    let _host = Host::new();
    store(&folder(), &keys()).unwrap();
    own(FILE, STRANGER);
    assert!(trouble().contains("chown root"));
    own(FILE, 0);
    for mode in [0o664, 0o646, 0o666] {
        set_mode(FILE, mode);
        assert!(trouble().contains("chmod 0644"), "{mode:o}");
    }
    set_mode(FILE, 0o644);
    assert!(load(&folder(), "kmh").is_ok());
    fs::rename(FILE, "/var/lib/antiphon/providers/planted").unwrap();
    symlink("planted", FILE).unwrap();
    assert!(trouble().contains("symbolic link"));
    set_mode(FOLDER, 0o777);
    assert!(Folder::open(Path::new(FOLDER)).is_err());
}

#[test]
fn a_file_with_errors_is_one_with_its_fix() {
    let _host = Host::new();
    let text = keys().to_toml();
    for (content, wrong) in [
        (String::new(), "`version` is missing"),
        (
            text.replacen("\"kmh\"", "\"kth\"", 1),
            "another one than the file",
        ),
        (text.replacen("AQAB", "AQ", 1), "line 10: `key.public_key`"),
        ("#".repeat(128 * 1024 + 1), "larger than 131072 bytes"),
    ] {
        folder();
        put(FILE, content, 0o644);
        let detail = trouble();
        assert!(
            detail.starts_with(FILE) && detail.contains(wrong),
            "{detail}"
        );
    }
    put(FILE, b"# \xff\n", 0o644);
    assert!(trouble().ends_with("is not UTF-8; run: antiphon providers refresh kmh"));
}
