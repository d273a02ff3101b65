//! The start of a component, and the host's answers when it fails.

use std::time::Instant;

use serde_json::{Value, json};

use super::{RuntimeCheck, begun, compare, told_later, violation};
use crate::checks::runtime::stand::Stand;
use crate::checks::runtime::stand::{ask, call, invoke, told};
use crate::checks::{Finding, Judgement, Tally};
use crate::driver::ClientRole;
use crate::model::duration::in_words;
use crate::model::requirements::REVISION;
use crate::runtime::Base;
use crate::runtime::components::{DEFAULT, MINIMAL, UNKNOWN_IMPORT, modes_of};

/// The checks of this group.
pub const CHECKS: &[RuntimeCheck] = &[
    runtime_check!(
        "runtime-lifecycle/start-fails",
        "Answers initialize with -32603 where the start fails, each time it is sent.",
        ["wit.start.failed", "wit.start.awaited", "wit.start.again"],
        Base::BACKENDS,
        start_fails
    ),
    runtime_check!(
        "runtime-lifecycle/claim-without-export",
        "Does not serve a component that claims a capability without its export.",
        ["wit.capabilities.claim-without-export"],
        &Base::ALL,
        claim_without_export
    ),
    runtime_check!(
        "runtime-lifecycle/no-entry",
        "Does not serve a component that exports neither start nor server-catalog, and says so.",
        ["wit.catalog.entry"],
        &[Base::Concurrent, Base::Service],
        no_entry
    ),
    runtime_check!(
        "runtime-lifecycle/both-entries",
        "Does not serve a component that exports both start and server-catalog, and says so.",
        ["wit.catalog.both-entries"],
        &[Base::Service],
        both_entries
    ),
    runtime_check!(
        "runtime-lifecycle/unknown-version",
        "Does not serve a component of an unknown version of wasi:mcp, and names an interface.",
        ["wit.world.unknown-version"],
        &[Base::Concurrent, Base::Preview2],
        unknown_version
    ),
    runtime_check!(
        "runtime-lifecycle/two-versions",
        "Does not serve a component that uses both packages of wasi:mcp.",
        ["wit.world.two-versions"],
        &[Base::Concurrent, Base::Preview2],
        two_versions
    ),
    runtime_check!(
        "runtime-lifecycle/unknown-import",
        "Does not serve a component that imports an unknown interface of wasi:mcp, and names the interface.",
        ["wit.world.unknown-import"],
        &[Base::Concurrent, Base::Preview2],
        unknown_import
    ),
    runtime_check!(
        "runtime-lifecycle/get-server-fails",
        "Answers initialize with -32603 where get-server returns an error or traps.",
        ["wit.get-server.failed"],
        &[Base::Service],
        get_server_fails
    ),
    runtime_check!(
        "runtime-lifecycle/get-server-never",
        "Ends a get-server that does not return.",
        ["wit.get-server.too-long"],
        &[Base::Service],
        get_server_never
    ),
    runtime_check!(
        "runtime-lifecycle/start-never",
        "Ends a start that does not return.",
        ["wit.start.too-long"],
        Base::BACKENDS,
        start_never
    ),
    runtime_check!(
        "runtime-lifecycle/start-once",
        "Starts an instance once, before anything else.",
        ["wit.start.once", "wit.handlers.after-start"],
        Base::BACKENDS,
        start_once
    ),
    runtime_check!(
        "runtime-lifecycle/order",
        "Refuses to register a server or to serve out of turn.",
        [
            "wit.register-server.twice",
            "wit.register-server.json",
            "wit.types.unique-names",
            "wit.serve.state"
        ],
        Base::BACKENDS,
        order
    ),
    runtime_check!(
        "runtime-lifecycle/nothing-first",
        "Sends nothing of the component before initialize is answered.",
        ["wit.notifications.not-before-initialize"],
        Base::BACKENDS,
        nothing_first
    ),
    runtime_check!(
        "runtime-lifecycle/logging-declared",
        "Declares logging and answers setLevel for a component that imports it.",
        ["wit.capabilities.logging"],
        &Base::ALL,
        logging_declared
    ),
    runtime_check!(
        "runtime-lifecycle/logging-undeclared",
        "Does not declare logging for a component that does not import it, and answers setLevel with -32601.",
        ["wit.capabilities.logging"],
        &[Base::Concurrent, Base::Preview2],
        logging_undeclared
    ),
    runtime_check!(
        "runtime-lifecycle/subset",
        "Serves a component that exports tools alone, and imports the minimal interfaces.",
        ["wit.world.probe-each"],
        &[Base::Concurrent, Base::Preview2],
        subset
    ),
    runtime_check!(Stdio "runtime-lifecycle/wait-stopped", "Wakes a component that waits for the end of its instance.",
        ["wit.shutdown.wait", "wit.shutdown.is-stopped"], &[Base::Concurrent], stopped),
    runtime_check!(Stdio "runtime-lifecycle/is-stopped", "Tells a component that asks for the end of its instance.",
        ["wit.shutdown.is-stopped"], Base::ONE_AT_A_TIME, stopped),
    runtime_check!(
        "runtime-lifecycle/undeclared",
        "Does not offer features that are exported but not declared.",
        ["wit.capabilities.export-without-claim"],
        Base::BACKENDS,
        undeclared
    ),
    runtime_check!(
        "runtime-lifecycle/initialized",
        "Tells the component once that the client is ready, with a context that allows only requests for roots.",
        ["wit.client-events.initialized", "wit.context.notification"],
        Base::BACKENDS,
        initialized
    ),
    runtime_check!(
        "runtime-lifecycle/roots-changed",
        "Tells the component that the client's roots have changed.",
        ["wit.client-events.roots-changed"],
        Base::BACKENDS,
        roots_changed
    ),
];

