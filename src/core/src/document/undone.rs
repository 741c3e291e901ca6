//! Whether a document without a change still says everything else that it said.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

/// What a document says: each value by the keys that lead to it. A table is one, too: some mean something without any key.
type Said = BTreeMap<Vec<String>, String>;

/// Whether `merged` is `now` without the change from `before` to `after`: each key that the change is about is as `before`,
/// and each other one stands in the same table and has the same value as `now`. Lines that were merged alone do not tell: a
/// key belongs to the header above it, whoever has written that.
#[must_use]
pub fn is_undone(before: &str, after: &str, now: &str, merged: &str) -> bool {
    let [Some(before), Some(after), Some(now), Some(merged)] =
        [before, after, now, merged].map(said)
    else {
        return false;
    };
    let mut paths = [&before, &after, &now, &merged]
        .into_iter()
        .flat_map(Said::keys);
    paths.all(|path| {
        let is_changed = before.get(path) != after.get(path);
        let expected = if is_changed { &before } else { &now };
        merged.get(path) == expected.get(path)
    })
}

fn said(text: &str) -> Option<Said> {
    let table = DeTable::parse(text).ok()?;
    let mut said = Said::new();
    add(table.get_ref(), &[], &mut said);
    Some(said)
}

fn add(table: &DeTable<'_>, above: &[String], said: &mut Said) {
    for (key, value) in table {
        let mut path = above.to_vec();
        path.push(key.get_ref().to_string());
        if let DeValue::Table(inner) = value.get_ref() {
            add(inner, &path, said);
        }
        said.insert(path, shown(value.get_ref()));
    }
}

/// The same for the same values. An array is one value: nobody can tell which of its parts is which.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("{text:?}"),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| whole(item.get_ref())).collect();
            format!("[{}]", items.join(", "))
        }
        DeValue::Table(_) => "table".to_owned(),
    }
}

/// With everything inside.
fn whole(value: &DeValue<'_>) -> String {
    let DeValue::Table(table) = value else {
        return shown(value);
    };
    let mut inside = Said::new();
    add(table, &[], &mut inside);
    format!("{inside:?}")
}

#[cfg(test)]
mod tests {
    use super::is_undone;

    const PAGE: &str = "[page]\nport = 1\n";

    #[test]
    fn a_key_that_falls_under_another_table_is_not_where_it_was() {
        let after = format!("{PAGE}[enroll]\nx = 1\n");
        let now = format!("{after}groups = [\"a\"]\n");
        assert!(!is_undone(
            PAGE,
            &after,
            &now,
            &format!("{PAGE}groups = [\"a\"]\n")
        ));
        assert!(!is_undone(PAGE, &after, &now, PAGE));
        let now = format!("{after}[exempt]\ngroups = [\"a\"]\n");
        let merged = format!("{PAGE}[exempt]\ngroups = [\"a\"]\n");
        assert!(is_undone(PAGE, &after, &now, &merged));
        assert!(!is_undone(PAGE, &after, &now, &now));
    }

    #[test]
    fn what_both_have_changed_and_what_is_no_toml_is_not_undone() {
        let lists = [
            "a = [1]\n",
            "a = [1, 2]\n",
            "a = [1, 2, 3]\n",
            "a = [1, 3]\n",
        ];
        let [before, after, now, merged] = lists;
        assert!(!is_undone(before, after, now, merged));
        assert!(is_undone(before, after, after, before));
        assert!(!is_undone("a\n", after, after, before));
        let tables = "[[t]]\na = 1\n[[t]]\nb = 1\n";
        assert!(!is_undone(
            "",
            "x = 1\n",
            &format!("x = 1\n{tables}"),
            "[[t]]\na = 1\nb = 1\n"
        ));
        assert!(is_undone(
            "",
            "x = 1\n",
            &format!("x = 1\n{tables}"),
            tables
        ));
    }
}
