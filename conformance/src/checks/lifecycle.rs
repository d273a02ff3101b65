//! Initialization, version and capability negotiation, shutdown:
//! <https://modelcontextprotocol.io/specification/2025-06-18/basic/lifecycle>.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::check::Check;
use super::context::CheckContext;
use super::failures::{no_result, not_internal, not_served};
use super::tally::Tally;
use crate::driver::client_role::Asked;
use crate::driver::log::{Entry, State};
use crate::driver::session::Pending;
use crate::driver::{Body, ClientRole, Session};
use crate::model::duration::in_words;
use crate::model::requirements::REVISION;
use crate::model::{Finding, Judgement, Transport};
use crate::observe::Evidence;
use crate::observe::evidence::place;
use crate::survey::listing::List;
use crate::wire::envelope::Message;
use crate::wire::methods::{self, METHODS};
use crate::wire::shapes::Rule;

/// The checks of this page.
pub const CHECKS: &[Check] = &[
    check!(
        "lifecycle/handshake",
        "Completes initialize, initialized and ping.",
        ["base.impl.base-and-lifecycle"],
        handshake
    ),
    check!(
        "lifecycle/before-initialize",
        "Serves only ping before initialize.",
        ["lifecycle.init.first"],
        before_initialize
    ),
    check!(
        "lifecycle/initialized-accepted",
        "Accepts initialized with and without parameters, then serves.",
        ["lifecycle.init.initialized-accepted"],
        initialized_accepted
    ),
    check!(
        "lifecycle/server-waits",
        "Sends no request except ping before initialized.",
        ["lifecycle.init.server-waits"],
        server_waits
    ),
    check!(
        "lifecycle/second-initialize",
        "Continues after a second initialize.",
        ["lifecycle.init.repeat-initialize"],
        second_initialize
    ),
    check!(
        "lifecycle/same-version",
        "Answers a supported version with that version.",
        ["lifecycle.version.server-same"],
        same_version
    ),
    check!(
        "lifecycle/other-version",
        "Answers an unsupported version with a result that names another one.",
        ["lifecycle.version.server-other"],
        other_version
    ),
    check!(
        "lifecycle/latest-version",
        "Offers its newest version instead of an unsupported one.",
        ["lifecycle.version.server-latest"],
        latest_version
    ),
    check!(
        "lifecycle/version-mismatch",
        "Answers an unsupported version in an orderly way, and continues.",
        ["lifecycle.errors.version-mismatch"],
        version_mismatch
    ),
    check!(
        "lifecycle/older-version",
        "Keeps to a negotiated older version.",
        ["lifecycle.caps.respect-version"],
        older_version
    ),
    check!(
        "lifecycle/features-advertised",
        "Serves no method whose capability it does not declare.",
        ["architecture.features-advertised"],
        features_advertised
    ),
    check!(
        "lifecycle/missing-client-capability",
        "Answers a call in an orderly way when the client lacks a needed capability.",
        ["lifecycle.errors.capability-failure"],
        missing_client_capability
    ),
    check!(
        "lifecycle/further-capabilities",
        "Accepts unknown capabilities and client members.",
        ["schema.extra-params"],
        further_capabilities
    ),
    check!(Stdio "lifecycle/exit-at-end-of-input", "Exits within a reasonable time after its input is closed.",
        ["lifecycle.shutdown.stdio-exit-on-eof"], exit_at_end_of_input),
    observe!(
        "lifecycle/negotiated-only",
        "Sends only requests that the client's capabilities allow.",
        ["lifecycle.caps.server-uses-negotiated"],
        negotiated_only
    ),
    observe!(
        "lifecycle/nothing-first",
        "Sends only ping and logs before it answers initialize.",
        ["lifecycle.init.first"],
        nothing_first
    ),
    shape!(
        "lifecycle/result-shape",
        "Gives initialize a result of the right shape.",
        ["schema.initialize-result"],
        ["initialize"],
        ["InitializeResult"],
        [Rule::Type]
    ),
    shape!("lifecycle/result-capabilities", "Declares its capabilities.",
        ["lifecycle.init.response-capabilities"], ["initialize"], ["InitializeResult", "ServerCapabilities"], [Rule::Type],
        at "result.capabilities"),
    shape!("lifecycle/result-server-info", "Names its implementation.",
        ["lifecycle.init.response-serverinfo"], ["initialize"], ["InitializeResult", "Implementation"], [Rule::Type],
        at "result.serverInfo"),
    shape!(
        "lifecycle/implementation-shape",
        "Gives its name and version as strings.",
        ["schema.implementation"],
        ["initialize"],
        ["Implementation"],
        [Rule::Type]
    ),
    shape!(
        "lifecycle/capabilities-shape",
        "Gives capabilities as objects and their flags as booleans.",
        ["schema.server-capabilities"],
        ["initialize"],
        [
            "ServerCapabilities",
            "ServerCapabilities.tools",
            "ServerCapabilities.prompts",
            "ServerCapabilities.resources"
        ],
        [Rule::Type]
    ),
];

