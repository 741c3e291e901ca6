//! A table of people, as spreadsheets write it (RFC 4180): with commas, semicolons or tabs, with or without a byte order
//! mark. Its first line names the columns, of which one is the person's name.

use std::collections::BTreeMap;

use antiphon_core::visible::visible;
use csv::{ByteRecord, Position, ReaderBuilder};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// The longest text of the table repeated in an error, in bytes.
const LONGEST: usize = 64;
/// The column that every table must have.
const NAME: &str = "name";

/// The rows, and what was not read.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) rows: Vec<Row>,
    /// Names of columns that mean nothing here.
    pub(crate) ignored: Vec<String>,
}

/// A row.
#[derive(Debug)]
pub(crate) struct Row {
    /// Counted from 1, the line with the names of the columns.
    pub(crate) line: u64,
    fields: BTreeMap<&'static str, String>,
    is_utf_8: bool,
}

impl Row {
    /// The field in this column, without the blanks around it; empty if there is none.
    pub(crate) fn get(&self, column: &str) -> &str {
        self.fields.get(column).map_or("", String::as_str)
    }

    /// Whether the row can be used.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn sound(&self) -> Result<(), String> {
        if !self.is_utf_8 {
            return Err("is not UTF-8; save the table as \"CSV UTF-8\"".to_owned());
        }
        if self.get(NAME).is_empty() {
            return Err("has no name".to_owned());
        }
        Ok(())
    }
}

/// Reads a table, of which `columns` mean something.
///
/// # Errors
/// Why it is none.
pub(crate) fn read(bytes: &[u8], columns: &[&'static str]) -> Result<Table, String> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if bytes.contains(&0) {
        return Err("it is not UTF-8; save it as \"CSV UTF-8\"".to_owned());
    }
    let first = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let delimiter = [b';', b'\t', b',']
        .into_iter()
        .find(|byte| first.contains(byte));
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter.unwrap_or(b','))
        .flexible(true)
        .from_reader(bytes);
    let headers = reader.byte_headers().map_err(|error| error.to_string())?;
    let mut table = Table::default();
    let places = places(headers, columns, &mut table.ignored)?;
    for record in reader.byte_records() {
        let record = record.map_err(|error| error.to_string())?;
        if record.iter().all(|field| field.trim_ascii().is_empty()) {
            continue;
        }
        let line = record.position().map_or(0, |start| line_of(start, bytes));
        table.rows.push(row(&record, line, &places));
    }
    Ok(table)
}

/// The line on which a record begins: the reader counts the end of the line before, and empty lines, to the record.
fn line_of(start: &Position, bytes: &[u8]) -> u64 {
    let before = usize::try_from(start.byte())
        .ok()
        .and_then(|start| bytes.get(start..));
    let ends = before.unwrap_or_default().iter();
    let ends = ends.take_while(|byte| matches!(byte, b'\r' | b'\n'));
    start.line() + ends.filter(|byte| **byte == b'\n').map(|_| 1).sum::<u64>()
}

/// Where the columns are.
fn places(
    headers: &ByteRecord,
    columns: &[&'static str],
    ignored: &mut Vec<String>,
) -> Result<BTreeMap<&'static str, usize>, String> {
    let mut places = BTreeMap::new();
    for (place, header) in headers.iter().enumerate() {
        let header = String::from_utf8_lossy(header).trim().to_lowercase();
        let known = columns.iter().find(|column| **column == header);
        match known {
            Some(column) => {
                if places.insert(*column, place).is_some() {
                    return Err(format!("two columns are called {header}"));
                }
            }
            None if header.is_empty() => {}
            None => ignored.push(visible(&header, LONGEST)),
        }
    }
    if !places.contains_key(NAME) {
        return Err(format!(
            "no column is called name; its first line must name the columns: {}",
            columns.join(", ")
        ));
    }
    Ok(places)
}

fn row(record: &ByteRecord, line: u64, places: &BTreeMap<&'static str, usize>) -> Row {
    let mut row = Row {
        line,
        fields: BTreeMap::new(),
        is_utf_8: true,
    };
    for (column, place) in places {
        let field = record.get(*place).unwrap_or_default().trim_ascii();
        match std::str::from_utf8(field) {
            Ok(text) => {
                row.fields.insert(*column, text.to_owned());
            }
            Err(_) => row.is_utf_8 = false,
        }
    }
    row
}
