use std::fmt;

/// The first error in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, counted from 1, if one is to blame.
    line: Option<usize>,
    kind: Kind,
}

/// What the error is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Not TOML; the parser's message, which quotes nothing of the text.
    Syntax(String),
    /// An unknown key, and the most similar known one.
    Unknown(String, Option<&'static str>),
    /// A required key is missing.
    Missing(String),
    /// A key with an invalid value, and the rule for it.
    Value(String, String),
}

/// An unknown key, and the one that was probably meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slip<'f> {
    /// Its line, from 1.
    pub line: usize,
    /// As written, without its tables.
    pub written: &'f str,
    /// The most similar known key.
    pub meant: &'static str,
}

impl Fault {
    /// The line, counted from 1, if one is to blame.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// The misspelt key, if that is the error.
    #[must_use]
    pub fn slip(&self) -> Option<Slip<'_>> {
        let Kind::Unknown(path, Some(meant)) = &self.kind else {
            return None;
        };
        Some(Slip {
            line: self.line?,
            written: path.rsplit('.').next()?,
            meant,
        })
    }

    pub(super) fn at(line: usize, kind: Kind) -> Self {
        Self {
            line: Some(line),
            kind,
        }
    }

    /// A rule that involves more than one line.
    #[must_use]
    pub fn rule(key: &str, rule: String) -> Self {
        Self {
            line: None,
            kind: Kind::Value(key.to_owned(), rule),
        }
    }

    /// The same without any word from the document; only our own keys are named.
    #[must_use]
    pub fn without_quotes(self) -> Self {
        let kind = match self.kind {
            Kind::Syntax(_) => Kind::Syntax("not TOML".to_owned()),
            Kind::Unknown(_, _) => Kind::Unknown(String::new(), None),
            ours => ours,
        };
        Self { kind, ..self }
    }
}

impl std::error::Error for Fault {}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        match &self.kind {
            Kind::Syntax(message) => f.write_str(message),
            Kind::Unknown(path, _) if path.is_empty() => f.write_str("a key that is not known"),
            Kind::Unknown(path, None) => write!(f, "unknown key `{path}`"),
            Kind::Unknown(path, Some(nearest)) => {
                write!(f, "unknown key `{path}`; did you mean `{nearest}`?")
            }
            Kind::Missing(path) => write!(f, "`{path}` is missing"),
            Kind::Value(path, rule) => write!(f, "`{path}` {rule}"),
        }
    }
}
