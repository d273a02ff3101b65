//! How far it is: a line that changes on a terminal, elsewhere a line for each thing that is done.

use std::io::IsTerminal as _;

/// Says what is being done.
pub fn at(what: &str) {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K{what}");
    }
}

/// Says what is done.
pub fn done(what: &str) {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K");
    } else {
        eprintln!("measured: {what}");
    }
}
