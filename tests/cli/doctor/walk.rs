//! What the doctor makes of a stack is what libpam makes of it: many stacks, each played by the real one.
//!
//! `pam_debug` returns what it is told to, so that a stack of it has one end. What our line says is taken for a refusal, as it
//! is for somebody who is not enrolled: the stack lets in where the doctor says that it can be jumped over, and nowhere else.

use std::collections::BTreeMap;
use std::fs;

use antiphon_tests::{PamHost, World, in_world};
use serde_json::Value;

use crate::command::antiphon;

/// Numbers that are the same in each run (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides).unwrap()).unwrap()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }
}

const VALUES: &[&str] = &[
    "success",
    "success",
    "success",
    "auth_err",
    "ignore",
    "user_unknown",
    "new_authtok_reqd",
    "cred_err",
];
const CONTROLS: &[&str] = &[
    "required",
    "required",
    "requisite",
    "sufficient",
    "optional",
    "[success=1 default=ignore]",
    "[success=2 default=ignore]",
    "[success=1 default=die]",
    "[success=done default=bad]",
    "[default=ok]",
    "[default=done]",
    "[success=ok ignore=reset default=bad]",
    "[default=reset]",
    "[success=ok new_authtok_reqd=ok ignore=ignore default=bad]",
    "[ignore=ok default=ignore]",
    "[default=3]",
    "[success=0]",
    "requird",
];

/// A line: as a rule one that calls `pam_debug`.
fn line(dice: &mut Dice, depth: usize) -> String {
    match dice.roll(24) {
        0 => "auth required pam_permit.so".to_owned(),
        1 => "auth requisite pam_deny.so".to_owned(),
        2 => format!("auth {} pam_no_such_module.so", dice.pick(CONTROLS)),
        3 => format!("-auth {} pam_no_such_module.so", dice.pick(CONTROLS)),
        4 => format!("auht {} pam_permit.so", dice.pick(CONTROLS)),
        5 => format!(
            "auth {}",
            dice.pick(&["required", "sufficient", "include", "substack", ""])
        ),
        6..=8 if depth == 0 => format!("auth substack walk-file-{}", dice.roll(40)),
        9..=10 if depth == 0 => format!("auth include walk-file-{}", dice.roll(41)),
        11 if depth == 0 => format!("@include walk-file-{}", dice.roll(41)),
        12 if depth == 0 && dice.roll(3) == 0 => "auth substack walk-file-none".to_owned(),
        13 if depth == 0 && dice.roll(3) == 0 => "@include walk-file-none".to_owned(),
        _ => format!(
            "auth {} pam_debug.so auth={}",
            dice.pick(CONTROLS),
            dice.pick(VALUES)
        ),
    }
}

fn lines(dice: &mut Dice, depth: usize, most: usize) -> String {
    let count = 1 + dice.roll(most);
    let lines = (0..count).map(|_| line(dice, depth) + "\n");
    lines.collect()
}

/// The verdict of each service.
fn verdicts(world: &World) -> BTreeMap<String, String> {
    let object = antiphon(world, "doctor --json").object();
    let services = object["services"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    services
        .map(|service| (text(&service["service"]), text(&service["verdict"])))
        .collect()
}

#[test]
fn what_the_doctor_says_of_a_stack_is_what_libpam_makes_of_it() {
    const STACKS: usize = 1000;
    in_world(|world| {
        let mut dice = Dice(0x2545_f491_4f6c_dd1d);
        for number in 0..40 {
            let text = lines(&mut dice, 1, 4);
            fs::write(format!("/etc/pam.d/walk-file-{number}"), text).unwrap();
        }
        let mut stacks = BTreeMap::new();
        for number in 0..STACKS {
            let name = format!("walk-{number:04}");
            let before = lines(&mut dice, 0, 4);
            // A third of them without our line: then it is seen whether they are open at all.
            let ours = match dice.roll(6) {
                0 | 1 => String::new(),
                2 => format!("auth {} pam_antiphon.so\n", dice.pick(CONTROLS)),
                _ => "auth required pam_antiphon.so\n".to_owned(),
            };
            let after = if dice.roll(2) == 0 {
                lines(&mut dice, 0, 3)
            } else {
                "auth required pam_permit.so\n".to_owned()
            };
            let text = format!("{before}{ours}{after}");
            world.pam(&name, &text);
            stacks.insert(name, text);
        }
        let verdicts = verdicts(world);
        let mut seen = BTreeMap::new();
        for (name, text) in &stacks {
            let played = PamHost::of_service(world, name, "alice").play();
            let is_open = played.results() == ["PAM_SUCCESS"];
            let verdict = verdicts[name].as_str();
            let has_ours = text.contains("pam_antiphon.so");
            let expected = match verdict {
                "can-be-jumped-over" | "does-not-ask" => true,
                "asks" | "locks-out" => false,
                other => panic!("{other}"),
            };
            assert_eq!(
                is_open,
                expected,
                "{name} ({has_ours}): {verdict}, and libpam says {:?}:\n{text}",
                played.results()
            );
            *seen.entry(verdict.to_owned()).or_insert(0) += 1;
        }
        println!("{seen:?}");
        assert!(
            seen.len() == 4 && seen.values().all(|count| *count >= 20),
            "{seen:?}"
        );
    });
}
