//! Components with sessions in `wasi:keyvalue`, on replicas that share nothing but the store.

mod issuer;
mod outcome;
mod replicas;

use std::collections::BTreeSet;

use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use wasi_mcp_conformance::driver::Timing;
use wasi_mcp_conformance::runner::{NoWatcher, RunOptions, run};
use wasi_mcp_conformance::targets::url;

use issuer::{ISSUER, Issuer};
use outcome::{NEED_SESSIONS, skipped_as_permitted};
use replicas::{Client, Failure, Replicas, Reply};

const GUESTS: [&str; 2] = ["reference-service-0.2", "reference-service-0.3"];
const WATCHED: &str = "test://watched-resource";
const UPDATED: &str = "notifications/resources/updated";

/// Defines a test for each variant.
macro_rules! in_both_variants {
    ($($name:ident)*) => {
        mod preview2 {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::GUESTS[0]).await;
            })*
        }
        mod preview3 {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(super::GUESTS[1]).await;
            })*
        }
    };
}

in_both_variants! {
    the_suite_passes_on_replicas
    a_level_is_kept_and_no_other_session_sees_it
    a_subscription_is_kept_and_no_other_session_sees_it
    concurrent_requests_of_a_session_lose_nothing
    the_component_knows_the_client_in_every_request
    delete_ends_one_session
    requests_name_a_live_session
    sessions_expire
    a_failed_initialize_begins_no_session
    damaged_records_are_unknown_sessions
    a_store_that_cannot_be_opened_is_an_answer
    a_store_that_cannot_be_written_is_an_answer
    a_store_that_forgets_is_logged
    values_have_a_largest_size
    the_bucket_is_that_of_the_environment
}

/// The checks that need sessions, and pass with those of a store.
const KEPT: &[&str] = &[
    "lifecycle/before-initialize",
    "http/session-id",
    "http/session-id-varies",
    "http/session-id-long",
    "http/session-missing",
    "http/session-terminated",
    "http/delete",
    "http/session-id-at-initialize",
    "resources/subscribe",
    "resources/unsubscribe-unknown",
    "resources/updated-on-change",
    "resources/updated-only-subscribed",
    "resources/updated-capability",
    "resources/updated-shape",
    "logging/threshold",
    "logging/threshold-always",
];

/// The checks of a cancellation, which reaches another instance. What they show depends on the calls
/// of a run.
const NEED_ONE_INSTANCE: &[&str] = &["cancellation/stop", "cancellation/kind-of-id"];

async fn the_suite_passes_on_replicas(guest: &str) {
    let replicas = Replicas::serve(guest).await;
    let mut target = url::target(&replicas.url(), &[], None).expect("a target");
    // The servers run in this process.
    target.timing = Timing {
        peer_timeout: None,
        ..Timing::NEAR
    };
    target.jobs = 4;
    let options = RunOptions {
        strict: true,
        ..RunOptions::default()
    };
    let run = run(&target, &options, &NoWatcher).await.expect("it runs");
    let mut expected: BTreeSet<&str> = NEED_SESSIONS.iter().copied().collect();
    expected.retain(|check| !KEPT.contains(check) && !NEED_ONE_INSTANCE.contains(check));
    let permitted: Vec<&str> = expected.iter().chain(NEED_ONE_INSTANCE).copied().collect();
    let mut skipped = skipped_as_permitted(guest, &run, &permitted);
    skipped.retain(|check| !NEED_ONE_INSTANCE.contains(check));
    assert_eq!(skipped, expected, "{guest}");
    assert!(replicas.made() > 600, "{} instances", replicas.made());
}

/// Returns the levels of the log messages of a call that logs at each level.
async fn logged(client: &Client) -> Vec<String> {
    let reply = client.call("log-all-levels").await;
    let messages = reply.notifications("notifications/message");
    let level = |params: &Value| params["level"].as_str().expect("a level").to_owned();
    messages.into_iter().map(level).collect()
}

async fn set_level(client: &Client, level: &str) -> Reply {
    client
        .request("logging/setLevel", json!({ "level": level }))
        .await
}

