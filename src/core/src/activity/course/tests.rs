use super::{
    ACCEPTED, ANSWERED, ASKED, CALLED, CANCELLED, Change, Course, EXEMPT, SignIns, Untold,
};
use crate::activity::Event;

struct File {
    bytes: Vec<u8>,
    second: u32,
}

impl File {
    fn new() -> Self {
        Self {
            bytes: Vec::new(),
            second: 0,
        }
    }

    fn event(&mut self, outcome: &str, from: &str) -> Event {
        self.second += 1;
        Event {
            time: format!(
                "2026-11-22T20:{:02}:{:02}Z",
                self.second / 60,
                self.second % 60
            ),
            outcome: outcome.into(),
            service: "sshd".into(),
            remote_host: from.into(),
            ..Event::default()
        }
    }

    fn make(&mut self, change: Change) {
        for (offset, bytes) in change.over {
            self.bytes[offset..offset + bytes.len()].copy_from_slice(&bytes);
        }
        self.bytes.extend(change.added.into_iter().flatten());
    }

    fn move_on(&mut self, outcome: &str, from: &str, name: &str) {
        let event = self.event(outcome, from);
        let over = ![ASKED, CALLED].contains(&outcome);
        let change = Course::new(&self.bytes, true).move_on(event, name, over);
        self.make(change);
    }

    fn shown(&self) -> Vec<(String, u32)> {
        let text = String::from_utf8(self.bytes.clone()).unwrap();
        let events = Event::read_lines(&text);
        events
            .map(|event| (event.outcome.clone(), event.times()))
            .collect()
    }

    fn untold(&self) -> Untold {
        Course::new(&self.bytes, true).untold("alice", "")
    }
}

fn shown(events: &[(&str, u32)]) -> Vec<(String, u32)> {
    events
        .iter()
        .map(|(outcome, times)| ((*outcome).to_owned(), *times))
        .collect()
}

#[test]
fn a_sign_in_is_one_event_however_far_it_came() {
    let mut file = File::new();
    for name in ["1.a", "2.a"] {
        file.move_on(ASKED, "203.0.113.5", name);
        file.move_on(CALLED, "203.0.113.5", name);
        file.move_on(ACCEPTED, "203.0.113.5", name);
    }
    assert_eq!(file.shown(), shown(&[(ACCEPTED, 1), (ACCEPTED, 1)]));
    assert_eq!(file.untold(), Untold::default());
}

#[test]
fn sign_ins_that_never_end_fold_into_one_event_and_are_told_of_once() {
    let mut file = File::new();
    file.move_on(ASKED, "198.51.100.1", "own");
    file.move_on(ACCEPTED, "198.51.100.1", "own");
    for number in 0..1000 {
        file.move_on(ASKED, "203.0.113.5", &format!("{number:x}.beef"));
    }
    file.move_on(CANCELLED, "192.0.2.1", "none");
    assert_eq!(
        file.shown(),
        shown(&[(ACCEPTED, 1), (ASKED, 1000), (CANCELLED, 1)])
    );
    assert_eq!(
        file.untold().unfinished,
        SignIns {
            count: 1001,
            from: vec!["203.0.113.5".into(), "192.0.2.1".into()],
            last: "2026-11-22 20:16".into(),
        }
    );
    file.move_on(ASKED, "198.51.100.1", "own");
    file.move_on(ACCEPTED, "198.51.100.1", "own");
    assert_eq!(file.untold(), Untold::default());
    // A later one starts a new count: the person was told of the earlier ones.
    file.move_on(ASKED, "203.0.113.5", "more");
    assert_eq!(file.untold().unfinished.count, 1);
}

#[test]
fn of_two_at_once_from_one_place_the_one_that_ends_leaves_the_other_as_it_is() {
    let mut file = File::new();
    for name in ["a", "b", "c"] {
        file.move_on(ASKED, "203.0.113.5", name);
    }
    assert_eq!(file.shown(), shown(&[(ASKED, 3)]));
    file.move_on(ACCEPTED, "203.0.113.5", "b");
    assert_eq!(file.shown(), shown(&[(ASKED, 2), (ACCEPTED, 1)]));
    file.move_on(ACCEPTED, "203.0.113.5", "a");
    file.move_on(CALLED, "203.0.113.5", "c");
    assert_eq!(
        file.shown(),
        shown(&[(CALLED, 1), (ACCEPTED, 1), (ACCEPTED, 1)])
    );
}

#[test]
fn a_change_never_moves_another_line_whatever_the_end_of_the_file_begins_with() {
    let mut file = File::new();
    for number in 0..20 {
        file.move_on(ASKED, &format!("203.0.113.{number}"), &number.to_string());
    }
    for cut in 1..file.bytes.len().min(1500) {
        let event = file.event(ACCEPTED, "203.0.113.19");
        let end = &file.bytes[cut..];
        let change = Course::new(end, false).move_on(event, "19", true);
        for (offset, bytes) in change.over {
            assert!(offset == 0 || end[offset - 1] == b'\n', "{cut}");
            assert_eq!(
                end[offset..].iter().position(|byte| *byte == b'\n'),
                Some(bytes.len() - 1)
            );
        }
    }
}

#[test]
fn wrong_answers_from_one_place_fold_and_those_from_another_do_not() {
    let mut file = File::new();
    for from in ["203.0.113.5", "203.0.113.5", "192.0.2.1"] {
        let event = file.event(ANSWERED, from);
        let change = Course::new(&file.bytes, true).add(&event);
        file.make(change);
    }
    assert_eq!(file.shown(), shown(&[(ANSWERED, 2), (ANSWERED, 1)]));
}

#[test]
fn who_was_let_in_by_a_rehearsal_is_told_of_from_then_on_until_a_factor_was_right() {
    let mut file = File::new();
    let rehearse = |file: &mut File, from: &str, caller: &str| {
        file.move_on(ASKED, from, "own");
        let event = Event {
            reason: "rehearsed".into(),
            caller: caller.into(),
            ..file.event(EXEMPT, from)
        };
        let change = Course::new(&file.bytes, true).move_on(event, "own", true);
        file.make(change);
    };
    file.move_on(ACCEPTED, "198.51.100.1", "first");
    for _ in 0..50 {
        rehearse(&mut file, "203.0.113.5", "");
    }
    rehearse(&mut file, "", "alice");
    // An exemption by another rule is none.
    let event = Event {
        reason: "exempt-service".into(),
        ..file.event(EXEMPT, "192.0.2.1")
    };
    let change = Course::new(&file.bytes, true).move_on(event, "", true);
    file.make(change);
    let let_in = SignIns {
        count: 50,
        from: vec!["203.0.113.5".into()],
        last: "2026-11-22 20:01".into(),
    };
    for _ in 0..2 {
        assert_eq!(file.untold().let_in, let_in);
        assert_eq!(file.untold().unfinished, SignIns::default());
    }
    // However many there are, they fill no file.
    assert!(file.shown().contains(&(EXEMPT.to_owned(), 50)));
    file.move_on(ACCEPTED, "198.51.100.1", "last");
    assert_eq!(file.untold(), Untold::default());
}
