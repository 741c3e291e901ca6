//! What a host knows of its fleet: what root has pinned, and the documents that it has verified.
//!
//! Documents are kept as they were signed, in files of root's, and verified again whenever they are used. Whoever signs in
//! brings a newer one from a relay, which is kept before it counts: a host never goes back to a lower serial, so that a
//! phone that was removed stays removed.

use std::path::Path;

use super::contest::Patience;
use super::distrust::Distrust;
use super::folder::{Folder, Walk};
use super::records_lock::RecordsLock;
use super::whole_file::WholeFile;
use crate::config::{Config, Paths};
use crate::fleet::{
    FleetRecord, Keys, LONGEST_DOCUMENT, Pinned, SignedDocument, TrustedKeys, TrustedRecord,
    Untrusted,
};
use crate::name::UserName;
use crate::shell;
use crate::time::{Clock, UnixTime};
use crate::trouble::Trouble;

/// The largest accepted [`Pinned::FILE`], in bytes.
const MAX_PINNED: u64 = 16 * 1024;
const KEYS: &str = "keys";
const RECORDS: &str = "records";

/// Reads what root has pinned on this host.
///
/// # Errors
/// [`Trouble`] if it is not there, others than root can write it, or it has errors.
pub fn pinned(walk: &Walk) -> Result<Pinned, Trouble> {
    let path = Path::new(Pinned::FILE);
    let (parent, name) = (path.parent().unwrap_or(path), path.file_name());
    let name = name.and_then(|name| name.to_str()).unwrap_or_default();
    let shown = Pinned::FILE;
    let bytes = walk
        .open(parent)
        .and_then(|folder| folder.read_public(name, MAX_PINNED))
        .map_err(|distrust| trouble(&distrust))?;
    let bytes = bytes.ok_or_else(|| {
        trouble(&format_args!(
            "{shown}: is not there, and [fleet] in antiphon.toml needs it; run: antiphon join TOKEN"
        ))
    })?;
    let text =
        std::str::from_utf8(&bytes).map_err(|_| trouble(&format_args!("{shown}: is not UTF-8")))?;
    Pinned::parse(text).map_err(|fault| trouble(&format_args!("{shown}: {fault}")))
}

/// The files about one person.
pub struct FleetFiles<'a> {
    pinned: &'a Pinned,
    user: &'a UserName,
    folder: Folder,
    records: Folder,
}

/// The documents on file, as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    keys: Option<Vec<u8>>,
    record: Option<Vec<u8>>,
}

/// What a relay has sent.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    /// Which keys sign, if newer than those on file.
    pub keys: Option<SignedDocument>,
    /// The person's record.
    pub record: Option<SignedDocument>,
}

/// A person's record, and the files that it was read from.
#[derive(Debug, Clone)]
pub struct Believed {
    kept: Kept,
    until: UnixTime,
    record: TrustedRecord,
}

/// Why what a relay has sent is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotKept {
    /// It is not believed; what is on file stays.
    Untrusted(Untrusted),
    /// A file cannot be read or written.
    Trouble(Trouble),
}

