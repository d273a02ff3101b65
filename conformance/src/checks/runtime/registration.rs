//! Items that a host accepts into its lists, and ones that it refuses.

use serde_json::{Value, json};

use super::{RuntimeCheck, answers, comes, compare, seen, violation};
use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::stand::{ask, invoke};
use crate::checks::{Finding, Judgement, Tally};
use crate::driver::{ClientRole, Session};
use crate::runtime::Base;
use crate::survey::listing::List;

/// The checks of this group.
pub const CHECKS: &[RuntimeCheck] = &[
    runtime_check!(
        "runtime-registration/tools",
        "Accepts and refuses tools by the rules, and names the refused item.",
        [
            "wit.register.all-or-nothing",
            "wit.register.names-item",
            "wit.register.duplicate",
            "wit.register.empty",
            "wit.unregister.unknown",
            "wit.tool.any-name"
        ],
        Base::BACKENDS,
        tools
    ),
    runtime_check!(
        "runtime-registration/resources",
        "Accepts and refuses resources by the rules.",
        [
            "wit.register.all-or-nothing",
            "wit.register.duplicate",
            "wit.unregister.unknown",
            "wit.register-resources.uri"
        ],
        Base::BACKENDS,
        resources
    ),
    runtime_check!(
        "runtime-registration/templates",
        "Accepts and refuses resource templates by the rules.",
        [
            "wit.register.all-or-nothing",
            "wit.register.duplicate",
            "wit.unregister.unknown",
            "wit.register-resource-templates.template"
        ],
        Base::BACKENDS,
        templates
    ),
    runtime_check!(
        "runtime-registration/prompts",
        "Accepts and refuses prompts by the rules.",
        [
            "wit.register.all-or-nothing",
            "wit.register.duplicate",
            "wit.unregister.unknown"
        ],
        Base::BACKENDS,
        prompts
    ),
    runtime_check!(
        "runtime-registration/undeclared",
        "Accepts prompts of an undeclared capability, but does not list them.",
        ["wit.register.undeclared"],
        Base::BACKENDS,
        undeclared
    ),
    runtime_check!(
        "runtime-registration/undeclared-changes",
        "Sends no list_changed and no updates that the component did not declare.",
        [
            "wit.register.list-changed-declared",
            "wit.capabilities.as-given"
        ],
        Base::BACKENDS,
        undeclared_changes
    ),
    runtime_check!(
        "runtime-registration/subscriptions-stay",
        "Keeps the subscription to a resource that is unregistered.",
        ["wit.unregister.subscriptions-stay"],
        Base::BACKENDS,
        subscriptions_stay
    ),
    runtime_check!(
        "runtime-registration/prompt-requests",
        "Refuses unknown prompts and requests without a required argument, before the component sees them.",
        ["wit.prompts.refused"],
        Base::BACKENDS,
        prompt_requests
    ),
    runtime_check!(
        "runtime-registration/prompt-arguments",
        "Refuses a prompt with two arguments of the same name.",
        ["wit.register-prompts.argument-twice"],
        Base::BACKENDS,
        prompt_arguments
    ),
    runtime_check!(
        "runtime-registration/schemas",
        "Refuses invalid schemas, and accepts valid ones.",
        [
            "wit.register.schema",
            "wit.tool.references-within",
            "wit.tool.dialect",
            "wit.tool.unknown-dialect"
        ],
        Base::BACKENDS,
        schemas
    ),
    runtime_check!(
        "runtime-registration/rules-of-content",
        "Refuses items that break a rule of the interface content, and text that is not JSON.",
        ["wit.register.content", "wit.json.checked-import"],
        Base::BACKENDS,
        broken
    ),
    runtime_check!(
        "runtime-registration/changes",
        "Adds items to its lists and removes them after the start, and notifies the client of both.",
        ["wit.register.after-serve", "wit.register.list-changed"],
        Base::BACKENDS,
        changes
    ),
    runtime_check!(
        "runtime-registration/order",
        "Lists in the order of registration.",
        ["wit.register.order"],
        Base::BACKENDS,
        order
    ),
    runtime_check!(
        "runtime-registration/cursors",
        "Accepts its own cursors even after the list has changed, and refuses all others.",
        ["wit.register.cursor"],
        Base::BACKENDS,
        cursors
    ),
    runtime_check!(
        "runtime-registration/unknown-tool",
        "Refuses an unknown tool, and invalid arguments, before the component sees them.",
        [
            "wit.call-tool.unknown",
            "wit.call-tool.arguments",
            "wit.call-tool.no-arguments",
            "wit.call-tool.arguments-data"
        ],
        Base::BACKENDS,
        unknown_tool
    ),
    runtime_check!(
        "runtime-registration/formats",
        "Accepts arguments and structured content that do not match the keyword `format`.",
        ["wit.tool.format"],
        Base::BACKENDS,
        formats
    ),
    runtime_check!(
        "runtime-registration/running-call",
        "Finishes a call whose tool is unregistered while it runs.",
        ["wit.unregister.running-call"],
        Base::BACKENDS,
        running_call
    ),
];

