use super::{Ways, ways};
use crate::doctor::pam::folder::{File, Folder};
use crate::doctor::pam::line::Kind;
use crate::doctor::pam::stack::Stack;

/// The ways through the lines of a service, of which `sub` may be a file beside it.
fn ways_of(text: &str, sub: &str) -> Ways {
    let file = |name: &str, text: &str| {
        let path = format!("/etc/pam.d/{name}");
        (name.to_owned(), File::new(path, text))
    };
    let modules = [
        "pam_antiphon.so",
        "pam_unix.so",
        "pam_sss.so",
        "pam_deny.so",
        "pam_permit.so",
        "pam_rootok.so",
        "pam_succeed_if.so",
        "pam_faillock.so",
        "pam_debug.so",
    ];
    let folder = Folder {
        files: [file("x", text), file("sub", sub)].into(),
        knows_at_include: true,
        modules: modules.map(str::to_owned).into(),
        ..Folder::default()
    };
    ways(&Stack::of("x", Kind::Auth, &folder).steps, &folder).unwrap()
}

const DEBIAN: &str = "auth [success=1 default=ignore] pam_unix.so\n\
    auth requisite pam_deny.so\n\
    auth required pam_permit.so\n";
const OURS: &str = "auth required pam_antiphon.so\n";

fn of(lines: &[&str]) -> Ways {
    ways_of(&lines.concat(), "")
}

#[test]
fn on_debian_nobody_gets_past_us_and_no_wrong_password_gets_to_us() {
    let ways = of(&[DEBIAN, OURS]);
    let sound = Ways {
        accepts: true,
        exempts: true,
        ..Ways::default()
    };
    assert_eq!(ways, sound);
    assert_eq!(
        ways_of("@include sub\nauth required pam_antiphon.so\n", DEBIAN),
        sound
    );
}

#[test]
fn sufficient_done_and_a_jump_lead_past_us() {
    for (line, at) in [
        ("auth sufficient pam_unix.so\n", 0),
        ("auth [success=done default=die] pam_unix.so\n", 0),
        ("auth [success=1 default=ignore] pam_unix.so\n", 0),
    ] {
        let ways = of(&[line, OURS, "auth required pam_permit.so\n"]);
        assert_eq!(ways.jumps, [at].into(), "{line}");
    }
    // The wrong way round in front of common-auth's end, too.
    let ways = of(&[DEBIAN, "auth sufficient pam_faillock.so authsucc\n", OURS]);
    assert_eq!(ways.jumps, [3].into());
}

#[test]
fn an_end_in_an_included_file_ends_all_and_one_in_a_substack_only_that() {
    let file = "auth sufficient pam_unix.so\nauth required pam_deny.so\n";
    let by = |word: &str| ways_of(&format!("auth {word} sub\n{OURS}"), file);
    assert_eq!(by("include").jumps, [0].into());
    let ways = by("substack");
    assert!(ways.jumps.is_empty() && ways.accepts);
    // But a wrong password goes on to us.
    assert_eq!(ways.after_wrong, [1].into());
}

#[test]
fn a_jump_counts_a_substack_as_one_line_and_never_leaves_its_own() {
    let file = "auth [success=1 default=die] pam_unix.so\nauth required pam_deny.so\n";
    let over = "auth [success=1 default=die] pam_unix.so\nauth substack sub\n";
    assert!(ways_of(&[over, OURS].concat(), file).jumps.is_empty());
    // Out of the substack there is nothing to jump over, and that is a failure.
    let short = "auth [success=2 default=die] pam_unix.so\nauth required pam_permit.so\n";
    let ways = ways_of(&format!("auth substack sub\n{OURS}"), short);
    assert!(!ways.is_open());
    assert_eq!(ways.beyond, [1].into());
}

#[test]
fn a_jump_past_the_end_is_seen_and_one_to_the_end_is_none() {
    let jump = |lines: usize| {
        let line = format!("auth [success={lines} default=ignore] pam_unix.so\n");
        of(&[&line, "auth requisite pam_deny.so\n", OURS]).beyond
    };
    assert_eq!(jump(1), [].into());
    assert_eq!(jump(2), [].into());
    assert_eq!(jump(3), [0].into());
}

#[test]
fn a_refusal_of_ours_that_counts_for_nothing_is_a_pardon() {
    for control in [
        "optional",
        "sufficient",
        "[success=ok default=ignore]",
        "[success=ok auth_err=ignore default=die]",
        "[default=ok]",
    ] {
        let line = format!("auth {control} pam_antiphon.so\n");
        let ways = of(&[DEBIAN, &line]);
        let expected = if control == "[default=ok]" {
            vec![]
        } else {
            vec![3]
        };
        assert_eq!(
            ways.pardons.into_iter().collect::<Vec<_>>(),
            expected,
            "{control}"
        );
    }
    let reset = "auth [default=reset] pam_permit.so\nauth required pam_permit.so\n";
    assert_eq!(of(&[DEBIAN, OURS, reset]).pardons, [4].into());
}

