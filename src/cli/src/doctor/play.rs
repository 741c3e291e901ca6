//! What one person would be asked at one service, without asking: the lines before ours, and the dialogue of the module
//! with this person's record and state.

use antiphon_core::config::{Config, Mode};
use antiphon_core::dialogue::{Dialogue, Heard, ShownRequest, Step};
use antiphon_core::name::UserName;
use antiphon_core::origin::Origin;
use antiphon_core::policy::{self, Newcomer, SignIn};
use antiphon_core::program::has_one_thread;
use antiphon_core::record::Record;
use antiphon_core::text::Language;
use antiphon_core::way;
use nix::unistd::User;
use serde::Serialize;
use zeroize::Zeroizing;

use super::pam::{Role, Service};
use crate::check::member_of;
use crate::clock;
use crate::finding::At;
use crate::house::House;
use crate::pause::PauseObject;
use crate::rollout;
use crate::standing::Standing;
use crate::zone::Zone;

/// An example of a number; as many digits are shown as are configured.
const NUMBER: &str = "428193";
/// A limit on steps; no dialogue has more before anything is typed.
const MOST_STEPS: usize = 8;

/// A sign-in that was played through.
#[derive(Debug, Serialize)]
pub(crate) struct Played {
    user: String,
    pub(crate) scenes: Vec<Scene>,
}

/// One event of it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Scene {
    /// The line that causes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<At>,
    pub(crate) says: String,
    /// What the person sees, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) shown: Option<String>,
}

impl Scene {
    fn new(says: impl Into<String>) -> Self {
        Self {
            at: None,
            says: says.into(),
            shown: None,
        }
    }

    fn shown(says: impl Into<String>, text: String) -> Self {
        Self {
            shown: Some(text),
            ..Self::new(says)
        }
    }
}

impl Played {
    pub(crate) fn user(&self) -> &str {
        &self.user
    }
}

/// Plays the sign-in of `user` at `service`.
pub(crate) fn play(user: &UserName, service: &Service, house: &House, zone: &Zone) -> Played {
    let mut scenes = before_us(service);
    match service.ours().next() {
        None => scenes.push(Scene::new("pam_antiphon is not called: no second factor")),
        Some(ours) => {
            let standing = Standing::of(user, house);
            let person = Person {
                user,
                service: &service.name,
                house,
                zone,
                standing: &standing,
            };
            let mut asked = person.scenes();
            if let Some(first) = asked.first_mut() {
                first.at = Some(ours.at.clone());
            }
            scenes.extend(asked);
        }
    }
    Played {
        user: user.to_string(),
        scenes,
    }
}

/// What the lines before ours ask for.
fn before_us(service: &Service) -> Vec<Scene> {
    let before = service
        .stack
        .steps
        .iter()
        .take_while(|step| !step.is_ours());
    before
        .filter_map(|step| {
            let name = step.module()?.name().to_owned();
            let says = match step.role()? {
                Role::FirstFactor => {
                    format!("{name} asks for the password or its equivalent")
                }
                Role::Unknown => format!("{name} may ask for something"),
                _ => return None,
            };
            Some(Scene {
                at: Some(step.at.clone()),
                ..Scene::new(says)
            })
        })
        .collect()
}

/// Who signs in, and where.
struct Person<'a> {
    user: &'a UserName,
    service: &'a str,
    house: &'a House,
    zone: &'a Zone,
    standing: &'a Standing,
}

