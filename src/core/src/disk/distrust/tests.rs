use std::path::Path;

use nix::errno::Errno;

use super::{Distrust, Fault};

/// A path that a shell would take for two words.
const PATH: &str = "/etc/anti phon/x";
const WORD: &str = "'/etc/anti phon/x'";

fn said(fault: Fault) -> String {
    let said = Distrust::new(Path::new(PATH), fault).to_string();
    assert!(said.starts_with(&format!("{WORD}: ")), "{said}");
    said
}

#[test]
fn what_is_wrong_is_said_with_the_command_that_fixes_it() {
    for (fault, wrong, fix) in [
        (Fault::Link, "is a symbolic link", "run: rm "),
        (Fault::NotAFile, "is not a regular file", "run: rm -r "),
        (
            Fault::Owner(1000),
            "belongs to user id 1000",
            "run: chown root ",
        ),
        (
            Fault::Mode(0o66, 0o40),
            "mode 0066 lets others in",
            "run: chmod 0040 ",
        ),
    ] {
        let said = said(fault);
        assert!(said.contains(wrong), "{said}");
        assert!(said.ends_with(&format!("{fix}{WORD}")), "{said}");
    }
    let large = said(Fault::TooLarge(65_536));
    assert!(large.contains("larger than 65536 bytes; restore it from a backup"));
}

#[test]
fn a_folder_that_may_be_meant_for_everybody_is_not_closed_without_a_thought() {
    let said = said(Fault::Mode(0o1777, 0o1755));
    assert!(
        said.contains("as /tmp is, use another folder; otherwise run: chmod 1755 "),
        "{said}"
    );
}

#[test]
fn where_the_system_says_no_its_reason_stands_there_and_where_to_look() {
    for (errno, fix) in [
        (Errno::ENOENT, "fix [paths]"),
        (Errno::ENOTDIR, "fix [paths]"),
        (Errno::EACCES, "SELinux or AppArmor"),
        (Errno::EPERM, "lsattr"),
        (Errno::EROFS, "mount its file system for writing"),
        (Errno::ENOSPC, "free some space"),
        (Errno::EDQUOT, "free some space"),
        (Errno::EFBIG, "ulimit -f"),
        (Errno::EIO, "dmesg"),
    ] {
        let said = said(Fault::System(errno));
        let reason = format!("{WORD}: {}; ", errno.desc());
        assert!(said.starts_with(&reason) && said.contains(fix), "{said}");
    }
    // Of others there is nothing to be said that would help everywhere.
    let other = said(Fault::System(Errno::EMFILE));
    assert_eq!(other, format!("{WORD}: {}", Errno::EMFILE.desc()));
}

#[test]
fn only_what_is_not_there_is_missing() {
    let missing = |errno| Distrust::system(Path::new(PATH), errno).is_missing();
    assert!(missing(Errno::ENOENT));
    assert!(!missing(Errno::ENOTDIR) && !missing(Errno::EACCES));
    assert!(!Distrust::new(Path::new(PATH), Fault::Link).is_missing());
}
