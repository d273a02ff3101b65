//! Handling of received messages, ids, errors and `_meta`; [`messages`](super::messages) judges
//! sent messages: <https://modelcontextprotocol.io/specification/2025-06-18/basic>.

use std::sync::Arc;

use serde_json::{Value, json};

use super::check::Check;
use super::context::CheckContext;
use super::failures::{lenient, not_internal, not_served};
use super::lifecycle::known_lists;
use super::tally::Tally;
use super::unlisted::unlisted;
use crate::driver::ClientRole;
use crate::driver::log::{Entry, Exchange};
use crate::driver::session::{RawReply, is_nameless_error, request_text};
use crate::model::{Finding, Judgement};
use crate::survey::Survey;
use crate::survey::listing::List;
use crate::wire::envelope::{Message, Rule};
use crate::wire::identifier::Identifier;

/// The checks of this page.
pub const CHECKS: &[Check] = &[
    check!(
        "base/same-id",
        "Echoes ids of both kinds, with unusual values, unchanged.",
        ["base.response.same-id", "schema.ids-both-kinds"],
        same_id
    ),
    check!(
        "base/large-id",
        "Echoes an id beyond 2^53 without losing a digit, or refuses it.",
        ["base.response.same-id"],
        large_id
    ),
    check!(
        "base/method-not-found",
        "Answers an unknown method with -32601.",
        ["jsonrpc.method-not-found"],
        method_not_found
    ),
    check!(
        "base/method-names-exact",
        "Distinguishes methods by letter case.",
        ["schema.method-names-exact"],
        method_names_exact
    ),
    check!(
        "base/parse-error",
        "Answers malformed JSON with -32700 (over stdio silence is allowed) and continues.",
        ["jsonrpc.parse-error"],
        parse_error
    ),
    check!(
        "base/invalid-utf-8",
        "Refuses invalid UTF-8, and continues.",
        ["transport.utf8"],
        invalid_utf8
    ),
    check!(
        "base/invalid-request",
        "Answers JSON that is not a message with -32600 and continues.",
        ["jsonrpc.invalid-request"],
        invalid_request
    ),
    check!(
        "base/no-batch",
        "Does not process a batch, which this revision removed.",
        ["base.message.no-batch"],
        no_batch
    ),
    check!(
        "base/params-structured",
        "Refuses parameters that are not an object.",
        ["jsonrpc.params-structured"],
        params_structured
    ),
    check!(
        "base/invalid-params",
        "Answers parameters of the wrong shape with -32602.",
        ["jsonrpc.invalid-params"],
        invalid_params
    ),
    check!(
        "base/notification-no-response",
        "Never answers a notification, known or unknown, well-formed or malformed.",
        ["base.notification.no-response"],
        notification_no_response
    ),
    check!(
        "base/unknown-response",
        "Drops responses to requests that it never sent.",
        ["jsonrpc.response-unknown-id"],
        unknown_response
    ),
    check!(
        "base/meta-values",
        "Makes no assumptions about values at reserved keys of _meta.",
        ["base.meta.no-assumptions"],
        meta_values
    ),
    check!(
        "base/meta-accepted",
        "Accepts _meta in every request.",
        ["schema.meta-accepted"],
        meta_accepted
    ),
    check!(
        "base/further-members",
        "Ignores unknown members.",
        ["schema.extra-params"],
        further_members
    ),
    check!(
        "base/optional-params",
        "Accepts absent and empty parameters where none is required.",
        ["schema.optional-params"],
        optional_params
    ),
    check!(
        "base/survives-garbage",
        "Continues after unusual but harmless input.",
        ["jsonrpc.internal-error"],
        survives_garbage
    ),
];

async fn same_id(context: &CheckContext) -> Judgement {
    let session = context.fresh(ClientRole::complete()).await?;
    let mut tally = Tally::default();
    let texts = ["", "1", "abc", "übung \"\\ \u{1f600}", "9007199254740993"].map(Identifier::text);
    let integers = [0, -1, 9_007_199_254_740_991].map(Identifier::integer);
    for id in texts.into_iter().chain(integers) {
        let pending = session.begin_as(id, "ping", Value::Null).await;
        tally.note(
            session
                .reply(&pending, session.timing().answer)
                .await
                .result(),
        );
    }
    tally.judge("ids were returned unchanged", "")
}

