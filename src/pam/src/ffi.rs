//! The calls that no crate wraps safely: the one file of the product with `unsafe`.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char};
use std::mem::MaybeUninit;

use nix::errno::Errno;
use nix::sys::signal::Signal;
use nix::unistd::{ForkResult, Pid};
use pam::module::PamHandle;

// The unwinder, which turns a panic into PAM_ABORT, is linked into the module: sshd, sudo, su and login have not loaded
// libgcc_s, and its initialiser asks the processor what it can, which a virtual machine answers slowly (measured: 130 of
// 210 µs that loading the module took). The linker then finds no use for the library and leaves it out.
#[link(name = "gcc_eh")]
unsafe extern "C" {}

#[link(name = "pam")]
unsafe extern "C" {
    fn pam_getenv(pamh: *mut PamHandle, name: *const c_char) -> *const c_char;
}

unsafe extern "C" {
    static program_invocation_short_name: *const c_char;
}

/// What libc calls this program: what follows the last `/` of its argv[0].
pub(crate) fn program_name() -> String {
    // SAFETY: libc sets it before any code of the program runs, and an application that sets it, as sshd does, does so once,
    // at its start. Read anew at each call: it is a word, and never half written.
    let name = unsafe { std::ptr::read_volatile(&raw const program_invocation_short_name) };
    if name.is_null() {
        return String::new();
    }
    // SAFETY: a NUL-terminated string. It often stands in argv, where a program may write its title over it, and ends there
    // all the same; it is copied at once.
    let name = unsafe { CStr::from_ptr(name) };
    name.to_string_lossy().into_owned()
}

/// The value of `name` in PAM's own environment (not the process's): what the application, as sshd, tells its modules.
pub(crate) fn pam_environment(handle: &mut PamHandle, name: &CStr) -> Option<String> {
    // SAFETY: the handle is the live one that PAM gave the hook, and `name` ends with a NUL. pam_getenv keeps neither.
    let value = unsafe { pam_getenv(std::ptr::from_mut(handle), name.as_ptr()) };
    if value.is_null() {
        return None;
    }
    // SAFETY: pam_getenv gives a NUL-terminated string inside PAM's environment list. It stays until that list changes,
    // which nothing does before the copy below is made.
    let value = unsafe { CStr::from_ptr(value) };
    Some(value.to_string_lossy().into_owned())
}

/// Whether `pam_unix` has found the password of `user` wrong in this transaction. It keeps that under a name of its own
/// (support.c, `FAIL_PREFIX`) until a right one takes it away.
pub(crate) fn pam_unix_failed(handle: &PamHandle, user: &str) -> bool {
    // SAFETY: what is there is another module's, of a type that only it knows. A reference to no bytes at all is one to
    // anything that is not null, and is not looked behind.
    unsafe { handle.get_data::<[u8; 0]>(&format!("-UN*X-FAIL-{user}")) }.is_ok()
}

/// The first byte of `user`'s password hash in the shadow database, 0 of one that is empty; `None` if there is none.
pub(crate) fn first_byte_of_hash(user: &CStr) -> Option<u8> {
    let mut entry = MaybeUninit::<libc::spwd>::uninit();
    let mut found = std::ptr::null_mut();
    // The hash is wiped again. One that is longer has a longer line than any tool writes.
    let mut room = zeroize::Zeroizing::new([0_u8; 4096]);
    // SAFETY: all pointers are to living places of their types, and the length is that of the room. On success `found` is
    // `entry`, whose texts lie in the room.
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
    // SAFETY: written by the successful call above; the text ends with a NUL, so that it has a first byte.
    unsafe {
        let hash = (*found).sp_pwdp;
        (!hash.is_null()).then(|| hash.cast::<u8>().read())
    }
}

/// Whether `descriptor` is a terminal. Not by `std::io::stdin`, which makes a buffer for good: a program that loads us for
/// each sign-in anew would lose one each time.
pub(crate) fn is_terminal(descriptor: libc::c_int) -> bool {
    // SAFETY: isatty looks at the descriptor, and says no of one that is not open.
    unsafe { libc::isatty(descriptor) == 1 }
}

/// Forks. In the child runs `child`, which ends it; the parent goes on with its id.
///
/// # Errors
/// What fork(2) says.
pub(crate) fn fork_into(child: impl FnOnce() -> u8) -> Result<Pid, Errno> {
    // SAFETY: only programs that are known to have one thread get here (`Host::forks`), so no lock can be held by a thread
    // that the child does not have.
    match unsafe { nix::unistd::fork() }? {
        ForkResult::Parent { child } => Ok(child),
        ForkResult::Child => {
            // A panic must not unwind into a second copy of the application.
            let code =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(child)).unwrap_or(u8::MAX);
            // SAFETY: _exit never returns, and runs none of the application's exit handlers, which are the parent's.
            unsafe { libc::_exit(code.into()) }
        }
    }
}

/// How this thread gets its part of the processor: a policy of sched(7).
pub(crate) fn scheduling() -> libc::c_int {
    // SAFETY: it only tells a number; 0 is the calling thread.
    unsafe { libc::sched_getscheduler(0) }
}

/// Gives this thread one of the policies that know no real time.
pub(crate) fn set_scheduling(policy: libc::c_int) {
    let parameter = libc::sched_param { sched_priority: 0 };
    // SAFETY: it reads a whole parameter; 0 is the calling thread. Where it may not be, all stays as it is.
    let _ = unsafe { libc::sched_setscheduler(0, policy, &raw const parameter) };
}

/// Whether one of `signals`, which are blocked, has come.
pub(crate) fn is_pending(signals: &[Signal]) -> bool {
    let mut pending = MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: sigpending writes a whole set to a place that is one.
    if unsafe { libc::sigpending(pending.as_mut_ptr()) } != 0 {
        return false;
    }
    // SAFETY: written above, and all zeros would be a set too; sigismember only reads it.
    unsafe {
        signals
            .iter()
            .any(|signal| libc::sigismember(pending.as_ptr(), *signal as libc::c_int) == 1)
    }
}