/// The code in the page's example of an error, "Unsupported protocol version".
const UNSUPPORTED_VERSION: i64 = -32602;

/// Versions that never existed.
const BOGUS: [&str; 3] = ["1999-01-01", "", "1.0.0"];

async fn handshake(context: &CheckContext) -> Judgement {
    let session = context.fresh(ClientRole::bare()).await?;
    session.request("ping", Value::Null).await.result()?;
    Ok("initialize, initialized and ping succeeded".to_owned())
}

async fn before_initialize(context: &CheckContext) -> Judgement {
    let mut tally = Tally::default();
    let session = context.connect(ClientRole::complete()).await?;
    let requests = [
        ("tools/list", Value::Null),
        ("resources/list", Value::Null),
        ("prompts/list", Value::Null),
        ("tools/call", json!({"name": "any"})),
    ];
    // Less than the time for an answer: the server may not have started, which is no sign of a hang.
    let patience = session.timing().call.min(session.timing().answer / 2);
    let mut unanswered = Vec::new();
    for (method, params) in requests {
        let pending = session.begin(method, params).await;
        let reply = session.reply(&pending, patience).await;
        tally.note(not_served(&reply, NOT_BEFORE));
        if reply.is_silence() {
            unanswered.push(pending);
        }
    }
    if !unanswered.is_empty() {
        late_results(&session, &unanswered, &mut tally).await?;
    }
    let judgement = tally.judge("requests before initialize got no result", "");
    let stateless = is_stateless(&context.session().await?);
    match judgement {
        Err(Finding::Warning(_)) if stateless => Err(Finding::Skip(STATELESS.to_owned())),
        other => other,
    }
}

const NOT_BEFORE: &str = "no result before initialize";

/// Initializes a session in which requests were not answered, and notes the results that come before
/// the answer: a server that is slow to start reads all of them only then.
async fn late_results(
    session: &Session,
    unanswered: &[Pending],
    tally: &mut Tally,
) -> Result<(), Finding> {
    let answer = session.initialize(REVISION).await;
    let entries = session.log().since(0);
    let answered = entries
        .iter()
        .any(|entry| entry.from_server() && entry.is_response());
    if answer.is_silence() && !answered {
        return Err(Finding::Skip(
            "the server answered nothing, so it may not have started".to_owned(),
        ));
    }
    let position = |wanted: &dyn Fn(&Entry) -> bool| entries.iter().position(|entry| wanted(entry));
    let opened = position(&|entry| answers_initialize(entry)).unwrap_or(entries.len());
    for pending in unanswered {
        let late = position(&|entry| entry.answers(&pending.id));
        if late.is_some_and(|late| late < opened) {
            let reply = session.reply(pending, Duration::ZERO).await;
            tally.note(not_served(&reply, NOT_BEFORE));
        }
    }
    Ok(())
}

fn answers_initialize(entry: &Entry) -> bool {
    matches!(
        &entry.envelope.message,
        Message::Response { answer: Ok(result), .. } if result.get("protocolVersion").is_some()
    )
}

