//! Enrols people, for every module in its own way.
//!
//! `alice` signs in. All others are there only to be many: they have her secret, which no module can know.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use antiphon_core::name::UserName;
use antiphon_core::record::{CodeSecret, Record};
use antiphon_core::recovery::{CODE_LENGTH, CODES, RecoveryCode, SALT_LENGTH, hashes_of};
use antiphon_core::state::{SlotPair, State};

use crate::stage::make_folder;

/// Who signs in.
pub(crate) const PERSON: &str = "alice";

/// Her secret.
pub(crate) fn secret() -> CodeSecret {
    CodeSecret::usual(*b"12345678901234567890")
}

/// Enrols `users` people, one of whom is [`PERSON`].
pub(crate) fn enrol(users: u32, etc: &Path, library: &Path) {
    let mut names: Vec<String> = (1..users)
        .map(|number| format!("person{number:06}"))
        .collect();
    // In the middle: of a file that is searched from its beginning, half is read.
    names.insert(names.len() / 2, PERSON.to_owned());
    google(&names, library);
    oath(&names, etc);
    antiphon(&names, etc, library);
}

/// What the program `google-authenticator -t -d -r 3 -R 30 -w 3` writes.
fn google(names: &[String], library: &Path) {
    let folder = library.join("google-authenticator");
    make_folder(&folder, 0o700);
    let text = format!(
        "{}\n\" RATE_LIMIT 3 30\n\" WINDOW_SIZE 3\n\" DISALLOW_REUSE\n\" TOTP_AUTH\n\
         48792335\n52304515\n76547815\n78922184\n79164505\n",
        *secret().base32()
    );
    for name in names {
        write_new(&folder.join(name), 0o400, text.as_bytes());
    }
}

fn oath(names: &[String], etc: &Path) {
    let secret = secret()
        .secret()
        .expose()
        .iter()
        .fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        });
    let mut text = String::new();
    for name in names {
        writeln!(text, "HOTP/T30/6 {name} - {secret}").unwrap();
    }
    write_new(&etc.join("users.oath"), 0o600, text.as_bytes());
}

fn antiphon(names: &[String], etc: &Path, library: &Path) {
    let (users, state) = (etc.join("antiphon/users"), library.join("antiphon/state"));
    make_folder(&users, 0o700);
    make_folder(&state, 0o700);
    make_folder(&library.join("antiphon/activity"), 0o750);
    // As it is installed.
    let configuration = include_str!("../../conf/antiphon.toml");
    write_new(
        &etc.join("antiphon/antiphon.toml"),
        0o644,
        configuration.as_bytes(),
    );
    let record = record();
    let bytes = SlotPair::decode(&[])
        .unwrap()
        .encode_file(&State::enrolled(&record, None))
        .unwrap();
    let text = record.to_toml();
    for name in names {
        let user = UserName::new(name).unwrap();
        write_new(&state.join(user.file_name("")), 0o600, &bytes);
        let text = text.expose().replacen(PERSON, name, 1);
        write_new(&users.join(user.file_name(".toml")), 0o600, text.as_bytes());
    }
}

/// What enrolment makes: a secret and ten recovery codes.
fn record() -> Record {
    let codes: Vec<RecoveryCode> = (0..CODES)
        .map(|number| RecoveryCode::new([u8::try_from(number).unwrap(); CODE_LENGTH]))
        .collect();
    let mut record = Record::new(&UserName::new(PERSON).unwrap());
    record.code = Some(secret());
    record.recovery = Some(hashes_of(&codes, [7; SALT_LENGTH]));
    record
}

fn write_new(path: &Path, mode: u32, bytes: &[u8]) {
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .and_then(|mut file| file.write_all(bytes))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
