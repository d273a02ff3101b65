//! Replays the corpus of the targets.

use super::corpus::play;
use super::{exchanges, lines};

#[test]
fn the_corpus_of_lines_holds() {
    play("lines", lines);
}

#[test]
fn the_corpus_of_exchanges_holds() {
    play("exchanges", exchanges);
}
