//! What a sign-in's write costs by itself, on the file system that is measured.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Instant;

/// What a state's slot has (see `antiphon_core::state`).
const SLOT: usize = 4096;

/// A file as a state is, on the same file system.
pub(crate) struct Probe {
    file: File,
    turn: u64,
}

impl Probe {
    /// One in this folder.
    pub(crate) fn new(folder: &Path) -> Self {
        let mut options = OpenOptions::new();
        let path = folder.join("probe");
        let file = options
            .write(true)
            .create(true)
            .truncate(true)
            .open(path)
            .unwrap();
        file.write_all_at(&[1; 2 * SLOT], 0).unwrap();
        file.sync_all().unwrap();
        Self { file, turn: 0 }
    }

    /// Writes one slot; the nanoseconds until it is durable.
    pub(crate) fn sync(&mut self) -> u64 {
        self.turn += 1;
        let slot = [u8::try_from(self.turn % 251).unwrap(); SLOT];
        let place = self.turn % 2 * u64::try_from(SLOT).unwrap();
        let begun = Instant::now();
        self.file.write_all_at(&slot, place).unwrap();
        self.file.sync_data().unwrap();
        u64::try_from(begun.elapsed().as_nanos()).unwrap()
    }
}
