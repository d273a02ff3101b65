//! Progress: a changing line on a terminal, elsewhere a line per finished step.

use std::io::IsTerminal as _;

/// Reports the current step.
pub fn at(what: &str) {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K{what}");
    }
}

/// Reports a finished step.
pub fn done(what: &str) {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K");
    } else {
        eprintln!("measured: {what}");
    }
}
