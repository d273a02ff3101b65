//! Plays the corpus of the targets.

use std::collections::HashSet;

use super::corpus::{inputs, play};
use super::{mapping, script};

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
    let there: HashSet<String> = inputs("mapping")
        .into_iter()
        .filter_map(first_line)
        .collect();
    let missing: Vec<&str> = mapping::names()
        .filter(|name| !there.contains(*name))
        .collect();
    assert_eq!(missing, [""; 0]);
}
