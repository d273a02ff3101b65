//! The list of checks.

use std::fmt::Write as _;

use serde::Serialize;

use crate::checks::{self, Scope};
use crate::requirements::{Level, REVISION};

#[derive(Serialize)]
struct Listed {
    check: &'static str,
    intent: &'static str,
    level: Level,
    transport: Option<&'static str>,
    requirements: &'static [&'static str],
}

fn listed() -> impl Iterator<Item = Listed> {
    checks::all().map(|check| Listed {
        check: check.id,
        intent: check.intent,
        level: check.level(),
        transport: match check.scope {
            Scope::Everywhere => None,
            Scope::Stdio => Some("stdio"),
            Scope::Http => Some("http"),
        },
        requirements: check.requirements,
    })
}

/// The checks as text.
pub fn human() -> String {
    let mut text = String::new();
    for check in listed() {
        let transport = check
            .transport
            .map_or(String::new(), |transport| format!(", {transport} only"));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{}\n    {}\n    {}{transport}: {}",
            check.check,
            check.intent,
            check.level,
            check.requirements.join(", ")
        );
    }
    text
}

/// The checks as JSON text.
pub fn json() -> serde_json::Result<String> {
    let checks: Vec<Listed> = listed().collect();
    let list = serde_json::json!({"schema": 1, "revision": REVISION, "checks": checks});
    serde_json::to_string_pretty(&list).map(|text| text + "\n")
}
