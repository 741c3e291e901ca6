//! Puts the page's style and script into its document, so that a phone fetches one file: over a network that is far away
//! each further one costs a round trip, or three with a connection of its own.

/// Where the document names its style and its script, and what the text that takes their place stands between.
const STYLE: Place = Place {
    named: r#"<link rel="stylesheet" href="/style.css">"#,
    begins: "<style>",
    ends: "</style>",
};
const SCRIPT: Place = Place {
    named: r#"<script type="module" src="/page.js"></script>"#,
    begins: r#"<script type="module">"#,
    ends: "</script>",
};

struct Place {
    named: &'static str,
    begins: &'static str,
    ends: &'static str,
}

/// The document with its style and script in it, byte for byte: the page's policy knows them by their digests.
///
/// # Errors
/// What cannot stand in a document, or has no place there.
pub(crate) fn whole(document: &str, style: &str, script: &str) -> Result<String, String> {
    let styled = filled(document, &STYLE, style)?;
    filled(&styled, &SCRIPT, script)
}

fn filled(document: &str, place: &Place, text: &str) -> Result<String, String> {
    let Place {
        named,
        begins,
        ends,
    } = place;
    // What ends the element, or may keep its end from being seen (HTML, "Restrictions for contents of script elements").
    let end = ends.trim_end_matches('>');
    if let Some(bad) = [end, "<!--", "<script"]
        .iter()
        .find(|bad| text.to_ascii_lowercase().contains(**bad))
    {
        return Err(format!("{bad}: cannot stand in a document as it is"));
    }
    let mut parts = document.split(named);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(before), Some(after), None) => Ok(format!("{before}{begins}{text}{ends}{after}")),
        _ => Err(format!("index.html has to say {named} once")),
    }
}