async fn a_level_is_kept_and_no_other_session_sees_it(guest: &str) {
    let replicas = Replicas::serve(guest).await;
    let [one, two] = [
        Client::connect(replicas.address).await,
        Client::connect(replicas.address).await,
    ];
    assert_ne!(one.session, two.session);
    assert_eq!(
        set_level(&one, "alert").await.response()["result"],
        json!({})
    );
    assert_eq!(logged(&one).await, ["alert", "emergency"]);
    // Without a choice, from `info` on.
    assert_eq!(logged(&two).await.len(), 7);
    set_level(&two, "debug").await;
    assert_eq!(logged(&two).await.len(), 8);
    set_level(&one, "emergency").await;
    assert_eq!(logged(&one).await, ["emergency"]);
    assert_eq!(logged(&two).await.len(), 8);
    let instances = 2 + 3 + 5;
    assert_eq!(replicas.made(), instances, "an instance for each request");
    replicas.assert_none_lost();
}

async fn change_subscription(client: &Client, method: &str) {
    let reply = client.request(method, json!({ "uri": WATCHED })).await;
    assert_eq!(reply.response()["result"], json!({}), "{reply:?}");
}

/// Changes the watched resource, and returns the number of updates that the client is told of.
async fn touched(client: &Client) -> usize {
    let reply = client.call("touch-resource").await;
    let updates = reply.notifications(UPDATED);
    assert!(
        updates.iter().all(|params| params["uri"] == WATCHED),
        "{reply:?}"
    );
    // Before the response, which ends the stream.
    assert!(reply.response()["result"].is_object(), "{reply:?}");
    updates.len()
}

async fn a_subscription_is_kept_and_no_other_session_sees_it(guest: &str) {
    let replicas = Replicas::serve(guest).await;
    let [one, two] = [
        Client::connect(replicas.address).await,
        Client::connect(replicas.address).await,
    ];
    assert_eq!(touched(&one).await, 0);
    change_subscription(&one, "resources/subscribe").await;
    assert_eq!(touched(&one).await, 1);
    assert_eq!(touched(&two).await, 0);
    change_subscription(&two, "resources/subscribe").await;
    change_subscription(&one, "resources/unsubscribe").await;
    assert_eq!(touched(&one).await, 0);
    assert_eq!(touched(&two).await, 1);
    // Another resource with the same key would be a collision of the hash.
    let keys = replicas.store.keys("");
    let subscription = keys.iter().find(|key| key.contains(".subscription."));
    replicas
        .store
        .set(subscription.expect("a subscription"), "test://other");
    assert_eq!(touched(&two).await, 0);
    replicas.assert_none_lost();
}

async fn concurrent_requests_of_a_session_lose_nothing(guest: &str) {
    const SUBSCRIPTIONS: usize = 12;
    let replicas = Replicas::serve(guest).await;
    let client = Client::connect(replicas.address).await;
    let subscribed = (1..=SUBSCRIPTIONS).map(|number| {
        let params = json!({ "uri": format!("test://numbered/{number}") });
        client.request("resources/subscribe", params)
    });
    let level = set_level(&client, "error");
    let (replies, level) = futures::join!(futures::future::join_all(subscribed), level);
    for reply in replies.iter().chain([&level]) {
        assert_eq!(reply.response()["result"], json!({}), "{reply:?}");
    }
    let keys = replicas.store.keys("");
    let kept = keys.iter().filter(|key| key.contains(".subscription."));
    assert_eq!(kept.count(), SUBSCRIPTIONS, "{keys:?}");
    assert_eq!(logged(&client).await.len(), 4);
    // The end finds them all, on pages that its deletions move.
    assert_eq!(client.delete().await.status, StatusCode::NO_CONTENT);
    assert_eq!(replicas.store.keys(""), [""; 0]);
    replicas.assert_none_lost();
}

async fn the_component_knows_the_client_in_every_request(guest: &str) {
    let replicas = Replicas::serve(guest).await;
    let client = Client::connect(replicas.address).await;
    assert_eq!(
        client.notify("notifications/initialized").await.status,
        StatusCode::ACCEPTED
    );
    set_level(&client, "notice").await;
    let reply = client.call("describe-request").await;
    let described = &reply.response()["result"]["structuredContent"]["client"];
    assert_eq!(described["info"]["name"], "tester", "{reply:?}");
    assert_eq!(described["info"]["version"], "7");
    assert_eq!(described["protocolVersion"], "2025-06-18");
    assert_eq!(described["logLevel"], "notice");
    assert_eq!(described["roots"], json!({ "listChanged": true }));
    assert_eq!(described["experimental"], json!({ "x": {} }));
    assert_eq!(described["sampling"], Value::Null);
    replicas.assert_none_lost();
}

