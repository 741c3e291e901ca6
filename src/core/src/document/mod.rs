//! A TOML document, read key by key.
//!
//! Not deserialised with serde: its errors quote values, which in a record may be secrets; it copies values to memory
//! that nobody wipes; and its code is generated again for each type.
//!
//! Each key that is read becomes known; [`Section::done`] refuses all others, and suggests the most similar known one.

mod comments;
mod fault;
mod undone;

use std::ops::RangeInclusive;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use comments::without_comments;
use fault::Kind;
pub use fault::{Fault, Slip};
pub use undone::is_undone;

/// A parsed document.
pub struct Document<'t> {
    text: &'t str,
    table: Spanned<DeTable<'t>>,
}

/// A table, or the absence of one.
pub struct Section<'d> {
    text: &'d str,
    table: Option<&'d DeTable<'d>>,
    /// Byte offset of the table; converted to a line only if there is an error.
    start: usize,
    /// The keys that lead here; joined only if there is an error.
    path: Vec<&'d str>,
    known: Vec<&'static str>,
}

impl<'t> Document<'t> {
    /// Parses `text`.
    ///
    /// # Errors
    /// [`Fault`] with the line, if it is not TOML.
    pub fn parse(text: &'t str) -> Result<Self, Fault> {
        match DeTable::parse(text) {
            Ok(table) => Ok(Self { text, table }),
            Err(error) => {
                let line = error.span().map_or(1, |span| line_of(text, span.start));
                let message = error.message().replace('\n', "; ");
                Err(Fault::at(line, Kind::Syntax(message)))
            }
        }
    }

    /// The top-level table.
    #[must_use]
    pub fn root(&self) -> Section<'_> {
        Section {
            text: self.text,
            table: Some(self.table.get_ref()),
            start: 0,
            path: Vec::new(),
            known: Vec::new(),
        }
    }
}

impl<'d> Section<'d> {
    /// Whether the document has this table.
    #[must_use]
    pub fn is_present(&self) -> bool {
        self.table.is_some()
    }

