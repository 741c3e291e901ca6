//! Figures about the daemon for Prometheus: counted where things happen, shown at an address of their own.
//!
//! Counting is one atomic addition. Labels have only the words listed here: nothing that a phone, a person or a network
//! says becomes one, so there is no end of them, and no name is shown.

mod door;
mod family;

use antiphon_core::exposition::{Exposition, Kind};
use antiphon_core::record::TelephoneUse;
use antiphon_core::time::UnixTime;
use axum::http::StatusCode;

pub(crate) use door::Door;
use family::Family;

use crate::clock;
use crate::switchboard::{Ending, Load};

/// What became of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// The push service has taken it.
    Sent,
    /// It could not be sent.
    Failed,
    /// The push service says that the subscription has ended.
    Gone,
    /// Too many were on their way.
    Dropped,
}

impl Pushed {
    const ALL: [Self; 4] = [Self::Sent, Self::Failed, Self::Gone, Self::Dropped];

    fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Gone => "gone",
            Self::Dropped => "dropped",
        }
    }
}

/// What has happened since the start.
pub(crate) struct Metrics {
    started: UnixTime,
    opened: Family,
    answered: Family,
    ended: Family,
    pushes: Family,
    codes_sent: Family,
    codes_failed: Family,
    responses: Family,
}

impl Default for Metrics {
    fn default() -> Self {
        let by_telephone = || [TelephoneUse::Sms, TelephoneUse::Call].map(|by| by.method().word());
        Self {
            started: clock::now(),
            opened: Family::plain(
                "antiphond_requests_opened_total",
                "Sign-ins and trials of new phones that were shown to phones",
            ),
            answered: Family::by(
                "antiphond_requests_answered_total",
                "Answers of phones, and of the page of accounts, that were handed on to the module",
                "answer",
                [
                    "approved",
                    "declined",
                    "mistake",
                    "not-theirs",
                    "signed-in",
                    "not-signed-in",
                ],
            ),
            ended: Family::by(
                "antiphond_requests_ended_total",
                "How they ended, according to the module",
                "outcome",
                Ending::ALL.map(Ending::word),
            ),
            pushes: Family::by(
                "antiphond_pushes_total",
                "Push messages to phones",
                "result",
                Pushed::ALL.map(Pushed::word),
            ),
            codes_sent: Family::by(
                "antiphond_codes_sent_total",
                "One-time codes that a gateway has accepted",
                "method",
                by_telephone(),
            ),
            codes_failed: Family::by(
                "antiphond_codes_failed_total",
                "One-time codes that were not sent",
                "method",
                by_telephone(),
            ),
            responses: Family::by(
                "antiphond_http_responses_total",
                "Responses of the page and its API",
                "class",
                ["2xx", "3xx", "4xx", "5xx"],
            ),
        }
    }
}

impl Metrics {
    /// A request was shown to phones.
    pub(crate) fn opened(&self) {
        self.opened.count("");
    }

    /// A phone's answer was handed on.
    pub(crate) fn answered(&self, answer: &'static str) {
        self.answered.count(answer);
    }

    pub(crate) fn ended(&self, ending: Ending) {
        self.ended.count(ending.word());
    }

    pub(crate) fn pushed(&self, result: Pushed) {
        self.pushes.count(result.word());
    }

    /// A code to a telephone was accepted by its gateway, or not.
    pub(crate) fn delivered(&self, by: TelephoneUse, was_accepted: bool) {
        let family = if was_accepted {
            &self.codes_sent
        } else {
            &self.codes_failed
        };
        family.count(by.method().word());
    }

    pub(crate) fn responded(&self, status: StatusCode) {
        self.responses.count(match status.as_u16() {
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            _ => "5xx",
        });
    }

    /// The text for Prometheus.
    fn text(&self, load: Load, store_errors: u64) -> String {
        let mut text = Exposition::default();
        let build = "antiphond_build_info";
        text.family(build, Kind::Gauge, "The version that runs");
        text.labelled(build, "version", env!("CARGO_PKG_VERSION"), 1);
        let mut gauge = |name: &str, help: &str, value: u64| {
            text.family(name, Kind::Gauge, help);
            text.figure(name, value);
        };
        gauge(
            "antiphond_start_time_seconds",
            "When the daemon was started, in seconds since 1970",
            self.started.0,
        );
        gauge(
            "antiphond_requests_waiting",
            "Sign-ins that phones are asked about now",
            load.waiting as u64,
        );
        gauge(
            "antiphond_pages_open",
            "Pages of phones that are open and listen now",
            load.pages as u64,
        );
        for family in [
            &self.opened,
            &self.answered,
            &self.ended,
            &self.pushes,
            &self.codes_sent,
            &self.codes_failed,
            &self.responses,
        ] {
            family.show(&mut text);
        }
        let errors = "antiphond_store_errors_total";
        let help = "Operations of the database that failed, or may have failed";
        text.family(errors, Kind::Counter, help);
        text.figure(errors, store_errors);
        text.into_text()
    }
}
