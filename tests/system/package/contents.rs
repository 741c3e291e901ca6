//! Both packages carry all that is for a host, and the same.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::ROOT;

const MANIFEST: &str = include_str!("../../../src/cli/Cargo.toml");

/// The sources of a package's list of files, as paths from the tree's root; what packaging/build makes is under
/// `target/release`.
fn sources(table: &str) -> BTreeSet<String> {
    let (_, after) = MANIFEST.split_once(&format!("\n[{table}]\n")).unwrap();
    let (table, _) = after.split_once("\n]\n").unwrap();
    let (_, list) = table.split_once("\nassets = [\n").unwrap();
    let quoted = |line: &str| line.split('"').nth(1).map(str::to_owned);
    list.lines()
        .map(|line| quoted(line).unwrap_or_else(|| panic!("{line}")))
        .map(|source| source.trim_start_matches("../").to_owned())
        .collect()
}

/// The files that a source means, which ends in `/**/*` or has at most one `*` in its last part.
fn files(source: &str) -> BTreeSet<String> {
    if let Some(folder) = source.strip_suffix("/**/*") {
        return all_below(folder);
    }
    let Some((folder, last)) = source
        .rsplit_once('/')
        .filter(|(_, last)| last.contains('*'))
    else {
        assert!(Path::new(ROOT).join(source).is_file(), "{source}");
        return BTreeSet::from([source.to_owned()]);
    };
    let (start, end) = last.split_once('*').unwrap();
    fs::read_dir(Path::new(ROOT).join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(start) && name.ends_with(end))
        .map(|name| format!("{folder}/{name}"))
        .collect()
}

fn all_below(folder: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(Path::new(ROOT).join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().into_string().unwrap());
        if entry.file_type().unwrap().is_dir() {
            found.extend(all_below(&path));
        } else {
            found.insert(path);
        }
    }
    found
}

#[test]
fn both_packages_carry_the_same_but_for_what_only_one_family_has() {
    let [deb, rpm] = ["package.metadata.deb", "package.metadata.generate-rpm"].map(sources);
    let of_one = |list: &BTreeSet<String>, other: &BTreeSet<String>| {
        list.difference(other).cloned().collect::<Vec<_>>()
    };
    // Debian has changelog and copyright in forms of its own.
    assert_eq!(
        of_one(&deb, &rpm),
        [
            "conf/pam-configs/antiphon",
            "packaging/copyright",
            "target/release/packaging/changelog.gz"
        ]
    );
    assert_eq!(
        of_one(&rpm, &deb),
        ["CHANGELOG.md", "LICENSE", "conf/authselect/*"]
    );
}

#[test]
fn nothing_that_is_for_a_host_is_forgotten() {
    let lists = ["package.metadata.deb", "package.metadata.generate-rpm"].map(sources);
    let built = |source: &&String| source.starts_with("target/release/");
    let mut carried = BTreeSet::new();
    for source in lists.iter().flatten().filter(|source| !built(source)) {
        let found = files(source);
        assert!(!found.is_empty(), "{source}");
        carried.extend(found);
    }
    for folder in ["conf", "packaging/completions"] {
        for path in all_below(folder) {
            // Compiled, it is antiphon.pp.
            let known = carried.contains(&path) || path.starts_with("conf/selinux/");
            assert!(known, "{path}");
        }
    }
    // Compressed, all of them.
    for path in all_below("packaging/man") {
        let section = path.rsplit_once('.').unwrap().1;
        let source = format!("target/release/packaging/man/*.{section}.gz");
        assert!(lists.iter().all(|list| list.contains(&source)), "{path}");
    }
    for name in [
        "libpam_antiphon.so",
        "antiphon",
        "antiphond",
        "packaging/antiphon.pp",
    ] {
        let source = format!("target/release/{name}");
        assert!(lists.iter().all(|list| list.contains(&source)), "{name}");
    }
}
