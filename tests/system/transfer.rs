//! Files over ssh: the programs that ask for the code are others than ssh itself.

use std::fs;

use antiphon_tests::{PASSWORD, Sshd, Terminal, in_world};

use crate::prompts::{CODE, PASSWORD_PROMPT};

#[test]
fn scp_and_sftp_copy_files_after_password_and_code() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let sshd = Sshd::start(world, "");
        let file = world.folder().join("letter");
        fs::write(&file, "dear alice\n").unwrap();

        let mut scp = sshd.client(world, "scp");
        scp.arg(&file).arg("alice@localhost:by-scp");
        let mut terminal = Terminal::start(&scp);
        terminal
            .answer(PASSWORD_PROMPT, PASSWORD)
            .answer(CODE, &alice.code());
        assert!(terminal.end().succeeded());

        let mut sftp = sshd.client(world, "sftp");
        sftp.arg("alice@localhost");
        let mut terminal = Terminal::start(&sftp);
        terminal
            .answer(PASSWORD_PROMPT, PASSWORD)
            .answer(CODE, &alice.code_in(1));
        terminal.answer("sftp> ", &format!("put {} by-sftp", file.display()));
        terminal.answer("sftp> ", "quit");
        assert!(terminal.end().succeeded());

        for name in ["by-scp", "by-sftp"] {
            assert_eq!(
                fs::read_to_string(world.home("alice").join(name)).unwrap(),
                "dear alice\n"
            );
        }
    });
}
