//! `wasi-mcp inspect`

pub(crate) mod schema;

use std::process::ExitCode;

use anyhow::Result;
use serde_json::Value;
use wasi_mcp_host::component::Imports;
use wasi_mcp_host::session::Description;

use super::arguments::InspectArguments;
use super::client::{self, Interrupts, explain, own_server};
use super::load;
use super::logging::Log;
use super::output::{Output, first_line, fitting, visible};
use schema::Argument;

/// The widest column of names, in characters. Longer names push their descriptions aside.
const WIDEST_NAME: usize = 32;

pub(super) fn run(arguments: InspectArguments, log: &Log) -> Result<ExitCode> {
    let mut interrupts = Interrupts::listen(log)?;
    let runtime = load::single_threaded()?;
    let (component, sandbox) = (&arguments.component, &arguments.sandbox);
    let server = own_server();
    let server = match client::serve(component, sandbox, server, &runtime, &mut interrupts, log) {
        Ok(server) => server,
        Err(error) => {
            // Loading may go on.
            runtime.shutdown_background();
            return Err(error);
        }
    };
    load::warn_of_stalls(&server);
    let described = runtime.block_on(async {
        tokio::select! {
            biased;
            error = interrupts.first("interrupted while the component was inspected") => {
                client::say_interrupted(log);
                Err(error)
            }
            described = server.describe() => {
                described.map_err(|error| explain(&error, None, &server))
            }
        }
    });
    // Drops the instance, whose last output may still be unfinished.
    runtime.shutdown_background();
    let description = described?;
    let mut output = Output::new();
    if arguments.json {
        output.line(&serde_json::to_string_pretty(&description)?)?;
    } else {
        let width = output.width();
        let mut is_cut = false;
        for line in lines(&description) {
            // What is not part of a list is wrapped by the terminal.
            let shown = match width.filter(|_| line.starts_with(' ')) {
                Some(width) => fitting(&line, width),
                None => line.as_str().into(),
            };
            is_cut |= shown != line;
            output.line(&shown)?;
        }
        if is_cut {
            log.say("(lines are cut to the width of the terminal: --json has everything)");
        }
    }
    output.finish()?;
    Ok(ExitCode::SUCCESS)
}

/// Describes the component in lines that are safe to show.
fn lines(description: &Description) -> Vec<String> {
    let server = &description.server;
    let info = &server.server_info;
    let mut lines = vec![format!(
        "{} {}: wasi:mcp {} {}, MCP {}",
        text(info, "name"),
        text(info, "version"),
        description.variant,
        description.world,
        server.protocol_version,
    )];
    if let Some(instructions) = &server.instructions {
        lines.push(format!("instructions: {}", visible(instructions)));
    }
    lines.push(format!(
        "capabilities: {}",
        visible(&server.capabilities.to_string())
    ));
    for (title, abilities) in [
        ("can ask the client for", requests(&description.imports)),
        ("can also", other_abilities(&description.imports)),
    ] {
        if !abilities.is_empty() {
            lines.push(format!("{title}: {}", abilities.join(", ")));
        }
    }
    section(&mut lines, "tools", &description.tools, "name", tool);
    let resources = &description.resources;
    section(&mut lines, "resources", resources, "uri", resource);
    let templates = &description.resource_templates;
    section(
        &mut lines,
        "resource templates",
        templates,
        "uriTemplate",
        template,
    );
    section(&mut lines, "prompts", &description.prompts, "name", prompt);
    lines
}

/// Adds the items of a list, each with its details below it.
fn section(
    lines: &mut Vec<String>,
    title: &str,
    items: &[Value],
    name: &str,
    details: fn(&Value) -> Vec<String>,
) {
    if items.is_empty() {
        return;
    }
    lines.push(String::new());
    lines.push(format!("{title} ({}):", items.len()));
    let names = items.iter().map(|item| text(item, name).chars().count());
    let column = names.max().unwrap_or_default().min(WIDEST_NAME);
    for item in items {
        let line = format!("  {:<column$}  {}", text(item, name), summary(item));
        lines.push(line.trim_end().to_owned());
        lines.extend(details(item).into_iter().map(|line| format!("    {line}")));
    }
}

fn tool(tool: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    let annotations = &tool["annotations"];
    let hints = [
        ("readOnlyHint", "read-only", "not read-only"),
        ("destructiveHint", "destructive", "not destructive"),
        ("idempotentHint", "idempotent", "not idempotent"),
        ("openWorldHint", "open world", "closed world"),
    ];
    let hints: Vec<&str> = hints
        .iter()
        .filter_map(|(member, yes, no)| {
            Some(if annotations[*member].as_bool()? {
                *yes
            } else {
                *no
            })
        })
        .collect();
    if !hints.is_empty() {
        lines.push(format!("({})", hints.join(", ")));
    }
    lines.extend(schema::arguments(&tool["inputSchema"]).iter().map(argument));
    let results = schema::arguments(&tool["outputSchema"]);
    lines.extend(
        results
            .iter()
            .map(|member| format!("-> {}", argument(member))),
    );
    lines
}

fn argument(argument: &Argument) -> String {
    let Argument {
        name,
        kind,
        description,
    } = argument;
    if description.is_empty() {
        format!("{name}: {kind}")
    } else {
        format!("{name}: {kind}. {description}")
    }
}

fn resource(resource: &Value) -> Vec<String> {
    let mut about = Vec::new();
    if let Some(kind) = resource["mimeType"].as_str() {
        about.push(first_line(kind));
    }
    if let Some(size) = resource["size"].as_f64() {
        about.push(format!("{size} bytes"));
    }
    about.extend(annotations(resource));
    if about.is_empty() {
        Vec::new()
    } else {
        vec![format!("({})", about.join(", "))]
    }
}

fn template(template: &Value) -> Vec<String> {
    let mut lines = resource(template);
    let variables = schema::variables(template["uriTemplate"].as_str().unwrap_or_default());
    if !variables.is_empty() {
        lines.push(format!("variables: {}", variables.join(", ")));
    }
    lines
}

/// Describes the annotations of a resource or a template.
fn annotations(item: &Value) -> Vec<String> {
    let annotations = &item["annotations"];
    let mut about = Vec::new();
    if let Some(audience) = annotations["audience"].as_array() {
        let roles: Vec<String> = audience
            .iter()
            .filter_map(|role| role.as_str().map(first_line))
            .collect();
        about.push(format!("for {}", roles.join(" and ")));
    }
    if let Some(priority) = annotations["priority"].as_f64() {
        about.push(format!("priority {priority}"));
    }
    if let Some(time) = annotations["lastModified"].as_str() {
        about.push(format!("changed {}", first_line(time)));
    }
    about
}

fn prompt(prompt: &Value) -> Vec<String> {
    let arguments = prompt["arguments"].as_array().into_iter().flatten();
    let lines = arguments.map(|it| {
        let kind = if it["required"] == Value::Bool(true) {
            "required"
        } else {
            "optional"
        };
        argument(&Argument {
            name: text(it, "name"),
            kind: kind.to_owned(),
            description: summary(it),
        })
    });
    lines.collect()
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
fn summary(item: &Value) -> String {
    let text = item["description"].as_str().or(item["title"].as_str());
    first_line(text.unwrap_or_default())
}

fn text(item: &Value, member: &str) -> String {
    first_line(item[member].as_str().unwrap_or_default())
}
