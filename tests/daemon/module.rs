//! The real module in real programs, the real daemon, and a phone: from the terminal to the phone and back.

use antiphon_tests::{CODE, Enrolled, NUMBER, PASSWORD, Sshd, Terminal, World};
use serde_json::Value;

use crate::daemon::in_house;
use crate::enrolment::enrol;
use crate::journald::Journald;
use crate::sign_in::recorded;
use crate::{Daemon, Inbox, Phone};

const PROGRAMS: [&str; 3] = ["sudo", "su", "login"];

/// Alice, her phone with the page open, and codes of 300 s.
struct Alice {
    enrolled: Enrolled,
    phone: Phone,
    inbox: Inbox,
}

impl Alice {
    fn enrol(world: &World) -> Self {
        let phone = enrol("alice", "Pixel 9");
        let mut enrolled = world.enrol("alice");
        enrolled.set_period(300);
        enrolled.change(|record| record.phones.push(recorded(&phone)));
        let (inbox, _) = phone.inbox();
        Self {
            enrolled,
            phone,
            inbox,
        }
    }

    /// The request that the phone shows, and the number that the terminal does.
    fn looks(&mut self, terminal: &mut Terminal) -> (Value, String) {
        let request = self.inbox.request();
        let number = terminal.number(NUMBER);
        terminal.expect(": ");
        assert!(!request.to_string().contains(&format!("\"{number}\"")));
        (request, number)
    }

    fn is_told(&mut self, request: &Value) -> String {
        self.inbox.gone(request)
    }

    /// Types the right number in.
    fn approves(&mut self, request: &Value, number: &str) {
        assert_eq!(self.phone.approve(request, number).status, 202);
        assert_eq!(self.is_told(request), "accepted");
    }
}

/// A sign-in over ssh, after the password.
pub(crate) fn over_ssh(world: &World, sshd: &Sshd) -> Terminal {
    let mut terminal = sshd.sign_in(world, "alice", "echo here it is");
    terminal.answer("Password: ", PASSWORD);
    terminal
}

/// The program, after the password.
pub(crate) fn start(world: &World, program: &str) -> Terminal {
    let shown = "echo here it is";
    let mut terminal = match program {
        "sudo" => Terminal::start(world.command_of("alice", "sudo").args(["sh", "-c", shown])),
        "su" => Terminal::start(world.command_of("bob", "su").args(["alice", "-c", shown])),
        _ => Terminal::start(&world.command("login")),
    };
    if program == "login" {
        terminal.answer("login: ", "alice");
    }
    terminal.expect("assword").answer(": ", PASSWORD);
    terminal
}

/// Waits until the person is in.
fn arrive(program: &str, mut terminal: Terminal) {
    if program == "login" {
        terminal.expect("$ ").send_line("echo here it is; exit");
        terminal.expect("here it is\r\n");
    } else {
        terminal.expect("here it is");
    }
    assert!(terminal.end().succeeded(), "{program}");
}

#[test]
fn sudo_su_and_login_go_on_by_themselves_when_the_phone_has_approved() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let mut alice = Alice::enrol(world);
        for program in PROGRAMS {
            let mut terminal = start(world, program);
            let (request, number) = alice.looks(&mut terminal);
            assert_eq!(request["service"], program);
            assert_eq!(request["host"], antiphon_tests::HOST);
            alice.approves(&request, &number);
            terminal.expect("Approved on the phone.");
            arrive(program, terminal);
        }
    });
}

#[test]
fn ssh_goes_on_at_enter_and_a_client_that_goes_away_takes_the_request_from_the_phone() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let mut alice = Alice::enrol(world);
        let sshd = Sshd::start(world, "");
        let mut terminal = over_ssh(world, &sshd);
        let (request, number) = alice.looks(&mut terminal);
        assert_eq!(request["remote_host"], "127.0.0.1");
        assert_eq!(alice.phone.approve(&request, &number).status, 202);
        terminal.send_line("").expect("here it is");
        assert_eq!(alice.is_told(&request), "accepted");
        assert!(terminal.end().succeeded());
        let mut terminal = over_ssh(world, &sshd);
        let (request, _) = alice.looks(&mut terminal);
        assert!(!terminal.interrupt().succeeded());
        assert_eq!(alice.is_told(&request), "cancelled");
    });
}

