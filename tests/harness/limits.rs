//! The limits and the umask that a world begins with, whatever whoever started the tests has set for themselves.

use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit, setrlimit};
use nix::sys::stat::{Mode, umask};

/// As a new Debian has them.
const USUAL: &[(Resource, u64)] = &[
    (Resource::RLIMIT_AS, RLIM_INFINITY),
    (Resource::RLIMIT_CORE, 0),
    (Resource::RLIMIT_CPU, RLIM_INFINITY),
    (Resource::RLIMIT_DATA, RLIM_INFINITY),
    (Resource::RLIMIT_FSIZE, RLIM_INFINITY),
    (Resource::RLIMIT_NOFILE, 1024),
    (Resource::RLIMIT_NPROC, RLIM_INFINITY),
    (Resource::RLIMIT_STACK, 8 << 20),
];

/// Sets them, for this process and all that it starts. What not even root may have here stays out of reach.
pub(crate) fn set() {
    umask(Mode::from_bits_truncate(0o022));
    for (resource, usual) in USUAL {
        let (_, most) = getrlimit(*resource).unwrap();
        setrlimit(*resource, most.min(*usual), most)
            .unwrap_or_else(|errno| panic!("{resource:?}: {errno}"));
    }
}
