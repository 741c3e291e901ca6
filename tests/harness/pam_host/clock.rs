//! A wall clock that is wrong, for the module and nobody else.
//!
//! The module asks libc for the time, and the dynamic linker finds this program's `clock_gettime` before libc's.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicI64, Ordering};

static SHIFT: AtomicI64 = AtomicI64::new(0);

/// From now on the wall clock is ahead by so many seconds.
pub(crate) fn shift(seconds: i64) {
    SHIFT.store(seconds, Ordering::Relaxed);
}

/// The time of the kernel, and of the wall clock the shifted one.
///
/// # Safety
/// As for `clock_gettime(2)`: `time` points to a `timespec` that may be written to.
// SAFETY: it has the signature and the meaning of the function that it stands before.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn clock_gettime(
    clock: libc::clockid_t,
    time: *mut libc::timespec,
) -> libc::c_int {
    // SAFETY: the arguments are handed on as they came.
    let result = unsafe { libc::syscall(libc::SYS_clock_gettime, clock, time) };
    if result == 0 && clock == libc::CLOCK_REALTIME {
        // SAFETY: the kernel has just written to it, so it may be written to.
        unsafe { (*time).tv_sec += SHIFT.load(Ordering::Relaxed) };
    }
    // 0 or -1.
    if result == 0 { 0 } else { -1 }
}
