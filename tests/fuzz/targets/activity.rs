//! Lines of activity: any text is read, what is shown of it is safe on a terminal, and what is written comes back.
#![no_main]

use antiphon_core::activity::Event;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for event in Event::read_lines(text) {
        let line = event.to_line().unwrap();
        assert!(line.ends_with('\n'));
        assert!(!line.trim_end_matches('\n').contains(char::is_control));
        let again: Vec<Event> = Event::read_lines(&line).collect();
        assert_eq!(again.len(), 1);
        // Made safe once, it stays as it is.
        assert_eq!(again[0].to_line().unwrap(), line);
    }
});
