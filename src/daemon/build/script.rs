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
pub(crate) fn joined(folder: &str) -> String {
    let mut script = Script {
        folder: folder.to_owned(),
        text: "\"use strict\";\n".to_owned(),
        modules: BTreeMap::new(),
    };
    script.add(FIRST);
    script.text
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
    fn add(&mut self, name: &str) {
        match self.modules.get(name) {
            None => self.modules.insert(name.to_owned(), Progress::Begun),
            Some(Progress::Begun) => panic!("page/{name} imports itself, by way of others"),
            Some(Progress::Added) => return,
        };
        let path = format!("{}/{name}", self.folder);
        let source = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let (mut body, mut exports) = (String::new(), Vec::new());
        let mut lines = source.lines();
        while let Some(line) = lines.next() {
            if line.starts_with("import ") {
                let mut statement = line.to_owned();
                while !statement.ends_with(';') {
                    statement.push(' ');
                    statement.push_str(
                        lines
                            .next()
                            .unwrap_or_else(|| panic!("{path}: {statement}"))
                            .trim(),
                    );
                }
                let import = Import::parse(&statement).unwrap_or_else(|| {
                    panic!("{path}: {statement}: not a form of import that is used here")
                });
                self.add(import.module);
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
                exports.push(exported(rest).unwrap_or_else(|| {
                    panic!("{path}: {line}: not a form of export that is used here")
                }));
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
