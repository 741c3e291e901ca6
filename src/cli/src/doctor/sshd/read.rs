//! Reads sshd's configuration, and asks sshd for the result.

use std::collections::BTreeMap;
use std::path::Path;

use nix::unistd::Group;

use super::text::{Block, Text, absolute, matches};
use super::{Facts, MAIN};
use crate::doctor::program;
use crate::plain_file;

/// The largest file that is read, in bytes, and the most files.
const LARGEST: u64 = 256 * 1024;
const MOST_FILES: usize = 500;
/// The most Match blocks that sshd is asked about; for further ones the text has to do.
const MOST_BLOCKS: usize = 50;
/// Possible places of the program.
const PROGRAMS: [&str; 3] = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"];

/// `None` if there is no sshd.
pub(crate) fn read() -> Option<Facts> {
    let sshd = PROGRAMS.into_iter().find(|path| Path::new(path).exists())?;
    let files = files();
    let text = Text::of(MAIN, &files);
    let output = said(sshd, &["-T"]);
    let of_block = |block: &Block| said(sshd, &["-T", "-C", &somebody(block)]);
    // If it does not answer once, it never will.
    let asked = if output.is_ok() { MOST_BLOCKS } else { 0 };
    let by_block = text.blocks.iter().take(asked).map(of_block).collect();
    Some(Facts {
        files,
        output,
        by_block,
        unit: unit(),
        has_keytab: Path::new("/etc/krb5.keytab").exists(),
    })
}

fn said(sshd: &str, arguments: &[&str]) -> Result<String, String> {
    let ran = program::run(sshd, arguments)?;
    if ran.succeeded {
        return Ok(ran.out);
    }
    let lines = ran.err.lines();
    let why: Vec<&str> = lines
        .filter(|line| !line.contains(": terminating,"))
        .collect();
    Err(why.join("; "))
}

/// The main file and all that it includes.
fn files() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    add(MAIN, &mut files);
    loop {
        let known = files.len();
        let patterns: Vec<String> = files.values().flat_map(|text| includes(text)).collect();
        for pattern in patterns {
            for path in named(&pattern) {
                add(&path, &mut files);
            }
        }
        if files.len() == known {
            return files;
        }
    }
}

fn add(path: &str, files: &mut BTreeMap<String, String>) {
    if files.len() < MOST_FILES
        && !files.contains_key(path)
        && let Ok(text) = plain_file::text(Path::new(path), LARGEST)
    {
        files.insert(path.to_owned(), text);
    }
}

fn includes(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.trim().split_once([' ', '\t', '=']))
        .filter(|(keyword, _)| keyword.eq_ignore_ascii_case("include"))
        .flat_map(|(_, patterns)| patterns.split_whitespace())
        .map(|pattern| absolute(pattern.trim_matches('"')))
        .collect()
}

/// The files that match a pattern in its folder.
fn named(pattern: &str) -> Vec<String> {
    let folder = Path::new(pattern).parent().unwrap_or(Path::new("/"));
    let entries = folder.read_dir().into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.path().to_str().map(str::to_owned))
        .filter(|path| matches(pattern, path))
        .collect()
}

/// A connection that a block is about, as `sshd -C` takes it.
fn somebody(block: &Block) -> String {
    let mut facts = BTreeMap::from([
        ("user", "root".to_owned()),
        ("host", "localhost".to_owned()),
        ("addr", "127.0.0.1".to_owned()),
    ]);
    let words: Vec<&str> = block.criteria.split_whitespace().collect();
    for pair in words.chunks(2) {
        let [criterion, patterns] = pair else {
            continue;
        };
        let Some(first) = first_plain(patterns) else {
            continue;
        };
        let address = || first.split('/').next().unwrap_or_default().to_owned();
        match criterion.to_ascii_lowercase().as_str() {
            "user" => facts.insert("user", first),
            "group" => member_of(&first).and_then(|user| facts.insert("user", user)),
            "host" => facts.insert("host", first),
            "address" => facts.insert("addr", address()),
            "localport" => facts.insert("lport", first),
            "localaddress" => facts.insert("laddr", address()),
            _ => None,
        };
    }
    let facts = facts.iter().map(|(key, value)| format!("{key}={value}"));
    facts.collect::<Vec<_>>().join(",")
}

/// The first pattern that is not negated, with a letter for each wildcard.
fn first_plain(patterns: &str) -> Option<String> {
    let mut patterns = patterns.trim_matches('"').split(',');
    let first = patterns.find(|pattern| !pattern.starts_with('!'))?;
    Some(first.replace(['*', '?'], "x"))
}

fn member_of(group: &str) -> Option<String> {
    let group = Group::from_name(group).ok()??;
    group.mem.into_iter().next().or(Some(group.name))
}

/// Debian calls the unit `ssh`.
fn unit() -> String {
    let is_ssh = [
        "/usr/lib/systemd/system",
        "/lib/systemd/system",
        "/etc/systemd/system",
    ]
    .iter()
    .any(|folder| Path::new(folder).join("ssh.service").exists());
    let name = if is_ssh { "ssh" } else { "sshd" };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::somebody;
    use crate::doctor::sshd::text::Block;
    use crate::finding::At;

    #[test]
    fn somebody_is_made_up_whom_a_block_is_about() {
        for (criteria, expected) in [
            ("User anna,bo", "addr=127.0.0.1,host=localhost,user=anna"),
            (
                "Address 10.0.0.0/8 User !root,x*",
                "addr=10.0.0.0,host=localhost,user=xx",
            ),
            (
                "host *.example.org LocalPort 2222",
                "addr=127.0.0.1,host=x.example.org,lport=2222,user=root",
            ),
            ("all", "addr=127.0.0.1,host=localhost,user=root"),
        ] {
            let at = At {
                file: String::new(),
                line: 1,
            };
            let block = Block {
                at,
                criteria: criteria.to_owned(),
            };
            assert_eq!(somebody(&block), expected);
        }
    }
}
