//! A person with a record, and what the person would have at hand.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use antiphon_core::code::code_at;
use antiphon_core::disk::{Folder, record_file};
use antiphon_core::name::UserName;
use antiphon_core::record::{CodeSecret, Period, Record};
use antiphon_core::recovery::{CODES, RecoveryCode, SALT_LENGTH, hashes_of};
use antiphon_core::state::{SlotPair, State};
use antiphon_core::text::Language;
use antiphon_core::time::UnixTime;
use std::fs;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::thread::sleep;

/// Steps before and after the present one that [`Enrolled::wrong_code`] keeps clear of: the widest window there is,
/// and a test's length.
const CLEAR_OF: u64 = 24;

/// The same secret with steps of so many seconds.
pub fn with_period(code: &CodeSecret, seconds: u32) -> CodeSecret {
    let period = Period::new(seconds).unwrap();
    CodeSecret::new(
        code.secret().clone(),
        code.algorithm(),
        code.digits(),
        period,
    )
}

/// A person with a record.
pub struct Enrolled {
    /// Who.
    pub user: UserName,
    /// As it stands in the record.
    pub secret: CodeSecret,
    /// Ten recovery codes, as they are shown.
    pub recovery: Vec<String>,
    record: Record,
}

impl Enrolled {
    /// A record for `name`: a secret and recovery codes that are nobody else's, and the same in every run.
    pub(crate) fn new(name: &str) -> Self {
        let user = UserName::new(name).unwrap();
        let mut seed = name.bytes().cycle();
        let secret = CodeSecret::usual(std::array::from_fn(|_| seed.next().unwrap()));
        let codes: Vec<RecoveryCode> = (0..CODES)
            .map(|number| {
                let mut bytes = [0; antiphon_core::recovery::CODE_LENGTH];
                bytes.fill_with(|| seed.next().unwrap());
                bytes[0] = u8::try_from(number).unwrap();
                RecoveryCode::new(bytes)
            })
            .collect();
        let mut record = Record::new(&user);
        record.code = Some(secret.clone());
        record.recovery = Some(hashes_of(&codes, [7; SALT_LENGTH]));
        let recovery = codes.iter().map(|code| code.shown().to_string()).collect();
        Self {
            user,
            secret,
            recovery,
            record,
        }
    }

    /// Prompts in this language from now on.
    pub fn speak(&mut self, language: Language) {
        self.record.language = Some(language);
        self.store_record();
    }

    /// Codes that last for so many seconds from now on: with 300, no test meets the end of a step, of which half a minute is left
    /// at least.
    pub fn set_period(&mut self, seconds: u32) {
        const LEFT: u64 = 30;
        let period = u64::from(seconds);
        let left = period - now().0 % period;
        if left < LEFT && period > 2 * LEFT {
            sleep(Duration::from_secs(left));
        }
        self.secret = with_period(&self.secret, seconds);
        self.record.code = Some(self.secret.clone());
        self.store();
    }

    /// Changes the record, and writes it and a new state.
    pub fn change(&mut self, change: impl FnOnce(&mut Record)) {
        change(&mut self.record);
        self.store();
    }

    /// Writes a new state, then the record, as enrolment does.
    pub(crate) fn store(&self) {
        let state = State::enrolled(&self.record, None);
        let bytes = SlotPair::decode(&[]).unwrap().encode_file(&state).unwrap();
        let path = state_path(&self.user);
        let _ = fs::remove_file(&path);
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .unwrap();
        std::io::Write::write_all(&mut file, &bytes).unwrap();
        self.store_record();
    }

    fn store_record(&self) {
        let folder = Folder::open(Path::new(USERS)).unwrap();
        record_file::store(&folder, &self.user, &self.record).unwrap();
    }

    /// The code that the app shows now.
    #[must_use]
    pub fn code(&self) -> String {
        self.code_in(0)
    }

    /// The code that the app shows `steps` steps from now. With the usual window, the present and the next one can
    /// be used one after the other without a wait, whatever the moment.
    #[must_use]
    pub fn code_in(&self, steps: i64) -> String {
        let at = now()
            .0
            .checked_add_signed(steps * self.secret.period().get().cast_signed())
            .unwrap();
        code_at(&self.secret, UnixTime(at)).to_string()
    }

    /// Six digits that are no code of now, nor of any step nearby.
    #[must_use]
    pub fn wrong_code(&self) -> String {
        let period = self.secret.period().get();
        let first = UnixTime(now().0 - CLEAR_OF * period);
        let near: Vec<String> = (0..=2 * CLEAR_OF)
            .map(|step| code_at(&self.secret, first.plus(step * period)).to_string())
            .collect();
        (100_000_u32..1_000_000)
            .map(|code| code.to_string())
            .find(|code| !near.contains(code))
            .unwrap()
    }
}

pub(crate) const USERS: &str = "/etc/antiphon/users";
pub(crate) const STATES: &str = "/var/lib/antiphon/state";
pub(crate) const ACTIVITY: &str = "/var/lib/antiphon/activity";

/// Makes the folders, with owners and modes as the package does.
pub(crate) fn make_folders(daemon: u32) {
    for (path, mode) in [
        ("/var/lib/antiphon", 0o755),
        (USERS, 0o700),
        (STATES, 0o700),
        (ACTIVITY, 0o750),
    ] {
        fs::create_dir_all(path).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    std::os::unix::fs::chown(ACTIVITY, Some(0), Some(daemon)).unwrap();
}

/// Where this person's state stands.
pub(crate) fn state_path(user: &UserName) -> String {
    format!("{STATES}/{}", user.file_name(""))
}

pub(crate) fn now() -> UnixTime {
    UnixTime(
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs(),
    )
}
