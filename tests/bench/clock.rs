//! A wall clock that can be set forward, the same for every module.
//!
//! The modules ask libc for the time, each by the function it likes, and the dynamic linker finds this program's
//! functions before libc's. They ask libc in turn, by the vDSO, so that a look at the clock costs what it usually does.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::mem;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};

use libc::{c_int, c_void, clockid_t, time_t, timespec, timeval};

static SHIFT: AtomicI64 = AtomicI64::new(0);

type ClockGettime = unsafe extern "C" fn(clockid_t, *mut timespec) -> c_int;

/// From now on the wall clock is ahead by so many seconds.
pub(crate) fn shift(seconds: i64) {
    SHIFT.store(seconds, Ordering::Relaxed);
}

/// The seconds that the modules see.
pub(crate) fn now() -> u64 {
    u64::try_from(read(libc::CLOCK_REALTIME).tv_sec).unwrap()
}

/// Nanoseconds of the clock that all processes of the machine share, and that nobody sets.
pub(crate) fn monotonic() -> u64 {
    let time = read(libc::CLOCK_MONOTONIC);
    u64::try_from(time.tv_sec * 1_000_000_000 + time.tv_nsec).unwrap()
}

fn read(clock: clockid_t) -> timespec {
    let mut time = timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: it points to a `timespec`.
    unsafe { clock_gettime(clock, &raw mut time) };
    time
}

fn of_libc() -> ClockGettime {
    static FOUND: OnceLock<ClockGettime> = OnceLock::new();
    *FOUND.get_or_init(|| {
        let name: &CStr = c"clock_gettime";
        // SAFETY: `name` ends with NUL.
        let found = unsafe { libc::dlsym(libc::RTLD_NEXT, name.as_ptr()) };
        assert!(!found.is_null(), "libc has no clock_gettime");
        // SAFETY: libc's function of that name has that type.
        unsafe { mem::transmute::<*mut c_void, ClockGettime>(found) }
    })
}

/// `clock_gettime(2)` with the shifted wall clock.
///
/// # Safety
/// `time` points to a `timespec` that may be written to.
// SAFETY: it has the signature and the meaning of the function that it stands before.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn clock_gettime(clock: clockid_t, time: *mut timespec) -> c_int {
    // SAFETY: the arguments are handed on as they came.
    let result = unsafe { of_libc()(clock, time) };
    if result == 0 && matches!(clock, libc::CLOCK_REALTIME | libc::CLOCK_REALTIME_COARSE) {
        // SAFETY: libc has just written to it, so it may be written to.
        unsafe { (*time).tv_sec += SHIFT.load(Ordering::Relaxed) };
    }
    result
}

/// `time(2)` by the shifted wall clock.
///
/// # Safety
/// `place` is null or points to a `time_t` that may be written to.
// SAFETY: it has the signature and the meaning of the function that it stands before.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn time(place: *mut time_t) -> time_t {
    let now = read(libc::CLOCK_REALTIME_COARSE);
    if !place.is_null() {
        // SAFETY: the caller's promise.
        unsafe { *place = now.tv_sec };
    }
    now.tv_sec
}

/// `gettimeofday(2)` by the shifted wall clock.
///
/// # Safety
/// `place` points to a `timeval` that may be written to.
// SAFETY: it has the signature and the meaning of the function that it stands before.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn gettimeofday(place: *mut timeval, _zone: *mut c_void) -> c_int {
    let now = read(libc::CLOCK_REALTIME);
    let now = timeval {
        tv_sec: now.tv_sec,
        tv_usec: now.tv_nsec / 1000,
    };
    // SAFETY: the caller's promise.
    unsafe { ptr::write(place, now) };
    0
}

/// Named so that the linker keeps what only the modules call.
#[used]
static KEPT: (
    unsafe extern "C" fn(*mut time_t) -> time_t,
    unsafe extern "C" fn(*mut timeval, *mut c_void) -> c_int,
) = (time, gettimeofday);
