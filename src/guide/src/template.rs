//! Fills a text's places: `{{word}}`, `{{picture NAME}}`, and `{{if CONDITION}} … {{else}} … {{end}}`, also one in another.
//!
//! The texts are our own. A place that is not known is left out, and a test finds it.

/// What the places stand for.
pub(crate) struct Template<'a> {
    pub(crate) conditions: &'a [(&'a str, bool)],
    /// HTML.
    pub(crate) words: &'a [(&'a str, String)],
    /// The address of a picture.
    pub(crate) picture: &'a dyn Fn(&str) -> Option<String>,
}

impl Template<'_> {
    /// The text with its places filled.
    pub(crate) fn fill(&self, text: &str) -> String {
        let mut filled = String::new();
        // Whether each of the open conditions holds here.
        let mut open: Vec<bool> = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((place, after)) = after.split_once("}}") else {
                break;
            };
            let is_shown = open.iter().all(|holds| *holds);
            if is_shown {
                filled.push_str(before);
            }
            rest = after;
            match place.split_once(' ') {
                Some(("if", condition)) => open.push(self.holds(condition)),
                Some(("picture", name)) if is_shown => {
                    filled.push_str(&(self.picture)(name).unwrap_or_default());
                }
                None if place == "else" => {
                    if let Some(holds) = open.last_mut() {
                        *holds = !*holds;
                    }
                }
                None if place == "end" => {
                    open.pop();
                }
                None if is_shown => filled.push_str(self.word(place)),
                _ => {}
            }
        }
        filled.push_str(rest);
        filled
    }

    fn holds(&self, wanted: &str) -> bool {
        let found = self.conditions.iter().find(|(name, _)| *name == wanted);
        found.is_some_and(|(_, holds)| *holds)
    }

    fn word(&self, wanted: &str) -> &str {
        let found = self.words.iter().find(|(name, _)| *name == wanted);
        found.map_or("", |(_, word)| word)
    }
}

#[cfg(test)]
mod tests {
    use super::Template;

    #[test]
    fn places_are_filled_and_conditions_kept() {
        let template = Template {
            conditions: &[("yes", true), ("no", false)],
            words: &[("name", "<b>{{name}}</b>".to_owned())],
            picture: &|name| Some(format!("[{name}]")),
        };
        for (text, filled) in [
            ("a {{name}} b", "a <b>{{name}}</b> b"),
            ("{{picture one}}", "[one]"),
            ("{{if yes}}a{{else}}b{{end}}c", "ac"),
            ("{{if no}}a{{picture x}}{{else}}b{{end}}c", "bc"),
            ("{{if no}}{{if yes}}a{{else}}b{{end}}c{{end}}d", "d"),
            ("{{if yes}}{{if no}}a{{else}}b{{end}}c{{end}}d", "bcd"),
        ] {
            assert_eq!(template.fill(text), filled, "{text}");
        }
    }
}
