//! Sends a datagram as what the process is by its rights, not by who called it.
//!
//! The kernel notes the real user id of a sender that says none: for su and sudo, that of the person who called them. No reader
//! of the log could tell their lines from those that a person has made such a program write. Root's programs may say
//! that they are root, and nobody else may.

use std::io::{self, IoSlice};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixDatagram;

use nix::libc::ucred;
use nix::sys::socket::{ControlMessage, MsgFlags, UnixAddr, UnixCredentials, sendmsg};
use nix::unistd::{getegid, geteuid, getpid};

/// Sends `bytes` where `socket` is connected to.
pub(crate) fn send(socket: &UnixDatagram, bytes: &[u8]) -> io::Result<()> {
    let user = geteuid();
    if !user.is_root() {
        return socket.send(bytes).map(drop);
    }
    let sender = UnixCredentials::from(ucred {
        pid: getpid().as_raw(),
        uid: user.as_raw(),
        gid: getegid().as_raw(),
    });
    sendmsg::<UnixAddr>(
        socket.as_raw_fd(),
        &[IoSlice::new(bytes)],
        &[ControlMessage::ScmCredentials(&sender)],
        MsgFlags::MSG_NOSIGNAL,
        None,
    )?;
    Ok(())
}
