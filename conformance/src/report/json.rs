//! The report for programs.

use super::Report;

/// The JSON Schema of reports.
pub const SCHEMA: &str = include_str!("../../schemas/report-2.json");

/// Returns the report as JSON text with a newline at its end.
///
/// # Errors
///
/// Never in practice: everything in a report can be written as JSON.
pub fn write(report: &Report) -> serde_json::Result<String> {
    serde_json::to_string_pretty(report).map(|text| text + "\n")
}