impl<'a> FleetFiles<'a> {
    /// Opens the folders of `user`, by the name in the fleet; makes them if they are not there.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn open(
        config: &Config,
        pinned: &'a Pinned,
        user: &'a UserName,
        walk: &Walk,
    ) -> Result<Self, Trouble> {
        let path = &config.paths.fleet;
        let open = |path: &Path| match walk.open(path) {
            Err(distrust) if distrust.is_missing() => Folder::open_or_make(path),
            found => found,
        };
        Ok(Self {
            pinned,
            user,
            folder: open(path).map_err(|distrust| trouble(&distrust))?,
            records: open(&path.join(RECORDS)).map_err(|distrust| trouble(&distrust))?,
        })
    }

    /// Reads what is on file.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn look(&self) -> Result<Kept, Trouble> {
        let read = |folder: &Folder, name: &str| {
            folder
                .read_public(name, LONGEST_DOCUMENT as u64)
                .map_err(|distrust| trouble(&distrust))
        };
        Ok(Kept {
            keys: read(&self.folder, KEYS)?,
            record: read(&self.records, &self.user.file_name(""))?,
        })
    }

    /// Verifies what a relay has `sent`, and keeps what is newer than `kept`. The keys first: the record may be signed
    /// with one that is named only there.
    ///
    /// # Errors
    /// [`NotKept`]; what was verified before that is kept.
    pub fn keep(
        &self,
        kept: &Kept,
        sent: &Sent,
        clock: Clock<'_>,
        patience: &mut dyn Patience,
    ) -> Result<(), NotKept> {
        if !kept.is_changed_by(sent)? {
            return Ok(());
        }
        let lock = RecordsLock::take(&self.folder, patience);
        let _lock = lock.map_err(|why| trouble(&why))?;
        let kept = self.look()?;
        let now = clock()?;
        let keys = self.keep_keys(&kept, sent.keys.as_ref(), now)?;
        if let Some(document) = &sent.record {
            let record = TrustedRecord::verify(document, &keys, self.user, now)?;
            if let Some(known) = self.known_record(&kept)? {
                record.after(&known)?;
            }
            write(&self.records, &self.user.file_name(""), document)?;
        }
        Ok(())
    }

    fn keep_keys(
        &self,
        kept: &Kept,
        sent: Option<&SignedDocument>,
        now: UnixTime,
    ) -> Result<TrustedKeys, NotKept> {
        let Some(document) = sent else {
            return Ok(self.trusted_keys(kept, now)??);
        };
        let Pinned { fleet, root, .. } = self.pinned;
        let mut keys = TrustedKeys::verify(document, fleet, root, now)?;
        if let Some(known) = self.known_keys(kept)? {
            keys = keys.after(&known)?;
        }
        write(&self.folder, KEYS, document)?;
        Ok(keys)
    }

    /// What the files say, verified; `None` if there is no record on file.
    ///
    /// # Errors
    /// [`Trouble`] if a file is damaged; in it, [`Untrusted`] if what it says is not, or no longer, to be believed.
    pub fn believed(
        &self,
        kept: Kept,
        now: UnixTime,
    ) -> Result<Result<Option<Believed>, Untrusted>, Trouble> {
        let name = self.user.file_name("");
        let Some(document) = parsed(&self.records, &name, kept.record.as_ref())? else {
            return Ok(Ok(None));
        };
        let believed = self.trusted_keys(&kept, now)?.and_then(|keys| {
            let record = TrustedRecord::verify(&document, &keys, self.user, now)?;
            let until = record.record().until.min(keys.keys().until);
            Ok(Some(Believed {
                kept,
                until,
                record,
            }))
        });
        Ok(believed)
    }

    fn trusted_keys(
        &self,
        kept: &Kept,
        now: UnixTime,
    ) -> Result<Result<TrustedKeys, Untrusted>, Trouble> {
        let Pinned { fleet, root, .. } = self.pinned;
        let document = parsed(&self.folder, KEYS, kept.keys.as_ref())?;
        let document = document.ok_or(Untrusted::UnknownKey);
        Ok(document.and_then(|document| TrustedKeys::verify(&document, fleet, root, now)))
    }

    /// The keys on file, whether they are valid or not: their serial counts in any case.
    fn known_keys(&self, kept: &Kept) -> Result<Option<Keys>, Trouble> {
        let document = parsed(&self.folder, KEYS, kept.keys.as_ref())?;
        let parse = |document: SignedDocument| Keys::parse(&document.body);
        let keys = document.map(parse).transpose();
        keys.map_err(|_| damaged(&self.folder, KEYS))
    }

    /// The record on file, whether it is valid or not: its serial counts in any case.
    fn known_record(&self, kept: &Kept) -> Result<Option<FleetRecord>, Trouble> {
        let name = self.user.file_name("");
        let document = parsed(&self.records, &name, kept.record.as_ref())?;
        let parse = |document: SignedDocument| FleetRecord::parse(&document.body, self.user);
        let record = document.map(parse).transpose();
        record.map_err(|_| damaged(&self.records, &name))
    }
}

/// The keys on file, unverified; `None` if there are none.
///
/// # Errors
/// [`Trouble`].
pub fn known_keys(paths: &Paths, walk: &Walk) -> Result<Option<SignedDocument>, Trouble> {
    let folder = match walk.open(&paths.fleet) {
        Err(distrust) if distrust.is_missing() => return Ok(None),
        found => found.map_err(|distrust| trouble(&distrust))?,
    };
    let bytes = folder.read_public(KEYS, LONGEST_DOCUMENT as u64);
    let bytes = bytes.map_err(|distrust| trouble(&distrust))?;
    parsed(&folder, KEYS, bytes.as_ref())
}

