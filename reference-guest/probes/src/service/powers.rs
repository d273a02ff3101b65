//! Registration by a service, and the count of its pages: for checks of its host.

use super::pages;
use crate::bindings::wasi::mcp::capabilities::{Server, ServerCapabilities};
use crate::bindings::wasi::mcp::content::CallToolResult;
use crate::bindings::wasi::mcp::types::Implementation;
use crate::host::runtime;
use crate::report::Report;

/// Calls every function of `runtime`, each with an empty list.
pub fn registration() -> CallToolResult {
    let mut report = Report::default();
    let server = Server {
        info: Implementation {
            name: "wasi-mcp-probes-service".into(),
            version: "1".into(),
            ..Implementation::default()
        },
        capabilities: ServerCapabilities::default(),
        instructions: None,
    };
    report.note("register-server", runtime::register_server(&server));
    report.note("register-tools", runtime::register_tools(&[]));
    report.note("unregister-tools", runtime::unregister_tools(&[]));
    report.note("register-resources", runtime::register_resources(&[]));
    report.note("unregister-resources", runtime::unregister_resources(&[]));
    report.note(
        "register-resource-templates",
        runtime::register_resource_templates(&[]),
    );
    report.note(
        "unregister-resource-templates",
        runtime::unregister_resource_templates(&[]),
    );
    report.note("register-prompts", runtime::register_prompts(&[]));
    report.note("unregister-prompts", runtime::unregister_prompts(&[]));
    report.note("serve", runtime::serve());
    report.result()
}

/// Tells how often the host asked for a page of a list.
pub fn catalog() -> CallToolResult {
    let mut report = Report::default();
    report.tell("pages", pages::asked());
    report.result()
}
