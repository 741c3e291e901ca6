//! The completions, in the shells that they are for: each offers every command, and every long option of each.

use std::collections::BTreeSet;
use std::process::Command;

use antiphon_tests::{Terminal, plain_environment};

const COMPLETIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../packaging/completions");

/// Everything that is typed before the key is pressed, with what has to be offered then.
fn typed() -> Vec<(String, BTreeSet<String>)> {
    let mut root = antiphon::command();
    root.build();
    let mut all = Vec::new();
    let mut left = vec![("antiphon ".to_owned(), &root)];
    while let Some((line, command)) = left.pop() {
        let options = command.get_opts().chain(command.get_arguments());
        let options = options.filter(|option| !option.is_hide_set());
        let options = options.filter_map(|option| Some(format!("--{}", option.get_long()?)));
        all.push((format!("{line}--"), options.collect()));
        // clap has `help` besides, as `antiphon help COMMAND`; the completions leave that out.
        let nested = command.get_subcommands();
        let nested: Vec<_> = nested
            .filter(|nested| nested.get_name() != "help")
            .collect();
        if !nested.is_empty() {
            let names = nested.iter().map(|nested| nested.get_name().to_owned());
            all.push((line.clone(), names.collect()));
        }
        left.extend(
            nested
                .iter()
                .map(|nested| (format!("{line}{} ", nested.get_name()), *nested)),
        );
    }
    assert!(all.len() > 12, "{all:#?}");
    all
}

/// What a shell's script prints for one line, each offer on a line of its own and perhaps with its explanation.
fn printed(program: &str, arguments: &[&str]) -> BTreeSet<String> {
    let mut command = Command::new(program);
    plain_environment(&mut command);
    let output = command
        .args(arguments)
        .current_dir(COMPLETIONS)
        .output()
        .unwrap();
    assert!(output.status.success(), "{program}: {output:#?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .filter_map(|line| line.split('\t').next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn bash_offers_every_command_and_every_long_option() {
    // As readline calls it: the command, the word at the cursor, the one before.
    let script = r#"
        . ./antiphon.bash
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        _antiphon antiphon "${@: -1}" "${@: -2:1}"
        printf '%s\n' "${COMPREPLY[@]}""#;
    for (line, wanted) in typed() {
        let words: Vec<&str> = ["--norc", "-c", script, "bash"]
            .into_iter()
            .chain(line.split(' '))
            .collect();
        let offered = printed("bash", &words);
        assert!(
            offered.is_superset(&wanted),
            "{line}: {offered:#?}, not all of {wanted:#?}"
        );
    }
}

#[test]
fn fish_offers_every_command_and_every_long_option() {
    for (line, wanted) in typed() {
        let script = format!("source ./antiphon.fish; complete -C '{line}'");
        let offered = printed("fish", &["--no-config", "-c", &script]);
        assert!(
            offered.is_superset(&wanted),
            "{line}: {offered:#?}, not all of {wanted:#?}"
        );
    }
}

#[test]
fn zsh_offers_every_command_and_every_long_option() {
    let mut command = Command::new("zsh");
    plain_environment(&mut command);
    // -d and -f: nothing of the machine's is read.
    let mut zsh = Terminal::start(command.args(["-d", "-f", "-i"]).current_dir(COMPLETIONS));
    zsh.send_line("fpath=($PWD $fpath); autoload -U compinit; compinit -u -D; PROMPT='go'' on'");
    // What is typed before it is ready stays as it is: the key would be an ordinary tab.
    zsh.expect("go on");
    for (line, wanted) in typed() {
        let before = zsh.shown().len();
        zsh.send(format!("{line}\t").as_bytes());
        // The list stands below the line, which Ctrl-U then empties.
        zsh.send(b"\x15").send_line("echo the''end");
        zsh.expect("theend").expect("go on");
        let shown = zsh.shown()[before..].to_owned();
        let offered: BTreeSet<String> = shown.split_whitespace().map(str::to_owned).collect();
        assert!(
            offered.is_superset(&wanted),
            "{line}: {shown}, not all of {wanted:#?}"
        );
    }
}
