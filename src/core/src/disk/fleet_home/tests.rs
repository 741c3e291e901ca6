use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::unistd::Gid;

use super::{FOLDER, FleetFile, FleetHome, pin};
use crate::disk::fixture::{DAEMON, Host, mode_of, set_mode};
use crate::disk::{Folder, Walk, fleet_files};
use crate::fleet::signer::Signer;
use crate::fleet::{Pinned, RelayAddress};

const ALL: [FleetFile; 7] = [
    FleetFile::Authority,
    FleetFile::AuthorityKey,
    FleetFile::Certificate,
    FleetFile::Key,
    FleetFile::JoiningKey,
    FleetFile::Keys,
    FleetFile::RecordsKey,
];

fn home() -> FleetHome {
    FleetHome::of(Folder::open_or_make(Path::new(FOLDER)).unwrap())
}

#[test]
fn each_file_is_read_by_whom_it_is_for() {
    let _host = Host::new();
    assert!(FleetHome::find(&Walk::default()).unwrap().is_none());
    let home = home();
    for file in ALL {
        assert_eq!(home.has(file), Ok(false));
        assert_eq!(home.read(file), Ok(None));
        home.write(file, file.name().as_bytes(), Gid::from_raw(DAEMON))
            .unwrap();
        assert_eq!(home.has(file), Ok(true));
        let bytes = home.read(file).unwrap().unwrap();
        assert_eq!(&**bytes, file.name().as_bytes());
        let path = Path::new(FOLDER).join(file.name());
        let (mode, group) = match file {
            FleetFile::Authority | FleetFile::Certificate | FleetFile::Keys => (0o644, 0),
            FleetFile::AuthorityKey | FleetFile::Key => (0o640, DAEMON),
            FleetFile::JoiningKey | FleetFile::RecordsKey => (0o600, 0),
        };
        let found = fs::metadata(&path).unwrap().gid();
        assert_eq!((mode_of(&path), found), (mode, group), "{file:?}");
    }
    home.remove(FleetFile::JoiningKey).unwrap();
    home.remove(FleetFile::JoiningKey).unwrap();
    assert_eq!(home.has(FleetFile::JoiningKey), Ok(false));
    // The key that signs records is no longer one that others may have read.
    set_mode(Path::new(FOLDER).join("records.key"), 0o640);
    let said = home.read(FleetFile::RecordsKey).unwrap_err().to_string();
    assert!(said.contains("chmod 0600"), "{said}");
    assert!(home.has(FleetFile::RecordsKey).is_err());
}

#[test]
fn what_is_pinned_is_read_by_all_that_need_it() {
    let _host = Host::new();
    let pinned = Pinned {
        fleet: "example".into(),
        host: "db7".into(),
        root: Signer::new("root").public_key(),
        relays: vec![RelayAddress::read("relay1:8471").unwrap()],
    };
    pin(&pinned).unwrap();
    assert_eq!(fleet_files::pinned(&Walk::default()), Ok(pinned));
    assert_eq!(mode_of(Pinned::FILE), 0o644);
    let entries = fs::read_dir("/etc/antiphon").unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name());
    assert!(names.into_iter().all(|name| name != ".fleet.toml.new"));
}
