//! A browser that opens the page of an account, as API.md says.

use antiphon_core::account::page_code;
use antiphon_core::approval::ApprovalRequest;
use antiphon_core::wire::{ByAccount, FromDaemon, Hints, ToDaemon};
use serde_json::{Value, json};

use super::idp::{Idp, parameters};
use crate::http::Answer;
use crate::phone::random;
use crate::root::request;
use crate::{Root, Web};

/// It has this cookie.
#[derive(Default)]
pub(super) struct Browser {
    pub(super) cookie: Option<String>,
    /// What a proxy says of where it is.
    pub(super) from: Option<&'static str>,
}

impl Browser {
    pub(super) fn post(&self, path: &str, body: &Value) -> Answer {
        let cookie = self
            .cookie
            .as_ref()
            .map(|cookie| format!("Cookie: other=1; {cookie}\r\n"));
        let from = self.from.map(|from| format!("X-Forwarded-For: {from}\r\n"));
        let more = [cookie, from].into_iter().flatten().collect::<String>();
        let path = format!("/api/account/{path}");
        Web::default().say("POST", &path, &more, Some(&body.to_string()))
    }

    /// Types the number, and keeps the cookie. Where it is sent.
    pub(super) fn begin(&mut self, asked: &ByAccount, number: &str) -> String {
        let code = page_code(&asked.request);
        self.begin_with(&json!({"code": code, "number": number}))
    }

    pub(super) fn begin_with(&mut self, body: &Value) -> String {
        let answer = self.post("begin", body);
        assert_eq!(answer.status, 200, "{answer:?}");
        let cookie = answer.header("set-cookie").unwrap();
        self.cookie = Some(cookie.split(';').next().unwrap().to_owned());
        answer.json()["location"].as_str().unwrap().to_owned()
    }

    /// Comes back with a code for this address.
    pub(super) fn come_back(&self, address: &str) -> Answer {
        let state = &parameters(address)["state"];
        self.post(
            "callback",
            &json!({"provider": "kmh", "state": state, "code": "code-1"}),
        )
    }
}

/// A sign-in of `alice`, as root asks for it.
pub(super) fn asked(idp: &Idp) -> ByAccount {
    ByAccount {
        request: ApprovalRequest {
            // The one before it may still be on its way out.
            nonce: random(32).try_into().unwrap(),
            ..request("alice", 180)
        },
        terms: idp.terms(),
        credentials: Vec::new(),
        digits: 2,
        check_digits: true,
        hints: Hints::default(),
    }
}

/// Asks, and is told that it waits.
pub(super) fn ask(asked: &ByAccount) -> Root {
    let mut root = Root::say(&ToDaemon::ApproveByAccount(asked.clone()));
    assert_eq!(root.hear(), Some(FromDaemon::Waiting { phones: 0 }));
    root
}