async fn large_id(context: &CheckContext) -> Judgement {
    let session = context.fresh(ClientRole::complete()).await?;
    let id = Identifier::from_json("9007199254740993");
    let pending = session.begin_as(id, "ping", Value::Null).await;
    let within = session.timing().answer;
    // As read with numbers of double precision.
    let rounded = Identifier::integer(9_007_199_254_740_992);
    let nearby = session
        .log()
        .wait_for(pending.from, within, |entry| entry.answers(&rounded));
    let reply = tokio::select! {
        biased;
        Some(entry) = nearby => {
            session.log().mark_judged(&entry);
            return Err(Finding::Warning(format!(
                "sent the id 9007199254740993; got {}",
                entry.shown()
            )));
        }
        reply = session.reply(&pending, within) => reply,
    };
    if reply.result().is_ok() || reply.error().is_ok() {
        not_internal(&reply, "a result, or an error that names the id")?;
        return Ok("9007199254740993 was returned unchanged, or refused".to_owned());
    }
    // JSON lets the reader limit numbers.
    Err(Finding::Warning(format!(
        "sent the id 9007199254740993; got {}",
        reply.came()
    )))
}

async fn method_not_found(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let mut tally = Tally::default();
    for method in [
        "no/such/method",
        "tools",
        "",
        "conformance/none",
        "rpc.discover",
    ] {
        tally.note(
            session
                .request(method, json!({}))
                .await
                .error_with(&[-32601]),
        );
    }
    tally.judge("unknown methods were answered with -32601", "")
}

async fn method_names_exact(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let mut tally = Tally::default();
    for method in [
        "Ping",
        "PING",
        "ping ",
        "Tools/list",
        "tools/List",
        "resources/List",
        "prompts/LIST",
    ] {
        let reply = session.request(method, Value::Null).await;
        tally.note(not_served(&reply, "an error"));
    }
    tally.judge("misspelt methods were refused", "")
}

async fn parse_error(context: &CheckContext) -> Judgement {
    let session = context.fresh(ClientRole::complete()).await?;
    let mut tally = Tally::default();
    let broken: [&[u8]; 4] = [
        br#"{"jsonrpc":"2.0","#,
        b"nonsense",
        br#"{"jsonrpc":"2.0","id":77,"method":"ping"}}"#,
        br#"{'jsonrpc':'2.0'}"#,
    ];
    for bytes in broken {
        tally.note(refused_with(
            &session.probe_raw(bytes, None).await,
            -32700,
            true,
        ));
    }
    tally.judge("pieces of broken JSON were refused", "")
}

async fn invalid_utf8(context: &CheckContext) -> Judgement {
    let session = context.fresh(ClientRole::complete()).await?;
    let message =
        b"{\"jsonrpc\":\"2.0\",\"id\":\"utf-8\",\"method\":\"ping\",\"params\":{\"a\":\"\xff\"}}";
    let reply = session.probe_raw(message, None).await;
    if let Some(why) = &reply.dead {
        return Err(Finding::Violation(format!(
            "sent {}; the session did not continue: {why}",
            reply.sent
        )));
    }
    // The page binds senders. A receiver may refuse, or read invalid bytes as U+FFFD.
    Ok(match refused_with(&reply, -32700, true) {
        Ok(_) => "invalid UTF-8 was refused".to_owned(),
        Err(_) => "invalid UTF-8 did no harm".to_owned(),
    })
}

