//! What is known about programs that call PAM, by service name.

/// Services of programs known to be single-threaded.
const SINGLE_THREADED: [&str; 8] = [
    "sudo",
    "sudo-i",
    "su",
    "su-l",
    "login",
    "runuser",
    "runuser-l",
    "doas",
];

/// Whether it is sudo, which refuses once its conversation has failed, whatever the module says.
#[must_use]
pub fn is_sudo(service: &str) -> bool {
    ["sudo", "sudo-i"].contains(&service)
}

/// Whether the program behind `service` is single-threaded and shows text at once, so that a child can hold the
/// conversation while the parent waits for the phone.
#[must_use]
pub fn has_one_thread(service: &str) -> bool {
    SINGLE_THREADED.contains(&service)
}
