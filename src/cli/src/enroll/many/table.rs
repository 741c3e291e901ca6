//! A table of people, as spreadsheets write it (RFC 4180): with commas, semicolons or tabs, with or without a byte order
//! mark.

use antiphon_core::record::{TelephoneNumber, TelephoneUse};
use antiphon_core::text::Language;
use antiphon_core::visible::visible;
use csv::{ByteRecord, Position, ReaderBuilder};

use crate::number::number_of;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// The longest text of the table repeated in an error, in bytes.
const LONGEST: usize = 64;

/// The rows, and what was not read.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) rows: Vec<Row>,
    /// Names of columns that mean nothing here.
    pub(super) ignored: Vec<String>,
}

/// A row.
#[derive(Debug)]
pub(super) struct Row {
    /// Counted from 1, the line with the names of the columns.
    pub(super) line: u64,
    pub(super) name: String,
    /// What the row says of the person, or why it cannot be used.
    pub(super) wish: Result<Wish, String>,
}

/// What a person is to have besides the secret.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) language: Option<Language>,
    pub(super) number: Option<TelephoneNumber>,
}

/// Where the columns are.
struct Columns {
    name: usize,
    language: Option<usize>,
    number: Option<usize>,
}

/// Reads a table.
///
/// # Errors
/// Why it is none.
pub(super) fn read(bytes: &[u8]) -> Result<Table, String> {
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
    let columns = Columns::of(headers, &mut table.ignored)?;
    for record in reader.byte_records() {
        let record = record.map_err(|error| error.to_string())?;
        if record.iter().all(|field| field.trim_ascii().is_empty()) {
            continue;
        }
        let line = record.position().map_or(0, |start| line_of(start, bytes));
        table.rows.push(columns.row(&record, line));
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

impl Columns {
    fn of(headers: &ByteRecord, ignored: &mut Vec<String>) -> Result<Self, String> {
        let (mut name, mut language, mut number) = (None, None, None);
        for (place, header) in headers.iter().enumerate() {
            let header = String::from_utf8_lossy(header).trim().to_lowercase();
            let column = match header.as_str() {
                "name" => &mut name,
                "language" => &mut language,
                "number" => &mut number,
                "" => continue,
                _ => {
                    ignored.push(visible(&header, LONGEST));
                    continue;
                }
            };
            if column.replace(place).is_some() {
                return Err(format!("two columns are called {header}"));
            }
        }
        Ok(Self {
            name: name.ok_or(
                "no column is called name; its first line must name the columns: name, language, number",
            )?,
            language,
            number,
        })
    }

    fn row(&self, record: &ByteRecord, line: u64) -> Row {
        let text = |place: usize| {
            let field = record.get(place).unwrap_or_default().trim_ascii();
            std::str::from_utf8(field)
        };
        let name = text(self.name).map(str::to_owned);
        let optional = |place: Option<usize>| place.map_or(Ok(""), text);
        let wish = match (&name, optional(self.language), optional(self.number)) {
            (Ok(name), Ok(_), Ok(_)) if name.is_empty() => Err("has no name".to_owned()),
            (Ok(_), Ok(language), Ok(number)) => Wish::read(language, number),
            _ => Err("is not UTF-8; save the table as \"CSV UTF-8\"".to_owned()),
        };
        Row {
            line,
            name: name.unwrap_or_default(),
            wish,
        }
    }
}

impl Wish {
    fn read(language: &str, number: &str) -> Result<Self, String> {
        let language = match language.to_lowercase().as_str() {
            "" => None,
            tag => Some(Language::from_tag(tag).ok_or_else(|| {
                format!(
                    "language \"{}\" is neither sv nor en",
                    visible(tag, LONGEST)
                )
            })?),
        };
        let number = match number {
            "" => None,
            typed => Some(TelephoneNumber {
                tel: number_of(typed).map_err(|failure| failure.to_string())?,
                uses: vec![TelephoneUse::Sms, TelephoneUse::Call],
            }),
        };
        Ok(Self { language, number })
    }
}

#[cfg(test)]
mod tests {
    use antiphon_core::text::Language;

    use super::read;

    fn names(bytes: &[u8]) -> Vec<String> {
        let table = read(bytes).unwrap();
        table.rows.into_iter().map(|row| row.name).collect()
    }

    #[test]
    fn a_table_is_read_as_spreadsheets_write_it() {
        for text in [
            "name,language\nalice,sv\nbob,\n",
            "name,language\r\nalice,sv\r\nbob\r\n",
            "Name;Language;\r\nalice;SV;\r\nbob;;\r\n;;\r\n",
            "\u{feff}name;language\n\"alice\";\"sv\"\n bob ; \n",
            "language\tname\nsv\talice\n\tbob",
            "department,name,language\n\"Sales, north\nand south\",alice,sv\n\"say \"\"hi\"\"\",bob,\n",
        ] {
            let table = read(text.as_bytes()).unwrap();
            let rows: Vec<_> = table
                .rows
                .iter()
                .map(|row| (row.name.as_str(), row.wish.as_ref().unwrap().language))
                .collect();
            assert_eq!(
                rows,
                [("alice", Some(Language::Swedish)), ("bob", None)],
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_bad_row_is_named_by_its_line_and_the_others_are_read() {
        let text = b"name;language;number;room\nalice;sv;+46 70-123 45 21;4\nbob;de;;\n\n;en;;\ncarol;;0701234521;\nbj\xf6rn;;;\ndave;;;\n";
        let table = read(text).unwrap();
        assert_eq!(table.ignored, ["room"]);
        let bad: Vec<_> = table
            .rows
            .iter()
            .filter_map(|row| Some((row.line, row.wish.as_ref().err()?.as_str())))
            .collect();
        let lines: Vec<u64> = bad.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [3, 5, 6, 7], "{bad:?}");
        assert!(bad[0].1.contains("\"de\""), "{bad:?}");
        assert!(bad[3].1.contains("UTF-8"), "{bad:?}");
        let number = table.rows[0]
            .wish
            .as_ref()
            .unwrap()
            .number
            .as_ref()
            .unwrap();
        assert_eq!(number.tel, "+46701234521");
        assert_eq!(table.rows.last().unwrap().name, "dave");
    }

    #[test]
    fn what_is_no_table_of_people_is_refused() {
        let cases: [(&[u8], &str); 4] = [
            (b"", "no column is called name"),
            (b"alice\nbob\n", "no column is called name"),
            (b"name,name\na,b\n", "two columns"),
            (b"\xff\xfen\0a\0m\0e\0\n\0", "not UTF-8"),
        ];
        for (bytes, part) in cases {
            let said = read(bytes).unwrap_err();
            assert!(said.contains(part), "{said}");
        }
        assert!(names(b"name\n").is_empty());
    }

    #[test]
    fn whatever_is_in_the_file_it_is_read_to_an_end() {
        let whole = b"name;language\n\"alice\";sv\nbob;en\n";
        for end in 0..whole.len() {
            let _ = read(&whole[..end]);
            for byte in 0..=255 {
                let mut bytes = whole.to_vec();
                bytes[end] = byte;
                let _ = read(&bytes);
            }
        }
    }
}
