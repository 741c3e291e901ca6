//! The number is at the prompt, and nowhere else.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use antiphon_tests::{LyingDaemon, PamHost, Sshd, World, in_world};
use serde_json::Value;

use super::{ALONE, FORKS, PROGRAMS, alice_with_phone, approve, number_on, play_with};

/// Six digits: none that stands somewhere by chance.
const SIX_DIGITS: &str = "number_digits = 6\n";

#[test]
fn the_number_is_in_no_byte_that_leaves_the_module_but_the_prompt() {
    in_world(|world| {
        world.configure(SIX_DIGITS);
        let (mut alice, passkey) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        let sshd = Sshd::start(world, "");
        let mut heard = Vec::new();
        let mut numbers = Vec::new();
        for program in PROGRAMS {
            let mut terminal = program.start(world);
            let mut call = daemon.asked();
            let number = number_on(&mut terminal);
            assert_eq!((number.len(), call.digits), (6, 6));
            approve(&mut call, &passkey, &number);
            program.arrive(terminal);
            heard.append(&mut call.heard);
            numbers.push(number);
        }
        // A wrong one, a wrong code beside it, and one that nobody answers.
        let mut terminal = sshd.after_password(world, "alice", "true");
        let mut call = daemon.asked();
        numbers.push(number_on(&mut terminal));
        terminal.send_line(&alice.wrong_code());
        number_on(&mut terminal);
        call.answer(passkey.answer(&call.request, "100000"));
        terminal.send_line("").expect("The number did not match.");
        assert_eq!(call.outcome().as_deref(), Some("wrong"));
        heard.append(&mut call.heard);
        assert!(!terminal.interrupt().succeeded());
        alice.change(|_| {});
        let mut terminal = sshd.after_password(world, "alice", "true");
        let mut call = daemon.asked();
        numbers.push(number_on(&mut terminal));
        assert!(!terminal.interrupt().succeeded());
        assert_eq!(call.outcome(), None);
        heard.append(&mut call.heard);
        must_not_be_known(world, &heard, &numbers);
    });
}

fn must_not_be_known(world: &World, heard: &[u8], numbers: &[String]) {
    let mut places = vec![
        ("the socket".to_owned(), heard.to_vec()),
        ("the log".to_owned(), world.log().lines().join("\n").into()),
    ];
    // All that is the world's own and not the harness's.
    for folder in [
        "/var/lib/antiphon",
        "/var/log",
        "/etc/antiphon",
        "/run/antiphon",
        "/tmp",
        "/var/tmp",
        "/dev/shm",
    ] {
        read_all(Path::new(folder), &mut places);
    }
    for (place, bytes) in &places {
        let text = String::from_utf8_lossy(bytes);
        for number in numbers {
            assert!(!text.contains(number), "{number} is in {place}: {text}");
        }
    }
    let kinds: Vec<_> = places.iter().map(|(place, _)| place.as_str()).collect();
    for file in ["state/alice", "activity/alice.jsonl"] {
        let path = format!("/var/lib/antiphon/{file}");
        assert!(kinds.contains(&path.as_str()), "{kinds:?}");
    }
}

/// What stands in `folder`, as far as its file system goes: what a world keeps of the machine is another one, and somebody may
/// have cloned us into `/tmp`.
fn read_all(folder: &Path, places: &mut Vec<(String, Vec<u8>)>) {
    let device = |path: &Path| fs::metadata(path).map(|seen| seen.dev()).ok();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if device(&path) != device(folder) {
            continue;
        }
        if path.is_dir() {
            read_all(&path, places);
        } else if path.is_file() {
            let bytes = fs::read(&path).unwrap();
            places.push((path.display().to_string(), bytes));
        }
    }
}

#[test]
fn no_field_of_what_the_daemon_is_told_is_the_number() {
    in_world(|world| {
        world.pam(FORKS, ALONE);
        let (_, passkey) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        // Two digits stand in a nonce by chance, but no whole field is the number each time.
        for _ in 0..20 {
            let host = PamHost::of_service(world, FORKS, "alice").option("--phone-first");
            let (played, (number, heard)) = play_with(host, |numbers| {
                let mut call = daemon.asked();
                let number = numbers.recv().unwrap();
                approve(&mut call, &passkey, &number);
                (number, call.heard)
            });
            assert_eq!(played.result(), "PAM_SUCCESS");
            let length = u32::from_be_bytes(heard[..4].try_into().unwrap()) as usize;
            let asked: Value = serde_json::from_slice(&heard[4..4 + length]).unwrap();
            must_not_hold(&asked, &number);
        }
    });
}

fn must_not_hold(value: &Value, number: &str) {
    match value {
        Value::Object(fields) => fields.values().for_each(|it| must_not_hold(it, number)),
        Value::Array(fields) => fields.iter().for_each(|it| must_not_hold(it, number)),
        Value::String(text) => assert_ne!(text, number),
        other => assert_ne!(other.to_string(), number),
    }
}
