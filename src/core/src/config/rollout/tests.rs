use super::{Applies, Membership, Turn};
use crate::config::{Config, Unenrolled};
use crate::time::UnixTime;

const ENROLL: &str = "2026-12-01T00:00:00Z";
const DENY: &str = "2027-01-15T00:00:00Z";

const BOTH: &str =
    "[[rollout]]\ngroup = \"staff\"\nenroll_from = 2026-12-01\ndeny_from = 2027-01-15\n";

fn at(instant: &str) -> UnixTime {
    UnixTime::read(instant).unwrap()
}

fn before(instant: &str) -> UnixTime {
    UnixTime(at(instant).0 - 1)
}

/// What applies to a person who is a member of `groups`, where `unknown` cannot be looked up.
fn rule(
    config: &Config,
    groups: &[&str],
    unknown: &[&str],
    now: UnixTime,
) -> Result<Unenrolled, String> {
    let membership = |group: &str| {
        if unknown.contains(&group) {
            Membership::Unknown
        } else if groups.contains(&group) {
            Membership::Member
        } else {
            Membership::Other
        }
    };
    let applies = config.of_unenrolled(false, membership, now);
    let applies = applies.map(|applies| applies.unenrolled);
    applies.map_err(|unclear| unclear.group.to_owned())
}

#[test]
fn a_group_is_let_in_then_enrols_and_then_is_refused_each_from_midnight_utc() {
    use Unenrolled::{Allow, Deny, Enroll};
    let first = "[[rollout]]\ngroup = \"staff\"\nenroll_from = 2026-12-01\n";
    let last = "[[rollout]]\ngroup = \"staff\"\ndeny_from = 2027-01-15\n";
    for (text, expected) in [
        (BOTH, [Allow, Enroll, Enroll, Deny]),
        (first, [Allow, Enroll, Enroll, Enroll]),
        (last, [Allow, Allow, Allow, Deny]),
    ] {
        for top in ["allow", "enroll", "deny"] {
            let config = Config::parse(&format!("unenrolled = \"{top}\"\n{text}")).unwrap();
            let instants = [before(ENROLL), at(ENROLL), before(DENY), at(DENY)];
            let found = instants.map(|now| rule(&config, &["staff"], &[], now).unwrap());
            assert_eq!(found, expected, "{text}");
        }
    }
}

#[test]
fn who_is_in_none_of_the_groups_and_root_in_any_of_them_have_what_unenrolled_says() {
    for (top, expected) in [
        ("allow", Unenrolled::Allow),
        ("enroll", Unenrolled::Enroll),
        ("deny", Unenrolled::Deny),
    ] {
        let config = Config::parse(&format!("unenrolled = \"{top}\"\n{BOTH}")).unwrap();
        for now in [before(ENROLL), at(ENROLL), at(DENY)] {
            assert_eq!(rule(&config, &["students"], &[], now), Ok(expected));
            let otherwise = Applies {
                unenrolled: expected,
                rollout: None,
                next: None,
            };
            for known in [Membership::Member, Membership::Unknown] {
                assert_eq!(config.of_unenrolled(true, |_| known, now), Ok(otherwise));
            }
        }
    }
}

#[test]
fn of_several_groups_the_strictest_rule_counts_in_whatever_order_the_tables_stand() {
    let early = "[[rollout]]\ngroup = \"admins\"\ndeny_from = 2026-12-01\n";
    let late = "[[rollout]]\ngroup = \"pilots\"\ndeny_from = 2099-01-01\n";
    let groups = ["staff", "admins", "pilots"];
    for tables in [[early, BOTH, late], [late, BOTH, early]] {
        let config = Config::parse(&format!("unenrolled = \"allow\"\n{}", tables.concat()));
        let config = config.unwrap();
        for (groups, expected) in [
            (&groups[..], Unenrolled::Deny),
            (&["staff", "pilots"], Unenrolled::Enroll),
            (&["pilots"], Unenrolled::Allow),
        ] {
            assert_eq!(rule(&config, groups, &[], at(ENROLL)), Ok(expected));
        }
        let applies = config.of_unenrolled(false, |_| Membership::Member, before(ENROLL));
        let applies = applies.unwrap();
        let next = Turn {
            at: at(ENROLL),
            unenrolled: Unenrolled::Deny,
        };
        assert_eq!(applies.next, Some(next), "of whatever table");
        let applies = config.of_unenrolled(false, |_| Membership::Member, at(ENROLL));
        let rollout = applies.unwrap().rollout.unwrap();
        assert_eq!(rollout.group, "admins");
    }
}

