//! The whole of it: the real programs, the module, the daemon, and 46elks by what it publishes.

use antiphon_core::record::{TelephoneNumber, TelephoneUse};
use antiphon_core::text::Language;
use antiphon_tests::{Sshd, Terminal, World};
use serde_json::Value;

use super::{NUMBER, elks};
use crate::daemon::in_house;
use crate::module::{over_ssh, start};
use crate::server::{Reply, Seen, Server};

/// Alice has codes of an app too, so that the list has something before the texts.
fn alice(world: &World, language: Language) {
    let mut alice = world.enrol("alice");
    alice.set_period(300);
    alice.change(|record| {
        record.language = Some(language);
        record.numbers.push(TelephoneNumber {
            tel: NUMBER.into(),
            uses: vec![TelephoneUse::Sms, TelephoneUse::Call],
        });
    });
}

fn open(world: &World, sshd: &Sshd, program: &str) -> Terminal {
    if program == "ssh" {
        over_ssh(world, sshd)
    } else {
        start(world, program)
    }
}

/// Asks for the list, and takes the line that ends so.
fn choose(terminal: &mut Terminal, line: &str) {
    terminal.expect(": ").send_line("?");
    choose_again(terminal, line);
}

/// The same of a list that is shown by itself.
fn choose_again(terminal: &mut Terminal, line: &str) {
    terminal.expect_any(&["Your choice: ", "Ditt val: "]);
    let shown = terminal.shown();
    let (_, list) = shown.rsplit_once("1. ").unwrap();
    let list = format!("1. {list}");
    let place = list
        .lines()
        .find_map(|shown| shown.strip_suffix(line)?.strip_suffix(". "));
    terminal.send_line(place.unwrap_or_else(|| panic!("no {line:?} in {shown}")));
}

/// What the person reads, as the first six digits of the text.
fn read(seen: &Seen) -> String {
    let text = seen.form()["message"].clone();
    let code: String = text.chars().filter(char::is_ascii_digit).take(6).collect();
    assert!(text.starts_with(&code), "{text}");
    code
}

/// What the person hears, when 1 was pressed: the same digits twice.
fn hear(seen: &Seen, language: &str) -> String {
    let menu: Value = serde_json::from_str(&seen.form()["voice_start"]).unwrap();
    let heard = elks::heard(&menu, "1");
    let digits: String = heard
        .iter()
        .map(|file| file.rsplit_once(&format!("/sounds/{language}/")).unwrap().1)
        .filter_map(|name| name.strip_suffix(".wav"))
        .filter(|name| name.len() == 1)
        .collect();
    let (code, again) = digits.split_at(6);
    assert_eq!(code, again);
    code.to_owned()
}

#[test]
fn people_sign_in_by_text_and_by_call_over_46elks() {
    in_house(|world| {
        let gateway = Server::secure(world, elks::elks);
        let daemon = elks::start(world, &gateway);
        let sshd = Sshd::start(world, "");
        let mut codes = Vec::new();
        for (language, lines) in [
            (Language::English, ["Text +XX", "Call +XX"]),
            (Language::Swedish, ["Skicka sms till +XX", "Ring +XX"]),
        ] {
            alice(world, language);
            for program in ["ssh", "sudo", "su"] {
                for line in lines {
                    let mut terminal = open(world, &sshd, program);
                    choose(&mut terminal, &format!("{line} XXXXXXXXX21"));
                    let seen = gateway.next();
                    assert_eq!(seen.form()["to"], NUMBER);
                    let code = if line == lines[0] {
                        read(&seen)
                    } else {
                        hear(&seen, language.tag())
                    };
                    terminal.expect("21").answer(": ", &code);
                    terminal.expect("here it is");
                    assert!(terminal.end().succeeded(), "{program} {line}");
                    codes.push(code);
                    // Sudo remembers.
                    let _ = std::fs::remove_dir_all("/run/sudo/ts");
                }
            }
        }
        for code in codes {
            assert!(!daemon.log().contains(&code));
            assert!(!world.log().says(&code));
        }
    });
}

#[test]
fn a_gateway_that_refuses_is_said_so_and_another_way_signs_in() {
    in_house(|world| {
        let gateway = Server::secure(world, |_| {
            Reply::Say("403 No".into(), "Not enough credits".into())
        });
        let daemon = elks::start(world, &gateway);
        let sshd = Sshd::start(world, "");
        alice(world, Language::English);
        let mut terminal = open(world, &sshd, "ssh");
        choose(&mut terminal, "Text +XX XXXXXXXXX21");
        daemon.expect_log("answered 403: Not enough credits");
        gateway.next();
        gateway.answer_with(elks::elks);
        choose_again(&mut terminal, "Call +XX XXXXXXXXX21");
        let code = hear(&gateway.next(), "en");
        terminal.expect("21").answer(": ", &code);
        terminal.expect("here it is");
        assert!(terminal.end().succeeded());
    });
}
