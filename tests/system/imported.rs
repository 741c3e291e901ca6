//! People who come from another module, which is the real one here: they go on with the app that they have, and what they
//! have used there is used.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use antiphon_core::code::code_at;
use antiphon_core::import;
use antiphon_core::record::CodeSecret;
use antiphon_core::time::UnixTime;
use antiphon_tests::{CODE, PASSWORD, PamHost, Terminal, World, in_world};

/// The code that an app with this secret shows so many seconds from now, and the one that oathtool makes of it.
fn code(world: &World, secret: &CodeSecret, seconds: u64) -> String {
    let now = std::time::SystemTime::now();
    let now = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() + seconds;
    let made = code_at(secret, UnixTime(now)).to_string();
    let mut app = world.command("oathtool");
    app.args([
        "--totp",
        "--base32",
        &secret.base32(),
        "--now",
        &format!("@{now}"),
    ]);
    let shown = String::from_utf8(app.output().unwrap().stdout).unwrap();
    assert_eq!(shown.trim(), made);
    made
}

/// Holds that alice, who was imported, goes on by sudo with the next code, and that `used` is used.
fn goes_on(world: &World, secret: &CodeSecret, used: &str) {
    world.sign_in("alice", [used; 3], "PAM_AUTH_ERR");
    world.ended("refused reason=used");
    let next = code(world, secret, 30);
    let mut sudo = Terminal::start(world.command_of("alice", "sudo").args(["id", "-un"]));
    sudo.answer("password for alice: ", PASSWORD)
        .answer(CODE, &next);
    assert!(sudo.arrive("root").contains("root"));
    world.ended("accepted method=code user=alice");
}

#[test]
fn who_signed_in_with_google_authenticator_goes_on_with_the_same_app() {
    in_world(|world| {
        let path = world.home("alice").join(".google_authenticator");
        let mut program = world.command_of("alice", "google-authenticator");
        program.env("HOME", world.home("alice"));
        program.args([
            "--time-based",
            "--disallow-reuse",
            "--force",
            "--no-confirm",
            "--quiet",
        ]);
        let made = program
            .args(["--rate-limit=3", "--rate-time=30", "--window-size=3"])
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:#?}");
        let secret = import::google_authenticator::read(&fs::read(&path).unwrap())
            .unwrap()
            .code;

        world.pam("before", "auth required pam_google_authenticator.so\n");
        let used = code(world, &secret, 0);
        let before = |answer: &str| PamHost::of_service(world, "before", "alice").answer(answer);
        before(&used).ends("PAM_SUCCESS");
        let kept = fs::read(&path).unwrap();
        let found = import::google_authenticator::read(&kept).unwrap();
        assert_eq!(
            found.used.len(),
            1,
            "the module has written down what was used"
        );

        let said = world.antiphon(&["import", "google-authenticator", "--home", "--yes"]);
        assert!(said.contains("1 imported, 0 left out."), "{said}");
        goes_on(world, &secret, &used);
        assert_eq!(fs::read(&path).unwrap(), kept);
    });
}

#[test]
fn who_signed_in_with_pam_oath_goes_on_with_the_same_app() {
    in_world(|world| {
        let file = "/etc/users.oath";
        let secret = CodeSecret::usual(*b"12345678901234567890");
        let line = "HOTP/T30/6\talice\t-\t3132333435363738393031323334353637383930\n";
        fs::write(file, line).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
        world.pam(
            "before",
            "auth required pam_oath.so usersfile=/etc/users.oath window=5\n",
        );
        let used = code(world, &secret, 0);
        let before = PamHost::of_service(world, "before", "alice").answer(&used);
        before.ends("PAM_SUCCESS");
        let kept = fs::read_to_string(file).unwrap();
        assert!(
            kept.contains(&used),
            "the module has written down what was used"
        );

        let said = world.antiphon(&["import", "oath", file, "--yes"]);
        assert!(said.contains("1 imported, 0 left out."), "{said}");
        goes_on(world, &secret, &used);
        assert_eq!(fs::read_to_string(file).unwrap(), kept);

        // What has been used here meanwhile is known here alone.
        let next = code(world, &secret, 30);
        world.antiphon(&["remove", "alice", "--yes"]);
        world.antiphon(&["import", "oath", file, "--yes"]);
        world.sign_in("alice", [&next; 3], "PAM_AUTH_ERR");
        world.ended("refused reason=used");
    });
}
