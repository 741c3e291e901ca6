//! A panic in any call to a sign-in's surroundings: the sign-in is refused, the process survives, and the log has only
//! the location.
#![allow(
    unsafe_code,
    reason = "the guard takes PAM's raw handle, and what is typed comes from C"
)]

use std::cell::{Cell, RefCell};
use std::ffi::CString;
use std::fs::File;
use std::ptr::{self, NonNull};
use std::rc::Rc;
use std::time::Duration;

use antiphon_core::disk::{Holder, Patience, Walk};
use antiphon_core::outcome::Trouble;
use antiphon_core::time::UnixTime;
use antiphon_tests::{Enrolled, World, in_world};
use nix::fcntl::{Flock, FlockArg};
use pam::constants::PamResultCode;
use pam::macros::invoke_hook;
use pam::module::PamHandle;
use zeroize::Zeroizing;

use super::keep_off_the_terminal;
use crate::arguments::Arguments;
use crate::conversation::{Conversation, Gone};
use crate::host::{self, Host};
use crate::journal::Journal;
use crate::request::Request;
use crate::watch::{SystemWatch, Watch};
use crate::{result, signin};

/// Must not appear in any log.
const MESSAGE: &str = "what was typed";

#[test]
fn a_panic_in_any_call_of_a_sign_in_is_an_abort_and_lets_nobody_in() {
    in_world(|world| {
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        let (code, wrong) = (alice.code(), alice.wrong_code());
        let recovery = alice.recovery[0].clone();
        keep_off_the_terminal();
        let mut runs = Vec::new();
        for answers in [
            [&code; 3],
            [&recovery; 3],
            [&wrong; 3],
            [&wrong, &String::new(), &code],
        ] {
            runs.extend(at_each_call(&mut alice, &answers));
        }
        // Failures below go to the terminal again.
        drop(std::panic::take_hook());
        assert!(runs.len() > 30, "{runs:#?}");
        for run in &runs {
            assert_eq!(run.first, PamResultCode::PAM_ABORT, "{run:?}");
            assert!(run.accepted_later <= 1, "{run:?}");
        }
        must_be_logged(world, runs.len());
    });
}

#[test]
fn a_panic_while_the_person_looks_after_their_methods_leaves_the_sign_in_as_it_was_decided() {
    in_world(|world| {
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        let code = alice.code();
        // The list, its line for this, the method, the code; then new recovery codes, another language, and no more.
        let answers = ["?", "3", "1", &code, "2", "", "3", ""].map(str::to_owned);
        let answers: Vec<&String> = answers.iter().collect();
        keep_off_the_terminal();
        let mut results = Vec::new();
        for calls_before in 0.. {
            alice.change(|_| {});
            let (result, burnt) = sign_in(calls_before, &answers);
            if !burnt {
                break;
            }
            results.push(result);
        }
        drop(std::panic::take_hook());
        // Before the decision, in the sitting, and while the end is told and logged.
        let decided: Vec<bool> = results
            .iter()
            .map(|result| *result == PamResultCode::PAM_SUCCESS)
            .collect();
        let first = decided.iter().position(|is_success| *is_success).unwrap();
        let last = decided.iter().rposition(|is_success| *is_success).unwrap();
        assert!(first > 4 && last - first > 8, "{results:?}");
        assert!(
            decided[first..=last].iter().all(|is_success| *is_success),
            "{results:?}"
        );
        assert!(results.len() - last < 6, "{results:?}");
    });
}

#[test]
fn a_panic_while_waiting_for_the_lock_is_an_abort() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let state = File::open(world.state_path("alice")).unwrap();
        let held = Flock::lock(state, FlockArg::LockExclusive).unwrap();
        keep_off_the_terminal();
        // A new wait and the wait itself; then logging and telling.
        let results = [0, 1, 2, 3, 4].map(|calls| sign_in(calls, &[&alice.code()]).0);
        drop(held);
        let afterwards = sign_in(u32::MAX, &[&alice.code()]).0;
        drop(std::panic::take_hook());
        let [first @ .., unharmed] = results;
        assert_eq!(first, [const { PamResultCode::PAM_ABORT }; 4]);
        assert_eq!(unharmed, PamResultCode::PAM_AUTHINFO_UNAVAIL);
        assert_eq!(afterwards, PamResultCode::PAM_SUCCESS);
        must_be_logged(world, 4);
    });
}

#[test]
fn a_panic_without_a_log_is_an_abort_all_the_same() {
    in_world(|world| {
        let alice = world.enrol("alice");
        std::fs::remove_file("/dev/log").unwrap();
        keep_off_the_terminal();
        let (result, _) = sign_in(0, &[&alice.code()]);
        drop(std::panic::take_hook());
        assert_eq!(result, PamResultCode::PAM_ABORT);
    });
}

