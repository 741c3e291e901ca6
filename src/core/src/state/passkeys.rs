//! The signature counters of passkeys, which reveal a copied key.

use super::State;
use crate::approval::VerifiedPasskey;
use crate::person::MOST_PHONES;
use crate::record::{Phone, Record};
use crate::tag::Tag;

impl State {
    /// The most passkeys whose counters are stored, unless the person has more phones.
    const MOST_PASSKEYS: usize = 2 * MOST_PHONES;

    /// The last signature counter of this phone's passkey; 0 before its first use.
    pub(crate) fn passkey_counter(&self, phone: &Phone) -> u32 {
        let tag = Tag::of_passkey(phone);
        self.passkeys
            .iter()
            .find(|(known, _)| *known == tag)
            .map_or(0, |(_, counter)| *counter)
    }

    /// Stores the signature counter of a newly enrolled phone, from its trial, in which the person has succeeded.
    pub fn phone_enrolled(&mut self, phone: &Phone, trial: &VerifiedPasskey) {
        self.set_passkey_counter(phone, trial.counter());
        self.untried = false;
    }

    /// An account has been added, and tried.
    pub(crate) fn account_tried(&mut self) {
        self.untried = false;
    }

    pub(crate) fn set_passkey_counter(&mut self, phone: &Phone, counter: u32) {
        let tag = Tag::of_passkey(phone);
        self.passkeys.retain(|(known, _)| *known != tag);
        self.passkeys.push((tag, counter));
    }

    /// Forgets the counters of phones that were removed longest ago, where there are too many. The others may return, with
    /// a record from a backup.
    pub(super) fn forget_passkeys(&mut self, record: &Record) {
        let mut surplus = self.passkeys.len().saturating_sub(Self::MOST_PASSKEYS);
        if surplus == 0 {
            return;
        }
        let known: Vec<Tag> = record.phones.iter().map(Tag::of_passkey).collect();
        self.passkeys.retain(|(tag, _)| {
            let stays = surplus == 0 || known.contains(tag);
            surplus -= usize::from(!stays);
            stays
        });
    }
}