/// A host that has joined begins with `keys`. What is on file of another fleet is forgotten, with its serials.
///
/// # Errors
/// [`NotKept`] if the keys are older than those on file of this fleet, or a file cannot be written.
pub fn begin(
    paths: &Paths,
    pinned: &Pinned,
    keys: &SignedDocument,
    now: UnixTime,
    patience: &mut dyn Patience,
) -> Result<(), NotKept> {
    let folder = Folder::open_or_make(&paths.fleet)?;
    let records = Folder::open_or_make(&folder.path_of(RECORDS))?;
    let lock = RecordsLock::take(&folder, patience);
    let _lock = lock.map_err(|why| trouble(&why))?;
    let Pinned { fleet, root, .. } = pinned;
    let trusted = TrustedKeys::verify(keys, fleet, root, now)?;
    let known = folder.read_public(KEYS, LONGEST_DOCUMENT as u64)?;
    let known = known.and_then(|bytes| SignedDocument::parse(&bytes).ok());
    // At the beginning of time no document is over: whose they are is asked here, and not whether they are valid.
    let known = known.map(|known| TrustedKeys::verify(&known, fleet, root, UnixTime(0)));
    if let Some(Ok(known)) = known {
        trusted.after(known.keys())?;
    } else {
        // The keys last: as long as they are there, the next attempt comes here again.
        let path = records.path();
        let entries = path
            .read_dir()
            .and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let entries =
            entries.map_err(|error| trouble(&format_args!("{}: {error}", path.display())))?;
        for entry in entries {
            if let Some(name) = entry.file_name().to_str() {
                records.remove_for_good(name)?;
            }
        }
    }
    write(&folder, KEYS, keys)
}

/// The document in `bytes`, which were read from `name`.
fn parsed(
    folder: &Folder,
    name: &str,
    bytes: Option<&Vec<u8>>,
) -> Result<Option<SignedDocument>, Trouble> {
    let parsed = bytes.map(|bytes| SignedDocument::parse(bytes)).transpose();
    parsed.map_err(|_| damaged(folder, name))
}

fn write(folder: &Folder, name: &str, document: &SignedDocument) -> Result<(), NotKept> {
    let file = WholeFile {
        name,
        temporary: &format!(".{name}.new"),
        mode: 0o600,
        group: None,
        durable: true,
    };
    file.write(folder, document.to_text()?.as_bytes())
        .map_err(|distrust| trouble(&distrust).into())
}

impl Kept {
    /// The serial of the keys on file, for the question to a relay; 0 if there are none.
    #[must_use]
    pub fn keys_serial(&self) -> u32 {
        let document = self
            .keys
            .as_ref()
            .and_then(|keys| SignedDocument::parse(keys).ok());
        let keys = document.and_then(|document| Keys::parse(&document.body).ok());
        keys.map_or(0, |keys| keys.serial)
    }

    fn is_changed_by(&self, sent: &Sent) -> Result<bool, Untrusted> {
        for (ours, theirs) in [(&self.keys, &sent.keys), (&self.record, &sent.record)] {
            let text = theirs.as_ref().map(SignedDocument::to_text).transpose()?;
            if text.is_some_and(|text| ours.as_deref() != Some(text.as_bytes())) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Believed {
    /// The record.
    #[must_use]
    pub fn record(&self) -> &FleetRecord {
        self.record.record()
    }

    /// Whether the files still say the same, and it is valid `now`.
    #[must_use]
    pub fn is_still(&self, kept: &Kept, now: UnixTime) -> bool {
        self.kept == *kept && now < self.until
    }
}

impl From<Untrusted> for NotKept {
    fn from(untrusted: Untrusted) -> Self {
        Self::Untrusted(untrusted)
    }
}

impl From<Trouble> for NotKept {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

/// Our own file, which is written whole: a disk that fails.
fn damaged(folder: &Folder, name: &str) -> Trouble {
    let path = shell::word(folder.path_of(name));
    trouble(&format_args!("{path}: is damaged; run: rm {path}"))
}

fn trouble(detail: &dyn std::fmt::Display) -> Trouble {
    Trouble::new("fleet", detail)
}

impl From<Distrust> for NotKept {
    fn from(distrust: Distrust) -> Self {
        Self::Trouble(trouble(&distrust))
    }
}

#[cfg(test)]
mod tests;
