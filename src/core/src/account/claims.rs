//! The members of a JSON object, read strictly: a name that stands twice makes it invalid, so that no two readers can
//! take different values for one.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A value, as far as any check looks at one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Claim {
    Text(String),
    /// A whole number that is not negative, written without point and exponent.
    Number(u64),
    /// A list of strings only.
    List(Vec<String>),
    /// Anything else.
    Other,
}

/// An object's members.
#[derive(Debug)]
pub(super) struct Claims(BTreeMap<String, Claim>);

impl Claims {
    /// `None` if `json` is not one object in UTF-8 with distinct names.
    pub(super) fn parse(json: &[u8]) -> Option<Self> {
        // As text, since skipped values would otherwise not be checked for UTF-8.
        let text = std::str::from_utf8(json).ok()?;
        serde_json::from_str(text).ok()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Claim> {
        self.0.get(name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The string `name`; `None` if it is something else.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Claim::Text(text)) => Some(text),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Claims;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claims, A::Error> {
        let mut members = BTreeMap::new();
        while let Some(name) = map.next_key::<String>()? {
            if members.insert(name, map.next_value()?).is_some() {
                return Err(A::Error::custom("a name stands twice"));
            }
        }
        Ok(Claims(members))
    }
}

impl<'de> Deserialize<'de> for Claim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Value)
    }
}

struct Value;

impl<'de> Visitor<'de> for Value {
    type Value = Claim;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Claim, E> {
        Ok(Claim::Text(text.to_owned()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Claim, E> {
        Ok(Claim::Number(number))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Claim, E> {
        Ok(Claim::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Claim, E> {
        Ok(Claim::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Claim, E> {
        Ok(Claim::Other)
    }

    fn visit_unit<E>(self) -> Result<Claim, E> {
        Ok(Claim::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Claim, A::Error> {
        let mut list = Some(Vec::new());
        while let Some(element) = seq.next_element()? {
            list = match (list, element) {
                (Some(mut list), Claim::Text(text)) => {
                    list.push(text);
                    Some(list)
                }
                _ => None,
            };
        }
        Ok(list.map_or(Claim::Other, Claim::List))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claim, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Claim::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::{Claim, Claims};

    #[test]
    fn each_value_is_told_apart_by_its_kind() {
        let list =
            |words: &[&str]| Claim::List(words.iter().map(|word| (*word).to_owned()).collect());
        for (json, claim) in [
            (r#""a""#, Claim::Text("a".into())),
            (r#""\u0061\n""#, Claim::Text("a\n".into())),
            ("0", Claim::Number(0)),
            ("18446744073709551615", Claim::Number(u64::MAX)),
            ("18446744073709551616", Claim::Other),
            ("-1", Claim::Other),
            ("1.0", Claim::Other),
            ("1e9", Claim::Other),
            ("true", Claim::Other),
            ("null", Claim::Other),
            ("[]", list(&[])),
            (r#"["a","b"]"#, list(&["a", "b"])),
            (r#"["a",1]"#, Claim::Other),
            (r#"["a",["b"]]"#, Claim::Other),
            (r#"{"a":"b"}"#, Claim::Other),
        ] {
            let claims = Claims::parse(format!(r#"{{"x":{json}}}"#).as_bytes()).unwrap();
            assert_eq!(claims.get("x"), Some(&claim), "{json}");
        }
    }

    #[test]
    fn a_name_that_stands_twice_is_refused_however_it_is_written_and_wherever_in_the_object() {
        for json in [
            r#"{"nonce":"a","nonce":"a"}"#,
            r#"{"nonce":"a","x":1,"\u006eonce":"b"}"#,
            r#"{"other":1,"other":2}"#,
            r#"{"":1,"":2}"#,
        ] {
            assert!(Claims::parse(json.as_bytes()).is_none(), "{json}");
        }
    }

    #[test]
    fn what_is_not_one_object_is_none() {
        for json in [
            "",
            "[]",
            "\"a\"",
            "1",
            "null",
            "{",
            "{}{}",
            "{} x",
            r#"{"a":1,}"#,
            r#"{"a"}"#,
            r#"{"a":01}"#,
            r#"{"a":NaN}"#,
            "{'a':1}",
            "\u{feff}{}",
        ] {
            assert!(Claims::parse(json.as_bytes()).is_none(), "{json}");
        }
        assert!(Claims::parse(b"{\"a\":{\"b\":\"\xff\"}}").is_none());
        assert!(Claims::parse(b"{\"a\":\"\xff\"}").is_none());
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
        assert!(Claims::parse(deep.as_bytes()).is_none());
        assert!(Claims::parse(b" {\"a\" : 1} \n").unwrap().has("a"));
    }
}
