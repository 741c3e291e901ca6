//! Help, man pages and completions agree with the definitions of the command.
//!
//! `UPDATE=1 cargo test -p antiphon-tests --test cli pages` writes them anew.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Command;
use clap::builder::Resettable;
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use antiphon_tests::Product;

const PACKAGING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../packaging");
const CONFIGURATION: &str = include_str!("../../conf/antiphon.toml");

/// Where each file belongs, and what must stand in it.
fn generated() -> Vec<(PathBuf, String)> {
    let mut root = antiphon::command();
    root.build();
    let mut files = vec![(man_path("antiphon"), man_page(&root))];
    for command in root.get_subcommands() {
        let name = command.get_display_name().unwrap();
        files.push((man_path(name), man_page(command)));
        for nested in command.get_subcommands() {
            let name = format!("{name}-{}", nested.get_name());
            files.push((man_path(&name), man_page(nested)));
        }
    }
    for (shell, name) in [
        (Shell::Bash, "antiphon.bash"),
        (Shell::Zsh, "_antiphon"),
        (Shell::Fish, "antiphon.fish"),
    ] {
        let mut text = Vec::new();
        generate(shell, &mut antiphon::command(), "antiphon", &mut text);
        let path = Path::new(PACKAGING).join("completions").join(name);
        files.push((path, String::from_utf8(text).unwrap()));
    }
    files
}

fn man_path(name: &str) -> PathBuf {
    Path::new(PACKAGING).join("man").join(format!("{name}.8"))
}

fn man_page(command: &Command) -> String {
    // What stands at the end of --help is set as it is, under headings of its own.
    let after = command
        .get_after_long_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    let without = command.clone().after_long_help(Resettable::Reset);
    let mut page = Vec::new();
    Man::new(without)
        .section("8")
        .source(format!("Antiphon {}", env!("CARGO_PKG_VERSION")))
        .manual("Antiphon")
        .render(&mut page)
        .unwrap();
    let page = String::from_utf8(page).unwrap();
    // No date is an empty word, not none: the words after it would move up. No line breaks around an empty line, which
    // mandoc warns of. And no blanks at the ends of lines.
    let mut page: String = page
        .replacen(" 8  \"", " 8 \"\" \"", 1)
        .replace(".br\n\n.br\n", ".sp\n")
        .lines()
        .fold(String::new(), |page, line| page + line.trim_end() + "\n");
    for part in after.split("\n\n") {
        let (heading, lines) = part.split_once(":\n").unwrap();
        // A hint in brackets belongs to the help alone.
        let heading = heading.split(" (").next().unwrap().to_uppercase();
        for line in [
            &format!(".SH \"{heading}\"\n.nf\n"),
            &roff(lines),
            "\n.fi\n",
        ] {
            page.push_str(line);
        }
    }
    let others: Vec<String> = ["antiphon", "antiphond", "pam_antiphon"]
        .iter()
        .filter(|other| **other != command.get_name())
        .map(|other| format!("\\fB{other}\\fR(8)"))
        .collect();
    page + &format!(
        ".SH \"SEE ALSO\"\n{}, \\fBantiphon.toml\\fR(5)\n",
        others.join(", ")
    )
}

fn roff(text: &str) -> String {
    text.replace('\\', "\\e")
        .replace('-', "\\-")
        .replace('\'', "\\(aq")
}

#[test]
fn man_pages_and_completions_are_those_that_the_definitions_give() {
    let mut stale = Vec::new();
    for (path, text) in generated() {
        if std::env::var_os("UPDATE").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &text).unwrap();
        } else if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            stale.push(path);
        }
    }
    assert!(stale.is_empty(), "to be made anew by UPDATE=1: {stale:#?}");
}

#[test]
fn no_page_is_left_of_a_command_that_is_gone() {
    let known: BTreeSet<PathBuf> = generated()
        .into_iter()
        .map(|(path, _)| path)
        .chain([
            man_path("antiphond"),
            man_path("pam_antiphon"),
            Path::new(PACKAGING).join("man/antiphon.toml.5"),
            Path::new(PACKAGING).join("man/antiphon-account.7"),
            Path::new(PACKAGING).join("man/antiphon-breakglass.7"),
            Path::new(PACKAGING).join("man/antiphon-fleet.7"),
            Path::new(PACKAGING).join("man/antiphon-log-fields.7"),
        ])
        .collect();
    for folder in ["man", "completions"] {
        for entry in fs::read_dir(Path::new(PACKAGING).join(folder)).unwrap() {
            let path = entry.unwrap().path();
            assert!(known.contains(&path), "{}", path.display());
        }
    }
}

#[test]
fn every_command_and_every_option_has_a_sentence_and_every_command_an_example() {
    let mut root = antiphon::command();
    root.build();
    for command in root.get_subcommands().chain([&root]) {
        let name = command.get_name();
        assert!(command.get_about().is_some(), "{name}");
        let after = command.get_after_long_help().unwrap().to_string();
        let example = format!("antiphon {name}").replace("antiphon antiphon", "antiphon");
        assert!(after.contains(&example), "{name}");
        assert!(after.starts_with("Example"), "{name}");
        for argument in command.get_arguments() {
            let help = argument.get_help().map(ToString::to_string);
            assert!(
                help.as_ref().is_some_and(|help| help.contains(' ')),
                "{name} {argument}"
            );
        }
    }
}

