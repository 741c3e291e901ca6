//! A TOML document, read key by key.
//!
//! Not by deserialisation: that quotes values in its errors, which in a record may be secrets; it copies them to places
//! that nobody wipes; and its code is made anew for each type.
//!
//! Each key that is asked for counts as known; [`Section::done`] refuses any other, and names the nearest known one.

mod comments;
mod fault;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use comments::without_comments;
pub use fault::{Fault, Slip};

/// A parsed document.
pub struct Document<'t> {
    text: &'t str,
    table: Spanned<DeTable<'t>>,
}

/// A table of it, or the absence of one.
pub struct Section<'d> {
    text: &'d str,
    table: Option<&'d DeTable<'d>>,
    /// Where the table begins, in bytes: the line of it is counted only for who has made a mistake there.
    start: usize,
    /// The keys that lead here, each with a dot after it.
    path: String,
    known: Vec<&'static str>,
}

impl<'t> Document<'t> {
    /// Reads a text.
    ///
    /// # Errors
    /// [`Fault`], with the line, if it is not TOML.
    pub fn parse(text: &'t str) -> Result<Self, Fault> {
        match DeTable::parse(text) {
            Ok(table) => Ok(Self { text, table }),
            Err(error) => {
                let line = error.span().map_or(1, |span| line_of(text, span.start));
                Err(Fault::syntax(line, error.message()))
            }
        }
    }

    /// The table around all others.
    #[must_use]
    pub fn root(&self) -> Section<'_> {
        Section {
            text: self.text,
            table: Some(self.table.get_ref()),
            start: 0,
            path: String::new(),
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

    /// The value of `key`, if it is there, as `read` takes it; `rule` says what is allowed.
    ///
    /// # Errors
    /// [`Fault`], if it is another.
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
            None => Err(Fault::value(
                line_of(self.text, start),
                self.path_of(key),
                rule,
            )),
        }
    }

    /// The value of `key`, which must be there.
    ///
    /// # Errors
    /// [`Fault`], if it is another or missing.
    pub fn required<T>(
        &mut self,
        key: &'static str,
        rule: &'static str,
        read: impl FnOnce(&'d DeValue<'d>) -> Option<T>,
    ) -> Result<T, Fault> {
        self.optional(key, rule, read)?
            .ok_or_else(|| Fault::missing(line_of(self.text, self.start), self.path_of(key)))
    }

    /// Sets `target` to the value of `key` if that is there.
    ///
    /// # Errors
    /// [`Fault`], if it is another than allowed.
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

    /// The table `key`; an absent one gives a section without keys.
    ///
    /// # Errors
    /// [`Fault`], if it is no table.
    pub fn section(&mut self, key: &'static str) -> Result<Section<'d>, Fault> {
        let table = self.optional(key, "must be a table", DeValue::as_table)?;
        Ok(self.below(key, table))
    }

    /// The tables of the array `key`.
    ///
    /// # Errors
    /// [`Fault`], if it is no array of tables.
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
            .map(|(start, table)| {
                let mut section = self.below(key, Some(table));
                section.start = start;
                section
            })
            .collect())
    }

    /// The tables of the table `key`, whatever their names, in the order in which they stand.
    ///
    /// # Errors
    /// [`Fault`], if one of them is no table.
    pub fn named_sections(
        &mut self,
        key: &'static str,
    ) -> Result<Vec<(&'d str, Section<'d>)>, Fault> {
        let Some(table) = self.optional(key, "must be a table of tables", DeValue::as_table)?
        else {
            return Ok(Vec::new());
        };
        let parent = self.below(key, Some(table));
        let mut sections = Vec::new();
        for (name, value) in table {
            let start = name.span().start;
            let name = name.get_ref().as_ref();
            let Some(inner) = value.get_ref().as_table() else {
                let line = line_of(self.text, start);
                return Err(Fault::value(line, parent.path_of(name), "must be a table"));
            };
            let mut section = parent.below(name, Some(inner));
            section.start = start;
            sections.push((name, section));
        }
        sections.sort_by_key(|(_, section)| section.start);
        Ok(sections)
    }

    /// A fault of `key` that more than its own value has a part in.
    #[must_use]
    pub fn fault(&self, key: &str, rule: &str) -> Fault {
        Fault::rule(&self.path_of(key), rule.to_owned())
    }

    /// Refuses every key that nobody asked for.
    ///
    /// # Errors
    /// [`Fault`], if there is one.
    pub fn done(self) -> Result<(), Fault> {
        let keys = self.table.into_iter().flat_map(|table| table.keys());
        // The first by its line, whatever order the table keeps.
        let unknown = keys
            .filter(|key| !self.known.contains(&key.get_ref().as_ref()))
            .min_by_key(|key| key.span().start);
        match unknown {
            None => Ok(()),
            Some(key) => {
                let name = key.get_ref().as_ref();
                let nearest = self
                    .known
                    .iter()
                    .min_by_key(|known| strsim::damerau_levenshtein(name, known));
                let line = line_of(self.text, key.span().start);
                Err(Fault::unknown(
                    line,
                    format!("{}{name}", self.path),
                    nearest.copied(),
                ))
            }
        }
    }

    fn find(&mut self, key: &'static str) -> Option<(usize, &'d DeValue<'d>)> {
        self.known.push(key);
        let value = self.table?.get(key)?;
        Some((value.span().start, value.get_ref()))
    }

    fn below(&self, key: &str, table: Option<&'d DeTable<'d>>) -> Section<'d> {
        let start = self
            .table
            .and_then(|table| table.get(key))
            .map_or(self.start, |value| value.span().start);
        Section {
            text: self.text,
            table,
            start,
            path: format!("{}{key}.", self.path),
            known: Vec::new(),
        }
    }

    fn path_of(&self, key: &str) -> String {
        format!("{}{key}", self.path)
    }
}

/// A whole number that fits, from an integer in any of TOML's notations.
#[must_use]
pub fn whole_number(value: &DeValue<'_>) -> Option<u32> {
    let integer = value.as_integer()?;
    u32::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// An array of strings, to keep.
#[must_use]
pub fn strings(value: &DeValue<'_>) -> Option<Vec<String>> {
    Some(texts(value)?.into_iter().map(str::to_owned).collect())
}

/// An array of strings, as they stand in the document: of a record, no copy is made that nobody wipes.
#[must_use]
pub fn texts<'d>(value: &'d DeValue<'_>) -> Option<Vec<&'d str>> {
    value
        .as_array()?
        .iter()
        .map(|element| element.get_ref().as_str())
        .collect()
}

/// The line, from 1, of the byte at `offset`.
fn line_of(text: &str, offset: usize) -> usize {
    text.bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}