/// The steps and answers that every kind of item shares.
const RULES: &[(&str, &str)] = &[
    ("empty", "ok"),
    ("new", "ok"),
    ("again", "invalid-params"),
    ("twice-in-one-call", "invalid-params"),
    ("with-one-refused", "invalid-params"),
    ("third-was-not-taken", "ok"),
    ("unregister-empty", "ok"),
    ("unregister-unknown", "invalid-params"),
    ("unregister-twice", "invalid-params"),
    ("unregister-with-one-refused", "invalid-params"),
    ("first-is-still-there", "invalid-params"),
    ("unregister", "ok"),
    ("after-unregistering", "ok"),
    ("unregister-again", "ok"),
];

/// Tries the rules on one kind of item, whose refused name is in the errors.
async fn rules(stand: &Stand, tool: &str, further: &[(&str, &str)]) -> Judgement {
    let session = stand.session().await?;
    let told = ask(&session, tool).await?;
    let mut tally = Tally::default();
    compare(&mut tally, tool, &told, RULES);
    compare(&mut tally, tool, &told, further);
    for (step, name) in [
        ("again", "first"),
        ("twice-in-one-call", "second"),
        ("with-one-refused", "first"),
        ("unregister-unknown", "unknown"),
        ("unregister-with-one-refused", "unknown"),
    ] {
        let message = told.get(&format!("{step}-message"));
        let names = message
            .and_then(Value::as_str)
            .is_some_and(|text| text.contains(name));
        tally.expect(names, || {
            format!("the tool {tool} of the probes expected an error that names `{name}` at the step `{step}`; the host said {message:?}")
        });
    }
    tally.judge("answers of the host were right", "")
}

async fn tools(stand: &Stand) -> Judgement {
    let odd = [
        ("odd-names", "ok"),
        ("unregister-odd-names", "ok"),
        ("empty-changed-nothing", "ok"),
    ];
    rules(stand, "register-tools", &odd).await
}

async fn resources(stand: &Stand) -> Judgement {
    let unfit = ["no-uri", "empty-uri", "broken-escape", "no-scheme"];
    let unfit = unfit.map(|step| (step, "invalid-params"));
    rules(stand, "register-resources", &unfit).await
}

async fn templates(stand: &Stand) -> Judgement {
    let unfit = ["unclosed", "unopened", "no-variable"];
    let unfit = unfit.map(|step| (step, "invalid-params"));
    rules(stand, "register-templates", &unfit).await
}

async fn prompts(stand: &Stand) -> Judgement {
    rules(stand, "register-prompts", &[]).await
}

async fn undeclared(stand: &Stand) -> Judgement {
    let session = stand
        .session_in("only-tools", ClientRole::complete())
        .await?;
    let told = ask(&session, "register-prompts").await?;
    let mut tally = Tally::default();
    compare(&mut tally, "register-prompts", &told, RULES);
    tally.expect(!session.offers("prompts", None), || {
        format!(
            "expected no capability prompts; the host declared {}",
            session.capabilities()
        )
    });
    for (method, params) in [
        ("prompts/list", Value::Null),
        ("prompts/get", json!({"name": "full-empty"})),
    ] {
        let reply = session.request(method, params).await;
        tally.note(reply.error_with(&[-32601]).map(drop));
    }
    tally.judge("prompts were accepted but not listed", "")
}

