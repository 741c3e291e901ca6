//! Joins the page's modules into one script, so that a phone fetches one file and not thirty.
//!
//! Each module becomes a function that is run once, after those that it imports, and returns what it exports. Imports and
//! exports are recognised at the beginning of a line, in the few forms that the page uses; another one ends the build.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

/// Where the page starts.
const FIRST: &str = "app.js";

/// The modules in `folder`, joined.
///
/// # Errors
/// The file, and what it says that this does not know.
pub(crate) fn joined(folder: &str) -> Result<String, String> {
    let mut script = Script {
        folder: folder.to_owned(),
        text: "\"use strict\";\n".to_owned(),
        modules: BTreeMap::new(),
    };
    script.add(FIRST)?;
    Ok(script.text)
}

/// How far a module is.
#[derive(Clone, Copy)]
enum Progress {
    Begun,
    Added,
}

struct Script {
    folder: String,
    text: String,
    modules: BTreeMap<String, Progress>,
}

impl Script {
    /// Adds a module after those that it imports.
    fn add(&mut self, name: &str) -> Result<(), String> {
        match self.modules.get(name) {
            None => self.modules.insert(name.to_owned(), Progress::Begun),
            Some(Progress::Begun) => {
                return Err(format!("{name} imports itself, by way of others"));
            }
            Some(Progress::Added) => return Ok(()),
        };
        let path = format!("{}/{name}", self.folder);
        let source = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let unknown = |line: &str| format!("{path}: {line}: not a form that is used here");
        let (mut body, mut exports) = (String::new(), Vec::new());
        let mut lines = source.lines();
        while let Some(line) = lines.next() {
            if line.starts_with("import ") {
                let mut statement = line.to_owned();
                while !statement.ends_with(';') {
                    let next = lines.next().ok_or_else(|| unknown(&statement))?;
                    statement = format!("{statement} {}", next.trim());
                }
                let import = Import::parse(&statement).ok_or_else(|| unknown(&statement))?;
                self.add(import.module)?;
                let _ = writeln!(
                    body,
                    "const {} = {};",
                    import.binding,
                    variable(import.module) + import.member
                );
            } else if let Some(rest) = line.strip_prefix("export default ") {
                exports.push("default: byDefault".to_owned());
                let _ = writeln!(body, "const byDefault = {rest}");
            } else if let Some(rest) = line.strip_prefix("export ") {
                exports.push(exported(rest).ok_or_else(|| unknown(line))?);
                let _ = writeln!(body, "{rest}");
            } else {
                let _ = writeln!(body, "{line}");
            }
        }
        let _ = writeln!(
            self.text,
            "\n// {name}\nconst {} = (() => {{\n{body}return {{ {} }};\n}})();",
            variable(name),
            exports.join(", ")
        );
        self.modules.insert(name.to_owned(), Progress::Added);
        Ok(())
    }
}

/// What a statement imports.
struct Import<'s> {
    module: &'s str,
    /// The pattern that the module's exports, or its `member`, are bound to.
    binding: &'s str,
    member: &'static str,
}

impl<'s> Import<'s> {
    /// `import { one, other } from "./x.js";`, `import * as x from "./x.js";` or `import x from "./x.js";`.
    fn parse(statement: &'s str) -> Option<Self> {
        let (what, module) = statement
            .strip_prefix("import ")?
            .split_once(" from \"./")?;
        let module = module.strip_suffix("\";")?;
        let (binding, member) = match what.strip_prefix("* as ") {
            Some(all) => (all, ""),
            None if what.starts_with('{') && !what.contains(" as ") => (what, ""),
            None if what.starts_with('{') => return None,
            None => (what, ".default"),
        };
        Some(Self {
            module,
            binding,
            member,
        })
    }
}

/// The name in a declaration: `const x = …`, `function x(…`, `async function x(…`, `class X …`.
fn exported(declaration: &str) -> Option<String> {
    let rest = ["const ", "function ", "async function ", "class "]
        .iter()
        .find_map(|word| declaration.strip_prefix(word))?;
    let name: String = rest
        .chars()
        .take_while(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '$'))
        .collect();
    (!name.is_empty()).then_some(name)
}

/// What a module's exports are called outside it.
fn variable(module: &str) -> String {
    module.replace('.', "_")
}
