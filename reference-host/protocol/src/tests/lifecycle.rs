//! Initialization, cancellation, time and the loss of an instance.

use super::*;

#[test]
fn initialize_is_answered_with_the_offer() {
    let mut driver = Driver::fresh();
    let answer = driver.initialize(service_offer(), "{}");
    let expected = json!({"jsonrpc": "2.0", "id": 0, "result": {"protocolVersion": "2025-06-18",
        "capabilities": {"logging": {}, "tools": {}}, "serverInfo": {"name": "server", "version": "2"},
        "instructions": "be kind"}});
    assert_eq!(answer, expected);
    assert!(!driver.session.is_initialized());
}

#[test]
fn another_version_is_answered_with_this_one() {
    for version in ["1999-01-01", "2099-01-01", "", "2024-11-05"] {
        let mut driver = Driver::fresh();
        let key = driver
            .send(initialize_with("{}").replace("2025-06-18", version))
            .key();
        driver.session.started(driver.now, key, service_offer());
        assert_eq!(
            driver.sent_json()[0]["result"]["protocolVersion"],
            "2025-06-18"
        );
    }
}

#[test]
fn wrong_initialize_params_name_the_member() {
    for (capabilities, member) in [
        ("[]", "params.capabilities"),
        (r#"{"sampling":true}"#, "params.capabilities.sampling"),
        (
            r#"{"roots":{"listChanged":1}}"#,
            "params.capabilities.roots.listChanged",
        ),
        (
            r#"{"experimental":{"x":1}}"#,
            "params.capabilities.experimental.x",
        ),
    ] {
        let mut driver = Driver::fresh();
        let reply = driver.send(initialize_with(capabilities));
        assert_eq!(reply.code(), -32602);
        assert!(
            reply.message().contains(&format!("`{member}`")),
            "{}",
            reply.message()
        );
        // The client may try again.
        driver.initialize(service_offer(), r#"{"x":1,"experimental":{"y":{}}}"#);
    }
    for (from, to, member) in [
        (
            r#""protocolVersion":"2025-06-18","#,
            "",
            "params.protocolVersion",
        ),
        (
            r#""version":"1""#,
            r#""version":1"#,
            "params.clientInfo.version",
        ),
        (r#""name":"tester","#, "", "params.clientInfo.name"),
    ] {
        let reply = Driver::fresh().send(initialize_with("{}").replace(from, to));
        assert_eq!(reply.code(), -32602);
        assert!(
            reply.message().contains(&format!("`{member}`")),
            "{}",
            reply.message()
        );
    }
}

#[test]
fn before_initialize_only_ping_is_answered() {
    let mut driver = Driver::fresh();
    for method in [
        "tools/list",
        "tools/call",
        "logging/setLevel",
        "unknown/method",
    ] {
        assert_eq!(driver.request(method, json!({})).code(), -32600, "{method}");
    }
    assert_eq!(driver.send(PING).result(), json!({}));
    // The same holds while the component starts.
    driver.send(initialize_with("{}")).key();
    assert_eq!(driver.request("tools/list", json!({})).code(), -32600);
    assert_eq!(driver.send(PING).result(), json!({}));
    assert_eq!(
        driver
            .send(initialize_with("{}").replace("\"id\":0", "\"id\":1"))
            .code(),
        -32600
    );
}

#[test]
fn requests_are_served_before_initialized() {
    let mut driver = Driver::fresh();
    driver.initialize(backend_offer(), "{}");
    assert_eq!(
        driver.request("tools/list", json!({})).result()["tools"][0]["name"],
        "any"
    );
}

#[test]
fn a_second_initialize_changes_nothing() {
    let mut driver = Driver::backend();
    let before = driver.session.client;
    assert_eq!(driver.send(initialize_with(r#"{"z":1}"#)).code(), -32600);
    assert_eq!(driver.session.client, before);
    assert!(driver.session.is_initialized());
    assert_eq!(
        driver.request("tools/list", json!({})).result()["tools"][0]["name"],
        "any"
    );
}

#[test]
fn a_failed_start_may_be_tried_again() {
    let mut driver = Driver::fresh();
    let key = driver.send(initialize_with("{}")).key();
    driver.session.start_failed(driver.now, key, "no memory");
    let answer = driver.sent_json().remove(0);
    assert_eq!(answer["error"]["code"], -32603);
    assert!(
        answer["error"]["message"]
            .as_str()
            .unwrap()
            .contains("no memory")
    );
    // So does one that is finished without having started.
    let key = driver.send(initialize_with("{}")).key();
    driver.finish(key, Outcome::Error(RpcError::new(-32602, "no")));
    assert_eq!(driver.sent_json()[0]["error"]["code"], -32602);
    driver.initialize(service_offer(), "{}");
}

#[test]
fn a_start_that_takes_too_long_is_answered_and_comes_too_late() {
    let mut driver = Driver::fresh();
    let key = driver.send(initialize_with("{}")).key();
    driver.pass(301.0);
    let effects = driver.effects();
    assert!(matches!(effects[0], Effect::Cancel { key: cancelled, .. } if cancelled == key));
    let Effect::Send {
        message:
            Outgoing {
                kind: MessageKind::Response { .. },
                text: message,
            },
        ..
    } = &effects[1]
    else {
        panic!("an answer")
    };
    assert!(std::str::from_utf8(message).unwrap().contains("-32603"));
    assert!(!driver.session.started(driver.now, key, service_offer()));
    assert!(driver.effects().is_empty());
    driver.initialize(service_offer(), "{}");
}

#[test]
fn an_early_initialized_counts() {
    let mut driver = Driver::fresh();
    let key = driver.send(initialize_with("{}")).key();
    driver.send(INITIALIZED);
    assert!(driver.session.started(driver.now, key, service_offer()));
    assert!(driver.session.is_initialized());
    let effects = driver.effects();
    assert!(matches!(&effects[0], Effect::Send { message, .. } if message.kind.is_response()));
    assert!(matches!(
        effects[1],
        Effect::Notify {
            event: Event::Initialized,
            ..
        }
    ));
}

#[test]
fn methods_that_are_unknown_or_not_offered_are_named() {
    let offer = Offer {
        offered: Offered::default(),
        ..service_offer()
    };
    let mut driver = Driver::operating(Framing::Stdio, Limits::default(), offer);
    for method in Method::ALL {
        let reply = driver.request(method.name(), json!({"level": "debug"}));
        match method {
            Method::Ping => assert_eq!(reply.result(), json!({})),
            Method::Initialize => assert_eq!(reply.code(), -32600),
            _ => {
                assert_eq!(reply.code(), -32601);
                assert!(reply.message().contains(method.name()));
            }
        }
    }
    for method in [
        "tools/List",
        "",
        "nope",
        "rpc.discover",
        "sampling/createMessage",
        "notifications/initialized",
    ] {
        let reply = driver.request(method, json!([]));
        assert_eq!(reply.code(), -32601);
        assert!(reply.message().contains(method));
    }
    let reply = driver.request(&"é".repeat(100_000), json!({}));
    assert!(reply.text().len() < 1000);
}

#[test]
fn wrong_params_are_named() {
    let mut driver = Driver::service();
    let cases = [
        ("ping", json!([]), "params"),
        ("ping", json!(1), "params"),
        ("ping", json!("x"), "params"),
        ("ping", json!(null), "params"),
        ("ping", json!({"_meta": []}), "params._meta"),
        (
            "ping",
            json!({"_meta": {"progressToken": 1.5}}),
            "params._meta.progressToken",
        ),
        (
            "tools/call",
            json!({"name": "x", "_meta": {"progressToken": {}}}),
            "params._meta.progressToken",
        ),
        ("tools/list", json!({"cursor": 1}), "params.cursor"),
        ("resources/list", json!({"cursor": null}), "params.cursor"),
        (
            "resources/templates/list",
            json!({"cursor": {}}),
            "params.cursor",
        ),
        ("prompts/list", json!({"cursor": []}), "params.cursor"),
        ("tools/call", json!({}), "params.name"),
        ("tools/call", json!({"name": 1}), "params.name"),
        (
            "tools/call",
            json!({"name": "x", "arguments": []}),
            "params.arguments",
        ),
        (
            "tools/call",
            json!({"name": "x", "arguments": null}),
            "params.arguments",
        ),
        ("resources/read", json!({}), "params.uri"),
        ("resources/read", json!({"uri": 5}), "params.uri"),
        ("resources/subscribe", json!({"uri": []}), "params.uri"),
        ("resources/unsubscribe", json!({}), "params.uri"),
        ("prompts/get", json!({"name": {}}), "params.name"),
        (
            "prompts/get",
            json!({"name": "x", "arguments": {"a": 1}}),
            "params.arguments.a",
        ),
        (
            "prompts/get",
            json!({"name": "x", "arguments": "a"}),
            "params.arguments",
        ),
        ("logging/setLevel", json!({}), "params.level"),
        ("logging/setLevel", json!({"level": "INFO"}), "params.level"),
        (
            "logging/setLevel",
            json!({"level": "verbose"}),
            "params.level",
        ),
        ("logging/setLevel", json!({"level": 3}), "params.level"),
        (
            "completion/complete",
            json!({"argument": {"name": "a", "value": ""}}),
            "params.ref",
        ),
        (
            "completion/complete",
            json!({"ref": {"type": 7}, "argument": {"name": "a", "value": ""}}),
            "params.ref.type",
        ),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/prompt"}, "argument": {"name": "a", "value": ""}}),
            "params.ref.name",
        ),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/resource", "uri": 1}, "argument": {"name": "a", "value": ""}}),
            "params.ref.uri",
        ),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/prompt", "name": "x"}}),
            "params.argument",
        ),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/prompt", "name": "x"}, "argument": {"value": ""}}),
            "params.argument.name",
        ),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/prompt", "name": "x"}, "argument": {"name": "a"}}),
            "params.argument.value",
        ),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/prompt", "name": "x"}, "argument": {"name": "a", "value": ""},
            "context": {"arguments": {"b": 1}}}),
            "params.context.arguments.b",
        ),
    ];
    for (method, params, member) in cases {
        let reply = driver.request(method, params.clone());
        assert_eq!(reply.code(), -32602, "{method} {params}");
        assert!(
            reply.message().contains(&format!("`{member}`")),
            "{method} {params}: {}",
            reply.message()
        );
    }
    assert!(driver.session.is_idle());
}

