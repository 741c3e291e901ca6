//! The body of a request, with values encoded so that they stay values.

use antiphon_core::document::{Fault, Section, whole_number};
use serde_json::{Map, Number, Value};
use toml::de::{DeTable, DeValue};
use zeroize::Zeroizing;

use super::template::{Around, Filling, Hole, Template};

/// The body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// No body.
    Empty,
    /// `application/x-www-form-urlencoded`: names and values, each encoded as a whole.
    Form(Vec<(String, Template)>),
    /// `application/json`: each string is a template, and encoded as a whole.
    Json(Value),
    /// Anything else: its content type, and a template used as it is.
    Raw(String, Template),
}

impl Body {
    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, Fault> {
        let rule = "must be a table of names and texts with placeholders";
        let form = section.optional("form", rule, |value| fields(value.as_table()?))?;
        let rule = "must be a table of texts with placeholders, whole numbers, booleans, arrays and tables";
        let json = section.optional("json", rule, |value| {
            value.as_table()?;
            to_json(value)
        })?;
        let raw = section.optional("body", Template::RULE, |value| {
            Template::read(value.as_str()?)
        })?;
        let rule = "must be a media type, such as \"application/xml\"";
        let content_type = section.optional("content_type", rule, |value| {
            let text = value.as_str()?;
            let is_plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
            (is_plain && text.contains('/')).then(|| text.to_owned())
        })?;
        let wrong = |key: &str, rule: &str| Err(section.fault(key, rule));
        match (form, json, raw, content_type) {
            (None, None, None, None) => Ok(Self::Empty),
            (Some(fields), None, None, None) => Ok(Self::Form(fields)),
            (None, Some(json), None, None) => Ok(Self::Json(json)),
            (None, None, Some(template), Some(kind)) => {
                // In an unknown format, a quote or a bracket in the text could be taken for syntax.
                let bare = |hole, around: Option<Around>| hole == Hole::Text && around.is_none();
                if template.holds(bare) && !kind.starts_with("text/plain") {
                    return wrong(
                        "body",
                        "holds {text} as it stands: say {text:xml}, {text:json} or {text:url}",
                    );
                }
                Ok(Self::Raw(kind, template))
            }
            (None, None, Some(_), None) => wrong("body", "needs `content_type`"),
            (None, None, None, Some(_)) => {
                wrong("content_type", "belongs to `body`, which is missing")
            }
            _ => wrong(
                "body",
                "is not the only one: say one of `form`, `json`, and `body` with `content_type`",
            ),
        }
    }

    /// The bytes and their content type. Wiped on drop.
    #[must_use]
    pub fn fill(&self, filling: &Filling<'_>) -> Option<(&str, Zeroizing<String>)> {
        match self {
            Self::Empty => None,
            Self::Form(fields) => {
                Some(("application/x-www-form-urlencoded", form(fields, filling)))
            }
            Self::Json(value) => {
                let mut text = Zeroizing::new(String::new());
                write_json(value, filling, &mut text);
                Some(("application/json", text))
            }
            Self::Raw(kind, template) => Some((kind, template.fill(filling, None))),
        }
    }

    pub(super) fn each_template(&self, look: &mut dyn FnMut(&Template)) {
        match self {
            Self::Empty => {}
            Self::Form(fields) => fields.iter().for_each(|(_, value)| look(value)),
            Self::Json(value) => each_text(value, look),
            Self::Raw(_, template) => look(template),
        }
    }
}

/// Names and values percent-encoded, a space as `%20`, which every form parser accepts.
fn form(fields: &[(String, Template)], filling: &Filling<'_>) -> Zeroizing<String> {
    let mut written = Zeroizing::new(String::new());
    for (name, value) in fields {
        if !written.is_empty() {
            written.push('&');
        }
        written.push_str(&Around::Url.write(name));
        written.push('=');
        written.push_str(&Around::Url.write(&value.fill(filling, None)));
    }
    written
}

/// A table of strings with placeholders.
pub(super) fn fields(table: &DeTable<'_>) -> Option<Vec<(String, Template)>> {
    let field = |(name, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
        let name: &std::borrow::Cow<'_, str> = name.get_ref();
        Some((name.to_string(), Template::read(value.get_ref().as_str()?)?))
    };
    table.iter().map(field).collect()
}

fn to_json(value: &DeValue<'_>) -> Option<Value> {
    Some(match value {
        DeValue::String(text) => {
            Template::read(text)?;
            Value::String(text.to_string())
        }
        DeValue::Boolean(truth) => Value::Bool(*truth),
        DeValue::Integer(_) => Value::Number(Number::from(whole_number(value)?)),
        DeValue::Array(array) => {
            let elements = array.iter().map(|element| to_json(element.get_ref()));
            Value::Array(elements.collect::<Option<_>>()?)
        }
        DeValue::Table(table) => {
            let mut map = Map::new();
            for (name, value) in table {
                map.insert(name.get_ref().to_string(), to_json(value.get_ref())?);
            }
            Value::Object(map)
        }
        DeValue::Float(_) | DeValue::Datetime(_) => return None,
    })
}

fn each_text(value: &Value, look: &mut dyn FnMut(&Template)) {
    match value {
        Value::String(text) => {
            if let Some(template) = Template::read(text) {
                look(&template);
            }
        }
        Value::Array(array) => array.iter().for_each(|value| each_text(value, look)),
        Value::Object(map) => map.values().for_each(|value| each_text(value, look)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Writes to a string that is wiped; a tree of values would leave copies behind.
fn write_json(value: &Value, filling: &Filling<'_>, written: &mut String) {
    let text = |text: &str, written: &mut String| {
        written.push('"');
        written.push_str(&Around::Json.write(text));
        written.push('"');
    };
    match value {
        Value::String(template) => {
            let filled = Template::read(template).map(|template| template.fill(filling, None));
            text(
                filled.as_ref().map_or("", |filled| filled.as_str()),
                written,
            );
        }
        Value::Array(array) => {
            written.push('[');
            for (index, value) in array.iter().enumerate() {
                if index > 0 {
                    written.push(',');
                }
                write_json(value, filling, written);
            }
            written.push(']');
        }
        Value::Object(map) => {
            written.push('{');
            for (index, (name, value)) in map.iter().enumerate() {
                if index > 0 {
                    written.push(',');
                }
                text(name, written);
                written.push(':');
                write_json(value, filling, written);
            }
            written.push('}');
        }
        plain => written.push_str(&plain.to_string()),
    }
}
