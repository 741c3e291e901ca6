//! A shell inside.

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

/// `command` in an environment of the sandbox's own, on the newcomer's terminal.
pub(crate) fn at_home(world: &World, mut command: Command) -> Command {
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

/// Runs an interactive shell until it is left: `bash` on the computer where the newcomer is.
pub(crate) fn run(world: &World, bash: Command) {
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
    let _ = at_home(world, bash)
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