#[test]
fn examples_name_only_commands_and_options_that_there_are() {
    let mut root = antiphon::command();
    root.build();
    let mut tried = 0;
    for command in root.get_subcommands().chain([&root]) {
        let after = command.get_after_long_help().unwrap().to_string();
        for line in after.lines() {
            let Some(example) = line.strip_prefix("  antiphon ") else {
                continue;
            };
            // What comes after two spaces explains; what comes after a pipe or an arrow is not ours.
            let words = example
                .split("  ")
                .next()
                .unwrap()
                .split(['|', '>'])
                .next()
                .unwrap();
            let words = std::iter::once("antiphon").chain(words.split_whitespace());
            antiphon::command()
                .try_get_matches_from(words)
                .unwrap_or_else(|error| panic!("{line}: {error}"));
            tried += 1;
        }
    }
    assert!(tried > 10);
}

/// `throttle.attempts` and so on, in the shipped file, commented or not.
fn keys_of_the_shipped_configuration() -> BTreeSet<(String, String)> {
    let mut table = String::new();
    let mut keys = BTreeSet::new();
    for line in CONFIGURATION.lines() {
        let line = line.trim_start_matches("#:").trim_start_matches('#').trim();
        if line.starts_with('[') && line.ends_with(']') && !line.contains('"') {
            line.trim_matches(['[', ']']).clone_into(&mut table);
        } else if let Some((key, _)) = line.split_once(" = ")
            && key
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        {
            keys.insert((table.clone(), key.to_owned()));
        }
    }
    keys
}

#[test]
fn antiphon_toml_5_names_every_key_of_the_shipped_configuration_with_its_default() {
    let page = fs::read_to_string(Path::new(PACKAGING).join("man/antiphon.toml.5")).unwrap();
    let page = page.replace("\\-", "-");
    let keys = keys_of_the_shipped_configuration();
    assert!(keys.len() > 15, "{keys:#?}");
    for (table, key) in &keys {
        let heading = if table.is_empty() {
            "KEYS".to_owned()
        } else {
            format!("[{table}]")
        };
        let section = page
            .split(".SH ")
            .find(|section| {
                let first = section.lines().next().unwrap();
                first.trim_matches(['[', ']']) == heading.trim_matches(['[', ']'])
            })
            .unwrap_or_else(|| panic!("no section {heading}"));
        assert!(
            section.contains(&format!("\\fB{key}\\fR")),
            "{table}.{key} is not explained"
        );
    }
    for line in CONFIGURATION.lines() {
        if let Some((key, default)) = line
            .strip_prefix("#: ")
            .and_then(|line| line.split_once(" = "))
        {
            let written = format!("\\fB{key}\\fR = {default}");
            assert!(page.contains(&written), "{written}");
        }
    }
}

#[test]
fn antiphond_8_has_every_option_of_its_help() {
    Product::build_daemon();
    let help = std::process::Command::new(Product::built().daemon)
        .arg("--help")
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let page = page("antiphond.8");
    let (_, options) = page.split_once(".SH OPTIONS").unwrap();
    let (options, _) = options.split_once(".SH ").unwrap();
    let named: Vec<&str> = help
        .split(|end: char| end.is_whitespace() || end == ',')
        .filter(|word| word.starts_with('-'))
        .filter(|word| !["--now", "--reuid", "--regid", "--clear-groups", "-u"].contains(word))
        .collect();
    assert!(named.contains(&"--config"), "{help}");
    for option in named {
        let written = format!("\\fB{option}\\fR");
        assert!(options.contains(&written), "{option} in {options}");
    }
}

#[test]
fn pam_antiphon_8_has_every_argument_of_the_module() {
    let source = include_str!("../../src/pam/src/arguments.rs");
    let (_, known) = source.split_once("known are ").unwrap();
    let (known, _) = known.split_once('"').unwrap();
    let page = page("pam_antiphon.8");
    for argument in known.split(" and ") {
        let name = argument.trim_end_matches("FILE");
        assert!(page.contains(&format!("\n\\fB{name}\\fR")), "{argument}");
    }
}

/// A page of the tree, with hyphens as they are typed.
pub(crate) fn page(name: &str) -> String {
    let page = fs::read_to_string(Path::new(PACKAGING).join("man").join(name)).unwrap();
    page.replace("\\-", "-")
}

#[test]
fn man_pages_are_clean_for_groff_and_mandoc() {
    for entry in fs::read_dir(Path::new(PACKAGING).join("man")).unwrap() {
        let path = entry.unwrap().path();
        for checker in [
            &["groff", "-t", "-man", "-ww", "-z", "-Tutf8"][..],
            &["mandoc", "-Tlint", "-Wwarning"],
        ] {
            let output = std::process::Command::new(checker[0])
                .args(&checker[1..])
                .arg(&path)
                .output()
                .unwrap_or_else(|error| panic!("{}: {error}; see packaging/depends", checker[0]));
            let mut said = String::from_utf8(output.stdout).unwrap();
            said.push_str(&String::from_utf8(output.stderr).unwrap());
            // packaging/build writes the date.
            let found: Vec<&str> = said
                .lines()
                .filter(|line| !line.contains("missing date"))
                .collect();
            assert!(found.is_empty(), "{checker:?}: {found:#?}");
        }
    }
}

#[test]
fn man_pages_are_clean_roff() {
    for entry in fs::read_dir(Path::new(PACKAGING).join("man")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for line in text.lines() {
            let shown = path.display();
            assert!(line.is_ascii(), "{shown}: {line}");
            assert!(!line.ends_with(' '), "{shown}: {line}");
        }
        assert!(text.contains(".SH NAME") && text.contains(".TH "));
    }
}
