//! Codes on their way to telephones: the real daemon, and gateways that speak their vendors' published APIs.

mod ceilings;
mod command;
mod elks;
mod faults;
mod secrets;
mod sign_in;
mod template;
mod twilio;

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};

use antiphon_core::record::TelephoneUse;
use antiphon_core::wire::{Deliver, FromDaemon, ToDaemon, Undelivered};
use antiphon_tests::World;
use nix::unistd::User;

use crate::Root;

const NUMBER: &str = "+46701234521";
const CODE: &str = "918273";
const TEXT: &str = "Din kod för att logga in på harbour är 918273. Ge den inte till någon.";

/// Roomy ceilings, for tests of something else.
const OPEN: &str =
    "[telephone]\nsms = true\ncall = true\nmost_in_ten_minutes = 50\nmost_a_day = 50\n";

fn deliver(by: TelephoneUse) -> Deliver {
    Deliver {
        user: "alice".into(),
        tel: NUMBER.into(),
        by,
        language: "sv".into(),
        code: CODE.into(),
        text: TEXT.into(),
    }
}

fn sms() -> Deliver {
    deliver(TelephoneUse::Sms)
}

fn call() -> Deliver {
    deliver(TelephoneUse::Call)
}

/// Hands it over as the module does, and gives what the daemon says at last.
fn send(deliver: Deliver) -> FromDaemon {
    let mut root = Root::say(&ToDaemon::Deliver(deliver));
    let said = root.hear().expect("an answer");
    assert_eq!(root.hear(), None, "the connection ends with the answer");
    said
}

fn taken() -> FromDaemon {
    FromDaemon::Delivered {}
}

fn not(reason: Undelivered) -> FromDaemon {
    FromDaemon::Undelivered { reason }
}

/// A file of the daemon's user alone.
fn private_file(world: &World, name: &str, text: &str) -> String {
    let path = world.folder().join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let user = User::from_name("antiphon").unwrap().unwrap();
    chown(&path, Some(user.uid.as_raw()), None).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Credentials as systemd hands them over.
fn credentials(world: &World, text: &str) -> (&'static str, String) {
    let folder = world.folder().join("credentials");
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    private_file(world, "credentials/gateway", text);
    ("CREDENTIALS_DIRECTORY", folder.to_str().unwrap().to_owned())
}
