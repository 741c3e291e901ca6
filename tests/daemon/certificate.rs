//! Certificates for `localhost`, made by OpenSSL.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use antiphon_core::time::UnixTime;
use antiphon_tests::World;

const DAY: u64 = 24 * 3600;

/// A certificate and its key, in PEM.
pub(crate) struct Certificate {
    pub(crate) chain: PathBuf,
    pub(crate) key: PathBuf,
}

/// What `openssl ca` keeps its books by.
const BOOKS: &str = "[ca]\ndefault_ca = books\n[books]\ndatabase = index\nserial = serial\nnew_certs_dir = .\n\
    default_md = sha256\npolicy = names\ncopy_extensions = copy\nunique_subject = no\n\
    [names]\ncommonName = supplied\n";

impl Certificate {
    /// Makes one that lasts for months, in a folder that the daemon can read.
    pub(crate) fn make(world: &World, name: &str) -> Self {
        Self::lasting(world, name, 90)
    }

    /// The same, which ends in so many days, or has ended before so many.
    pub(crate) fn lasting(world: &World, name: &str, days: i64) -> Self {
        let [chain, key] = ["pem", "key"].map(|kind| world.folder().join(format!("{name}.{kind}")));
        let books = world.folder().join(format!("{name}.books"));
        fs::create_dir(&books).unwrap();
        fs::write(books.join("config"), BOOKS).unwrap();
        fs::write(books.join("index"), "").unwrap();
        fs::write(books.join("serial"), "01\n").unwrap();
        openssl(
            &books,
            "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost \
             -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE -keyout key -out request",
        );
        let [begins, ends] = [-100, days].map(moment);
        openssl(
            &books,
            &format!(
                "ca -config config -batch -notext -selfsign -keyfile key -in request -out chain \
                 -startdate {begins} -enddate {ends}"
            ),
        );
        for (made, file) in [("chain", &chain), ("key", &key)] {
            fs::copy(books.join(made), file).unwrap();
            fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
        }
        Self { chain, key }
    }

    /// The lines of `[page]` for it.
    pub(crate) fn configured(&self) -> String {
        format!(
            "[page]\norigin = \"https://localhost:8470\"\ncertificate = \"{}\"\nkey = \"{}\"\n",
            self.chain.display(),
            self.key.display()
        )
    }
}

/// `YYYYMMDDHHMMSSZ`, so many days from now.
fn moment(days: i64) -> String {
    let apart = Duration::from_secs(days.unsigned_abs() * DAY);
    let now = SystemTime::now();
    let then = if days < 0 { now - apart } else { now + apart };
    let seconds = then.duration_since(UNIX_EPOCH).unwrap().as_secs();
    UnixTime(seconds).to_string().replace(['-', ':', 'T'], "")
}

fn openssl(folder: &Path, arguments: &str) {
    let made = Command::new("openssl")
        .current_dir(folder)
        .args(arguments.split(' '))
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
}
