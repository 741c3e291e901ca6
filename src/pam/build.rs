//! Hands the linker the layout of the module's code.

fn main() {
    println!("cargo::rerun-if-changed=layout.ld");
    println!(
        "cargo::rustc-cdylib-link-arg=-T{}/layout.ld",
        env!("CARGO_MANIFEST_DIR")
    );
}
