//! A line for the local syslog socket.
//!
//! Not by libc's syslog(3), which belongs to the application: it would open a connection that stays open in the
//! application's name, write to the console or the terminal if the application once asked for that (`LOG_CONS`,
//! `LOG_PERROR`), and wait for ever for a log that nobody reads.

use std::os::fd::AsRawFd;

use nix::Result;
use nix::sys::socket::sockopt::SendTimeout;
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockType, UnixAddr, connect, send as send_to, setsockopt,
    socket,
};
use nix::sys::time::TimeVal;

/// Where syslog daemons listen.
const LOG: &str = "/dev/log";
/// Seconds for which one that does not read is waited for.
const PATIENCE: i64 = 1;
/// What these lines are about: `LOG_AUTHPRIV` of syslog(3).
const AUTHPRIV: u8 = 10 << 3;

/// How bad it is, as syslog(3) counts it.
#[derive(Clone, Copy)]
pub enum Severity {
    /// Something has to be fixed.
    Error = 3,
    /// Somebody should look at it.
    Warning,
    /// It is out of the ordinary.
    Notice,
    /// It happened.
    Info,
    /// A step on the way.
    Debug,
}

/// Sends what [`line`] makes. Without a log all goes on: its absence would be a way to lock everybody out. And never to the
/// console instead, which costs milliseconds and is not private.
pub fn send(program: &str, severity: Severity, text: &str) {
    let line = line(program, severity, text);
    // Some daemons listen on a stream, where a NUL ends a line.
    let _ = send_by(SockType::Datagram, &line)
        .or_else(|_| send_by(SockType::Stream, &format!("{line}\0")));
}

fn send_by(kind: SockType, line: &str) -> Result<usize> {
    let socket = socket(AddressFamily::Unix, kind, SockFlag::SOCK_CLOEXEC, None)?;
    setsockopt(&socket, SendTimeout, &TimeVal::new(PATIENCE, 0))?;
    connect(socket.as_raw_fd(), &UnixAddr::new(LOG)?)?;
    // The program around us may die of the SIGPIPE that a write to a log that has gone brings.
    send_to(socket.as_raw_fd(), line.as_bytes(), MsgFlags::MSG_NOSIGNAL)
}

/// `<priority>program[pid]: text`, the local form of RFC 3164.
///
/// Without a time, which the daemon adds itself: ours would be in UTC, or in the time zone that the caller's TZ names.
#[must_use]
pub fn line(program: &str, severity: Severity, text: &str) -> String {
    let priority = AUTHPRIV | severity as u8;
    format!("<{priority}>{program}[{}]: {text}", std::process::id())
}
