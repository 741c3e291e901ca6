//! The body of a request, with values encoded so that they stay values.

use antiphon_core::document::{Fault, Section, whole_number};
use serde::{Serialize, Serializer};
use serde_json::{Number, Value};
use toml::de::{DeTable, DeValue};
use zeroize::Zeroizing;

use super::template::{Around, Filling, Hole, Template};

/// The body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// No body.
    Empty,
    /// `application/x-www-form-urlencoded`: names and values, each encoded as a whole.
    Form(Vec<Field>),
    /// `application/json`: each string is a template, and encoded as a whole.
    Json(Value),
    /// Anything else: its content type, and a template used as it is.
    Raw(String, Template),
}

/// A header, or a field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Template,
}

/// A JSON value whose texts are templates, written with them filled: a tree of filled values would leave copies behind.
struct Filled<'a> {
    value: &'a Value,
    filling: &'a Filling<'a>,
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
                let mut form = Zeroizing::new(String::new());
                for Field { name, value } in fields {
                    add_field(&mut form, name, &value.fill(filling, None));
                }
                Some(("application/x-www-form-urlencoded", form))
            }
            Self::Json(value) => {
                // Only texts, whole numbers and booleans: this cannot fail.
                let text = serde_json::to_string(&Filled { value, filling }).unwrap_or_default();
                Some(("application/json", Zeroizing::new(text)))
            }
            Self::Raw(kind, template) => Some((kind, template.fill(filling, None))),
        }
    }

    pub(super) fn each_template(&self, look: &mut dyn FnMut(&Template)) {
        match self {
            Self::Empty => {}
            Self::Form(fields) => fields.iter().for_each(|field| look(&field.value)),
            Self::Json(value) => each_text(value, look),
            Self::Raw(_, template) => look(template),
        }
    }
}

/// Adds a field to a form: percent-encoded, a space as `%20`, which every form parser accepts.
pub fn add_field(form: &mut String, name: &str, value: &str) {
    if !form.is_empty() {
        form.push('&');
    }
    form.push_str(&Around::Url.write(name));
    form.push('=');
    form.push_str(&Around::Url.write(value));
}

/// A table of strings with placeholders.
pub(super) fn fields(table: &DeTable<'_>) -> Option<Vec<Field>> {
    let fields = table.iter().map(|(name, value)| {
        Some(Field {
            name: name.get_ref().to_string(),
            value: Template::read(value.get_ref().as_str()?)?,
        })
    });
    fields.collect()
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
            let members = table
                .iter()
                .map(|(name, value)| Some((name.get_ref().to_string(), to_json(value.get_ref())?)));
            Value::Object(members.collect::<Option<_>>()?)
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

impl Serialize for Filled<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let filling = self.filling;
        let filled = |value| Filled { value, filling };
        match self.value {
            Value::String(text) => {
                let text = Template::read(text).map(|template| template.fill(filling, None));
                serializer.serialize_str(&text.unwrap_or_default())
            }
            Value::Array(array) => serializer.collect_seq(array.iter().map(filled)),
            Value::Object(map) => {
                serializer.collect_map(map.iter().map(|(name, value)| (name, filled(value))))
            }
            plain => plain.serialize(serializer),
        }
    }
}
