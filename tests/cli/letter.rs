//! A letter of `antiphon enroll --letters`, as a person reads it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use antiphon_core::record::CodeSecret;
use antiphon_tests::{World, scanned};

use crate::command::{code_of, secret_of};

/// Where the tests have them written.
pub(crate) const FOLDER: &str = "/root/letters";

/// What is on the paper.
pub(crate) struct Letter {
    pub(crate) html: String,
    /// The key, without blanks.
    pub(crate) key: String,
    pub(crate) recovery: Vec<String>,
    secret: CodeSecret,
}

impl Letter {
    /// The letter of `name`, which only root may read; `None` if there is none.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let path = Path::new(FOLDER).join(format!("{name}.html"));
        let html = fs::read_to_string(&path).ok()?;
        for (path, mode) in [(path.as_path(), 0o600), (Path::new(FOLDER), 0o700)] {
            let found = fs::metadata(path).unwrap().permissions().mode() & 0o7777;
            assert_eq!(found, mode, "{}", path.display());
        }
        Some(Self::read(html))
    }

    fn read(html: String) -> Self {
        let (_, rest) = html.split_once("<p class=\"key\">").unwrap();
        let key = rest.split('<').next().unwrap().replace(' ', "");
        let (_, codes) = html.split_once("<ul class=\"codes\">").unwrap();
        let codes = codes.split("<li>").skip(1);
        let recovery = codes.map(|code| code.split('<').next().unwrap().to_owned());
        Self {
            secret: secret_of(&key),
            recovery: recovery.collect(),
            key,
            html,
        }
    }

    /// The code that an app shows so many seconds from now.
    pub(crate) fn code_in(&self, seconds: i64) -> String {
        code_of(&self.secret, seconds)
    }

    /// What a camera reads in the picture.
    pub(crate) fn scanned(&self, world: &World) -> String {
        let (_, rest) = self.html.split_once("viewBox=\"0 0 ").unwrap();
        let side: usize = rest.split(' ').next().unwrap().parse().unwrap();
        let (_, squares) = rest.split_once("<path d=\"").unwrap();
        let squares = squares.split('"').next().unwrap();
        let mut dark = vec![vec![false; side]; side + 1];
        for square in squares.split('M').skip(1) {
            let (x, rest) = square.split_once(' ').unwrap();
            let (y, _) = rest.split_once('h').unwrap();
            dark[y.parse::<usize>().unwrap()][x.parse::<usize>().unwrap()] = true;
        }
        // As a terminal shows it, by its white squares: the quiet zone is a part of it.
        let lines = dark.chunks(2).map(|pair| {
            let halves =
                (0..side).map(
                    |x| match (!pair[0][x], pair.get(1).is_none_or(|row| !row[x])) {
                        (true, true) => '█',
                        (true, false) => '▀',
                        (false, true) => '▄',
                        (false, false) => ' ',
                    },
                );
            halves.collect::<String>()
        });
        scanned(world, &lines.collect::<Vec<_>>().join("\n"), true)
    }
}
