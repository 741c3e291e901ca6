//! Reads who can sign in: the user database, their keys, and what root's records and states say of them.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use antiphon_core::disk::record_file;
use antiphon_core::name::UserName;
use antiphon_core::record::Record;

use super::people::Account;
use crate::check::member_of;
use crate::clock;
use crate::everybody;
use crate::house::House;
use crate::plain_file;
use crate::roll;
use crate::skew::{ClockIsOff, SkewObject};
use crate::standing::Standing;

/// The largest file of keys and of the database that is read, in bytes.
const LARGEST_KEYS: u64 = 256 * 1024;
const LARGEST_DATABASE: u64 = 16 * 1024 * 1024;
/// The most people who are looked at.
const MOST_PEOPLE: usize = 20_000;
/// The time limit for reading everybody's keys: a home may be on a server that is away.
const PATIENCE: Duration = Duration::from_secs(10);
/// Shells of accounts that nobody signs in to.
const NO_SHELLS: [&str; 6] = ["nologin", "false", "sync", "halt", "shutdown", "true"];

/// Everybody in the user database; `key_files` are the patterns in sshd's `AuthorizedKeysFile`.
pub(crate) fn read(house: Option<&House>, key_files: &[String]) -> Vec<Account> {
    let database = everybody::database();
    let shadow = plain_file::text(Path::new("/etc/shadow"), LARGEST_DATABASE).unwrap_or_default();
    let hashes: HashMap<&str, &str> = shadow
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, rest)| (name, rest.split(':').next().unwrap_or_default()))
        .collect();
    let enrolled = house.map(enrolled).unwrap_or_default();
    let mut entries: BTreeMap<&str, Entry<'_>> = BTreeMap::new();
    for entry in database.lines().filter_map(Entry::read).take(MOST_PEOPLE) {
        entries.entry(entry.name).or_insert(entry);
    }
    let files = entries
        .values()
        .filter(|entry| entry.has_shell())
        .map(|entry| (entry.name.to_owned(), entry.key_files(key_files)));
    let keys = count_keys(files.collect());
    entries
        .values()
        .map(|entry| {
            let account = Account {
                keys: keys.get(entry.name).copied().unwrap_or_default(),
                has_password: entry.has_password(&hashes),
                has_shell: entry.has_shell(),
                ..enrolled.get(entry.name).cloned().unwrap_or_default()
            };
            let is_exempt = !account.is_enrolled
                && account.can_sign_in()
                && house.is_some_and(|house| is_exempt(entry.name, house));
            Account {
                name: entry.name.to_owned(),
                is_exempt,
                ..account
            }
        })
        .collect()
}

fn is_exempt(name: &str, house: &House) -> bool {
    !member_of(name, &house.config.exempt.groups).is_empty()
}

/// A line of the database.
struct Entry<'a> {
    name: &'a str,
    password: &'a str,
    uid: &'a str,
    home: &'a str,
    shell: &'a str,
}

impl<'a> Entry<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, password, uid, _, _, home, shell] = fields.as_slice() else {
            return None;
        };
        Some(Self {
            name,
            password,
            uid,
            home,
            shell,
        })
    }

    fn has_shell(&self) -> bool {
        let program = self.shell.rsplit('/').next().unwrap_or_default();
        !NO_SHELLS.contains(&program)
    }

    /// There is no line in `shadow` for people whose password a directory keeps.
    fn has_password(&self, hashes: &HashMap<&str, &str>) -> bool {
        let hash = match self.password {
            "x" => hashes.get(self.name).copied().unwrap_or("directory"),
            own => own,
        };
        !hash.starts_with(['!', '*'])
    }

    /// Where sshd looks for this person's keys (`sshd_config(5)`, TOKENS).
    fn key_files(&self, patterns: &[String]) -> Vec<PathBuf> {
        let file = |pattern: &String| {
            let mut path = String::new();
            let mut letters = pattern.chars();
            while let Some(letter) = letters.next() {
                match (letter, letter == '%') {
                    (_, true) => path.push_str(match letters.next() {
                        Some('h') => self.home,
                        Some('u') => self.name,
                        Some('U') => self.uid,
                        _ => "%",
                    }),
                    (plain, false) => path.push(plain),
                }
            }
            Path::new(self.home).join(path)
        };
        patterns.iter().map(file).collect()
    }
}

