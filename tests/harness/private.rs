//! A test that runs itself again in namespaces of its own, or goes on in some.

use std::cell::Cell;
use std::env;
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use nix::sched::{CloneFlags, unshare};

use crate::product::Product;
use crate::terminal::plain_environment;
use crate::world::{self, World};
use crate::{PATIENCE, mounts};

/// Tells the inner run from the outer one.
const INSIDE: &str = "ANTIPHON_INSIDE";
/// Settings that are meant for the test and not for the machine.
const HANDED_ON: [&str; 4] = [
    "ANTIPHON_ATTACKS",
    "ANTIPHON_BUILT",
    "ANTIPHON_PICTURES",
    "UPDATE",
];

/// Whether this process is a test's that runs in a world.
pub(crate) fn is_inside() -> bool {
    env::var_os(INSIDE).is_some()
}

/// Runs `test` in a [`World`] of its own. Call it as the whole of a `#[test]`, which needs root.
pub fn in_world<F: FnOnce(&World)>(test: F) {
    // What hangs in there is noticed in there first, and told.
    in_world_for(4 * PATIENCE, test);
}

/// The same for one that takes longer by its nature.
pub fn in_world_for<F: FnOnce(&World)>(patience: Duration, test: F) {
    if is_inside() {
        test(&World::begin(&Product::built()));
        return;
    }
    assert!(
        nix::unistd::geteuid().is_root(),
        "the system tests need root, for namespaces: run tests/run as root"
    );
    // Built outside: inside there is no network, should cargo want something.
    Product::build();
    let name = name_of::<F>();
    let mut inner = Command::new("unshare");
    plain_environment(&mut inner);
    let settings = HANDED_ON.map(|name| (name, env::var_os(name)));
    let settings = settings
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    let mut inner = inner
        .args(["--mount", "--uts", "--ipc", "--net", "--pid", "--fork"])
        .args(["--kill-child", "--mount-proc", "--"])
        // Whoever started the tests in the background may have had Ctrl-C ignored, and everything in here with it.
        .args(["env", "--default-signal"])
        .arg(env::current_exe().unwrap())
        .args(["--exact", &name, "--nocapture", "--test-threads=1"])
        .args(
            env::args()
                .any(|arg| arg == "--ignored" || arg == "--include-ignored")
                .then_some("--include-ignored"),
        )
        .envs(settings)
        .env(INSIDE, "1")
        // The outer panic shows where.
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("unshare of util-linux");
    let (sender, output) = mpsc::channel();
    let streams: [Box<dyn Read + Send>; 2] = [
        Box::new(inner.stdout.take().unwrap()),
        Box::new(inner.stderr.take().unwrap()),
    ];
    for mut stream in streams {
        let sender = sender.clone();
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = stream.read_to_end(&mut bytes);
            let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
        });
    }
    drop(sender);
    let mut printed = String::new();
    for _ in 0..2 {
        let Ok(part) = output.recv_timeout(patience) else {
            // With it goes everything in its pid namespace, and so the pipes' other ends.
            let _ = inner.kill();
            printed.push_str(&output.iter().collect::<String>());
            panic!("{name} hung:\n{printed}");
        };
        printed.push_str(&part);
    }
    let status = inner.wait().unwrap();
    // A name that matched no test would pass for nothing.
    let ran = printed.contains("test result: ok. 1 passed");
    // Set in: a result in it is not to be counted as one of ours.
    let printed = printed.replace('\n', "\n    ");
    assert!(status.success() && ran, "{name}, inside:\n{printed}");
    // For who asks with --nocapture: tables and measurements.
    println!("{name}, inside:\n{printed}");
}

thread_local! {
    static APART: Cell<bool> = const { Cell::new(false) };
}

/// Gives a test that needs nobody's sign-in what else a world has: places, a `/dev/log` and a network of its own. They
/// are those of the thread that calls this, and of all that it starts from then on; needs root. Once is enough, and in a
/// [`World`] there is nothing to do.
pub fn apart() {
    if world::has_begun() || APART.replace(true) {
        return;
    }
    unshare(CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWNET | CloneFlags::CLONE_NEWIPC)
        .expect("a test that needs namespaces needs root: run tests/run as root");
    mounts::mount_all();
    world::open_loopback();
}

/// The name by which libtest knows the test that `F`, a closure in it, belongs to: the path without the crate.
fn name_of<F>() -> String {
    let path = std::any::type_name::<F>();
    let (_, in_crate) = path.split_once("::").unwrap();
    let name = in_crate.split("::{{closure}}").next().unwrap();
    name.to_owned()
}
