//! The spoken digits that calls are made of: the files in `src/daemon/sounds`, fetched by a telephone operator.
//!
//! They are not personal: a request for a seven reveals nothing, since operators cache the files. They were made with
//! espeak-ng 1.51: WAV, 8 kHz, 16 bits, mono, the format of telephony.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::get;

macro_rules! spoken {
    ($($language:literal: $($name:literal)*;)*) => {
        [$($((
            concat!("/sounds/", $language, "/", $name, ".wav"),
            include_bytes!(concat!("../../sounds/", $language, "/", $name, ".wav")).as_slice(),
        )),*),*]
    };
}

static FILES: &[(&str, &[u8])] = &spoken! {
    "en": "hello" "code" "again" "0" "1" "2" "3" "4" "5" "6" "7" "8" "9";
    "sv": "hello" "code" "again" "0" "1" "2" "3" "4" "5" "6" "7" "8" "9";
};

/// The routes of the sound files.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    FILES.iter().fold(Router::new(), |router, (path, bytes)| {
        let answer = async move || {
            let mut response = bytes.into_response();
            let headers = response.headers_mut();
            let kind = HeaderValue::from_static("audio/wav");
            headers.insert(header::CONTENT_TYPE, kind);
            let kept = HeaderValue::from_static("public, max-age=86400");
            headers.insert(header::CACHE_CONTROL, kept);
            response
        };
        router.route(path, get(answer))
    })
}

#[cfg(test)]
mod tests {
    use super::FILES;

    #[test]
    fn every_sound_is_speech_as_a_telephone_has_it() {
        assert_eq!(FILES.len(), 26);
        for (path, bytes) in FILES {
            let field = |at: usize, length: usize| &bytes[at..at + length];
            assert_eq!(
                (field(0, 4), field(8, 8)),
                (&b"RIFF"[..], &b"WAVEfmt "[..]),
                "{path}"
            );
            // PCM, mono, 8,000 samples per second, 16 bits.
            assert_eq!(field(20, 8), [1, 0, 1, 0, 0x40, 0x1f, 0, 0], "{path}");
            assert_eq!(field(34, 6), [16, 0, b'd', b'a', b't', b'a'], "{path}");
            let length = u32::from_le_bytes(field(40, 4).try_into().unwrap()) as usize;
            assert_eq!(bytes.len(), 44 + length, "{path}");
            let samples = bytes[44..].chunks_exact(2);
            let loudest = samples.map(|pair| i16::from_le_bytes([pair[0], pair[1]]).unsigned_abs());
            assert!(loudest.max().unwrap() > 10_000, "{path}");
        }
    }
}
