//! An enrolment at a sign-in: written only if it is accepted, and accepted only when it is written.

use super::{Drawn, PersonFiles, Unwritten, editing, files, record_on_file, summary};
use crate::code::code_at;
use crate::disk::Judged;
use crate::disk::fixture::{HALVES, Host, NOW, entries};
use crate::judge::{Judgement, Subject, Verdict, confirm, judge_enrolment};
use crate::language::Language;
use crate::method::Method;
use crate::origin::Origin;
use crate::person::{By, Edit};
use crate::record::Record;
use crate::state::State;
use crate::time::UnixTime;

const HERE: Origin<'_> = Origin {
    remote_host: "203.0.113.5",
    terminal: "",
    caller: "",
};

fn enrolled(
    host: &Host,
    old: Option<&Record>,
    new: &Drawn,
    judge: impl Fn(&Record, &State, UnixTime) -> Judgement<Verdict>,
) -> Result<Judged, Unwritten> {
    let files = PersonFiles::open(editing(host, By::Person)).unwrap();
    files.enrol_judged(old, Edit::Enrol(&new.code()), &judge)
}

/// By the code that the app shows now.
fn right(host: &Host, new: &Drawn) -> impl Fn(&Record, &State, UnixTime) -> Judgement<Verdict> {
    let confirmed = confirm(&new.code, &code_at(&new.code, NOW), 1, NOW).unwrap();
    let config = host.config.clone();
    move |record, state, now| {
        assert_eq!(now, NOW);
        let subject = Subject {
            record,
            config: &config,
            service: "sshd",
            origin: HERE,
        };
        judge_enrolment(confirmed, subject, state, now)
    }
}

#[test]
fn what_is_accepted_is_on_file_when_the_verdict_is_opened() {
    let host = Host::new();
    let new = Drawn::new();
    let judged = enrolled(&host, None, &new, right(&host, &new)).unwrap();
    assert_eq!(judged.now, NOW);
    assert!(
        matches!(judged.verdict, Verdict::Accepted(accepted) if accepted.method() == Method::Enrolment)
    );
    let record = record_on_file(&host).unwrap();
    assert_eq!(record.code.as_ref(), Some(&new.code));
    // The code that confirmed it is used.
    let step = NOW.0 / 30;
    for half in HALVES {
        assert_eq!(host.without(half).last_step(&new.code), Some(step));
        assert_eq!(host.without(half).recovery_left(&record), 3);
    }
    assert!(summary(&host).unwrap().code);
}

#[test]
fn what_is_not_accepted_is_not_written_whatever_the_judge_makes_of_the_state() {
    let new = Drawn::new();
    for changes_state in [false, true] {
        let host = Host::new();
        let judged = enrolled(&host, None, &new, |_, state, _| Judgement {
            verdict: Verdict::Malformed,
            next: changes_state.then(|| state.clone()),
        });
        assert_eq!(judged.unwrap().verdict, Verdict::Malformed);
        assert_eq!(files(&host), [None, None]);
        assert_eq!(entries(&host.activity), [""; 0]);
    }
}

#[test]
fn who_has_a_record_by_now_or_another_one_is_not_judged() {
    let host = Host::with_alice();
    let new = Drawn::new();
    let before = files(&host);
    let mut another = host.record();
    another.language = Some(Language::Swedish);
    for old in [None, Some(&another)] {
        let judged = enrolled(&host, old, &new, |_, _, _| panic!("judged"));
        assert!(matches!(judged, Err(Unwritten::Changed)));
        assert_eq!(files(&host), before);
    }
    // A record that is what it was is replaced, such as one that holds a telephone number.
    let old = host.record();
    let judged = enrolled(&host, Some(&old), &new, right(&host, &new)).unwrap();
    assert!(matches!(judged.verdict, Verdict::Accepted(_)));
    assert_eq!(record_on_file(&host).unwrap().code, Some(new.code));
}

#[test]
fn there_is_no_verdict_where_the_record_cannot_be_written() {
    let host = Host::new();
    let new = Drawn::new();
    Host::make_read_only("/etc");
    let judged = enrolled(&host, None, &new, right(&host, &new));
    assert!(matches!(judged, Err(Unwritten::Record(_))));
    assert_eq!(files(&host), [None, None]);
}