    /// Whether it has no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.table.is_none_or(DeTable::is_empty)
    }

    /// The value of `key` converted by `read`, if present; `rule` says what is allowed.
    ///
    /// # Errors
    /// [`Fault`] if `read` rejects it.
    pub fn optional<T>(
        &mut self,
        key: &'static str,
        rule: &'static str,
        read: impl FnOnce(&'d DeValue<'d>) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        let Some((start, value)) = self.find(key) else {
            return Ok(None);
        };
        match read(value) {
            Some(read) => Ok(Some(read)),
            None => Err(self.wrong(start, key, rule)),
        }
    }

    /// The value of `key`, which is required.
    ///
    /// # Errors
    /// [`Fault`] if it is missing or `read` rejects it.
    pub fn required<T>(
        &mut self,
        key: &'static str,
        rule: &'static str,
        read: impl FnOnce(&'d DeValue<'d>) -> Option<T>,
    ) -> Result<T, Fault> {
        self.optional(key, rule, read)?.ok_or_else(|| {
            let missing = Kind::Missing(self.path_of(key));
            Fault::at(line_of(self.text, self.start), missing)
        })
    }

    /// Sets `target` to the value of `key`, if present.
    ///
    /// # Errors
    /// [`Fault`] if `read` rejects it.
    pub fn set<T>(
        &mut self,
        target: &mut T,
        key: &'static str,
        rule: &'static str,
        read: impl FnOnce(&'d DeValue<'d>) -> Option<T>,
    ) -> Result<(), Fault> {
        if let Some(value) = self.optional(key, rule, read)? {
            *target = value;
        }
        Ok(())
    }

    /// Sets `target` to the flag `key`, if present.
    ///
    /// # Errors
    /// [`Fault`] if it is neither true nor false.
    pub fn set_flag(&mut self, target: &mut bool, key: &'static str) -> Result<(), Fault> {
        self.set(target, key, "must be true or false", DeValue::as_bool)
    }

    /// Sets `target` to the number of `key`, if present.
    ///
    /// # Errors
    /// [`Fault`] if it is not a whole number in `range`.
    pub fn set_number<N: TryFrom<u32>>(
        &mut self,
        target: &mut N,
        key: &'static str,
        range: RangeInclusive<u32>,
    ) -> Result<(), Fault> {
        self.set_within(target, key, "a whole number", range)
    }

    /// Sets `target` to the seconds of `key`, if present.
    ///
    /// # Errors
    /// [`Fault`] if it is not a whole number from one second to a day.
    pub fn set_seconds(&mut self, target: &mut u32, key: &'static str) -> Result<(), Fault> {
        self.set_within(target, key, "a whole number of seconds", 1..=86_400)
    }

    fn set_within<N: TryFrom<u32>>(
        &mut self,
        target: &mut N,
        key: &'static str,
        what: &str,
        range: RangeInclusive<u32>,
    ) -> Result<(), Fault> {
        let Some((start, value)) = self.find(key) else {
            return Ok(());
        };
        let number = whole_number(value).filter(|number| range.contains(number));
        let number = number.and_then(|number| number.try_into().ok());
        *target = number.ok_or_else(|| {
            let rule = format!("must be {what} from {} to {}", range.start(), range.end());
            self.wrong(start, key, &rule)
        })?;
        Ok(())
    }

    /// The table `key`; if absent, a section without keys.
    ///
    /// # Errors
    /// [`Fault`] if it is not a table.
    pub fn section(&mut self, key: &'static str) -> Result<Section<'d>, Fault> {
        let Some((start, value)) = self.find(key) else {
            return Ok(self.below(key, self.start, None));
        };
        match value.as_table() {
            Some(table) => Ok(self.below(key, start, Some(table))),
            None => Err(self.wrong(start, key, "must be a table")),
        }
    }

    /// The tables of the array `key`.
    ///
    /// # Errors
    /// [`Fault`] if it is not an array of tables.
    pub fn sections(&mut self, key: &'static str) -> Result<Vec<Section<'d>>, Fault> {
        let rule = "must be an array of tables, each begun by its name in double brackets";
        let tables = self.optional(key, rule, |value| {
            value
                .as_array()?
                .iter()
                .map(|element| Some((element.span().start, element.get_ref().as_table()?)))
                .collect::<Option<Vec<_>>>()
        })?;
        Ok(tables
            .unwrap_or_default()
            .into_iter()
            .map(|(start, table)| self.below(key, start, Some(table)))
            .collect())
    }

    /// The tables in the table `key`, whatever their names, in document order.
    ///
    /// # Errors
    /// [`Fault`] if one of them is not a table.
    pub fn named_sections(
        &mut self,
        key: &'static str,
    ) -> Result<Vec<(&'d str, Section<'d>)>, Fault> {
        let Some(table) = self.optional(key, "must be a table of tables", DeValue::as_table)?
        else {
            return Ok(Vec::new());
        };
        let parent = self.below(key, self.start, Some(table));
        let mut sections = Vec::new();
        for (name, value) in table {
            let start = name.span().start;
            let name = name.get_ref().as_ref();
            let Some(inner) = value.get_ref().as_table() else {
                return Err(parent.wrong(start, name, "must be a table"));
            };
            sections.push((name, parent.below(name, start, Some(inner))));
        }
        sections.sort_by_key(|(_, section)| section.start);
        Ok(sections)
    }

    /// A fault of `key` that involves more than its own value.
    #[must_use]
    pub fn fault(&self, key: &str, rule: &str) -> Fault {
        Fault::rule(&self.path_of(key), rule.to_owned())
    }

    /// Refuses unknown keys.
    ///
    /// # Errors
    /// [`Fault`] if there is one.
    pub fn done(self) -> Result<(), Fault> {
        let keys = self.table.into_iter().flat_map(|table| table.keys());
        // The first by line, whatever order the table keeps.
        let unknown = keys
            .filter(|key| !self.known.contains(&key.get_ref().as_ref()))
            .min_by_key(|key| key.span().start);
        match unknown {
            None => Ok(()),
            Some(key) => {
                let name = key.get_ref().as_ref();
                // Half of a key is nearer than another one of its length: `listen` is `listen_hosts`.
                let nearest = self.known.iter().min_by_key(|known| {
                    let distance = strsim::damerau_levenshtein(name, known);
                    (!known.starts_with(name), distance)
                });
                let unknown = Kind::Unknown(self.path_of(name), nearest.copied());
                Err(Fault::at(line_of(self.text, key.span().start), unknown))
            }
        }
    }

    fn find(&mut self, key: &'static str) -> Option<(usize, &'d DeValue<'d>)> {
        // Most tables of the shipped configuration have no keys, so that none can be unknown.
        let table = self.table.filter(|table| !table.is_empty())?;
        self.known.push(key);
        let value = table.get(key)?;
        Some((value.span().start, value.get_ref()))
    }

    fn below(&self, key: &'d str, start: usize, table: Option<&'d DeTable<'d>>) -> Section<'d> {
        Section {
            text: self.text,
            table,
            start,
            path: self.path.iter().copied().chain([key]).collect(),
            known: Vec::new(),
        }
    }

    /// The value of `key`, which is at `start`, violates `rule`.
    fn wrong(&self, start: usize, key: &str, rule: &str) -> Fault {
        let value = Kind::Value(self.path_of(key), rule.to_owned());
        Fault::at(line_of(self.text, start), value)
    }

    fn path_of(&self, key: &str) -> String {
        let above = self.path.iter().flat_map(|part| [part, "."]);
        above.chain([key]).collect()
    }
}

/// A `u32` from a TOML integer in any notation.
#[must_use]
pub fn whole_number(value: &DeValue<'_>) -> Option<u32> {
    let integer = value.as_integer()?;
    u32::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// An array of strings, copied.
#[must_use]
pub fn strings(value: &DeValue<'_>) -> Option<Vec<String>> {
    Some(texts(value)?.into_iter().map(str::to_owned).collect())
}

/// An array of strings, borrowed: for records, so that no unwiped copy is made.
#[must_use]
pub fn texts<'d>(value: &'d DeValue<'_>) -> Option<Vec<&'d str>> {
    value
        .as_array()?
        .iter()
        .map(|element| element.get_ref().as_str())
        .collect()
}

/// The line of the byte at `offset`, counted from 1.
fn line_of(text: &str, offset: usize) -> usize {
    text.bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}

#[cfg(test)]
mod tests {
    use super::Document;

    #[test]
    fn a_fault_names_all_tables_that_lead_to_its_key() {
        let document = Document::parse("[a.b.c.d]\nx = 1\n").unwrap();
        let mut section = document.root();
        for key in ["a", "b", "c", "d"] {
            section = section.section(key).unwrap();
        }
        let said = section.fault("x", "is wrong").to_string();
        assert!(said.contains("a.b.c.d.x"), "{said}");
    }
}
