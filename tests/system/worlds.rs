//! What the other tests take for granted: nothing of the machine's shows through in a world, and nothing of it is written.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::Path;

use antiphon_tests::{apart, in_world};

/// What every machine has, and what differs from one to the next.
const PLACES: [&str; 9] = [
    "/run", "/tmp", "/var/tmp", "/var/log", "/var/lib", "/home", "/root", "/dev", "/etc",
];

/// Where file systems are mounted, as this thread sees them.
fn mounted() -> BTreeSet<String> {
    let text = fs::read_to_string("/proc/thread-self/mountinfo").unwrap();
    let place = |line: &str| line.split(' ').nth(4).unwrap().to_owned();
    text.lines().map(place).collect()
}

fn names_in(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// Whether the folder holds nothing, or only the way to where we were built.
fn is_empty_but_for_us(folder: &str) -> bool {
    let own = |name: &String| {
        let path = Path::new(folder).join(name);
        [env!("CARGO_MANIFEST_DIR"), env!("CARGO_TARGET_TMPDIR")]
            .iter()
            .any(|ours| Path::new(ours).starts_with(&path))
    };
    names_in(folder).iter().all(own)
}

/// Holds that the places are others than the machine's, and those that begin empty are so.
fn has_places_of_its_own() {
    let mounted = mounted();
    for place in PLACES {
        assert!(mounted.contains(place), "{place}: {mounted:#?}");
    }
    for folder in ["/tmp", "/var/tmp", "/dev/shm", "/home", "/root"] {
        let names = names_in(folder);
        assert!(is_empty_but_for_us(folder), "{folder}: {names:?}");
    }
}

#[test]
fn nothing_that_the_machine_keeps_is_in_a_world() {
    in_world(|world| {
        has_places_of_its_own();
        let mut library = names_in("/var/lib");
        library.sort();
        assert_eq!(library, ["antiphon", "dpkg"]);
        assert_eq!(names_in("/var/log"), ["auth.log"]);
        assert!(!Path::new("/etc/localtime").exists());
        // Whatever is said here reaches this world's log.
        let said = UnixDatagram::unbound().unwrap();
        said.send_to(b"<86>here", "/dev/log").unwrap();
        assert_eq!(world.log().lines(), ["<86>here"]);
    });
}

#[test]
fn nothing_that_whoever_starts_the_tests_has_set_is_in_a_world() {
    in_world(|world| {
        let known = ["PATH", "LC_ALL", "TERM", "HOME", "RUST_BACKTRACE"];
        for (name, value) in std::env::vars() {
            let ours = name.starts_with("ANTIPHON_") || name == "UPDATE";
            assert!(ours || known.contains(&name.as_str()), "{name}={value}");
        }
        let made = world
            .command("sh")
            .args(["-c", "umask; ulimit -f; ulimit -v; ulimit -c"])
            .output()
            .unwrap();
        assert_eq!(
            String::from_utf8(made.stdout).unwrap(),
            "0022\nunlimited\nunlimited\n0\n"
        );
    });
}

#[test]
fn a_test_without_a_world_has_places_and_a_network_of_its_own_too() {
    apart();
    // Again changes nothing.
    apart();
    has_places_of_its_own();
    let network = |thread: &str| fs::read_link(format!("/proc/{thread}/ns/net")).unwrap();
    assert_ne!(network("thread-self"), network("self"));
}
