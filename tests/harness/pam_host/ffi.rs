//! libpam, as much of it as an application needs (Linux-PAM, `security/_pam_types.h` and `security/pam_appl.h`).
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::marker::PhantomData;
use std::ptr;

use crate::conversation::Script;

#[repr(C)]
struct Message {
    style: c_int,
    text: *const c_char,
}

#[repr(C)]
struct Response {
    text: *mut c_char,
    code: c_int,
}

type Converse = extern "C" fn(c_int, *mut *const Message, *mut *mut Response, *mut c_void) -> c_int;

#[repr(C)]
struct Conversation {
    converse: Converse,
    data: *mut c_void,
}

#[repr(C)]
struct PamHandle {
    opaque: [u8; 0],
}

#[link(name = "pam")]
unsafe extern "C" {
    fn pam_start(
        service: *const c_char,
        user: *const c_char,
        conversation: *const Conversation,
        handle: *mut *mut PamHandle,
    ) -> c_int;
    fn pam_set_item(handle: *mut PamHandle, item: c_int, value: *const c_void) -> c_int;
    fn pam_putenv(handle: *mut PamHandle, variable: *const c_char) -> c_int;
    fn pam_authenticate(handle: *mut PamHandle, flags: c_int) -> c_int;
    fn pam_setcred(handle: *mut PamHandle, flags: c_int) -> c_int;
    fn pam_end(handle: *mut PamHandle, status: c_int) -> c_int;
}

const PAM_SUCCESS: c_int = 0;
const PAM_BUF_ERR: c_int = 5;
const PAM_CONV_ERR: c_int = 19;
const PAM_SILENT: c_int = 0x8000;
const PAM_ESTABLISH_CRED: c_int = 2;

/// An item of `pam_set_item`.
#[derive(Clone, Copy)]
pub(crate) enum Item {
    Terminal = 3,
    RemoteHost = 4,
    RemoteUser = 8,
}

/// A PAM transaction. The script is lent to it, and libpam keeps a pointer to it.
pub(crate) struct Handle<'script> {
    transaction: *mut PamHandle,
    // libpam copies this, but says so nowhere.
    _conversation: Box<Conversation>,
    _script: PhantomData<&'script mut Script>,
}

impl<'script> Handle<'script> {
    /// `pam_start`.
    pub(crate) fn start(service: &str, user: &str, script: &'script mut Script) -> Self {
        let [service, user] = [service, user].map(|text| CString::new(text).unwrap());
        let conversation = Box::new(Conversation {
            converse,
            data: ptr::from_mut(script).cast(),
        });
        let mut handle = ptr::null_mut();
        // SAFETY: the strings and the conversation live through the call; the conversation and the script live on
        // as long as this handle does.
        let code = unsafe {
            pam_start(
                service.as_ptr(),
                user.as_ptr(),
                &raw const *conversation,
                &raw mut handle,
            )
        };
        assert_eq!(code, PAM_SUCCESS, "pam_start");
        Self {
            transaction: handle,
            _conversation: conversation,
            _script: PhantomData,
        }
    }

    /// `pam_set_item`.
    pub(crate) fn set_item(&mut self, item: Item, value: &str) {
        let value = CString::new(value).unwrap();
        // SAFETY: these items are strings, which libpam copies.
        let code = unsafe { pam_set_item(self.transaction, item as c_int, value.as_ptr().cast()) };
        assert_eq!(code, PAM_SUCCESS, "pam_set_item");
    }

    /// `pam_putenv`.
    pub(crate) fn put_env(&mut self, variable: &str) {
        let variable = CString::new(variable).unwrap();
        // SAFETY: libpam copies the string.
        let code = unsafe { pam_putenv(self.transaction, variable.as_ptr()) };
        assert_eq!(code, PAM_SUCCESS, "pam_putenv");
    }

    /// `pam_authenticate`.
    pub(crate) fn authenticate(&mut self, silent: bool) -> i32 {
        // SAFETY: the handle is open.
        unsafe { pam_authenticate(self.transaction, if silent { PAM_SILENT } else { 0 }) }
    }

    /// `pam_setcred`.
    pub(crate) fn establish_credentials(&mut self) -> i32 {
        // SAFETY: the handle is open.
        unsafe { pam_setcred(self.transaction, PAM_ESTABLISH_CRED) }
    }

    /// `pam_end`.
    pub(crate) fn end(self, status: i32) {
        // SAFETY: the handle is open, and nobody uses it again.
        unsafe { pam_end(self.transaction, status) };
    }
}

/// What libpam calls when the module has something to say.
extern "C" fn converse(
    count: c_int,
    messages: *mut *const Message,
    responses: *mut *mut Response,
    data: *mut c_void,
) -> c_int {
    let count = usize::try_from(count).unwrap();
    // SAFETY: `data` is the script that the handle borrows, and libpam calls nobody else meanwhile.
    let script = unsafe { &mut *data.cast::<Script>() };
    // SAFETY: no pointers, no obligations; `free` takes what it gives.
    let given = unsafe { libc::calloc(count, size_of::<Response>()) }.cast::<Response>();
    if given.is_null() {
        return PAM_BUF_ERR;
    }
    for place in 0..count {
        // SAFETY: Linux-PAM hands over an array of `count` pointers to messages whose texts end with NUL.
        let (style, text) = unsafe {
            let message = &**messages.add(place);
            (
                message.style,
                CStr::from_ptr(message.text).to_string_lossy(),
            )
        };
        let style = Style::of(style);
        let Some(answer) = script.hear(style, &text) else {
            // What was answered before is left behind: a test lives with that.
            // SAFETY: it came from `calloc`, and nobody has it yet.
            unsafe { libc::free(given.cast()) };
            return PAM_CONV_ERR;
        };
        if style.asks() {
            let answer = CString::new(answer).unwrap();
            // SAFETY: `place` is within the array; the string is copied, for libpam to free.
            unsafe { (*given.add(place)).text = libc::strdup(answer.as_ptr()) };
        }
    }
    // SAFETY: libpam hands over a place for the array, and frees it.
    unsafe { *responses = given };
    PAM_SUCCESS
}

/// How a message is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    EchoOff,
    EchoOn,
    Error,
    Info,
}

impl Style {
    fn of(style: c_int) -> Self {
        match style {
            1 => Self::EchoOff,
            2 => Self::EchoOn,
            3 => Self::Error,
            4 => Self::Info,
            other => panic!("message style {other}"),
        }
    }

    /// Whether an answer is wanted.
    pub(crate) fn asks(self) -> bool {
        matches!(self, Self::EchoOff | Self::EchoOn)
    }
}

/// The name of a PAM code.
pub(crate) fn code_name(code: i32) -> String {
    let name = match code {
        0 => "PAM_SUCCESS",
        3 => "PAM_SERVICE_ERR",
        4 => "PAM_SYSTEM_ERR",
        5 => "PAM_BUF_ERR",
        6 => "PAM_PERM_DENIED",
        7 => "PAM_AUTH_ERR",
        8 => "PAM_CRED_INSUFFICIENT",
        9 => "PAM_AUTHINFO_UNAVAIL",
        10 => "PAM_USER_UNKNOWN",
        11 => "PAM_MAXTRIES",
        19 => "PAM_CONV_ERR",
        25 => "PAM_IGNORE",
        26 => "PAM_ABORT",
        28 => "PAM_MODULE_UNKNOWN",
        other => return format!("PAM code {other}"),
    };
    name.to_owned()
}
