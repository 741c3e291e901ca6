//! Our lines stand where administrators and their tools look for those of a PAM module.

use std::fs;

use antiphon_tests::{PASSWORD, PamHost, Sshd, Terminal, World, in_world};

use crate::journald::Journald;
use crate::phone::doors;
use crate::prompts::CODE;

/// Lets `pam_unix` write a line just before ours: it does so, in the same place, for a right password.
fn let_pam_unix_speak() {
    let path = "/etc/pam.d/common-auth";
    let text = fs::read_to_string(path).unwrap();
    fs::write(path, text.replace("nodelay", "nodelay debug")).unwrap();
}

/// The programs that the lines of `module` for `service` come from, in order.
fn programs(world: &World, module: &str, service: &str) -> Vec<String> {
    let lines = world.log().lines();
    let from = format!(": {module}({service}:auth): ");
    let tags = lines.iter().filter_map(|line| line.split_once(&from));
    tags.map(|(tag, _)| {
        // `<87>Nov 28 18:50:00 sshd[4711]`, or without the time, or without the process.
        let tag = tag.rsplit([' ', '>']).next().unwrap();
        tag.split('[').next().unwrap().to_owned()
    })
    .collect()
}

#[test]
fn our_lines_come_from_the_program_that_pam_unix_names() {
    in_world(|world| {
        let_pam_unix_speak();
        let mut alice = world.enrol_with_long_codes("alice");
        let sshd = Sshd::start(world, "");
        for door in doors() {
            alice.change(|_| {});
            let mut terminal = door.open(world, &sshd);
            terminal.answer(CODE, &alice.code());
            door.arrive(terminal);
        }
        alice.change(|_| {});
        let host = PamHost::of_service(world, "sshd-by-script", "alice");
        let stack = "@include common-auth\nauth required pam_antiphon.so\n";
        world.pam("sshd-by-script", stack);
        let code = alice.code();
        host.answers([PASSWORD, &code]).ends("PAM_SUCCESS");
        for service in ["sshd", "sudo", "su", "login", "sshd-by-script"] {
            let ours = programs(world, "pam_antiphon", service);
            let theirs = programs(world, "pam_unix", service);
            let are_theirs = ours.iter().all(|name| theirs.contains(name));
            let context = format!("{service}: {ours:?} {theirs:?}");
            assert!(!ours.is_empty() && are_theirs, "{context}");
        }
    });
}

/// What a caller of su calls it: it stands in the lines of every module.
#[test]
fn a_caller_that_calls_su_by_another_name_ends_neither_the_tag_nor_the_line() {
    in_world(|world| {
        let bob = world.enrol("bob");
        let name = "sshd[1]: pam_antiphon(sshd:auth): outcome=accepted user=root (";
        let script = "exec -a \"$0\" su bob -c true";
        let mut su = world.command_of("alice", "bash");
        let mut terminal = Terminal::start(su.args(["-c", script, name]));
        terminal
            .answer("Password: ", PASSWORD)
            .answer(CODE, &bob.code());
        assert!(terminal.end().succeeded());
        world.ended_once("accepted method=code user=bob");
        let line = world.log().endings().remove(0);
        assert_eq!(line.service, "su");
        let begin = "sshd?1]??pam_antiphon?";
        assert!(line.program.starts_with(begin), "{line:?}");
    });
}

#[test]
fn the_queries_of_the_readme_find_our_lines_in_the_journal() {
    in_world(|world| {
        let anna = world.enrol_with_long_codes("alice");
        let sshd = Sshd::start(world, "");
        let journald = Journald::start(world);
        let mut ssh = sshd.after_password(world, "alice", "id");
        ssh.answer(CODE, &anna.code());
        ssh.end().well();
        let readme = include_str!("../../README.md");
        let queries: Vec<&str> = readme
            .lines()
            .filter_map(|line| line.strip_prefix("journalctl "))
            .collect();
        assert!(queries.len() > 1, "{queries:?}");
        for query in queries {
            let query = query.split("  ").next().unwrap().replace("anna", "alice");
            let words: Vec<&str> = query
                .split_whitespace()
                .map(|word| word.trim_matches('\''))
                .collect();
            let shown = journald.shows(&words);
            let ours = "pam_antiphon(sshd:auth): outcome=accepted method=code user=alice";
            assert!(shown.contains(ours), "{query}: {shown}");
        }
    });
}
