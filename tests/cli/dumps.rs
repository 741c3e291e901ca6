//! What the command has in its memory is not written to a disk when it crashes.

use std::fs;

use antiphon_tests::in_world;

use crate::command::run;

#[test]
fn before_a_file_of_ours_is_read_the_command_gives_up_core_dumps() {
    in_world(|world| {
        let trace = world.folder().join("trace");
        let mut strace = world.command("strace");
        strace
            .args(["-qq", "--trace=prctl,openat", "-o"])
            .arg(&trace);
        strace.arg(&world.product().command);
        strace.args(["enroll", "alice", "--no-confirm"]);
        run(&mut strace, "").done();
        let trace = fs::read_to_string(trace).unwrap();
        let given_up = trace.find("prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE) = 0");
        let read = trace.find("/etc/antiphon");
        assert!(given_up.unwrap() < read.unwrap(), "{trace}");
    });
}
