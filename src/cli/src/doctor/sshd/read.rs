//! Reads sshd's configuration, and has sshd say what it makes of it.

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
/// The most Match blocks that sshd is asked about; of further ones the text counts.
const MOST_BLOCKS: usize = 50;
/// Where the program may be.
const PROGRAMS: [&str; 3] = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"];

/// `None` if there is no sshd.
pub(crate) fn read() -> Option<Facts> {
    let sshd = PROGRAMS.into_iter().find(|path| Path::new(path).exists())?;
    let files = files();
    let text = Text::of(MAIN, &files);
    let output = said(sshd, &["-T"]);
    let of_block = |block: &Block| said(sshd, &["-T", "-C", &somebody(block)]);
    // Whatever keeps it from answering once keeps it from answering each time.
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

/// The files that a pattern names in its folder.
fn named(pattern: &str) -> Vec<String> {
    let folder = Path::new(pattern).parent().unwrap_or(Path::new("/"));
    let entries = folder.read_dir().into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.path().to_str().map(str::to_owned))
        .filter(|path| matches(pattern, path))
        .collect()
}

/// Somebody whom a block is about, as `sshd -C` takes it.
fn somebody(block: &Block) -> String {
    let mut user = "root".to_owned();
    let mut host = "localhost".to_owned();
    let mut address = "127.0.0.1".to_owned();
    let mut more = String::new();
    let words: Vec<&str> = block.criteria.split_whitespace().collect();
    for pair in words.chunks(2) {
        let [criterion, patterns] = pair else {
            continue;
        };
        let first = first_plain(patterns);
        match (criterion.to_ascii_lowercase().as_str(), first) {
            ("user", Some(name)) => user = name,
            ("group", Some(name)) => user = member_of(&name).unwrap_or(user),
            ("host", Some(name)) => host = name,
            ("address", Some(network)) => {
                address = network.split('/').next().unwrap_or_default().to_owned();
            }
            ("localport", Some(port)) => more.push_str(&format!(",lport={port}")),
            ("localaddress", Some(network)) => {
                let local = network.split('/').next().unwrap_or_default();
                more.push_str(&format!(",laddr={local}"));
            }
            _ => {}
        }
    }
    format!("user={user},host={host},addr={address}{more}")
}

/// The first of several patterns that is not turned round; an asterisk in it stands for a letter.
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
            ("User anna,bo", "user=anna,host=localhost,addr=127.0.0.1"),
            (
                "Address 10.0.0.0/8 User !root,x*",
                "user=xx,host=localhost,addr=10.0.0.0",
            ),
            (
                "host *.example.org LocalPort 2222",
                "user=root,host=x.example.org,addr=127.0.0.1,lport=2222",
            ),
            ("all", "user=root,host=localhost,addr=127.0.0.1"),
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
