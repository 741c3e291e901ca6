//! Whichever system call of a command fails, or is its last before it is killed: a person's files are the old ones or the new
//! ones, whole.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use antiphon_core::name::UserName;
use antiphon_core::record::{Record, TelephoneNumber, TelephoneUse};
use antiphon_core::state::SlotPair;
use antiphon_tests::{PamHost, Passkey, World, in_world};

use crate::command::{antiphon, enroll, files, run, signs_in};
use crate::fix::status;

/// What changes files, or decides whether it may be done.
const CALLS: &str = "flock openat write pwrite64 fchmod fchown fsync fdatasync renameat unlinkat";
const TAMPERINGS: [&str; 2] = ["error=EIO", "signal=SIGKILL"];
/// More calls of one kind than any command makes.
const MOST: usize = 200;

/// Alice as every command finds her: codes, two phones, a number, ten recovery codes.
struct Alice<'w> {
    world: &'w World,
    files: BTreeMap<PathBuf, Vec<u8>>,
    record: Record,
}

impl<'w> Alice<'w> {
    fn new(world: &'w World) -> Self {
        world.configure("[telephone]\nsms = true\n");
        let mut alice = world.enrol("alice");
        alice.change(|record| {
            for name in ["Pixel", "iPad"] {
                let phone = Passkey::new(name, "http://localhost:8470").phone();
                record.phones.push(phone);
            }
            record.numbers.push(TelephoneNumber {
                tel: "+46701234521".into(),
                uses: vec![TelephoneUse::Sms],
            });
        });
        let wrong = alice.wrong_code();
        let _ = PamHost::new(world, "alice").answer(wrong).play();
        Self::found(world)
    }

    /// As she stands.
    fn found(world: &'w World) -> Self {
        let paths = [world.record_path("alice"), world.state_path("alice")];
        let files = paths.map(|path| (path.clone(), fs::read(path).unwrap()));
        let mut alice = Self {
            world,
            files: BTreeMap::from(files),
            record: Record::new(&UserName::new("alice").unwrap()),
        };
        alice.record = alice.on_file().unwrap();
        alice
    }

    /// Puts her files back as they were.
    fn restore(&self) {
        for (path, bytes) in &self.files {
            fs::write(path, bytes).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }

    fn on_file(&self) -> Option<Record> {
        let text = fs::read_to_string(self.world.record_path("alice")).ok()?;
        let name = UserName::new("alice").unwrap();
        Some(Record::parse(&text, &name).expect("a whole record"))
    }

    /// Runs `command` once for each of its system calls, which fails, and once for each, at which it is killed.
    fn survives(&self, command: &str) {
        let mut met = 0;
        for tampering in TAMPERINGS {
            let is_killed = tampering.contains("KILL");
            for call in CALLS.split(' ') {
                let context = |nth: usize| format!("{command}: {tampering} at {call} {nth}");
                let last = (1..MOST).find(|nth| {
                    self.restore();
                    if !self.tampered(command, call, *nth, tampering) {
                        return true;
                    }
                    met += 1;
                    self.is_whole(is_killed, &context(*nth));
                    false
                });
                assert!(last.is_some(), "{}", context(MOST));
            }
        }
        assert!(met > 40, "{command}: {met}");
    }

    /// Runs `command` with `tampering` at its `nth` such call. False if it makes fewer.
    fn tampered(&self, command: &str, call: &str, nth: usize, tampering: &str) -> bool {
        let trace = self.world.folder().join("trace");
        let mut strace = self.world.command("strace");
        strace.args(["-f", "-qq", "-o"]).arg(&trace);
        strace.arg(format!("--trace={call}"));
        strace.arg(format!("--inject={call}:{tampering}:when={nth}"));
        strace.arg(&self.world.product().command);
        strace.args(command.split(' ')).output().unwrap();
        let trace = fs::read_to_string(trace).unwrap();
        trace.contains("(INJECTED)") || trace.contains("SIGKILL")
    }

    fn is_whole(&self, is_killed: bool, context: &str) {
        let Some(record) = self.on_file() else {
            // Removed, which the state outlasts.
            assert!(context.starts_with("remove alice --yes"), "{context}");
            return;
        };
        let had_code = self.record.code.is_some();
        assert_eq!(record.code.is_some(), had_code, "{context}");
        let state = self.world.state("alice").unwrap();
        let slots = SlotPair::decode(&state).unwrap();
        assert!(slots.whole, "{context}");
        let left = slots.state.unwrap().recovery_left(&record);
        // Killed between the two files: then the old ones are closed.
        let closed = is_killed && context.starts_with("recovery");
        let closed = closed || is_killed && context.starts_with("enroll");
        assert!(left == 10 || closed && left == 0, "{context}: {left} left");
        let known = status(self.world);
        assert_eq!(known["enrolled"], true, "{context}: {known}");
        assert!(known["trouble"].is_null(), "{context}: {known}");
    }
}

#[test]
fn new_recovery_codes() {
    in_world(|world| Alice::new(world).survives("recovery alice --json"));
}

#[test]
fn a_new_code() {
    in_world(|world| {
        Alice::new(world).survives("enroll alice --replace --no-confirm --code --json");
    });
}

#[test]
fn one_phone_less() {
    in_world(|world| Alice::new(world).survives("remove alice --phone Pixel --yes --json"));
}

#[test]
fn no_second_factor_any_more() {
    in_world(|world| Alice::new(world).survives("remove alice --yes --json"));
}

#[test]
fn a_number_more_and_one_less() {
    in_world(|world| {
        let alice = Alice::new(world);
        alice.survives("number add alice +46701234522 --json");
        alice.survives("number remove alice +46701234521 --json");
    });
}

#[test]
fn a_bypass_code_and_none() {
    in_world(|world| {
        Alice::new(world).survives("bypass alice --json");
        antiphon(world, "bypass alice").done();
        Alice::found(world).survives("bypass alice --end --json");
    });
}

#[test]
fn no_lock_any_more() {
    in_world(|world| Alice::new(world).survives("unlock alice --json"));
}

#[test]
fn a_limit_between_the_halves_of_the_state_leaves_both() {
    in_world(|world| {
        let alice = enroll(world, "alice");
        let before = files(world);
        for bytes in [4096, 8191] {
            for deed in [
                "recovery alice",
                "enroll alice --replace --no-confirm --code",
                "bypass alice",
            ] {
                let mut limited = world.command("prlimit");
                limited.arg(format!("--fsize={bytes}"));
                limited.arg(&world.product().command);
                run(limited.args(deed.split(' ')), "").failed(73, "ulimit -f");
                assert_eq!(files(world), before, "{bytes}: {deed}");
            }
        }
        assert!(signs_in(world, &alice.recovery[0], 0));
    });
}
