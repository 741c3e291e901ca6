//! Programs: their arguments stay what they are, they get nothing that is not theirs, and none outlives its time.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use antiphon_core::wire::{Deliver, Undelivered};
use antiphon_tests::{World, until};

use super::{NUMBER, TEXT, not, send, sms, taken};
use crate::Daemon;
use crate::crowds::most_memory;
use crate::daemon::in_house;

/// A folder in which the program may write.
fn room(world: &World) -> String {
    let room = world.folder().join("room");
    fs::create_dir_all(&room).unwrap();
    fs::set_permissions(&room, fs::Permissions::from_mode(0o777)).unwrap();
    room.to_str().unwrap().to_owned()
}

fn write_program(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A daemon whose texts go to a shell script with these arguments and further keys.
fn start(world: &World, script: &str, arguments: &str, keys: &str) -> Daemon {
    let path = world.folder().join("modem");
    write_program(&path, &format!("#!/bin/sh\n{script}\n"));
    let configuration = format!(
        "[telephone]\nsms = true\nmost_in_ten_minutes = 50\nmost_a_day = 50\n[gateway.sms]\nkind = \"command\"\n\
         command = [\"{}\"{arguments}]\n{keys}\n",
        path.display()
    );
    // None of this may reach the program.
    let environment = [("LD_PRELOAD", ""), ("SECRET_OF_THE_DAEMON", "x")]
        .map(|(name, value)| (name, value.into()));
    Daemon::start_with(world, &configuration, &environment)
}

fn read(room: &str, name: &str) -> String {
    fs::read_to_string(format!("{room}/{name}")).unwrap()
}

fn with_text(text: &str) -> Deliver {
    Deliver {
        text: text.into(),
        ..sms()
    }
}

#[test]
fn a_program_gets_number_and_text_and_nothing_of_the_daemons() {
    in_house(|world| {
        let room = room(world);
        let script = format!(
            "cat > {room}/stdin; printf '%s\\n' \"$@\" > {room}/arguments; env > {room}/environment; pwd > {room}/folder; \
             ls /proc/self/fd > {room}/descriptors"
        );
        let arguments = ", \"sendsms\", \"TEXT\", \"{to}\", \"--lang={locale}\"";
        let daemon = start(world, &script, arguments, "stdin = \"{text}\"");
        assert_eq!(send(sms()), taken());
        assert_eq!(read(&room, "stdin"), TEXT);
        assert_eq!(
            read(&room, "arguments"),
            format!("sendsms\nTEXT\n{NUMBER}\n--lang=sv-SE\n")
        );
        assert_eq!(read(&room, "folder"), "/\n");
        let environment = read(&room, "environment");
        let own = ["PATH", "LANG", "HOME", "PWD", "OLDPWD", "SHLVL", "_"];
        for (name, _) in environment.lines().filter_map(|line| line.split_once('=')) {
            assert!(own.contains(&name), "{name}");
        }
        // Its three, the folder that ls reads, the script that sh reads, and what this test was born with: nothing that
        // the daemon has opened.
        let born_with = inherited();
        for descriptor in read(&room, "descriptors").lines() {
            let number: u32 = descriptor.parse().unwrap();
            let is_its_own = number <= 3 || number == 10;
            assert!(is_its_own || born_with.contains(&number), "{number}");
        }
        daemon.expect_log("modem has taken a text to …21 for alice");
    });
}

/// Descriptors that every program which is started from here gets.
fn inherited() -> Vec<u32> {
    let all = fs::read_dir("/proc/self/fdinfo").unwrap();
    all.filter_map(|entry| {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).ok()?;
        let flags = text.lines().find_map(|line| line.strip_prefix("flags:"))?;
        let flags = i32::from_str_radix(flags.trim(), 8).unwrap();
        let stays = flags & nix::fcntl::OFlag::O_CLOEXEC.bits() == 0;
        stays.then(|| path.file_name().unwrap().to_str().unwrap().parse().unwrap())
    })
    .collect()
}

#[test]
fn a_text_is_one_argument_and_never_an_option() {
    in_house(|world| {
        let room = room(world);
        let script = format!("for one; do printf '[%s]' \"$one\"; done > {room}/arguments");
        let arguments = ", \"{text}\", \"text={text}\"";
        let _daemon = start(world, &script, arguments, "text_in_arguments = true");
        let nasty = "a b; $(touch /x) `id` \"'*\n--to=+1900 {code}";
        assert_eq!(send(with_text(nasty)), taken());
        assert_eq!(read(&room, "arguments"), format!("[{nasty}][text={nasty}]"));
        fs::remove_file(format!("{room}/arguments")).unwrap();
        for option in ["--config=/etc/shadow", "-x", "-"] {
            let said = send(with_text(option));
            assert_eq!(said, not(Undelivered::Refused), "{option}");
        }
        assert!(!fs::exists(format!("{room}/arguments")).unwrap());
    });
}

