//! What a host takes into its lists, and what it refuses.

use serde_json::{Value, json};

use super::{RuntimeCheck, answers, comes, violation};
use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::stand::invoke;
use crate::checks::{Finding, Judgement, Tally};
use crate::driver::Session;
use crate::runtime::Base;
use crate::survey::listing::List;

/// The checks of this group.
pub const CHECKS: &[RuntimeCheck] = &[
    runtime_check!(
        "runtime-registration/tools",
        "Takes and refuses tools by the rules.",
        [
            "wit.register.all-or-nothing",
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
        "Takes and refuses resources by the rules.",
        [
            "wit.register.all-or-nothing",
            "wit.register.duplicate",
            "wit.unregister.unknown"
        ],
        Base::BACKENDS,
        resources
    ),
    runtime_check!(
        "runtime-registration/templates",
        "Takes and refuses resource templates by the rules.",
        [
            "wit.register.all-or-nothing",
            "wit.register.duplicate",
            "wit.unregister.unknown"
        ],
        Base::BACKENDS,
        templates
    ),
    runtime_check!(
        "runtime-registration/prompts",
        "Takes and refuses prompts by the rules, also where they are not declared.",
        [
            "wit.register.all-or-nothing",
            "wit.register.duplicate",
            "wit.unregister.unknown",
            "wit.register.undeclared"
        ],
        Base::BACKENDS,
        prompts
    ),
    runtime_check!(
        "runtime-registration/prompt-arguments",
        "Refuses a prompt with two arguments of one name.",
        ["wit.register-prompts.argument-twice"],
        Base::BACKENDS,
        prompt_arguments
    ),
    runtime_check!(
        "runtime-registration/schemas",
        "Refuses schemas that are none, and takes those that are.",
        [
            "wit.register.schema",
            "wit.tool.references-within",
            "wit.tool.dialect"
        ],
        Base::BACKENDS,
        schemas
    ),
    runtime_check!(
        "runtime-registration/rules-of-content",
        "Refuses what breaks a rule of the interface content, and what is no JSON.",
        ["wit.register.content", "wit.json.checked-import"],
        Base::BACKENDS,
        broken
    ),
    runtime_check!(
        "runtime-registration/changes",
        "Lists what is added after the start, no longer what is removed, and tells the client of both.",
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
        "Takes its cursors also after the list has changed, and no others.",
        ["wit.register.cursor"],
        Base::BACKENDS,
        cursors
    ),
    runtime_check!(
        "runtime-registration/unknown-tool",
        "Refuses an unknown tool, and arguments that do not fit, before the component sees them.",
        ["wit.call-tool.unknown", "wit.call-tool.arguments"],
        Base::BACKENDS,
        unknown_tool
    ),
    runtime_check!(
        "runtime-registration/formats",
        "Takes arguments and structured content that do not fit the keyword `format`.",
        ["wit.tool.format"],
        Base::BACKENDS,
        formats
    ),
    runtime_check!(
        "runtime-registration/running-call",
        "Lets a call run to its end whose tool is unregistered meanwhile.",
        ["wit.unregister.running-call"],
        Base::BACKENDS,
        running_call
    ),
];

/// What is the same for every kind of item.
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

async fn tools(stand: &Stand) -> Judgement {
    let odd = [("odd-names", "ok"), ("unregister-odd-names", "ok")];
    answers(stand, "register-tools", &[RULES, &odd].concat()).await
}

async fn resources(stand: &Stand) -> Judgement {
    answers(stand, "register-resources", RULES).await
}

async fn templates(stand: &Stand) -> Judgement {
    answers(stand, "register-templates", RULES).await
}

async fn prompts(stand: &Stand) -> Judgement {
    answers(stand, "register-prompts", RULES).await
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
        "size-negative",
        "size-fraction",
        "size-nan",
        "priority-beyond-1",
        "meta-no-json",
        "meta-no-object",
        "meta-half-surrogate",
        "extra-no-object",
    ];
    let steps = steps.map(|step| (step, "invalid-params"));
    answers(stand, "register-broken", &steps).await
}

/// The names of the tools, over all pages.
async fn tool_names(session: &Session) -> Result<Vec<String>, Finding> {
    let mut names = Vec::new();
    let mut params = Value::Null;
    loop {
        let reply = session.request(List::Tools.method(), params).await;
        let result = reply.result()?;
        let tools = result["tools"].as_array().into_iter().flatten();
        names.extend(tools.filter_map(|tool| tool["name"].as_str().map(str::to_owned)));
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
        for list in ["tools", "resources"] {
            comes(
                &session,
                from,
                &format!("notifications/{list}/list_changed"),
                &format!("the tool {tool}"),
            )
            .await?;
        }
        if tool_names(&session).await?.contains(&"changed".to_owned()) != listed {
            let state = if listed {
                "added and not listed"
            } else {
                "removed and still listed"
            };
            return violation(
                "the list to follow what is registered",
                format!("a tool was {state}"),
            );
        }
    }
    Ok("a tool and a resource came and went, and the client was told".to_owned())
}

async fn order(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
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
    Ok(format!("{} tools stood in their order", names.len()))
}

async fn cursors(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    for cursor in ["", "nonsense", "0", "AAAA"] {
        let reply = session
            .request("tools/list", json!({"cursor": cursor}))
            .await;
        reply.error_with(&[-32602])?;
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
    session
        .request("tools/list", json!({"cursor": cursor}))
        .await
        .result()?;
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
    }
    let reply = invoke(&session, "strict", json!({"count": 1})).await;
    tally.note(reply.result().map(drop));
    let calls =
        crate::checks::runtime::stand::ask(&session, "tell-instance").await?["calls"].clone();
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