#[test]
fn nobody_gets_in_where_a_module_is_missing_or_says_no() {
    for line in [
        "auth required pam_gone.so\n",
        "-auth required pam_gone.so\n",
        "auth required pam_deny.so\n",
        "auth requird pam_unix.so\n",
        "auth [success=0] pam_unix.so\n",
        "auth include nowhere\n",
        "auht required pam_unix.so\n",
        "auth required\n",
    ] {
        assert!(!of(&[DEBIAN, OURS, line]).is_open(), "{line}");
    }
    for line in [
        "auth optional pam_gone.so\n",
        "auth sufficient pam_gone.so\n",
        "auht optional pam_unix.so\n",
    ] {
        assert!(of(&[DEBIAN, OURS, line]).is_open(), "{line}");
    }
    assert!(!of(&[DEBIAN, "auth required pam_antiphon.so nullok\n"]).is_open());
    assert!(!of(&[""]).is_open());
}

#[test]
fn what_is_asked_before_us_and_what_becomes_of_it_is_seen() {
    assert!(of(&[OURS, DEBIAN]).unasked);
    assert!(of(&[OURS, "auth required pam_permit.so\n"]).unasked);
    let ways = of(&["auth required pam_unix.so\n", OURS]);
    assert_eq!((ways.unasked, ways.after_wrong), (false, [0].into()));
    let ways = of(&["auth requisite pam_unix.so\n", OURS]);
    assert!(ways.after_wrong.is_empty());
    // Who has another right password than the first one asked for.
    let two = "auth [success=2 default=ignore] pam_unix.so\n\
        auth [success=1 default=ignore] pam_sss.so use_first_pass\n\
        auth requisite pam_deny.so\n";
    let ways = of(&[two, OURS]);
    assert!(ways.after_wrong.is_empty() && !ways.instead, "{ways:?}");
}

#[test]
fn a_code_in_the_place_of_a_password_is_seen() {
    assert!(of(&["auth sufficient pam_unix.so\n", OURS]).instead);
    assert!(!of(&["auth required pam_unix.so\n", OURS]).instead);
}

#[test]
fn a_second_call_on_one_way_is_seen_and_one_on_another_way_is_not() {
    assert_eq!(of(&[DEBIAN, OURS, OURS]).twice, [4].into());
    let either = "auth [success=2 default=ignore] pam_unix.so\n\
        auth requisite pam_antiphon.so\n\
        auth requisite pam_deny.so\n\
        auth requisite pam_antiphon.so\n";
    assert!(of(&[either]).twice.is_empty());
}

#[test]
fn an_exemption_alone_lets_nobody_in() {
    let alone = of(&["auth requisite pam_antiphon.so\n"]);
    assert!(alone.accepts && !alone.exempts);
    let with = of(&[
        "auth requisite pam_antiphon.so\n",
        "auth required pam_permit.so\n",
    ]);
    assert!(with.accepts && with.exempts);
}

#[test]
fn root_is_let_past_by_a_line_of_its_own() {
    let ways = of(&["auth sufficient pam_rootok.so\n", DEBIAN, OURS]);
    assert_eq!(ways.jumps, [0].into());
}

#[test]
fn reset_forgets_what_was_before_in_this_stack_alone() {
    // The failure before the substack stays.
    let sub = "auth [default=reset] pam_permit.so\n";
    let ways = ways_of(
        "auth required pam_deny.so\nauth substack sub\nauth required pam_permit.so\n",
        sub,
    );
    assert!(!ways.is_open());
    let ways = of(&[
        "auth required pam_deny.so\n",
        "auth [default=reset] pam_permit.so\n",
        "auth required pam_permit.so\n",
    ]);
    assert!(ways.is_open());
}

#[test]
fn a_success_that_is_none_is_what_the_stack_returns() {
    let odd = "auth [default=ok] pam_debug.so auth=cred_err\n";
    assert!(!of(&[odd, "auth required pam_permit.so\n"]).is_open());
    assert!(
        of(&[
            "auth required pam_permit.so\n",
            "auth optional pam_debug.so auth=cred_err\n"
        ])
        .is_open()
    );
    let ignored = "auth [ignore=ok] pam_debug.so auth=ignore\n";
    assert!(!of(&[ignored, "auth required pam_permit.so\n"]).is_open());
}
