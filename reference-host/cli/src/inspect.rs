//! `wasi-mcp inspect`

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use serde_json::Value;
use wasi_mcp_host::component::Imports;
use wasi_mcp_host::session::Description;

use super::arguments::InspectArguments;
use super::load;
use super::logging::Log;

pub(super) fn run(arguments: InspectArguments, log: &Log) -> Result<ExitCode> {
    let server = load::server(&arguments.component, log.guest_output(true))?;
    let description = load::single_threaded()?.block_on(server.describe())?;
    let mut output = io::stdout().lock();
    if arguments.json {
        serde_json::to_writer_pretty(&mut output, &description)?;
        writeln!(output)?;
    } else {
        show(&mut output, &description)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn show(output: &mut impl Write, description: &Description) -> io::Result<()> {
    let info = &description.server.server_info;
    writeln!(
        output,
        "{} {}: wasi:mcp {} {}, MCP {}",
        text(info, "name"),
        text(info, "version"),
        description.variant,
        description.world,
        description.server.protocol_version,
    )?;
    if let Some(instructions) = &description.server.instructions {
        writeln!(output, "instructions: {instructions}")?;
    }
    writeln!(output, "capabilities: {}", description.server.capabilities)?;
    for (title, abilities) in [
        ("can ask the client for", requests(&description.imports)),
        ("can also", other_abilities(&description.imports)),
    ] {
        if !abilities.is_empty() {
            writeln!(output, "{title}: {}", abilities.join(", "))?;
        }
    }
    for (title, items, name) in [
        ("tools", &description.tools, "name"),
        ("resources", &description.resources, "uri"),
        (
            "resource templates",
            &description.resource_templates,
            "uriTemplate",
        ),
        ("prompts", &description.prompts, "name"),
    ] {
        if items.is_empty() {
            continue;
        }
        writeln!(output, "\n{title} ({}):", items.len())?;
        for item in items {
            writeln!(output, "  {:<32} {}", text(item, name), summary(item))?;
        }
    }
    Ok(())
}

/// The requests that the component can send to its client.
fn requests(imports: &Imports) -> Vec<&'static str> {
    chosen(&[
        (imports.sampling, "messages of its model (sampling)"),
        (imports.elicitation, "data of its user (elicitation)"),
        (imports.roots, "its roots"),
    ])
}

fn other_abilities(imports: &Imports) -> Vec<&'static str> {
    chosen(&[
        (imports.logging, "send log messages"),
        (imports.identity, "see who makes a request (identity)"),
    ])
}

fn chosen(texts: &[(bool, &'static str)]) -> Vec<&'static str> {
    let present = texts.iter().filter(|(present, _)| *present);
    present.map(|(_, text)| *text).collect()
}

/// The first line of the description, or the title.
fn summary(item: &Value) -> &str {
    item["description"]
        .as_str()
        .or_else(|| item["title"].as_str())
        .and_then(|text| text.lines().next())
        .unwrap_or_default()
}

fn text<'a>(item: &'a Value, member: &str) -> &'a str {
    item[member].as_str().unwrap_or_default()
}