pub(super) const STATELESS: &str =
    "the server has no sessions and cannot know what was sent before";

pub(super) fn is_stateless(session: &Session) -> bool {
    session.transport() == Transport::Http && session.log().read().session_id.is_none()
}

async fn initialized_accepted(context: &CheckContext) -> Judgement {
    let mut tally = Tally::default();
    for params in [
        Value::Null,
        json!({}),
        json!({"_meta": {"example.com/note": 1}}),
    ] {
        let session = context.connect(ClientRole::complete()).await?;
        session.introduce().await?;
        session.notify("notifications/initialized", params).await;
        tally.note(session.expect_alive("notifications/initialized").await);
    }
    tally.judge("forms of initialized were accepted", "")
}

async fn server_waits(context: &CheckContext) -> Judgement {
    let survey = context.survey().await?;
    let asking = Asked::ALL
        .into_iter()
        .find_map(|asked| survey.asking(asked).ok());
    let session = context.connect(ClientRole::complete()).await?;
    session.introduce().await?;
    session.listen().await;
    let calling = match asking {
        Some(call) => Some(session.begin("tools/call", call.params()).await),
        None => None,
    };
    // Other checks judge a dead session.
    let _ = session.fence().await;
    // A refused call asks nothing more.
    let settled = |state: &State| {
        let from_server = || state.entries.iter().filter(|entry| entry.from_server());
        let early = from_server().find(|entry| is_request_but_ping(entry));
        let is_over = |entry: &Entry| calling.as_ref().is_some_and(|call| entry.answers(&call.id));
        let over = from_server().any(|entry| is_over(entry));
        (early.is_some() || over).then(|| early.cloned())
    };
    let window = match &calling {
        Some(_) => session.timing().call,
        None => session.timing().quiet,
    };
    let early = session.log().until(window, settled).await.flatten();
    session
        .notify("notifications/initialized", Value::Null)
        .await;
    match early {
        Some(entry) => Err(Finding::Violation(format!(
            "expected only ping before initialized; got {}",
            entry.shown()
        ))),
        None if asking.is_some() => {
            Ok("a tool that asks the client waited for initialized, or was refused".to_owned())
        }
        None => Ok("no request came before initialized".to_owned()),
    }
}

fn is_request_but_ping(entry: &Entry) -> bool {
    use crate::wire::envelope::Message;
    matches!(&entry.envelope.message, Message::Request { method, .. } if method != "ping")
}

async fn second_initialize(context: &CheckContext) -> Judgement {
    let session = context.fresh(ClientRole::complete()).await?;
    let reply = session.initialize(REVISION).await;
    session.expect_alive("a second initialize").await?;
    not_internal(&reply, "a result, or an error that names the mistake")?;
    // The page says that initialize comes first, not that it comes once.
    Ok(format!("a second initialize got {}", reply.came()))
}

/// Returns the answer to an offered version. A skip if it is refused like in the page's own example
/// of an error.
async fn offered(context: &CheckContext, version: &str) -> Result<(Session, String), Finding> {
    let session = context.connect(ClientRole::complete()).await?;
    let reply = session.initialize(version).await;
    if version != REVISION && reply.error_with(&[UNSUPPORTED_VERSION]).is_ok() {
        return Err(Finding::Skip(format!(
            "{version:?} was answered with {}",
            reply.came()
        )));
    }
    let answer = reply.result()?["protocolVersion"].as_str();
    let answer = answer
        .ok_or_else(|| reply.unexpected("a protocolVersion"))?
        .to_owned();
    Ok((session, answer))
}

async fn same_version(context: &CheckContext) -> Judgement {
    let (_, answer) = offered(context, REVISION).await?;
    if answer == REVISION {
        return Ok(format!("{REVISION} was answered with {REVISION}"));
    }
    Err(Finding::Violation(format!(
        "sent initialize with {REVISION}; expected the same; got {answer:?}"
    )))
}

