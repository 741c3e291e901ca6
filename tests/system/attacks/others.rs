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
            self.ends("bob", &[&wrong], "PAM_MAXTRIES");
        } else if look != Look::Root || !["enroll", "remove"].contains(&command[0]) {
            self.owner();
        }
        let code = self.alice.code();
        self.ends("alice", &[&code], "PAM_SUCCESS");
        // It stays as it is where something is looked at afterwards.
        if look == Look::Owner {
            self.root(command);
        }
    }

    /// Carol's own enrolment begins, and root enrols and removes her.
    pub(crate) fn enrol_carol(&mut self) {
        let played = self.play("carol", &[""]);
        let refused = ["PAM_AUTHINFO_UNAVAIL", "PAM_AUTH_ERR"].contains(&played.result());
        assert!(
            !refused && !played.said().is_empty(),
            "{}: {played:#?}",
            self.context
        );
        self.root(&["enroll", "carol", "--no-confirm"]);
        self.root(&["remove", "carol", "--yes", "--purge"]);
        let code = self.bob.code();
        self.ends("bob", &[&code], "PAM_SUCCESS");
    }

    fn owner(&mut self) {
        let (code, next) = (self.code, self.bob.code_in(1));
        let played = self.ends("bob", &[code, &next], "PAM_SUCCESS");
        let said = played.said();
        let prompts = said.iter().filter(|said| said.style == "echo_on");
        self.used_the_code = prompts.count() == 1;
    }

    /// A sign-in, which must end with this PAM code.
    fn ends(&mut self, name: &str, answers: &[&str], result: &str) -> Played {
        let played = self.play(name, answers);
        assert_eq!(played.result(), result, "{}: {played:#?}", self.context);
        played
    }

    fn play(&mut self, name: &str, answers: &[&str]) -> Played {
        let host = PamHost::new(self.world, name).answers(answers);
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
