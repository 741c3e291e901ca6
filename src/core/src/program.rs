//! What is known of the programs that call PAM, by the names of their services.

/// The services of programs that are known to have one thread.
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

/// Whether the program behind `service` has one thread and shows texts at once, so that a child can hold the conversation while
/// the parent waits for the phone.
#[must_use]
pub fn has_one_thread(service: &str) -> bool {
    SINGLE_THREADED.contains(&service)
}
