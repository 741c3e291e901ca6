//! An authenticator app for those who have none at hand: it looks into the record, as only root can.

use std::path::Path;
use std::time::SystemTime;

use antiphon_core::code::code_at;
use antiphon_core::config::Paths;
use antiphon_core::disk::{Folder, record_file};
use antiphon_core::name::UserName;
use antiphon_core::time::UnixTime;

/// The present code of `name`.
pub(crate) fn code(name: &str) -> String {
    let folder: &Path = &Paths::default().users;
    let user = UserName::new(name).unwrap();
    let record = record_file::load(&Folder::open(folder).unwrap(), &user)
        .unwrap_or_else(|trouble| panic!("{}", trouble.detail))
        .unwrap_or_else(|| panic!("{name} is not enrolled: antiphon enroll {name}"));
    let secret = record.code.expect("a record with codes");
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap();
    code_at(&secret, UnixTime(now.as_secs())).to_string()
}