async fn invalid_request(context: &CheckContext) -> Judgement {
    let session = context.fresh(ClientRole::complete()).await?;
    let mut tally = Tally::default();
    let nameless = [
        "{}",
        "1",
        r#""text""#,
        "null",
        "true",
        r#"{"jsonrpc":"2.0"}"#,
        r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":true,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#,
    ];
    for text in nameless {
        tally.note(refused_with(
            &session.probe_raw(text.as_bytes(), None).await,
            -32600,
            true,
        ));
    }
    let members = [
        r#""jsonrpc":"2.0""#,
        r#""jsonrpc":"1.0","method":"ping""#,
        r#""jsonrpc":2.0,"method":"ping""#,
        r#""method":"ping""#,
        r#""jsonrpc":"2.0","method":1"#,
        r#""jsonrpc":"2.0","method":null"#,
    ];
    for members in members {
        let id = session.fresh_id();
        let text = format!(r#"{{"id":{id},{members}}}"#);
        tally.note(refused_with(
            &session.probe_raw(text.as_bytes(), Some(&id)).await,
            -32600,
            false,
        ));
    }
    tally.judge("JSON values that are not messages were refused", "")
}

/// Checks the answer to something that is not a message: this error code, over HTTP at least a
/// status of refusal, over stdio possibly silence.
fn refused_with(reply: &RawReply, code: i64, silence_allowed: bool) -> Result<(), Finding> {
    if let Some(why) = &reply.dead {
        return Err(Finding::Violation(format!(
            "sent {}; the session did not continue: {why}",
            reply.sent
        )));
    }
    let wrong = |came: String| {
        Err(Finding::Violation(format!(
            "sent {}; expected error {code}; got {came}",
            reply.sent
        )))
    };
    for response in &reply.responses {
        match &response.envelope.message {
            Message::Response {
                answer: Err(error), ..
            } if error.code == code => {}
            Message::Response { answer: Ok(_), .. } => {
                return Err(lenient(format!(
                    "sent {}; expected error {code}; got {}",
                    reply.sent,
                    response.shown()
                )));
            }
            _ => return wrong(response.shown()),
        }
    }
    let refused = reply.exchange.as_ref().map(|exchange| {
        exchange
            .status
            .is_some_and(|status| (400..500).contains(&status))
    });
    match (reply.responses.is_empty(), refused) {
        (false, _) | (true, Some(true)) => Ok(()),
        (true, None) if silence_allowed => Ok(()),
        (true, None) => wrong("nothing".to_owned()),
        (true, Some(false)) => {
            let came = reply.exchange.as_ref().map(Exchange::describe);
            wrong(came.unwrap_or_default())
        }
    }
}

/// Checks that the members of an array are not processed. Processing them is leniency, and so is
/// answering with an array.
pub(super) async fn no_batch(context: &CheckContext) -> Judgement {
    let session = context.fresh(ClientRole::complete()).await?;
    let (first, second) = (session.fresh_id(), session.fresh_id());
    let ping = |id: &Identifier| request_text(id, "ping", &Value::Null);
    let from = session.log().len();
    let mut tally = Tally::default();
    for batch in [
        format!("[{},{}]", ping(&first), ping(&second)),
        "[]".to_owned(),
    ] {
        let reply = session.probe_raw(batch.as_bytes(), None).await;
        let taken = |response: &&Arc<Entry>| response.answers(&first) || response.answers(&second);
        let answered = reply.responses.iter().find(taken);
        tally.note(answered.map_or(Ok(()), |entry| {
            Err(lenient(format!(
                "sent {batch}; expected that no member is processed; got {}",
                entry.shown()
            )))
        }));
        tally.expect(reply.dead.is_none(), || {
            format!(
                "sent {batch}; the session did not continue: {}",
                reply.dead.clone().unwrap_or_default()
            )
        });
    }
    let array = session
        .log()
        .since(from)
        .into_iter()
        .find(|entry| entry.from_server() && entry.envelope.breaks(Rule::NoBatch));
    tally.note(array.map_or(Ok(()), |entry| {
        Err(lenient(format!(
            "sent an array; expected that no member is processed; got {}",
            entry.shown()
        )))
    }));
    tally.judge("probes: no batch was processed", "")
}

async fn params_structured(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let mut tally = Tally::default();
    for params in [json!([]), json!([1]), json!("text"), json!(1), json!(true)] {
        let reply = session.probe("ping", params).await;
        tally.note(not_served(&reply, "an error"));
        // Silence is neither a success nor acceptable.
        if reply.is_silence() {
            tally.note::<()>(Err(Finding::Warning(
                reply.unexpected("an error").to_string(),
            )));
        }
    }
    tally.judge("kinds of unstructured parameters were refused", "")
}

async fn invalid_params(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let survey = context.survey().await?;
    let mut tally = Tally::default();
    let prompt = survey
        .prompts
        .names(List::Prompts)
        .first()
        .copied()
        .unwrap_or("any");
    let tool = callable(context, survey);
    let cases = [
        ("tools/list", "tools", json!({"cursor": 1})),
        ("tools/call", "tools", json!({})),
        ("tools/call", "tools", json!({"name": 1})),
        (
            "tools/call",
            "tools",
            json!({"name": tool, "arguments": []}),
        ),
        (
            "tools/call",
            "tools",
            json!({"name": tool, "arguments": "text"}),
        ),
        ("resources/list", "resources", json!({"cursor": {}})),
        (
            "resources/templates/list",
            "resources",
            json!({"cursor": true}),
        ),
        ("resources/read", "resources", json!({})),
        ("resources/read", "resources", json!({"uri": 1})),
        ("prompts/list", "prompts", json!({"cursor": []})),
        ("prompts/get", "prompts", json!({})),
        ("prompts/get", "prompts", json!({"name": null})),
        (
            "prompts/get",
            "prompts",
            json!({"name": prompt, "arguments": []}),
        ),
        (
            "prompts/get",
            "prompts",
            json!({"name": prompt, "arguments": {"any": 1}}),
        ),
        ("logging/setLevel", "logging", json!({})),
        ("logging/setLevel", "logging", json!({"level": 3})),
        ("completion/complete", "completions", json!({})),
        (
            "completion/complete",
            "completions",
            json!({"ref": {"type": "ref/none"}, "argument": {"name": "a", "value": "b"}}),
        ),
    ];
    let is_unknown = |method: &str| {
        let mut lists = List::ALL.into_iter();
        lists.any(|list| list.method() == method && survey.listing(list).is_unknown())
    };
    for (method, capability, params) in cases {
        if session.offers(capability, None) && !is_unknown(method) {
            let reply = session.probe(method, params).await;
            if reply.result().is_ok() {
                tally.note(not_served(&reply, "error -32602"));
            } else {
                tally.note(reply.error_with(&[-32602]));
            }
        }
    }
    tally.judge("kinds of wrong parameters were answered with -32602", "")
}

/// Returns a tool that may be called if the server accepts invalid arguments, else a name that no
/// tool has.
fn callable(context: &CheckContext, survey: &Survey) -> String {
    let mut tools = survey.tools.items.iter();
    let may = |tool: &&Value| context.conduct().refusal(tool).is_none();
    let found = tools.find(may).and_then(|tool| tool["name"].as_str());
    found.map_or_else(|| unlisted(survey, List::Tools), str::to_owned)
}

async fn notification_no_response(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let mut tally = Tally::default();
    for text in [
        r#"{"jsonrpc":"2.0","method":"notifications/no-such"}"#,
        r#"{"jsonrpc":"2.0","method":"no/such/method","params":{}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled"}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"none","progress":1}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":"x"}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/roots/list_changed","params":{"_meta":{}}}"#,
        r#"{"jsonrpc":"2.0","method":"tools/list"}"#,
        r#"{"jsonrpc":"2.0","method":"ping"}"#,
    ] {
        tally.note(unanswered(&session.probe_raw(text.as_bytes(), None).await));
    }
    let positional = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":[1]}"#;
    let reply = session.probe_raw(positional.as_bytes(), None).await;
    tally.note(unanswered(&reply).map_err(|finding| {
        // JSON-RPC permits an array and MCP does not, so this may be an invalid message, whose
        // answer is an error without an id.
        if reply.dead.is_none() && reply.responses.iter().all(|it| is_nameless_error(it)) {
            Finding::Warning(format!(
                "{finding} (disputed: MCP has no params in an array)"
            ))
        } else {
            finding
        }
    }));
    tally.judge("notifications got no answer", "")
}

/// Checks for the absence of a response, apart from a refusal in the body of an HTTP error.
fn unanswered(reply: &RawReply) -> Result<(), Finding> {
    if let Some(why) = &reply.dead {
        return Err(Finding::Violation(format!(
            "sent {}; the session did not continue: {why}",
            reply.sent
        )));
    }
    let refusal = reply
        .exchange
        .as_ref()
        .is_some_and(|exchange| !exchange.is_success());
    match reply.responses.first() {
        Some(response) if !refusal => Err(Finding::Violation(format!(
            "sent {}; expected no answer; got {}",
            reply.sent,
            response.shown()
        ))),
        _ => Ok(()),
    }
}

async fn unknown_response(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let mut tally = Tally::default();
    for text in [
        r#"{"jsonrpc":"2.0","id":"no such request","result":{}}"#,
        r#"{"jsonrpc":"2.0","id":987654321,"result":{"roots":[]}}"#,
        r#"{"jsonrpc":"2.0","id":"no such request","error":{"code":-32603,"message":"no"}}"#,
        r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}}"#,
    ] {
        tally.note(unanswered(&session.probe_raw(text.as_bytes(), None).await));
    }
    tally.judge("stray responses were dropped", "")
}

