//! `antiphon page export`: what another web server serves.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};

use antiphon_tests::{World, in_world};
use serde_json::json;

use crate::command::{Said, antiphon};
use crate::daemon::in_house;
use crate::{Daemon, Web};

const FOLDER: &str = "/etc/antiphon/exported";
const RELAYS: &str = "relays = [\"https://r1.example.org\", \"https://r2.example.org\"]\n";
const PROVIDER: &str = "[[provider]]\nname = \"staff\"\nissuer = \"https://id.example.org/realms/staff\"\n\
    client_id = \"antiphon\"\nlabel = { sv = \"personalkonto\", en = \"staff account\" }\n\
    [[provider]]\nname = \"guests\"\nissuer = \"https://guests.example.org\"\n\
    authorization_origin = \"https://login.example.org\"\n\
    client_id = \"antiphon\"\nlabel = { sv = \"gästkonto\", en = \"guest account\" }\n";

fn export(world: &World) -> Said {
    antiphon(world, &format!("page export {FOLDER}"))
}

fn configure(world: &World) {
    world.configure(&format!(
        "[page]\norigin = \"https://mfa.example.org\"\n{RELAYS}{PROVIDER}"
    ));
}

/// What a script says, which goes well.
fn sh(script: &str) -> String {
    let said = Command::new("sh").args(["-ec", script]).output().unwrap();
    assert!(said.status.success(), "{script}: {said:?}");
    String::from_utf8(said.stdout).unwrap()
}

/// The command, started by a shell that has done `first`.
fn export_after(world: &World, first: &str) -> Output {
    let mut shell = world.command("sh");
    let script = format!("{first}; exec \"$0\" page export {FOLDER}");
    shell.args(["-c", &script]).arg(&world.product().command);
    shell.output().unwrap()
}

/// All that is in the folder, by path.
fn files() -> BTreeSet<String> {
    let found = sh(&format!("cd {FOLDER} && find . -type f"));
    found
        .lines()
        .map(|line| line.trim_start_matches("./").to_owned())
        .collect()
}

#[test]
fn the_files_are_those_that_antiphond_serves_but_for_the_names_of_relays_and_providers() {
    in_house(|world| {
        configure(world);
        let object = antiphon(world, &format!("--json page export {FOLDER}"))
            .done()
            .object();
        assert_eq!(
            object["relays"],
            json!(["https://r1.example.org", "https://r2.example.org"])
        );
        assert_eq!(
            object["providers"],
            json!(["https://id.example.org", "https://login.example.org"])
        );
        assert_eq!(object["changed"], json!(true));
        let mut listed = files();
        assert!(listed.remove("SHA256SUMS"));
        assert_eq!(object["files"], json!(listed));
        sh(&format!(
            "cd {FOLDER} && sha256sum --strict --quiet -c SHA256SUMS"
        ));

        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        assert!(listed.remove("nginx.conf"));
        for path in &listed {
            let exported = fs::read(Path::new(FOLDER).join(path)).unwrap();
            let name = path.strip_prefix("page/").unwrap();
            let address = match name {
                "index.html" => "/".to_owned(),
                name if name.starts_with("guide.") => format!("/guide?language={}", &name[6..8]),
                name => format!("/{name}"),
            };
            let served = web.call("GET", &address, None, None);
            assert_eq!(served.status, 200, "{address}");
            match name {
                "index.html" => {
                    let text = String::from_utf8(exported).unwrap();
                    let is_ours = |line: &&str| {
                        line.contains("r1.example.org")
                            || line.contains("\"https://id.example.org https://login.example.org\"")
                    };
                    let (more, rest): (Vec<&str>, Vec<&str>) =
                        text.split_inclusive('\n').partition(is_ours);
                    assert_eq!(more.len(), 3);
                    assert_eq!(rest.concat().as_bytes(), served.body);
                }
                // It tells of what the configuration has, which is another one here.
                name if name.starts_with("guide.") => {}
                _ => assert!(exported == served.body, "{name}"),
            }
        }
    });
}

#[test]
fn a_folder_that_an_export_has_written_is_replaced_and_everybody_may_read_it() {
    in_world(|world| {
        configure(world);
        assert!(export_after(world, "umask 077").status.success());
        let mode = |path: &str| {
            let found = fs::metadata(Path::new(FOLDER).join(path)).unwrap();
            found.permissions().mode() & 0o7777
        };
        for (path, expected) in [
            ("", 0o755),
            ("page", 0o755),
            ("page/index.html", 0o644),
            ("nginx.conf", 0o644),
        ] {
            assert_eq!(mode(path), expected, "{path}");
        }
        export(world).done().says("is as it should be");
        world.configure(&format!(
            "[page]\norigin = \"https://mfa.example.org\"\n{}",
            RELAYS.replace("r2", "r3")
        ));
        export(world).done().says("https://r3.example.org");
        let index = fs::read_to_string(format!("{FOLDER}/page/index.html")).unwrap();
        assert!(index.contains("https://r3.example.org") && !index.contains("https://r2."));
        assert_eq!(sh("ls -A /etc/antiphon | grep exported"), "exported\n");
    });
}

