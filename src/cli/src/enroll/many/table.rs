//! A table of people to be enrolled.

use antiphon_core::record::{TelephoneNumber, TelephoneUse};
use antiphon_core::text::Language;
use antiphon_core::visible::visible;

use crate::number::number_of;
use crate::table;

/// The longest text of the table repeated in an error, in bytes.
const LONGEST: usize = 64;
/// The columns that mean something here.
const COLUMNS: [&str; 3] = ["name", "language", "number"];

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

/// Reads a table.
///
/// # Errors
/// Why it is none.
pub(super) fn read(bytes: &[u8]) -> Result<Table, String> {
    let table = table::read(bytes, &COLUMNS)?;
    let rows = table.rows.into_iter().map(|row| {
        let [name, language, number] = COLUMNS.map(|column| row.get(column).to_owned());
        Row {
            line: row.line,
            name,
            wish: row.sound().and_then(|()| Wish::read(&language, &number)),
        }
    });
    Ok(Table {
        rows: rows.collect(),
        ignored: table.ignored,
    })
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
                tel: number_of(typed)
                    .map_err(|failure| failure.to_string())?
                    .into(),
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
        assert_eq!(number.tel.digits(), Some("+46701234521"));
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