async fn other_version(context: &CheckContext) -> Judgement {
    let mut tally = Tally::default();
    for version in BOGUS {
        match offered(context, version).await {
            Err(Finding::Skip(_)) => tally.tried += 1,
            Ok((_, answer)) => tally.expect(answer != version, || {
                format!("sent initialize with {version:?}; expected another version; got the same")
            }),
            Err(finding) => drop(tally.note::<()>(Err(finding))),
        }
    }
    tally.judge(
        "unsupported versions were answered with another one, or refused",
        "",
    )
}

async fn latest_version(context: &CheckContext) -> Judgement {
    let (_, supported) = offered(context, REVISION).await?;
    let (_, fallback) = offered(context, BOGUS[0]).await?;
    // Versions are dates, which sort as text.
    if fallback >= supported {
        return Ok(format!("{} was answered with {fallback}", BOGUS[0]));
    }
    Err(Finding::Violation(format!(
        "sent initialize with {}; got {fallback}, but {supported} is supported",
        BOGUS[0]
    )))
}

async fn version_mismatch(context: &CheckContext) -> Judgement {
    let session = context.connect(ClientRole::complete()).await?;
    let reply = session.initialize(BOGUS[0]).await;
    match &reply.body {
        Body::Result(_) => session.expect_alive("an unsupported version").await?,
        Body::Error(_) | Body::Refused(_) => {
            not_internal(
                &reply,
                "another version, or an error that names the version",
            )?;
        }
        Body::Closed(_) | Body::Silence(_) => {
            return Err(reply.unexpected("a result or an error"));
        }
    }
    session.close_now().await;
    context
        .fresh(ClientRole::complete())
        .await?
        .expect_alive("another client's unsupported version")
        .await?;
    Ok(format!(
        "an unsupported version got {}, and a new session was served",
        reply.came()
    ))
}

async fn older_version(context: &CheckContext) -> Judgement {
    let (session, answer) = offered(context, "2025-03-26").await?;
    session
        .notify("notifications/initialized", Value::Null)
        .await;
    session.expect_alive("negotiating an older version").await?;
    Ok(format!(
        "2025-03-26 was answered with {answer}, and the session continued"
    ))
}

async fn features_advertised(context: &CheckContext) -> Judgement {
    let session = context.session().await?;
    let mut tally = Tally::default();
    for method in METHODS
        .iter()
        .filter(|method| method.sender == methods::Sender::Client && method.result.is_some())
    {
        if method.name == "initialize" || method.gate.is_open(&Value::Null, session.capabilities())
        {
            continue;
        }
        let reply = session.request(method.name, example(method.name)).await;
        let expected = "an error, as the capability is not declared";
        tally.note(no_result(&reply, expected));
    }
    if tally.tried == 0 {
        return Ok("every capability is declared: there is nothing to refuse".to_owned());
    }
    tally.judge("methods without a capability were refused", "")
}

/// Returns well-formed parameters for a method.
fn example(method: &str) -> Value {
    match method {
        "resources/read" | "resources/subscribe" | "resources/unsubscribe" => {
            json!({"uri": "test://conformance"})
        }
        "prompts/get" | "tools/call" => json!({"name": "conformance"}),
        "logging/setLevel" => json!({"level": "warning"}),
        "completion/complete" => {
            json!({"ref": {"type": "ref/prompt", "name": "conformance"}, "argument": {"name": "a", "value": ""}})
        }
        _ => Value::Null,
    }
}

async fn missing_client_capability(context: &CheckContext) -> Judgement {
    let survey = context.survey().await?;
    let session = context.fresh(ClientRole::bare()).await?;
    let mut tally = Tally::default();
    for asked in Asked::ALL {
        if let Ok(call) = survey.asking(asked) {
            let reply = session.request("tools/call", call.params()).await;
            let expected = "a result, or an error that names the missing capability";
            tally.note(match &reply.body {
                Body::Result(_) | Body::Error(_) => not_internal(&reply, expected),
                _ => Err(reply.unexpected(expected)),
            });
        }
    }
    session
        .expect_alive("calls that the client does not support")
        .await?;
    tally.judge(
        "tools that ask the client ended without it",
        "no tool was seen to ask the client",
    )
}

