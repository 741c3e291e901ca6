//! The bytes of a file, whatever they are, as JSON.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes that need not be UTF-8: as text, each is the character with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Bytes {
    /// Each byte as one character: what is inserted or taken out as ASCII leaves all other bytes as they are.
    pub(crate) fn text(&self) -> String {
        self.0.iter().copied().map(char::from).collect()
    }

    /// The reverse of [`Self::text`]; `None` if `text` has characters that are no bytes.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        let bytes = text.chars().map(|letter| u8::try_from(letter).ok());
        bytes.collect::<Option<Vec<u8>>>().map(Self)
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::of_text(&text).ok_or_else(|| serde::de::Error::custom("no bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::Bytes;

    #[test]
    fn all_bytes_come_back_from_json_as_they_were() {
        let all = Bytes((0..=255).collect());
        let json = serde_json::to_string(&all).unwrap();
        assert_eq!(serde_json::from_str::<Bytes>(&json).unwrap(), all);
        assert!(serde_json::from_str::<Bytes>("\"\u{20ac}\"").is_err());
    }
}
