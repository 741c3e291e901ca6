//! The calls that no crate wraps: the one file of the product with `unsafe`.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char};

use pam::module::PamHandle;

#[link(name = "pam")]
unsafe extern "C" {
    fn pam_getenv(pamh: *mut PamHandle, name: *const c_char) -> *const c_char;
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
