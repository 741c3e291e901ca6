//! JSON bodies: at most 16 KiB, with a time limit.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::refusal::Refusal;

/// The longest request body, in bytes.
const MOST: usize = 16 * 1024;
/// The time limit for a request body.
const PATIENCE: Duration = Duration::from_secs(10);

/// A JSON body, in either direction.
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Json<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        const TOO_LARGE: Refusal = Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body has more than 16 KiB",
        );
        let said = request
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if said.is_some_and(|length| length > MOST) {
            return Err(TOO_LARGE);
        }
        match timeout(PATIENCE, to_bytes(request.into_body(), MOST)).await {
            Ok(Ok(bytes)) => serde_json::from_slice(&bytes)
                .map(Self)
                .map_err(|_| Refusal::form("the body is not of the form that this takes")),
            // Too long, or the connection broke, in which case nobody reads this.
            Ok(Err(_)) => Err(TOO_LARGE),
            Err(_) => Err(Refusal::new(
                StatusCode::REQUEST_TIMEOUT,
                "the body came too slowly",
            )),
        }
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let Ok(json) = serde_json::to_vec(&self.0) else {
            // Only strings and numbers: this cannot fail.
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let mut response = Response::new(Body::from(json));
        let kind = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    }
}
