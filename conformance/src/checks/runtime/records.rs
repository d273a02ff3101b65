//! Records with every field, in both directions: written and read by a host.

use serde_json::{Value, json};

use super::whole::{self, FURTHER, META, NOTE, compact, difference, tidy};
use super::{RuntimeCheck, violation};
use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::stand::{call, invoke, invoke_with_token, told};
use crate::checks::{Finding, Judgement, Tally};
use crate::driver::client_role::{Answer, Asked};
use crate::driver::{ClientRole, Reply, Session};
use crate::model::requirements::REVISION;
use crate::runtime::Base;
use crate::runtime::components::DEFAULT;

/// The checks of this group.
pub const CHECKS: &[RuntimeCheck] = &[
    runtime_check!(
        "runtime-records/server",
        "Writes every field of a server's description, and `logging` as required.",
        [
            "wit.types.fields",
            "wit.extra.written",
            "wit.capabilities.as-given",
            "wit.capabilities.extra-logging"
        ],
        Base::BACKENDS,
        server
    ),
    runtime_check!(
        "runtime-records/lists",
        "Writes every field of the items of its lists, and omits those that are none.",
        [
            "wit.types.fields",
            "wit.types.none",
            "wit.types.whole-numbers",
            "wit.extra.written"
        ],
        Base::BACKENDS,
        lists
    ),
    runtime_check!(
        "runtime-records/pages",
        "Writes every field of a service's pages, contents and prompts, and passes it cursors and parameters unchanged.",
        [
            "wit.types.fields",
            "wit.catalog.pages-as-they-are",
            "wit.types.empty-cursor",
            "wit.types.last-counts",
            "wit.types.received"
        ],
        &[Base::Service],
        pages
    ),
    runtime_check!(
        "runtime-records/results",
        "Writes every field of results, contents, prompts and completions.",
        [
            "wit.types.fields",
            "wit.types.none",
            "wit.types.enums",
            "wit.extra.written"
        ],
        Base::BACKENDS,
        results
    ),
    runtime_check!(
        "runtime-records/parameters",
        "Gives the component every field of a request's parameters, and none for absent members.",
        [
            "wit.types.received",
            "wit.types.last-counts",
            "wit.types.discriminators",
            "wit.extra.received",
            "wit.extra.empty"
        ],
        Base::BACKENDS,
        parameters
    ),
    runtime_check!(
        "runtime-records/client",
        "Gives the component every field of the client's description, each client's in its own requests.",
        ["wit.context.get-client", "wit.types.received"],
        Base::BACKENDS,
        client
    ),
    runtime_check!(
        "runtime-records/questions",
        "Writes every field of a request to the client, and omits those that are none.",
        [
            "wit.types.fields",
            "wit.types.none",
            "wit.types.enums",
            "wit.types.order",
            "wit.list-roots.meta"
        ],
        Base::BACKENDS,
        questions
    ),
    runtime_check!(
        "runtime-records/answers",
        "Gives the component every field of the client's answers, and none for absent members.",
        [
            "wit.asks.answer",
            "wit.types.received",
            "wit.types.named-malformed"
        ],
        Base::BACKENDS,
        answers
    ),
    runtime_check!(
        "runtime-records/reports",
        "Writes every field of progress, of log messages and of errors.",
        ["wit.types.fields", "wit.types.none"],
        Base::BACKENDS,
        reports
    ),
];

/// Compares a record from the wire with the expected one.
fn written(tally: &mut Tally, what: &str, right: &Value, came: &Value) {
    let difference = difference(right, came);
    tally.expect(difference.is_none(), || {
        let difference = difference.as_deref().unwrap_or_default();
        format!("{what}: expected every field as the component gave it; {difference}")
    });
}

/// Compares a record that the component received with the one that the client sent.
fn handed(tally: &mut Tally, what: &str, right: &Value, came: &Value) {
    let difference = difference(&tidy(right), &tidy(came));
    tally.expect(difference.is_none(), || {
        let difference = difference.as_deref().unwrap_or_default();
        format!("{what}: expected the component to see every field as it was sent; {difference}")
    });
}

