//! What a sign-in leaves in the memory of the program around it: no secret.
//!
//! Looked for are secrets whole and in part, since what is freed and used again is only partly written over. What the
//! host itself keeps of an answer is the host's.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::process::{Child, Stdio};

use antiphon_core::record::CodeSecret;
use antiphon_core::recovery::{RecoveryCode, hashes_of};
use antiphon_tests::{Enrolled, World, in_world};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// So many bytes of a secret in a row are no accident.
const TELLING: usize = 8;

/// 160 bits that stand nowhere by chance.
const SECRET: [u8; 20] = [
    0xd3, 0x91, 0x7e, 0x0c, 0xa6, 0x58, 0xf4, 0x2b, 0x85, 0xe9, 0x13, 0x6f, 0xba, 0x40, 0xcd, 0x27,
    0x9a, 0x71, 0xb8, 0x5e,
];
/// And 80.
const RECOVERY: [u8; 10] = [0x6e, 0xc1, 0x35, 0xf8, 0x0b, 0x92, 0xdd, 0x47, 0xa3, 0x19];

#[test]
fn an_accepted_code_leaves_no_secret_in_the_memory_of_the_host() {
    in_world(|world| {
        let alice = enrol_with_known_secrets(world);
        let host = Stopped::after(world, &alice.code());
        assert_eq!(host.holds(&secrets_of(world, &alice)), [""; 0]);
    });
}

#[test]
fn refused_codes_leave_no_secret_in_the_memory_of_the_host() {
    in_world(|world| {
        let alice = enrol_with_known_secrets(world);
        let wrong = alice.wrong_code();
        let answers = format!("{wrong}\n{wrong}\nAAAA-AAAA-AAAA-AAAA\n");
        let host = Stopped::after(world, &answers);
        assert_eq!(host.holds(&secrets_of(world, &alice)), [""; 0]);
    });
}

#[test]
fn a_recovery_code_leaves_no_secret_in_the_memory_of_the_host_nor_itself() {
    in_world(|world| {
        let alice = enrol_with_known_secrets(world);
        let shown = RecoveryCode::new(RECOVERY).shown();
        // Typed otherwise than it is shown: the host's copies are not what is looked for.
        let host = Stopped::after(world, &shown.to_lowercase());
        let mut secrets = secrets_of(world, &alice);
        secrets.push(("the recovery code", RECOVERY.to_vec()));
        let plain = shown.replace('-', "").into_bytes();
        secrets.push(("the text of the recovery code", plain));
        assert_eq!(host.holds(&secrets), [""; 0]);
    });
}

#[test]
fn what_stands_in_the_memory_of_the_host_is_found() {
    in_world(|world| {
        let _ = enrol_with_known_secrets(world);
        // Too long to be looked at: it goes no further than the host, which keeps it.
        let answer = "telling ".repeat(100);
        let host = Stopped::after(world, &answer);
        let found = host.holds(&[("the answer", answer.into_bytes())]);
        assert!(!found.is_empty());
    });
}

fn enrol_with_known_secrets(world: &World) -> Enrolled {
    let mut alice = world.enrol("alice");
    alice.secret = CodeSecret::usual(SECRET);
    alice.set_period(300);
    alice.change(|record| {
        record.recovery = Some(hashes_of(&[RecoveryCode::new(RECOVERY)], [0xe5; 16]));
    });
    alice
}

fn secrets_of(world: &World, alice: &Enrolled) -> Vec<(&'static str, Vec<u8>)> {
    let record = fs::read_to_string(world.record_path("alice")).unwrap();
    let (_, recovery) = record.split_once("hashes = [").unwrap();
    vec![
        ("the secret", SECRET.to_vec()),
        // As good as the secret: the key of the inner and the outer hash of an HMAC (RFC 2104).
        ("the inner key", SECRET.map(|byte| byte ^ 0x36).to_vec()),
        ("the outer key", SECRET.map(|byte| byte ^ 0x5c).to_vec()),
        (
            "the secret's text",
            alice.secret.base32().as_bytes().to_vec(),
        ),
        // From the quote on: the rest of the line is not a secret.
        ("the record", recovery.trim().as_bytes()[1..30].to_vec()),
    ]
}

/// A `pam_host` that has signed alice in, or refused to, and has stopped.
struct Stopped(Child);

impl Stopped {
    fn after(world: &World, answers: &str) -> Self {
        let script = world.folder().join("answers");
        fs::write(&script, answers).unwrap();
        let child = world
            .command(&world.product().pam_host)
            .args(["antiphon-alone", "alice", "--stop"])
            .stdin(File::open(script).unwrap())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let stopped = Self(child);
        let pid = Pid::from_raw(stopped.0.id().cast_signed());
        let status = waitpid(pid, Some(WaitPidFlag::WUNTRACED)).unwrap();
        assert!(matches!(status, WaitStatus::Stopped(..)), "{status:?}");
        stopped
    }

    /// Which of `secrets` stand in its memory, at least in part, and where.
    fn holds(&self, secrets: &[(&str, Vec<u8>)]) -> Vec<String> {
        // By their first two bytes, so that the memory is gone through once: that is fast also without optimisation.
        let mut parts = vec![Vec::new(); 1 << 16];
        for (name, secret) in secrets {
            for (place, part) in secret.windows(TELLING).enumerate() {
                parts[first_two(part)].push((name, place, part));
            }
        }
        let mut found = Vec::new();
        for (map, memory) in self.maps() {
            for (at, here) in memory.windows(TELLING).enumerate() {
                for (name, place, part) in &parts[first_two(here)] {
                    if here == *part {
                        found.push(format!("{name} from byte {place}, at {at:#x} of {map}"));
                    }
                }
            }
        }
        found
    }

    /// All that can be read.
    fn maps(&self) -> Vec<(String, Vec<u8>)> {
        let folder = format!("/proc/{}", self.0.id());
        let memory = File::open(format!("{folder}/mem")).unwrap();
        let maps = fs::read_to_string(format!("{folder}/maps")).unwrap();
        let mut read = Vec::new();
        for map in maps.lines() {
            let mut words = map.split_whitespace();
            let (begin, end) = words.next().unwrap().split_once('-').unwrap();
            let [begin, end] = [begin, end].map(|text| u64::from_str_radix(text, 16).unwrap());
            // The kernel's own pages for the clock are not there to be read.
            if !words.next().unwrap().starts_with('r') || map.ends_with("[vvar]") {
                continue;
            }
            let mut bytes = vec![0; usize::try_from(end - begin).unwrap()];
            // What is written to is never left out.
            if memory.read_exact_at(&mut bytes, begin).is_ok() {
                read.push((map.to_owned(), bytes));
            } else {
                assert!(!map.contains(" rw"), "{map}");
            }
        }
        read
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn first_two(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}