async fn undeclared_changes(stand: &Stand) -> Judgement {
    let session = stand.session_in("quiet", ClientRole::complete()).await?;
    let mut tally = Tally::default();
    let right = json!({
        "experimental": {},
        "logging": {},
        "prompts": {},
        "resources": {"listChanged": false},
        "tools": {},
    });
    let declared = session.capabilities();
    tally.expect(*declared == right, || {
        format!(
            "the component declared {right}; expected the same of the host; it declared {declared}"
        )
    });
    let uri = json!({"uri": "probe:///bytes"});
    let reply = session.request("resources/subscribe", uri.clone()).await;
    tally.note(reply.error_with(&[-32601]).map(drop));
    let reply = session.request("resources/unsubscribe", uri).await;
    tally.note(reply.error_with(&[-32601]).map(drop));
    let from = session.log().len();
    invoke(&session, "add", json!({"name": "quietly"}))
        .await
        .result()?;
    invoke(&session, "notify", json!({})).await.result()?;
    invoke(&session, "update", json!({"subscribed": "probe:///bytes"}))
        .await
        .result()?;
    let names = tool_names(&session).await?;
    tally.expect(names.contains(&"quietly".to_owned()), || {
        "a tool was added but not listed".to_owned()
    });
    // A new instance has other lists than the client saw.
    invoke(&session, "trap", json!({}))
        .await
        .error_with(&[-32603])?;
    invoke(&session, "echo", json!({})).await.result()?;
    session.settle().await;
    for method in [
        "notifications/tools/list_changed",
        "notifications/resources/list_changed",
        "notifications/prompts/list_changed",
        "notifications/resources/updated",
    ] {
        let sent = seen(&session, from, method).len();
        tally.expect(sent == 0, || {
            format!("expected no {method}, which the component did not declare; {sent} came")
        });
    }
    tally.judge("actions caused no notification", "")
}

async fn subscriptions_stay(stand: &Stand) -> Judgement {
    const URI: &str = "added:///watched";
    let session = stand.session().await?;
    invoke(&session, "add", json!({"name": "watched"}))
        .await
        .result()?;
    session
        .request("resources/subscribe", json!({"uri": URI}))
        .await
        .result()?;
    invoke(&session, "remove", json!({"name": "watched"}))
        .await
        .result()?;
    let from = session.log().len();
    invoke(&session, "update", json!({"subscribed": URI}))
        .await
        .result()?;
    comes(
        &session,
        from,
        "notifications/resources/updated",
        "a change of a resource that was unregistered while the client was subscribed",
    )
    .await?;
    Ok("a subscription outlived the registration of its resource".to_owned())
}

async fn prompt_requests(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut tally = Tally::default();
    for params in [
        json!({"name": "no-such-prompt"}),
        json!({"name": "strict"}),
        json!({"name": "strict", "arguments": {}}),
        json!({"name": "strict", "arguments": {"spare": "1"}}),
        json!({"name": "full", "arguments": {"second": "", "third": ""}}),
    ] {
        let reply = session.request("prompts/get", params).await;
        tally.note(reply.error_with(&[-32602]).map(drop));
    }
    let params = json!({"name": "strict", "arguments": {"needed": ""}});
    tally.note(
        session
            .request("prompts/get", params)
            .await
            .result()
            .map(drop),
    );
    let reply = session
        .request("prompts/get", json!({"name": "failing"}))
        .await;
    tally.note(reply.error_with(&[-9]).map(drop));
    let calls = ask(&session, "tell-instance").await?["calls"].clone();
    tally.expect(calls == 3, || {
        format!("expected the component to see 3 requests: two good ones, and this; it saw {calls}")
    });
    tally.judge(
        "requests for prompts were refused or passed on, as required",
        "",
    )
}

async fn prompt_arguments(stand: &Stand) -> Judgement {
    answers(
        stand,
        "register-prompts",
        &[("argument-twice", "invalid-params")],
    )
    .await
}

async fn schemas(stand: &Stand) -> Judgement {
    const REFUSED: &[&str] = &[
        "no-json",
        "no-object",
        "half-surrogate",
        "no-type",
        "type-string",
        "type-unknown",
        "remote-reference",
        "file-reference",
        "lost-reference",
        "unknown-dialect",
        "no-dialect",
    ];
    const TAKEN: &[&str] = &[
        "inner-reference",
        "recursive-reference",
        "unknown-keyword",
        "named-dialect",
        "line-breaks",
    ];
    let cases = REFUSED.iter().map(|case| (case, "invalid-params"));
    let cases = cases.chain(TAKEN.iter().map(|case| (case, "ok")));
    let steps: Vec<(String, &str)> = cases
        .flat_map(|(case, right)| {
            ["input", "output"].map(|which| (format!("{which}-{case}"), right))
        })
        .collect();
    let steps: Vec<(&str, &str)> = steps
        .iter()
        .map(|(step, right)| (step.as_str(), *right))
        .collect();
    answers(stand, "register-schemas", &steps).await
}