/// Returns requests that every server with these capabilities answers with a result.
async fn each_harmless(context: &CheckContext, params: &[Value], counted: &str) -> Judgement {
    let session = context.session().await?;
    let mut tally = Tally::default();
    let lists = known_lists(context).await?.into_iter().map(List::method);
    for method in std::iter::once("ping").chain(lists) {
        for params in params {
            tally.note(session.request(method, params.clone()).await.result());
        }
    }
    tally.judge(counted, "")
}

async fn meta_values(context: &CheckContext) -> Judgement {
    let odd = json!({"_meta": {
        "mcp.dev/odd": [1, null],
        "modelcontextprotocol.io/odd": {"deep": {"deeper": 0.5}},
        "api.mcp.org/odd": null,
    }});
    each_harmless(
        context,
        &[odd],
        "requests with unusual values in _meta were answered",
    )
    .await
}

async fn meta_accepted(context: &CheckContext) -> Judgement {
    let metas = [
        json!({"_meta": {}}),
        json!({"_meta": {"example.com/note": "conformance"}}),
    ];
    each_harmless(context, &metas, "requests with _meta were answered").await
}

async fn further_members(context: &CheckContext) -> Judgement {
    let params = [json!({"unknownMember": {"deep": [1, 2, 3]}, "another": null})];
    each_harmless(
        context,
        &params,
        "requests with unknown members were answered",
    )
    .await
}

