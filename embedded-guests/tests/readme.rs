//! The README shows the smallest guest in full.

#[test]
fn the_readme_shows_the_whole_of_hello() {
    let readme = include_str!("../../README.md");
    let hello = include_str!("../../reference-guest/hello/src/lib.rs");
    assert!(
        readme.contains(hello.trim()),
        "copy reference-guest/hello/src/lib.rs into README.md"
    );
}
