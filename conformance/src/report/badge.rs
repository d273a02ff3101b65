//! A badge for a README, as JSON for an endpoint badge of shields.io.

use serde_json::json;

use super::Report;
use crate::model::Status;

/// Returns the badge as JSON text with a newline at its end.
pub fn write(report: &Report) -> String {
    let summary = report.summary;
    let failed = summary.failures();
    let unjudged = summary.of(Status::HarnessError);
    let (passed, warned) = (summary.of(Status::Pass), summary.of(Status::Warn));
    let (message, colour) = match (failed, warned) {
        (0, _) if passed + warned == 0 => ("nothing judged".to_owned(), "lightgrey"),
        (0, 0) => (format!("{passed} passed"), "brightgreen"),
        (0, _) => (format!("{passed} passed, {warned} warned"), "yellowgreen"),
        _ if failed == unjudged => (format!("{unjudged} could not be judged"), "lightgrey"),
        _ => (format!("{failed} failed"), "red"),
    };
    let badge = json!({
        "schemaVersion": 1,
        "label": format!("MCP {}", report.revision),
        "message": message,
        "color": colour,
        "isError": failed > 0,
    });
    format!("{badge:#}\n")
}
