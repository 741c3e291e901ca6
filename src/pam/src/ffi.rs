//! Calls that no crate wraps safely: the only file of the product with `unsafe`.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char};
use std::mem::MaybeUninit;
use std::os::fd::BorrowedFd;

use nix::errno::Errno;
use nix::sys::signal::Signal;
use nix::unistd::{ForkResult, Pid};
use pam::module::PamHandle;

// The unwinder, which turns a panic into PAM_ABORT, is linked into the module: sshd, sudo, su and login have not loaded
// libgcc_s, whose initialiser queries CPU features, which is slow in a virtual machine (measured: 130 of the 210 µs it
// took to load the module). The linker then finds the shared library unused and drops it.
#[link(name = "gcc_eh")]
unsafe extern "C" {}

#[link(name = "pam")]
unsafe extern "C" {
    fn pam_getenv(pamh: *mut PamHandle, name: *const c_char) -> *const c_char;
}

unsafe extern "C" {
    static program_invocation_short_name: *const c_char;
}

/// libc's name for this program: the part of `argv[0]` after the last `/`.
pub(crate) fn program_name() -> String {
    // SAFETY: libc sets it before any code of the program runs, and an application that sets it, like sshd, does so
    // once, at start-up. Read afresh at each call; a word-sized read is never torn.
    let name = unsafe { std::ptr::read_volatile(&raw const program_invocation_short_name) };
    if name.is_null() {
        return String::new();
    }
    // SAFETY: a NUL-terminated string. It is often part of argv, where a program may write its title over it, but it
    // stays terminated; it is copied at once.
    let name = unsafe { CStr::from_ptr(name) };
    name.to_string_lossy().into_owned()
}

/// The value of `name` in PAM's environment (not the process's), by which applications such as sshd inform modules.
pub(crate) fn pam_environment(handle: &mut PamHandle, name: &CStr) -> Option<String> {
    // SAFETY: the handle is the live one that PAM passed to the hook, and `name` is NUL-terminated. pam_getenv keeps
    // neither.
    let value = unsafe { pam_getenv(std::ptr::from_mut(handle), name.as_ptr()) };
    if value.is_null() {
        return None;
    }
    // SAFETY: pam_getenv returns a NUL-terminated string in PAM's environment list. It is valid until that list
    // changes, which cannot happen before the copy below.
    let value = unsafe { CStr::from_ptr(value) };
    Some(value.to_string_lossy().into_owned())
}

/// Whether `pam_unix` found the password of `user` wrong in this transaction. It stores that under a name of its own
/// (support.c, `FAIL_PREFIX`) until a right one clears it.
pub(crate) fn pam_unix_failed(handle: &PamHandle, user: &str) -> bool {
    // SAFETY: the data is another module's, of a type known only to it. A reference to a zero-length array is valid for
    // any non-null pointer, and is not read through.
    unsafe { handle.get_data::<[u8; 0]>(&format!("-UN*X-FAIL-{user}")) }.is_ok()
}

/// The first byte of `user`'s password hash in the shadow database, 0 if it is empty; `None` if there is no entry.
pub(crate) fn first_byte_of_hash(user: &CStr) -> Option<u8> {
    let mut entry = MaybeUninit::<libc::spwd>::uninit();
    let mut found = std::ptr::null_mut();
    // The hash is wiped again. No tool writes a line too long for this buffer.
    let mut room = zeroize::Zeroizing::new([0_u8; 4096]);
    // SAFETY: all pointers refer to live memory of the right types, and the length is that of the buffer. On success
    // `found` points to `entry`, whose strings are in the buffer.
    let failed = unsafe {
        libc::getspnam_r(
            user.as_ptr(),
            entry.as_mut_ptr(),
            room.as_mut_ptr().cast(),
            room.len(),
            &raw mut found,
        )
    };
    if failed != 0 || found.is_null() {
        return None;
    }
    // SAFETY: written by the successful call above; the string is NUL-terminated, so it has a first byte.
    unsafe {
        let hash = (*found).sp_pwdp;
        (!hash.is_null()).then(|| hash.cast::<u8>().read())
    }
}

/// A descriptor of the application. Not by `std::io::stdin`, which allocates a buffer for good: a program that loads us
/// for each sign-in would leak one each time.
pub(crate) fn descriptor_of_application(descriptor: libc::c_int) -> BorrowedFd<'static> {
    // SAFETY: not -1. Whoever is handed one that is not open gets EBADF, as from the application's own calls.
    unsafe { BorrowedFd::borrow_raw(descriptor) }
}

/// Forks. The child runs `child` and exits; the parent gets its process id.
///
/// # Errors
/// The error of fork(2).
pub(crate) fn fork_into(child: impl FnOnce() -> u8) -> Result<Pid, Errno> {
    // SAFETY: only programs known to be single-threaded get here (`Host::forks`), so no lock can be held by a thread
    // that does not exist in the child.
    match unsafe { nix::unistd::fork() }? {
        ForkResult::Parent { child } => Ok(child),
        ForkResult::Child => {
            // A panic must not unwind into a second copy of the application.
            let code =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(child)).unwrap_or(u8::MAX);
            // SAFETY: _exit never returns, and skips the exit handlers, which are the parent's.
            unsafe { libc::_exit(code.into()) }
        }
    }
}

/// This thread's scheduling policy (sched(7)).
pub(crate) fn scheduling() -> libc::c_int {
    // SAFETY: it only returns a number; 0 is the calling thread.
    unsafe { libc::sched_getscheduler(0) }
}

/// Sets one of the non-real-time policies for this thread.
pub(crate) fn set_scheduling(policy: libc::c_int) {
    let parameter = libc::sched_param { sched_priority: 0 };
    // SAFETY: it reads a whole parameter; 0 is the calling thread. Without permission, nothing changes.
    let _ = unsafe { libc::sched_setscheduler(0, policy, &raw const parameter) };
}

/// Whether one of `signals`, which are blocked, is pending.
pub(crate) fn is_pending(signals: &[Signal]) -> bool {
    let mut pending = MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: sigpending writes a whole set to memory of that type.
    if unsafe { libc::sigpending(pending.as_mut_ptr()) } != 0 {
        return false;
    }
    // SAFETY: written above, and all zeros would be a valid set too; sigismember only reads it.
    unsafe {
        signals
            .iter()
            .any(|signal| libc::sigismember(pending.as_ptr(), *signal as libc::c_int) == 1)
    }
}
