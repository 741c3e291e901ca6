//! Notifies systemd of our state (`sd_notify(3)`).

use std::env;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use crate::log;

/// Notifies the service manager, if it wants that, of a state such as `READY=1`.
pub(crate) fn tell(state: &str) {
    let Some(name) = env::var_os("NOTIFY_SOCKET").filter(|name| !name.is_empty()) else {
        return;
    };
    if let Err(error) = send(name.as_bytes(), state.as_bytes()) {
        log::warn(format_args!("systemd was not told: {error}"));
    }
}

fn send(name: &[u8], words: &[u8]) -> io::Result<()> {
    let address = match name.strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(std::ffi::OsStr::from_bytes(name))?,
    };
    UnixDatagram::unbound()?.send_to_addr(words, &address)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixDatagram};

    use super::send;
    use crate::scratch::Scratch;

    #[test]
    fn systemd_hears_us_by_a_path_and_by_an_abstract_name() {
        let folder = Scratch::new();
        let path = folder.join("notify");
        let by_path = UnixDatagram::bind(&path).unwrap();
        let name = path.to_str().unwrap();
        let address = SocketAddr::from_abstract_name(name).unwrap();
        let by_name = UnixDatagram::bind_addr(&address).unwrap();
        let at = [name.to_owned(), format!("@{name}")];
        for (socket, at) in [by_path, by_name].iter().zip(at) {
            send(at.as_bytes(), b"READY=1").unwrap();
            let mut heard = [0; 16];
            let length = socket.recv(&mut heard).unwrap();
            assert_eq!(&heard[..length], b"READY=1");
        }
    }
}
