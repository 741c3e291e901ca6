//! A port to which very many connect at once.

use std::io;
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

/// The kernel's accept queue: after a restart all phones connect at once, and after the death of another relay all of its
/// hosts. What does not fit into it is tried again after a second, when a host has given up.
const BACKLOG: u32 = 4096;

/// Listens.
pub(crate) fn listen_at(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // A restarted daemon must not wait for its predecessor's connections to time out.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