/// How many keys are in these files of each person, by name.
fn count_keys(files: Vec<(String, Vec<PathBuf>)>) -> BTreeMap<String, usize> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for (name, files) in files {
            let keys = files.iter().map(|file| keys_in(file)).sum();
            if sender.send((name, keys)).is_err() {
                return;
            }
        }
    });
    let until = Instant::now() + PATIENCE;
    let next = || {
        let left = until.saturating_duration_since(Instant::now());
        receiver.recv_timeout(left).ok()
    };
    std::iter::from_fn(next).collect()
}

/// The person chooses what stands at this path.
fn keys_in(file: &Path) -> usize {
    let text = plain_file::text(file, LARGEST_KEYS).unwrap_or_default();
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .count()
}

/// What is known of those who have a usable record, by name.
fn enrolled(house: &House) -> HashMap<String, Account> {
    let Ok(Some(users)) = house.users() else {
        return HashMap::new();
    };
    let names = roll::call(&users, record_file::SUFFIX)
        .unwrap_or_default()
        .users;
    let standings: Vec<(UserName, Standing)> = names
        .into_iter()
        .map(|user| {
            let standing = Standing::of(&user, house);
            (user, standing)
        })
        .collect();
    let skews: Vec<SkewObject> = standings
        .iter()
        .filter_map(|(_, standing)| standing.skew(house))
        .collect();
    // If this computer's clock is off, no phone is to blame.
    let is_ours = ClockIsOff::by(&skews, clock::now()).is_some();
    standings
        .iter()
        .filter_map(|(user, standing)| {
            let record = standing.record.as_ref().ok()?.as_ref()?;
            let skew = standing.skew(house).filter(|_| !is_ours);
            let skew = skew.filter(|skew| skew.refuses() && skew.is_recent(clock::now()));
            let has_phone = !record.phones.is_empty();
            let has_other = record.code.is_some() || standing.recovery().0 > 0;
            let is_enrolled = Record::is_enrolled(record) || record.is_beginning();
            let account = Account {
                is_enrolled,
                has_phone,
                has_phone_alone: has_phone && !has_other,
                refused_skew: skew.map(|skew| skew.seconds()),
                ..Account::default()
            };
            is_enrolled.then(|| (user.to_string(), account))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::path::Path;

    use super::Entry;

    #[test]
    fn keys_are_where_sshd_looks_for_them() {
        let anna = Entry::read("anna:x:1000:1000:Anna,,,:/home/anna:/bin/bash").unwrap();
        let patterns = [".ssh/authorized_keys", "/etc/keys/%u", "%h/%U%%"].map(str::to_owned);
        assert_eq!(
            anna.key_files(&patterns),
            [
                "/home/anna/.ssh/authorized_keys",
                "/etc/keys/anna",
                "/home/anna/1000%"
            ]
            .map(Path::new)
        );
    }

    #[test]
    fn a_locked_password_is_none_and_one_that_a_directory_keeps_is_one() {
        let hashes = HashMap::from([("locked", "!$6$x"), ("none", "*"), ("anna", "$6$x")]);
        for (line, has_shell, has_password) in [
            ("anna:x:1:1::/:/bin/sh", true, true),
            ("locked:x:1:1::/:/bin/sh", true, false),
            ("none:x:1:1::/:/usr/sbin/nologin", false, false),
            ("far:x:1:1::/:", true, true),
            ("open::1:1::/:/bin/false", false, true),
        ] {
            let entry = Entry::read(line).unwrap();
            assert_eq!(entry.has_shell(), has_shell, "{line}");
            assert_eq!(entry.has_password(&hashes), has_password, "{line}");
        }
        assert!(Entry::read("anna:x:1").is_none());
    }
}
