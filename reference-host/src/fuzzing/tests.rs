//! The corpus holds, and says something to each target.

use std::collections::HashSet;
use std::path::Path;

use super::{exchanges, lines, mapping, script};

/// The inputs in the corpus of a target.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    let files = std::fs::read_dir(folder.join(target)).expect("there is a corpus");
    let read = |file: std::io::Result<std::fs::DirEntry>| {
        let path = file.expect("a file").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        (name.into_owned(), std::fs::read(&path).expect("it is read"))
    };
    files.map(read).collect()
}

fn play(target: &str, check: fn(&[u8])) {
    let inputs = corpus(target);
    assert!(inputs.len() > 3, "{target} has {} inputs", inputs.len());
    for (name, input) in inputs {
        eprintln!("{target}/{name}");
        check(&input);
    }
}

#[test]
fn the_corpus_of_lines_holds() {
    play("lines", lines);
}

#[test]
fn the_corpus_of_exchanges_holds() {
    play("exchanges", exchanges);
}

#[test]
fn the_corpus_of_scripts_holds() {
    play("script", script);
}

#[test]
fn the_corpus_of_the_mapping_holds_and_has_each_type() {
    play("mapping", mapping);
    let first_line = |(_, input): (String, Vec<u8>)| {
        let text = String::from_utf8_lossy(&input).into_owned();
        text.lines().next().map(str::to_owned)
    };
    let there: HashSet<String> = corpus("mapping")
        .into_iter()
        .filter_map(first_line)
        .collect();
    let missing: Vec<&str> = mapping::names()
        .filter(|name| !there.contains(*name))
        .collect();
    assert_eq!(missing, [""; 0]);
}
