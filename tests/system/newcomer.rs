//! What a newcomer runs first.

use std::process::Command;

#[test]
fn the_try_out_signs_in_by_itself() {
    antiphon_tests::Product::build();
    // In namespaces of its own, as everything here.
    let output = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../packaging/try"))
        .arg("--check")
        .env("ANTIPHON_BUILT", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:#?}");
    assert!(output.stdout.ends_with(b"\nok\n"), "{output:#?}");
}
