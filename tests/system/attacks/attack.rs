//! One instant after the other: a `su` is caught, and then others come.

use std::fs;
use std::io::Write;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use antiphon_core::config::Config;
use antiphon_core::state::{Gate, SlotPair};
use antiphon_core::time::UnixTime;
use antiphon_tests::{Enrolled, PamHost, World};
use nix::sys::signal::{Signal, kill};

use super::cage::Cage;
use super::figures::Figures;
use super::others::Others;
use super::target::{Attacked, Target};
use crate::enrolment::OPEN_TO_SCRIPTS;
use crate::kills::Random;

/// More than the way from the last answer to the lock and through it takes.
const SPAN: Duration = Duration::from_millis(120);
/// The same with a hundredth of a processor.
const SLOW_SPAN: Duration = Duration::from_millis(1500);
/// What takes longer than this is told of.
const LONG: Duration = Duration::from_secs(4);
/// One wrong code locks, for longer than a test.
const LOCKING: &str = "[throttle]\nattempts = 1\nfirst_lock = 600\n";
/// What alice does to her `su`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Means {
    /// SIGSTOP, by her own user id.
    Stop,
    /// Ctrl-Z on her terminal.
    CtrlZ,
    /// The freezer of a cgroup of her own.
    Freeze,
    /// A thousandth of a processor, and a crowd that wants it too.
    Starve,
    /// So slow that it is inside for long, then frozen.
    SlowFreeze,
}

const MEANS: [Means; 5] = [
    Means::Stop,
    Means::CtrlZ,
    Means::Freeze,
    Means::Starve,
    Means::SlowFreeze,
];

/// What is looked at after an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// The owner signs in.
    Owner,
    /// Root gives a command, before anybody else.
    Root,
    /// The owner mistypes, and is locked out: that lasts.
    Lock,
    /// Root removes the state when the code has been used: it stays used.
    Removed,
}

const LOOKS: [Look; 4] = [Look::Owner, Look::Root, Look::Lock, Look::Removed];

/// Everything of a run.
pub(crate) struct Attack<'w> {
    world: &'w World,
    target: Target,
    alice: Enrolled,
    bob: Enrolled,
    /// A shell of alice's, which sends signals.
    shell: Child,
    cage: Cage,
    random: Random,
    figures: Figures,
    inside: u32,
}

impl<'w> Attack<'w> {
    pub(crate) fn new(world: &'w World, target: Target) -> Self {
        world.add_person("carol", 1002);
        let mut shell = world.command_of("alice", "sh");
        let shell = shell.stdin(Stdio::piped()).stderr(Stdio::null());
        Self {
            world,
            target,
            alice: world.enrol_with_long_codes("alice"),
            bob: world.enrol_with_long_codes("bob"),
            shell: shell.spawn().unwrap(),
            cage: Cage::new(),
            random: Random(0x00a7_7ac4),
            figures: Figures::default(),
            inside: 0,
        }
    }

    pub(crate) fn run(mut self, instants: u32) {
        for number in 0..instants as usize {
            let means = MEANS[number % MEANS.len()];
            let look = LOOKS[number / MEANS.len() % LOOKS.len()];
            let can = match means {
                Means::Stop | Means::CtrlZ => true,
                Means::Freeze => self.cage.can_freeze(),
                Means::Starve => self.cage.can_starve(),
                Means::SlowFreeze => self.cage.can_freeze() && self.cage.can_starve(),
            };
            if can {
                self.instant(number, means, look);
            } else {
                println!("{means:?}: no cgroup on this machine can do that");
            }
        }
        let ended = self.world.log().ours();
        let ended = ended.iter().filter(|line| line.text.starts_with("lock="));
        println!(
            "{instants} instants, {} of them inside, {} holders ended",
            self.inside,
            ended.count()
        );
        let Self {
            mut shell,
            figures,
            target,
            ..
        } = self;
        drop(shell.stdin.take());
        shell.wait().unwrap();
        figures.print(&format!("{target:?}"));
    }