async fn broken(stand: &Stand) -> Judgement {
    let steps = [
        "priority-negative",
        "priority-nan",
        "template-priority-beyond-1",
        "size-beyond-2-53",
        "size-infinite",
        "resource-meta-no-object",
        "template-extra-no-json",
        "prompt-meta-no-json",
        "argument-extra-no-object",
        "size-negative",
        "size-fraction",
        "size-nan",
        "priority-beyond-1",
        "meta-no-json",
        "meta-no-object",
        "meta-half-surrogate",
        "extra-no-object",
    ];
    let mut steps: Vec<(&str, &str)> = steps
        .into_iter()
        .map(|step| (step, "invalid-params"))
        .collect();
    steps.extend([
        ("size-2-53", "ok"),
        ("priority-1", "ok"),
        ("priority-0", "ok"),
    ]);
    answers(stand, "register-broken", &steps).await
}

/// The names of the tools, over all pages.
async fn tool_names(session: &Session) -> Result<Vec<String>, Finding> {
    names_of(session, List::Tools).await
}

/// The names of a list's items, over all pages.
async fn names_of(session: &Session, list: List) -> Result<Vec<String>, Finding> {
    let (member, key) = match list {
        List::Tools => ("tools", "name"),
        List::Resources => ("resources", "uri"),
        List::Templates => ("resourceTemplates", "uriTemplate"),
        List::Prompts => ("prompts", "name"),
    };
    let mut names = Vec::new();
    let mut params = Value::Null;
    loop {
        let reply = session.request(list.method(), params).await;
        let result = reply.result()?;
        let items = result[member].as_array().into_iter().flatten();
        names.extend(items.filter_map(|item| item[key].as_str().map(str::to_owned)));
        match result.get("nextCursor") {
            Some(cursor) if names.len() < 5000 => params = json!({"cursor": cursor}),
            _ => return Ok(names),
        }
    }
}

async fn changes(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    for (tool, listed) in [("add", true), ("remove", false)] {
        let from = session.log().len();
        invoke(&session, tool, json!({"name": "changed"}))
            .await
            .result()?;
        for list in ["tools", "resources", "prompts"] {
            comes(
                &session,
                from,
                &format!("notifications/{list}/list_changed"),
                &format!("the tool {tool}"),
            )
            .await?;
        }
        for (list, name) in [
            (List::Resources, "added:///changed"),
            (List::Templates, "added:///changed/{part}"),
            (List::Prompts, "changed"),
        ] {
            let names = names_of(&session, list).await?;
            if names.contains(&name.to_owned()) != listed {
                return violation(
                    "the list to match the registered items",
                    format!("{} does not: {}", list.method(), names.join(", ")),
                );
            }
        }
        if tool_names(&session).await?.contains(&"changed".to_owned()) != listed {
            let state = if listed {
                "added and not listed"
            } else {
                "removed and still listed"
            };
            return violation(
                "the list to match the registered items",
                format!("a tool was {state}"),
            );
        }
    }
    Ok("a tool and a resource came and went, and the client was told".to_owned())
}

async fn order(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let others = [List::Resources, List::Templates, List::Prompts];
    let mut lists = Vec::new();
    for list in others {
        lists.push(names_of(&session, list).await?);
    }
    let before = tool_names(&session).await?;
    for name in ["zebra", "ape"] {
        invoke(&session, "add", json!({"name": name}))
            .await
            .result()?;
    }
    let expected: Vec<String> = before
        .into_iter()
        .chain(["zebra", "ape"].map(str::to_owned))
        .collect();
    let names = tool_names(&session).await?;
    if names.first().map(String::as_str) != Some("register-tools") || names != expected {
        return violation(
            "the tools in the order of registration",
            format!("got {}", names.join(", ")),
        );
    }
    let added = |name: &str| {
        [
            format!("added:///{name}"),
            format!("added:///{name}/{{part}}"),
            name.to_owned(),
        ]
    };
    for (index, (list, before)) in others.into_iter().zip(lists).enumerate() {
        let expected: Vec<String> = before
            .into_iter()
            .chain(["zebra", "ape"].map(|name| added(name)[index].clone()))
            .collect();
        let names = names_of(&session, list).await?;
        if names != expected {
            return violation(
                &format!(
                    "{} in the order of registration, {}",
                    list.method(),
                    expected.join(", ")
                ),
                format!("got {}", names.join(", ")),
            );
        }
    }
    Ok(format!(
        "{} tools and the items of the other lists were in order",
        names.len()
    ))
}

