//! The command line.

use crate::ffi::Item;

const USAGE: &str = "\
usage: pam_host SERVICE USER [OPTION…] <answers, one a line

  --rhost=HOST     PAM_RHOST
  --ruser=NAME     PAM_RUSER
  --tty=NAME       PAM_TTY
  --env=KEY=VALUE  a variable of the PAM environment, as sshd sets SSH_AUTH_INFO_0
  --silent         with PAM_SILENT, as sudo does
  --count=N        N authentications in one process, one after the other
  --at-once=N      N processes; none is answered before all have asked
  --clock=SECONDS  with a wall clock that is so much ahead (or, negative, behind)
  --phone-first    a prompt that shows a number is never answered: the person waits for the phone
  --setcred        pam_setcred as well, after each authentication
  --marks          the system call access(\"/antiphon-mark/begin\") before pam_authenticate, and …/end after it
  --measure        resident memory and open descriptors with each result
  --stop           stops itself (SIGSTOP) when all is over, for a look at its memory";

/// What is to be done.
#[allow(clippy::struct_excessive_bools)] // each is a switch of its own on the command line
pub(crate) struct Arguments {
    pub(crate) service: String,
    pub(crate) user: String,
    pub(crate) items: Vec<(Item, String)>,
    pub(crate) variables: Vec<String>,
    pub(crate) silent: bool,
    pub(crate) count: u32,
    pub(crate) at_once: u32,
    pub(crate) clock: i64,
    pub(crate) phone_first: bool,
    pub(crate) setcred: bool,
    pub(crate) marks: bool,
    pub(crate) measure: bool,
    pub(crate) stop: bool,
}

impl Arguments {
    /// Reads the command line without the program's name; the error is what to print.
    pub(crate) fn parse(mut given: impl Iterator<Item = String>) -> Result<Self, String> {
        let (Some(service), Some(user)) = (given.next(), given.next()) else {
            return Err(USAGE.to_owned());
        };
        let mut read = Self {
            service,
            user,
            items: Vec::new(),
            variables: Vec::new(),
            silent: false,
            count: 1,
            at_once: 0,
            clock: 0,
            phone_first: false,
            setcred: false,
            marks: false,
            measure: false,
            stop: false,
        };
        for option in given {
            read.take(&option)
                .ok_or_else(|| format!("{option}: what is that?\n{USAGE}"))?;
        }
        Ok(read)
    }

    fn take(&mut self, option: &str) -> Option<()> {
        let (key, value) = option.split_once('=').unwrap_or((option, ""));
        match key {
            "--rhost" => self.items.push((Item::RemoteHost, value.to_owned())),
            "--ruser" => self.items.push((Item::RemoteUser, value.to_owned())),
            "--tty" => self.items.push((Item::Terminal, value.to_owned())),
            "--env" => self.variables.push(value.to_owned()),
            "--silent" => self.silent = true,
            "--count" => self.count = value.parse().ok()?,
            "--at-once" => self.at_once = value.parse().ok()?,
            "--clock" => self.clock = value.parse().ok()?,
            "--phone-first" => self.phone_first = true,
            "--setcred" => self.setcred = true,
            "--marks" => self.marks = true,
            "--measure" => self.measure = true,
            "--stop" => self.stop = true,
            _ => return None,
        }
        Some(())
    }
}