    fn instant(&mut self, number: usize, means: Means, look: Look) {
        let context = format!("instant {number}: {means:?}, {look:?}");
        self.bob.change(|_| {});
        self.alice.change(|_| {});
        let rules = if look == Look::Lock { LOCKING } else { "" };
        self.world.configure(&format!("{OPEN_TO_SCRIPTS}{rules}"));
        let code = self.bob.code();
        let mut su = self.target.start(self.world, &code);
        self.catch(&mut su, means);
        let was_inside = su.holds_a_lock();
        self.inside += u32::from(was_inside);
        let mut others = Others {
            world: self.world,
            bob: &self.bob,
            alice: &self.alice,
            code: &code,
            context: &context,
            waits: Vec::new(),
            used_the_code: false,
        };
        let command = number / (MEANS.len() * LOOKS.len());
        if self.target == Target::Pending {
            others.enrol_carol();
        } else {
            others.come(look, command);
        }
        let Others {
            waits,
            used_the_code,
            ..
        } = others;
        for waited in waits {
            if waited > LONG {
                let lines = self.world.log().lines();
                println!("{context}: {waited:?}: {:#?}", lines.iter().rev().take(8));
            }
            self.figures.add(means, was_inside, waited);
        }
        let is_removed = look == Look::Removed && self.target == Target::State;
        if is_removed {
            let _ = fs::remove_file(self.world.state_path("bob"));
        }
        let locked = self.locked_until();
        let let_in = self.let_go(su);
        if look == Look::Lock {
            assert_eq!(self.locked_until(), locked, "{context}");
        }
        let is_records = self.target == Target::Records;
        assert!(is_records || !(let_in && used_the_code), "{context}");
        assert!(!is_records || !used_the_code, "{context}");
        if is_removed {
            let again = PamHost::new(self.world, "bob").answer(&code).play();
            assert_ne!(again.result(), "PAM_SUCCESS", "{context}: {again:#?}");
        }
    }

    /// Gives the last answer and catches the process, at any instant or inside a lock.
    fn catch(&mut self, su: &mut Attacked, means: Means) {
        if matches!(means, Means::Freeze | Means::SlowFreeze) {
            self.cage.hold(su.id);
        }
        let is_slow = matches!(means, Means::Starve | Means::SlowFreeze);
        if is_slow {
            self.cage.slow(su.id);
        }
        let span = if is_slow { SLOW_SPAN } else { SPAN };
        let moment = span.mul_f64(self.random.fraction());
        let at_random = self.random.fraction() < 0.5;
        su.go();
        let begun = Instant::now();
        if at_random {
            sleep(moment);
        } else {
            // As fast as a local user can.
            while begun.elapsed() < 2 * span && !su.holds_a_lock() {}
        }
        match means {
            Means::Stop => {
                let order = format!("kill -STOP {}\n", su.id);
                let stdin = self.shell.stdin.as_mut().unwrap();
                stdin.write_all(order.as_bytes()).unwrap();
            }
            Means::CtrlZ => {
                su.terminal.send(b"\x1a");
            }
            Means::Freeze | Means::SlowFreeze => self.cage.freeze(true),
            Means::Starve => self.cage.starve(),
        }
        // Until it has got there.
        sleep(Duration::from_millis(10));
    }

    /// Lets it go on, and ends it where it does not end by itself; whether it was let in.
    fn let_go(&self, su: Attacked) -> bool {
        self.cage.feed();
        self.cage.freeze(false);
        // It may have gone.
        let _ = kill(su.id, Signal::SIGCONT);
        let begun = Instant::now();
        while su.goes_on() && begun.elapsed() < Duration::from_millis(400) {
            sleep(Duration::from_millis(5));
        }
        let _ = kill(su.id, Signal::SIGKILL);
        // The shell too, which waits for it in vain where it was stopped.
        kill(su.shell, Signal::SIGKILL).unwrap();
        su.terminal.end().text.contains("let in as")
    }

    fn locked_until(&self) -> Option<Gate> {
        let slots = SlotPair::decode(&self.world.state("bob")?).unwrap();
        let config = Config::parse(LOCKING).unwrap();
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = UnixTime(since.unwrap().as_secs());
        Some(slots.state?.gate(&config, now))
    }
}
