//! Reads who can sign in: the user database, their keys, and what the records and states of root say of them.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use antiphon_core::name::UserName;
use antiphon_core::record::Record;
use nix::fcntl::OFlag;

use super::people::Account;
use super::program;
use crate::check::member_of;
use crate::clock;
use crate::house::House;
use crate::roll;
use crate::skew::{ClockIsOff, SkewObject};
use crate::standing::Standing;

/// How much of a file with keys is read, in bytes.
const MOST: u64 = 256 * 1024;
/// The most people that are looked at.
const MOST_PEOPLE: usize = 20_000;
/// What those have who have no shell.
const NO_SHELLS: [&str; 6] = ["nologin", "false", "sync", "halt", "shutdown", "true"];
/// Where sshd looks for keys, from home.
const KEYS: [&str; 2] = [".ssh/authorized_keys", ".ssh/authorized_keys2"];

/// Everybody whom the database tells of.
pub(crate) fn read(house: Option<&House>) -> Vec<Account> {
    // What a directory server does not tell of at once is left to it.
    let database = program::run("getent", &["passwd"]).map_or_else(
        |_| std::fs::read_to_string("/etc/passwd").unwrap_or_default(),
        |ran| ran.out,
    );
    let shadow = std::fs::read_to_string("/etc/shadow").unwrap_or_default();
    let enrolled = house.map(enrolled).unwrap_or_default();
    let mut seen = BTreeSet::new();
    database
        .lines()
        .filter_map(Entry::read)
        .filter(|entry| seen.insert(entry.name.to_owned()))
        .take(MOST_PEOPLE)
        .map(|entry| entry.account(&shadow, &enrolled, house))
        .collect()
}

/// A line of the database.
struct Entry<'a> {
    name: &'a str,
    password: &'a str,
    home: &'a str,
    shell: &'a str,
}

impl<'a> Entry<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, password, _, _, _, home, shell] = fields.as_slice() else {
            return None;
        };
        Some(Self {
            name,
            password,
            home,
            shell,
        })
    }

    fn account(&self, shadow: &str, enrolled: &[Enrolled], house: Option<&House>) -> Account {
        let known = enrolled.iter().find(|known| known.name == self.name);
        let has_shell = !NO_SHELLS
            .iter()
            .any(|none| self.shell.rsplit('/').next() == Some(none));
        Account {
            name: self.name.to_owned(),
            has_password: self.has_password(shadow),
            keys: if has_shell { self.keys() } else { 0 },
            has_shell,
            is_enrolled: known.is_some(),
            is_exempt: house
                .is_some_and(|house| !member_of(self.name, &house.config.exempt.groups).is_empty()),
            refused_skew: known.and_then(|known| known.refused_skew),
            has_phone: known.is_some_and(|known| known.has_phone),
            has_phone_alone: known.is_some_and(|known| known.has_phone_alone),
        }
    }

    /// Of people whose password a directory keeps, there is no line.
    fn has_password(&self, shadow: &str) -> bool {
        let hash = if self.password == "x" {
            let mut lines = shadow.lines().filter_map(|line| line.split_once(':'));
            let found = lines.find(|(name, _)| *name == self.name);
            found.map_or("directory", |(_, rest)| {
                rest.split(':').next().unwrap_or_default()
            })
        } else {
            self.password
        };
        !hash.starts_with(['!', '*'])
    }

    /// A person chooses what stands there: no FIFO is waited at, and no end is waited for.
    fn keys(&self) -> usize {
        KEYS.iter()
            .filter_map(|name| {
                let file = OpenOptions::new()
                    .read(true)
                    .custom_flags(OFlag::O_NONBLOCK.bits())
                    .open(Path::new(self.home).join(name))
                    .ok()?;
                let is_file = file.metadata().is_ok_and(|seen| seen.is_file());
                let mut bytes = Vec::new();
                file.take(MOST).read_to_end(&mut bytes).ok()?;
                let text = String::from_utf8_lossy(&bytes);
                let keys = text.lines().map(str::trim);
                let keys = keys.filter(|line| !line.is_empty() && !line.starts_with('#'));
                is_file.then(|| keys.count())
            })
            .sum()
    }
}

/// Somebody with a record that can be used.
struct Enrolled {
    name: String,
    has_phone: bool,
    has_phone_alone: bool,
    refused_skew: Option<i64>,
}

fn enrolled(house: &House) -> Vec<Enrolled> {
    let Ok(Some(users)) = house.users() else {
        return Vec::new();
    };
    let suffix = antiphon_core::disk::record_file::SUFFIX;
    let names = roll::call(&users, suffix).unwrap_or_default().users;
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
    // Then it is this computer's clock, and no phone is to blame.
    let is_ours = ClockIsOff::by(&skews, clock::now()).is_some();
    standings
        .iter()
        .filter_map(|(user, standing)| {
            let record = standing.record.as_ref().ok()?.as_ref()?;
            let skew = standing.skew(house).filter(|_| !is_ours);
            let skew = skew.filter(|skew| skew.refuses() && skew.is_recent(clock::now()));
            let has_other = record.code.is_some() || standing.recovery().0 > 0;
            let is_enrolled = Record::is_enrolled(record) || record.is_beginning();
            is_enrolled.then(|| Enrolled {
                name: user.to_string(),
                has_phone: !record.phones.is_empty(),
                has_phone_alone: !record.phones.is_empty() && !has_other,
                refused_skew: skew.map(|skew| skew.seconds()),
            })
        })
        .collect()
}
