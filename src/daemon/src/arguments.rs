//! The command line: two options, which need no crate.

use std::ffi::OsString;
use std::path::PathBuf;

/// The output of `--help`.
pub(crate) const HELP: &str = "\
Carries sign-ins to phones and their approvals back: the daemon of Antiphon

Usage: antiphond [--config FILE]

Runs in the foreground, as the user antiphon, and never as root. It listens on
two sides: on a Unix socket for the PAM module and for `antiphon enroll`, which
run as root, and on [page] listen for phones. It decides nothing: the module
checks the signature of every approval itself, and asks for a code when the
daemon is away.

Options:
      --config FILE  Read this instead of /etc/antiphon/antiphon.toml
  -h, --help         Show this
  -V, --version      Show the version

Settings, all in the configuration:
  [page] origin           the address that phones open, https:// and a host name
  [page] relays           its own addresses, if another web server has the page
  [page] listen           where to listen; plain HTTP only on the loopback or
                          for trusted_proxies
  [page] certificate, key TLS, read again when they change
  [push] contact          where push services can complain
  [gateway.sms], [gateway.call]
                          who carries codes to telephones; their credentials
                          come by systemd's LoadCredential=gateway:FILE
  [[provider]]            where people have accounts; the client's secret comes
                          by LoadCredential=provider-NAME:FILE
  [relay] listen_hosts    where a fleet's hosts connect
  [relay] engine          the PostgreSQL that a fleet's relays share; its
                          password comes by LoadCredential=engine:FILE
  [paths] socket          the Unix socket; its folder belongs to the daemon

What it remembers (phones, hashes of their tokens) stands in antiphond.db in
$STATE_DIRECTORY, else in /var/lib/antiphond; or in [relay] engine. SIGTERM ends
it; sign-ins that wait then ask for a code.

Examples:
  systemctl enable --now antiphond
  setpriv --reuid antiphon --regid antiphon --clear-groups antiphond
  journalctl -u antiphond
";

/// The requested action.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Serve, with this configuration.
    Serve(Option<PathBuf>),
    /// Print the help.
    Help,
    /// Print the version.
    Version,
}

/// Parses the arguments after the program's name.
///
/// # Errors
/// One sentence.
pub(crate) fn read(arguments: impl Iterator<Item = OsString>) -> Result<Wanted, String> {
    let mut arguments = arguments;
    let mut config = None;
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy();
        match text.split_once('=').map_or(&*text, |(option, _)| option) {
            "-h" | "--help" => return Ok(Wanted::Help),
            "-V" | "--version" => return Ok(Wanted::Version),
            "--config" if config.is_none() => {
                let value = match text.split_once('=') {
                    Some((_, value)) => Some(OsString::from(value)),
                    None => arguments.next(),
                };
                let named = value.filter(|value| !value.is_empty());
                config = Some(PathBuf::from(named.ok_or("--config needs a file")?));
            }
            _ => return Err(format!("`{text}` is not understood; see antiphond --help")),
        }
    }
    Ok(Wanted::Serve(config))
}

#[cfg(test)]
mod tests {
    use super::{HELP, Wanted, read};

    fn said(arguments: &[&str]) -> Result<Wanted, String> {
        read(arguments.iter().map(Into::into))
    }

    #[test]
    fn options_are_understood_or_refused() {
        assert_eq!(said(&[]), Ok(Wanted::Serve(None)));
        let named = Ok(Wanted::Serve(Some("/x".into())));
        assert_eq!(said(&["--config", "/x"]), named);
        assert_eq!(said(&["--config=/x"]), named);
        assert_eq!(said(&["--help"]), Ok(Wanted::Help));
        assert_eq!(said(&["-V"]), Ok(Wanted::Version));
        for wrong in [
            &["--config"][..],
            &["--config="],
            &["--config", "/x", "--config", "/y"],
            &["--configs", "/x"],
            &["x"],
        ] {
            assert!(said(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_help_fits_a_terminal() {
        assert!(HELP.lines().all(|line| line.len() <= 80));
    }
}