fn is_refusal(reply: &Reply, status: u16) {
    assert_eq!(reply.status, status, "{reply:?}");
    assert_eq!(reply.response()["jsonrpc"], "2.0", "{reply:?}");
    assert_eq!(reply.header("mcp-session-id"), None, "{reply:?}");
    assert!(!reply.error().is_empty());
}

async fn delete_ends_one_session(guest: &str) {
    let replicas = Replicas::serve(guest).await;
    let [one, two] = [
        Client::connect(replicas.address).await,
        Client::connect(replicas.address).await,
    ];
    for client in [&one, &two] {
        set_level(client, "alert").await;
        change_subscription(client, "resources/subscribe").await;
    }
    let version = [("mcp-protocol-version", "1999-01-01")];
    is_refusal(&one.send(Method::DELETE, &version, None).await, 400);
    let ended = one.delete().await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    assert!(ended.messages.is_empty(), "{ended:?}");

    let prefix = format!("{}.", two.session.as_deref().expect("a session"));
    let keys = replicas.store.keys("");
    assert!(keys.iter().all(|key| key.starts_with(&prefix)), "{keys:?}");
    assert_eq!(keys.len(), 4, "{keys:?}");
    is_refusal(&one.delete().await, 404);
    is_refusal(&one.request("ping", json!({})).await, 404);
    is_refusal(&set_level(&one, "debug").await, 404);
    assert_eq!(replicas.store.keys(""), keys);
    assert_eq!(touched(&two).await, 1);

    // A session without subscriptions needs no search among all keys.
    let listed = replicas.store.listed();
    assert!(listed > 1, "several pages");
    let three = Client::connect(replicas.address).await;
    set_level(&three, "alert").await;
    assert_eq!(three.delete().await.status, StatusCode::NO_CONTENT);
    assert_eq!(replicas.store.listed(), listed);
    assert_eq!(replicas.store.keys(""), keys);
    replicas.assert_none_lost();
}

async fn requests_name_a_live_session(guest: &str) {
    let replicas = Replicas::serve(guest).await;
    let mut client = Client::connect(replicas.address).await;
    let session = client.session.clone().expect("a session");
    assert_eq!(session.len(), 32);
    assert!(
        session.bytes().all(|byte| (0x21..=0x7e).contains(&byte)),
        "{session}"
    );

    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    let twice = [("mcp-session-id", &*session)];
    is_refusal(&client.send(Method::POST, &twice, Some(&ping)).await, 400);
    is_refusal(&client.send(Method::DELETE, &twice, None).await, 400);
    let version = [("mcp-protocol-version", "1999-01-01")];
    is_refusal(&client.send(Method::POST, &version, Some(&ping)).await, 400);
    for method in [Method::GET, Method::PUT] {
        let reply = client.send(method, &[], None).await;
        is_refusal(&reply, 405);
        assert_eq!(reply.header("allow"), Some("POST, DELETE, OPTIONS"));
    }
    let options = client.send(Method::OPTIONS, &[], None).await;
    assert_eq!(options.header("allow"), Some("POST, DELETE, OPTIONS"));
    // There is one `initialize` in a session.
    let again = client.initialize().await;
    assert_eq!(again.status, StatusCode::OK);
    assert!(again.error().contains("initialized already"), "{again:?}");
    assert_eq!(again.header("mcp-session-id"), None);
    assert_eq!(
        client.request("ping", json!({})).await.response()["result"],
        json!({})
    );

    client.session = None;
    is_refusal(&client.request("ping", json!({})).await, 400);
    is_refusal(&client.request("tools/list", json!({})).await, 400);
    is_refusal(&client.notify("notifications/initialized").await, 400);
    is_refusal(&client.delete().await, 400);

    client.session = Some(session.chars().rev().collect());
    is_refusal(&client.request("tools/list", json!({})).await, 404);
    is_refusal(&client.delete().await, 404);
    // What cannot be an id never reaches the store.
    let opened = replicas.store.opened();
    for malformed in ["a", "x.session", &session[1..], &format!("{session}x")] {
        client.session = Some(malformed.to_owned());
        is_refusal(&client.request("ping", json!({})).await, 404);
    }
    assert_eq!(replicas.store.opened(), opened);
    replicas.assert_none_lost();
}

