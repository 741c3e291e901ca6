//! The page's certificate and key: whether the daemon can read them and phones accept them.

use std::ffi::CString;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use antiphon_certificate::{Certificate, Finding};
use antiphon_core::shell;
use antiphon_link::DAEMON;
use nix::unistd::{User, getegid, geteuid, getgrouplist, getgroups, setfsgid, setfsuid, setgroups};

use crate::clock;
use crate::house::House;

/// A finding.
pub(crate) struct Found {
    /// What is wrong, where, and the fix.
    pub(crate) says: String,
    /// Whether the page cannot be served, or phones refuse it.
    pub(crate) is_refused: bool,
}

/// Checks the files that the daemon serves the page with, if it serves TLS.
pub(crate) fn look(house: &House) -> Vec<Found> {
    let page = &house.config.page;
    let Some(files) = &page.tls else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let shown = files.certificate.display();
    match Certificate::load(&files.certificate) {
        Err(why) => found.push(Found {
            says: format!("{shown}: {why}; correct certificate in [page]"),
            is_refused: true,
        }),
        Ok(certificate) => {
            let host = page.answering_host(|host| certificate.is_for(host));
            let finding = certificate.finding(host, clock::now());
            found.extend(finding.map(|finding| Found {
                says: format!(
                    "{shown}: {finding}; run: {}",
                    fix(&finding, &files.certificate)
                ),
                is_refused: finding.is_refused(),
            }));
        }
    }
    for path in [&files.certificate, &files.key] {
        found.extend(unreadable(path));
    }
    if files
        .key
        .metadata()
        .is_ok_and(|key| key.mode() & 0o007 != 0)
    {
        let key = files.key.display();
        found.push(Found {
            says: format!("{key}: everybody can read this key; run: chmod o= {key}"),
            is_refused: false,
        });
    }
    found
}

/// certbot keeps a folder for each certificate, and renews it by that name. For others, the command shows the issuer.
fn fix(finding: &Finding, path: &Path) -> String {
    let name = path
        .strip_prefix("/etc/letsencrypt/live")
        .ok()
        .and_then(|path| path.parent())
        .filter(|name| !name.as_os_str().is_empty())
        .map(shell::word);
    let certificate = shell::word(path);
    match (finding, name) {
        (Finding::Expired(_) | Finding::Ends(_), Some(name)) => {
            format!("certbot renew --force-renewal --cert-name {name}")
        }
        (Finding::NotYet(_), _) => "timedatectl set-ntp true".to_owned(),
        (Finding::Expired(_) | Finding::Ends(_) | Finding::OtherName(_), _) => {
            format!("openssl x509 -noout -issuer -enddate -ext subjectAltName -in {certificate}")
        }
    }
}

fn unreadable(path: &Path) -> Option<Found> {
    let error = open_as_daemon(path)?.err()?;
    let shown = path.display();
    let fix = match error.kind() {
        io::ErrorKind::PermissionDenied => format!(
            "let the group {DAEMON} enter the folders above it (chmod g+x), and run: chgrp {DAEMON} {shown} && chmod g+r \
             {shown}"
        ),
        _ => "correct certificate and key in [page]".to_owned(),
    };
    Some(Found {
        says: format!("{shown}: the daemon cannot read it ({error}); {fix}"),
        is_refused: true,
    })
}

/// Opens a file with the daemon's permissions, as the kernel sees them; `None` if there is no such user or we may not.
fn open_as_daemon(path: &Path) -> Option<io::Result<File>> {
    let daemon = User::from_name(DAEMON).ok().flatten()?;
    let name = CString::new(daemon.name).ok()?;
    let theirs = getgrouplist(&name, daemon.gid).ok()?;
    let own = getgroups().ok()?;
    // Safe because this program is single-threaded and restores root's credentials before it opens anything else.
    setgroups(&theirs).ok()?;
    setfsgid(daemon.gid);
    setfsuid(daemon.uid);
    let opened = File::open(path);
    setfsuid(geteuid());
    setfsgid(getegid());
    setgroups(&own).ok()?;
    Some(opened)
}
