//! The unwinder of panics, carried in the program itself.
//!
//! sshd, sudo, su and login are no Rust programs: they have not loaded `libgcc_s`, and a module that wants it pays for that
//! in every new process. So this program does without it too: what it carries itself, the linker does not ask a library for.
#![allow(unsafe_code)]

#[link(name = "gcc_eh")]
unsafe extern "C" {}
