use std::fs;
use std::path::Path;

use rustix::process::Pid;

use super::{UNBOUNDED, feed};
use crate::disk::fixture::{Host, Other, apart};

#[test]
fn a_process_that_is_to_end_gets_the_processor_before_everybody_else() {
    apart(|| {
        let _host = Host::new();
        let other = Other::start();
        fs::create_dir_all("/sys/fs/cgroup/cpu").unwrap();
        for path in UNBOUNDED {
            fs::write(path, "").unwrap();
        }
        feed(Pid::from_raw(other.pid().cast_signed()).unwrap());
        for path in UNBOUNDED {
            assert_eq!(fs::read_to_string(path).unwrap(), other.pid().to_string());
        }
        // proc_pid_stat(5): the nice value is field 19, and the name field 2.
        let stat = fs::read_to_string(format!("/proc/{}/stat", other.pid())).unwrap();
        let (_, after_name) = stat.rsplit_once(") ").unwrap();
        assert_eq!(after_name.split_whitespace().nth(16), Some("-20"), "{stat}");
    });
}

#[test]
fn where_there_are_no_such_groups_none_are_made() {
    apart(|| {
        let _host = Host::new();
        fs::create_dir_all("/sys/fs/cgroup").unwrap();
        let other = Other::start();
        feed(Pid::from_raw(other.pid().cast_signed()).unwrap());
        assert!(!Path::new(UNBOUNDED[0]).exists());
    });
}
