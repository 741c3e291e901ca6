//! A PostgreSQL of a test's own: the real server of the system's package, on a socket in a folder, without a network.

use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User};

use crate::until;

/// Debian's folder of versions.
const VERSIONS: &str = "/usr/lib/postgresql";
/// Whom it runs as: it refuses to be root.
const SERVER: &str = "nobody";

/// What a server shows whoever comes by TLS, in PEM.
#[derive(Clone, Copy)]
pub struct ServerTls<'a> {
    /// Its certificate.
    pub certificate: &'a str,
    /// The key to it.
    pub key: &'a str,
}

/// A server. It ends with the value.
pub struct Postgres {
    programs: PathBuf,
    folder: PathBuf,
    server: Option<Child>,
}

impl Postgres {
    /// Makes a cluster in `folder`, which it makes too, and starts it: there are a role and a database `antiphon`, and who
    /// reaches the socket is believed.
    pub fn start(folder: &Path) -> Self {
        let mut server = Self::in_folder(folder);
        let data = server.data();
        succeed(
            server
                .program("initdb")
                .args(["--auth=trust", "--no-sync", "--username=postgres"])
                .args(["--encoding=UTF8", "--locale=C", "--pgdata", &data]),
        );
        append(
            &server.folder.join("data/postgresql.conf"),
            "listen_addresses = ''\n",
        );
        server.resume();
        for made in [
            "CREATE ROLE antiphon LOGIN",
            "CREATE DATABASE antiphon OWNER antiphon",
        ] {
            server.ask(made);
        }
        server
    }

    /// Starts a standby in `folder`, which it makes too. It follows whichever server with a socket in one of `folders` writes;
    /// there must be one.
    pub(crate) fn start_following(folder: &Path, folders: &[PathBuf]) -> Self {
        let mut standby = Self::in_folder(folder);
        let sockets: Vec<&str> = folders
            .iter()
            .filter_map(|folder| folder.to_str())
            .collect();
        let sources = format!(
            "host={} user=postgres target_session_attrs=read-write",
            sockets.join(",")
        );
        let data = standby.data();
        succeed(
            standby
                .program("pg_basebackup")
                .args(["--no-sync", "--checkpoint=fast", "--write-recovery-conf"])
                .args(["--dbname", &sources, "--pgdata", &data]),
        );
        standby.resume();
        standby
    }

    /// None yet.
    fn in_folder(folder: &Path) -> Self {
        let user = User::from_name(SERVER).unwrap().unwrap();
        fs::create_dir_all(folder).unwrap();
        chown(folder, Some(user.uid.as_raw()), Some(user.gid.as_raw())).unwrap();
        fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
        Self {
            programs: programs(),
            folder: folder.to_owned(),
            server: None,
        }
    }

    /// Where it is, for `[relay] engine`.
    pub fn url(&self) -> String {
        url_of(std::slice::from_ref(&self.folder))
    }

    /// Where its socket is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The process id of the server, which runs.
    pub fn id(&self) -> u32 {
        self.server.as_ref().expect("a server that runs").id()
    }

    /// Starts it again.
    pub fn resume(&mut self) {
        let (data, folder) = (self.data(), self.folder.display().to_string());
        let log = fs::File::create(self.folder.join("log")).unwrap();
        let child = self
            .program("postgres")
            .args(["-F", "-D", &data, "-k", &folder])
            .args(["-c", "dynamic_shared_memory_type=mmap"])
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.server = Some(child);
        until("PostgreSQL", || {
            let asked = self.psql("postgres", "SELECT 1").output().unwrap();
            asked.status.success().then_some(())
        });
    }

    /// From now on it is reached at this computer's own address too: by a password, and by TLS with this certificate and key
    /// if there are any.
    pub fn open_to_network(&mut self, password: &str, tls: Option<ServerTls<'_>>) {
        let data = self.folder.join("data");
        let lines = "listen_addresses = 'localhost'\nssl = off\n";
        append(&data.join("postgresql.conf"), lines);
        fs::write(
            data.join("pg_hba.conf"),
            "local all all trust\nhost all all samehost scram-sha-256\n",
        )
        .unwrap();
        if let Some(ServerTls { certificate, key }) = tls {
            append(&data.join("postgresql.conf"), "ssl = on\n");
            let user = User::from_name(SERVER).unwrap().unwrap();
            for (name, text) in [("server.crt", certificate), ("server.key", key)] {
                let path = data.join(name);
                fs::write(&path, text).unwrap();
                fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
                chown(&path, Some(user.uid.as_raw()), Some(user.gid.as_raw())).unwrap();
            }
        }
        self.ask(&format!("ALTER ROLE antiphon PASSWORD '{password}'"));
        self.crash();
        self.resume();
    }

    /// Ends it as a power cut does: nobody is told.
    pub fn crash(&mut self) {
        self.end(Signal::SIGQUIT);
    }

    /// The answer to a question, asked by the owner of everything.
    pub fn ask(&self, sql: &str) -> String {
        self.ask_in("postgres", sql)
    }

    /// The same in the database of the name.
    pub fn ask_in(&self, database: &str, sql: &str) -> String {
        let output = succeed(&mut self.psql(database, sql));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn psql(&self, database: &str, sql: &str) -> Command {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.env_clear()
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"])
            .args(["-U", "postgres", "-d", database, "-c", sql, "-h"])
            .arg(&self.folder)
            .stdin(Stdio::null());
        psql
    }

    fn data(&self) -> String {
        self.folder.join("data").to_str().unwrap().to_owned()
    }

    /// A program of the server's, as its user; it ends with whoever has started it.
    fn program(&self, name: &str) -> Command {
        let user = User::from_name(SERVER).unwrap().unwrap();
        let mut program = Command::new("setpriv");
        program
            .env_clear()
            .args([
                &format!("--reuid={}", user.uid),
                &format!("--regid={}", user.gid),
            ])
            .args(["--clear-groups", "--pdeathsig=QUIT", "--"])
            .arg(self.programs.join(name))
            .current_dir(&self.folder)
            .stdin(Stdio::null());
        program
    }

    fn end(&mut self, signal: Signal) {
        if let Some(mut server) = self.server.take() {
            let id = Pid::from_raw(server.id().try_into().unwrap());
            let _ = kill(id, signal);
            let _ = server.wait();
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.end(Signal::SIGQUIT);
        if std::thread::panicking() {
            let log = fs::read_to_string(self.folder.join("log"));
            eprintln!("PostgreSQL said: {}", log.unwrap_or_default());
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Where a server is whose socket is in one of `folders`.
pub(crate) fn url_of(folders: &[PathBuf]) -> String {
    let escaped = folders
        .iter()
        .map(|folder| folder.to_str().unwrap().replace('/', "%2F"));
    let sockets = escaped.collect::<Vec<String>>().join(",");
    format!("postgresql://antiphon@{sockets}/antiphon")
}

/// The latest version's.
fn programs() -> PathBuf {
    let versions = fs::read_dir(VERSIONS).expect("PostgreSQL: run packaging/depends");
    let mut versions: Vec<u32> = versions
        .filter_map(|version| version.unwrap().file_name().to_str()?.parse().ok())
        .collect();
    versions.sort_unstable();
    let latest = versions.last().expect("PostgreSQL: run packaging/depends");
    Path::new(VERSIONS).join(format!("{latest}/bin"))
}

fn append(path: &Path, lines: &str) {
    let mut file = OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(lines.as_bytes()).unwrap();
}

fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
    output
}
