use std::fs;
use std::path::Path;

use super::{load, load_as};
use crate::config::{Config, ConfigError, Paths};
use crate::disk::fixture::{Host, STRANGER, own, put, set_mode};
use crate::disk::folder::Walk;

const TEXT: &str = "unenrolled = \"allow\"\n[throttle]\nattempts = 3\n";
const NAMED: &str = "/etc/antiphon/other.toml";

/// What the configuration says; what is wrong with it, if anything.
fn loaded(named: Option<&str>) -> Result<Config, String> {
    load(named.map(Path::new), &Walk::default()).map_err(|trouble| {
        assert_eq!(trouble.what, "config");
        trouble.detail
    })
}

fn wrong(named: Option<&str>, parts: &[&str]) {
    let detail = loaded(named).unwrap_err();
    for part in parts {
        assert!(detail.contains(part), "{part} in {detail}");
    }
}

#[test]
fn it_is_read_at_its_usual_place_or_where_it_is_named() {
    let _host = Host::new();
    put(Paths::CONFIG, TEXT, 0o644);
    let expected = Config::parse(TEXT).unwrap();
    assert_ne!(expected, Config::default());
    assert_eq!(loaded(None).as_ref(), Ok(&expected));
    put(NAMED, "", 0o600);
    assert_eq!(loaded(Some(NAMED)), Ok(Config::default()));
    fs::remove_file(Paths::CONFIG).unwrap();
    put(NAMED, TEXT, 0o600);
    assert_eq!(loaded(Some(NAMED)).as_ref(), Ok(&expected));
}

#[test]
fn where_there_is_none_the_defaults_hold_unless_one_was_named() {
    let _host = Host::new();
    assert_eq!(loaded(None), Ok(Config::default()));
    wrong(Some(NAMED), &[NAMED, "is named in pam.d but not there"]);
    fs::rename("/etc/antiphon", "/etc/away").unwrap();
    assert_eq!(loaded(None), Ok(Config::default()));
    wrong(Some(NAMED), &[NAMED, "is named in pam.d but not there"]);
}

#[test]
fn one_that_is_not_roots_alone_to_write_is_an_error_and_never_the_defaults() {
    let _host = Host::new();
    put(Paths::CONFIG, TEXT, 0o666);
    wrong(None, &[Paths::CONFIG, "chmod 0644"]);
    set_mode(Paths::CONFIG, 0o644);
    own(Paths::CONFIG, STRANGER);
    wrong(None, &[Paths::CONFIG, "chown root"]);
    own(Paths::CONFIG, 0);
    set_mode("/etc/antiphon", 0o777);
    wrong(None, &["/etc/antiphon: mode 0777"]);
    // Nor may others have taken it away.
    fs::remove_file(Paths::CONFIG).unwrap();
    wrong(None, &["/etc/antiphon: mode 0777"]);
}

#[test]
fn one_that_is_not_wholly_understood_is_an_error_that_says_how_to_test_the_fix() {
    let _host = Host::new();
    put(Paths::CONFIG, "unenroled = \"allow\"\n", 0o644);
    wrong(
        None,
        &[
            Paths::CONFIG,
            "unenroled",
            "test the fix with: antiphon check",
        ],
    );
    put(Paths::CONFIG, b"# \xff\n", 0o644);
    wrong(None, &[Paths::CONFIG, "is not UTF-8"]);
}

#[test]
fn a_name_must_be_an_absolute_path_of_a_file_that_never_goes_up() {
    let _host = Host::new();
    put(NAMED, TEXT, 0o600);
    for named in [
        "/etc/antiphon/../antiphon/other.toml",
        "etc/antiphon/other.toml",
        "other.toml",
    ] {
        wrong(
            Some(named),
            &[named, "must be an absolute path without `..`"],
        );
    }
    for named in ["/", "", "/etc/antiphon/.."] {
        wrong(Some(named), &["is not the path of a file"]);
    }
}

#[test]
fn one_of_64_kilobytes_is_read_and_no_larger_one() {
    let _host = Host::new();
    let comment = "#".repeat(64 * 1024 - TEXT.len());
    put(Paths::CONFIG, format!("{TEXT}{comment}"), 0o644);
    assert_eq!(loaded(None), Ok(Config::parse(TEXT).unwrap()));
    put(Paths::CONFIG, format!("{TEXT}{comment}#"), 0o644);
    wrong(None, &[Paths::CONFIG, "larger than 65536 bytes"]);
}

#[test]
fn another_part_of_it_is_read_by_the_same_rules() {
    let _host = Host::new();
    let length = |text: &str| -> Result<usize, ConfigError> { Ok(text.len()) };
    let loaded = |named: Option<&str>| load_as(named.map(Path::new), &Walk::default(), length);
    assert_eq!(loaded(None), Ok(0));
    assert!(loaded(Some(NAMED)).is_err());
    put(Paths::CONFIG, TEXT, 0o644);
    assert_eq!(loaded(None), Ok(TEXT.len()));
    set_mode(Paths::CONFIG, 0o666);
    assert!(loaded(None).is_err());
}
