//! One person's status according to record, state and activity, read without changing anything.

use antiphon_core::activity::Event;
use antiphon_core::dialogue::FirstLook;
use antiphon_core::disk::{StateFile, activity_file};
use antiphon_core::name::UserName;
use antiphon_core::origin::Screen;
use antiphon_core::policy;
use antiphon_core::record::Record;
use antiphon_core::state::{Bypass, Gate, Paused, SlotPair, State};
use antiphon_core::time::UnixTime;

use crate::failure::Failure;
use crate::house::House;
use crate::lock::patience;
use crate::skew::SkewObject;

/// What is known about one person; each part is an error if its file is unusable.
pub(crate) struct Standing {
    /// `None` if the person has no record.
    pub(crate) record: Result<Option<Record>, Failure>,
    /// `None` if the person has no state.
    pub(crate) state: Result<Option<SlotPair>, Failure>,
}

/// How much of a state is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    /// One of its two slots.
    Half,
    /// All of it.
    Whole,
}

impl Lost {
    /// The consequence, and the fix.
    pub(crate) fn in_words(self, user: &UserName) -> String {
        let word = user.shell_word();
        match self {
            Self::Half => format!(
                "one half of the state is unreadable, and codes up to now are refused; run: antiphon unlock {word}"
            ),
            Self::Whole => format!(
                "the state is missing or unreadable: codes up to the next sign-in and all recovery codes are refused; run: \
                 antiphon recovery {word}"
            ),
        }
    }
}

impl Standing {
    /// Reads record and state.
    pub(crate) fn of(user: &UserName, house: &House) -> Self {
        Self {
            record: house.record(user),
            state: state(user, house),
        }
    }

    /// Whether codes are checked; open if nothing is known.
    pub(crate) fn gate(&self, house: &House, now: UnixTime) -> Gate {
        self.known_state()
            .map_or(Gate::Open, |state| state.gate(&house.config, now))
    }

    /// Whether current codes are refused because one was accepted while the clock ran ahead.
    pub(crate) fn clock_was_ahead(&self, house: &House, now: UnixTime) -> bool {
        let record = self.record.as_ref().ok().and_then(Option::as_ref);
        let (Some(record), Some(state)) = (record, self.known_state()) else {
            return false;
        };
        state.clock_was_ahead(record, &house.config, now)
    }

    /// What is wrong with the state itself, if anything: the next sign-in repairs it, and refuses what may have been
    /// used.
    pub(crate) fn lost(&self) -> Option<Lost> {
        match &self.state {
            Err(_) => None,
            Ok(Some(slots)) if slots.state.is_some() => (!slots.whole).then_some(Lost::Half),
            Ok(_) => Some(Lost::Whole),
        }
    }

    /// Wrong codes in a row; 0 if nothing is known.
    pub(crate) fn in_a_row(&self) -> u32 {
        self.known_state().map_or(0, State::wrong_in_a_row)
    }

    /// How many recovery codes are left, and how many there were.
    pub(crate) fn recovery(&self) -> (u32, usize) {
        let Ok(Some(record)) = &self.record else {
            return (0, 0);
        };
        let all = record
            .recovery
            .as_ref()
            .map_or(0, |recovery| recovery.hashes.len());
        let left = self
            .known_state()
            .map_or(0, |state| state.recovery_left(record));
        (left, all)
    }

    /// The valid bypass code, if any; never from a damaged state.
    pub(crate) fn bypass(&self, now: UnixTime) -> Option<&Bypass> {
        let slots = self.state.as_ref().ok()?.as_ref()?;
        slots.state.as_ref().filter(|_| slots.whole)?.bypass(now)
    }

    /// The pauses of the person's phones in effect at `now`.
    pub(crate) fn pauses(&self, house: &House, now: UnixTime) -> Vec<Paused> {
        let has_phone = matches!(&self.record, Ok(Some(record)) if !record.phones.is_empty());
        let state = self.known_state().filter(|_| has_phone);
        state.map_or_else(Vec::new, |state| state.pauses(&house.config, now))
    }

    /// The skew between the person's app and this host, from the last code that showed it.
    pub(crate) fn skew(&self, house: &House) -> Option<SkewObject> {
        let record = self.record.as_ref().ok()?.as_ref()?;
        let skew = self.known_state()?.skew()?;
        Some(SkewObject::new(skew, record.code.as_ref()?, &house.config))
    }

    /// Whether the state is kept in memory because its file system was read-only when it was last used.
    pub(crate) fn is_in_memory(&self) -> bool {
        self.known_state().is_some_and(State::is_in_memory)
    }

    /// What the module sees of the state before it asks anything at `service`.
    pub(crate) fn first_look(&self, house: &House, now: UnixTime, service: &str) -> FirstLook {
        let screen = Screen {
            service,
            client: "",
        };
        FirstLook {
            gate: self.gate(house, now),
            now,
            is_blind: self
                .known_state()
                .is_some_and(|state| state.is_blind(screen, now)),
            recovery: self.recovery().0 > 0,
            bypass: self.bypass(now).is_some(),
            is_rehearsal: policy::is_rehearsal(&house.config, self.is_untried()),
            is_of_fleet: false,
        }
    }

    /// Whether the person has never succeeded since they were enrolled.
    pub(crate) fn is_untried(&self) -> bool {
        let record = self.record.as_ref().ok().and_then(Option::as_ref);
        let slots = self.state.as_ref().ok().and_then(Option::as_ref);
        let whole = slots.filter(|slots| slots.whole);
        let state = whole.and_then(|slots| slots.state.as_ref());
        state
            .zip(record)
            .is_some_and(|(state, record)| state.is_untried(record))
    }

    fn known_state(&self) -> Option<&State> {
        self.state.as_ref().ok()?.as_ref()?.state.as_ref()
    }
}

/// The person's events, oldest first.
pub(crate) fn events(user: &UserName, house: &House) -> Result<Vec<Event>, Failure> {
    Ok(match house.activity()? {
        Some(folder) => activity_file::load(&folder, user)?,
        None => Vec::new(),
    })
}

fn state(user: &UserName, house: &House) -> Result<Option<SlotPair>, Failure> {
    Ok(match house.states()? {
        Some(states) => StateFile::look(&states, user, &mut patience())?,
        None => None,
    })
}
