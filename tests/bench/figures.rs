//! All that is measured, in one run.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::arguments::Arguments;
use crate::count::{self, Calls, Code, WarmAndCold};
use crate::module::Module;
use crate::sample::{self, Times};
use crate::stage::{Place, Stage, make_folder};
use crate::subject::Subject;
use crate::surroundings;

/// What was measured of one module with so many users.
pub(crate) struct Timed {
    pub(crate) module: Module,
    pub(crate) place: Place,
    pub(crate) users: u32,
    pub(crate) times: WarmAndCold<Times>,
}

/// What does not depend on the disk.
pub(crate) struct Counted {
    pub(crate) module: Module,
    pub(crate) users: u32,
    pub(crate) calls: Option<WarmAndCold<Calls>>,
    pub(crate) code: Option<Code>,
    /// Page faults of a cold sign-in, the fewest of several.
    pub(crate) faults: u64,
    /// KiB that a process grows by: resident, and its share of what it shares.
    pub(crate) memory: (i64, i64),
}

/// What does not even depend on a sign-in.
pub(crate) struct Library {
    pub(crate) module: Module,
    pub(crate) bytes: u64,
    /// All that the linker loads with it, besides itself.
    pub(crate) links: Vec<String>,
}

/// Everything.
pub(crate) struct Figures {
    pub(crate) many: u32,
    pub(crate) timed: Vec<Timed>,
    pub(crate) counted: Vec<Counted>,
    pub(crate) libraries: Vec<Library>,
}

/// Measures everything.
pub(crate) fn gather(arguments: &Arguments) -> Figures {
    surroundings::enter();
    let scratch = &arguments.scratch;
    // What an earlier run left that was killed.
    let _ = fs::remove_dir_all(scratch);
    make_folder(scratch, 0o755);
    let modules: Vec<Module> = Module::ALL
        .into_iter()
        .filter(|module| module.is_installed())
        .collect();
    let mut figures = Figures {
        many: arguments.users,
        timed: Vec::new(),
        counted: Vec::new(),
        libraries: modules
            .iter()
            .map(|module| library(*module, &arguments.module))
            .collect(),
    };
    for place in Place::ALL {
        say(&format!(
            "enrolling {} people on {}",
            arguments.users,
            place.name()
        ));
        let stages =
            [1, arguments.users].map(|users| Stage::set(place, users, scratch, &arguments.module));
        let subjects: Vec<Subject<'_>> = stages
            .iter()
            .flat_map(|stage| {
                modules
                    .iter()
                    .map(move |module| Subject::new(*module, stage))
            })
            // The floor is the same however many there are.
            .filter(|subject| subject.module != Module::Permit || subject.stage.users == 1)
            .collect();
        figures.timed.extend(time(&subjects, arguments.rounds));
        if place == Place::Tmpfs {
            figures
                .counted
                .extend(subjects.iter().map(|subject| count(subject, arguments)));
        }
    }
    let _ = fs::remove_dir_all(scratch);
    figures
}

fn time(subjects: &[Subject<'_>], rounds: usize) -> Vec<Timed> {
    say(&format!("{rounds} rounds, warm and cold"));
    let warm = sample::warm(subjects, rounds);
    let cold = sample::cold(subjects, rounds);
    subjects
        .iter()
        .zip(warm.into_iter().zip(cold))
        .map(|(subject, (warm, cold))| Timed {
            module: subject.module,
            place: subject.stage.place,
            users: subject.stage.users,
            times: WarmAndCold { warm, cold },
        })
        .collect()
}

fn count(subject: &Subject<'_>, arguments: &Arguments) -> Counted {
    let mut guest = subject.invite();
    let before = guest.memory();
    guest.obey(&subject.order_to_load());
    guest.obey(&subject.order(10));
    let after = guest.memory();
    if arguments.counts {
        say(&format!(
            "counting {} with {}",
            subject.module.name(),
            subject.stage.users
        ));
    }
    let folder = arguments.anatomy.as_ref().unwrap_or(&arguments.scratch);
    let counts = arguments.counts;
    Counted {
        module: subject.module,
        users: subject.stage.users,
        calls: counts.then(|| count::calls(subject, folder)).flatten(),
        code: counts.then(|| count::code(subject, folder)).flatten(),
        faults: (0..5)
            .map(|_| subject.invite().faults(subject))
            .min()
            .unwrap_or_default(),
        memory: (after.0 - before.0, after.1 - before.1),
    }
}

fn library(module: Module, ours: &Path) -> Library {
    let file = match module {
        Module::Antiphon => ours.to_owned(),
        others => others.file().into(),
    };
    Library {
        module,
        bytes: fs::metadata(&file).unwrap().len(),
        links: linked(&file),
    }
}

/// All that the linker loads with this file.
pub(crate) fn linked(file: &Path) -> Vec<String> {
    let listed = Command::new("ldd")
        .arg(file)
        .output()
        .expect("ldd of libc-bin");
    String::from_utf8_lossy(&listed.stdout)
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        // The kernel's and the linker itself.
        .filter(|name| !name.starts_with("linux-vdso") && !name.contains("ld-linux"))
        .map(str::to_owned)
        .collect()
}

/// Progress, not a result.
pub(crate) fn say(text: &str) {
    eprintln!("bench: {text}");
}
