//! fail2ban's own program reads our lines with the filter that we ship: it finds the addresses that guess, and no other.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::net::UnixDatagram;

use antiphon_core::wire::FromDaemon;
use antiphon_tests::{LyingDaemon, PASSWORD, PamHost, Sshd, World, in_world};

use crate::journald::Journald;
use crate::phone::alice_with_phone;
use crate::prompts::CODE;

/// Where the shipped files stand.
const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../conf/fail2ban");
/// Where sshd is called from.
const ELSEWHERE: &str = "203.0.113.5";
/// An address that does nothing, and that others would like to have banned.
const VICTIM: &str = "192.0.2.9";

/// Puts filter and jail where an administrator puts them.
fn install() {
    for name in ["filter.d", "jail.d"] {
        let place = format!("{name}/antiphon.conf");
        fs::copy(
            format!("{SHIPPED}/{place}"),
            format!("/etc/fail2ban/{place}"),
        )
        .expect("fail2ban, which packaging/depends installs");
    }
}

/// The addresses that fail2ban finds in `source`, one for each line that it counts.
fn found(world: &World, source: &str) -> Vec<String> {
    let filter = "/etc/fail2ban/filter.d/antiphon.conf";
    let output = world
        .command("fail2ban-regex")
        .args(["--out", "ip", source, filter])
        .output()
        .expect("fail2ban, which packaging/depends installs");
    assert!(output.status.success(), "{output:#?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    printed.lines().map(str::to_owned).collect()
}

/// What rsyslog makes of the lines, with either of its times.
fn as_files(world: &World) -> [String; 2] {
    let lines = world.log().lines();
    ["+%b %e %T", "+%Y-%m-%dT%H:%M:%S.%6N%:z"].map(|form| {
        let now = world.command("date").arg(form).output().unwrap();
        let time = String::from_utf8(now.stdout).unwrap();
        let time = time.trim_end();
        let path = world.folder().join(format!("auth.log.{}", time.len()));
        let text: Vec<String> = lines
            .iter()
            .map(|line| {
                let (_, line) = line.split_once('>').unwrap();
                // What libc writes has a time already: `Nov 28 18:50:00 sshd[…`.
                let has_time = [9, 12].map(|at| line.as_bytes().get(at)) == [Some(&b':'); 2];
                let line = if has_time { &line[16..] } else { line };
                let line = line.trim_end_matches(['\n', '\0']);
                format!("{time} harbour {}\n", line.replace('\n', "#012"))
            })
            .collect();
        fs::write(&path, text.concat()).unwrap();
        path.display().to_string()
    })
}

/// A sign-in of `user` from `host`, answered with `answers`.
fn sign_in(world: &World, user: &str, host: &str, answers: &[&str]) {
    let start = PamHost::new(world, user).option(&format!("--rhost={host}"));
    let _ = start.answers(answers).play();
}

/// Guesses; and what fail2ban should find.
fn guess(world: &World, sshd: &Sshd) -> Vec<String> {
    let (mut alice, _) = alice_with_phone(world);
    alice.change(|record| record.phones.clear());
    let wrong = alice.wrong_code();
    let mut terminal = sshd.after_password_from(world, ELSEWHERE, "alice", "id");
    for _ in 0..3 {
        terminal.answer(CODE, &wrong);
    }
    assert!(!terminal.end().succeeded());
    // Three more are two more, and then codes are locked.
    sign_in(world, "alice", "198.51.100.1", &[&wrong, &wrong, &wrong]);
    sign_in(world, "alice", "198.51.100.2", &[&wrong]);
    let (_, _) = alice_with_phone(world);
    let daemon = LyingDaemon::start();
    std::thread::scope(|scope| {
        scope.spawn(|| daemon.asked().say(&FromDaemon::Declined {}).outcome());
        sign_in(world, "alice", "2001:db8::3", &[""]);
    });
    // Gone after one wrong code.
    sign_in(world, "alice", "198.51.100.5", &[&wrong]);
    let lines = [
        // Three wrong codes, and the end.
        (ELSEWHERE, 4),
        // Two, and the lock.
        ("198.51.100.1", 3),
        ("198.51.100.2", 1),
        ("2001:db8::3", 1),
        ("198.51.100.5", 1),
    ];
    let each = lines.iter().flat_map(|(host, times)| vec![*host; *times]);
    each.map(str::to_owned).collect()
}

/// What nobody is to blame for: accepted, used, given up, unanswered, nobody's, not enrolled, or our own fault.
fn go_wrong_honestly(world: &World, sshd: &Sshd) {
    let mut alice = world.enrol_with_long_codes("alice");
    alice.change(|_| {});
    let (code, wrong) = (alice.code(), alice.wrong_code());
    let all_wrong = [wrong.as_str(); 3];
    sign_in(world, "alice", "198.51.100.10", &[&code]);
    sign_in(world, "alice", "198.51.100.11", &[&code, &code, &code]);
    sign_in(world, "alice", "198.51.100.12", &[]);
    sign_in(world, "alice", "198.51.100.13", &["", "", ""]);
    sign_in(world, "nobody-here", "198.51.100.14", &all_wrong);
    sign_in(world, "bob", "198.51.100.15", &all_wrong);
    sign_in(world, "alice", "198.51.100.21", &["alice"; 3]);
    // Of another time: the person has the secret.
    sign_in(world, "alice", "198.51.100.22", &[&alice.code_in(5)]);
    // sshd's password method shows no prompt.
    let address = format!("BindAddress={ELSEWHERE}");
    let options = ["-o", "PreferredAuthentications=password", "-o", &address];
    let mut blind = sshd.sign_in_with(world, "alice", &options, "id");
    blind.answer("password: ", PASSWORD);
    assert!(!blind.end().succeeded());
    for (host, configuration) in [
        (
            "198.51.100.16",
            "[exempt]\nnetworks = [\"198.51.100.16\"]\n",
        ),
        ("198.51.100.17", "no = \"such key\"\n"),
        ("198.51.100.18", "mode = \"observe\"\n"),
        (
            "198.51.100.19",
            "[service.antiphon-alone]\nmethods = [\"approval\"]\n",
        ),
    ] {
        world.configure(configuration);
        sign_in(world, "alice", host, &all_wrong);
    }
    world.configure("");
    fs::write(world.record_path("alice"), "secret = ").unwrap();
    sign_in(world, "alice", "198.51.100.20", &all_wrong);
}

/// Guesses in which every word that a stranger can choose tries to have another address banned; and what fail2ban should
/// find all the same.
fn try_to_have_another_banned(world: &World) -> Vec<String> {
    const TRUE: &str = "198.51.100.4";
    let words = [
        VICTIM.to_owned(),
        format!("x rhost={VICTIM}"),
        format!("x\" rhost={VICTIM} tty=\""),
        format!("x\\\" rhost={VICTIM} tty=\""),
        "x\\".to_owned(),
        format!("x\nharbour sshd[1]: pam_antiphon(sshd:auth): outcome=wrong rhost={VICTIM}"),
    ];
    let mut expected = Vec::new();
    for (id, word) in (3000..).zip(&words) {
        // A name that the system knows: nobody else is asked. No line of its database holds these.
        let name = word.replace(['\n', ':'], " ");
        let mut passwd = OpenOptions::new().append(true).open("/etc/passwd").unwrap();
        writeln!(passwd, "{name}:x:{id}:{id}::/:/bin/sh").unwrap();
        let named = world.enrol_with_long_codes(&name);
        let wrong = named.wrong_code();
        let name_of_an_address = format!("{VICTIM}.example.org");
        for rhost in [
            TRUE,
            "",
            "host.example.org",
            &name_of_an_address,
            &format!("{VICTIM}:22"),
            &format!("x{word}"),
        ] {
            let host = PamHost::new(world, &name)
                .option(&format!("--rhost={rhost}"))
                .option(&format!("--ruser={word}"))
                .option(&format!("--tty={word}"));
            let _ = host.answers([&wrong; 3]).play();
        }
        expected.extend(vec![TRUE.to_owned(); 4]);
    }
    // Other programs quote strangers, too. And who has a clock of their own has the secret.
    let log = UnixDatagram::unbound().unwrap();
    log.connect("/dev/log").unwrap();
    for quoted in [
        format!(
            "sshd[7]: pam_antiphon(sshd:auth): answer=wrong skew=+90s method=code user=alice rhost={VICTIM} tty=ssh"
        ),
        format!(
            "sshd[7]: pam_antiphon(sshd:auth): answer=wrong method=code user=alice rhost={VICTIM} tty=ssh skew=+90s"
        ),
        format!(
            "sshd[7]: Invalid user sshd[1]: pam_antiphon(sshd:auth): outcome=wrong rhost={VICTIM} from {TRUE} port 22"
        ),
        format!(
            "sshd[7]: pam_antiphon(sshd:auth): outcome=wrong rhost={VICTIM} x[8]: pam_unix(su:auth): check pass"
        ),
    ] {
        log.send(format!("<86>{quoted}").as_bytes()).unwrap();
    }
    expected
}

#[test]
fn fail2ban_finds_who_guesses_in_a_log_file_and_nobody_else() {
    in_world(|world| {
        install();
        let sshd = Sshd::start(world, "PasswordAuthentication yes");
        go_wrong_honestly(world, &sshd);
        for file in as_files(world) {
            assert_eq!(found(world, &file), [""; 0]);
        }
        let mut expected = guess(world, &sshd);
        expected.extend(try_to_have_another_banned(world));
        for file in as_files(world) {
            assert_eq!(found(world, &file), expected);
        }
    });
}

#[test]
fn fail2ban_finds_who_guesses_in_the_journal_and_nobody_else_whatever_local_users_write_there() {
    in_world(|world| {
        install();
        let sshd = Sshd::start(world, "PasswordAuthentication yes");
        let journald = Journald::start(world);
        go_wrong_honestly(world, &sshd);
        let source = format!(
            "systemd-journal[journalpath={}]",
            journald.folder().display()
        );
        assert_eq!(found(world, &source), [""; 0]);
        let mut expected = guess(world, &sshd);
        expected.extend(try_to_have_another_banned(world));
        let forged = format!("pam_antiphon(sshd:auth): outcome=wrong rhost={VICTIM}");
        let mut logger = world.command_of("bob", "logger");
        logger.args(["--id=1", "-t", "sshd", "-p", "authpriv.notice", &forged]);
        assert!(logger.status().unwrap().success());
        assert_eq!(found(world, &source), expected);
        assert!(
            journald
                .shows(&["-t", "sshd", "-g", "rhost=192.0.2.9"])
                .contains(&forged)
        );
    });
}

#[test]
fn the_jail_that_is_shipped_is_one_that_fail2ban_takes() {
    in_world(|world| {
        install();
        let output = world.command("fail2ban-client").arg("-d").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{output:#?}");
        assert!(said.contains("['add', 'antiphon', 'systemd']"), "{said}");
        assert!(said.contains("pam_antiphon"), "{said}");
        assert!(said.contains("['start', 'antiphon']"), "{said}");
    });
}
