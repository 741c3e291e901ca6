//! Broken hosts: each differs from a sound one in one thing, which must be found, with a fix. If files are to blame, the
//! fix is run by a shell, and then nothing may be found any more.

mod chance;
mod host;
mod others;
mod pam;
mod sshd;

use std::fs;
use std::path::Path;

use antiphon_core::config::Config;

use super::host::Host;
use super::look;
use super::pam::{File, Verdict, off, on, services};
use crate::finding::{Finding, Findings, Severity};
use crate::scratch::Scratch;

/// A broken host.
pub(super) struct Broken {
    /// What is wrong with it.
    pub(super) what: &'static str,
    pub(super) damage: fn(&mut Host),
    /// The service that suffers, and how; empty if none does.
    pub(super) service: &'static str,
    pub(super) verdict: Verdict,
    pub(super) severity: Severity,
    /// A part of the finding.
    pub(super) says: &'static str,
    /// A part of the fix.
    pub(super) fix: &'static str,
    pub(super) then: Then,
}

/// What comes of the fix.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// It is carried out: this finding is gone, and the service asks.
    Asks,
    /// It is not of files, or for an editor.
    NotTried,
}

/// Holds that each is found, and fixed.
pub(super) fn hold(hosts: &[Broken]) {
    for broken in hosts {
        let mut host = host::sound();
        (broken.damage)(&mut host);
        let what = broken.what;
        let seen = Seen::of(&host, broken);
        let found = seen
            .found
            .as_ref()
            .unwrap_or_else(|| panic!("{what}: not found among {:#?}", seen.all));
        assert_eq!(found.severity, broken.severity, "{what}: {found:#?}");
        let fix = found.fix.as_deref().unwrap_or_default();
        assert!(fix.contains(broken.fix), "{what}: {fix}");
        if !broken.service.is_empty() {
            assert_eq!(
                seen.verdict,
                Some(broken.verdict),
                "{what}: {:#?}",
                seen.all
            );
        }
        if broken.then == Then::NotTried {
            continue;
        }
        let fixed = carried_out(&host, fix);
        let after = Seen::of(&fixed, broken);
        assert_eq!(after.found, None, "{what}, after: {fix}");
        assert_eq!(
            after.verdict,
            Some(Verdict::Asks),
            "{what}, after: {fix}: {:#?}",
            after.all
        );
        let faults = |seen: &Seen| {
            let faults = seen.all.iter();
            faults
                .filter(|found| found.severity == Severity::Fault)
                .count()
        };
        assert!(
            faults(&after) <= faults(&seen),
            "{what}, after: {fix}: {:#?}",
            after.all
        );
    }
}

/// What was seen of a host.
struct Seen {
    all: Vec<Finding>,
    found: Option<Finding>,
    verdict: Option<Verdict>,
}

impl Seen {
    fn of(host: &Host, broken: &Broken) -> Self {
        let mut findings = Findings::default();
        let services = look(host, &mut findings);
        let all = findings.into_list();
        Self {
            found: all
                .iter()
                .find(|found| found.says.contains(broken.says))
                .cloned(),
            verdict: services
                .iter()
                .find(|service| service.name == broken.service)
                .map(|service| service.verdict),
            all,
        }
    }
}

/// The host after somebody has typed a command, with its files in a folder of our own; or what our own command makes of them.
fn carried_out(host: &Host, command: &str) -> Host {
    let words: Vec<&str> = command.split(' ').collect();
    if let ["antiphon", word @ ("enable" | "disable"), name] = words[..] {
        let services = services(&host.folder);
        let service = services.iter().find(|service| service.name == name);
        let edits = match word {
            "enable" => on(service.unwrap(), &services, &host.folder).unwrap(),
            _ => off(service.unwrap(), &host.folder).unwrap(),
        };
        return Host {
            folder: host.folder.with(&edits),
            ..host.clone()
        };
    }
    let scratch = Scratch::new();
    let moved = |path: &str| format!("{}{path}", scratch.path().display());
    let write = |path: &str, text: &str| {
        let path = moved(path);
        fs::create_dir_all(Path::new(&path).parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    for file in host.folder.files.values() {
        write(&file.path, file.text());
    }
    for (path, text) in host.sshd.iter().flat_map(|facts| &facts.files) {
        write(path, text);
    }
    fs::create_dir_all(moved("/etc/ssh/sshd_config.d")).unwrap();
    write(
        &host.settings.path.display().to_string(),
        &host.settings.text,
    );
    // Of programs, only what they are told is of interest here.
    let programs = "sshd() { :; }; systemctl() { :; };";
    let command = command.replace("/etc/", &moved("/etc/"));
    scratch.run(&format!("{programs} {command}"));
    let mut fixed = host.clone();
    for file in fixed.folder.files.values_mut() {
        let text = fs::read_to_string(moved(&file.path)).unwrap();
        *file = File::new(&file.path, text);
    }
    if let Some(facts) = &mut fixed.sshd {
        let drop_ins = Path::new(&moved("/etc/ssh/sshd_config.d"))
            .read_dir()
            .unwrap();
        let names = drop_ins.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let paths = names.map(|name| format!("/etc/ssh/sshd_config.d/{name}"));
        let paths: Vec<String> = paths.chain(facts.files.keys().cloned()).collect();
        for path in paths {
            let text = fs::read_to_string(moved(&path)).unwrap();
            facts.files.insert(path, text);
        }
    }
    let settings = moved(&host.settings.path.display().to_string());
    fixed.settings.text = fs::read_to_string(settings).unwrap();
    fixed.config = Config::parse(&fixed.settings.text).ok();
    fixed
}

#[test]
fn nothing_is_found_on_a_sound_host() {
    let mut findings = Findings::default();
    let services = look(&host::sound(), &mut findings);
    assert!(findings.iter().next().is_none(), "{findings:#?}");
    let verdicts = services
        .iter()
        .map(|service| (service.name.as_str(), service.verdict));
    assert_eq!(
        verdicts.collect::<Vec<_>>(),
        [
            ("cron", Verdict::DoesNotAsk),
            ("login", Verdict::Asks),
            ("passwd", Verdict::DoesNotAsk),
            ("sshd", Verdict::Asks),
            ("su", Verdict::Asks),
            ("su-l", Verdict::Asks),
            ("sudo", Verdict::Asks),
            ("sudo-i", Verdict::Asks),
            ("vlock", Verdict::DoesNotAsk),
        ]
    );
}

#[test]
fn at_least_forty_broken_hosts_are_held() {
    let count = pam::hosts().len() + sshd::hosts().len() + others::hosts().len();
    assert!(count >= 40, "{count}");
}
