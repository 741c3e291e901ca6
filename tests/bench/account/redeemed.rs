//! From the provider to the sign-in: the provider has its answer to the code ready, and `pam_authenticate` returns.

use std::time::Instant;

use antiphon_core::account::Algorithm;
use serde_json::{Value, json};

use super::provider::{Due, Provider};
use super::web::{Answer, Web};
use crate::arguments::Arguments;
use crate::figures::say;
use crate::phone::person::{Person, Program};
use crate::phone::probe::Probe;
use crate::phone::stage::Stage;
use crate::sample::Times;
use crate::stage::Place;

/// Sign-ins before those that count.
const WARM_UP: usize = 10;
/// As many as a state keeps of the approvals by account that could still be open; with more, none is accepted.
const ROOM: usize = 8;
/// Who has an account and no phone.
const USER: &str = "account";
const ID: u32 = 1900;

/// What was measured.
pub(super) struct Measured {
    pub(super) place: Place,
    pub(super) algorithm: Algorithm,
    pub(super) times: Times,
    /// What writing one slot and its fdatasync take by themselves.
    pub(super) sync: Times,
    /// What all checks of the same tokens take by themselves, in this process.
    pub(super) verification: Times,
}

/// Measures tokens of either kind.
pub(super) fn measure(
    stage: &Stage<'_>,
    provider: &Provider,
    arguments: &Arguments,
) -> Vec<Measured> {
    provider.store_keys();
    [Algorithm::Rs256, Algorithm::Es256]
        .into_iter()
        .map(|algorithm| {
            let rounds = arguments.rounds;
            say(&format!(
                "{rounds} approvals by account, {}",
                algorithm.name()
            ));
            let mut probe = Probe::new(&stage.folder);
            let mut person = Person::sit_down(&stage.module, Program::Sudo, USER);
            let (mut times, mut syncs, mut checks) = (Vec::new(), Vec::new(), Vec::new());
            for round in 0..WARM_UP + rounds {
                if round % ROOM == 0 {
                    enrol(stage);
                }
                let spent = approve(&mut person, provider, algorithm);
                let sync = probe.sync();
                if round >= WARM_UP {
                    times.push(spent.whole);
                    checks.push(spent.verification);
                    syncs.push(sync);
                }
            }
            Measured {
                place: stage.place,
                algorithm,
                times: Times::of(times),
                sync: Times::of(syncs),
                verification: Times::of(checks),
            }
        })
        .collect()
}

/// Makes a new record and state.
fn enrol(stage: &Stage<'_>) {
    stage.add_person(USER, ID, |record| {
        record.accounts.push(Provider::account());
    });
    // What is still to be written would hold up the next sign-in.
    nix::unistd::sync();
}

/// Nanoseconds.
struct Spent {
    whole: u64,
    verification: u64,
}

/// A whole sign-in.
fn approve(person: &mut Person, provider: &Provider, algorithm: Algorithm) -> Spent {
    let shown = person.begin_by_account();
    let begun = post(
        "begin",
        "",
        &json!({"code": shown.code, "number": shown.number}),
    );
    let cookie = begun.header("set-cookie").expect("a cookie");
    let (cookie, _) = cookie.split_once(';').unwrap();
    let location = begun.json()["location"].as_str().unwrap().to_owned();
    let [state, nonce] = ["state", "nonce"].map(|name| parameter(&location, name));
    let nonce = nonce.to_owned();
    provider.will_give(Due {
        algorithm,
        nonce: nonce.clone(),
    });
    let back = json!({"provider": "kmh", "state": state, "code": "code-1"});
    post("callback", &format!("Cookie: {cookie}\r\n"), &back);
    let redeemed = provider.gave();
    let whole = person.returned() - redeemed.at;
    let begun = Instant::now();
    provider.verify(&redeemed.token, &nonce);
    let verification = u64::try_from(begun.elapsed().as_nanos()).unwrap();
    Spent {
        whole,
        verification,
    }
}

/// What the page says, with this line more in its head.
fn post(path: &str, more: &str, body: &Value) -> Answer {
    let path = format!("/api/account/{path}");
    let answer = Web::default().say("POST", &path, more, Some(&body.to_string()));
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer
}

/// A parameter of an address; none of them has anything that is written in another way there.
fn parameter<'a>(address: &'a str, name: &str) -> &'a str {
    let (_, query) = address.split_once('?').unwrap();
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(found, _)| *found == name).unwrap().1
}