#[test]
fn a_namesake_of_the_group_asks_for_more_and_lets_nobody_in() {
    use Unenrolled::{Allow, Deny, Enroll};
    let students = "[[rollout]]\ngroup = \"students\"\ndeny_from = 2099-01-01\n";
    for (top, membership, now, expected) in [
        (
            "deny",
            [Membership::Namesake, Membership::Other],
            before(ENROLL),
            Deny,
        ),
        (
            "deny",
            [Membership::Namesake, Membership::Other],
            at(ENROLL),
            Deny,
        ),
        (
            "enroll",
            [Membership::Namesake, Membership::Other],
            before(ENROLL),
            Enroll,
        ),
        (
            "allow",
            [Membership::Namesake, Membership::Other],
            at(ENROLL),
            Enroll,
        ),
        (
            "allow",
            [Membership::Namesake, Membership::Other],
            at(DENY),
            Deny,
        ),
        // Beside a group that the person is in.
        (
            "deny",
            [Membership::Namesake, Membership::Member],
            before(ENROLL),
            Allow,
        ),
        (
            "deny",
            [Membership::Namesake, Membership::Member],
            at(DENY),
            Deny,
        ),
        (
            "deny",
            [Membership::Member, Membership::Namesake],
            at(ENROLL),
            Enroll,
        ),
    ] {
        let config = Config::parse(&format!("unenrolled = \"{top}\"\n{BOTH}{students}")).unwrap();
        let of = |group: &str| membership[usize::from(group == "students")];
        let found = config.of_unenrolled(false, of, now).unwrap();
        assert_eq!(found.unenrolled, expected, "{top} {membership:?} {now}");
    }
}

#[test]
fn a_group_that_cannot_be_looked_up_matters_only_where_it_makes_a_difference() {
    use Unenrolled::{Allow, Deny, Enroll};
    let other = "[[rollout]]\ngroup = \"students\"\nenroll_from = 2027-01-01\n";
    let unclear = |group: &str| Err(group.to_owned());
    let between = at("2026-12-24T00:00:00Z");
    let late = at("2027-02-01T00:00:00Z");
    for (top, groups, unknown, now, expected) in [
        // Let in, whatever the group.
        (
            "allow",
            &["x"][..],
            &["staff"][..],
            before(ENROLL),
            Ok(Allow),
        ),
        // Perhaps to be enrolled, and then letting in would be wrong.
        ("allow", &["x"], &["staff"], between, unclear("staff")),
        (
            "allow",
            &["students"],
            &["staff"],
            between,
            unclear("staff"),
        ),
        (
            "allow",
            &["students"],
            &["staff", "students"],
            between,
            unclear("staff"),
        ),
        // Perhaps to be let in, and then refusing would be wrong, but nothing says so.
        ("deny", &["x"], &["students"], between, unclear("students")),
        ("deny", &["x"], &["staff"], late, Ok(Deny)),
        (
            "deny",
            &["x"],
            &["staff", "students"],
            late,
            unclear("students"),
        ),
        ("enroll", &["x"], &["staff"], between, Ok(Enroll)),
        // What is known is stricter, whatever the other group.
        ("allow", &["staff"], &["students"], between, Ok(Enroll)),
        // Perhaps stricter than what is known.
        ("allow", &["students"], &["staff"], late, unclear("staff")),
    ] {
        let config = Config::parse(&format!("unenrolled = \"{top}\"\n{BOTH}{other}")).unwrap();
        let found = rule(&config, groups, unknown, now);
        assert_eq!(found, expected, "{top} {groups:?} {unknown:?} {now}");
    }
}

