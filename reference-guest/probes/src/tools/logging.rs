//! Log messages and notifications outside of requests.

use super::{Call, Entry, Outcome};
use crate::bindings::wasi::mcp::types::LogLevel;
use crate::host::logging;
use crate::host::notifications;
use crate::report::{Report, text_result};

pub const ENTRIES: &[Entry] = &[
    Entry::new("log", |call| Box::pin(log(call))),
    Entry::new("notify", |call| Box::pin(notify(call))),
    Entry::new("update", |call| Box::pin(update(call))),
];

const LEVELS: &[(&str, LogLevel)] = &[
    ("debug", LogLevel::Debug),
    ("info", LogLevel::Info),
    ("notice", LogLevel::Notice),
    ("warning", LogLevel::Warning),
    ("error", LogLevel::Error),
    ("critical", LogLevel::Critical),
    ("alert", LogLevel::Alert),
    ("emergency", LogLevel::Emergency),
];

/// The name of a level.
pub fn name(level: LogLevel) -> &'static str {
    let mut levels = LEVELS.iter();
    levels.find(|it| it.1 == level).map_or("unknown", |it| it.0)
}

async fn log(call: Call) -> Outcome {
    let mut report = Report::default();
    for (name, level) in LEVELS {
        let data = format!("\"{name}\"");
        report.note(
            name,
            logging::log(Some(&call.context), *level, Some("probe"), &data),
        );
    }
    let emergency = |data: &str| logging::log(Some(&call.context), LogLevel::Emergency, None, data);
    report.note("no-json", emergency("{"));
    report.note("half-surrogate", emergency("\"\\ud800\""));
    report.note("line-breaks", emergency("{\n\"lines\":\r\n[1,\n2]}\n"));
    report.note("number", emergency("1.10"));
    let outside = |data: &str| logging::log(None, LogLevel::Emergency, None, data);
    report.note("outside", outside("\"outside\""));
    report.note("outside-no-json", outside("nonsense"));
    Ok(report.result())
}

/// For services: from a backend with the capability it changes nothing, but does no harm.
async fn notify(_call: Call) -> Outcome {
    notifications::tools_changed();
    notifications::resources_changed();
    notifications::prompts_changed();
    Ok(text_result("Notified"))
}

async fn update(call: Call) -> Outcome {
    let subscribed = call.argument("subscribed");
    let part = call.argument("part");
    notifications::resource_updated(subscribed.as_str().unwrap_or_default(), part.as_str());
    Ok(text_result("Updated"))
}
