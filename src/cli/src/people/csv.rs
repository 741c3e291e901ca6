//! Comma-separated values (RFC 4180), for spreadsheets.

use super::row::{Missing, Row};

/// The columns.
const COLUMNS: [&str; 14] = [
    "user",
    "enrolled",
    "ways",
    "since",
    "last_success",
    "recovery_codes_left",
    "untried",
    "password",
    "exempt",
    "rollout",
    "unenrolled",
    "next_date",
    "next_rule",
    "missing",
];

/// The first record, without its line end.
pub(super) fn head() -> String {
    COLUMNS.join(",")
}

/// A person's record, without its line end.
pub(super) fn line(row: &Row) -> String {
    let yes_or_no = |is: bool| if is { "yes" } else { "no" }.to_owned();
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    let left = if row.enrolled {
        row.recovery_left.to_string()
    } else {
        String::new()
    };
    let [rollout, unenrolled, next_date, next_rule] = row.rule.fields().map(str::to_owned);
    let fields: [String; COLUMNS.len()] = [
        row.user.clone(),
        yes_or_no(row.enrolled),
        row.ways.join(" "),
        or_empty(&row.since),
        or_empty(&row.last_success),
        left,
        yes_or_no(row.untried),
        yes_or_no(row.password),
        yes_or_no(row.exempt),
        rollout,
        unenrolled,
        next_date,
        next_rule,
        row.missing
            .map(Missing::word)
            .unwrap_or_default()
            .to_owned(),
    ];
    fields.map(|text| field(&text)).join(",")
}

/// One field. A spreadsheet takes text that begins like a formula for one, and carries it out: an apostrophe in front
/// makes it text.
fn field(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\n', '\r', ';', '\'']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn a_field_is_quoted_where_it_must_be_and_is_never_a_formula() {
        for (text, written) in [
            ("anna", "anna"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("a\r\nb", "\"a\r\nb\""),
            ("a;b", "\"a;b\""),
            ("=1+1", "\"'=1+1\""),
            ("+46", "\"'+46\""),
            ("-2", "\"'-2\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
            ("a=1", "a=1"),
        ] {
            assert_eq!(field(text), written);
        }
    }
}