/// Looks for the text of numbers: a comparison of values does not see it.
fn numbers_kept(tally: &mut Tally, what: &str, text: &str, parts: &[(&str, usize)]) {
    let text = compact(text);
    for (part, least) in parts {
        let count = text.matches(part).count();
        tally.expect(count >= *least, || {
            format!("{what}: expected {part} as the component gave it, {least} times; it came {count} times")
        });
    }
}

fn answer_text(reply: &Reply) -> String {
    let entry = reply.entry.as_ref();
    entry.map_or_else(String::new, |entry| entry.text())
}

async fn server(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut tally = Tally::default();
    let mut right = whole::server();
    right["protocolVersion"] = json!(REVISION);
    written(
        &mut tally,
        "initialize",
        &right,
        session.initialize_result(),
    );
    let session = stand.session().await?;
    let entries = session.log().since(0);
    let answer = entries.iter().find(|entry| entry.from_server());
    let text = answer.map_or_else(String::new, |entry| entry.text());
    let parts = [(r#""x-more":1.10"#, 1), (r#"{"n":1.10}"#, 2)];
    numbers_kept(&mut tally, "initialize", &text, &parts);
    tally.judge(
        "parts of the description were as the component gave them",
        "",
    )
}

/// All items of a list, and the text of its pages.
async fn listed(
    session: &Session,
    method: &str,
    member: &str,
) -> Result<(Vec<Value>, String), Finding> {
    let (mut items, mut text) = (Vec::new(), String::new());
    let mut params = Value::Null;
    loop {
        let reply = session.request(method, params).await;
        let result = reply.result()?;
        items.extend(result[member].as_array().into_iter().flatten().cloned());
        text.push_str(&answer_text(&reply));
        match result.get("nextCursor") {
            Some(cursor) if items.len() < 5000 => params = json!({"cursor": cursor}),
            _ => return Ok((items, text)),
        }
    }
}

/// The name of a member that is null, of the item or of a record in it.
fn null_member(item: &Value) -> Option<&str> {
    let members = item.as_object()?;
    let null = members.iter().find(|(_, member)| member.is_null());
    null.map(|(name, _)| name.as_str()).or_else(|| {
        let records = ["annotations", "arguments"].map(|name| &item[name]);
        records.into_iter().find_map(|record| match record {
            Value::Array(records) => records.iter().find_map(null_member),
            record => null_member(record),
        })
    })
}

async fn lists(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut tally = Tally::default();
    let wanted = [
        ("tools/list", "tools", "name", whole::tools()),
        ("resources/list", "resources", "uri", whole::resources()),
        (
            "resources/templates/list",
            "resourceTemplates",
            "uriTemplate",
            whole::templates(),
        ),
        ("prompts/list", "prompts", "name", whole::prompts()),
    ];
    for (method, member, key, rights) in wanted {
        let (items, text) = listed(&session, method, member).await?;
        for right in &rights {
            let came = items.iter().find(|item| item[key] == right[key]);
            let what = format!("{method}, the item {}", right[key]);
            written(&mut tally, &what, right, came.unwrap_or(&Value::Null));
        }
        // All other items leave fields out, too: null would be a value.
        for item in &items {
            let null = null_member(item);
            tally.expect(null.is_none(), || {
                let name = null.unwrap_or_default();
                format!("{method}: expected a field that is none to be absent; the item {} has `{name}` as null", item[key])
            });
        }
        numbers_kept(&mut tally, method, &text, &[(FURTHER, 1), (META, 1)]);
    }
    tally.judge("items had all their fields", "")
}

async fn pages(stand: &Stand) -> Judgement {
    let session = stand.session_in("full", ClientRole::complete()).await?;
    let mut tally = Tally::default();
    let wanted = [
        ("tools/list", "tools", whole::tools()),
        ("resources/list", "resources", whole::resources()),
        (
            "resources/templates/list",
            "resourceTemplates",
            whole::templates(),
        ),
        ("prompts/list", "prompts", whole::prompts()),
    ];
    for (method, member, [first, second]) in wanted {
        let further = |mut page: Value| {
            page["_meta"] = json!({"example.org/m": 1.1});
            page["x-more"] = first["x-more"].clone();
            page
        };
        let reply = session.request(method, Value::Null).await;
        let right = further(json!({ (member): [first], "nextCursor": "" }));
        written(&mut tally, method, &right, reply.result()?);
        let text = answer_text(&reply);
        numbers_kept(&mut tally, method, &text, &[(FURTHER, 2), (META, 2)]);
        // The empty text is a cursor like any other.
        let reply = session.request(method, json!({"cursor": ""})).await;
        let right = further(json!({ (member): [second] }));
        let what = format!("{method} with the cursor \"\"");
        written(&mut tally, &what, &right, reply.result()?);
        // The order of a page is the component's, whatever it is.
        let reply = session.request(method, json!({"cursor": "turned"})).await;
        let right = further(json!({ (member): [second, first] }));
        let what = format!("{method} with the cursor \"turned\"");
        written(&mut tally, &what, &right, reply.result()?);
        let cursor = " \u{e9}/?";
        let reply = session.request(method, json!({"cursor": cursor})).await;
        let error = reply.error_with(&[-32602])?;
        tally.expect(error.message.ends_with(cursor), || {
            format!(
                "{method} with the cursor {cursor:?}: expected the component to see it; it saw {:?}",
                error.message
            )
        });
    }
    prompt(&session, &mut tally).await?;
    let reply = session
        .request(
            "resources/read",
            json!({"uri": "service:///a/../B?", "x-z": 1}),
        )
        .await;
    let mut right = whole::contents();
    let shown = json!({"uri": "service:///a/../B?", "extra": r#"{"x-z":1}"#});
    let came = parsed(&reply.result()?["contents"][0]["text"]);
    handed(&mut tally, "resources/read", &shown, &came);
    right["contents"][0]["text"] = reply.result()?["contents"][0]["text"].clone();
    written(&mut tally, "resources/read", &right, reply.result()?);

    let reply = session
        .request("tools/call", json!({"name": "probe-show", "x-z": 1}))
        .await;
    let right = json!({"name": "probe-show", "arguments": null, "extra": r#"{"x-z":1}"#});
    handed(&mut tally, "tools/call", &right, &told(&reply)?["params"]);
    let reply = invoke(&session, "probe-give", json!({})).await;
    written(&mut tally, "tools/call", &whole::result(), reply.result()?);
    tally.judge("records were passed on completely", "")
}

/// The value whose JSON stands in a text.
fn parsed(text: &Value) -> Value {
    let text = text.as_str().unwrap_or_default();
    serde_json::from_str(text).unwrap_or_default()
}

/// Gets the whole prompt, with arguments of every form.
async fn prompt(session: &Session, tally: &mut Tally) -> Result<(), Finding> {
    let parameters = [
        (
            r#"{"name":"full","arguments":{"first":"1"}}"#,
            json!([["first", "1"]]),
            Value::Null,
        ),
        (
            r#"{"name":"full","arguments":{"first":"","spare":"e\u0301 \ud83e\udd80"},"x-z":1.10}"#,
            json!([["first", ""], ["spare", "e\u{301} \u{1f980}"]]),
            json!(r#"{"x-z":1.10}"#),
        ),
        // Where a name repeats, the last one counts.
        (
            r#"{"name":"full","arguments":{"first":"1","first":"2"}}"#,
            json!([["first", "2"]]),
            Value::Null,
        ),
    ];
    for (params, arguments, extra) in parameters {
        let reply = raw_request(session, "prompts/get", params).await?;
        let shown = reply["messages"][0]["content"]["text"].clone();
        let right = json!({"name": "full", "arguments": arguments, "extra": extra});
        let what = format!("prompts/get with {params}");
        handed(tally, &what, &right, &parsed(&shown));
        written(tally, &what, &whole::prompt(&shown), &reply);
    }
    let none = [
        (json!({"name": "full-empty"}), Value::Null),
        (json!({"name": "full-empty", "arguments": {}}), json!([])),
    ];
    for (params, arguments) in none {
        let reply = session.request("prompts/get", params.clone()).await;
        let shown = parsed(&reply.result()?["messages"][0]["content"]["text"]);
        let right = json!({"name": "full-empty", "arguments": arguments, "extra": null});
        handed(tally, &format!("prompts/get with {params}"), &right, &shown);
    }
    Ok(())
}

/// Sends a request whose parameters are this text, and returns its result.
async fn raw_request(session: &Session, method: &str, params: &str) -> Result<Value, Finding> {
    let id = session.fresh_id();
    let message = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{params}}}"#);
    let from = session.log().len();
    session.send(message.as_bytes()).await;
    let patience = session.timing().answer;
    let entry = session
        .log()
        .wait_for(from, patience, |entry| entry.answers(&id));
    let Some(entry) = entry.await else {
        return violation(&format!("an answer to {message}"), "none came");
    };
    let answer: Value = serde_json::from_slice(&entry.bytes).unwrap_or_default();
    match answer.get("result") {
        Some(result) => Ok(result.clone()),
        None => violation(&format!("a result for {message}"), format!("got {answer}")),
    }
}

async fn results(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut tally = Tally::default();
    let reply = invoke(&session, "give", json!({"kind": "full"})).await;
    written(&mut tally, "tools/call", &whole::result(), reply.result()?);
    let parts = [
        (FURTHER, 9),
        (META, 9),
        (r#"{"a":1.10,"z":[9007199254740993]}"#, 1),
    ];
    numbers_kept(&mut tally, "tools/call", &answer_text(&reply), &parts);
    for (kind, right) in [
        ("bare", json!({"content": []})),
        ("failed", json!({"content": [], "isError": true})),
    ] {
        let reply = invoke(&session, "give", json!({"kind": kind})).await;
        written(
            &mut tally,
            &format!("tools/call, {kind}"),
            &right,
            reply.result()?,
        );
    }

    let uri = json!({"uri": "probe:///full"});
    let reply = session.request("resources/read", uri).await;
    written(
        &mut tally,
        "resources/read",
        &whole::contents(),
        reply.result()?,
    );
    numbers_kept(
        &mut tally,
        "resources/read",
        &answer_text(&reply),
        &[(FURTHER, 3), (META, 3)],
    );
    let uri = json!({"uri": "probe:///bare"});
    let reply = session.request("resources/read", uri).await;
    let right = json!({"contents": [{"uri": "probe:///bare", "text": "probe:///bare"}]});
    written(
        &mut tally,
        "resources/read of a bare text",
        &right,
        reply.result()?,
    );

    let params = json!({"name": "full", "arguments": {"first": "1"}});
    let reply = session.request("prompts/get", params).await;
    let shown = reply.result()?["messages"][0]["content"]["text"].clone();
    written(
        &mut tally,
        "prompts/get",
        &whole::prompt(&shown),
        reply.result()?,
    );

    let reply = complete(&session, json!({}), json!({"name": "shown", "value": ""})).await;
    let completion = json!({
        "values": [reply.result()?["completion"]["values"][0], ""],
        "total": u32::MAX,
        "hasMore": true,
    });
    let right = json!({
        "completion": completion,
        "_meta": {"example.org/m": 1.1},
        "x-more": whole::contents()["x-more"],
    });
    written(&mut tally, "completion/complete", &right, reply.result()?);
    let reply = complete(&session, json!({}), json!({"name": "name", "value": "0"})).await;
    let right = json!({"completion": {"values": []}});
    written(
        &mut tally,
        "completion/complete without values",
        &right,
        reply.result()?,
    );
    tally.judge("results had all their fields", "")
}

/// Completes an argument of the probes' template, with further parameters.
async fn complete(session: &Session, mut params: Value, argument: Value) -> Reply {
    params["ref"] = json!({"type": "ref/resource", "uri": "probe:///{name}"});
    params["argument"] = argument;
    session.request("completion/complete", params).await
}

async fn parameters(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut tally = Tally::default();
    let calls = [
        (r#"{"name":"show"}"#, Value::Null, Value::Null),
        (
            r#"{"name":"show","arguments":{}}"#,
            json!("{}"),
            Value::Null,
        ),
        (
            r#"{"arguments":{"a":1.10,"b":[9007199254740993,{"c":null}],"d":"e\u0301"},"name":"show","_meta":{"k":1},"x-z":{"n":1.10}}"#,
            json!(r#"{"a":1.10,"b":[9007199254740993,{"c":null}],"d":"e\u0301"}"#),
            json!(r#"{"x-z":{"n":1.10}}"#),
        ),
    ];
    for (params, arguments, extra) in calls {
        let reply = raw_request(&session, "tools/call", params).await?;
        let right = json!({"name": "show", "arguments": arguments, "extra": extra});
        let came = &reply["structuredContent"]["params"];
        handed(
            &mut tally,
            &format!("tools/call with {params}"),
            &same_text(right),
            &same_text(came.clone()),
        );
    }
    let reads = [
        (json!({"uri": "probe:///shown"}), Value::Null),
        (
            json!({"uri": "probe:///shown", "_meta": {"k": 1}, "x-z": {"n": 2}}),
            json!(r#"{"x-z":{"n":2}}"#),
        ),
    ];
    for (params, extra) in reads {
        let reply = session.request("resources/read", params.clone()).await;
        let came = parsed(&reply.result()?["contents"][0]["text"]);
        let right = json!({"uri": "probe:///shown", "extra": extra});
        handed(
            &mut tally,
            &format!("resources/read with {params}"),
            &right,
            &came,
        );
    }
    prompt(&session, &mut tally).await?;

    let argument = json!({"name": "shown", "value": "e\u{301} "});
    let completions = [
        (json!({}), Value::Null, Value::Null),
        (
            json!({"context": {"arguments": {"a": "1", "b": ""}, "dropped": 1}, "x-z": {"n": 2}}),
            json!([["a", "1"], ["b", ""]]),
            json!(r#"{"x-z":{"n":2}}"#),
        ),
        (
            json!({"context": {"arguments": {}}}),
            json!([]),
            Value::Null,
        ),
    ];
    for (params, context, extra) in completions {
        let reply = complete(&session, params.clone(), argument.clone()).await;
        let came = parsed(&reply.result()?["completion"]["values"][0]);
        let right = json!({
            "ref_": ["ResourceTemplate", "probe:///{name}"],
            "argument": argument,
            "context_arguments": context,
            "extra": extra,
        });
        handed(
            &mut tally,
            &format!("completion/complete with {params}"),
            &right,
            &came,
        );
    }
    for title in [json!({}), json!({"title": "T"})] {
        let mut reference = json!({"type": "ref/prompt", "name": "strict"});
        if let Some(title) = title.get("title") {
            reference["title"] = title.clone();
        }
        let params = json!({"ref": reference, "argument": argument});
        let reply = session.request("completion/complete", params).await;
        let came = parsed(&reply.result()?["completion"]["values"][0]);
        let right = json!(["Prompt", {"name": "strict", "title": title["title"]}]);
        handed(
            &mut tally,
            &format!("completion/complete for {reference}"),
            &right,
            &came["ref_"],
        );
    }
    tally.judge("parameters reached the component completely", "")
}

/// The value with one spelling of the letters that JSON can escape: a host may choose it.
fn same_text(value: Value) -> Value {
    match value {
        Value::String(text) => text.replace("\\u0301", "\u{301}").into(),
        Value::Object(members) => {
            let members = members.into_iter();
            Value::Object(members.map(|(name, it)| (name, same_text(it))).collect())
        }
        other => other,
    }
}

async fn client(stand: &Stand) -> Judgement {
    let mut tally = Tally::default();
    let whole = json!({
        "roots": {"listChanged": false},
        "sampling": {"x-s": {"n": 1}},
        "elicitation": {},
        "experimental": {"a": {}, "b": {"n": 2}},
        "x-further": {"n": 3},
    });
    let clients = [
        (
            json!({"name": "First \u{e9}", "title": "One", "version": "", "x-more": [1]}),
            whole,
            json!({"name": "First \u{e9}", "title": "One", "version": "", "extra": r#"{"x-more":[1]}"#}),
            json!({
                "roots": {"list_changed": false},
                "sampling": r#"{"x-s":{"n":1}}"#,
                "elicitation": "{}",
                "experimental": [["a", "{}"], ["b", r#"{"n":2}"#]],
                "extra": r#"{"x-further":{"n":3}}"#,
            }),
        ),
        (
            json!({"name": "Second", "version": "2"}),
            json!({"roots": {}, "experimental": {}}),
            json!({"name": "Second", "title": null, "version": "2", "extra": null}),
            json!({
                "roots": {"list_changed": null},
                "sampling": null,
                "elicitation": null,
                "experimental": [],
                "extra": null,
            }),
        ),
        (
            json!({"name": "", "title": "", "version": "3"}),
            json!({"roots": {"listChanged": true}}),
            json!({"name": "", "title": "", "version": "3", "extra": null}),
            json!({
                "roots": {"list_changed": true},
                "sampling": null,
                "elicitation": null,
                "experimental": null,
                "extra": null,
            }),
        ),
    ];
    // All sessions are open at the same time: one client's description must not reach another session.
    let mut sessions = Vec::new();
    for (info, capabilities, ..) in &clients {
        let role = ClientRole::with(capabilities.clone()).introducing(info.clone());
        sessions.push(stand.session_in(DEFAULT, role).await?);
    }
    for (session, (info, capabilities, shown, declared)) in sessions.iter().zip(&clients) {
        let reply = invoke(session, "show", json!({})).await;
        let right = json!({
            "info": shown,
            "capabilities": declared,
            "protocol_version": REVISION,
            "log_level": null,
        });
        let what = format!("initialize with clientInfo {info} and capabilities {capabilities}");
        handed(&mut tally, &what, &right, &told(&reply)?["client"]);
    }
    tally.judge(
        "descriptions of clients reached the component completely",
        "",
    )
}

/// The parameters without the progress token, which belongs to the host.
fn without_token(mut params: Value) -> Value {
    if let Some(members) = params.as_object_mut()
        && let Some(meta) = members.get_mut("_meta").and_then(Value::as_object_mut)
        && meta.remove("progressToken").is_some()
        && meta.is_empty()
    {
        members.remove("_meta");
    }
    params
}

/// The parameters of the request to the client that this call makes.
async fn asked(session: &Session, what: Asked, kind: &str) -> Result<(Value, String), Finding> {
    let arguments = json!({"what": what.capability(), "kind": kind});
    let reply = invoke(session, "ask-whole", arguments).await;
    reply.result()?;
    let entries = session.log().since(reply.from);
    let entry = entries
        .iter()
        .find(|entry| entry.from_server() && entry.is(what.method()));
    match entry {
        Some(entry) => {
            let params = entry.params().cloned().unwrap_or_default();
            Ok((without_token(params), entry.text()))
        }
        None => violation(
            &format!("{} for a component that asks", what.method()),
            format!("none came; {}", reply.came()),
        ),
    }
}

async fn questions(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut tally = Tally::default();
    for kind in ["full", "empty", "none", "least"] {
        let (params, text) = asked(&session, Asked::Sampling, kind).await?;
        let what = format!("sampling/createMessage, {kind}");
        written(&mut tally, &what, &whole::question(kind), &params);
        if kind == "full" {
            let parts = [(FURTHER, 4), (NOTE, 4), (r#""metadata":{"n":1.10}"#, 1)];
            numbers_kept(&mut tally, &what, &text, &parts);
        }
    }
    for kind in ["full", "empty", "least"] {
        let (params, text) = asked(&session, Asked::Elicitation, kind).await?;
        let what = format!("elicitation/create, {kind}");
        written(&mut tally, &what, &whole::form(kind), &params);
        if kind == "full" {
            numbers_kept(&mut tally, &what, &text, &[(FURTHER, 6), (NOTE, 1)]);
            let text = compact(&text);
            let places = whole::FIELDS.map(|name| text.find(&format!("\"{name}\":{{\"")));
            tally.expect(places.is_sorted(), || {
                format!(
                    "{what}: expected the fields in their order, {:?}; got {text}",
                    whole::FIELDS
                )
            });
        }
    }
    for (kind, right) in [
        ("full", Some(json!({"example.org/m": 1.1}))),
        ("least", None),
    ] {
        let (params, _) = asked(&session, Asked::Roots, kind).await?;
        let meta = params.get("_meta").cloned();
        tally.expect(meta == right, || {
            format!("roots/list, {kind}: expected the _meta {right:?}; got {meta:?}")
        });
        let others = params.as_object().map_or(0, serde_json::Map::len);
        tally.expect(others == usize::from(right.is_some()), || {
            format!("roots/list, {kind}: expected no other parameter; got {params}")
        });
    }
    tally.judge("requests to the client had all their fields", "")
}

/// An annotated block of the client, as the component sees it.
fn shown(case: &str, mut fields: Value) -> Value {
    fields["annotations"] = json!({
        "audience": ["Assistant"], "priority": "0.25", "last_modified": "2025-01-12T15:00:58Z",
    });
    fields["meta"] = json!(r#"{"example.org/m":1}"#);
    fields["extra"] = json!(r#"{"x-more":[2]}"#);
    json!([case, fields])
}

/// A block of the client with every field.
fn block(mut fields: Value) -> Value {
    fields["annotations"] = json!({"audience": ["assistant"], "priority": 0.25, "lastModified": "2025-01-12T15:00:58Z"});
    fields["_meta"] = json!({"example.org/m": 1});
    fields["x-more"] = json!([2]);
    fields
}

fn bare(case: &str, mut fields: Value) -> Value {
    for name in ["annotations", "meta", "extra"] {
        fields[name] = Value::Null;
    }
    json!([case, fields])
}

async fn answers(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut tally = Tally::default();
    let whole = json!({"_meta": {"k": 1}, "x-z": {"n": 2}});
    let with = |mut record: Value| {
        record["_meta"] = whole["_meta"].clone();
        record["x-z"] = whole["x-z"].clone();
        record
    };
    let seen = |mut record: Value| {
        record["meta"] = json!(r#"{"k":1}"#);
        record["extra"] = json!(r#"{"x-z":{"n":2}}"#);
        record
    };
    let letters = whole::LETTERS;
    let sampled = [
        (
            with(json!({
                "role": "assistant",
                "content": block(json!({"type": "text", "text": letters})),
                "model": "m \u{e9}",
                "stopReason": "endTurn",
            })),
            seen(json!({
                "role": "Assistant",
                "content": shown("Text", json!({"text": letters})),
                "model": "m \u{e9}",
                "stop_reason": "endTurn",
            })),
        ),
        (
            json!({
                "role": "user",
                "content": block(json!({"type": "image", "data": "AP/+", "mimeType": "image/png"})),
                "model": "",
                "stopReason": "",
            }),
            json!({
                "role": "User",
                "content": shown("Image", json!({"data": [0, 255, 254], "mime_type": "image/png"})),
                "model": "", "stop_reason": "", "meta": null, "extra": null,
            }),
        ),
        (
            json!({
                "role": "assistant",
                "content": block(json!({"type": "audio", "data": "+w==", "mimeType": ""})),
                "model": "m",
            }),
            json!({
                "role": "Assistant",
                "content": shown("Audio", json!({"data": [251], "mime_type": ""})),
                "model": "m", "stop_reason": null, "meta": null, "extra": null,
            }),
        ),
        (
            json!({"role": "user", "content": {"type": "text", "text": ""}, "model": "m"}),
            json!({
                "role": "User",
                "content": bare("Text", json!({"text": ""})),
                "model": "m", "stop_reason": null, "meta": null, "extra": null,
            }),
        ),
    ];
    let values = json!({"a": "", "b": 0.5, "c": 3, "d": false, "e": true});
    let submitted = json!([
        ["a", ["Text", ""]],
        ["b", ["Number", "0.5"]],
        ["c", ["Number", "3"]],
        ["d", ["Boolean", false]],
        ["e", ["Boolean", true]],
    ]);
    let filled = [
        (
            with(json!({"action": "accept", "content": values})),
            seen(json!({"action": "Accept", "content": submitted})),
        ),
        (
            json!({"action": "accept", "content": {}}),
            json!({"action": "Accept", "content": [], "meta": null, "extra": null}),
        ),
        (
            json!({"action": "accept"}),
            json!({"action": "Accept", "content": null, "meta": null, "extra": null}),
        ),
        (
            with(json!({"action": "decline"})),
            seen(json!({"action": "Decline", "content": null})),
        ),
        (
            json!({"action": "cancel"}),
            json!({"action": "Cancel", "content": null, "meta": null, "extra": null}),
        ),
    ];
    let root = |uri: &str| json!({"uri": uri, "name": null, "meta": null, "extra": null});
    let rooted = [
        (
            with(json!({"roots": [
                with(json!({"uri": "file:///B/%c3%A9/../a", "name": "e\u{301}"})),
                {"uri": "file:///a", "name": ""},
                {"uri": "file:///z"},
            ]})),
            seen(json!({"roots": [
                seen(json!({"uri": "file:///B/%c3%A9/../a", "name": "e\u{301}"})),
                {"uri": "file:///a", "name": "", "meta": null, "extra": null},
                root("file:///z"),
            ]})),
        ),
        (
            json!({"roots": []}),
            json!({"roots": [], "meta": null, "extra": null}),
        ),
    ];
    let all = [
        (Asked::Sampling, &sampled[..]),
        (Asked::Elicitation, &filled[..]),
        (Asked::Roots, &rooted[..]),
    ];
    for (asked, cases) in all {
        for (answer, right) in cases {
            session.role().set(asked, Answer::Result(answer.clone()));
            let arguments = json!({"what": asked.capability(), "kind": "least"});
            let reply = invoke(&session, "ask-whole", arguments).await;
            let came = told(&reply)?.get("answer").cloned().unwrap_or_default();
            let what = format!("{}, answered with {answer}", asked.method());
            handed(&mut tally, &what, right, &came);
        }
    }
    // A member that is null is a value of the wrong type, not an absent one.
    let nulls = [
        (
            Asked::Sampling,
            json!({"role": "user", "content": {"type": "text", "text": ""}, "model": "m", "stopReason": null}),
        ),
        (
            Asked::Sampling,
            json!({"role": "system", "content": {"type": "text", "text": ""}, "model": "m"}),
        ),
        (
            Asked::Sampling,
            json!({"role": "user", "content": {"type": "image", "data": "AA=", "mimeType": "image/png"}, "model": "m"}),
        ),
        (
            Asked::Sampling,
            json!({"role": "user", "content": [], "model": "m"}),
        ),
        (Asked::Elicitation, json!({"action": "reject"})),
        (Asked::Elicitation, json!({"content": {}})),
        (
            Asked::Roots,
            json!({"roots": [{"uri": "file:///a", "name": null}]}),
        ),
        (Asked::Roots, json!({"roots": [], "_meta": []})),
    ];
    for (asked, answer) in nulls {
        session.role().set(asked, Answer::Result(answer.clone()));
        let arguments = json!({"what": asked.capability(), "kind": "least"});
        let reply = invoke(&session, "ask-whole", arguments).await;
        let came = told(&reply)?.get("code").cloned().unwrap_or_default();
        tally.expect(came == "internal-error", || {
            format!("{}, answered with {answer}: expected internal-error for the component; it got {came}", asked.method())
        });
    }
    tally.judge(
        "answers reached the component completely, or not at all",
        "",
    )
}

async fn reports(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    let mut tally = Tally::default();
    let reply = invoke_with_token(&session, "report-whole", json!("whole")).await;
    reply.result()?;
    session.settle().await;
    let letters = whole::LETTERS;
    let progress = super::seen(&session, reply.from, "notifications/progress");
    let rights = [
        json!({"progressToken": "whole", "progress": 0.5, "total": 3, "message": letters}),
        json!({"progressToken": "whole", "progress": 1}),
    ];
    // The second report may have replaced the first.
    for params in &progress {
        let right = rights
            .iter()
            .find(|right| right["progress"] == params["progress"]);
        written(
            &mut tally,
            "notifications/progress",
            right.unwrap_or(&Value::Null),
            params,
        );
    }
    let newest = progress.last().map(|params| &params["progress"]);
    tally.expect(newest == Some(&json!(1)), || {
        format!("expected the progress 1 as the last; got {newest:?}")
    });
    let logs = super::seen(&session, reply.from, "notifications/message");
    let rights = [
        json!({"level": "emergency", "logger": letters, "data": {"n": 1.1, "z": []}}),
        json!({"level": "emergency", "logger": "", "data": null}),
        json!({"level": "emergency", "data": ""}),
    ];
    written(
        &mut tally,
        "notifications/message",
        &json!(rights),
        &json!(logs),
    );

    let params = call("give", json!({"kind": "error"}));
    let reply = session.request("tools/call", params).await;
    let error = reply.error_with(&[i64::from(i32::MIN)])?;
    tally.expect(error.message == letters, || {
        format!(
            "expected the error's message {letters:?}; got {:?}",
            error.message
        )
    });
    let text = compact(&answer_text(&reply));
    tally.expect(text.contains(r#""data":[1.10,null]"#), || {
        format!("expected the error's data [1.10,null]; got {text}")
    });
    tally.judge("reports had all their fields", "")
}
