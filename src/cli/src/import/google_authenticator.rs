//! Finds and reads the files of `pam_google_authenticator`: in everybody's home, or where root says.
//!
//! A person can put anything at such a path. Homes are read with the rights of the person alone, who gains nothing by a
//! link to what they may not read. No link is followed at the end of a path, nothing but a regular file is opened, and it
//! has to belong to the person; where root names the file, it may be root's.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use antiphon_core::import::Found;
use antiphon_core::import::google_authenticator::{MAX_SIZE, read};
use antiphon_core::name::UserName;
use nix::unistd::{Uid, User};

use super::{Secret, Source, file};
use crate::everybody;
use crate::failure::Failure;
use crate::rights::with_rights_of;

/// The file in a home.
const NAME: &str = ".google_authenticator";
const ROOT: u32 = 0;

/// The files that root names; without any, those in everybody's home.
pub(super) struct Files<'a> {
    named: &'a [PathBuf],
}

impl<'a> Files<'a> {
    pub(super) fn new(named: &'a [PathBuf]) -> Self {
        Self { named }
    }
}

impl Source for Files<'_> {
    fn word(&self) -> &'static str {
        "google-authenticator"
    }

    fn secrets(&self) -> Result<Vec<Secret>, Failure> {
        let secret = |name: String, path: PathBuf| Secret {
            name,
            path,
            line: None,
        };
        if !self.named.is_empty() {
            let named = self.named.iter();
            return Ok(named
                .map(|path| secret(whose(path), path.clone()))
                .collect());
        }
        let homes = everybody::in_the_database()?.into_iter();
        Ok(homes
            .map(|account| (account.home.join(NAME), account))
            // Whatever stands there is looked at when it is read.
            .filter(|(path, account)| {
                with_rights_of(&account.name, account.uid, account.gid, || {
                    path.symlink_metadata().is_ok()
                })
            })
            .map(|(path, account)| secret(account.name, path))
            .collect())
    }

    fn read(&self, secret: &Secret, user: &UserName) -> Result<Found, String> {
        let known = User::from_name(user.as_str()).ok().flatten();
        let known = known.ok_or("the system knows no such user")?;
        let bytes = if self.named.is_empty() {
            with_rights_of(&known.name, known.uid, known.gid, || {
                file::bytes(&secret.path, &[known.uid], MAX_SIZE)
            })
        } else {
            file::bytes(&secret.path, &[known.uid, Uid::from_raw(ROOT)], MAX_SIZE)
        };
        read(&bytes?).map_err(|unusable| unusable.to_string())
    }
}

/// Whose file it is: that of the person it is named after, or of its owner.
fn whose(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    if name != NAME {
        return name.to_string_lossy().into_owned();
    }
    let owner = path.symlink_metadata().map(|found| found.uid());
    let known = owner
        .as_ref()
        .ok()
        .map(|uid| User::from_uid(Uid::from_raw(*uid)));
    match (known, owner) {
        (Some(Ok(Some(user))), _) => user.name,
        (_, Ok(uid)) => uid.to_string(),
        (_, Err(_)) => name.to_string_lossy().into_owned(),
    }
}
