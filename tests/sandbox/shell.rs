//! A shell inside.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use antiphon_tests::World;

use crate::NAME;

/// Ctrl-C at an empty prompt leaves, as it does everywhere else in a try-out.
const BEGIN: &str = r"
PS1='\u@\h:\w# '
trap 'echo; exit 0' INT
";

/// `program` in an environment of the sandbox's own, on the newcomer's terminal.
pub(crate) fn command(world: &World, program: impl AsRef<OsStr>) -> Command {
    let mut command = world.command(program);
    let home = world.home("root");
    command
        .current_dir(&home)
        .env("HOME", &home)
        .env("PATH", path(world));
    for kept in ["TERM", "COLORTERM", "NO_COLOR"] {
        if let Some(value) = std::env::var_os(kept) {
            command.env(kept, value);
        }
    }
    command
}

/// Runs an interactive shell until it is left.
pub(crate) fn run(world: &World) {
    let tools = world.folder().join("bin");
    fs::create_dir(&tools).unwrap();
    symlink(&world.product().command, tools.join("antiphon")).unwrap();
    let app = format!(
        "#!/bin/sh\nexec '{}' code \"${{1:-{NAME}}}\"\n",
        std::env::current_exe().unwrap().display()
    );
    fs::write(tools.join("code"), app).unwrap();
    fs::set_permissions(tools.join("code"), fs::Permissions::from_mode(0o755)).unwrap();
    let begin = world.folder().join("bashrc");
    fs::write(&begin, BEGIN).unwrap();
    let _ = command(world, "bash")
        .arg("--rcfile")
        .arg(begin)
        .arg("-i")
        .status();
}

fn path(world: &World) -> String {
    format!(
        "{}/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        world.folder().display()
    )
}
