//! What becomes of the other file where one cannot be written.

use std::fs;

use nix::errno::Errno;

use super::{
    Changed, Drawn, Editing, PersonFiles, ROOT, Unwritten, begin, change, editing, files,
    has_begun, record_on_file, some_recovery, text_of,
};
use crate::disk::StateTrouble;
use crate::disk::distrust::Fault;
use crate::disk::fixture::{Content, HALVES, Host, MOMENT, apart, entries, limit_files, put};
use crate::person::Edit;
use crate::record::Record;

/// Makes `edit`; while it is decided, something happens.
fn change_while(host: &Host, edit: Edit<'_>, happens: impl Fn()) -> Result<Changed, Unwritten> {
    let moment = || {
        happens();
        Ok(MOMENT)
    };
    let editing = Editing {
        moment: &moment,
        ..editing(host, ROOT)
    };
    PersonFiles::open(editing)?.change(edit)
}

/// Has the record stand there by now, as one that was written but could not be made durable; no other can be written.
fn stands(host: &Host, record: &Record) {
    put(host.record_path(), text_of(record), 0o600);
    fs::create_dir(host.users.path_of(".alice.toml.new")).unwrap();
}

fn is_of_record(done: &Result<Changed, Unwritten>) -> bool {
    matches!(done, Err(Unwritten::Record(_)))
}

/// Alice's record with the recovery codes.
fn renewed(host: &Host, codes: u8) -> Record {
    let mut record = host.record();
    record.recovery = Some(some_recovery(codes));
    record
}

#[test]
fn where_the_record_cannot_be_written_the_state_is_as_before_in_both_halves() {
    let host = Host::with_alice();
    begin(&host);
    let record = files(&host)[0].clone();
    let state = host.slots().state.unwrap();
    let new = Drawn::new();
    Host::make_read_only("/etc");
    for edit in [
        Edit::Enrol(&new.code()),
        Edit::AddPhone(&new.phone()),
        Edit::NewRecovery(&some_recovery(3)),
    ] {
        assert!(is_of_record(&change(&host, edit)));
        assert_eq!(files(&host)[0], record);
        for half in HALVES {
            assert_eq!(host.without(half), state);
        }
    }
    assert_eq!(entries(&host.activity), [""; 0]);
    assert!(has_begun(&host));
}

#[test]
fn of_somebody_new_nothing_is_left_where_the_record_cannot_be_written() {
    let host = Host::new();
    let new = Drawn::new();
    Host::make_read_only("/etc");
    assert!(is_of_record(&change(&host, Edit::Enrol(&new.code()))));
    assert_eq!(files(&host), [None, None]);
}

#[test]
fn a_new_record_that_stands_though_it_should_not_is_removed_and_the_state_is_as_before() {
    let new = Drawn::new();
    for has_state in [false, true] {
        let host = if has_state {
            Host::with_alice()
        } else {
            Host::new()
        };
        let _ = fs::remove_file(host.record_path());
        let before = files(&host);
        let state = has_state.then(|| host.slots().state);
        let mut record = Record::new(&host.alice);
        record.code = Some(new.code.clone());
        record.recovery = Some(new.recovery.clone());
        let done = change_while(&host, Edit::Enrol(&new.code()), || stands(&host, &record));
        assert!(is_of_record(&done));
        let after = files(&host);
        assert_eq!(after[0], before[0]);
        assert_eq!(has_state.then(|| host.slots().state), state);
        assert_eq!(after[1].is_some(), has_state);
    }
}

#[test]
fn an_old_record_that_a_new_one_took_the_place_of_is_put_back_and_its_state_with_it() {
    let host = Host::with_alice();
    let old = files(&host)[0].clone();
    let state = host.slots().state.unwrap();
    // Too long for the one block that is free on the disk by then, in which there is room for the old one.
    let mut new = Drawn::new();
    new.phone.name = "x".repeat(4096);
    let mut record = host.record();
    record.phones.push(new.phone.clone());
    let done = change_while(&host, Edit::AddPhone(&new.phone()), || {
        put(host.record_path(), text_of(&record), 0o600);
        Host::leave_free("/etc", 1);
    });
    assert!(is_of_record(&done));
    assert_eq!(files(&host)[0], old);
    for half in HALVES {
        assert_eq!(host.without(half), state);
    }
}

#[test]
fn a_new_record_that_stands_and_cannot_be_taken_away_keeps_its_state() {
    let host = Host::with_alice();
    let record = renewed(&host, 4);
    let done = change_while(&host, Edit::NewRecovery(&some_recovery(4)), || {
        put(host.record_path(), text_of(&record), 0o600);
        Host::make_read_only("/etc");
    });
    assert!(is_of_record(&done));
    assert_eq!(text_of(&record_on_file(&host).unwrap()), text_of(&record));
    for half in HALVES {
        assert_eq!(host.without(half).recovery_left(&record), 4);
    }
}

#[test]
fn a_record_that_stands_where_one_was_that_refused_sign_ins_stays_with_its_state() {
    let host = Host::with_alice();
    let new = Drawn::new();
    put(host.record_path(), "version = 1\n", 0o600);
    let mut record = Record::new(&host.alice);
    record.code = Some(new.code.clone());
    record.recovery = Some(new.recovery.clone());
    let done = change_while(&host, Edit::Enrol(&new.code()), || stands(&host, &record));
    assert!(is_of_record(&done));
    assert_eq!(text_of(&record_on_file(&host).unwrap()), text_of(&record));
    for half in HALVES {
        let last = host.without(half).last_step(&new.code);
        assert_eq!(last, new.code().confirmed);
    }
}

#[test]
fn a_callers_limit_that_lets_only_one_half_of_the_state_be_written_lets_none_be() {
    apart(|| {
        let host = Host::with_alice();
        let before = files(&host);
        for limit in [0, 4095, 4096, 8191] {
            limit_files(limit);
            let done = change(&host, Edit::NewRecovery(&some_recovery(4)))
                .err()
                .unwrap();
            assert!(
                matches!(&done, Unwritten::StateNotWritten(StateTrouble::Distrusted(distrust))
                    if distrust.fault == Fault::System(Errno::EFBIG)),
                "{done}"
            );
            assert_eq!(files(&host), before, "{limit}");
        }
        limit_files(8192);
        assert!(change(&host, Edit::NewRecovery(&some_recovery(4))).is_ok());
    });
}

#[test]
fn on_a_full_disk_nothing_of_somebody_new_is_left() {
    let host = Host::new();
    let new = Drawn::new();
    Host::leave_free("/var/lib", 0);
    let full = change(&host, Edit::Enrol(&new.code())).err().unwrap();
    assert!(
        matches!(full, Unwritten::State(StateTrouble::Distrusted(_))),
        "{full}"
    );
    assert_eq!(files(&host), [None, None]);
    Host::leave_free("/var/lib", 3);
    assert!(change(&host, Edit::Enrol(&new.code())).is_ok());
}

#[test]
fn on_a_full_disk_the_state_of_somebody_who_is_enrolled_stays_where_it_is_to_be_made() {
    let host = Host::with_alice();
    fs::remove_file(host.state_path()).unwrap();
    Host::leave_free("/var/lib", 0);
    assert!(change(&host, Edit::Unlock).is_err());
    assert_eq!(files(&host)[1], Some(Content(Vec::new())));
}