#[test]
fn absent_and_empty_params_are_alike() {
    for method in [
        "ping",
        "tools/list",
        "resources/list",
        "resources/templates/list",
        "prompts/list",
    ] {
        let mut driver = Driver::backend();
        let with = driver
            .send(format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{}}}}"#
            ))
            .result();
        let without = driver
            .send(format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}"}}"#))
            .result();
        assert_eq!(with, without);
    }
}

#[test]
fn a_cancelled_request_has_no_response() {
    let mut driver = Driver::service();
    let call = r#"{"jsonrpc":"2.0","id":"c","method":"tools/call","params":{"name":"x"}}"#;
    let key = driver.send(call).key();
    let stream = StreamId(driver.stream);
    driver.notify(
        "notifications/cancelled",
        json!({"requestId": "c", "reason": "enough"}),
    );
    let effects = driver.effects();
    assert!(
        matches!(&effects[0], Effect::Cancel { key: cancelled, reason: Some(reason) } if *cancelled == key && reason == "enough")
    );
    assert!(matches!(effects[1], Effect::End { stream: ended } if ended == stream));
    assert!(driver.session.is_cancelled(key));
    assert_eq!(
        driver
            .session
            .log(driver.now, Some(key), LogLevel::Error, None, "1"),
        Err(ContextError::Cancelled)
    );
    assert_eq!(
        driver
            .session
            .report_progress(driver.now, key, 1.0, None, None),
        Err(ContextError::Cancelled)
    );
    assert_eq!(
        driver
            .session
            .ask(driver.now, key, AskMethod::ListRoots, None),
        Err(ContextError::Cancelled)
    );
    // The id is free, while the component still works on the first.
    let again = driver.send(call).key();
    driver.finish(key, Outcome::Empty);
    assert!(driver.effects().is_empty());
    assert!(!driver.session.is_cancelled(key));
    assert_eq!(driver.send(call).code(), -32600, "the second is in flight");
    assert_eq!(driver.response(again, Outcome::Empty)["id"], "c");
    // Cancelling a finished request is a no-op.
    driver.notify("notifications/cancelled", json!({"requestId": "c"}));
    assert!(driver.effects().is_empty());
}

