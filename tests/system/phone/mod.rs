//! The sign-in that a phone approves: the real module in the real programs, with a passkey in software, and a daemon that
//! the test plays or the real one.

mod forks;
mod guide;
mod lies;
mod quiet;
mod reported;
mod restart;
mod secrecy;
mod socket;
mod ssh;
mod terminals;
mod typed;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::mpsc;

use antiphon_core::state::SlotPair;
use antiphon_tests::{Call, Enrolled, PASSWORD, PamHost, Passkey, Played, Sshd, Terminal, World};

pub(crate) use antiphon_tests::NUMBER;

use crate::prompts::PASSWORD_PROMPT;

/// The page of the phones of these tests.
const ORIGIN: &str = "https://mfa.example.org";
/// A service of one thread, in whose stack only our line stands.
const FORKS: &str = "runuser";
const ALONE: &str = "auth required pam_antiphon.so\n";

/// Alice with codes of 300 s, and a phone.
pub(crate) fn alice_with_phone(world: &World) -> (Enrolled, Passkey) {
    let passkey = Passkey::new("Pixel 9", ORIGIN);
    let mut alice = world.enrol_with_long_codes("alice");
    alice.change(|record| record.phones.push(passkey.phone()));
    (alice, passkey)
}

/// The number that was shown last in `text`.
pub(crate) fn number_in(text: &str) -> String {
    let (_, after) = text.rsplit_once(NUMBER).unwrap();
    after.chars().take_while(char::is_ascii_digit).collect()
}

/// Waits for the prompt with a number, and says the number.
pub(crate) fn number_on(terminal: &mut Terminal) -> String {
    terminal.expect(NUMBER).expect(": ");
    number_in(&terminal.shown())
}

/// Programs on a terminal that ask for alice's second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    Sudo,
    Su,
    Doas,
    Login,
}

pub(crate) const PROGRAMS: [Program; 4] =
    [Program::Sudo, Program::Su, Program::Doas, Program::Login];

impl Program {
    /// Starts it, and gives the password.
    pub(crate) fn start(self, world: &World) -> Terminal {
        let shown = "echo here is $(id -un)";
        let mut terminal = match self {
            Self::Sudo => {
                let mut sudo = world.command_of("alice", "sudo");
                Terminal::start(sudo.args(["sh", "-c", shown]))
            }
            Self::Su => Terminal::start(world.command_of("bob", "su").args(["alice", "-c", shown])),
            Self::Doas => {
                configure_doas(world);
                let mut doas = world.command_of("alice", "doas");
                Terminal::start(doas.args(["sh", "-c", shown]))
            }
            Self::Login => Terminal::start(&world.command("login")),
        };
        if self == Self::Login {
            terminal.answer("login: ", "alice");
        }
        let prompt = match self {
            Self::Sudo => "password for alice: ",
            Self::Doas => "doas (alice@harbour) password: ",
            Self::Su | Self::Login => PASSWORD_PROMPT,
        };
        terminal.answer(prompt, PASSWORD);
        terminal
    }

    /// Waits until alice is in, and ends it.
    pub(crate) fn arrive(self, mut terminal: Terminal) -> String {
        match self {
            Self::Sudo | Self::Doas => terminal.expect("here is root"),
            Self::Su => terminal.expect("here is alice"),
            Self::Login => terminal
                .expect("$ ")
                .send_line("echo here is $(id -un)")
                .expect("here is alice")
                .send_line("exit"),
        };
        terminal.end().well()
    }

    pub(crate) fn service(self) -> &'static str {
        match self {
            Self::Sudo => "sudo",
            Self::Su => "su",
            Self::Doas => "doas",
            Self::Login => "login",
        }
    }
}

/// Where alice signs in: over ssh, or by a program on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    Ssh,
    At(Program),
}

pub(crate) fn doors() -> Vec<Door> {
    let programs = PROGRAMS.map(Door::At);
    [Door::Ssh].into_iter().chain(programs).collect()
}

impl Door {
    /// Starts it, and gives the password.
    pub(crate) fn open(self, world: &World, sshd: &Sshd) -> Terminal {
        match self {
            Self::Ssh => sshd.after_password(world, "alice", "echo here is $USER"),
            Self::At(program) => program.start(world),
        }
    }

    /// The phone has answered: ssh hears it when Enter is pressed, the others by themselves.
    pub(crate) fn hear_the_phone(self, terminal: &mut Terminal) {
        if self == Self::Ssh {
            terminal.send_line("");
        }
    }

    /// The phone's owner types `number` and approves; the sign-in takes it.
    pub(crate) fn approve(
        self,
        terminal: &mut Terminal,
        call: &mut Call,
        passkey: &Passkey,
        number: &str,
    ) {
        call.answer(passkey.answer(&call.request, number));
        self.hear_the_phone(terminal);
        assert_eq!(call.outcome().as_deref(), Some("accepted"));
    }

    /// Waits until alice is in, and ends it.
    pub(crate) fn arrive(self, terminal: Terminal) -> String {
        match self {
            Self::Ssh => terminal.arrive("here is alice"),
            Self::At(program) => program.arrive(terminal),
        }
    }

    pub(crate) fn service(self) -> &'static str {
        match self {
            Self::Ssh => "sshd",
            Self::At(program) => program.service(),
        }
    }
}

/// Lets alice do everything, after what sudo asks for.
pub(crate) fn configure_doas(world: &World) {
    world.pam("doas", include_str!("../../../conf/pam.d/sudo"));
    fs::write("/etc/doas.conf", "permit alice\n").unwrap();
    fs::set_permissions("/etc/doas.conf", fs::Permissions::from_mode(0o400)).unwrap();
}

/// `host`, while `phone` is told each number that is shown, in a thread of its own.
pub(crate) fn play_with<T: Send>(
    host: PamHost,
    phone: impl FnOnce(mpsc::Receiver<String>) -> T + Send,
) -> (Played, T) {
    let (sender, numbers) = mpsc::channel();
    std::thread::scope(|scope| {
        let phone = scope.spawn(|| phone(numbers));
        let played = host.play_heard(|text| {
            if text.contains(NUMBER) {
                let _ = sender.send(number_in(text));
            }
        });
        drop(sender);
        (played, phone.join().unwrap())
    })
}

/// Alice's codes that were wrong in a row.
pub(crate) fn wrong_in_a_row(world: &World) -> u32 {
    let slots = SlotPair::decode(&world.state("alice").unwrap()).unwrap();
    slots.state.unwrap().wrong_in_a_row()
}

/// The letter of a process's state, as `ps` has it.
fn state_of(id: i32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

/// The ids of processes of this name that have not ended: nobody collects what is left of those whose parent went first.
pub(crate) fn processes(name: &str) -> Vec<i32> {
    let all = fs::read_dir("/proc").unwrap();
    all.filter_map(|entry| {
        let entry = entry.unwrap();
        let id = entry.file_name().to_str()?.parse().ok()?;
        let found = fs::read_to_string(entry.path().join("comm")).ok()?;
        (found.trim() == name && state_of(id) != Some('Z')).then_some(id)
    })
    .collect()
}

/// The phone's owner types `number` and approves; the sign-in takes it.
pub(crate) fn approve(call: &mut Call, passkey: &Passkey, number: &str) {
    let answer = passkey.answer(&call.request, number);
    assert_eq!(call.answer(answer).outcome().as_deref(), Some("accepted"));
}
