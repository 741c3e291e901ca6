//! Devices that have been looked up since the last write: a sign-in asks for the same ones several times.
//!
//! Filled and emptied on the store's thread alone, where one operation follows the other. So what is in here is what is
//! stored, also if whoever asked for a write has not waited for its end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::store::Device;
use crate::token::TokenHash;

/// The most that are kept by token, and by user.
const MOST: usize = 4096;

/// What is known. Cheap to clone, and shared by its clones.
#[derive(Clone, Default)]
pub(super) struct Known(Arc<Mutex<Devices>>);

#[derive(Default)]
struct Devices {
    of_token: HashMap<[u8; 32], Device>,
    of_user: HashMap<String, Vec<Device>>,
}

impl Known {
    pub(super) fn of_token(&self, token: TokenHash) -> Option<Device> {
        self.devices().of_token.get(token.bytes()).cloned()
    }

    pub(super) fn of_user(&self, user: &str) -> Option<Vec<Device>> {
        self.devices().of_user.get(user).cloned()
    }

    pub(super) fn found(&self, device: &Device) {
        let known = &mut self.devices().of_token;
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(*device.token.bytes(), device.clone());
    }

    pub(super) fn found_of_user(&self, user: &str, devices: &[Device]) {
        let known = &mut self.devices().of_user;
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(user.to_owned(), devices.to_vec());
    }

    /// Something was written.
    pub(super) fn forget(&self) {
        *self.devices() = Devices::default();
    }

    fn devices(&self) -> MutexGuard<'_, Devices> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
