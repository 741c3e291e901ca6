//! How the daemon begins, ends and begins again.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::process::{Command, Stdio};

use antiphon_core::wire::FromDaemon;
use nix::unistd::User;

use crate::daemon::{SOCKET, STATE, in_house, refused};
use crate::enrolment::enrol;
use crate::root::request;
use crate::{Daemon, Root};

#[test]
fn a_daemon_that_ends_closes_sign_ins_and_tells_phones() {
    in_house(|world| {
        let daemon = Daemon::start(world, "");
        let phone = enrol("alice", "Pixel 9");
        let (mut inbox, _) = phone.inbox();
        let mut root = Root::ask(&request("alice", 60), &[&phone.credential], 1);
        let mut command = Root::ticket([1; 16], "alice", &[]);
        let shown = inbox.request();
        assert!(daemon.terminate().success());
        assert_eq!(root.hear(), None);
        assert_eq!(command.hear(), None);
        assert_eq!(inbox.gone(&shown), "cancelled");
        assert_eq!(inbox.next(), None);
        assert!(!fs::exists(SOCKET).unwrap());
    });
}

#[test]
fn a_daemon_that_was_killed_remembers_phones_and_no_sign_in() {
    in_house(|world| {
        let daemon = Daemon::start(world, "");
        let phone = enrol("alice", "Pixel 9");
        let key = phone.get("/api/me").json()["push_key"].clone();
        let mut root = Root::ask(&request("alice", 60), &[&phone.credential], 0);
        drop(daemon);
        assert_eq!(root.hear(), None);
        let _daemon = Daemon::start(world, "");
        let (mut inbox, waits) = phone.inbox();
        assert!(waits.is_empty());
        assert_eq!(phone.get("/api/me").json()["push_key"], key);
        let mut root = Root::ask(&request("alice", 60), &[&phone.credential], 1);
        assert_eq!(phone.approve(&inbox.request(), "42").status, 202);
        assert!(matches!(root.hear(), Some(FromDaemon::Answer(_))));
    });
}

#[test]
fn systemd_is_told_when_it_is_ready_and_when_it_ends() {
    in_house(|world| {
        let path = "/run/notify";
        let systemd = UnixDatagram::bind(path).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
        let daemon = Daemon::start_with(world, "", &[("NOTIFY_SOCKET", path.into())]);
        let hear = || {
            let mut words = [0; 64];
            let length = systemd.recv(&mut words).unwrap();
            String::from_utf8(words[..length].to_vec()).unwrap()
        };
        assert_eq!(hear(), "READY=1");
        assert!(daemon.terminate().success());
        assert_eq!(hear(), "STOPPING=1");
    });
}

#[test]
fn a_daemon_that_could_do_harm_or_no_good_does_not_begin_and_says_why() {
    in_house(|world| {
        for (configuration, words) in [
            ("[page]\nlisten = \"0.0.0.0:8470\"\n", "trusted_proxies"),
            ("[page]\norigin = \"https://192.0.2.7\"\n", "IP address"),
            ("[page]\noragin = \"x\"\n", "did you mean"),
            (
                "[page]\ncertificate = \"/nothing.pem\"\nkey = \"/nothing.key\"\n",
                "/nothing.pem",
            ),
        ] {
            refused(world, configuration, &[]).expect_log(words);
        }
        // Folders that others can write or read.
        let _ = Daemon::start(world, "");
        let alone = || refusal(&mut world.command_of("antiphon", &world.copy_of_daemon()));
        fs::set_permissions(STATE, fs::Permissions::from_mode(0o750)).unwrap();
        let (status, said) = alone();
        assert_eq!(status, Some(78));
        assert!(said.contains("chmod 0700 /var/lib/antiphond"), "{said}");
        fs::set_permissions(STATE, fs::Permissions::from_mode(0o700)).unwrap();
        chown("/run/antiphon", Some(0), Some(0)).unwrap();
        let (_, said) = alone();
        assert!(said.contains("chown"), "{said}");
    });
}

#[test]
fn it_never_runs_as_root_nor_twice() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let (status, said) = refusal(&mut world.command(world.copy_of_daemon()));
        assert_eq!(status, Some(78));
        assert!(said.contains("setpriv"), "{said}");
        // Elsewhere on the network, so that only the socket is in the way.
        world.configure("[page]\nlisten = \"127.0.0.1:8471\"\n");
        let (_, said) = refusal(&mut world.command_of("antiphon", &world.copy_of_daemon()));
        assert!(said.contains("another antiphond"), "{said}");
        Root::ticket([1; 16], "alice", &[]);
    });
}

/// How a daemon that does not begin ends, and what it says.
fn refusal(command: &mut Command) -> (Option<i32>, String) {
    let ended = command.output().unwrap();
    (
        ended.status.code(),
        String::from_utf8(ended.stderr).unwrap(),
    )
}

#[test]
fn help_teaches_and_wrong_arguments_are_said() {
    in_house(|world| {
        let run = |argument: &str| {
            Command::new(world.copy_of_daemon())
                .arg(argument)
                .output()
                .unwrap()
        };
        let help = run("--help");
        assert!(help.status.success());
        let said = String::from_utf8(help.stdout).unwrap();
        assert!(said.contains("Examples:") && said.contains("--config"));
        assert!(run("--version").status.success());
        let wrong = run("--confg");
        assert_eq!(wrong.status.code(), Some(64));
        assert!(String::from_utf8(wrong.stderr).unwrap().contains("--help"));
    });
}

/// `PrivateUsers=yes` of the unit: there root is root, the daemon's user is itself, and everybody else is nobody.
#[test]
fn it_knows_root_in_the_user_namespace_that_its_unit_gives_it() {
    in_house(|world| {
        drop(Daemon::start(world, ""));
        let user = User::from_name("antiphon").unwrap().unwrap();
        let run = format!(
            "read go; exec setpriv --reuid={} --regid={} --clear-groups -- {}",
            user.uid,
            user.gid,
            world.copy_of_daemon()
        );
        let mut inside = world
            .command("unshare")
            .args(["--user", "--", "sh", "-c", &run])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let maps = format!("/proc/{}", inside.id());
        let own = fs::read_link("/proc/self/ns/user").unwrap();
        while fs::read_link(format!("{maps}/ns/user")).unwrap() == own {}
        for (map, id) in [
            ("uid_map", user.uid.as_raw()),
            ("gid_map", user.gid.as_raw()),
        ] {
            let ids = format!("0 0 1\n{id} {id} 1\n");
            fs::write(format!("{maps}/{map}"), ids).unwrap();
        }
        inside.stdin.take().unwrap().write_all(b"go\n").unwrap();
        while UnixStream::connect(SOCKET).is_err() {
            assert!(inside.try_wait().unwrap().is_none(), "it has ended");
        }
        Root::ticket([1; 16], "alice", &[]);
        inside.kill().unwrap();
        inside.wait().unwrap();
    });
}
