//! What relays tell each other: hints, of which each says where to look.

use serde::{Deserialize, Serialize};

use crate::push::base64url;

/// The most bytes that a notification can have (`NOTIFY` of PostgreSQL).
const LONGEST: usize = 7999;

/// One thing that has happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum News {
    /// There is a request for the phones of `user`.
    Opened { user: String, id: String },
    /// A phone has answered.
    Answered {
        user: String,
        id: String,
        #[serde(with = "base64url")]
        credential: Vec<u8>,
    },
    /// A request is over.
    Ended {
        user: String,
        id: String,
        /// As phones are told.
        outcome: String,
    },
    /// Something has become of a ticket.
    Ticket {
        #[serde(with = "base64url")]
        name: Vec<u8>,
    },
    /// A token of this phone is no longer valid.
    HangUp {
        #[serde(with = "base64url")]
        credential: Vec<u8>,
    },
}

/// What is sent.
#[derive(Debug, Serialize, Deserialize)]
struct Notice {
    /// The relay that says so: it knows already.
    from: String,
    #[serde(flatten)]
    news: News,
}

impl News {
    /// What to send; `None` if it is too long for that.
    pub(super) fn write(self, from: &str) -> Option<String> {
        let notice = Notice {
            from: from.to_owned(),
            news: self,
        };
        let text = serde_json::to_string(&notice).ok()?;
        (text.len() <= LONGEST).then_some(text)
    }

    /// What was sent; `None` if it came from `own`, or a later version says what we do not know.
    pub(super) fn read(text: &str, own: &str) -> Option<Self> {
        let notice: Notice = serde_json::from_str(text).ok()?;
        (notice.from != own).then_some(notice.news)
    }
}

#[cfg(test)]
mod tests {
    use super::News;

    #[test]
    fn news_are_heard_by_all_but_their_sender() {
        let opened = || News::Opened {
            user: "åsa".into(),
            id: "abc".into(),
        };
        let longest = News::Answered {
            user: "a".repeat(256),
            id: "abc".into(),
            credential: vec![0xff; crate::store::LONGEST_CREDENTIAL],
        };
        for news in [opened(), longest] {
            let sent = news.clone().write("one").unwrap();
            assert_eq!(News::read(&sent, "two"), Some(news));
            assert_eq!(News::read(&sent, "one"), None);
        }
        let later = r#"{"from":"one","moved":{"to":"two"}}"#;
        for odd in ["", "{}", later] {
            assert_eq!(News::read(odd, "two"), None, "{odd}");
        }
        let endless = News::HangUp {
            credential: vec![1; 8000],
        };
        assert_eq!(endless.write("one"), None);
        // As the engine itself writes it.
        let swept =
            r#"{"from" : "", "ended" : {"user" : "anna", "id" : "abc", "outcome" : "expired"}}"#;
        let ended = News::Ended {
            user: "anna".into(),
            id: "abc".into(),
            outcome: "expired".into(),
        };
        assert_eq!(News::read(swept, "two"), Some(ended));
    }
}
