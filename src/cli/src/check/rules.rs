//! Parts of the configuration that the system does not know, and people whom it would keep out.

use std::ffi::CString;
use std::path::Path;

use antiphon_core::config::{Enroll, FirstFactor, Mode, Unenrolled};
use antiphon_core::disk::record_file;
use antiphon_core::record::Record;
use antiphon_core::shell;
use antiphon_core::way::ways;
use nix::unistd::{Group, User, getgrouplist};

use super::Findings;
use crate::caller::Caller;
use crate::clock;
use crate::house::House;
use crate::person;

/// Where PAM looks for services: the administrator's files and those of packages.
const SERVICES: [&str; 3] = ["/etc/pam.d", "/usr/lib/pam.d", "/usr/share/pam.d"];

pub(super) fn look(house: &House, findings: &mut Findings) {
    for group in &house.config.exempt.groups {
        if matches!(Group::from_name(group), Ok(None)) {
            findings.warning(format_args!(
                "exempt.groups: there is no group {group}; take it out, or run: groupadd {}",
                shell::word(group)
            ));
        }
    }
    look_at_enrolment(house, findings);
    if house.config.mode == Mode::Observe {
        findings.warning(
            "mode = \"observe\": nobody is asked for a second factor; when the log looks right, set mode = \"enforce\"",
        );
    }
    look_at_services(house, findings);
    for name in not_enrolled_though_needed(house) {
        findings.warning(format_args!(
            "{name} has no second factor: where one is asked for, {name}'s sign-ins are refused; run: antiphon enroll {}",
            shell::word(&name)
        ));
    }
}

/// Reports sections that restrict nothing, and essential people whom a service's methods would keep out.
fn look_at_services(house: &House, findings: &mut Findings) {
    for service in house.config.services.named() {
        let is_there = SERVICES
            .iter()
            .any(|folder| Path::new(folder).join(service).exists());
        if !is_there {
            findings.warning(format_args!(
                "service.{service}: there is no /etc/pam.d/{service}, so that this restricts nothing; look there for the \
                 name that is meant"
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
                    "service.{service}.methods leaves {name} no way to sign in there; add one that {name} has: antiphon \
                     status {}",
                    shell::word(&name)
                ));
            }
        }
    }
}

/// Reports what keeps people from enrolling at the sign-in although that is wanted.
fn look_at_enrolment(house: &House, findings: &mut Findings) {
    let rules = &house.config.enroll;
    if house.config.unenrolled != Unenrolled::Enroll {
        if *rules != Enroll::default() {
            findings.warning("[enroll] does nothing: to let people enrol at the sign-in, set unenrolled = \"enroll\"");
        }
        return;
    }
    if house.config.first_factor == FirstFactor::Optional {
        findings.warning(
            "unenrolled = \"enroll\" with first_factor = \"optional\": wherever nothing asks for a password before our \
             line, but for sshd, anybody enrols as anybody and is then in; set first_factor = \"required\"",
        );
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
        findings.warning(
            "enroll.until is past: nobody enrols at the sign-in any more; set unenrolled = \"deny\", or a later date",
        );
    }
}

/// Root and the caller of sudo, as far as they would be kept out: whoever fixes problems must be able to sign in.
pub(crate) fn not_enrolled_though_needed(house: &House) -> Vec<String> {
    let config = &house.config;
    let is_open = config.unenrolled == Unenrolled::Enroll && config.enroll == Enroll::default();
    if config.unenrolled == Unenrolled::Allow || is_open {
        return Vec::new();
    }
    needed()
        .filter(|name| !is_enrolled(name, house) && !is_exempt(name, house))
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
    let exempt = &house.config.exempt.groups;
    if exempt.is_empty() {
        return false;
    }
    let (Ok(Some(user)), Ok(c_name)) = (User::from_name(name), CString::new(name)) else {
        return false;
    };
    getgrouplist(&c_name, user.gid)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|gid| Group::from_gid(gid).ok().flatten())
        .any(|group| exempt.contains(&group.name))
}
