use super::{ACCEPTED, ANSWERED, ASKED, CALLED, CANCELLED, Change, Course, Unfinished};
use crate::activity::{EXEMPT, Event};

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

    fn untold(&self) -> Unfinished {
        Course::new(&self.bytes, true).untold("alice", "", "2026-11-22T23:00:00Z")
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
    assert_eq!(file.untold(), Unfinished::default());
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
        file.untold(),
        Unfinished {
            count: 1001,
            from: vec!["203.0.113.5".into(), "192.0.2.1".into()],
        }
    );
    file.move_on(ASKED, "198.51.100.1", "own");
    file.move_on(ACCEPTED, "198.51.100.1", "own");
    assert_eq!(file.untold(), Unfinished::default());
    // A later one starts a new count: the person was told of the earlier ones.
    file.move_on(ASKED, "203.0.113.5", "more");
    assert_eq!(file.untold().count, 1);
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
fn sign_ins_that_a_rehearsal_lets_in_fill_no_file_and_push_nothing_out_of_it() {
    let mut file = File::new();
    file.move_on(ASKED, "192.0.2.1", "never.ends");
    let mut length = 0;
    for number in 0..200 {
        let name = format!("{number:x}.beef");
        file.move_on(ASKED, "203.0.113.5", &name);
        let event = Event {
            reason: "rehearsed".into(),
            ..file.event(EXEMPT, "203.0.113.5")
        };
        let change = Course::new(&file.bytes, true).move_on(event, &name, true);
        file.make(change);
        if number == 2 {
            length = file.bytes.len();
        }
    }
    assert_eq!(file.shown(), shown(&[(ASKED, 1), (EXEMPT, 200)]));
    assert_eq!(file.bytes.len(), length);
    assert_eq!(file.untold().from, ["192.0.2.1"]);
}

#[test]
fn an_accepted_sign_in_of_a_clock_that_ran_ahead_hides_nothing() {
    let mut file = File::new();
    let ahead = Event {
        time: "2026-11-29T20:00:00Z".into(),
        ..file.event(ACCEPTED, "198.51.100.1")
    };
    let change = Course::new(&file.bytes, true).move_on(ahead, "first", true);
    file.make(change);
    for name in ["a", "b"] {
        file.move_on(ASKED, "203.0.113.5", name);
    }
    assert_eq!(file.shown(), shown(&[(ACCEPTED, 1), (ASKED, 2)]));
    assert_eq!(file.untold().count, 2);
    file.move_on(ACCEPTED, "198.51.100.1", "last");
    assert_eq!(file.untold(), Unfinished::default());
}

#[test]
fn the_latest_origins_are_told_by_their_time_and_who_called_for_another_by_name() {
    let mut file = File::new();
    for number in [1, 2, 3, 4, 1] {
        file.move_on(ASKED, &format!("203.0.113.{number}"), "");
    }
    let by_bob = Event {
        terminal: "pts/0".into(),
        caller: "bob".into(),
        ..file.event(ASKED, "")
    };
    let change = Course::new(&file.bytes, true).move_on(by_bob, "", false);
    file.make(change);
    let told = file.untold();
    assert_eq!(told.count, 6);
    assert_eq!(told.from, ["203.0.113.4", "203.0.113.1", "bob (pts/0)"]);
}
