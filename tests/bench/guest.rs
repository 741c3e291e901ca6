//! The process that signs in: this program, started again.
//!
//! It enters a stage and does what it is told on standard input, a line at a time, and answers each line with a line. A
//! new one is a cold sign-in's process; one that has loaded the module and goes on is a warm one's.

use std::ffi::CString;
use std::fs;
use std::io::{BufRead, Write};
use std::time::{Duration, Instant};

use antiphon_core::code::code_at;
use antiphon_core::time::UnixTime;
use nix::sys::resource::{UsageWho, getrusage};

use crate::clock;
use crate::conversation::Script;
use crate::ffi::{self, Handle};
use crate::generate::{PERSON, secret};
use crate::stage;

/// The argument that makes this program a guest.
pub(crate) const WORD: &str = "guest";

/// Seconds between two sign-ins: the next code is a new one.
pub(crate) const PERIOD: u64 = 30;

/// A guest's life: `entrance` and `service`, then orders.
pub(crate) fn run(given: &[String]) {
    let [entrance, service] = given else {
        panic!("guest: {given:?}")
    };
    stage::enter(entrance);
    // What a first look at it costs is not the module's.
    let _ = (clock::now(), secret());
    for order in std::io::stdin().lock().lines() {
        let answer = obey(&order.unwrap(), service);
        println!("{answer}");
        std::io::stdout().flush().unwrap();
    }
}

fn obey(order: &str, service: &str) -> String {
    let words: Vec<&str> = order.split(' ').collect();
    match words.as_slice() {
        ["load", file] => {
            load(file);
            String::new()
        }
        ["memory"] => memory(),
        ["faults"] => faults(),
        ["sign-in", count, ahead] => {
            let (count, ahead): (u64, u64) = (count.parse().unwrap(), ahead.parse().unwrap());
            let spent: Duration = (0..count)
                .map(|number| sign_in(service, ahead + number * PERIOD))
                .sum();
            spent.as_nanos().to_string()
        }
        _ => panic!("guest: {order}"),
    }
}

/// One sign-in, from `pam_start` to `pam_end`, with the wall clock so many seconds ahead.
fn sign_in(service: &str, ahead: u64) -> Duration {
    clock::shift(i64::try_from(ahead).unwrap());
    let code = code_at(&secret(), UnixTime(clock::now()));
    let mut script = Script::new(&code);
    let begun = Instant::now();
    let mut handle = Handle::start(service, PERSON, &mut script);
    let result = handle.authenticate(false);
    handle.end(result);
    let spent = begun.elapsed();
    assert_eq!(result, 0, "{service}: {}", ffi::code_name(result));
    spent
}

/// Loads the module for good: what libpam loads and lets go is then there already.
#[allow(unsafe_code)]
pub(crate) fn load(file: &str) {
    let file = CString::new(file).unwrap();
    // SAFETY: the path ends with NUL, and a PAM module's initialisers do nothing.
    let loaded = unsafe { libc::dlopen(file.as_ptr(), libc::RTLD_NOW) };
    assert!(!loaded.is_null(), "{file:?}: dlopen");
}

/// Page faults so far that read nothing from a disk.
fn faults() -> String {
    let used = getrusage(UsageWho::RUSAGE_SELF).unwrap();
    used.minor_page_faults().to_string()
}

/// Resident memory and our share of it, in KiB.
fn memory() -> String {
    let text = fs::read_to_string("/proc/self/smaps_rollup").unwrap();
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().trim().trim_end_matches(" kB").to_owned()
    };
    format!("{} {}", field("Rss:"), field("Pss:"))
}
