//! What `conf/pam.d/README` says of stacks in which our line is passed over.

use std::fs;

use antiphon_tests::{PASSWORD, PamHost, World, in_world};

const README: &str = include_str!("../../conf/pam.d/README");
/// `pam_faillock` as recipes for hardening have it, but for the end.
const RECIPE: &str = "\
auth [success=1 default=bad] pam_unix.so nodelay
auth [default=die] pam_faillock.so authfail
";
const PASSED_OVER: &str = "\
auth sufficient pam_faillock.so authsucc
auth required pam_deny.so
";
const IN_ITS_PLACE: &str = "auth required pam_faillock.so authsucc\n";

/// As it is set in the README.
fn is_in_readme(lines: &str) -> bool {
    let indented: Vec<_> = lines.lines().map(|line| format!("    {line}\n")).collect();
    README.contains(&indented.concat())
}

/// How a sign-in at sudo ends in which `password` and `code` are typed, and whether it leaves a line of ours.
fn sign_in(world: &World, password: &str, code: &str) -> (String, bool) {
    let before = world.log().ours().len();
    let host = PamHost::of_service(world, "sudo", "alice");
    let result = host.answers([password, code]).play().result().to_owned();
    (result, world.log().ours().len() > before)
}

#[test]
fn a_sufficient_line_of_faillock_jumps_over_ours_and_what_the_readme_has_in_its_place_does_not() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        assert!(is_in_readme(PASSED_OVER) && is_in_readme(IN_ITS_PLACE));
        let stack =
            |end: &str| fs::write("/etc/pam.d/common-auth", [RECIPE, end].concat()).unwrap();
        stack(PASSED_OVER);
        // It is so, sadly, and nothing of ours is called that could say it.
        assert_eq!(
            sign_in(world, PASSWORD, "000000"),
            ("PAM_SUCCESS".to_owned(), false)
        );
        stack(IN_ITS_PLACE);
        assert_eq!(
            sign_in(world, PASSWORD, &alice.code()),
            ("PAM_SUCCESS".to_owned(), true)
        );
        let (result, asked) = sign_in(world, PASSWORD, &alice.wrong_code());
        assert!(result != "PAM_SUCCESS" && asked, "{result}");
        let (result, asked) = sign_in(world, "wrong", &alice.code());
        assert!(result == "PAM_AUTH_ERR" && !asked, "{result}");
    });
}

#[test]
fn the_stacks_that_the_readme_warns_of_go_on_after_a_wrong_password_and_nobody_is_asked_there() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        let ours = "auth required pam_antiphon.so\n";
        for first in ["auth required pam_unix.so\n", "auth substack common-auth\n"] {
            let stack = [first, ours].concat();
            assert!(is_in_readme(&stack), "{stack}");
            world.pam("sudo", &stack);
            let before = world.state("alice");
            let (result, called) = sign_in(world, "wrong", &alice.code());
            assert!(result == "PAM_AUTH_ERR" && called, "{result}");
            world.ended("refused reason=wrong-password user=alice");
            assert_eq!(world.state("alice"), before);
            // What the README has in their place.
            let ends = first
                .replace("required", "requisite")
                .replace("auth substack", "@include");
            world.pam("sudo", &[ends.as_str(), ours].concat());
            let (result, called) = sign_in(world, "wrong", &alice.code());
            assert!(result == "PAM_AUTH_ERR" && !called, "{result}");
        }
    });
}
