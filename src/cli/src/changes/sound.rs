//! Whether what comes out of a merge may take a file's place: lines fit together, and still mean something else than they
//! did to whoever has written them.

use std::path::Path;

use antiphon_core::config::Config;
use antiphon_core::document;

use super::bytes::Bytes;
use super::open::Changed;
use crate::doctor::{self, File, Folder, Service, Verdict};

const PAM: &str = "/etc/pam.d";
/// What pam-auth-update remembers.
const NOTES: &str = "/var/lib/pam";

/// Whether `merged` may take the place of `file`, which is as `now`.
pub(super) fn is_sound(file: &Changed, now: &Bytes, merged: &Bytes) -> bool {
    let folder = file.path.parent();
    if folder == Some(Path::new(PAM)) {
        is_sound_stack(file, now, merged, &doctor::read_pam())
    } else {
        folder == Some(Path::new(NOTES)) || is_sound_configuration(file, now, merged)
    }
}

/// Whether it can be used, and each key of theirs is in the table where it was.
fn is_sound_configuration(file: &Changed, now: &Bytes, merged: &Bytes) -> bool {
    let (Some(before), Some(after)) = (&file.before, &file.after) else {
        return false;
    };
    let [Ok(before), Ok(after), Ok(now), Ok(merged)] =
        [before, after, now, merged].map(|bytes| std::str::from_utf8(&bytes.0))
    else {
        return false;
    };
    Config::parse(merged).is_ok() && document::is_undone(before, after, now, merged)
}

/// Whether no line that skips others was written meanwhile, which counts ours, and nothing is worse than now.
fn is_sound_stack(file: &Changed, now: &Bytes, merged: &Bytes, folder: &Folder) -> bool {
    let path = file.path.display().to_string();
    let (Some(after), Some(name)) = (&file.after, file.path.file_name()) else {
        return false;
    };
    let seen = |bytes: &Bytes| File::new(&path, String::from_utf8_lossy(&bytes.0));
    if seen(after).jumps() != seen(now).jumps() {
        return false;
    }
    let with = |bytes: &Bytes| {
        let mut folder = folder.clone();
        let name = name.to_string_lossy().into_owned();
        folder.files.insert(name, seen(bytes));
        doctor::services(&folder)
    };
    let (services, then) = (with(now), with(merged));
    services.len() == then.len()
        && services
            .iter()
            .zip(&then)
            .all(|(now, then)| now.name == then.name && is_no_worse(now, then))
}

/// As `antiphon enable` and `antiphon disable` judge.
fn is_no_worse(now: &Service, then: &Service) -> bool {
    let is_open = |service: &Service| !service.has_ours() && !service.has_first_factor();
    let is_new = |wrong: &dyn Fn(&Service) -> bool| wrong(then) && !wrong(now);
    let verdicts = [
        Verdict::CanBeJumpedOver,
        Verdict::LocksOut,
        Verdict::NotKnown,
    ];
    let is_worse = verdicts.contains(&then.verdict) && then.verdict != now.verdict
        || then.ways.beyond.len() > now.ways.beyond.len()
        || is_new(&|service| service.ways.instead)
        || is_new(&|service| !service.ways.twice.is_empty())
        || is_new(&is_open);
    !is_worse
}

#[cfg(test)]
mod tests {
    use super::{is_sound_configuration, is_sound_stack};
    use crate::changes::{Bytes, Changed};
    use crate::doctor::{File, Folder};

    const OURS: &str = "auth required pam_antiphon.so\n";
    const UNIX: &str = "auth required pam_unix.so\n";
    const ENV: &str = "auth required pam_env.so\n";

    fn bytes(text: &str) -> Bytes {
        Bytes(text.as_bytes().to_vec())
    }

    fn changed(path: &str, before: &str, after: &str) -> Changed {
        Changed {
            path: path.into(),
            before: Some(bytes(before)),
            after: Some(bytes(after)),
        }
    }

    fn is_stack(now: &str, merged: &str) -> bool {
        let file = changed(
            "/etc/pam.d/x",
            &format!("{UNIX}{ENV}"),
            &format!("{UNIX}{ENV}{OURS}"),
        );
        let modules = [
            "pam_antiphon.so",
            "pam_unix.so",
            "pam_env.so",
            "pam_permit.so",
        ];
        let folder = Folder {
            files: [("x".to_owned(), File::new("/etc/pam.d/x", now))].into(),
            modules: modules.map(str::to_owned).into(),
            ..Folder::default()
        };
        is_sound_stack(&file, &bytes(now), &bytes(merged), &folder)
    }

    #[test]
    fn a_stack_is_merged_only_if_nothing_in_it_is_worse_and_no_jump_was_written() {
        for (theirs, is_sound) in [
            (format!("# mine\n{UNIX}{ENV}"), true),
            (format!("{ENV}{UNIX}{ENV}"), true),
            // Past the end without ours, or somewhere else than it was meant to.
            (
                format!("auth [success=2 default=ignore] pam_unix.so\n{ENV}"),
                false,
            ),
            (format!("auth [default=1] pam_env.so\n{UNIX}{ENV}"), false),
            // Ours was all that asked.
            (format!("auth required pam_permit.so\n{ENV}"), false),
        ] {
            let now = format!("{theirs}{OURS}");
            assert_eq!(is_stack(&now, &theirs), is_sound, "{theirs}");
        }
        // Ours comes back behind a line of theirs that leads past it.
        let theirs = format!("auth sufficient pam_unix.so\n{ENV}");
        assert!(!is_stack(&theirs, &format!("{theirs}{OURS}")));
    }

    #[test]
    fn a_configuration_is_merged_only_if_it_can_be_used_and_each_key_is_in_its_table() {
        let before = "mode = \"enforce\"\n[exempt]\nservices = [\"cron\"]\n";
        let after = format!("{before}# a\n[enroll]\n");
        let file = changed("/etc/antiphon/antiphon.toml", before, &after);
        let sound =
            |now: &str, merged: &str| is_sound_configuration(&file, &bytes(now), &bytes(merged));
        let theirs = "groups = [\"staff\"]\n";
        // The key would let a group in that was to be enrolled.
        assert!(!sound(
            &format!("{after}# b\n{theirs}"),
            &format!("{before}# b\n{theirs}")
        ));
        let language = "language = \"sv\"\n";
        assert!(sound(
            &format!("{language}{after}"),
            &format!("{language}{before}")
        ));
        assert!(!sound(
            &format!("x = 1\n{after}"),
            &format!("x = 1\n{before}")
        ));
    }
}
