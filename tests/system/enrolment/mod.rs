//! Enrolment at the sign-in, by the real programs.

mod files;
mod interrupted;
mod number;
mod pictures;
mod rules;
mod ssh;
mod terminals;
mod two;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use antiphon_core::code::code_at;
use antiphon_core::draft::{DRAFT_BYTES, Draft};
use antiphon_core::name::UserName;
use antiphon_core::pending::{Pending, Sitting};
use antiphon_core::record::CodeSecret;
use antiphon_core::time::UnixTime;
use antiphon_tests::{PASSWORD, PamHost, Sshd, Terminal, World, scanned};
use zeroize::Zeroizing;

use crate::prompts::PASSWORD_PROMPT;

/// The configuration under which people enrol.
const OPEN: &str = "unenrolled = \"enroll\"\n";
/// The same for programs that ask for no password before us.
const OPEN_TO_SCRIPTS: &str = "unenrolled = \"enroll\"\nfirst_factor = \"optional\"\n";
/// Asks whether squares are seen.
const SQUARES: &str = "If you see something else, type no: ";
/// Asks for the code.
const CONFIRM: &str = "(Enter alone shows all this again): ";
/// Asks for Enter below the recovery codes.
const WRITTEN: &str = "Press Enter when you have written them down: ";
/// Where unfinished ones lie.
const PENDING: &str = "/var/lib/antiphon/pending";

/// The secret in an `otpauth:` address.
fn secret_in(address: &str) -> CodeSecret {
    let (_, rest) = address.split_once("secret=").expect(address);
    let base32 = rest.split('&').next().unwrap();
    let bytes = data_encoding::BASE32_NOPAD
        .decode(base32.as_bytes())
        .unwrap();
    CodeSecret::usual(bytes.try_into().unwrap())
}

/// The secret that a screen shows last, by its link.
pub(crate) fn secret_on(shown: &str) -> CodeSecret {
    let (_, rest) = shown.rsplit_once("Link: ").expect(shown);
    secret_in(rest.lines().next().unwrap())
}

/// What a scanner reads in the QR code that a screen shows last.
fn scanned_on(world: &World, shown: &str) -> String {
    let (_, picture) = shown.rsplit_once("Link: ").expect(shown);
    scanned(world, picture, true)
}

/// The code of `steps` steps from now.
pub(crate) fn code_in(secret: &CodeSecret, steps: i64) -> String {
    let at = now().0.checked_add_signed(steps * 30).unwrap();
    code_at(secret, UnixTime(at)).to_string()
}

fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    UnixTime(since.as_secs())
}

/// What looks like a recovery code, in order.
pub(crate) fn recovery_on(shown: &str) -> Vec<String> {
    let is_one = |word: &&str| {
        word.len() == 19
            && word.split('-').count() == 4
            && word.split('-').all(|part| part.len() == 4)
    };
    shown
        .split_whitespace()
        .filter(is_one)
        .map(str::to_owned)
        .collect()
}

/// Signs in by ssh with the password, up to the QR code.
fn at_the_code(world: &World, sshd: &Sshd, name: &str) -> (Terminal, CodeSecret) {
    let mut terminal = sshd.sign_in(world, name, "echo arrived");
    terminal
        .answer(PASSWORD_PROMPT, PASSWORD)
        .answer(SQUARES, "")
        .expect(CONFIRM);
    let secret = secret_on(&terminal.shown());
    (terminal, secret)
}

/// Files in the folder of unfinished ones.
fn pending() -> Vec<PathBuf> {
    fs::read_dir(PENDING)
        .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
        .unwrap_or_default()
}

fn has_record(world: &World, name: &str) -> bool {
    world.record_path(name).exists()
}

/// Puts the unfinished enrolment of `name` there that a script of [`PamHost::new`] goes on with, so that it can know the
/// secret.
fn begun(name: &str, seconds_ago: u64) -> Draft {
    let random = Zeroizing::new([7; DRAFT_BYTES]);
    let draft = Draft::new(&random);
    let pending = Pending::new(random, UnixTime(now().0 - seconds_ago));
    let user = UserName::new(name).unwrap();
    let bytes = pending.encode(Sitting {
        user: &user,
        service: "antiphon-alone",
        origin: "",
        caller: "root",
    });
    write_secret(&Path::new(PENDING).join(name), &bytes);
    draft
}

fn write_secret(path: &Path, bytes: &[u8]) {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    let folder = path.parent().unwrap();
    if !folder.exists() {
        fs::DirBuilder::new().mode(0o700).create(folder).unwrap();
    }
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// A script that goes through all of it with the code of `draft`.
fn script(host: PamHost, draft: &Draft) -> PamHost {
    host.answer(code_in(&draft.code, 0)).answer("")
}

/// Writes a record by hand.
fn write_record(world: &World, name: &str, rest: &str) {
    let text = format!("version = 1\nuser = \"{name}\"\n{rest}");
    write_secret(&world.record_path(name), text.as_bytes());
}

/// A telephone number, as root writes it down before anything else is known of a person.
const NUMBER: &str = "\n[[number]]\ntel = \"+46701234521\"\nuses = [\"sms\"]\n";
