//! What the host has to take into its lists, and what to refuse.

use super::{Call, Entry, Outcome};
use crate::bindings::wasi::mcp::content::{
    Annotations, Prompt, PromptArgument, Resource, ResourceTemplate, Tool,
};
use crate::bindings::wasi::mcp::runtime;
use crate::bindings::wasi::mcp::types::Error;
use crate::report::{Report, text_result};

pub const ENTRIES: &[Entry] = &[
    Entry::new("register-tools", |_| {
        Box::pin(async { Ok(tools().result()) })
    }),
    Entry::new("register-resources", |_| {
        Box::pin(async { Ok(resources().result()) })
    }),
    Entry::new("register-templates", |_| {
        Box::pin(async { Ok(templates().result()) })
    }),
    Entry::new("register-prompts", |_| {
        Box::pin(async { Ok(prompts().result()) })
    }),
    Entry::new("register-broken", |_| {
        Box::pin(async { Ok(broken().result()) })
    }),
    Entry::new("add", |call| Box::pin(add(call))),
    Entry::new("remove", |call| Box::pin(remove(call))),
    Entry::new("add-many", |call| Box::pin(add_many(call))),
    Entry::new("remove-itself", |_| Box::pin(remove_itself())),
];

pub fn tool(name: &str) -> Tool {
    Tool {
        name: name.into(),
        input_schema: r#"{"type":"object"}"#.into(),
        ..Tool::default()
    }
}

fn resource(name: &str) -> Resource {
    Resource {
        uri: format!("added:///{name}"),
        name: name.into(),
        ..Resource::default()
    }
}

fn template(name: &str) -> ResourceTemplate {
    ResourceTemplate {
        uri_template: format!("added:///{name}/{{part}}"),
        name: name.into(),
        ..ResourceTemplate::default()
    }
}

fn prompt(name: &str) -> Prompt {
    Prompt {
        name: name.into(),
        ..Prompt::default()
    }
}

/// What is the same for every kind of item: duplicates, unknown names, empty lists, all or nothing.
fn rules<T, K>(
    item: impl Fn(&str) -> T,
    key: impl Fn(&str) -> K,
    register: impl Fn(&[T]) -> Result<(), Error>,
    unregister: impl Fn(&[K]) -> Result<(), Error>,
) -> Report {
    let mut report = Report::default();
    report.note("empty", register(&[]));
    report.note("new", register(&[item("first")]));
    report.note("again", register(&[item("first")]));
    report.note(
        "twice-in-one-call",
        register(&[item("second"), item("second")]),
    );
    report.note(
        "with-one-refused",
        register(&[item("third"), item("first")]),
    );
    report.note("third-was-not-taken", register(&[item("third")]));
    report.note("unregister-empty", unregister(&[]));
    report.note("unregister-unknown", unregister(&[key("unknown")]));
    report.note(
        "unregister-twice",
        unregister(&[key("first"), key("first")]),
    );
    report.note(
        "unregister-with-one-refused",
        unregister(&[key("first"), key("unknown")]),
    );
    report.note("first-is-still-there", register(&[item("first")]));
    report.note("unregister", unregister(&[key("first"), key("third")]));
    report.note("after-unregistering", register(&[item("first")]));
    report.note("unregister-again", unregister(&[key("first")]));
    report
}

fn tools() -> Report {
    let mut report = rules(
        tool,
        |name| name.to_owned(),
        runtime::register_tools,
        runtime::unregister_tools,
    );
    let long = "n".repeat(300);
    let names = [
        long.as_str(),
        "name with blanks, \u{1f980} and / signs",
        "UPPER",
        "upper",
    ];
    let odd: Vec<Tool> = names.iter().map(|name| tool(name)).collect();
    report.note("odd-names", runtime::register_tools(&odd));
    let names = names.map(str::to_owned);
    report.note("unregister-odd-names", runtime::unregister_tools(&names));
    report
}

fn resources() -> Report {
    rules(
        resource,
        |name| resource(name).uri,
        runtime::register_resources,
        runtime::unregister_resources,
    )
}

fn templates() -> Report {
    rules(
        template,
        |name| template(name).uri_template,
        runtime::register_resource_templates,
        runtime::unregister_resource_templates,
    )
}

/// The capability is not declared: prompts are accepted and not offered.
fn prompts() -> Report {
    let mut report = rules(
        prompt,
        |name| name.to_owned(),
        runtime::register_prompts,
        runtime::unregister_prompts,
    );
    let argument = PromptArgument {
        name: "same".into(),
        ..PromptArgument::default()
    };
    let doubled = Prompt {
        arguments: Some(vec![argument.clone(), argument]),
        ..prompt("doubled")
    };
    report.note("argument-twice", runtime::register_prompts(&[doubled]));
    report
}

/// Items that break a rule of the interface `content`, or of JSON.
fn broken() -> Report {
    let mut report = Report::default();
    let mut sized = |step: &str, size: f64| {
        let sized = Resource {
            size: Some(size),
            ..resource("sized")
        };
        report.note(step, runtime::register_resources(&[sized]));
    };
    sized("size-negative", -1.0);
    sized("size-fraction", 0.5);
    sized("size-nan", f64::NAN);
    let important = Resource {
        annotations: Some(Annotations {
            priority: Some(1.5),
            ..Annotations::default()
        }),
        ..resource("important")
    };
    report.note(
        "priority-beyond-1",
        runtime::register_resources(&[important]),
    );
    let mut meta = |step: &str, meta: &str| {
        let tool = Tool {
            meta: Some(meta.into()),
            ..tool("with-meta")
        };
        report.note(step, runtime::register_tools(&[tool]));
    };
    meta("meta-no-json", "{");
    meta("meta-no-object", "[1]");
    meta("meta-half-surrogate", r#"{"a":"\ud800"}"#);
    let extra = Tool {
        extra: Some("1".into()),
        ..tool("with-extra")
    };
    report.note("extra-no-object", runtime::register_tools(&[extra]));
    report
}

async fn add(call: Call) -> Outcome {
    let name = call.argument("name");
    let name = name.as_str().unwrap_or("added");
    runtime::register_tools(&[tool(name)])?;
    runtime::register_resources(&[resource(name)])?;
    Ok(text_result("Added"))
}

async fn remove(call: Call) -> Outcome {
    let name = call.argument("name");
    let name = name.as_str().unwrap_or("added");
    runtime::unregister_tools(&[name.to_owned()])?;
    runtime::unregister_resources(&[resource(name).uri])?;
    Ok(text_result("Removed"))
}

/// So many that a list has more than one page.
async fn add_many(call: Call) -> Outcome {
    let count = call.argument("count").as_u64().unwrap_or(1);
    let tools: Vec<Tool> = (0..count)
        .map(|number| tool(&format!("many-{number}")))
        .collect();
    runtime::register_tools(&tools)?;
    Ok(text_result("Added"))
}

/// A call that is running when its tool is unregistered runs to its end.
async fn remove_itself() -> Outcome {
    runtime::unregister_tools(&["remove-itself".to_owned()])?;
    crate::edge::sleep(20).await;
    Ok(text_result("Still here"))
}
