//! An error response: a status and one sentence.

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::body::Json;
use crate::random::NoRandomness;
use crate::seldom::Seldom;
use crate::store::StoreError;

/// The response to the phone.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    sentence: Cow<'static, str>,
    retry_after: Option<u64>,
}

#[derive(Serialize)]
struct Error<'a> {
    error: &'a str,
}

impl Refusal {
    pub(super) const NOT_HERE: Self = Self::new(StatusCode::NOT_FOUND, "there is nothing here");
    pub(super) const WRONG_METHOD: Self =
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "not by this method");
    pub(super) const UNKNOWN_TOKEN: Self = Self::new(
        StatusCode::UNAUTHORIZED,
        "this token is not known: renew it, or enrol",
    );
    pub(super) const PROVISIONAL: Self =
        Self::new(StatusCode::FORBIDDEN, "this phone is not enrolled yet");
    pub(super) const GONE: Self = Self::new(
        StatusCode::NOT_FOUND,
        "there is no such sign-in, or it has gone",
    );
    pub(super) const ANSWERED: Self =
        Self::new(StatusCode::CONFLICT, "this sign-in has been answered");
    pub(super) const AWAY: Self = Self::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "the other relays cannot be reached now; try again",
    );
    pub(super) const NO_TICKET: Self = Self::new(
        StatusCode::NOT_FOUND,
        "this ticket is unknown, expired or used",
    );
    pub(super) const TICKET_ANSWERED: Self = Self::new(
        StatusCode::CONFLICT,
        "another phone has answered this ticket",
    );
    pub(super) const OTHER_BROWSER: Self = Self::new(
        StatusCode::FORBIDDEN,
        "this browser was not sent there from here, or has come back before",
    );
    pub(super) const NO_PROVIDER: Self = Self::new(
        StatusCode::BAD_GATEWAY,
        "the account's provider cannot be reached",
    );
    pub(super) const ENDING: Self =
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "the daemon is ending");

    pub(super) const fn new(status: StatusCode, sentence: &'static str) -> Self {
        Self {
            status,
            sentence: Cow::Borrowed(sentence),
            retry_after: None,
        }
    }

    /// 422.
    pub(super) const fn form(sentence: &'static str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, sentence)
    }

    pub(super) fn with_words(status: StatusCode, sentence: String) -> Self {
        Self {
            status,
            sentence: Cow::Owned(sentence),
            retry_after: None,
        }
    }

    /// 429.
    pub(super) fn too_many(retry_after: u64) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too many tries")
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        static SELDOM: Seldom = Seldom::new();
        SELDOM.fail(format_args!("a phone was refused: {error}"));
        match error {
            StoreError::Unavailable(_) => Self {
                retry_after: Some(5),
                ..Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "nothing can be stored now; try again later",
                )
            },
            StoreError::Indeterminate(_) => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "whether this was stored is not known; look, and try again",
            ),
            StoreError::Conflict => Self::new(
                StatusCode::CONFLICT,
                "something else was quicker; look, and try again",
            ),
        }
    }
}

impl From<NoRandomness> for Refusal {
    fn from(_: NoRandomness) -> Self {
        static SELDOM: Seldom = Seldom::once_a_minute();
        SELDOM.fail(format_args!("the kernel gives no random bytes"));
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "try again later")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let error = Error {
            error: &self.sentence,
        };
        let mut response = (self.status, Json(error)).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            let bearer = HeaderValue::from_static("Bearer");
            headers.insert(header::WWW_AUTHENTICATE, bearer);
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
