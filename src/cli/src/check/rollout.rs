//! `[[rollout]]`: groups that the system does not know, and dates that are near while people are not enrolled.

use antiphon_core::config::{Rollout, Turn, Unenrolled};
use antiphon_core::shell;
use antiphon_core::time::UnixTime;
use nix::unistd::Group;

use crate::clock;
use crate::failure::Failure;
use crate::finding::{Finding, Findings};
use crate::house::House;
use crate::people;
use crate::zone::Zone;

/// Seconds before a date in which it is near.
const NEAR: u64 = 14 * 24 * 3600;

/// The fix where somebody is not enrolled.
const WHO: &str = "antiphon status --missing";

pub(super) fn look(house: &House, zone: &Zone, findings: &mut Findings) {
    let rollouts = &house.config.rollout;
    for rollout in rollouts {
        look_for_group(rollout, findings);
    }
    let now = clock::now();
    let is_worth_counting = |rollout: &Rollout| {
        near(rollout, now).is_some() || rollout.unenrolled(now) == Unenrolled::Deny
    };
    if !rollouts.iter().any(is_worth_counting) {
        return;
    }
    // What is wrong with the folder of records is reported elsewhere.
    let Ok(counted) = count(house) else { return };
    for (rollout, missing) in rollouts.iter().zip(counted) {
        if missing > 0 {
            look_at_dates(rollout, missing, now, zone, findings);
        }
    }
}

/// Whoever is not enrolled is refused as long as it is not known whether they are in the group.
fn look_for_group(rollout: &Rollout, findings: &mut Findings) {
    let group = &rollout.group;
    let word = shell::word(group);
    match Group::from_name(group) {
        Ok(Some(_)) => {}
        Ok(None) => findings.fault(format_args!(
            "rollout.group: the system knows no group {group}, so that people who are not enrolled are refused wherever it \
             matters who is in it; correct the name, see whether the directory answers, or run: groupadd {word}"
        )),
        Err(errno) => findings.warning(format_args!(
            "rollout.group: whether there is a group {group} is not known now ({}), and people who are not enrolled are \
             refused meanwhile wherever it matters; look again with: getent group {word}",
            errno.desc()
        )),
    }
}

/// A change that comes soon.
fn near(rollout: &Rollout, now: UnixTime) -> Option<Turn> {
    rollout.next(now).filter(|turn| now.until(turn.at) <= NEAR)
}

/// How many people of each table are not enrolled, in the order of the tables.
fn count(house: &House) -> Result<Vec<usize>, Failure> {
    let rollouts = &house.config.rollout;
    let mut counts = vec![0; rollouts.len()];
    people::each(house, |row| {
        let index = rollouts
            .iter()
            .position(|rollout| row.rule.rollout.as_ref() == Some(&rollout.group));
        if let Some(count) = index.and_then(|index| counts.get_mut(index))
            && row.missing.is_some()
        {
            *count += 1;
        }
        Ok(())
    })?;
    Ok(counts)
}

fn look_at_dates(
    rollout: &Rollout,
    missing: usize,
    now: UnixTime,
    zone: &Zone,
    findings: &mut Findings,
) {
    let group = &rollout.group;
    let (people, are) = if missing == 1 {
        ("1 person".to_owned(), "is")
    } else {
        (format!("{missing} people"), "are")
    };
    let says = match near(rollout, now) {
        Some(Turn { at, unenrolled }) => {
            let date = zone.show_minute(&at.to_string());
            let then = match unenrolled {
                Unenrolled::Deny => "refused",
                Unenrolled::Enroll | Unenrolled::Allow => "taken through enrolment at the sign-in",
            };
            format!(
                "rollout of {group}: {people} without a second factor will be {then} from {date} on"
            )
        }
        None if rollout.unenrolled(now) == Unenrolled::Deny => {
            format!("rollout of {group}: {people} without a second factor {are} refused now")
        }
        None => return,
    };
    findings.add(Finding::warning(says).fix(WHO));
}