/// Makes a session older, or with a negative number younger.
fn age(replicas: &Replicas, client: &Client, seconds: i64) {
    let key = format!("{}.session", client.session.as_deref().expect("a session"));
    let record = replicas.store.get(&key).expect("a record");
    let mut record: Value = serde_json::from_str(&record).expect("JSON");
    let made = record["made"].as_i64().expect("a time");
    record["made"] = json!(made - seconds);
    replicas.store.set(&key, record.to_string());
}

async fn sessions_expire(guest: &str) {
    for (lifetime, seconds) in [
        (None, 24 * 60 * 60),
        (Some("600"), 600),
        (Some("soon"), 86_400),
    ] {
        let environment: Vec<_> = lifetime
            .map(|it| ("WASI_MCP_SESSION_LIFETIME", it))
            .into_iter()
            .collect();
        let replicas = Replicas::serve_with(guest, &environment).await;
        let client = Client::connect(replicas.address).await;
        set_level(&client, "alert").await;
        change_subscription(&client, "resources/subscribe").await;
        age(&replicas, &client, seconds - 60);
        assert_eq!(logged(&client).await.len(), 2);
        assert_eq!(replicas.store.keys("").len(), 4);
        age(&replicas, &client, 120);
        is_refusal(&client.request("ping", json!({})).await, 404);
        assert_eq!(replicas.store.keys(""), [""; 0]);
        is_refusal(&client.delete().await, 404);
        let is_told = replicas
            .log()
            .contains("WASI_MCP_SESSION_LIFETIME is \"soon\"");
        assert_eq!(is_told, lifetime == Some("soon"), "{}", replicas.log());

        // A clock that is ahead by hours would make a session that never ends.
        let client = Client::connect(replicas.address).await;
        age(&replicas, &client, -1800);
        assert_eq!(
            client.request("ping", json!({})).await.status,
            StatusCode::OK
        );
        age(&replicas, &client, -7200);
        is_refusal(&client.request("ping", json!({})).await, 404);
        replicas.assert_none_lost();
    }
}

async fn a_failed_initialize_begins_no_session(guest: &str) {
    let replicas = Replicas::serve(guest).await;
    let client = Client::new(replicas.address);
    for params in [json!({}), json!({ "protocolVersion": 1 })] {
        let reply = client.request("initialize", params).await;
        assert_eq!(reply.status, StatusCode::OK);
        assert!(!reply.error().is_empty());
        assert_eq!(reply.header("mcp-session-id"), None, "{reply:?}");
    }
    assert_eq!(replicas.store.keys(""), [""; 0]);
    replicas.assert_none_lost();
}

