//! Emacs opens a file over ssh: TRAMP answers the prompts that its expressions know.

use antiphon_tests::{HOST, PASSWORD, Sshd, Terminal, in_world};

use super::{LANGUAGES, alice_speaking};

/// Emacs knows the words since version 29; to those before they are said, as our README advises.
const READ: &str = "(progn (when (< emacs-major-version 29) (add-to-list 'password-word-equivalents \"verification code\")) \
                    (with-temp-buffer (insert-file-contents \"/ssh:alice@localhost:/etc/hostname\") \
                    (princ (buffer-string))))";

#[test]
fn emacs_reads_a_file_by_password_and_code() {
    in_world(|world| {
        let _sshd = Sshd::start(world, "");
        for language in LANGUAGES {
            let alice = alice_speaking(world, language);
            let mut emacs = world.command("emacs");
            emacs.args(["--quick", "--batch", "--eval", READ]);
            emacs.env("HOME", world.home("bob"));
            let mut terminal = Terminal::start(&emacs);
            terminal
                .answer("Password for /ssh:alice@localhost: ", PASSWORD)
                .answer("ode for /ssh:alice@localhost: ", &alice.code());
            terminal.arrive(HOST);
        }
    });
}
