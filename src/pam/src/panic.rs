//! A panic refuses the sign-in (the guard of pam-bindings returns `PAM_ABORT`); here it is kept off the terminal.

use std::sync::Once;

use crate::journal;

/// Has panics logged by their place in the source, without their message, which could hold what was typed; the usual
/// report would go to sudo's terminal. The hook is this library's own: other Rust code in the process keeps its.
pub(crate) fn keep_off_the_terminal() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let place = info.location().map_or_else(
                || "an unknown place".to_owned(),
                |location| format!("{}:{}", location.file(), location.line()),
            );
            journal::log_panic(&place);
        }));
    });
}

#[cfg(test)]
mod tests;
