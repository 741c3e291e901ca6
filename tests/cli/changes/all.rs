//! All services at once, by the real pam-auth-update: nothing on the computer changes before the result was followed.

use std::fs;

use antiphon_tests::in_world;

use super::{Desk, OPEN, QUESTION, is_over};
use crate::command::sh;

const COMMON: &str = "/etc/pam.d/common-auth";
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// All that pam-auth-update writes.
const STATE: &str =
    "find /etc/pam.d /var/lib/pam /var/cache/debconf -type f -exec sha256sum {} + | sort -k 2";

/// pam.d as Debian has it, and its tool with our profile.
fn install(desk: &Desk<'_>) {
    sh(&format!(
        "for folder in /usr/share /var/cache/debconf; do
             mkdir -p /run/overlays$folder/upper /run/overlays$folder/work
             mount -t overlay overlay \
                 -o lowerdir=$folder,upperdir=/run/overlays$folder/upper,workdir=/run/overlays$folder/work $folder
         done
         mkdir -p /var/lib/pam
         cp {ROOT}/conf/pam-configs/antiphon /usr/share/pam-configs/
         cp /usr/share/pam/common-* /etc/pam.d/
         DEBIAN_FRONTEND=noninteractive pam-auth-update --force --package
         rm -f /etc/pam.d/*.pam-old"
    ));
    assert!(desk.needs_no_code());
}

fn is_asked_everywhere() -> bool {
    let text = fs::read_to_string(COMMON).unwrap();
    text.lines()
        .any(|line| line.starts_with("auth") && line.contains("pam_antiphon.so"))
}

#[test]
fn all_services_ask_after_a_yes_and_none_of_them_after_disabling() {
    in_world(|world| {
        let desk = Desk::new(world);
        install(&desk);
        let before = desk.clinic.types(STATE);
        let mut terminal = desk.types("enable --all");
        terminal.expect("by login, ").expect(QUESTION);
        assert!(is_asked_everywhere() && desk.asks());
        terminal.send_line("no");
        assert_eq!(terminal.end().status.code(), Some(65));
        assert_eq!(desk.clinic.types(STATE), before);
        is_over();

        desk.runs("enable --all --yes").done().says("sudo now asks");
        assert!(desk.asks());
        desk.runs("enable --all --yes").done().says("asks already");
        // The tool's own notes agree.
        sh("DEBIAN_FRONTEND=noninteractive pam-auth-update --package");
        assert!(is_asked_everywhere());
        desk.runs("disable sudo --yes")
            .failed(78, "antiphon disable --all");
        desk.runs("disable --all --yes")
            .done()
            .says("sudo no longer asks");
        assert!(desk.needs_no_code() && !is_asked_everywhere());
        desk.runs("disable --all --yes").done().says("does not ask");
        is_over();
    });
}

#[test]
fn all_services_ask_again_after_a_disabling_that_nobody_confirms_though_a_common_file_was_edited() {
    in_world(|world| {
        let desk = Desk::new(world);
        install(&desk);
        desk.runs("enable --all --yes").done();
        let before = fs::read_to_string(COMMON).unwrap();
        let mut terminal = desk.types("disable --all");
        terminal.expect(QUESTION);
        assert!(!is_asked_everywhere());
        sh(&format!("sed -i '1i # mine' {COMMON}"));
        terminal.send_line("no");
        let ended = terminal.end();
        assert_eq!(ended.status.code(), Some(65), "{ended:?}");
        assert!(
            ended.text.contains("the change was taken back there"),
            "{ended:?}"
        );
        assert_eq!(
            fs::read_to_string(COMMON).unwrap(),
            format!("# mine\n{before}")
        );
        is_over();
        assert!(desk.asks());
    });
}

#[test]
fn a_program_that_cannot_ask_keeps_all_from_asking_and_nothing_is_changed() {
    in_world(|world| {
        let desk = Desk::new(world);
        install(&desk);
        sh("echo '@include common-auth' > /etc/pam.d/vsftpd");
        let before = desk.clinic.types(STATE);
        desk.runs("enable --all --yes")
            .exits(78)
            .says("vsftpd, which cannot ask");
        assert_eq!(desk.clinic.types(STATE), before);
        world.configure("[exempt]\nservices = [\"vsftpd\"]\n");
        desk.runs("enable --all --yes").done();
    });
}

#[test]
fn files_that_were_edited_by_hand_and_hosts_of_another_tool_are_left_alone() {
    in_world(|world| {
        let desk = Desk::new(world);
        desk.runs("enable --all --yes")
            .failed(66, "name the services");
        install(&desk);
        sh("sed -i '/pam_unix/i auth optional pam_echo.so' /etc/pam.d/common-auth");
        let before = desk.clinic.types(STATE);
        desk.runs("enable --all --yes").failed(69, "edited by hand");
        assert_eq!(desk.clinic.types(STATE), before);
        sh("mkdir -p /etc/authselect; touch /etc/authselect/authselect.conf");
        desk.runs("enable --all --yes")
            .failed(78, "authselect select antiphon");
        assert_eq!(desk.clinic.types(STATE), before);
        assert!(!fs::exists(OPEN).unwrap());
    });
}
