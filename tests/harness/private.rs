//! A test that runs itself again in namespaces of its own.

use std::env;
use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::product::Product;
use crate::world::World;

/// Tells the inner run from the outer one.
const INSIDE: &str = "ANTIPHON_INSIDE";
/// Nobody hangs: far more than any test needs on a slow machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// Runs `test` in a [`World`] of its own. Call it as the whole of a `#[test]`, which needs root.
pub fn in_world<F: FnOnce(&World)>(test: F) {
    if env::var_os(INSIDE).is_some() {
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
    let mut inner = Command::new("unshare")
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
        let Ok(part) = output.recv_timeout(PATIENCE) else {
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

/// The name by which libtest knows the test that `F`, a closure in it, belongs to: the path without the crate.
fn name_of<F>() -> String {
    let path = std::any::type_name::<F>();
    let (_, in_crate) = path.split_once("::").unwrap();
    let name = in_crate.split("::{{closure}}").next().unwrap();
    name.to_owned()
}