#[test]
fn cancellations_that_name_nothing_are_ignored() {
    let mut driver = Driver::service();
    let key = driver
        .send(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x"}}"#)
        .key();
    for id in [
        json!("1"),
        json!(2),
        json!(null),
        json!([1]),
        json!(1.5),
        json!({}),
    ] {
        driver.notify("notifications/cancelled", json!({"requestId": id}));
    }
    driver.notify("notifications/cancelled", json!({}));
    assert!(driver.effects().is_empty());
    // A reason of the wrong type is ignored.
    driver.notify(
        "notifications/cancelled",
        json!({"requestId": 1, "reason": 5}),
    );
    assert!(
        matches!(driver.effects()[0], Effect::Cancel { key: cancelled, reason: None } if cancelled == key)
    );
}

#[test]
fn initialize_cannot_be_cancelled() {
    let mut driver = Driver::fresh();
    let key = driver.send(initialize_with("{}")).key();
    driver.notify("notifications/cancelled", json!({"requestId": 0}));
    assert!(driver.effects().is_empty());
    assert!(driver.session.started(driver.now, key, service_offer()));
    assert_eq!(driver.sent_json()[0]["id"], 0);
}

#[test]
fn a_request_that_takes_too_long_is_answered() {
    let mut driver = Driver::service();
    let key = driver.request("tools/call", json!({"name": "x"})).key();
    driver.pass(299.0);
    assert!(driver.effects().is_empty());
    assert_eq!(
        driver.session.next_timeout(),
        Some(driver.now + Duration::from_secs(1))
    );
    driver.pass(1.0);
    let effects = driver.effects();
    assert!(matches!(effects[0], Effect::Cancel { key: cancelled, .. } if cancelled == key));
    let Effect::Send {
        message:
            Outgoing {
                kind: MessageKind::Response { .. },
                text: message,
            },
        ..
    } = &effects[1]
    else {
        panic!("an answer")
    };
    assert!(std::str::from_utf8(message).unwrap().contains("timed out"));
    assert!(driver.session.is_cancelled(key));
    assert_eq!(
        driver
            .session
            .ask(driver.now, key, AskMethod::ListRoots, None),
        Err(ContextError::TimedOut)
    );
    driver.finish(key, Outcome::Empty);
    assert!(driver.effects().is_empty());
    assert_eq!(driver.session.next_timeout(), None);
}

#[test]
fn beyond_the_limit_requests_are_refused_and_pings_answered() {
    let limits = Limits {
        requests_in_flight: 2,
        ..Limits::default()
    };
    let mut driver = Driver::operating(
        Framing::Stdio,
        limits,
        Offer {
            offered: Offered {
                client_events: false,
                ..offered()
            },
            ..backend_offer()
        },
    );
    let first = driver
        .request("resources/read", json!({"uri": "x:y"}))
        .key();
    let id = driver.ids;
    driver
        .request("resources/read", json!({"uri": "x:y"}))
        .key();
    assert_eq!(
        driver
            .request("resources/read", json!({"uri": "x:y"}))
            .code(),
        -32000
    );
    assert_eq!(driver.send(PING).result(), json!({}));
    assert_eq!(
        driver.request("tools/list", json!({})).result()["tools"][0]["name"],
        "any"
    );
    // A cancelled one counts against the limit until the component has finished.
    driver.notify("notifications/cancelled", json!({"requestId": id}));
    assert_eq!(
        driver
            .request("resources/read", json!({"uri": "x:y"}))
            .code(),
        -32000
    );
    driver.finish(first, Outcome::Empty);
    driver
        .request("resources/read", json!({"uri": "x:y"}))
        .key();
}

#[test]
fn in_flight_is_what_is_still_to_be_answered() {
    let limits = Limits {
        requests_in_flight: 2,
        ..Limits::default()
    };
    let mut driver = Driver::with(Framing::Stdio, limits);
    let key = driver.send(initialize_with("{\"roots\":{}}")).key();
    assert_eq!(driver.session.requests_in_flight(), 1);
    assert!(driver.session.started(driver.now, key, service_offer()));
    driver.send(INITIALIZED);
    driver.notify("notifications/roots/list_changed", json!({}));
    let events: Vec<_> = driver
        .effects()
        .into_iter()
        .filter(|effect| matches!(effect, Effect::Notify { .. }))
        .collect();
    assert_eq!(events.len(), 2, "the component works on both");
    assert_eq!(driver.session.requests_in_flight(), 0);
    // They do not count against the limit of requests.
    let cancelled = driver.request("tools/call", json!({"name": "x"})).key();
    let id = driver.ids;
    let slow = driver.request("tools/call", json!({"name": "x"})).key();
    assert_eq!(driver.session.requests_in_flight(), 2);
    driver.notify("notifications/cancelled", json!({"requestId": id}));
    assert_eq!(driver.session.requests_in_flight(), 1);
    driver.pass(301.0);
    assert_eq!(driver.session.requests_in_flight(), 0);
    assert_eq!(driver.session.open_streams().count(), 0);
    // The component still works on them, so the limit refuses more.
    let more = json!({"name": "x"});
    assert_eq!(driver.request("tools/call", more.clone()).code(), -32000);
    driver.finish(cancelled, Outcome::Empty);
    driver.request("tools/call", more.clone()).key();
    assert_eq!(driver.request("tools/call", more.clone()).code(), -32000);
    driver.finish(slow, Outcome::Empty);
    driver.request("tools/call", more).key();
    assert_eq!(driver.session.requests_in_flight(), 2);
}

#[test]
fn a_lost_instance_answers_all_that_it_took_along() {
    let mut driver = Driver::service();
    let cancelled = driver.request("tools/call", json!({"name": "x"})).key();
    driver.notify("notifications/cancelled", json!({"requestId": driver.ids}));
    driver.effects();
    let first = driver.request("tools/call", json!({"name": "x"})).key();
    let second = driver.request("prompts/get", json!({"name": "x"})).key();
    let ask = driver
        .session
        .ask(driver.now, first, AskMethod::ListRoots, None)
        .unwrap();
    driver.effects();
    for key in [cancelled, first, second] {
        let reason = "the component trapped: unreachable";
        driver.finish(key, Outcome::Lost(reason.to_owned()));
    }
    let effects = driver.effects();
    assert!(
        matches!(&effects[0], Effect::Send { message: Outgoing { kind: MessageKind::Cancelled(_), text: message }, .. }
        if std::str::from_utf8(message).unwrap().contains("notifications/cancelled"))
    );
    assert!(
        matches!(&effects[1], Effect::AskAnswered { ask: ended, answer: Err(AskFailure::Cancelled) } if *ended == ask)
    );
    for effect in &effects[2..] {
        let Effect::Send {
            message:
                Outgoing {
                    kind: MessageKind::Response { .. },
                    text: message,
                },
            ..
        } = effect
        else {
            panic!("{effect:?}")
        };
        let answer: Value = serde_json::from_slice(message).unwrap();
        assert_eq!(
            answer["error"],
            json!({"code": -32603, "message": "the component trapped: unreachable"})
        );
    }
    assert_eq!(effects.len(), 4);
    assert!(driver.session.is_idle());
    driver.finish(cancelled, Outcome::Empty);
    driver.finish(first, Outcome::Empty);
    assert!(driver.effects().is_empty());
    // The session continues.
    driver.request("tools/call", json!({"name": "x"})).key();
}

#[test]
fn while_stopping_what_runs_may_finish() {
    let mut driver = Driver::service();
    let key = driver.request("tools/call", json!({"name": "x"})).key();
    let ask = driver
        .session
        .ask(driver.now, key, AskMethod::Elicit, Some("{}"))
        .unwrap();
    driver.effects();
    driver.session.stop(driver.now, "end of input");
    let effects = driver.effects();
    assert!(
        matches!(&effects[1], Effect::AskAnswered { ask: ended, answer: Err(AskFailure::Stopped) } if *ended == ask)
    );
    assert!(matches!(
        driver.session.ask(driver.now, key, AskMethod::Elicit, None),
        Err(ContextError::InvalidState(_))
    ));
    assert_eq!(
        driver.request("tools/call", json!({"name": "x"})).code(),
        -32603
    );
    assert_eq!(driver.send(PING).result(), json!({}));
    assert_eq!(driver.response(key, Outcome::Empty)["result"], json!({}));
}

/// Opens a session for a single message, as a host without sessions does.
fn single(offer: Option<Offer>, secret: u64) -> Driver {
    let mut driver = Driver::with(
        Framing::Http,
        Limits {
            page_size: 1,
            ..Limits::default()
        },
    );
    driver.session.assume_initialized(offer, secret);
    driver
}

#[test]
fn a_message_is_served_without_an_initialize_of_its_own() {
    let mut offer = backend_offer();
    // A host without sessions offers none: they could reach no later call.
    offer.offered.client_events = false;
    let secret = offer.fingerprint();
    let mut driver = single(Some(offer), secret);
    assert_eq!(driver.request("nonsense", json!({})).code(), -32601);
    assert_eq!(driver.request("initialize", json!({})).code(), -32600);
    let level = driver.request("logging/setLevel", json!({"level": "error"}));
    assert_eq!(level.result(), json!({}));
    let call = driver.request("tools/call", json!({"name": "any"}));
    let asked = driver
        .session
        .ask(driver.now, call.key(), AskMethod::ListRoots, None);
    assert!(
        matches!(asked, Err(ContextError::NotSupported(_))),
        "{asked:?}"
    );
    // Notifications change nothing.
    driver.notify("notifications/initialized", json!({}));
    driver.notify("notifications/roots/list_changed", json!({}));
    driver.notify("notifications/cancelled", json!({"requestId": 99}));
    assert!(driver.effects().is_empty());

    let mut without = single(None, 0);
    assert_eq!(without.request("ping", json!({})).result(), json!({}));
    without.notify("notifications/initialized", json!({}));
    assert!(without.effects().is_empty());
}

#[test]
fn cursors_are_valid_wherever_the_lists_are_the_same() {
    let page = |offer: Offer, params: Value| {
        let secret = offer.fingerprint();
        single(Some(offer), secret).request("tools/list", params)
    };
    let cursor = page(backend_offer(), json!({})).result()["nextCursor"].clone();
    assert!(cursor.is_string(), "{cursor}");
    let next = page(backend_offer(), json!({"cursor": cursor})).result();
    assert_eq!(next["tools"][0]["name"], "count", "{next}");

    let mut other = catalog();
    other
        .add_tools(vec![tool("more", r#"{"type":"object"}"#, None)])
        .unwrap();
    let other = Offer {
        catalog: Some(Arc::new(other)),
        ..service_offer()
    };
    assert_eq!(page(other, json!({"cursor": cursor})).code(), -32602);
}

#[test]
fn a_component_that_did_not_start_is_the_answer_to_every_request() {
    let mut driver = Driver::with(Framing::Http, Limits::default());
    driver.session.assume_unavailable("no memory".to_owned());
    let refused = driver.request("tools/list", json!({}));
    assert_eq!(refused.code(), -32603);
    let text = "the server could not be started: no memory";
    assert_eq!(refused.message(), text);
    assert_eq!(driver.request("ping", json!({})).result(), json!({}));
    driver.notify("notifications/initialized", json!({}));
}
