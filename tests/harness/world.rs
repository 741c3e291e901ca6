//! A machine of the test's own, as far as a sign-in can tell.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use antiphon_core::activity::Event;
use antiphon_core::config::Paths;
use antiphon_core::disk::{Folder, activity_file};
use antiphon_core::name::UserName;

use crate::enrolled::{self, Enrolled};
use crate::limits;
use crate::log::Log;
use crate::mounts::{self, OURS};
use crate::people;
use crate::product::Product;
use crate::{etc, terminal};

/// The world's host name.
pub const HOST: &str = "harbour";

/// An address that the loopback has too, for sign-ins from elsewhere (RFC 5737: nobody's).
const ELSEWHERE: &str = "203.0.113.5/32";

/// The surroundings that a test runs in.
pub struct World {
    log: Log,
    product: Product,
    module: PathBuf,
}

impl World {
    /// Makes a world of the namespaces that we are in, which must be new ones: `alice` and `bob` can sign in, nobody is
    /// enrolled, and the module stands in the pam.d files of sshd, sudo, su and login.
    #[must_use]
    pub fn begin(product: &Product) -> Self {
        BEGUN.store(true, Relaxed);
        limits::set();
        mounts::mount_all();
        nix::unistd::sethostname(HOST).unwrap();
        open_loopback();
        run("ip", &["address", "add", ELSEWHERE, "dev", "lo"]);
        // Of our own, so that a build in the meantime changes nothing under a running test.
        let module = PathBuf::from(format!("{OURS}/pam_antiphon.so"));
        fs::copy(&product.module, &module)
            .unwrap_or_else(|error| panic!("{}: {error}", product.module.display()));
        fs::set_permissions(&module, fs::Permissions::from_mode(0o644)).unwrap();
        etc::write_all(HOST, &module);
        people::begin();
        enrolled::make_folders(people::DAEMON);
        let world = Self {
            log: Log::collect(),
            product: product.clone(),
            module,
        };
        world.add_person("alice", 1000);
        world.add_person("bob", 1001);
        world
    }

    /// Adds a person who can sign in with [`crate::PASSWORD`].
    pub fn add_person(&self, name: &str, id: u32) {
        people::add(name, id);
    }

    /// The home folder of `name`, who alone may write there.
    #[must_use]
    pub fn home(&self, name: &str) -> PathBuf {
        people::home(name)
    }

    /// Adds a group.
    pub fn add_group(&self, name: &str, id: u32, members: &[&str]) {
        people::add_group(name, id, members);
    }

    /// Writes `/etc/antiphon/antiphon.toml`.
    pub fn configure(&self, text: &str) {
        fs::write(Paths::CONFIG, text).unwrap();
    }

    /// Enrols `name`: a record and a new state, and no code used yet.
    #[must_use]
    pub fn enrol(&self, name: &str) -> Enrolled {
        let enrolled = Enrolled::new(name);
        enrolled.store();
        enrolled
    }

    /// The same with codes of 300 s: no test meets the end of a step.
    #[must_use]
    pub fn enrol_with_long_codes(&self, name: &str) -> Enrolled {
        let mut enrolled = self.enrol(name);
        enrolled.set_period(300);
        enrolled
    }

    /// Writes `/etc/pam.d/SERVICE`: these `auth` lines, in which `pam_antiphon.so` becomes the module's path, and plain
    /// account and session phases after them.
    pub fn pam(&self, service: &str, auth: &str) {
        etc::service_file(service, auth, &self.module);
    }

    /// What programs have logged.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Holds that the last sign-in ended as `begin` says: `refused reason=used user=alice`. The whole line of the log.
    #[track_caller]
    pub fn ended(&self, begin: &str) -> String {
        let line = self.log.last_ending();
        let is_so = line.starts_with(&format!("outcome={begin}"));
        assert!(is_so, "{begin}: {line}");
        line
    }

    /// The same of the only sign-in.
    #[track_caller]
    pub fn ended_once(&self, begin: &str) -> String {
        assert_eq!(self.log.endings().len(), 1);
        self.ended(begin)
    }

    /// The module's path: a copy for this world.
    #[must_use]
    pub fn module(&self) -> &Path {
        &self.module
    }

    /// Where the command and `pam_host` are.
    #[must_use]
    pub fn product(&self) -> &Product {
        &self.product
    }

    /// The daemon where its user can read it; it must have been built.
    #[must_use]
    pub fn copy_of_daemon(&self) -> String {
        let copy = self.folder().join("antiphond");
        if !copy.exists() {
            let built = &self.product.daemon;
            fs::copy(built, &copy).unwrap_or_else(|error| panic!("{}: {error}", built.display()));
        }
        copy.to_str().unwrap().to_owned()
    }

    /// A folder for the test's own files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        Path::new(OURS)
    }

    /// Where the record of `name` stands.
    #[must_use]
    pub fn record_path(&self, name: &str) -> PathBuf {
        Path::new(enrolled::USERS).join(UserName::new(name).unwrap().file_name(".toml"))
    }

    /// Where the state of `name` stands.
    #[must_use]
    pub fn state_path(&self, name: &str) -> PathBuf {
        enrolled::state_path(&UserName::new(name).unwrap()).into()
    }

    /// The bytes of the state of `name`, if there is one.
    #[must_use]
    pub fn state(&self, name: &str) -> Option<Vec<u8>> {
        fs::read(self.state_path(name)).ok()
    }

    /// The recent activity of `name`, oldest first.
    #[must_use]
    pub fn activity(&self, name: &str) -> Vec<Event> {
        let file = UserName::new(name).unwrap().file_name(".jsonl");
        let text = fs::read_to_string(Path::new(enrolled::ACTIVITY).join(file)).unwrap_or_default();
        Event::read_lines(&text).collect()
    }

    /// Adds an event to the activity of `name`, as the module does.
    pub fn happened(&self, name: &str, event: &Event) {
        let folder = Folder::open(Path::new(enrolled::ACTIVITY)).unwrap();
        activity_file::append(&folder, &UserName::new(name).unwrap(), event).unwrap();
    }

    /// Runs root's command, which must succeed; what it printed.
    #[track_caller]
    pub fn antiphon(&self, arguments: &[&str]) -> String {
        let output = self
            .command(&self.product.command)
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// `program` as root, with an environment of its own.
    #[must_use]
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        terminal::plain_environment(&mut command);
        command
    }

    /// `program` as the person of this name would start it.
    #[must_use]
    pub fn command_of(&self, name: &str, program: &str) -> Command {
        let id = nix::unistd::User::from_name(name)
            .unwrap()
            .expect("a person of this world")
            .uid;
        // And not `Command::uid`: a `Terminal` starts the program by another one, and could not hand that on.
        let mut command = self.command("setpriv");
        command.args([&format!("--reuid={id}"), &format!("--regid={id}")]);
        command
            .args(["--clear-groups", "--", program])
            .current_dir("/");
        command
    }
}

/// A test that fails shows what was configured and logged.
impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("configured was: {:?}", fs::read_to_string(Paths::CONFIG));
            eprintln!("logged was: {:#?}", self.log.lines());
        }
    }
}

static BEGUN: AtomicBool = AtomicBool::new(false);

/// Whether this process has a world.
pub(crate) fn has_begun() -> bool {
    BEGUN.load(Relaxed)
}

/// Makes a new network one in which programs reach each other.
pub(crate) fn open_loopback() {
    run("ip", &["link", "set", "lo", "up"]);
}

fn run(program: &str, arguments: &[&str]) {
    let status = Command::new(program)
        .args(arguments)
        .status()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(status.success(), "{program} {arguments:?}: {status}");
}