#[test]
fn without_a_table_no_group_is_looked_up() {
    let config = Config::parse("unenrolled = \"allow\"\n").unwrap();
    let found = config.of_unenrolled(false, |group| panic!("{group}"), UnixTime(0));
    assert_eq!(found.unwrap().unenrolled, Unenrolled::Allow);
}

#[test]
fn the_next_date_is_the_one_that_has_not_come() {
    let config = Config::parse(BOTH).unwrap();
    let next = |now| config.rollout[0].next(now);
    let turn = |instant, unenrolled| {
        Some(Turn {
            at: at(instant),
            unenrolled,
        })
    };
    assert_eq!(next(before(ENROLL)), turn(ENROLL, Unenrolled::Enroll));
    assert_eq!(next(at(ENROLL)), turn(DENY, Unenrolled::Deny));
    assert_eq!(next(at(DENY)), None);
}

#[test]
fn a_time_with_its_distance_from_utc_is_exact_and_one_without_is_refused() {
    for (written, meant) in [
        ("2027-01-15", "2027-01-15T00:00:00Z"),
        ("2027-01-15T06:30:00+01:00", "2027-01-15T05:30:00Z"),
        ("2027-01-15T00:30:00+01:00", "2027-01-14T23:30:00Z"),
        ("2027-12-31T23:30:59-02:30", "2028-01-01T02:00:59Z"),
        ("2027-01-15 06:00:00Z", "2027-01-15T06:00:00Z"),
    ] {
        let text = format!("[[rollout]]\ngroup = \"staff\"\ndeny_from = {written}\n");
        let config = Config::parse(&text).unwrap();
        assert_eq!(config.rollout[0].deny_from, Some(at(meant)), "{written}");
    }
    for wrong in [
        "\"2027-01-15\"",
        "2027-01-15T06:00:00",
        "2027-02-30",
        "06:00:00",
        "1960-01-01",
        "0",
    ] {
        let text = format!("[[rollout]]\ngroup = \"staff\"\ndeny_from = {wrong}\n");
        let said = Config::parse(&text).unwrap_err().to_string();
        assert!(said.contains("line 3"), "{wrong}: {said}");
    }
}

#[test]
fn a_date_at_the_end_of_the_calendar_is_a_date_or_a_fault_and_no_panic() {
    let of = |date: &str| format!("[[rollout]]\ngroup = \"staff\"\ndeny_from = {date}\n");
    assert!(Config::parse(&of("9999-12-31")).is_ok());
    for date in ["9999-12-31T23:59:59-05:00", "9999-12-31T23:59:60Z"] {
        let said = Config::parse(&of(date)).unwrap_err().to_string();
        assert!(said.contains("deny_from"), "{date}: {said}");
    }
}

#[test]
fn a_table_without_group_or_date_out_of_order_or_twice_is_refused_by_name() {
    for (text, expected) in [
        ("deny_from = 2027-01-15", "group"),
        ("group = \"\"\ndeny_from = 2027-01-15", "name of a group"),
        ("group = \"staff\"", "deny_from"),
        (
            "group = \"staff\"\nenroll_from = 2027-01-15\ndeny_from = 2026-12-01",
            "later than enroll_from",
        ),
        (
            "group = \"staff\"\nenroll_from = 2027-01-15\ndeny_from = 2027-01-15",
            "later than enroll_from",
        ),
        ("group = \"staff\"\ndeny_form = 2027-01-15", "deny_from"),
        (
            "group = \"staff\"\ndeny_from = 2027-01-15\n[[rollout]]\ngroup = \"staff\"\nenroll_from = 2027-01-01",
            "staff twice",
        ),
    ] {
        let said = Config::parse(&format!("[[rollout]]\n{text}\n"))
            .unwrap_err()
            .to_string();
        assert!(
            said.contains(expected) && said.contains("rollout"),
            "{text}: {said}"
        );
    }
}
