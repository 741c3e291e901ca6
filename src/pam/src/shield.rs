//! While a lock of ours is held, the caller of su or sudo cannot stop the process that holds it.
//!
//! A set-user-id program has the caller's real user id, by which the caller may send it any signal, and the caller's
//! terminal can stop it. For the milliseconds of a lock the real user id is root's, and the signals of job control wait. Nor
//! does it stand behind everybody else who wants the processor: from there not even SIGKILL would end it soon.
//! Only those: whatever else ends the process is welcome to, since our files survive that. What can still hold us up,
//! being frozen or starved, ends with the patience of whoever waits for the lock (`antiphon_core::disk::Patience`).

use antiphon_core::outcome::Trouble;
use nix::errno::Errno;
use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use nix::unistd::{ResUid, Uid, getresuid, setresuid};

use crate::ffi;

/// Raised before a lock is taken, dropped after it has been let go.
pub(crate) struct Shield {
    /// The user ids to go back to, where they were changed.
    ids: Option<ResUid>,
    /// The signal mask to go back to.
    mask: Option<SigSet>,
    /// The way of scheduling to go back to.
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
            // Not the effective one: what root may do, the process may do already.
            setresuid(Uid::from_raw(0), ids.effective, ids.saved).map_err(failed)?;
            shield.ids = Some(ids);
            // What the caller had before it called is handed on.
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
            // A program that believes that root has called it would let the caller do as root may.
            std::process::abort();
        }
        if let Some(mask) = self.mask.take() {
            let _ = mask.thread_set_mask();
        }
    }
}