async fn cursors(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    for list in [List::Tools, List::Resources, List::Templates, List::Prompts] {
        for cursor in ["", "nonsense", "0", "AAAA"] {
            let reply = session
                .request(list.method(), json!({"cursor": cursor}))
                .await;
            reply.error_with(&[-32602])?;
        }
    }
    invoke(&session, "add-many", json!({"count": 600}))
        .await
        .result()?;
    let reply = session.request("tools/list", Value::Null).await;
    let Some(cursor) = reply.result()?.get("nextCursor").cloned() else {
        return Ok("cursors were refused that the host did not make; more than 600 tools are one page to it".to_owned());
    };
    invoke(&session, "add", json!({"name": "later"}))
        .await
        .result()?;
    let first = reply.result()?["tools"].clone();
    let mut tools: Vec<Value> = first.as_array().into_iter().flatten().cloned().collect();
    let mut next = Some(cursor);
    while let Some(cursor) = next {
        let reply = session
            .request("tools/list", json!({"cursor": cursor}))
            .await;
        let page = reply.result()?;
        tools.extend(page["tools"].as_array().into_iter().flatten().cloned());
        next = page
            .get("nextCursor")
            .filter(|_| tools.len() < 5000)
            .cloned();
    }
    let many: Vec<&str> = tools
        .iter()
        .filter_map(|tool| tool["name"].as_str())
        .filter(|name| name.starts_with("many-"))
        .collect();
    let expected: Vec<String> = (0..600).map(|number| format!("many-{number}")).collect();
    if many != expected {
        return violation(
            "each of 600 tools once, in their order, over all pages",
            format!("got {} of them, or another order", many.len()),
        );
    }
    Ok("a cursor stayed good when the list changed, and others were refused".to_owned())
}

async fn unknown_tool(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut tally = Tally::default();
    let calls = [
        ("no-such-tool", json!({})),
        ("strict", json!({})),
        ("strict", json!({"count": 0})),
        ("strict", json!({"count": "1"})),
        ("strict", json!({"count": 1, "more": true})),
    ];
    for (tool, arguments) in calls {
        let reply = invoke(&session, tool, arguments).await;
        tally.note(reply.error_with(&[-32602]).map(drop));
        let text = reply.entry.as_ref().map(|entry| entry.text());
        let says = text.is_some_and(|text| text.contains("\"data\""));
        tally.expect(says || tool != "strict", || {
            format!(
                "sent {}; expected `data` that says where the arguments do not fit; got {}",
                reply.sent,
                reply.came()
            )
        });
    }
    // Without arguments, a tool is called as with `{}`.
    let without = session
        .request("tools/call", json!({"name": "strict"}))
        .await;
    tally.note(without.error_with(&[-32602]).map(drop));
    let reply = invoke(&session, "strict", json!({"count": 1})).await;
    tally.note(reply.result().map(drop));
    let calls = ask(&session, "tell-instance").await?["calls"].clone();
    tally.expect(calls == 2, || {
        format!("expected the component to see 2 calls, the good one and this; it saw {calls}")
    });
    tally.judge("calls were refused or let through, as they should", "")
}

async fn formats(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let arguments = json!({"mail": "none", "date": "yesterday", "uri": "no uri", "pattern": "("});
    let reply = invoke(&session, "formatted", arguments.clone()).await;
    if reply.result()?.get("structuredContent") != Some(&arguments) {
        return Err(reply.unexpected("the arguments as structured content"));
    }
    // The rest of the schema is asserted.
    let reply = invoke(&session, "formatted", json!({"date": "yesterday"})).await;
    reply.error_with(&[-32602])?;
    Ok(format!("{arguments} went in and out"))
}

async fn running_call(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    invoke(&session, "remove-itself", json!({}))
        .await
        .result()?;
    let again = invoke(&session, "remove-itself", json!({})).await;
    again.error_with(&[-32602])?;
    Ok("a call ended well whose tool had gone".to_owned())
}
