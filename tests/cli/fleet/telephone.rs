//! Codes by text message in a fleet: the number is added on the enrolment host, and looked up at the relay.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use antiphon_tests::{Terminal, World, until};

use super::{Commanded, Computer, INIT, RELAY, host_with};
use crate::Daemon;
use crate::command::antiphon;
use crate::daemon::in_house;
use crate::phone_added::add;

const DB7: &str = "127.0.0.2";
const SMS: &str = "[telephone]\nsms = true\n";
const TEXT: &str = "Text +XX XXXXXXXXX21";
const CHOOSE: &str = "Your choice: ";
/// What no host and no log is told of the number.
const HIDDEN: &str = "70123";

/// The gateway, which writes down what it is to send.
struct Gateway(PathBuf);

impl Gateway {
    fn new(world: &World) -> Self {
        let folder = world.folder().join("gateway");
        fs::create_dir_all(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        Self(folder.join("sent"))
    }

    fn configuration(&self) -> String {
        format!(
            "{SMS}[gateway.sms]\nkind = \"command\"\ncommand = [\"/usr/bin/tee\", \"{}\"]\nstdin = \"{{to}} {{text}}\\n\"\n",
            self.0.display()
        )
    }

    /// The last text, and for whom it is.
    fn sent(&self) -> String {
        let sent = until("the text", || {
            let sent = fs::read_to_string(&self.0).ok();
            sent.filter(|sent| sent.ends_with('\n'))
        });
        fs::remove_file(&self.0).unwrap();
        sent
    }
}

/// A sign-in of alice by ssh that shows the list of ways.
fn list(computer: &Computer<'_>) -> Terminal {
    let mut terminal = computer.after_password("alice");
    terminal.expect(": ").send_line("?").expect(CHOOSE);
    terminal
}

/// Chooses the line of the list that ends so.
fn choose(terminal: &mut Terminal, line: &str) {
    let shown = terminal.shown();
    let place = shown
        .lines()
        .find_map(|shown| shown.strip_suffix(line)?.trim().strip_suffix('.'));
    let place = place.unwrap_or_else(|| panic!("no {line:?} in {shown}"));
    terminal.send_line(place.trim());
}

#[test]
fn a_person_signs_in_at_a_host_with_a_code_that_the_relay_has_sent() {
    in_house(|world| {
        antiphon(world, INIT).done();
        let gateway = Gateway::new(world);
        let relay = Daemon::start(world, &format!("{RELAY}{}", gateway.configuration()));
        let mut db7 = host_with(world, "db7", DB7, SMS);
        db7.start_sshd();
        let (_phone, _) = add(world, "Pixel 9");
        antiphon(world, "number add alice +46701234521 --sms").done();

        let mut terminal = list(&db7);
        choose(&mut terminal, TEXT);
        let sent = gateway.sent();
        let (to, text) = sent.split_once(' ').unwrap();
        let (code, rest) = text.split_once(' ').unwrap();
        assert_eq!(to, "+46701234521");
        let words = "is your code to sign in to db7 (sshd) as alice, from 127.0.0.1.";
        assert!(rest.starts_with(words), "{sent}");
        terminal.answer(": ", code).expect("here it is");
        terminal.end().well();
        world.ended("accepted method=sms user=alice");
        relay.expect_log("a text to …21 for alice at db7");

        // Neither the host nor a log has the number, or the code.
        let record = db7.path("/var/lib/antiphon/fleet/records/alice");
        let record = fs::read_to_string(record).unwrap();
        assert!(record.contains("ending") && !record.contains(HIDDEN));
        for secret in [HIDDEN, code] {
            assert!(!relay.log().contains(secret) && !world.log().says(secret));
        }

        // From the next sign-in on.
        antiphon(world, "number remove alice +46701234521").done();
        let terminal = list(&db7);
        assert!(!terminal.shown().contains("Text +XX"));
        let _ = terminal.interrupt();
    });
}

#[test]
fn a_relay_that_cannot_send_it_is_said_so_and_the_list_comes_back() {
    in_house(|world| {
        antiphon(world, INIT).done();
        let _relay = Daemon::start(world, RELAY);
        let mut db7 = host_with(world, "db7", DB7, SMS);
        db7.start_sshd();
        let (_phone, _) = add(world, "Pixel 9");
        antiphon(world, "number add alice +46701234521")
            .done()
            .warns("set sms = true in [telephone]");
        // The host itself needs no gateway.
        db7.antiphon(&["check"]).says_no("gateway");
        let mut terminal = list(&db7);
        choose(&mut terminal, TEXT);
        terminal
            .expect("The text could not be sent.")
            .expect(CHOOSE);
        assert!(
            world
                .log()
                .says("in a fleet that of the relay, has no gateway")
        );
        let _ = terminal.interrupt();
    });
}
