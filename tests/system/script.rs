//! Our line alone in a stack, driven by a script.

use antiphon_tests::{PamHost, Played, World};

/// A sign-in of alice's, `ahead` seconds from now, in which each of three prompts is answered with `answer`: it must end with
/// this PAM code.
#[track_caller]
pub(crate) fn thrice(world: &World, answer: &str, ahead: i64, result: &str) -> Played {
    let host = PamHost::new(world, "alice").ahead(ahead);
    host.answers([answer; 3]).ends(result)
}