async fn refused(stand: &Stand, mode: &'static str) -> Result<(), Finding> {
    let session = stand.connect(mode, ClientRole::complete()).await?;
    for attempt in ["once", "again"] {
        // The runtime may load the component first.
        let patience = stand.limits().start.unwrap_or_default() + session.timing().start;
        let params = json!({"protocolVersion": REVISION, "capabilities": {}, "clientInfo": {"name": "suite", "version": "1"}});
        let pending = session.begin("initialize", params).await;
        let reply = session.reply(&pending, patience).await;
        if let Err(finding) = reply.error_with(&[-32603]) {
            let finding = Finding::Violation(format!("{mode}, asked {attempt}: {finding}"));
            return Err(stand.explained(mode, &session, finding).await);
        }
    }
    Ok(())
}

async fn start_fails(stand: &Stand) -> Judgement {
    let mut tally = Tally::default();
    for mode in modes_of("runtime-lifecycle/start-fails", stand.base()) {
        tally.note(refused(stand, mode).await);
    }
    tally.judge("components that do not start were refused", "")
}

async fn claim_without_export(stand: &Stand) -> Judgement {
    let mut tally = Tally::default();
    for mode in modes_of("runtime-lifecycle/claim-without-export", stand.base()) {
        tally.note(refused(stand, mode).await);
    }
    tally.judge("claims without their export were refused", "")
}

/// Makes sure that a component is not served, and returns the runtime's output.
async fn not_served(stand: &Stand, mode: &'static str) -> Result<String, Finding> {
    let session = match stand.connect(mode, ClientRole::complete()).await {
        // A runtime may refuse the file before a client connects.
        Err(Finding::Broken(why)) => return Ok(why),
        session => session?,
    };
    let reply = session.initialize(REVISION).await;
    if reply.result().is_ok() || reply.is_silence() {
        let finding = reply.unexpected(&format!("no session with the component {mode}"));
        return Err(stand.explained(mode, &session, finding).await);
    }
    session.close().await;
    let stderr = String::from_utf8_lossy(&session.log().read().stderr).into_owned();
    Ok(format!("{}\n{stderr}", reply.came()))
}

async fn no_entry(stand: &Stand) -> Judgement {
    for mode in modes_of("runtime-lifecycle/no-entry", stand.base()) {
        let said = not_served(stand, mode).await?;
        if !["start", "server-catalog"]
            .iter()
            .any(|name| said.contains(name))
        {
            return violation(
                "the runtime to say that the component exports neither `start` nor `server-catalog`",
                format!("its output: {said}"),
            );
        }
    }
    Ok("a component without an entry was refused".to_owned())
}

async fn both_entries(stand: &Stand) -> Judgement {
    let said = not_served(stand, "both-entries").await?;
    if !["wasi:mcp/start", "server-catalog"]
        .iter()
        .all(|name| said.contains(name))
    {
        return violation(
            "the runtime to say that the component exports both `start` and `server-catalog`",
            format!("its output: {said}"),
        );
    }
    Ok("a component with two entries was refused".to_owned())
}

/// The one mode in which this build of the probes serves this check.
fn mode_of(check: &str, base: Base) -> Result<&'static str, Finding> {
    let mode = modes_of(check, base).next();
    mode.ok_or_else(|| Finding::Broken(format!("{} has no mode for {check}", base.name())))
}