#[test]
fn a_stranger_who_hangs_up_before_enter_does_not_escape_it_is_not_me() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let mut alice = Alice::enrol(world);
        let sshd = Sshd::start(world, "");
        let mut terminal = over_ssh(world, &sshd);
        let (request, _) = alice.looks(&mut terminal);
        assert_eq!(alice.phone.decline(&request).status, 202);
        assert!(!terminal.hang_up().success());
        assert_eq!(alice.is_told(&request), "cancelled");
        let said = "You said on your phone that a sign-in was not you";
        let mut terminal = over_ssh(world, &sshd);
        terminal.expect(said);
        assert!(!terminal.shown().contains(NUMBER));
        terminal.answer(CODE, &alice.enrolled.code());
        terminal.expect("here it is");
        assert!(terminal.end().succeeded());
    });
}

#[test]
fn ctrl_c_or_a_window_that_is_closed_takes_the_request_from_the_phone_at_once() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "[push]\nmost_in_five_minutes = 10\n");
        let mut alice = Alice::enrol(world);
        for program in PROGRAMS {
            let mut terminal = start(world, program);
            let (request, _) = alice.looks(&mut terminal);
            let _ = terminal.interrupt();
            assert_eq!(alice.is_told(&request), "cancelled", "{program}");
            let mut terminal = start(world, program);
            let (request, _) = alice.looks(&mut terminal);
            let _ = terminal.hang_up();
            assert_eq!(alice.is_told(&request), "cancelled", "{program}");
            assert_eq!(alice.phone.decline(&request).status, 404);
            let (_, waits) = alice.phone.inbox();
            assert!(waits.is_empty(), "{program}");
        }
    });
}

#[test]
fn over_ssh_a_request_that_nobody_answers_ends_and_the_code_is_left() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let mut alice = Alice::enrol(world);
        // As sshd has it by itself.
        let sshd = Sshd::start(world, "LoginGraceTime 120");
        let mut terminal = over_ssh(world, &sshd);
        let (request, number) = alice.looks(&mut terminal);
        // A minute, by the module's own clock: sshd cannot be told another one.
        assert_eq!(alice.is_told(&request), "expired");
        assert_eq!(alice.phone.approve(&request, &number).status, 404);
        terminal.send_line("");
        terminal.expect("The phone did not answer in time.");
        terminal.answer(CODE, &alice.enrolled.code());
        terminal.expect("here it is");
        assert!(terminal.end().succeeded());
    });
}

#[test]
fn sudo_asks_for_the_code_by_itself_when_nobody_has_answered_the_request() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let mut alice = Alice::enrol(world);
        let mut terminal = start(world, "sudo");
        let (request, _) = alice.looks(&mut terminal);
        assert_eq!(alice.is_told(&request), "expired");
        terminal.expect("The phone did not answer in time.");
        terminal.answer(CODE, &alice.enrolled.code());
        arrive("sudo", terminal);
    });
}

#[test]
fn module_and_daemon_call_a_request_by_the_same_name_in_their_logs() {
    in_house(|world| {
        let daemon = Daemon::start(world, "");
        let mut alice = Alice::enrol(world);
        let mut terminal = start(world, "su");
        let (request, number) = alice.looks(&mut terminal);
        alice.approves(&request, &number);
        arrive("su", terminal);
        let line = world.log().ours().pop().unwrap().text;
        let (_, name) = line.split_once(" request=").unwrap();
        let nonce = crate::phone::bytes(request["nonce"].as_str().unwrap());
        assert_eq!(name, data_encoding::HEXLOWER.encode(&nonce[..8]), "{line}");
        let begun = format!("request={name} user=alice host=harbour service=su phones=1");
        daemon.expect_log(&begun);
        daemon.expect_log(&format!("request={name} outcome=accepted"));
        // Also where the person was quicker with a code.
        let mut terminal = start(world, "su");
        let (request, _) = alice.looks(&mut terminal);
        terminal.send_line(&alice.enrolled.code());
        assert_eq!(alice.is_told(&request), "answered");
        arrive("su", terminal);
        let line = world.log().ours().pop().unwrap().text;
        let (_, other) = line.split_once(" request=").unwrap();
        assert_ne!(other, name);
        daemon.expect_log(&format!("request={other} outcome=answered"));
    });
}

