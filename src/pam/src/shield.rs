//! Keeps the caller of su or sudo from stopping this process while it holds a lock.
//!
//! A set-user-id program has the caller's real user id, which lets the caller send it any signal, and the caller's
//! terminal can stop it. For the milliseconds of a lock, the real user id is root's and job control signals are
//! blocked. The process also leaves `SCHED_IDLE`, under which not even SIGKILL would end it soon. Nothing else is
//! blocked: anything that kills the process may, since our files survive that. Being frozen or starved can still delay
//! us, until the patience of whoever waits for the lock runs out (`antiphon_core::disk::Patience`).

use antiphon_core::outcome::Trouble;
use nix::errno::Errno;
use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use nix::unistd::{ResUid, Uid, getresuid, setresuid};

use crate::ffi;

/// Raised before a lock is taken, dropped after it is released.
pub(crate) struct Shield {
    /// The user ids to restore, if changed.
    ids: Option<ResUid>,
    /// The signal mask to restore.
    mask: Option<SigSet>,
    /// The scheduling policy to restore.
    idle: Option<libc::c_int>,
}

impl Shield {
    pub(crate) fn raise() -> Result<Self, Trouble> {
        let failed = |errno: Errno| Trouble::new("shield", &errno.desc());
        let ids = getresuid().map_err(failed)?;
        let is_anothers = !ids.real.is_root() && ids.effective.is_root();
        let mut shield = Self {
            ids: None,
            mask: None,
            idle: None,
        };
        let mut stops = SigSet::empty();
        for stop in [Signal::SIGTSTP, Signal::SIGTTIN, Signal::SIGTTOU] {
            stops.add(stop);
        }
        shield.mask = Some(
            stops
                .thread_swap_mask(SigmaskHow::SIG_BLOCK)
                .map_err(failed)?,
        );
        if is_anothers {
            // The effective user id is unchanged: the process already has root's permissions.
            setresuid(Uid::from_raw(0), ids.effective, ids.saved).map_err(failed)?;
            shield.ids = Some(ids);
            // The caller's policy from before exec is inherited.
            let policy = ffi::scheduling();
            if policy & !libc::SCHED_RESET_ON_FORK == libc::SCHED_IDLE {
                ffi::set_scheduling(libc::SCHED_OTHER);
                shield.idle = Some(policy);
            }
        }
        Ok(shield)
    }
}

impl Drop for Shield {
    fn drop(&mut self) {
        if let Some(policy) = self.idle.take() {
            ffi::set_scheduling(policy);
        }
        if let Some(ids) = self.ids.take()
            && setresuid(ids.real, ids.effective, ids.saved).is_err()
        {
            // A program that believes it was called by root would grant the caller root's permissions.
            std::process::abort();
        }
        if let Some(mask) = self.mask.take() {
            let _ = mask.thread_set_mask();
        }
    }
}