async fn unknown_version(stand: &Stand) -> Judgement {
    let mode = mode_of("runtime-lifecycle/unknown-version", stand.base())?;
    let said = not_served(stand, mode).await?;
    if !said.contains("wasi:mcp/") {
        return violation(
            "the runtime to name an interface of the version that it does not provide",
            format!("its output: {said}"),
        );
    }
    Ok("a component of an unknown version was refused".to_owned())
}

async fn two_versions(stand: &Stand) -> Judgement {
    let mode = mode_of("runtime-lifecycle/two-versions", stand.base())?;
    not_served(stand, mode).await?;
    Ok("a component that uses two versions was refused".to_owned())
}

async fn unknown_import(stand: &Stand) -> Judgement {
    let said = not_served(stand, "unknown-import").await?;
    if !said.contains(UNKNOWN_IMPORT) {
        return violation(
            &format!(
                "the runtime to name the interface {UNKNOWN_IMPORT}..., which it does not provide"
            ),
            format!("its output: {said}"),
        );
    }
    Ok("a component was refused for its import, which was named".to_owned())
}

async fn get_server_fails(stand: &Stand) -> Judgement {
    let mut tally = Tally::default();
    for mode in modes_of("runtime-lifecycle/get-server-fails", stand.base()) {
        tally.note(refused(stand, mode).await);
    }
    tally.judge("services that do not describe themselves were refused", "")
}

async fn get_server_never(stand: &Stand) -> Judgement {
    stand.known(stand.limits().start, "start")?;
    refused(stand, "get-server-never").await?;
    Ok("a get-server that does not end was given up".to_owned())
}

async fn start_never(stand: &Stand) -> Judgement {
    stand.known(stand.limits().start, "start")?;
    refused(stand, "start-never").await?;
    Ok("a start that does not end was given up".to_owned())
}

async fn start_once(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    invoke(&session, "sleep", json!({"milliseconds": 1}))
        .await
        .result()?;
    let told = ask(&session, "tell-instance").await?;
    if told["starts"] != 1 {
        return violation(
            "one start of the instance",
            format!("the probe counted {}", told["starts"]),
        );
    }
    if told["early"] != 0 {
        return violation(
            "no handler to be called before start has returned",
            format!("the probe counted {}", told["early"]),
        );
    }
    Ok("start ran once".to_owned())
}

async fn order(stand: &Stand) -> Judgement {
    super::answers(
        stand,
        "tell-start",
        &[
            ("serve-first", "invalid-state"),
            ("server-no-json", "invalid-params"),
            ("server-completions-no-object", "invalid-params"),
            ("server-experimental-no-object", "invalid-params"),
            ("server-names-twice", "invalid-params"),
            ("server-info-no-object", "invalid-params"),
            ("server-twice", "invalid-state"),
            ("serve-twice", "invalid-state"),
            ("server-after-serve", "invalid-state"),
        ],
    )
    .await
}

async fn nothing_first(stand: &Stand) -> Judgement {
    let session = stand.introduced().await?;
    session.settle().await;
    let entries = session.log().since(0);
    let first = entries.iter().find(|entry| entry.from_server());
    match first {
        Some(entry) if entry.is_response() => Ok("the answer to initialize came first".to_owned()),
        Some(entry) => violation(
            "the answer to initialize first",
            format!("got {}", entry.text()),
        ),
        None => violation("the answer to initialize first", "nothing came"),
    }
}

async fn logging_declared(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    if !session.offers("logging", None) {
        return violation(
            "the capability logging",
            format!("the host declared {}", session.capabilities()),
        );
    }
    session
        .request("logging/setLevel", json!({"level": "error"}))
        .await
        .result()?;
    Ok("logging was declared and a level taken".to_owned())
}

async fn logging_undeclared(stand: &Stand) -> Judgement {
    let session = stand.session_in(MINIMAL, ClientRole::complete()).await?;
    if session.offers("logging", None) {
        return violation(
            "no capability logging for a component that does not import the interface",
            format!("the host declared {}", session.capabilities()),
        );
    }
    session
        .request("logging/setLevel", json!({"level": "error"}))
        .await
        .error_with(&[-32601])?;
    Ok("logging was not declared, and no level taken".to_owned())
}

