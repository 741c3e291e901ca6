//! Reads who can sign in: the user database, their keys, and what root's records and states say of them.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use antiphon_core::disk::record_file;
use antiphon_core::name::UserName;
use antiphon_core::record::Record;
use antiphon_core::shell;
use nix::unistd::{Gid, Uid};

use super::people::{Account, Keys, Unseen};
use crate::check::member_of;
use crate::clock;
use crate::house::House;
use crate::plain_file::{self, Unread};
use crate::rights::with_rights_of;
use crate::roll;
use crate::skew::{ClockIsOff, SkewObject};
use crate::standing::Standing;
use crate::user_database::{Entry, UserDatabase};

/// The largest file of keys that is read, in bytes.
const LARGEST_KEYS: u64 = 256 * 1024;
/// The most people who are looked at.
const MOST_PEOPLE: usize = 20_000;
/// The time limit for reading everybody's keys: a home may be on a server that is away.
const PATIENCE: Duration = Duration::from_secs(10);

/// Everybody in the user database; `key_files` are the patterns in sshd's `AuthorizedKeysFile`.
pub(crate) fn read(house: Option<&House>, key_files: &[String]) -> Vec<Account> {
    let database = UserDatabase::read();
    let hashes = database.hashes();
    let enrolled = house.map(enrolled).unwrap_or_default();
    let mut entries: BTreeMap<&str, Entry<'_>> = BTreeMap::new();
    for entry in database.entries().take(MOST_PEOPLE) {
        entries.entry(entry.name).or_insert(entry);
    }
    let places = entries
        .values()
        .filter(|entry| entry.has_shell())
        .map(|entry| Places::of(entry, key_files));
    let keys = all_keys(places.collect());
    entries
        .values()
        .map(|entry| {
            let account = Account {
                keys: keys.get(entry.name).cloned().unwrap_or_default(),
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

/// Where sshd looks for this person's keys (`sshd_config(5)`, TOKENS).
fn key_files(entry: &Entry<'_>, patterns: &[String]) -> Vec<PathBuf> {
    let file = |pattern: &String| {
        let mut path = String::new();
        let mut letters = pattern.chars();
        while let Some(letter) = letters.next() {
            match (letter, letter == '%') {
                (_, true) => path.push_str(match letters.next() {
                    Some('h') => entry.home,
                    Some('u') => entry.name,
                    Some('U') => entry.uid,
                    _ => "%",
                }),
                (plain, false) => path.push(plain),
            }
        }
        Path::new(entry.home).join(path)
    };
    patterns.iter().map(file).collect()
}

/// Where one person's keys are.
#[derive(Clone)]
struct Places {
    name: String,
    /// `None` if the database has no numbers for them.
    rights: Option<(Uid, Gid)>,
    files: Vec<PathBuf>,
}

impl Places {
    fn of(entry: &Entry<'_>, patterns: &[String]) -> Self {
        Self {
            name: entry.name.to_owned(),
            rights: entry.account().map(|account| (account.uid, account.gid)),
            files: key_files(entry, patterns),
        }
    }

    /// As sshd does, with the rights of the person, who chooses what stands in their own folders.
    fn keys(&self) -> Keys {
        let Some((uid, gid)) = self.rights else {
            return self.unseen("their user id is no number".to_owned());
        };
        let mut sum = 0;
        let mut unseen = None;
        let look = || -> Vec<_> { self.files.iter().map(|file| keys_in(file)).collect() };
        let looks = with_rights_of(&self.name, uid, gid, look);
        for (file, look) in self.files.iter().zip(looks) {
            match look {
                Ok(keys) => sum += keys,
                Err(why) => {
                    unseen = unseen.or(Some(Unseen {
                        file: file.clone(),
                        why,
                    }));
                }
            }
        }
        match unseen {
            Some(unseen) if sum == 0 => Keys::Unseen(unseen),
            _ => Keys::Seen(sum),
        }
    }

    fn unseen(&self, why: String) -> Keys {
        let file = self.files.first().cloned().unwrap_or_default();
        Keys::Unseen(Unseen { file, why })
    }
}

/// Everybody's keys, by name.
fn all_keys(places: Vec<Places>) -> BTreeMap<String, Keys> {
    all_keys_within(PATIENCE, places, Places::keys)
}

fn all_keys_within(
    patience: Duration,
    places: Vec<Places>,
    look: impl Fn(&Places) -> Keys + Send + 'static,
) -> BTreeMap<String, Keys> {
    let (sender, receiver) = mpsc::channel();
    let asked = places.clone();
    // Rights are those of a thread: this one's stay root's.
    thread::spawn(move || {
        for person in asked {
            if sender.send(look(&person)).is_err() {
                return;
            }
        }
    });
    let until = Instant::now() + patience;
    let mut stuck: Option<Keys> = None;
    let each = places.into_iter().map(|person| {
        let left = until.saturating_duration_since(Instant::now());
        let keys = match &stuck {
            None => receiver.recv_timeout(left).ok(),
            Some(_) => None,
        };
        let keys = keys.unwrap_or_else(|| {
            let at = || {
                let file = person.files.first().map(shell::word).unwrap_or_default();
                person.unseen(format!(
                    "reading {file} did not end within {} s; is it on a server that is away?",
                    patience.as_secs()
                ))
            };
            stuck.get_or_insert_with(at).clone()
        });
        (person.name, keys)
    });
    each.collect()
}

/// How many keys are in a file; none in one that sshd would not read.
fn keys_in(file: &Path) -> Result<usize, String> {
    let text = match plain_file::text(file, LARGEST_KEYS) {
        Ok(text) => text,
        Err(Unread::Absent | Unread::NotAFile) => return Ok(0),
        Err(why) => return Err(format!("of {}: {why}", shell::word(file))),
    };
    let lines = text.lines().map(str::trim);
    let keys = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(keys.count())
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
            // An account is asked by way of the daemon too.
            let has_phone = !record.phones.is_empty() || !record.accounts.is_empty();
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
    use std::path::Path;
    use std::sync::Mutex;
    use std::sync::mpsc;
    use std::time::Duration;

    use super::{Entry, Keys, Places, all_keys_within, key_files};

    fn places(name: &str) -> Places {
        Places {
            name: name.to_owned(),
            rights: None,
            files: vec![format!("/home/{name}/.ssh/authorized_keys").into()],
        }
    }

    #[test]
    fn whoever_comes_after_a_file_that_is_not_read_in_time_is_not_taken_for_somebody_without_keys()
    {
        let (end, waits) = mpsc::channel::<()>();
        let waits = Mutex::new(waits);
        let keys = all_keys_within(
            Duration::from_millis(200),
            ["anna", "bo", "cecilia"].map(places).to_vec(),
            move |person| {
                if person.name == "bo" {
                    let _ = waits.lock().unwrap().recv();
                }
                Keys::Seen(1)
            },
        );
        drop(end);
        assert_eq!(keys["anna"], Keys::Seen(1));
        for name in ["bo", "cecilia"] {
            let Keys::Unseen(unseen) = &keys[name] else {
                panic!("{name}: {keys:?}");
            };
            assert!(
                unseen.why.contains("/home/bo/.ssh/authorized_keys"),
                "{unseen:?}"
            );
        }
    }

    #[test]
    fn keys_are_where_sshd_looks_for_them() {
        let anna = Entry::read("anna:x:1000:1000:Anna,,,:/home/anna:/bin/bash").unwrap();
        let patterns = [".ssh/authorized_keys", "/etc/keys/%u", "%h/%U%%"].map(str::to_owned);
        assert_eq!(
            key_files(&anna, &patterns),
            [
                "/home/anna/.ssh/authorized_keys",
                "/etc/keys/anna",
                "/home/anna/1000%"
            ]
            .map(Path::new)
        );
    }
}
