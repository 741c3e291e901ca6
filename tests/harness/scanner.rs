//! Reads a QR code from what a terminal showed, by a program that knows nothing of us.

use std::fs;
use std::process::Command;

use crate::world::World;

/// Pixels of a square in the picture.
const SCALE: usize = 4;

/// What zbarimg reads in the half blocks of `shown`; drawn are the black squares, or, `inverted`, the white ones.
#[must_use]
pub fn scanned(world: &World, shown: &str, inverted: bool) -> String {
    let lines: Vec<Vec<char>> = shown
        .lines()
        .filter(|line| line.contains(['█', '▀', '▄']) || line.contains("231m"))
        .map(|line| {
            let bare = line.trim_end_matches(['\r', '\n']);
            let bare = bare.strip_suffix("\u{1b}[0m").unwrap_or(bare);
            let bare = bare
                .strip_prefix("\u{1b}[38;5;16;48;5;231m")
                .unwrap_or(bare);
            bare.chars().collect()
        })
        .collect();
    let width = lines.iter().map(Vec::len).max().unwrap();
    // Portable bitmap, plain: 1 is black.
    let mut picture = format!("P1\n{} {}\n", width * SCALE, lines.len() * 2 * SCALE);
    for line in &lines {
        for half in ['▀', '▄'] {
            let row: String = (0..width)
                .map(|x| {
                    let character = line.get(x).copied().unwrap_or(' ');
                    let drawn = character == '█' || character == half;
                    if drawn == inverted { "0 " } else { "1 " }.repeat(SCALE)
                })
                .collect();
            picture += &(row + "\n").repeat(SCALE);
        }
    }
    let path = world.folder().join("qr.pbm");
    fs::write(&path, picture).unwrap();
    let output = Command::new("zbarimg")
        .args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"])
        .arg(&path)
        .output()
        .expect("zbarimg of zbar-tools");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