/// One sign-in with a panic, and two with the same answers after it.
#[derive(Debug)]
#[expect(dead_code, reason = "shown where a test fails")]
struct Run {
    answers: String,
    calls_before: u32,
    first: PamResultCode,
    accepted_later: usize,
}

fn at_each_call(alice: &mut Enrolled, answers: &[&String]) -> Vec<Run> {
    let mut runs = Vec::new();
    for calls_before in 0.. {
        alice.change(|_| {});
        let (first, burnt) = sign_in(calls_before, answers);
        if !burnt {
            break;
        }
        let later = [(); 2].map(|()| sign_in(u32::MAX, answers).0);
        let accepted = |result: &&PamResultCode| **result == PamResultCode::PAM_SUCCESS;
        runs.push(Run {
            answers: format!("{answers:?}"),
            calls_before,
            first,
            accepted_later: later.iter().filter(accepted).count(),
        });
    }
    runs
}

fn must_be_logged(world: &World, panics: usize) {
    let ours = world.log().ours();
    let told = ours.iter().filter(|line| {
        let place = "outcome=panic place=src/pam/src/panic/tests.rs:";
        line.text.starts_with(place)
    });
    assert_eq!(told.count(), panics, "{ours:#?}");
    assert!(
        ours.iter().all(|line| !line.text.contains(MESSAGE)),
        "{ours:#?}"
    );
}

/// A sign-in of alice as run by `sm_authenticate`, with a panic after `calls` calls to person and clock; and whether it
/// got that far.
fn sign_in(calls: u32, answers: &[&String]) -> (PamResultCode, bool) {
    let fuse = Fuse(Rc::new(Cell::new(Some(calls))));
    let person = Person {
        fuse: fuse.clone(),
        answers: RefCell::new(
            answers
                .iter()
                .map(|answer| CString::new(answer.as_str()).unwrap())
                .collect(),
        ),
    };
    let watch = FusedWatch(fuse.clone());
    let request = Request {
        asked_for: "alice".to_owned(),
        service: "test".to_owned(),
        remote_host: String::new(),
        terminal: String::new(),
        caller: "root".to_owned(),
        host: Host::Terminal,
        password: None,
        pam_unix_failed: false,
    };
    let journal = Journal::new("test", true);
    let handle = NonNull::<PamHandle>::dangling().as_ptr();
    // SAFETY: the handle is of a zero-sized type, and the hook does not use it; there are no arguments.
    let result = unsafe {
        invoke_hook(handle, 0, ptr::null(), |_, _| {
            let arguments = Arguments::default();
            let walk = Walk::default();
            let ending = signin::run(&arguments, &request, &person, &watch, &journal, &walk);
            journal.close(&request, &ending, &watch, &walk);
            host::say_goodbye(&request, &ending, &person);
            result::pam_code(&ending.outcome)
        })
    };
    (result, fuse.0.get().is_none())
}

/// Counts calls down, and panics at the end.
#[derive(Clone)]
struct Fuse(Rc<Cell<Option<u32>>>);

impl Fuse {
    fn burn(&self) {
        // Only once, to see what follows too.
        let Some(left) = self.0.get() else { return };
        self.0.set(left.checked_sub(1));
        assert!(left > 0, "{MESSAGE}");
    }
}

struct Person {
    fuse: Fuse,
    answers: RefCell<Vec<CString>>,
}

impl Conversation for Person {
    fn ask(&self, _: &str) -> Result<Zeroizing<Vec<u8>>, Gone> {
        self.fuse.burn();
        let mut answers = self.answers.borrow_mut();
        if answers.is_empty() {
            return Err(Gone);
        }
        Ok(Zeroizing::new(answers.remove(0).to_bytes().to_vec()))
    }

    fn tell(&self, _: &str) {
        self.fuse.burn();
    }

    fn refuse(&self, _: &str) {
        self.fuse.burn();
    }
}

struct FusedWatch(Fuse);

impl Watch for FusedWatch {
    fn now(&self) -> Result<UnixTime, Trouble> {
        self.0.burn();
        SystemWatch.now()
    }

    fn patience<'a>(&self, _: &'a Journal) -> Box<dyn Patience + 'a> {
        self.0.burn();
        Box::new(self.0.clone())
    }
}

impl Patience for Fuse {
    fn pause(&mut self) -> Option<Duration> {
        self.burn();
        None
    }

    fn ended(&mut self, _: &Holder) {}
}
