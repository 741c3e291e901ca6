//! Bytes in JSON: base64url, as WebAuthn uses it.

/// Bytes of any length.
pub(crate) mod bytes {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::base64url;

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&base64url::encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        base64url::decode(&text).ok_or_else(|| D::Error::custom("not base64url"))
    }
}

/// Bytes of fixed length; as they are where nobody reads the text.
pub(crate) mod array {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer, const N: usize>(
        bytes: &[u8; N],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            super::bytes::serialize(bytes, serializer)
        } else {
            serializer.serialize_bytes(bytes)
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        deserializer: D,
    ) -> Result<[u8; N], D::Error> {
        let array = if deserializer.is_human_readable() {
            super::bytes::deserialize(deserializer)?.try_into().ok()
        } else {
            <&[u8]>::deserialize(deserializer)?.try_into().ok()
        };
        array.ok_or_else(|| D::Error::custom("not so many bytes"))
    }
}

/// A list of byte strings.
pub(crate) mod list_of_bytes {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::base64url;

    pub(crate) fn serialize<S: Serializer>(
        list: &[Vec<u8>],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(list.iter().map(|bytes| base64url::encode(bytes)))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Vec<u8>>, D::Error> {
        Vec::<String>::deserialize(deserializer)?
            .iter()
            .map(|text| base64url::decode(text).ok_or_else(|| D::Error::custom("not base64url")))
            .collect()
    }
}