#[test]
fn a_program_that_hangs_is_killed_with_all_that_it_started() {
    in_house(|world| {
        let room = room(world);
        // One child in the background, one in front, both deaf; both keep our pipes open.
        let script = format!(
            "trap '' TERM HUP\n(trap '' TERM HUP; while :; do sleep 1; done) & echo $! > {room}/child; echo $$ > {room}/own\n\
             while :; do sleep 1; done"
        );
        let daemon = start(world, &script, "", "timeout = 1");
        assert_eq!(send(sms()), not(Undelivered::NoAnswer));
        daemon.expect_log(
            "modem has not taken a text to …21 for alice: was killed: it took more than 1 s",
        );
        for name in ["own", "child"] {
            gone(read(&room, name).trim());
        }
    });
}

#[test]
fn what_a_program_leaves_running_ends_with_it() {
    in_house(|world| {
        let room = room(world);
        let script = format!("(while :; do sleep 1; done) & echo $! > {room}/child; exit 0");
        let _daemon = start(world, &script, "", "");
        assert_eq!(send(sms()), taken());
        gone(read(&room, "child").trim());
    });
}

/// Waits until this process is no more, or no more than its exit status.
fn gone(id: &str) {
    until("its end", || {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let rest = stat.rsplit(')').next().unwrap();
        (rest.is_empty() || rest.starts_with(" Z")).then_some(())
    });
}

#[test]
fn a_flood_of_output_is_drained_and_a_failure_says_its_first_words() {
    in_house(|world| {
        let script = "head -c 10000000 /dev/zero | tr '\\0' x\necho no signal >&2\nhead -c 10000000 /dev/zero | tr '\\0' y >&2\nexit 3";
        let daemon = start(world, script, "", "timeout = 14");
        assert_eq!(send(sms()), not(Undelivered::Refused));
        daemon.expect_log("ended with exit status: 3: no signal");
        let longest = daemon.log().lines().map(str::len).max().unwrap();
        assert!(longest < 400, "{longest}");
        let peak = most_memory(&daemon) >> 10;
        assert!(peak < 60_000, "{peak} kB");
    });
}

#[test]
fn a_program_that_is_not_there_or_reads_nothing_is_no_trouble() {
    in_house(|world| {
        let daemon = start(world, "exit 0", "", "stdin = \"{text}\"");
        assert_eq!(send(sms()), taken());
        fs::remove_file(world.folder().join("modem")).unwrap();
        assert_eq!(send(sms()), not(Undelivered::NoAnswer));
        daemon.expect_log("cannot be started: No such file");
    });
}

/// `mmcli` by its manual: `--messaging-create-sms`, `--send` and `--messaging-delete-sms`.
const MMCLI: &str = r#"#!/bin/sh
printf '[%s]' "$@" >> ROOM/calls; echo >> ROOM/calls
case $* in
  "-m any --messaging-create-sms="*)
    echo "Successfully created new SMS: /org/freedesktop/ModemManager1/SMS/21" ;;
  "-s 21 --send") exit $(cat ROOM/status) ;;
  "-m any --messaging-delete-sms=21") ;;
  *) exit 64 ;;
esac
"#;

#[test]
fn the_script_for_modem_manager_sends_and_leaves_nothing_in_the_modem() {
    in_house(|world| {
        let room = room(world);
        let mmcli = format!("{room}/mmcli");
        write_program(mmcli.as_ref(), &MMCLI.replace("ROOM", &room));
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../conf/gateway/mmcli");
        for (status, text) in [("0", TEXT), ("1", "it's ',number='+1900 $(id) `id`")] {
            fs::write(format!("{room}/status"), status).unwrap();
            fs::write(format!("{room}/text"), text).unwrap();
            let _ = fs::remove_file(format!("{room}/calls"));
            let ended = world
                .command(script)
                .arg(NUMBER)
                .env("PATH", format!("{room}:/usr/bin:/bin"))
                .stdin(fs::File::open(format!("{room}/text")).unwrap())
                .status()
                .unwrap();
            assert_eq!(ended.success(), status == "0");
            let text = text.replace('\'', " ");
            assert_eq!(
                read(&room, "calls"),
                format!(
                    "[-m][any][--messaging-create-sms=number='{NUMBER}',text='{text}']\n\
                     [-s][21][--send]\n[-m][any][--messaging-delete-sms=21]\n"
                )
            );
        }
    });
}
