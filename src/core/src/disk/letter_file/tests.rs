use std::fs;

use nix::errno::Errno;

use super::{ALL, discard, issue, load, load_aside, put_aside, store_all};
use crate::disk::distrust::Fault;
use crate::disk::fixture::{Host, entries, mode_of};

#[test]
fn a_letter_has_its_name_only_once_it_is_issued_and_only_root_can_read_it() {
    let host = Host::new();
    let folder = &host.users;
    put_aside(folder, &host.alice, "first").unwrap();
    put_aside(folder, &host.alice, "second").unwrap();
    assert_eq!(entries(folder), [".alice.html.aside"]);
    assert_eq!(load(folder, &host.alice), Ok(None));
    let aside = load_aside(folder, &host.alice).unwrap().unwrap();
    assert_eq!(*aside, b"second");

    issue(folder, &host.alice).unwrap();
    assert_eq!(entries(folder), ["alice.html"]);
    assert_eq!(*load(folder, &host.alice).unwrap().unwrap(), b"second");
    assert_eq!(mode_of(folder.path_of("alice.html")), 0o600);
    assert_eq!(discard(folder, &host.alice), Ok(false));
}

#[test]
fn a_letter_is_never_overwritten_but_the_file_of_all_of_them_is() {
    let host = Host::new();
    let folder = &host.users;
    fs::write(folder.path_of("alice.html"), "of last year").unwrap();
    put_aside(folder, &host.alice, "new").unwrap();
    let refused = issue(folder, &host.alice).unwrap_err();
    assert_eq!(refused.fault, Fault::System(Errno::EEXIST));
    let kept = fs::read_to_string(folder.path_of("alice.html")).unwrap();
    assert_eq!(kept, "of last year");
    assert_eq!(discard(folder, &host.alice), Ok(true));

    for letters in ["one", "one and two"] {
        store_all(folder, letters).unwrap();
        let kept = fs::read_to_string(folder.path_of(ALL)).unwrap();
        assert_eq!(kept, letters);
    }
    assert_eq!(entries(folder), [ALL, "alice.html"]);
}

#[test]
fn a_letter_of_256_kilobytes_is_read_and_none_that_is_longer() {
    let host = Host::new();
    let folder = &host.users;
    let longest = "x".repeat(256 * 1024);
    put_aside(folder, &host.alice, &longest).unwrap();
    let read = load_aside(folder, &host.alice).unwrap().unwrap();
    assert_eq!(read.len(), longest.len());
    put_aside(folder, &host.alice, &format!("{longest}x")).unwrap();
    let refused = load_aside(folder, &host.alice).unwrap_err();
    assert_eq!(refused.fault, Fault::TooLarge(256 * 1024));
}
