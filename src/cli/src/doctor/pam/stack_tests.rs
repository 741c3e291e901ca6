use super::{Does, Stack};
use crate::doctor::pam::folder::{File, Folder};
use crate::doctor::pam::line::Kind;

fn folder(files: &[(&str, &str)]) -> Folder {
    let file = |(name, text): &(&str, &str)| {
        let path = format!("/etc/pam.d/{name}");
        ((*name).to_owned(), File::new(path, *text))
    };
    Folder {
        files: files.iter().map(file).collect(),
        knows_at_include: true,
        ..Folder::default()
    }
}

fn laid_out(files: &[(&str, &str)]) -> Vec<String> {
    let stack = Stack::of("x", Kind::Auth, &folder(files));
    let step = |step: &super::Step| {
        let does = match &step.does {
            Does::Calls(module) => module.path.clone(),
            Does::Begins => "begins".to_owned(),
            Does::Fails { .. } => "fails".to_owned(),
        };
        format!("{} {does}", step.level)
    };
    stack.steps.iter().map(step).collect()
}

#[test]
fn what_is_included_stands_in_its_place_and_a_substack_one_level_deeper() {
    let laid = laid_out(&[
        (
            "x",
            "auth required a\nauth include y\nauth substack z\naccount required no\n@include y\n",
        ),
        ("y", "auth required b\naccount required no\n"),
        ("z", "auth required c\nauth substack y\nauth required d\n"),
    ]);
    assert_eq!(
        laid,
        [
            "0 a", "0 b", "0 begins", "1 c", "1 begins", "2 b", "1 d", "0 b"
        ]
    );
}

#[test]
fn a_service_without_lines_of_its_own_has_those_of_other() {
    let other = ("other", "auth required deny\n");
    assert_eq!(laid_out(&[other]), ["0 deny"]);
    assert_eq!(
        laid_out(&[("x", "account required a\n"), other]),
        ["0 deny"]
    );
    assert_eq!(laid_out(&[("x", "auth required a\n"), other]), ["0 a"]);
    assert!(laid_out(&[]).is_empty());
}

#[test]
fn a_file_that_is_not_there_fails_by_include_and_ends_the_reading_by_at_include() {
    let by = |line: &str| {
        let text = format!("auth required a\n{line}\nauth required b\n");
        laid_out(&[("x", &text)])
    };
    assert_eq!(by("auth include y"), ["0 a", "0 fails", "0 b"]);
    assert_eq!(by("auth substack y"), ["0 a", "0 begins", "0 fails", "0 b"]);
    assert_eq!(by("@include y"), ["0 a"]);
}

#[test]
fn files_that_include_each_other_have_an_end() {
    assert_eq!(laid_out(&[("x", "auth include x\n")]), ["0 fails"]);
    let laid = laid_out(&[("x", "auth substack x\n")]);
    assert_eq!(laid, ["0 begins", "0 fails"]);
    let laid = laid_out(&[("x", "auth include y\n"), ("y", "auth include x\n")]);
    assert_eq!(laid, ["0 fails"]);
}

#[test]
fn at_include_is_debians_own() {
    let mut files = folder(&[("x", "@include y\n"), ("y", "auth required a\n")]);
    files.knows_at_include = false;
    let stack = Stack::of("x", Kind::Auth, &files);
    assert!(matches!(stack.steps[0].does, Does::Fails { .. }));
}
