mod edits;
mod judged;
mod kept;
mod locks;
mod removals;
mod taken_back;
mod undone;
mod words;

use std::fs;

use super::{Changed, Editing, PersonFiles, Unwritten};
use crate::approval::passkey::{Passkey, Saying};
use crate::approval::{VerifiedPasskey, verify};
use crate::disk::contest::{AtOnce, Patience};
use crate::disk::fixture::{Content, Host, MOMENT, NOW};
use crate::disk::{pending_file, summary_file};
use crate::pending::{Beginning, Sitting};
use crate::person::{By, Edit, NewCode, NewPhone};
use crate::record::{CodeSecret, Phone, Record, RecoveryHashes};
use crate::recovery::{RecoveryCode, hashes_of};
use crate::summary::Summary;
use crate::time::Moment;
use crate::trouble::Trouble;

const ROOT: By = By::Root { insists: false };

#[expect(clippy::unnecessary_wraps, reason = "as it is handed in")]
fn now() -> Result<Moment, Trouble> {
    Ok(MOMENT)
}

fn at_once<'a>() -> Box<dyn Patience + 'a> {
    Box::new(AtOnce)
}

fn editing(host: &Host, by: By) -> Editing<'_> {
    Editing {
        user: &host.alice,
        config: &host.config,
        by,
        moment: &now,
        patience: &at_once,
    }
}

fn change(host: &Host, edit: Edit<'_>) -> Result<Changed, Unwritten> {
    change_by(host, ROOT, edit)
}

fn change_by(host: &Host, by: By, edit: Edit<'_>) -> Result<Changed, Unwritten> {
    PersonFiles::open(editing(host, by))?.change(edit)
}

/// What can be enrolled: each of a kind that alice has not.
struct Drawn {
    code: CodeSecret,
    recovery: RecoveryHashes,
    phone: Phone,
    trial: VerifiedPasskey,
}

impl Drawn {
    fn new() -> Self {
        let passkey = Passkey::new();
        let challenge = [9; 32];
        let saying = Saying {
            counter: 5,
            ..Saying::to(&challenge)
        };
        let phone = passkey.phone();
        let trial = verify(&passkey.says(&saying), &phone, &challenge, 0).unwrap();
        Self {
            code: CodeSecret::usual([8; 20]),
            recovery: some_recovery(3),
            phone,
            trial,
        }
    }

    fn code(&self) -> NewCode<'_> {
        NewCode {
            code: &self.code,
            recovery: &self.recovery,
            confirmed: Some(59_845_920),
            language: None,
        }
    }

    fn phone(&self) -> NewPhone<'_> {
        NewPhone {
            phone: &self.phone,
            trial: &self.trial,
            recovery: Some(&self.recovery),
            language: None,
        }
    }
}

/// So many recovery codes that nobody else has.
fn some_recovery(codes: u8) -> RecoveryHashes {
    let codes: Vec<RecoveryCode> = (0..codes)
        .map(|byte| RecoveryCode::new([byte; 10]))
        .collect();
    hashes_of(&codes, [9; 16])
}

/// All the bytes of alice's record and state; `None` for what is not there.
fn files(host: &Host) -> [Option<Content>; 2] {
    [host.record_path(), host.state_path()].map(|path| fs::read(path).ok().map(Content))
}

fn record_on_file(host: &Host) -> Option<Record> {
    let text = fs::read_to_string(host.record_path()).ok()?;
    Some(Record::parse(&text, &host.alice).unwrap())
}

fn text_of(record: &Record) -> String {
    record.to_toml().expose().to_owned()
}

fn summary(host: &Host) -> Option<Summary> {
    summary_file::load(&host.activity, &host.alice).unwrap()
}

/// Alice has begun to enrol at a sign-in.
fn begin(host: &Host) {
    let folder = pending_file::folder(&host.config.paths.pending).unwrap();
    let file = pending_file::PendingFile {
        folder: &folder,
        sitting: Sitting {
            user: &host.alice,
            from: "203.0.113.5",
            id: [1; 16],
        },
        clock: &|| Ok(NOW),
    };
    let begun = file.begin([7; 20].into(), None, &mut AtOnce).unwrap();
    assert_eq!(begun, Beginning::Begun);
}

fn has_begun(host: &Host) -> bool {
    host.config.paths.pending.join("alice").exists()
}