#[test]
fn what_no_export_has_written_is_left_alone_and_named() {
    in_world(|world| {
        configure(world);
        export(world).done();
        let untouched = files();
        for (harm, named) in [
            ("echo x >page/stranger", "page/stranger"),
            ("mkdir page/more && echo x >page/more/x", "page/more/x"),
            ("mkdir -p page/.well-known/more", "page/.well-known/more"),
            ("echo >>nginx.conf", "nginx.conf"),
            ("ln -sf /etc/passwd page/index.html", "page/index.html"),
            ("rm SHA256SUMS", "nginx.conf"),
        ] {
            sh(&format!("cd {FOLDER} && {harm}"));
            let before = sh(&format!("cd {FOLDER} && find . -exec ls -ld {{}} +"));
            export(world).failed(73, &format!("{FOLDER}/{named}: no export has written this"));
            assert_eq!(
                sh(&format!("cd {FOLDER} && find . -exec ls -ld {{}} +")),
                before
            );
            fs::remove_dir_all(FOLDER).unwrap();
            export(world).done();
        }
        assert_eq!(files(), untouched);
        fs::remove_dir_all(FOLDER).unwrap();
        symlink("/etc", FOLDER).unwrap();
        export(world).failed(73, "Not a directory");
        fs::remove_file(FOLDER).unwrap();
        fs::create_dir(FOLDER).unwrap();
        export(world).done();
    });
}

#[test]
fn a_hidden_folder_beside_it_is_taken_away_only_if_an_export_can_have_left_it() {
    in_world(|world| {
        configure(world);
        let left = "/etc/antiphon/.exported.new";
        for (harm, named) in [
            ("echo x >file", "file"),
            ("mkdir more", "more"),
            ("mkdir page && ln -s /etc/passwd page/app.js", "page/app.js"),
        ] {
            sh(&format!("mkdir {left} && cd {left} && {harm}"));
            let before = sh(&format!("find {left} -ls"));
            export(world).failed(73, &format!("{left}/{named}: no export has written this"));
            assert_eq!(sh(&format!("find {left} -ls")), before);
            assert!(!Path::new(FOLDER).exists());
            fs::remove_dir_all(left).unwrap();
        }
        // What one has begun, and what one has replaced that had other files.
        for begun in [
            "mkdir page",
            "echo x >page.html && sha256sum page.html >SHA256SUMS",
        ] {
            sh(&format!("mkdir {left} && cd {left} && {begun}"));
            export(world).done();
            assert!(!Path::new(left).exists());
            fs::remove_dir_all(FOLDER).unwrap();
        }
    });
}

#[test]
fn an_export_that_is_cut_short_leaves_the_folder_as_it_was() {
    in_world(|world| {
        configure(world);
        // Room for some of the files, as on a full disk.
        let cut = |kilobytes: u32| {
            let said = export_after(world, &format!("ulimit -f {kilobytes}; trap '' XFSZ"));
            assert_eq!(said.status.code(), Some(73), "{said:?}");
        };
        cut(8);
        assert_eq!(sh("ls -A /etc/antiphon | grep -c exported || true"), "0\n");
        export(world).done();
        let before = sh(&format!("cat {FOLDER}/SHA256SUMS"));
        world.configure(&format!(
            "[page]\norigin = \"https://other.example.org\"\n{RELAYS}"
        ));
        cut(8);
        assert_eq!(sh(&format!("cat {FOLDER}/SHA256SUMS")), before);
        assert_eq!(sh("ls -A /etc/antiphon | grep exported"), "exported\n");
        // What a killed one has left is in nobody's way.
        sh(
            "mkdir -p /etc/antiphon/.exported.new/page && echo half >/etc/antiphon/.exported.new/page/app.js",
        );
        export(world).done().says("https://other.example.org");
        assert_eq!(sh("ls -A /etc/antiphon | grep exported"), "exported\n");
    });
}

#[test]
fn without_relays_or_with_a_folder_that_others_can_change_nothing_is_written() {
    in_world(|world| {
        export(world).failed(78, "[page] relays is not set");
        configure(world);
        antiphon(world, "page export /tmp/exported").exits(78);
        antiphon(world, "page export /etc/antiphon/a;b").failed(64, "nginx.conf");
        assert!(!Path::new(FOLDER).exists());
    });
}