async fn further_capabilities(context: &CheckContext) -> Judgement {
    let role = ClientRole::with(
        json!({"roots": {"listChanged": true, "more": 1}, "tasks": {"list": {}}, "x": {}}),
    );
    let session = context.connect(role).await?;
    let id = session.fresh_id();
    let params = json!({
        "protocolVersion": REVISION,
        "capabilities": session.role().capabilities(),
        "clientInfo": {"name": "conformance", "version": "1", "websiteUrl": "https://example.com/", "icons": []},
        "unknownMember": [1],
    });
    let pending = session.begin_as(id, "initialize", params).await;
    session
        .reply(&pending, session.timing().start)
        .await
        .result()?;
    Ok("initialize with unknown members got a result".to_owned())
}

async fn exit_at_end_of_input(context: &CheckContext) -> Judgement {
    let begun = Instant::now();
    let session = context.fresh(ClientRole::complete()).await?;
    // A server that is slow to start on this machine is slow to end as well.
    let grace = session.timing().grace.max(begun.elapsed() * 3);
    session.request("ping", Value::Null).await.result()?;
    session.close_within(grace).await;
    let state = session.log().read();
    if state.killed {
        return Err(Finding::Violation(format!(
            "closed the server's input; it did not end within {}",
            in_words(grace)
        )));
    }
    match &state.exit {
        Some(exit) if !exit.ends_with(" 0") => Err(Finding::Warning(format!(
            "closed the server's input; it ended with {exit}"
        ))),
        _ => Ok("it ended".to_owned()),
    }
}

fn negotiated_only(evidence: &Evidence) -> Judgement {
    judge_gates(evidence, |_| true)
}

/// Checks that requests and notifications selected by `about` were sent only when the capabilities
/// of both sides allow them.
pub fn judge_gates(evidence: &Evidence, about: impl Fn(&str) -> bool) -> Judgement {
    let mut tally = Tally::default();
    for (conversation, entry) in evidence.messages() {
        let Some(method) = entry
            .method()
            .filter(|method| about(method))
            .and_then(methods::find)
        else {
            continue;
        };
        let open = method.gate.is_open(
            &conversation.client_capabilities,
            &conversation.server_capabilities,
        );
        tally.expect(open && method.sender.includes_server(), || {
            format!(
                "{} without the capability, or in the wrong direction ({})",
                method.name,
                place(conversation, entry)
            )
        });
    }
    tally.judge(
        "messages seen, all permitted by capabilities",
        "the target sent nothing of this kind",
    )
}

fn nothing_first(evidence: &Evidence) -> Judgement {
    let mut tally = Tally::default();
    for conversation in &evidence.conversations {
        let initialize = conversation
            .ours
            .iter()
            .find(|asked| asked.method == "initialize" && !asked.answers.is_empty());
        let Some(answer) = initialize.and_then(|asked| asked.answers.first()) else {
            continue;
        };
        for entry in conversation
            .from_server()
            .filter(|entry| entry.index < *answer && !entry.is_response() && !entry.stray)
        {
            let allowed = entry.is("ping") || entry.is("notifications/message");
            tally.expect(allowed, || {
                format!(
                    "before the answer to initialize ({})",
                    place(conversation, entry)
                )
            });
        }
        tally.tried += 1;
    }
    tally.judge("sessions began in order", "no session was initialized")
}

/// Returns the lists that the server offers and whose methods it knows.
pub async fn known_lists(context: &CheckContext) -> Result<Vec<List>, Finding> {
    let session = context.session().await?;
    let survey = context.survey().await?;
    let mut lists = offered_lists(&session);
    lists.retain(|list| !survey.listing(*list).is_unknown());
    Ok(lists)
}

/// Returns the lists that the server offers, for checks that need any.
pub fn offered_lists(session: &Session) -> Vec<List> {
    List::ALL
        .into_iter()
        .filter(|list| session.offers(list.capability(), None))
        .collect()
}
