//! Reads into memory that was not zeroed first, which was a tenth of a sign-in's instructions.

use std::fs::File;

use nix::errno::Errno;
use rustix::buffer::spare_capacity;
use rustix::io::pread;

/// Appends what `file` has from `offset` on to `bytes`, until `enough` have been read or its capacity is full; fewer if
/// the file ends before.
pub(super) fn read_from(
    file: &File,
    offset: u64,
    enough: usize,
    bytes: &mut Vec<u8>,
) -> Result<(), Errno> {
    while bytes.len() < bytes.capacity() {
        let at = offset + bytes.len() as u64;
        match pread(file, spare_capacity(bytes), at) {
            Ok(0) => return Ok(()),
            Ok(_) if bytes.len() >= enough => return Ok(()),
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(Errno::from_raw(error.raw_os_error())),
        }
    }
    Ok(())
}
