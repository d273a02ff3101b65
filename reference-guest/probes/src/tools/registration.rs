//! Registrations that the host must accept, and ones that it must refuse.

use super::{Call, Entry, Outcome};
use crate::bindings::wasi::mcp::content::{
    Annotations, Prompt, PromptArgument, Resource, ResourceTemplate, Tool,
};
use crate::bindings::wasi::mcp::types::Error;
use crate::host::runtime;
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

/// Tests the rules for every kind of item: duplicates, unknown names, empty lists, all or nothing.
fn rules<T, K>(
    item: impl Fn(&str) -> T,
    key: impl Fn(&str) -> K,
    register: impl Fn(&[T]) -> Result<(), Error>,
    unregister: impl Fn(&[K]) -> Result<(), Error>,
) -> Report {
    let mut report = Report::default();
    report.note("empty", register(&[]));
    report.note("new", register(&[item("first")]));
    report.note_words("again", register(&[item("first")]));
    report.note_words(
        "twice-in-one-call",
        register(&[item("second"), item("second")]),
    );
    report.note_words(
        "with-one-refused",
        register(&[item("third"), item("first")]),
    );
    report.note("third-was-not-taken", register(&[item("third")]));
    report.note("unregister-empty", unregister(&[]));
    report.note_words("unregister-unknown", unregister(&[key("unknown")]));
    report.note(
        "unregister-twice",
        unregister(&[key("first"), key("first")]),
    );
    report.note_words(
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
    // What was registered before is still there after an empty list.
    let kept = ["strict".to_owned()];
    let kept =
        runtime::unregister_tools(&kept).and_then(|()| runtime::register_tools(&[tool("strict")]));
    report.note("empty-changed-nothing", kept);
    report
}

fn resources() -> Report {
    let mut report = rules(
        resource,
        |name| resource(name).uri,
        runtime::register_resources,
        runtime::unregister_resources,
    );
    for (step, uri) in [
        ("no-uri", "no uri"),
        ("empty-uri", ""),
        ("broken-escape", "x:%zz"),
        ("no-scheme", "//host/path"),
    ] {
        let unfit = Resource {
            uri: uri.into(),
            ..resource(step)
        };
        report.note(step, runtime::register_resources(&[unfit]));
    }
    report
}

fn templates() -> Report {
    let mut report = rules(
        template,
        |name| template(name).uri_template,
        runtime::register_resource_templates,
        runtime::unregister_resource_templates,
    );
    for (step, uri_template) in [
        ("unclosed", "x://{"),
        ("unopened", "x://a}"),
        ("no-variable", "x://ab{}"),
    ] {
        let unfit = ResourceTemplate {
            uri_template: uri_template.into(),
            ..template(step)
        };
        report.note(step, runtime::register_resource_templates(&[unfit]));
    }
    report
}

/// Registers prompts. If the capability is not declared, they are accepted but not listed.
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
    sized("size-infinite", f64::INFINITY);
    sized("size-beyond-2-53", 9_007_199_254_740_994.0);
    sized("size-2-53", 9_007_199_254_740_992.0);
    let important = |priority| {
        Some(Annotations {
            priority: Some(priority),
            ..Annotations::default()
        })
    };
    let uris = [resource("sized").uri];
    // It is listed if its size was accepted.
    let _ = runtime::unregister_resources(&uris);
    for (step, priority) in [
        ("priority-beyond-1", 1.5),
        ("priority-negative", -0.25),
        ("priority-nan", f64::NAN),
        ("priority-1", 1.0),
        ("priority-0", 0.0),
    ] {
        let important = Resource {
            annotations: important(priority),
            ..resource(step)
        };
        report.note(step, runtime::register_resources(&[important]));
    }
    report.note(
        "template-priority-beyond-1",
        runtime::register_resource_templates(&[ResourceTemplate {
            annotations: important(1.5),
            ..template("important")
        }]),
    );
    report.note(
        "template-extra-no-json",
        runtime::register_resource_templates(&[ResourceTemplate {
            extra: Some("}".into()),
            ..template("with-extra")
        }]),
    );
    report.note(
        "resource-meta-no-object",
        runtime::register_resources(&[Resource {
            meta: Some("null".into()),
            ..resource("with-meta")
        }]),
    );
    report.note(
        "prompt-meta-no-json",
        runtime::register_prompts(&[Prompt {
            meta: Some("nonsense".into()),
            ..prompt("with-meta")
        }]),
    );
    report.note(
        "argument-extra-no-object",
        runtime::register_prompts(&[Prompt {
            arguments: Some(vec![PromptArgument {
                name: "a".into(),
                extra: Some("7".into()),
                ..PromptArgument::default()
            }]),
            ..prompt("with-argument")
        }]),
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
    runtime::register_resource_templates(&[template(name)])?;
    runtime::register_prompts(&[prompt(name)])?;
    Ok(text_result("Added"))
}

async fn remove(call: Call) -> Outcome {
    let name = call.argument("name");
    let name = name.as_str().unwrap_or("added");
    runtime::unregister_tools(&[name.to_owned()])?;
    runtime::unregister_resources(&[resource(name).uri])?;
    runtime::unregister_resource_templates(&[template(name).uri_template])?;
    runtime::unregister_prompts(&[name.to_owned()])?;
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
