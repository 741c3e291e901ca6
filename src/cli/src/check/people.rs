//! Checks every record and its state.

use antiphon_core::disk::record_file::ReadRecord;
use antiphon_core::disk::{record_file, summary_file};
use antiphon_core::name::UserName;
use antiphon_core::person::Closed;
use antiphon_core::record::Record;
use antiphon_core::shell;
use antiphon_core::state::Gate;

use crate::clock;
use crate::failure::Kind;
use crate::file_systems;
use crate::finding::Findings;
use crate::house::House;
use crate::owners::Owners;
use crate::pause::PauseObject;
use crate::person;
use crate::publish;
use crate::roll;
use crate::skew::{ClockIsOff, SkewObject};
use crate::standing::{Lost, Standing};
use crate::zone::Zone;

/// The suffix of a record that is being written.
const UNFINISHED: &str = ".toml.new";

/// Returns how many people have a record, if known.
pub(super) fn look(
    house: &House,
    fix: bool,
    zone: &Zone,
    findings: &mut Findings,
) -> Option<usize> {
    let roll = match house.users().and_then(|users| match users {
        Some(users) => roll::call(&users, record_file::SUFFIX),
        None => Ok(roll::Roll::default()),
    }) {
        Ok(roll) => roll,
        Err(failure) => {
            findings.fault(failure);
            return None;
        }
    };
    for name in &roll.foreign {
        let path = house.config.paths.users.join(name);
        let path = shell::word(&path);
        if name.starts_with('.') && name.ends_with(UNFINISHED) {
            findings.warning(format_args!(
                "{path}: an enrolment that was cut off left it, with a secret in it; run: rm {path}"
            ));
        } else {
            findings.warning(format_args!(
                "{path}: is nobody's record, and nothing reads it; move it elsewhere"
            ));
        }
    }
    look_at_leftovers(&roll, house, fix, findings);
    let mut skews: Vec<SkewObject> = Vec::new();
    let mut owners = Owners::new(&house.config);
    for user in &roll.users {
        let standing = Standing::of(user, house);
        if let Ok(Some(record)) = &standing.record {
            owners.add_all(record, user);
        }
        look_at(user, &standing, house, fix, findings);
        look_at_pauses(user, &standing, house, zone, findings);
        skews.extend(standing.skew(house));
    }
    if let Some(off) = ClockIsOff::by(&skews, clock::now()) {
        findings.fault(off.in_words());
    }
    look_at_owners(&owners, findings);
    Some(roll.users.len())
}

/// Reports accounts that several people have.
fn look_at_owners(owners: &Owners<'_>, findings: &mut Findings) {
    for shared in owners.shared() {
        let names: Vec<_> = shared.owners.iter().map(UserName::as_str).collect();
        findings.warning(format_args!(
            "{}: have the same account at {} ({}), and whoever signs in with it can approve as each of them; unless they are \
             one person, take it from all but its owner (antiphon remove USER --account NAME)",
            names.join(", "),
            shared.providers.join(" and "),
            shared.subject
        ));
    }
}

fn look_at(
    user: &UserName,
    standing: &Standing,
    house: &House,
    fix: bool,
    findings: &mut Findings,
) {
    let word = user.shell_word();
    if !person::is_in_database(user) {
        findings.warning(format_args!(
            "{user}: has a record, but the system knows no such user; run: antiphon remove {word}"
        ));
    }
    match &standing.record {
        Err(failure) => findings.fault(failure),
        Ok(None) => {}
        // A record prepared by root; the rest is made at the sign-in.
        Ok(Some(record)) if record.is_beginning() && house.config.enrols_somebody(clock::now()) => {
        }
        Ok(Some(record)) => {
            look_at_record(user, record, findings);
            look_at_ways(user, record, house, findings);
            look_at_secret(user, house, findings);
            look_at_phones(user, record, house, findings);
            look_at_accounts(user, record, house, findings);
            look_at_state(user, standing, house, findings);
            look_at_summary(user, standing, house, fix, findings);
        }
    }
}

/// Reports why a phone is paused.
fn look_at_pauses(
    user: &UserName,
    standing: &Standing,
    house: &House,
    zone: &Zone,
    findings: &mut Findings,
) {
    for paused in standing.pauses(house, clock::now()) {
        let words = PauseObject::new(&paused).in_words(user, zone);
        findings.warning(format_args!("{user}: the phone is {words}"));
    }
}

/// Summaries of people who no longer have a record.
fn look_at_leftovers(roll: &roll::Roll, house: &House, fix: bool, findings: &mut Findings) {
    let Ok(Some(folder)) = house.activity() else {
        return;
    };
    let shown = roll::call(&folder, summary_file::SUFFIX).unwrap_or_default();
    for user in shown.users.iter().filter(|user| !roll.users.contains(user)) {
        if !fix {
            findings.warning(format_args!(
                "{user}: has no record, and the page still shows ways to sign in; run: antiphon check --fix"
            ));
        } else if let Err(failure) = publish::write(user, house) {
            findings.warning(failure);
        }
    }
}

