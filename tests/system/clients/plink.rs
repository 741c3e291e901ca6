//! The client of `PuTTY`, in which a person reads and types.

use antiphon_tests::{PASSWORD, PASSWORD_PROMPT, Sshd, Terminal, VERIFICATION_CODE, in_world};

use super::{LANGUAGES, alice_speaking};

#[test]
fn plink_shows_the_prompt_and_takes_a_code() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        for language in LANGUAGES {
            let alice = alice_speaking(world, language);
            let mut plink = world.command("plink");
            // It keeps the keys of hosts there.
            plink.env("HOME", world.folder().join(language.tag()));
            plink.args(["-ssh", "-no-antispoof", "alice@localhost", "echo arrived"]);
            let mut terminal = Terminal::start(&plink);
            terminal
                .answer(
                    "Store key in cache? (y/n, Return cancels connection, i for more info) ",
                    "y",
                )
                .answer(PASSWORD_PROMPT, PASSWORD)
                .answer(VERIFICATION_CODE, &alice.code());
            terminal.arrive("arrived");
        }
        drop(sshd);
    });
}
