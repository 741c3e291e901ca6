//! The README's steps of an installation by hand, as they are written there, once and again.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Output;

use antiphon_core::disk::read_only::MARKS;
use antiphon_tests::{PASSWORD, PamHost, Sshd, Terminal, World, in_world, make_key};

use crate::prompts::CODE;
use crate::read_only::remount;

const README: &str = include_str!("../../README.md");
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// What is not for a test to do: it notes what it is asked, and that is all.
const STUB: &str = "#!/bin/sh\necho \"${0##*/} $*\" >>/run/stubs/asked\n";

/// The section's commands, a block each.
fn blocks() -> Vec<String> {
    let (_, after) = README.split_once("## Install by hand on Debian\n").unwrap();
    let (section, _) = after.split_once("\n## ").unwrap();
    let blocks = section.split("```sh\n").skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap().to_owned())
        .collect()
}

/// A machine on which nothing of ours is installed, and on which `/usr` can be written to without a trace.
fn begin(world: &World) {
    let product = world
        .product()
        .module
        .parent()
        .unwrap()
        .display()
        .to_string();
    let script = format!(
        "
        mkdir -p /run/usr/upper /run/usr/work /run/stubs
        mount -t overlay overlay -o lowerdir=/usr,upperdir=/run/usr/upper,workdir=/run/usr/work /usr
        rm -rf /etc/antiphon /var/lib/antiphon/*
        sed -i /^antiphon:/d /etc/passwd /etc/group /etc/shadow
        for file in sshd sudo sudo-i; do sed -i '/pam_antiphon/d' /etc/pam.d/$file; done
        mkdir -p /run/sshd /etc/ssh/sshd_config.d
        # Where cargo puts it, whatever folder that is.
        mkdir -p /run/tree/target; ln -s {ROOT}/conf /run/tree/conf; ln -s {product} /run/tree/target/release
        "
    );
    assert!(run(world, &script).status.success());
    for name in ["apt-get", "cargo", "systemctl"] {
        let path = format!("/run/stubs/{name}");
        fs::write(&path, STUB).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    make_key(world, Path::new("/etc/ssh/host_key"));
    let sshd = "Include /etc/ssh/sshd_config.d/*.conf\nHostKey /etc/ssh/host_key\n";
    fs::write("/etc/ssh/sshd_config", sshd).unwrap();
}

fn run(world: &World, script: &str) -> Output {
    let mut bash = world.command("bash");
    bash.args(["-ec", script]);
    if Path::new("/run/tree").exists() {
        bash.current_dir("/run/tree");
        bash.env("PATH", "/run/stubs:/usr/sbin:/usr/bin:/sbin:/bin");
    }
    bash.output().unwrap()
}

/// Runs all of it, but for what asks somebody, and shows what it printed. `enroll` begins the command that enrols.
fn install(world: &World, enroll: &str) -> String {
    let mut printed = String::new();
    for block in blocks() {
        let block = block
            .replace("antiphon enroll anna --phone", ": enroll anna --phone")
            .replace(
                "antiphon enroll anna ",
                &format!("{enroll} anna --no-confirm "),
            )
            // Nobody is there to sign in and say yes.
            .replace("antiphon enable ", "antiphon enable --yes ")
            // Built by other tests, if by any.
            .replace("target/release/antiphond", "/bin/true");
        let output = run(world, &block);
        assert!(output.status.success(), "{block}: {output:#?}");
        printed.push_str(&String::from_utf8_lossy(&output.stdout));
    }
    printed
}

#[test]
fn the_readme_installs_a_second_factor_and_again_changes_nothing() {
    in_world(|world| {
        begin(world);
        world.add_person("anna", 1005);
        let printed = install(world, "antiphon enroll");
        let ours = ["sshd", "sudo", "sudo-i"].map(|name| format!("/etc/pam.d/{name}"));
        for name in ["sshd", "sudo", "sudo-i"] {
            let shown = format!("{name} now asks for the second factor.");
            assert!(printed.contains(&shown), "{printed}");
        }
        // Whoever enrolled first belongs to the daemon's group as everybody does.
        let group = nix::unistd::Group::from_name("antiphon").unwrap().unwrap();
        for name in ["anna.jsonl", "anna.json"] {
            let seen = fs::metadata(format!("/var/lib/antiphon/activity/{name}")).unwrap();
            assert_eq!(
                (seen.gid(), seen.mode() & 0o7777),
                (group.gid.as_raw(), 0o640),
                "{name}"
            );
        }
        assert!(printed.contains("Faults: 0. Warnings: 1."), "{printed}");
        assert!(printed.contains("root has no second factor"), "{printed}");

        let kept = [
            "/etc/antiphon/antiphon.toml",
            "/etc/ssh/sshd_config.d/00-antiphon.conf",
        ];
        for path in kept {
            let text = fs::read_to_string(path).unwrap();
            fs::write(path, format!("{text}# mine\n")).unwrap();
        }
        let before = ours
            .each_ref()
            .map(|path| fs::read_to_string(path).unwrap());
        // Who is enrolled stays so.
        install(world, "! antiphon enroll");
        assert_eq!(
            ours.each_ref()
                .map(|path| fs::read_to_string(path).unwrap()),
            before
        );
        for text in before {
            assert!(
                text.contains("@include common-auth\nauth required pam_antiphon.so\n"),
                "{text}"
            );
            assert_eq!(text.matches("pam_antiphon").count(), 1, "{text}");
        }
        for path in kept {
            assert!(
                fs::read_to_string(path).unwrap().ends_with("# mine\n"),
                "{path}"
            );
        }
        let asked = fs::read_to_string("/run/stubs/asked").unwrap();
        assert!(asked.contains("systemctl reload ssh\n"), "{asked}");

        // And it asks.
        let sshd = Sshd::start(world, "");
        let mut sudo = Terminal::start(world.command_of("anna", "sudo").args(["-i", "id"]));
        for (terminal, prompt) in [
            (&mut sudo, "password for anna: "),
            (&mut sshd.sign_in(world, "anna", "id"), "Password: "),
        ] {
            terminal.answer(prompt, PASSWORD).expect(CODE);
        }
    });
}

#[test]
fn the_readme_says_to_keep_a_shell_open_before_anything_can_shut_one_out() {
    let place = |text: &str| README.find(text).unwrap_or_else(|| panic!("{text}"));
    let warning = place("Keep a root shell open");
    assert!(place("antiphon enroll anna  ") < warning);
    for dangerous in ["systemctl reload ssh", "antiphon enable sshd sudo sudo-i"] {
        assert_eq!(README.matches(dangerous).count(), 1);
        assert!(warning < place(dangerous), "{dangerous}");
    }
    let minimum = env!("CARGO_PKG_RUST_VERSION");
    assert!(
        README.contains(&format!("Rust {minimum} or newer")),
        "{minimum}"
    );
}

/// polkit's helper runs where nothing can be written: with ProtectSystem=strict.
#[test]
fn polkits_drop_in_opens_what_a_code_needs_where_all_else_is_closed() {
    in_world(|world| {
        let drop_in =
            include_str!("../../conf/systemd/polkit-agent-helper@.service.d/antiphon.conf");
        let paths: Vec<&str> = drop_in
            .lines()
            .filter_map(|line| line.strip_prefix("ReadWritePaths=-"))
            .collect();
        let open = paths.join(" ");
        let alice = world.enrol_with_long_codes("alice");
        // As systemd does it: all that is mounted becomes read-only but the devices and what the kernel shows.
        let strict = "open=$1; shift
            for path in $open; do mount --bind $path $path; done
            while read -r _ path _; do
                case \" $open /dev /proc /sys \" in *\" $path \"*) continue;; esac
                case $path in /dev/*|/proc/*|/sys/*) continue;; esac
                mount -o remount,bind,ro $path
            done </proc/self/mounts
            exec \"$@\"";
        // As systemd-tmpfiles makes it.
        DirBuilder::new().mode(0o700).create(MARKS).unwrap();
        let host = |open: &str, code: &str| {
            let mut helper = world.command("unshare");
            helper.args(["--mount", "bash", "-ec", strict, "strict", open]);
            helper.arg(&world.product().pam_host);
            let started = PamHost::started_by(helper, "antiphon-alone", "alice");
            started.answer(code).play().result().to_owned()
        };
        let now = alice.code();
        assert_eq!(host("", &now), "PAM_AUTHINFO_UNAVAIL");
        let line = world.log().ours().pop().unwrap().text;
        assert!(line.contains("Read-only file system"), "{line}");
        assert_eq!(host(&open, &now), "PAM_SUCCESS");
        assert_eq!(world.activity("alice").pop().unwrap().outcome, "accepted");
        // The disk itself.
        remount(world, "ro");
        let next = alice.code_in(1);
        assert_eq!(host(&open, &next), "PAM_SUCCESS");
        assert_ne!(host(&open, &next), "PAM_SUCCESS", "once means once");
    });
}
