//! Who comes while alice holds her `su` by the neck: none of them may fail.

use std::time::{Duration, Instant};

use antiphon_tests::{Enrolled, PamHost, Played, World};

use super::attack::Look;

/// Root's, all of which take locks.
const COMMANDS: [&[&str]; 5] = [
    &["unlock", "bob"],
    &["recovery", "bob"],
    &["bypass", "bob"],
    &["enroll", "bob", "--replace", "--no-confirm"],
    &["remove", "bob", "--yes", "--purge"],
];

/// Everybody else.
pub(crate) struct Others<'a> {
    pub(crate) world: &'a World,
    pub(crate) bob: &'a Enrolled,
    pub(crate) alice: &'a Enrolled,
    /// What alice typed into her `su`.
    pub(crate) code: &'a str,
    pub(crate) context: &'a str,
    /// How long each took.
    pub(crate) waits: Vec<Duration>,
    /// Whether the owner was let in by that very code.
    pub(crate) used_the_code: bool,
}

impl Others<'_> {
    /// The owner of the state, others, and root.
    pub(crate) fn come(&mut self, look: Look, command: usize) {
        let command = COMMANDS[command % COMMANDS.len()];
        if look == Look::Root {
            self.root(command);
        }
        if look == Look::Lock {
            let wrong = self.bob.wrong_code();
            let played = self.sign_in("bob", &[&wrong]);
            assert_eq!(
                played.result(),
                "PAM_MAXTRIES",
                "{}: {played:#?}",
                self.context
            );
        } else if look != Look::Root || !["enroll", "remove"].contains(&command[0]) {
            self.owner();
        }
        let code = self.alice.code();
        let other = self.sign_in("alice", &[&code]);
        assert_eq!(
            other.result(),
            "PAM_SUCCESS",
            "{}: {other:#?}",
            self.context
        );
        // It stays as it is where something is looked at afterwards.
        if look == Look::Owner {
            self.root(command);
        }
    }

    /// Carol's own enrolment begins, and root enrols and removes her.
    pub(crate) fn enrol_carol(&mut self) {
        let played = self.sign_in("carol", &[""]);
        let refused = ["PAM_AUTHINFO_UNAVAIL", "PAM_AUTH_ERR"].contains(&played.result());
        assert!(
            !refused && !played.said().is_empty(),
            "{}: {played:#?}",
            self.context
        );
        self.root(&["enroll", "carol", "--no-confirm"]);
        self.root(&["remove", "carol", "--yes", "--purge"]);
        let code = self.bob.code();
        let other = self.sign_in("bob", &[&code]);
        assert_eq!(
            other.result(),
            "PAM_SUCCESS",
            "{}: {other:#?}",
            self.context
        );
    }

    fn owner(&mut self) {
        let (code, next) = (self.code, self.bob.code_in(1));
        let played = self.sign_in("bob", &[code, &next]);
        assert_eq!(
            played.result(),
            "PAM_SUCCESS",
            "{}: {played:#?}",
            self.context
        );
        let said = played.said();
        let prompts = said.iter().filter(|said| said.style == "echo_on");
        self.used_the_code = prompts.count() == 1;
    }

    fn sign_in(&mut self, name: &str, answers: &[&str]) -> Played {
        let host = PamHost::new(self.world, name);
        let host = answers.iter().fold(host, PamHost::answer);
        let begun = Instant::now();
        let played = host.play();
        self.waits.push(begun.elapsed());
        played
    }

    fn root(&mut self, arguments: &[&str]) {
        let mut command = self.world.command(&self.world.product().command);
        let begun = Instant::now();
        let done = command.args(arguments).output().unwrap();
        self.waits.push(begun.elapsed());
        assert!(done.status.success(), "{}: {done:?}", self.context);
    }
}
