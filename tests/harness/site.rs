//! A whole fleet in a world, set up by the real commands: two relays that share their engine, and two hosts. The first relay
//! is the enrolment host too.

use std::fs::OpenOptions;
use std::io::Write;
use std::process::Command;

use crate::computer::Computer;
use crate::replicated::Replicated;
use crate::world::World;

/// The computers' names and addresses.
const RELAYS: [(&str, &str); 2] = [("relay1", "127.0.0.11"), ("relay2", "127.0.0.12")];
const HOSTS: [(&str, &str); 2] = [("db7", "127.0.0.21"), ("web1", "127.0.0.22")];

/// A fleet.
pub struct Site<'w> {
    /// Where people sign in: sshd runs there.
    pub hosts: [Computer<'w>; 2],
    /// The relays.
    pub relays: [Computer<'w>; 2],
    /// What they share.
    pub engine: Replicated,
}

impl<'w> Site<'w> {
    /// Sets a fleet up whose page is at `http://localhost:PORT`: see [`Self::pages`] for where it is really served. `tell` is
    /// told what is typed on which computer.
    pub fn set_up(world: &'w World, port: u16, mut tell: impl FnMut(&Computer<'w>, &str)) -> Self {
        name_computers();
        let engine = Replicated::start(&world.folder().join("engine"));
        let mut relays = RELAYS.map(|(name, address)| {
            let configuration = format!(
                "[page]\norigin = \"http://localhost:{port}\"\nlisten = \"{address}:{port}\"\n\
                 [relay]\nlisten_hosts = \"{address}:8471\"\nengine = \"{}\"\n",
                engine.url()
            );
            Computer::new(world, name, address, &configuration)
        });
        let mut antiphon = |computer: &Computer<'w>, arguments: &str| {
            tell(computer, &format!("antiphon {arguments}"));
            let words: Vec<&str> = arguments.split_whitespace().collect();
            said(&mut computer.antiphon_command(&words))
        };
        let [first, second] = &relays;
        antiphon(
            first,
            "fleet init example --relay relay1 --root-key /root/root.key",
        );
        let made = antiphon(first, "fleet relay relay2 --out /root/relay2");
        take_over(second, &made);
        relays.iter_mut().for_each(Computer::start_daemon);
        let token = antiphon(&relays[0], "fleet token --hosts 2 --for 1h");
        let hosts = HOSTS.map(|(name, address)| {
            let mut host = Computer::new(world, name, address, "[fleet]\n");
            antiphon(&host, &format!("join {token}"));
            host.start_daemon();
            host.start_sshd();
            host
        });
        Self {
            hosts,
            relays,
            engine,
        }
    }

    /// Where each relay serves the page.
    #[must_use]
    pub fn pages(port: u16) -> [String; 2] {
        RELAYS.map(|(_, address)| format!("{address}:{port}"))
    }
}

/// What another relay needs is brought there as `antiphon fleet relay` has said, with no need of ssh.
fn take_over(relay: &Computer<'_>, made: &str) {
    let by_ssh = "ssh root@relay2 ";
    let mut lines = made.lines();
    let line = lines.find(|line| line.contains(by_ssh)).expect("how to");
    let here = line.replace(by_ssh, "sh -ec ");
    said(relay.command("sh").args(["-ec", &here]));
}

/// They find each other by name.
fn name_computers() {
    let mut hosts = OpenOptions::new().append(true).open("/etc/hosts").unwrap();
    for (name, address) in RELAYS.into_iter().chain(HOSTS) {
        writeln!(hosts, "{address} {name}").unwrap();
    }
}

/// What `command` printed, which must succeed.
fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