#[test]
fn the_fields_of_the_daemons_lines_are_fields_in_the_journal_and_each_line_is_there_once() {
    in_house(|world| {
        let journald = Journald::start(world);
        // As systemd says that standard error leads there.
        let in_journal = [("JOURNAL_STREAM", "8:1".to_owned())];
        let daemon = Daemon::start_with(world, "", &in_journal);
        let mut alice = Alice::enrol(world);
        let mut terminal = start(world, "su");
        let (request, number) = alice.looks(&mut terminal);
        alice.approves(&request, &number);
        arrive("su", terminal);
        let module = journald.entries(&["ANTIPHON_FROM=module", "ANTIPHON_OUTCOME=accepted"]);
        let name = module[0]["ANTIPHON_REQUEST"].as_str().unwrap();
        let of_request = format!("ANTIPHON_REQUEST={name}");
        let lines = journald.entries(&["ANTIPHON_FROM=daemon", &of_request]);
        let [begun, ended] = &lines[..] else {
            panic!("{lines:#?}");
        };
        for (line, name, value) in [
            (begun, "ANTIPHON_USER", "alice"),
            (begun, "ANTIPHON_SERVICE", "su"),
            (begun, "ANTIPHON_PHONES", "1"),
            (begun, "SYSLOG_IDENTIFIER", "antiphond"),
            // As what it writes to standard error, of which systemd makes that of a daemon.
            (begun, "SYSLOG_FACILITY", "3"),
            (begun, "PRIORITY", "5"),
            (ended, "ANTIPHON_OUTCOME", "accepted"),
        ] {
            assert_eq!(line[name], value, "{line:#?}");
        }
        assert!(!daemon.log().contains("request="), "{}", daemon.log());
        // A sentence is still one.
        daemon.expect_log("<5>serves ");
    });
}

#[test]
fn a_wrong_number_a_code_beside_it_and_a_report_are_told_to_the_phone() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let mut alice = Alice::enrol(world);
        let mut terminal = start(world, "su");
        let (request, number) = alice.looks(&mut terminal);
        let other = if number == "42" { "43" } else { "42" };
        assert_eq!(alice.phone.approve(&request, other).status, 202);
        assert_eq!(alice.is_told(&request), "wrong");
        terminal.expect("The number did not match.");
        terminal.answer(CODE, &alice.enrolled.code());
        arrive("su", terminal);
        let mut terminal = start(world, "su");
        let (request, _) = alice.looks(&mut terminal);
        terminal.send_line(&alice.enrolled.code_in(1));
        assert_eq!(alice.is_told(&request), "answered");
        arrive("su", terminal);
        let mut terminal = start(world, "su");
        let (request, _) = alice.looks(&mut terminal);
        assert_eq!(alice.phone.decline(&request).status, 202);
        assert_eq!(alice.is_told(&request), "reported");
        terminal.expect("Refused on the phone.");
        assert!(!terminal.end().succeeded());
        let line = world.log().ours().pop().unwrap().text;
        assert!(line.starts_with("outcome=reported user=alice"), "{line}");
    });
}

#[test]
fn a_second_sign_in_is_told_that_another_one_waits() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let mut alice = Alice::enrol(world);
        let mut first = start(world, "su");
        let (request, number) = alice.looks(&mut first);
        let mut second = start(world, "sudo");
        second.expect("Another sign-in of yours is waiting for the phone.");
        second.answer(CODE, &alice.enrolled.code());
        assert!(!second.shown().contains(NUMBER));
        arrive("sudo", second);
        alice.approves(&request, &number);
        arrive("su", first);
    });
}

#[test]
fn a_daemon_that_ends_while_a_sign_in_waits_leaves_the_code_and_no_dead_prompt_on_the_phone() {
    in_house(|world| {
        for program in PROGRAMS {
            let daemon = Daemon::start(world, "");
            let mut alice = Alice::enrol(world);
            let mut terminal = start(world, program);
            let (request, _) = alice.looks(&mut terminal);
            assert!(daemon.terminate().success());
            assert_eq!(alice.is_told(&request), "cancelled");
            terminal.expect("The phone cannot be reached now.");
            terminal.answer(CODE, &alice.enrolled.code());
            arrive(program, terminal);
            std::fs::remove_dir_all(crate::daemon::STATE).unwrap();
        }
    });
}