/// Checks the person's summary.
fn look_at_summary(
    user: &UserName,
    standing: &Standing,
    house: &House,
    fix: bool,
    findings: &mut Findings,
) {
    let fixed = if fix {
        publish::write(user, house)
    } else {
        Ok(())
    };
    // An unusable folder is already reported.
    let Ok(Some(folder)) = house.activity() else {
        return;
    };
    match fixed.and_then(|()| Ok(publish::is_out_of_step(user, standing, &folder)?)) {
        Ok(false) => {}
        Ok(true) => findings.warning(format_args!(
            "{user}: what the page shows of their ways to sign in is not what the record says; run: antiphon check --fix"
        )),
        Err(failure) => findings.warning(failure),
    }
}

/// A passkey is bound to the page it was made on for good.
fn look_at_phones(user: &UserName, record: &Record, house: &House, findings: &mut Findings) {
    let word = user.shell_word();
    let origin = &house.config.page.origin;
    for phone in record.phones.iter().filter(|phone| phone.origin != *origin) {
        let name = shell::word(&phone.name);
        findings.warning(format_args!(
            "{user}: the phone {name} was enrolled at {}, and [page] origin is {origin}: it can approve nothing there; \
             set origin back, or enrol the phone again after you run: antiphon remove {word} --phone {name}",
            phone.origin
        ));
    }
}

/// An account counts only with the provider that it was enrolled at.
fn look_at_accounts(user: &UserName, record: &Record, house: &House, findings: &mut Findings) {
    for account in &record.accounts {
        let (name, provider) = (shell::word(account.shown_name()), &account.provider);
        let why = match house.config.provider(provider) {
            None => "antiphon.toml has no such [[provider]]",
            Some(provider) if !account.subject.is_of(provider.subject) => {
                "that provider names people in another way by now ([[provider]] subject)"
            }
            Some(_) => continue,
        };
        let word = user.shell_word();
        findings.warning(format_args!(
            "{user}: the account {name} at {provider} can approve nothing: {why}; put it back, or run: antiphon remove \
             {word} --account {name}"
        ));
    }
}

fn look_at_record(user: &UserName, record: &Record, findings: &mut Findings) {
    let word = user.shell_word();
    if !record.is_enrolled() {
        findings.fault(format_args!(
            "{user}: the record has neither a code nor a phone nor an account, and sign-ins are refused; run: antiphon enroll {word} \
             --replace"
        ));
    }
    if let Some(code) = record.code.as_ref().filter(|code| code.is_weak()) {
        findings.warning(format_args!(
            "{user}: the secret has {} bits, and RFC 4226 asks for 128; run: antiphon enroll {word} --replace",
            code.secret().expose().len() * 8
        ));
    }
}

/// Reports services that accept none of the person's methods.
fn look_at_ways(user: &UserName, record: &Record, house: &House, findings: &mut Findings) {
    let closed = Closed::to(record, &house.config);
    if record.is_enrolled() && !closed.is_nowhere() {
        findings.warning(format_args!(
            "{user}: has no way in at {closed} but recovery codes; change methods there, or run: antiphon enroll {}",
            user.shell_word()
        ));
    }
}

/// Checks a secret that was written by hand or by another program.
fn look_at_secret(user: &UserName, house: &House, findings: &mut Findings) {
    let read = match house.users() {
        Ok(Some(users)) => ReadRecord::load(&users, user),
        _ => return,
    };
    if read.is_ok_and(|read| read.is_some_and(|read| !read.has_canonical_secret())) {
        let word = user.shell_word();
        findings.warning(format_args!(
            "{user}: the secret's last letter holds bits that belong to no byte, as if letters had been lost or \
             mistyped, and apps do not agree on such; run: antiphon enroll {word} --replace"
        ));
    }
}

fn look_at_state(user: &UserName, standing: &Standing, house: &House, findings: &mut Findings) {
    let now = clock::now();
    let word = user.shell_word();
    match &standing.state {
        Err(failure) if failure.kind() == Kind::TryAgain => return findings.warning(failure),
        Err(failure) => return findings.fault(failure),
        Ok(_) => {}
    }
    if let Some(lost) = standing.lost() {
        findings.warning(format_args!("{user}: {}", lost.in_words(user)));
        if lost == Lost::Whole {
            return;
        }
    }
    if standing.clock_was_ahead(house, now) {
        findings.fault(format_args!(
            "{user}: codes of the present are refused: one was accepted while the clock ran ahead; run: antiphon unlock \
             {word}"
        ));
    }
    if standing.gate(house, now) == Gate::Closed {
        findings.fault(format_args!(
            "{user}: {} wrong codes in a row have closed the way of codes; run: antiphon unlock {word}",
            standing.in_a_row()
        ));
    }
    if standing.is_in_memory() {
        if !file_systems::ours(house)
            .iter()
            .any(|found| found.has_states() && found.is_read_only())
        {
            findings.warning(format_args!(
                "{user}: the state is still kept in memory, as when its file system was read-only, recovery codes are \
                 refused, and a restart forgets a first success of now; the next sign-in writes it, or run: antiphon unlock {word}"
            ));
        }
    } else if standing.recovery().0 == 0 {
        findings.warning(format_args!(
            "{user}: no recovery code is left; run: antiphon recovery {word}"
        ));
    }
}