async fn optional_params(context: &CheckContext) -> Judgement {
    each_harmless(
        context,
        &[Value::Null, json!({})],
        "requests without parameters were answered",
    )
    .await
}

async fn survives_garbage(context: &CheckContext) -> Judgement {
    let session = context.fresh(ClientRole::complete()).await?;
    let deep = format!(
        r#"{{"jsonrpc":"2.0","id":"deep","method":"ping","params":{{"a":{}{}}}}}"#,
        "[".repeat(500),
        "]".repeat(500)
    );
    let long = format!(
        r#"{{"jsonrpc":"2.0","id":"long","method":"{}"}}"#,
        "x".repeat(100_000)
    );
    let garbage = [
        deep,
        long,
        r#"{"jsonrpc":"2.0","id":"twice","id":"twice","method":"ping"}"#.to_owned(),
        r#"{"jsonrpc":"2.0","id":"lone","method":"ping","params":{"a":"\ud800"}}"#.to_owned(),
        r#"{"jsonrpc":"2.0","id":"nul","method":"ping","params":{"a":"\u0000"}}"#.to_owned(),
        r#"{"jsonrpc":"2.0","id":"number","method":"ping","params":{"a":1e400}}"#.to_owned(),
        r#"{"jsonrpc":"2.0","id":"proto","method":"ping","params":{"__proto__":{"a":1}}}"#
            .to_owned(),
    ];
    let mut tally = Tally::default();
    for text in garbage {
        let reply = session.probe_raw(text.as_bytes(), None).await;
        tally.expect(reply.dead.is_none(), || {
            format!(
                "sent {}; the session did not continue: {}",
                reply.sent,
                reply.dead.clone().unwrap_or_default()
            )
        });
    }
    tally.judge("unusual messages did no harm", "")
}