async fn damaged_records_are_unknown_sessions(guest: &str) {
    let replicas = Replicas::serve(guest).await;
    let other = Client::connect(replicas.address).await;
    let client = Client::connect(replicas.address).await;
    let session = client.session.as_deref().expect("a session");
    let key = format!("{session}.session");
    let good = replicas.store.get(&key).expect("a record");
    let deep = format!("{{\"layout\":1,\"x\":{}", "[".repeat(100_000));
    for (damaged, reason) in [
        ("".to_owned(), "not JSON"),
        ("\0\u{1b}[2J\n".to_owned(), "not JSON"),
        ("[]".to_owned(), "an object"),
        (good.replace("\"layout\":1", "\"layout\":2"), "layout"),
        (good.replace("\"made\":", "\"made\":-"), "made"),
        (
            good.replace("\"capabilities\":{", "\"capabilities\":{\"sampling\":7,"),
            "sampling",
        ),
        (
            good.replace(r#""x":{}"#, r#""\u001b[2J":7"#),
            "experimental",
        ),
        (deep, "not JSON"),
    ] {
        let before = replicas.log().len();
        replicas.store.set(&key, damaged.clone());
        is_refusal(&client.call_refused().await, 404);
        let log = replicas.log();
        let line = &log[before..];
        assert!(
            line.contains("is treated as unknown"),
            "{damaged:.99?}: {line}"
        );
        assert!(line.contains(reason), "{damaged:.99?}: {line}");
        assert!(!line.contains(session), "the log tells the id: {line}");
        assert!(!line.trim_end().contains(char::is_control), "{line:?}");
    }
    replicas.store.set(&key, good);
    // A level that cannot be read counts as none.
    replicas.store.set(&format!("{session}.level"), "loud");
    assert_eq!(logged(&client).await.len(), 7);
    assert!(replicas.log().contains("its level is damaged"));
    assert_eq!(logged(&other).await.len(), 7);
    replicas.assert_none_lost();
}

impl Client {
    /// Calls a tool, whatever the answer.
    async fn call_refused(&self) -> Reply {
        let params = json!({ "name": "log-all-levels", "arguments": {} });
        self.request("tools/call", params).await
    }
}

/// Fails unless the answer tells what to grant, and the log why.
fn is_unavailable(replicas: &Replicas, reply: &Reply, logged: &str) {
    is_refusal(reply, 503);
    assert_eq!(reply.header("retry-after"), Some("30"), "{reply:?}");
    assert!(reply.error().contains("-S keyvalue"), "{reply:?}");
    assert!(!reply.error().contains("secret"), "{reply:?}");
    let log = replicas.log();
    let last = log.lines().last().expect("a line");
    assert!(last.contains(logged), "{last}");
    // Nor does the log tell an id, which the store quotes.
    for key in replicas.store.keys("") {
        let (session, _) = key.split_once('.').expect("a key of a session");
        assert!(!log.contains(session), "{log}");
    }
}

async fn a_store_that_forgets_is_logged(guest: &str) {
    let replicas = Replicas::serve(guest).await;
    let told = "unless it is only late";
    Client::connect(replicas.address).await;
    assert!(!replicas.log().contains(told), "{}", replicas.log());
    replicas.store.fail(Some(Failure::Forgetting));
    let client = Client::connect(replicas.address).await;
    let log = replicas.log();
    assert!(log.contains(told), "{log}");
    assert!(!log.contains(client.session.as_deref().expect("a session")));
    is_refusal(&client.request("ping", json!({})).await, 404);
    replicas.assert_none_lost();
}

async fn values_have_a_largest_size(guest: &str) {
    const LARGEST: usize = 64 << 10;
    let replicas = Replicas::serve(guest).await;
    let initialize = |bytes: usize| {
        let params = json!({
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": { "name": "x".repeat(bytes), "version": "1" },
        });
        let client = Client::new(replicas.address);
        async move { client.request("initialize", params).await }
    };
    let reply = initialize(LARGEST).await;
    is_refusal(&reply, 413);
    assert!(reply.error().contains("at most 65536"), "{reply:?}");
    assert_eq!(replicas.store.keys(""), [""; 0]);
    assert_eq!(initialize(LARGEST - 1024).await.status, StatusCode::OK);
    assert_eq!(replicas.store.keys("").len(), 1);

    let client = Client::connect(replicas.address).await;
    let keys = replicas.store.keys("");
    let scheme = "test://numbered/";
    let params = json!({ "uri": format!("{scheme}{}", "1".repeat(LARGEST)) });
    let reply = client.request("resources/subscribe", params).await;
    assert!(reply.error().contains("at most 65536"), "{reply:?}");
    assert_eq!(reply.response()["error"]["code"], -32602, "{reply:?}");
    assert_eq!(replicas.store.keys(""), keys);
    replicas.assert_none_lost();
}

async fn a_store_that_cannot_be_opened_is_an_answer(guest: &str) {
    let replicas = Replicas::serve(guest).await;
    let client = Client::connect(replicas.address).await;
    let stranger = Client::new(replicas.address);
    for (failure, logged) in [
        (Failure::NoSuchStore, "there is no such bucket"),
        (Failure::AccessDenied, "access is denied"),
    ] {
        replicas.store.fail(Some(failure));
        for reply in [
            stranger.initialize().await,
            client.request("ping", json!({})).await,
            client.call_refused().await,
            client.delete().await,
        ] {
            is_unavailable(&replicas, &reply, logged);
        }
    }
    replicas.store.fail(Some(Failure::Reading));
    let reply = client.call_refused().await;
    is_unavailable(&replicas, &reply, "secret address unreachable");
    replicas.store.fail(None);
    assert_eq!(logged(&client).await.len(), 7);
    replicas.assert_none_lost();
}

async fn a_store_that_cannot_be_written_is_an_answer(guest: &str) {
    let replicas = Replicas::serve(guest).await;
    let client = Client::connect(replicas.address).await;
    change_subscription(&client, "resources/subscribe").await;
    let keys = replicas.store.keys("");
    replicas.store.fail(Some(Failure::Writing));
    let stranger = Client::new(replicas.address);
    for reply in [
        stranger.initialize().await,
        set_level(&client, "alert").await,
        client
            .request("resources/subscribe", json!({ "uri": WATCHED }))
            .await,
        client
            .request("resources/unsubscribe", json!({ "uri": WATCHED }))
            .await,
        client.delete().await,
    ] {
        is_unavailable(&replicas, &reply, "read-only");
    }
    replicas.store.fail(None);
    // Nothing has changed.
    assert_eq!(replicas.store.keys(""), keys);
    assert_eq!(logged(&client).await.len(), 7);
    assert_eq!(touched(&client).await, 1);
    replicas.assert_none_lost();
}

async fn the_bucket_is_that_of_the_environment(guest: &str) {
    let environment = [("WASI_MCP_SESSION_BUCKET", "sessions")];
    let replicas = Replicas::serve_with(guest, &environment).await;
    let client = Client::connect(replicas.address).await;
    assert_eq!(
        client.request("ping", json!({})).await.status,
        StatusCode::OK
    );
    let session = client.session.as_deref().expect("a session");
    assert_eq!(
        replicas.store.keys("sessions"),
        [format!("{session}.session")]
    );
    assert_eq!(replicas.store.keys(""), [""; 0]);
    replicas.assert_none_lost();
}

/// The rules are in code that both variants share.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_its_users_alone() {
    const RESOURCE: &str = "https://mcp.example.com/mcp";
    let issuer = Issuer::new("one", 7);
    let keys = serde_json::to_string(&issuer.keys()).expect("JSON");
    let environment = [
        ("WASI_MCP_AUTH_ISSUER", ISSUER),
        ("WASI_MCP_AUTH_AUDIENCE", RESOURCE),
        ("WASI_MCP_AUTH_JWKS", &*keys),
    ];
    let replicas = Replicas::serve_protected(GUESTS[0], &environment).await;
    let token = |changes| Some(issuer.token(RESOURCE, changes));
    let [alice, bob, robot] = [
        token(json!({})),
        token(json!({ "sub": "bob" })),
        // A client of the same name as a user is not that user.
        token(json!({ "sub": null, "client_id": "alice" })),
    ];
    let mut client = Client::connect_with(replicas.address, alice).await;
    assert_eq!(
        set_level(&client, "alert").await.response()["result"],
        json!({})
    );
    for other in [&bob, &robot] {
        client.token.clone_from(other);
        is_refusal(&client.request("ping", json!({})).await, 404);
        is_refusal(&set_level(&client, "debug").await, 404);
        is_refusal(&client.delete().await, 404);
    }
    client.token = None;
    is_refusal(&client.request("ping", json!({})).await, 401);
    is_refusal(&client.delete().await, 401);
    // A session outlives its tokens: the next one counts at once.
    client.token = token(json!({ "scope": "other" }));
    assert_eq!(logged(&client).await, ["alert", "emergency"]);
    let reply = client.call("whoami").await;
    let principal = &reply.response()["result"]["structuredContent"]["principal"];
    assert_eq!(principal["subject"], "alice");
    assert_eq!(principal["scopes"], json!(["other"]));
    // A record without a user is nobody's.
    let key = format!("{}.session", client.session.as_deref().expect("a session"));
    let record = replicas.store.get(&key).expect("a record");
    let mut record: Value = serde_json::from_str(&record).expect("JSON");
    let owner = record.as_object_mut().expect("an object").remove("owner");
    assert_eq!(
        owner,
        Some(json!(format!("[\"subject\",\"{ISSUER}\",\"alice\"]")))
    );
    replicas.store.set(&key, record.to_string());
    is_refusal(&client.request("ping", json!({})).await, 404);
    replicas.assert_none_lost();
}
