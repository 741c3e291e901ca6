use super::{Kind, Line, Module, Says, lines};
use crate::doctor::pam::control::Action;

fn only(text: &str) -> Line {
    let mut lines = lines(text);
    assert_eq!(lines.len(), 1, "{text:?}");
    lines.remove(0)
}

fn module(text: &str) -> Module {
    match only(text).says {
        Says::Module(module) => module,
        other => panic!("{text:?}: {other:?}"),
    }
}

#[test]
fn a_line_has_a_kind_a_control_a_module_and_arguments() {
    let line =
        only("\n# comment\n\t auth   required\tpam_unix.so  nullok   try_first_pass # why\n");
    assert_eq!(
        (line.number, line.rows, line.kind),
        (3, 1, Some(Kind::Auth))
    );
    let Says::Module(module) = line.says else {
        panic!();
    };
    assert_eq!(module.path, "pam_unix.so");
    assert_eq!(module.arguments, ["nullok", "try_first_pass"]);
    assert_eq!(module.word, "required");
    assert!(!module.is_silent && module.slip.is_none());
}

#[test]
fn brackets_make_words_one_in_the_control_and_in_arguments() {
    let module = module("AUTH [success=1 default=ignore] pam_x.so [a b\\] c] d\n");
    assert_eq!(module.control.action("success"), Action::Jump(1));
    assert_eq!(module.arguments, ["a b] c", "d"]);
}

#[test]
fn a_control_needs_no_brackets_and_a_keyword_may_have_them() {
    assert_eq!(
        module("auth success=done pam_x.so")
            .control
            .action("success"),
        Action::Done
    );
    assert_eq!(
        module("auth [requisite] pam_x.so").control.action("abort"),
        Action::Die
    );
}

#[test]
fn a_backslash_joins_lines_and_a_comment_ends_one() {
    let line = only("auth required \\\n# between\n\n  pam_x.so \\\n  debug\n");
    assert_eq!((line.number, line.rows), (1, 5));
    let text = "auth required pam_x.so a # not \\\nauth required pam_y.so\n";
    assert_eq!(lines(text).len(), 2);
    for text in [
        "auth required pam_x.so \\",
        "account include",
        "-session SUBSTACK #x",
    ] {
        let line = only(text);
        assert!(
            line.kind.is_none() && matches!(line.says, Says::Fatal(_)),
            "{line:?}"
        );
    }
}

#[test]
fn a_dash_before_the_kind_silences_the_log() {
    assert!(module("-auth optional pam_x.so").is_silent);
}

#[test]
fn files_are_included_in_three_ways() {
    for (text, kind, says) in [
        (
            "auth include system-auth",
            Some(Kind::Auth),
            Says::Include("system-auth".to_owned()),
        ),
        (
            "account substack x",
            Some(Kind::Account),
            Says::Substack("x".to_owned()),
        ),
        (
            "@include common-auth",
            None,
            Says::AtInclude("common-auth".to_owned()),
        ),
    ] {
        let line = only(text);
        assert_eq!((line.kind, line.says), (kind, says), "{text}");
    }
}

#[test]
fn a_kind_that_is_none_is_of_auth_and_fails_as_its_control_says() {
    for (text, action) in [
        ("auht required pam_x.so", Action::Bad),
        ("auht sufficient pam_x.so", Action::Ignore),
        ("auht", Action::Bad),
        ("auth required", Action::Bad),
        ("auth", Action::Bad),
    ] {
        let line = only(text);
        let Says::Nonsense { control, .. } = line.says else {
            panic!("{text}: {line:?}");
        };
        assert_eq!(line.kind, Some(Kind::Auth), "{text}");
        assert_eq!(control.action("perm_denied"), action, "{text}");
    }
}

#[test]
fn a_control_that_is_not_understood_makes_success_a_failure() {
    let module = module("auth requird pam_x.so");
    assert_eq!(module.control.action("success"), Action::Bad);
    assert!(module.slip.unwrap().contains("requird"));
}

#[test]
fn a_carriage_return_is_a_part_of_the_last_word() {
    assert_eq!(module("auth required pam_x.so\r\n").path, "pam_x.so\r");
}
