//! The service's tools.

use serde_json::Value;

use super::{error, invalid_params, powers, text};
use crate::bindings::wasi::clocks::monotonic_clock;
use crate::bindings::wasi::mcp::content::*;
use crate::bindings::wasi::mcp::elicitation;
use crate::bindings::wasi::mcp::types::{Error, ErrorCode, LogLevel};
use crate::host::{RequestContext, logging, notifications};
use crate::shown::Shown;
use crate::{mode, records};

const NAMES: &[(&str, &str)] = &[
    (
        "echo",
        r#"{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}"#,
    ),
    ("measure", r#"{"type":"object"}"#),
    ("wait", r#"{"type":"object"}"#),
    ("link", r#"{"type":"object"}"#),
    ("ask", r#"{"type":"object"}"#),
    ("fail", r#"{"type":"object"}"#),
];

const MEASURED: &str = r#"{"number":7}"#;

pub fn listed() -> Vec<Tool> {
    if mode::is("full") {
        return records::tools();
    }
    let mut tools: Vec<Tool> = NAMES
        .iter()
        .map(|(name, schema)| Tool {
            name: (*name).into(),
            description: Some(format!("The tool {name}.")),
            input_schema: (*schema).into(),
            output_schema: (*name == "measure").then(|| output_schema().into()),
            ..Tool::default()
        })
        .collect();
    if mode::is("tool-twice") {
        let again = tools[0].clone();
        tools.push(again);
    }
    if mode::is("schema-recursive") {
        tools[1].input_schema = r##"{"type":"object","properties":{"inner":{"$ref":"#"}}}"##.into();
    }
    if mode::is("schema-remote") {
        tools[1].input_schema =
            r#"{"type":"object","properties":{"inner":{"$ref":"http://127.0.0.1:9/s"}}}"#.into();
    }
    if mode::is("schema-huge") {
        let members: Vec<String> = (0..2000)
            .map(|number| {
                format!(r#""member{number}":{{"type":["string","null"],"maxLength":{number}}}"#)
            })
            .collect();
        tools[1].input_schema = format!(
            r#"{{"type":"object","properties":{{{}}}}}"#,
            members.join(",")
        );
    }
    tools
}

fn output_schema() -> &'static str {
    if mode::is("schema-no-object") {
        return r#"{"type":"number"}"#;
    }
    r#"{"type":"object","properties":{"number":{"type":"number"}},"required":["number"]}"#
}

fn says(blocks: Vec<ContentBlock>) -> CallToolResult {
    CallToolResult {
        content: blocks,
        ..CallToolResult::default()
    }
}

pub async fn call(
    context: RequestContext,
    params: CallToolParams,
) -> Result<CallToolResult, Error> {
    let shown = (params.name == "probe-show").then(|| params.shown());
    let arguments: Value = params
        .arguments
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_else(|| serde_json::json!({}));
    match params.name.as_str() {
        "echo" => echo(&arguments),
        "measure" if !fits(&arguments) => Err(invalid_params("The arguments do not fit")),
        "measure" => measure(),
        "wait" => wait(context).await,
        "link" => Ok(link()),
        "ask" => ask(&context).await,
        "fail" if mode::is("failure-as-error") => {
            Err(error(ErrorCode::InternalError, "The work failed"))
        }
        "fail" => Ok(CallToolResult {
            is_error: Some(true),
            ..says(vec![text("The work failed")])
        }),
        // Not listed: a host asks a service for every name.
        "probe-registration" => Ok(powers::registration()),
        "probe-catalog" => Ok(powers::catalog()),
        "probe-show" => Ok(records::show(&context, shown.unwrap_or_default())),
        "probe-give" => Ok(records::result()),
        "probe-change" => Ok(change()),
        _ if mode::is("unknown-tool-served") => Ok(says(vec![text("Done")])),
        _ if mode::is("unknown-tool-in-result") => Ok(CallToolResult {
            is_error: Some(true),
            ..says(vec![text("There is no such tool")])
        }),
        _ => Err(invalid_params("There is no such tool")),
    }
}

fn echo(arguments: &Value) -> Result<CallToolResult, Error> {
    match arguments["text"].as_str() {
        Some(said) if mode::is("trap-sometimes") && !said.is_ascii() => {
            core::arch::wasm32::unreachable()
        }
        Some(_) if mode::is("tool-breaks") => {
            Err(error(ErrorCode::InternalError, "Something broke"))
        }
        Some(said) if mode::is("text-mangled") => {
            let ascii: String = said
                .chars()
                .map(|c| if c.is_ascii() { c } else { '?' })
                .collect();
            Ok(says(vec![text(ascii)]))
        }
        Some(said) => Ok(says(vec![text(said)])),
        None if mode::is("arguments-unchecked") => Ok(says(vec![text("nothing")])),
        None => Err(invalid_params("text is missing")),
    }
}

/// Checks the arguments of `measure` against its input schema: the host need not remember it.
fn fits(arguments: &Value) -> bool {
    if mode::is("schema-recursive") {
        let inner = arguments.get("inner");
        return arguments.is_object() && inner.is_none_or(fits);
    }
    if mode::is("schema-huge") {
        let mut members = arguments.as_object().into_iter().flatten();
        return members.all(|(name, value)| {
            let number = name.strip_prefix("member");
            let longest = number.and_then(|number| number.parse::<usize>().ok());
            longest.is_none_or(|longest| match value {
                Value::Null => true,
                Value::String(text) => text.chars().count() <= longest,
                _ => false,
            })
        });
    }
    true
}

fn measure() -> Result<CallToolResult, Error> {
    let structured = |json: &str| CallToolResult {
        structured_content: Some(json.into()),
        ..says(vec![text(MEASURED)])
    };
    Ok(if mode::is("structured-without-text") {
        CallToolResult {
            content: vec![text("See elsewhere")],
            ..structured(MEASURED)
        }
    } else if mode::is("structured-mismatch") {
        structured(r#"{"number":"seven"}"#)
    } else if mode::is("structured-missing") {
        says(vec![text(MEASURED)])
    } else if mode::is("structured-no-json") {
        structured("{")
    } else if mode::is("trap") {
        core::arch::wasm32::unreachable()
    } else if mode::is("background-traps") {
        wit_bindgen::spawn_local(async {
            const A_MOMENT: u64 = 30_000_000;
            monotonic_clock::wait_for(A_MOMENT).await;
            panic!("something broke in the background");
        });
        structured(MEASURED)
    } else if mode::is("exit") {
        std::process::exit(3)
    } else if mode::is("spin") {
        loop {
            std::hint::black_box(());
        }
    } else if mode::is("needs-file") {
        let input = std::fs::read_to_string("/data/input.txt");
        says(vec![text(input.expect("/data/input.txt is there"))]);
        structured(MEASURED)
    } else {
        structured(MEASURED)
    })
}

async fn wait(context: RequestContext) -> Result<CallToolResult, Error> {
    const STEP: u64 = 60_000_000;
    for step in 1..=5 {
        monotonic_clock::wait_for(STEP).await;
        if context.is_cancelled() && !mode::is("cancellation-ignored") {
            break;
        }
        let progress = Progress {
            progress: if mode::is("progress-backwards") {
                -f64::from(step)
            } else {
                step.into()
            },
            total: Some(5.0),
            message: Some("Waiting".into()),
        };
        // A cancelled request has no progress: the host's error is not a failure of the work.
        let _ = context.report_progress(&progress);
        let data = if mode::is("secret-logged") {
            r#""password=hunter2, token sk-1234567890abcdef, at /home/someone/.ssh/id_rsa""#
        } else {
            "\"Waiting\""
        };
        let level = if mode::is("log-below-threshold") {
            LogLevel::Debug
        } else {
            LogLevel::Info
        };
        let _ = logging::log(Some(&context), level, Some("probe"), data);
    }
    if mode::is("change-undeclared") {
        notifications::tools_changed();
        notifications::resource_updated("service:///text", None);
    }
    if mode::is("progress-late") {
        wit_bindgen::spawn_local(async move {
            monotonic_clock::wait_for(STEP).await;
            let progress = Progress {
                progress: 100.0,
                ..Progress::default()
            };
            let _ = context.report_progress(&progress);
            let _ = logging::log(Some(&context), LogLevel::Emergency, None, "\"too late\"");
        });
    }
    Ok(says(vec![text("Waited")]))
}

/// Reports a change of each list.
fn change() -> CallToolResult {
    notifications::tools_changed();
    notifications::resources_changed();
    notifications::prompts_changed();
    says(vec![text("Told")])
}

fn link() -> CallToolResult {
    let uri = if mode::is("link-dead") {
        "service:///nowhere"
    } else {
        "service:///text"
    };
    let link = ContentBlock::ResourceLink(ResourceLink {
        uri: uri.into(),
        name: "text".into(),
        ..ResourceLink::default()
    });
    if !mode::is("embeds-undeclared") {
        return says(vec![link]);
    }
    says(vec![ContentBlock::EmbeddedResource(EmbeddedResource {
        resource: ResourceContents::Text(TextResourceContents {
            uri: "service:///text".into(),
            text: "Embedded".into(),
            ..TextResourceContents::default()
        }),
        annotations: None,
        meta: None,
        extra: None,
    })])
}

async fn ask(context: &RequestContext) -> Result<CallToolResult, Error> {
    let name = if mode::is("secret-asked") {
        "password"
    } else {
        "colour"
    };
    let field = StringSchema {
        title: Some(format!("Your {name}")),
        ..StringSchema::default()
    };
    let params = ElicitParams {
        message: format!("Please tell your {name}"),
        requested_schema: RequestedSchema {
            properties: vec![(name.into(), PrimitiveSchema::Text(field))],
            required: Some(vec![if mode::is("form-unfillable") {
                "missing".into()
            } else {
                name.into()
            }]),
            extra: None,
        },
        ..ElicitParams::default()
    };
    match elicitation::elicit(context.lent(), params).await {
        Ok(_) => Ok(says(vec![text("Asked")])),
        Err(cause) => Ok(CallToolResult {
            is_error: Some(true),
            ..says(vec![text(cause.message)])
        }),
    }
}