async fn subset(stand: &Stand) -> Judgement {
    let session = stand.session_in(MINIMAL, ClientRole::complete()).await?;
    let mut tally = Tally::default();
    for capability in ["resources", "prompts", "completions"] {
        tally.expect(!session.offers(capability, None), || {
            format!("{capability} was declared by the host, and not by the component")
        });
    }
    let reply = session.request("tools/list", Value::Null).await;
    if reply.result()?["tools"][0]["name"] != "hello" {
        return Err(reply.unexpected("the tool hello"));
    }
    let reply = invoke(&session, "hello", json!({"name": "World"})).await;
    if reply.result()?["content"][0]["text"] != "Hello, World!" {
        return Err(reply.unexpected("the text `Hello, World!`"));
    }
    for (method, params) in [
        ("resources/list", Value::Null),
        ("prompts/list", Value::Null),
        ("resources/read", json!({"uri": "probe:///bytes"})),
    ] {
        let reply = session.request(method, params).await;
        tally.note(reply.error_with(&[-32601]).map(drop));
    }
    tally.judge("features were left out of a component that was served", "")
}

async fn stopped(stand: &Stand) -> Judgement {
    let patience = stand.known(stand.limits().stopping, "stopping")?;
    let session = stand.session().await?;
    let pending = session
        .begin("tools/call", call("wait-until-stopped", json!({})))
        .await;
    begun(&session).await;
    session.close_within(patience).await;
    let reply = session.reply(&pending, session.timing().quiet).await;
    if reply.entry.is_none() {
        let within = in_words(patience);
        return violation(
            &format!("an answer to the running call within {within} after the end of input"),
            "none came",
        );
    }
    let seen = told(&reply)?;
    if seen.get("before") != Some(&json!(false)) || seen.get("after") != Some(&json!(true)) {
        return violation(
            "is-stopped to be false before the end of input, and true after it",
            format!("the probe saw {}", Value::from(seen.clone())),
        );
    }
    Ok("a call learnt that the host stops, and was answered".to_owned())
}

async fn undeclared(stand: &Stand) -> Judgement {
    let session = stand
        .session_in("only-tools", ClientRole::complete())
        .await?;
    let mut tally = Tally::default();
    for capability in ["resources", "prompts", "completions"] {
        tally.expect(!session.offers(capability, None), || {
            format!("{capability} was declared by the host, and not by the component")
        });
    }
    let methods = [
        ("resources/list", Value::Null),
        ("resources/read", json!({"uri": "probe:///bytes"})),
        ("resources/subscribe", json!({"uri": "probe:///bytes"})),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/resource", "uri": "probe:///{name}"}, "argument": {"name": "name", "value": "1"}}),
        ),
    ];
    for (method, params) in methods {
        let reply = session.request(method, params).await;
        tally.note(reply.error_with(&[-32601]).map(drop));
    }
    tally.judge("features were exported, not declared, and not offered", "")
}

async fn initialized(stand: &Stand) -> Judgement {
    // The probes ask in `initialized` only a client that declares this.
    let role = ClientRole::with(json!({
        "roots": {"listChanged": true},
        "sampling": {},
        "elicitation": {},
        "experimental": {"probe-initialized": {}},
    }));
    let session = stand.session_in(DEFAULT, role).await?;
    // The notification may still be at work where calls overtake it.
    let told = told_later(&session, "tell-initialized").await?;
    let mut tally = Tally::default();
    tally.expect(told["has-id"] == false, || {
        "the context of a notification had an id".to_owned()
    });
    let expected = [
        ("create-message", "invalid-state"),
        ("elicit", "invalid-state"),
        ("list-roots", "ok"),
    ];
    compare(&mut tally, "tell-initialized", &told, &expected);
    let instance = ask(&session, "tell-instance").await?;
    tally.expect(instance["events"] == json!(["initialized"]), || {
        format!(
            "expected one event, `initialized`; the probe saw {}",
            instance["events"]
        )
    });
    tally.judge("things were right with `initialized`", "")
}

async fn roots_changed(stand: &Stand) -> Judgement {
    let session = stand.session().await?;
    session
        .notify("notifications/roots/list_changed", Value::Null)
        .await;
    let began = Instant::now();
    loop {
        let events = ask(&session, "tell-instance").await?["events"].clone();
        if events == json!(["initialized", "roots-changed"]) {
            return Ok("the component was told that the roots have changed".to_owned());
        }
        if began.elapsed() >= session.timing().answer {
            return violation(
                "the events initialized and roots-changed",
                format!("the probe saw {events}"),
            );
        }
        tokio::time::sleep(session.timing().quiet).await;
    }
}
