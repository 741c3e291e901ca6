//! Enrolment at the sign-in, by the real programs.

mod files;
mod interrupted;
mod number;
mod pictures;
mod restarted;
mod rules;
mod ssh;
mod terminals;
mod two;
mod under_the_lock;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use antiphon_core::code::code_at;
use antiphon_core::disk::pending_file::{self, PendingFile};
use antiphon_core::disk::{Holder, Patience};
use antiphon_core::name::UserName;
use antiphon_core::pending::{Beginning, SECRET_BYTES, Sitting};
use antiphon_core::record::CodeSecret;
use antiphon_core::time::UnixTime;
use antiphon_tests::{PamHost, Sshd, Terminal, World, scanned};
use zeroize::Zeroizing;

/// The configuration under which people enrol.
pub(crate) const OPEN: &str = "unenrolled = \"enroll\"\n";
/// The same for programs that ask for no password before us.
pub(crate) const OPEN_TO_SCRIPTS: &str = "unenrolled = \"enroll\"\nfirst_factor = \"optional\"\n";
/// Asks whether squares are seen.
pub(crate) const SQUARES: &str = "If you see something else, type no: ";
/// Asks for a code of what was begun before.
const GO_ON: &str = "(Enter alone begins again): ";
/// Asks for the code.
const CONFIRM: &str = "(Enter shows it again): ";
/// Asks for Enter below the recovery codes.
pub(crate) const WRITTEN: &str = "Press Enter when you have written them down: ";
/// Where unfinished ones lie.
pub(crate) const PENDING: &str = "/var/lib/antiphon/pending";

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
pub(crate) fn scanned_on(world: &World, shown: &str) -> String {
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
pub(crate) fn at_the_code(world: &World, sshd: &Sshd, name: &str) -> (Terminal, CodeSecret) {
    let mut terminal = sshd.after_password(world, name, "echo arrived");
    terminal.answer(SQUARES, "").expect(CONFIRM);
    let secret = secret_on(&terminal.shown());
    (terminal, secret)
}

/// Files in the folder of unfinished ones.
pub(crate) fn pending() -> Vec<PathBuf> {
    fs::read_dir(PENDING)
        .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
        .unwrap_or_default()
}

fn has_record(world: &World, name: &str) -> bool {
    world.record_path(name).exists()
}

/// Waits for no lock.
struct Never;

impl Patience for Never {
    fn pause(&mut self) -> Option<std::time::Duration> {
        None
    }

    fn ended(&mut self, _: &Holder) {}
}

/// Puts the unfinished enrolment of `name` there, begun at 198.51.100.7, so that a script can go on with it.
fn begun(name: &str, seconds_ago: u64) -> CodeSecret {
    let secret = [7; SECRET_BYTES];
    let user = UserName::new(name).unwrap();
    let folder = pending_file::folder(Path::new(PENDING)).unwrap();
    let _ = fs::remove_file(Path::new(PENDING).join(name));
    let file = PendingFile {
        folder: &folder,
        sitting: Sitting {
            user: &user,
            from: "198.51.100.7",
            id: [9; 16],
        },
        clock: &|| Ok(UnixTime(now().0 - seconds_ago)),
    };
    let beginning = file.begin(Zeroizing::new(secret), None, &mut Never);
    assert_eq!(beginning.unwrap(), Beginning::Begun);
    CodeSecret::usual(secret)
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

/// A script that goes on with what was begun, and through all of it.
fn script(host: PamHost, code: &CodeSecret) -> PamHost {
    host.answer(code_in(code, 0)).answer("")
}

/// Alice signs in by ssh from `address` with the password.
fn from(world: &World, sshd: &Sshd, address: &str) -> Terminal {
    sshd.after_password_from(world, address, "alice", "echo arrived")
}

/// Types the code that confirms, says that the recovery codes are written down, and is in.
#[track_caller]
fn finish(mut terminal: Terminal, code: &str) {
    terminal.send_line(code).answer(WRITTEN, "");
    terminal.arrive("arrived");
}

/// As if nobody had enrolled.
fn forget(world: &World) {
    fs::remove_file(world.record_path("alice")).unwrap();
    fs::remove_file(world.state_path("alice")).unwrap();
}

/// Begins again at the question whether to go on, up to the QR code.
fn begin_again(terminal: &mut Terminal) -> CodeSecret {
    terminal
        .answer(GO_ON, "")
        .answer(SQUARES, "")
        .expect(CONFIRM);
    secret_on(&terminal.shown())
}

/// A code of no step near the present.
fn wrong_code(secret: &CodeSecret) -> String {
    let right: Vec<String> = (-15..15).map(|steps| code_in(secret, steps)).collect();
    (100_000..1_000_000)
        .map(|code| code.to_string())
        .find(|code| !right.contains(code))
        .unwrap()
}

/// The module's lines, as far as they are of enrolments that are not finished.
fn steps(world: &World) -> Vec<String> {
    world.log().texts("enrolment=")
}

/// Writes a record by hand.
fn write_record(world: &World, name: &str, rest: &str) {
    let text = format!("version = 1\nuser = \"{name}\"\n{rest}");
    write_secret(&world.record_path(name), text.as_bytes());
}

/// A telephone number, as root writes it down before anything else is known of a person.
const NUMBER: &str = "\n[[number]]\ntel = \"+46701234521\"\nuses = [\"sms\"]\n";
