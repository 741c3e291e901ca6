//! Parts of the configuration that the system does not know, and people whom it would keep out.

use std::path::Path;

use antiphon_core::config::{Enroll, FirstFactor, Membership, Mode, Rollout, Unenrolled};
use antiphon_core::disk::record_file;
use antiphon_core::record::Record;
use antiphon_core::shell;
use antiphon_core::way::ways;
use antiphon_link::memberships;
use nix::unistd::{Group, User};

use crate::caller::Caller;
use crate::clock;
use crate::finding::Findings;
use crate::house::House;
use crate::person;
use crate::rollout;
use crate::setting::{Key, Settings};

/// Where PAM looks for services: the administrator's files and those of packages.
pub(crate) const PAM_FOLDERS: [&str; 3] = ["/etc/pam.d", "/usr/lib/pam.d", "/usr/share/pam.d"];

pub(super) fn look(house: &House, named: Option<&Path>, findings: &mut Findings) {
    let settings = Settings::read(named);
    for group in &house.config.exempt.groups {
        if matches!(Group::from_name(group), Ok(None)) {
            findings.warning(format_args!(
                "exempt.groups: there is no group {group}; take it out, or run: groupadd {}",
                shell::word(group)
            ));
        }
    }
    look_at_enrolment(house, &settings, findings);
    if house.config.mode == Mode::Observe {
        let fix = settings.set(top("mode"), "\"enforce\"");
        findings.warning(format_args!(
            "mode = \"observe\": nobody is asked for a second factor; when the log looks right, run: {fix}"
        ));
    }
    if house.config.mode == Mode::Rehearse {
        let fix = settings.set(top("mode"), "\"enforce-after-success\"");
        findings.warning(format_args!(
            "mode = \"rehearse\": people are asked for a second factor and let in whatever they answer; when most answer \
             right, run: {fix}"
        ));
    }
    look_at_services(house, &settings, findings);
    for name in not_enrolled_though_needed(house) {
        findings.warning(format_args!(
            "{name} has no second factor: where one is asked for, {name}'s sign-ins are refused; run: antiphon enroll {}",
            shell::word(&name)
        ));
    }
}

/// A key above all tables.
fn top(name: &str) -> Key<'_> {
    Key { table: "", name }
}

/// Reports sections that restrict nothing, and essential people whom a service's methods would keep out.
fn look_at_services(house: &House, settings: &Settings, findings: &mut Findings) {
    let methods_of = |service: &str| {
        let table = format!("service.{service}");
        settings.open(Key {
            table: &table,
            name: "methods",
        })
    };
    for service in house.config.services.named() {
        let is_there = PAM_FOLDERS
            .iter()
            .any(|folder| Path::new(folder).join(service).exists());
        if !is_there {
            findings.warning(format_args!(
                "service.{service}: there is no /etc/pam.d/{service}, so that this restricts nothing; look there for the \
                 name that is meant, and run: {}",
                methods_of(service)
            ));
        }
    }
    let Ok(Some(users)) = house.users() else {
        return;
    };
    for service in house.config.services.named() {
        for name in needed() {
            let record = person::canonical(&name)
                .ok()
                .and_then(|user| record_file::load(&users, &user).ok().flatten())
                .filter(Record::is_enrolled);
            if record.is_some_and(|record| ways(&record, &house.config, service).is_empty()) {
                findings.warning(format_args!(
                    "service.{service}.methods leaves {name} no way to sign in there; add one that {name} has (antiphon \
                     status {}); run: {}",
                    shell::word(&name),
                    methods_of(service)
                ));
            }
        }
    }
}

/// Reports what keeps people from enrolling at the sign-in although that is wanted.
fn look_at_enrolment(house: &House, settings: &Settings, findings: &mut Findings) {
    let rules = &house.config.enroll;
    // A later date of a rollout may need them.
    let may_enrol = |rollout: &Rollout| rollout.enroll_from.is_some();
    if house.config.unenrolled != Unenrolled::Enroll && !house.config.rollout.iter().any(may_enrol)
    {
        if *rules != Enroll::default() {
            let fix = settings.set(top("unenrolled"), "\"enroll\"");
            findings.warning(format_args!(
                "[enroll] does nothing; to let people enrol at the sign-in, run: {fix}"
            ));
        }
        return;
    }
    if house.config.first_factor == FirstFactor::Optional {
        let fix = settings.set(top("first_factor"), "\"required\"");
        findings.warning(format_args!(
            "unenrolled = \"enroll\" with first_factor = \"optional\": wherever nothing asks for a password before our \
             line, but for sshd, anybody enrols as anybody and is then in; run: {fix}"
        ));
    }
    for group in &rules.groups {
        if matches!(Group::from_name(group), Ok(None)) {
            findings.warning(format_args!(
                "enroll.groups: there is no group {group}; take it out, or run: groupadd {}",
                shell::word(group)
            ));
        }
    }
    if rules.until.is_some_and(|until| clock::now() >= until) {
        let fix = settings.set(top("unenrolled"), "\"deny\"");
        findings.warning(format_args!(
            "enroll.until is past: nobody enrols at the sign-in any more; set a later date, or run: {fix}"
        ));
    }
}

/// Root and the caller of sudo, as far as they would be kept out: whoever fixes problems must be able to sign in.
pub(crate) fn not_enrolled_though_needed(house: &House) -> Vec<String> {
    needed()
        .filter(|name| {
            is_kept_out(name, house) && !is_enrolled(name, house) && !is_exempt(name, house)
        })
        .collect()
}

/// Root and the caller of sudo, by their canonical names if the system knows them.
fn needed() -> impl Iterator<Item = String> {
    let canonical = |name: String| person::canonical(&name).map_or(name, |user| user.to_string());
    [Some("root".to_owned()), Caller::of_process().sudo_user]
        .into_iter()
        .flatten()
        .map(canonical)
}

/// Whether a person who is not enrolled is refused, or may be.
fn is_kept_out(name: &str, house: &House) -> bool {
    let config = &house.config;
    match rollout::of_name(name, config, clock::now()).map(|applies| applies.unenrolled) {
        Ok(Unenrolled::Allow) => false,
        Ok(Unenrolled::Enroll) => config.enroll != Enroll::default(),
        Ok(Unenrolled::Deny) | Err(_) => true,
    }
}

fn is_enrolled(name: &str, house: &House) -> bool {
    let Ok(user) = person::canonical(name) else {
        // Unknown to the system, so there are no sign-ins.
        return true;
    };
    let Ok(Some(users)) = house.users() else {
        return false;
    };
    // An unreadable record is reported separately.
    record_file::load(&users, &user).map_or(true, |record| {
        record.as_ref().is_some_and(Record::is_enrolled)
    })
}

fn is_exempt(name: &str, house: &House) -> bool {
    !member_of(name, &house.config.exempt.groups).is_empty()
}

/// Those of `groups` that the person called `name` is a member of, as the module counts them where they permit something.
pub(crate) fn member_of(name: &str, groups: &[String]) -> Vec<String> {
    if groups.is_empty() {
        return Vec::new();
    }
    let Ok(Some(user)) = User::from_name(name) else {
        return Vec::new();
    };
    let membership = memberships(name, user.gid);
    groups
        .iter()
        .filter(|group| membership(group) == Membership::Member)
        .cloned()
        .collect()
}
