//! GNOME's Files: `gio mount` asks through the very same programs, and acts on no prompt that it does not know.

use antiphon_tests::{PASSWORD, Sshd, Terminal, in_world};

use super::{LANGUAGES, alice_speaking};

/// With a bus of its own, and without what a desktop has beside.
const MOUNT: &str = "exec dbus-run-session -- sh -c \
                     'gio mount sftp://alice@localhost/ && gio list sftp://alice@localhost/ && echo arrived'";

#[test]
fn gnomes_files_mount_by_password_and_code() {
    in_world(|world| {
        let _sshd = Sshd::start(world, "");
        for language in LANGUAGES {
            let alice = alice_speaking(world, language);
            let mut shell = world.command("sh");
            shell.args(["-c", MOUNT]);
            shell
                .env("GVFS_DISABLE_FUSE", "1")
                .env("HOME", world.home("bob"));
            let mut terminal = Terminal::start(&shell);
            terminal
                .answer_unseen("Password: ", PASSWORD)
                .answer_unseen("verification code", &alice.code());
            terminal.arrive("arrived");
        }
    });
}