impl Person<'_> {
    fn scenes(&self) -> Vec<Scene> {
        let config = &self.house.config;
        let mut scenes = Vec::new();
        match config.mode {
            Mode::Enforce => {}
            Mode::EnforceAfterSuccess if !self.standing.is_untried() => {}
            Mode::EnforceAfterSuccess => scenes.push(Scene::new(
                "this person has never succeeded, and until then is let in whatever the answer is (mode = \
                 \"enforce-after-success\"):",
            )),
            Mode::Rehearse => scenes.push(Scene::new(
                "pam_antiphon lets in whatever the answer is (mode = \"rehearse\"):",
            )),
            Mode::Observe => scenes.push(Scene::new(
                "pam_antiphon does not ask (mode = \"observe\"); with \"enforce\":",
            )),
        }
        let groups = member_of(self.user.as_str(), &config.exempt.groups);
        let sign_in = SignIn {
            service: self.service,
            remote_host: "",
            groups: &groups,
        };
        if let Some(exemption) = policy::exempted(config, sign_in) {
            let rule = exemption.rule().word();
            scenes.push(Scene::new(format!("pam_antiphon does not ask ({rule})")));
            return scenes;
        }
        if config
            .exempt
            .network
            .iter()
            .any(|rule| rule.is_for(self.service))
        {
            scenes.push(Scene::new(
                "pam_antiphon does not ask people from the networks in [[exempt.network]]; it asks others:",
            ));
        }
        match &self.standing.record {
            Err(failure) => scenes.push(Scene::new(format!("pam_antiphon refuses: {failure}"))),
            Ok(record) => scenes.extend(self.by_record(record.as_ref(), sign_in)),
        }
        scenes
    }

    fn by_record(&self, record: Option<&Record>, sign_in: SignIn<'_>) -> Vec<Scene> {
        let config = &self.house.config;
        match record {
            Some(record) if !record.is_beginning() || way::has_any(record, config) => {
                if way::has_any(record, config) {
                    self.asked(record)
                } else {
                    vec![Scene::new(
                        "pam_antiphon refuses: the record has no method that is allowed here",
                    )]
                }
            }
            _ => vec![self.unenrolled(record, sign_in)],
        }
    }

    fn unenrolled(&self, record: Option<&Record>, sign_in: SignIn<'_>) -> Scene {
        let config = &self.house.config;
        let now = clock::now();
        let rule = match rollout::of_name(self.user.as_str(), config, now) {
            Ok(applies) => applies.unenrolled,
            Err(unclear) => return Scene::new(format!("pam_antiphon refuses: {unclear}")),
        };
        let groups = member_of(self.user.as_str(), &config.enroll.groups);
        let newcomer = Newcomer {
            rule,
            is_the_name_of_its_uid: self.is_the_name_of_its_uid(),
            groups: &groups,
        };
        if let Ok(exemption) = policy::unenrolled(newcomer) {
            let rule = exemption.rule().word();
            return Scene::new(format!("pam_antiphon does not ask ({rule})"));
        }
        match policy::may_enrol(config, sign_in, newcomer, record, now) {
            Ok(may) if may.number_first() => Scene::new(
                "pam_antiphon sends a code to the number on file, and then guides the person through enrolment",
            ),
            Ok(_) => Scene::new("pam_antiphon guides the person through enrolment"),
            Err(refusal) => {
                let fix = refusal.fix(&self.user.shell_word()).unwrap_or_default();
                Scene::new(format!("pam_antiphon refuses ({}); {fix}", refusal.word()))
            }
        }
    }

    fn is_the_name_of_its_uid(&self) -> bool {
        let known = User::from_name(self.user.as_str()).ok().flatten();
        known.is_some_and(
            |known| matches!(User::from_uid(known.uid), Ok(Some(first)) if first.name == known.name),
        )
    }

    /// The dialogue up to the first prompt, and what typing `?` shows.
    fn asked(&self, record: &Record) -> Vec<Scene> {
        let config = &self.house.config;
        let now = clock::now();
        let mut scenes = Vec::new();
        for pause in self.standing.pauses(self.house, now) {
            let words = PauseObject::new(&pause).in_words(self.user, self.zone);
            scenes.push(Scene::new(format!("the phone is {words}")));
        }
        let look = self.standing.first_look(self.house, now, self.service);
        let by_enter = !has_one_thread(self.service);
        let (mut dialogue, mut step) =
            Dialogue::begin(record, config, self.service, look, by_enter);
        let language = record.language.unwrap_or(config.language);
        let mut is_list = false;
        for _ in 0..MOST_STEPS {
            let heard = match step {
                Step::CallPhone => {
                    scenes.push(Scene::new(called(record)));
                    Heard::Called
                }
                Step::Ask => {
                    let prompt = prompt(&dialogue, config, language);
                    if is_list {
                        scenes.push(Scene::shown("after typing ?", prompt));
                        break;
                    }
                    scenes.push(Scene::shown("pam_antiphon asks", prompt));
                    is_list = true;
                    Heard::Typed {
                        typed: Zeroizing::new(b"?".to_vec()),
                        by_program: None,
                    }
                }
                Step::CallAccount(way) => {
                    scenes.push(Scene::new(format!(
                        "the account at {} is asked; number and address are examples",
                        way.provider.name
                    )));
                    let user = self.user.as_str();
                    // By su, and by sshd, it may be anybody.
                    let caller = match self.service {
                        "sshd" | "su" | "su-l" => "",
                        _ => user,
                    };
                    let origin = Origin {
                        caller,
                        ..Origin::default()
                    };
                    let check_digits = way.provider.wants_check_digits(origin, user);
                    Heard::AccountCalled { way, check_digits }
                }
                Step::HearApproval { .. } => Heard::Waits,
                Step::End(end) => {
                    if !is_list {
                        let word = end.outcome.word();
                        let reason = end.outcome.reason().unwrap_or_default();
                        scenes.push(Scene::new(format!(
                            "pam_antiphon refuses ({word} {reason})"
                        )));
                    }
                    break;
                }
                // None of them follows a question mark.
                Step::Send(_) | Step::Judge { .. } | Step::JudgeAccount(_) => break,
            };
            step = dialogue.next(heard);
        }
        scenes
    }
}

fn called(record: &Record) -> String {
    let names = record.shown_phone_names();
    format!(
        "the phone is called ({}); the number is an example",
        names.join(", ")
    )
}

fn prompt(dialogue: &Dialogue<'_>, config: &Config, language: Language) -> String {
    let address = format!("{}/a/abcde-fghij", config.page.shown());
    let shown = ShownRequest {
        number: NUMBER
            .get(..config.number_digits.into())
            .unwrap_or_default(),
        address: &address,
    };
    dialogue.prompt(Some(shown).filter(|_| dialogue.is_called()), language)
}
