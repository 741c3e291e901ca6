//! The world's syslog: everything that programs send to `/dev/log`.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread;

const SOCKET: &str = "/dev/log";
/// Where the lines are kept too, for people who look around.
const FILE: &str = "/var/log/auth.log";
/// Begins a datagram of ours that says: all before this has been read.
const MARK: &str = "antiphon-tests-mark";

/// A collector of log lines.
#[derive(Debug, Clone)]
pub struct Log {
    lines: Arc<Mutex<Vec<String>>>,
    marks: Arc<Mutex<Vec<Sender<()>>>>,
}

/// A line of the module: `<85>PROGRAM[PID]: pam_antiphon(SERVICE:auth): TEXT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OurLine {
    /// What the program calls itself.
    pub program: String,
    /// The PAM service.
    pub service: String,
    /// `outcome=accepted method=code user=alice …`
    pub text: String,
}

impl Log {
    /// Listens on `/dev/log` and reads on in a thread: a full queue would stop whoever logs.
    pub(crate) fn collect() -> Self {
        let socket = UnixDatagram::bind(SOCKET).unwrap();
        fs::set_permissions(SOCKET, fs::Permissions::from_mode(0o666)).unwrap();
        let log = Self {
            lines: Arc::default(),
            marks: Arc::default(),
        };
        let collected = log.clone();
        let mut file = fs::File::create(FILE).unwrap();
        thread::spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(length) = socket.recv(&mut buffer) {
                let line = String::from_utf8_lossy(&buffer[..length]).into_owned();
                if line == MARK {
                    // Whoever has gone meanwhile need not be told.
                    let _ = collected.marks.lock().unwrap().remove(0).send(());
                } else {
                    writeln!(file, "{}", line.trim_end()).unwrap();
                    collected.lines.lock().unwrap().push(line);
                }
            }
        });
        log
    }

    /// Every line that was sent before this call, as it was sent: `<86>Nov 22 20:00:00 …`.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let (sender, read) = mpsc::channel();
        {
            // Under the lock, so that marks are answered in the order in which they are sent.
            let mut marks = self.marks.lock().unwrap();
            marks.push(sender);
            UnixDatagram::unbound()
                .unwrap()
                .send_to(MARK.as_bytes(), SOCKET)
                .unwrap();
        }
        read.recv().unwrap();
        self.lines.lock().unwrap().clone()
    }

    /// Whether `part` stands in what was sent before this call.
    #[must_use]
    pub fn says(&self, part: &str) -> bool {
        self.lines().iter().any(|line| line.contains(part))
    }

    /// The lines of the module.
    #[must_use]
    pub fn ours(&self) -> Vec<OurLine> {
        self.lines()
            .iter()
            .filter_map(|line| OurLine::parse(line))
            .collect()
    }

    /// The texts of the module's lines that begin with `begin`.
    #[must_use]
    pub fn texts(&self, begin: &str) -> Vec<String> {
        let ours = self.ours().into_iter().map(|line| line.text);
        ours.filter(|text| text.starts_with(begin)).collect()
    }

    /// Whether a line of the module begins with `begin`.
    #[must_use]
    pub fn has(&self, begin: &str) -> bool {
        !self.texts(begin).is_empty()
    }

    /// The lines of the module that say how a sign-in ended: one each.
    #[must_use]
    pub fn endings(&self) -> Vec<OurLine> {
        let mut ours = self.ours();
        ours.retain(|line| line.text.starts_with("outcome="));
        ours
    }

    /// The text of the only one of [`Self::endings`]; panics if there is another number of them.
    #[must_use]
    pub fn our_only_line(&self) -> String {
        let endings = self.endings();
        assert_eq!(endings.len(), 1, "{endings:#?}");
        endings[0].text.clone()
    }

    /// The text of the last one of [`Self::endings`].
    #[must_use]
    pub fn last_ending(&self) -> String {
        self.endings().pop().expect("a sign-in that has ended").text
    }
}

impl OurLine {
    fn parse(line: &str) -> Option<Self> {
        let (tag, rest) = line.split_once(": pam_antiphon(")?;
        let (_, tag) = tag.split_once('>')?;
        let (program, pid) = tag.strip_suffix(']')?.rsplit_once('[')?;
        let (service, text) = rest.split_once(":auth): ")?;
        // What others quote in lines of their own is not ours.
        let is_ours = pid.parse::<u32>().is_ok() && !program.contains(' ');
        is_ours.then(|| Self {
            program: program.to_owned(),
            service: service.to_owned(),
            text: text.trim_end_matches(['\n', '\0']).to_owned(),
        })
    }
}
