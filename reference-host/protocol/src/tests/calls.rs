//! Calls of tools, prompts, resources and completion.

use super::*;

#[test]
fn a_backend_has_unknown_names_refused() {
    let mut driver = Driver::backend();
    let argument = json!({"name": "who", "value": ""});
    let complete = |reference: Value| {
        (
            "completion/complete",
            json!({"ref": reference, "argument": argument}),
        )
    };
    let cases = [
        ("tools/call", json!({"name": "nope"})),
        ("tools/call", json!({"name": ""})),
        ("prompts/get", json!({"name": "nope"})),
        complete(json!({"type": "ref/prompt", "name": "nope"})),
        complete(json!({"type": "ref/resource", "uri": "test://nope"})),
        complete(json!({"type": "ref/tool", "name": "greet"})),
    ];
    for (method, params) in cases {
        let reply = driver.request(method, params.clone());
        assert_eq!(reply.code(), -32602, "{params}");
        assert!(
            reply.message().starts_with("unknown"),
            "{}",
            reply.message()
        );
    }
    for reference in [
        json!({"type": "ref/prompt", "name": "greet", "title": "x"}),
        json!({"type": "ref/resource", "uri": "test://{id}"}),
        json!({"type": "ref/resource", "uri": "test://a"}),
    ] {
        driver
            .request(
                "completion/complete",
                json!({"ref": reference, "argument": argument}),
            )
            .key();
    }
    // Links need not be listed, so refusing a read is left to the component.
    let key = driver
        .request("resources/read", json!({"uri": "test://nope"}))
        .key();
    let error =
        RpcError::new(code::RESOURCE_NOT_FOUND, "none").with_data(r#"{"uri":"test://nope"}"#);
    let response = driver.response(key, Outcome::Error(error));
    assert_eq!(
        response["error"],
        json!({"code": -32002, "message": "none", "data": {"uri": "test://nope"}})
    );
}

#[test]
fn a_service_refuses_unknown_names_itself() {
    let mut driver = Driver::service();
    driver
        .request("tools/call", json!({"name": "nope", "arguments": {"x": 1}}))
        .key();
    driver.request("prompts/get", json!({"name": "nope"})).key();
    for reference in [
        json!({"type": "ref/prompt", "name": "nope"}),
        json!({"type": "ref/tool", "name": "nope"}),
    ] {
        let params = json!({"ref": reference, "argument": {"name": "", "value": ""}});
        driver.request("completion/complete", params).key();
    }
}

#[test]
fn prompts_get_the_arguments_that_they_require() {
    let mut driver = Driver::backend();
    for params in [
        json!({"name": "greet"}),
        json!({"name": "greet", "arguments": {"how": "loud"}}),
    ] {
        let reply = driver.request("prompts/get", params);
        assert_eq!(reply.code(), -32602);
        assert!(
            reply.message().contains("`params.arguments.who`"),
            "{}",
            reply.message()
        );
    }
    // A misspelt name is why one is missing.
    for (given, hint) in [
        ("WHO", "; it has no argument `WHO`: did you mean `who`?"),
        ("zzz", "; it has no argument `zzz`: expected `who`"),
    ] {
        let params = json!({"name": "greet", "arguments": {given: ""}});
        let reply = driver.request("prompts/get", params);
        assert!(reply.message().contains(hint), "{}", reply.message());
    }
    driver
        .request(
            "prompts/get",
            json!({"name": "greet", "arguments": {"who": "", "extra": "x"}}),
        )
        .key();
}

#[test]
fn arguments_keep_to_the_input_schema() {
    let mut driver = Driver::backend();
    for (params, path) in [
        (json!({"name": "count"}), ""),
        (json!({"name": "count", "arguments": {}}), ""),
        (
            json!({"name": "count", "arguments": {"count": "x"}}),
            "/count",
        ),
        (
            json!({"name": "count", "arguments": {"count": 1.5}}),
            "/count",
        ),
    ] {
        let reply = driver.request("tools/call", params);
        assert_eq!(reply.code(), -32602);
        let errors = reply.json()["error"]["data"]["errors"].clone();
        assert_eq!(errors[0]["path"], path);
        assert!(!errors[0]["message"].as_str().unwrap().is_empty());
    }
    driver
        .request(
            "tools/call",
            json!({"name": "count", "arguments": {"count": 3}}),
        )
        .key();
    driver
        .request(
            "tools/call",
            json!({"name": "count", "arguments": {"count": 3.0, "extra": 1}}),
        )
        .key();
    driver.request("tools/call", json!({"name": "any"})).key();
}

#[test]
fn failing_paths_are_bounded() {
    let properties: serde_json::Map<_, _> = (0..100)
        .map(|n| (format!("p{n}"), json!({"type": "integer"})))
        .collect();
    let schema = json!({"type": "object", "properties": properties}).to_string();
    let mut catalog = Catalog::new(10);
    catalog
        .add_tools(vec![tool("wide", &schema, None)])
        .unwrap();
    let offer = Offer {
        catalog: Some(Arc::new(catalog)),
        ..service_offer()
    };
    let mut driver = Driver::operating(Framing::Stdio, Limits::default(), offer);
    let arguments: serde_json::Map<_, _> = (0..100)
        .map(|n| (format!("p{n}"), json!("x".repeat(9999))))
        .collect();
    let reply = driver.request(
        "tools/call",
        json!({"name": "wide", "arguments": arguments}),
    );
    assert_eq!(
        reply.json()["error"]["data"]["errors"]
            .as_array()
            .unwrap()
            .len(),
        8
    );
    assert!(reply.text().len() < 8000);
}

/// Answers a call with this result.
fn tool_response(
    driver: &mut Driver,
    key: RequestKey,
    structured: Option<&str>,
    is_error: bool,
) -> Value {
    let json = br#"{"content":[]}"#.to_vec();
    let outcome = ToolResult::checked(&driver.checks[&key], json, structured, is_error);
    driver.response(key, outcome)
}

#[test]
fn structured_content_keeps_to_the_output_schema() {
    let mut driver = Driver::backend();
    let arguments = json!({"name": "count", "arguments": {"count": 1}});
    for (structured, is_error, passes) in [
        (Some(r#"{"count":1}"#), false, true),
        (Some(r#"{"count":"x"}"#), false, false),
        (Some("{}"), false, false),
        (None, false, false),
        (None, true, true),
        (Some(r#"{"count":"x"}"#), true, true),
    ] {
        let key = driver.request("tools/call", arguments.clone()).key();
        let response = tool_response(&mut driver, key, structured, is_error);
        if passes {
            assert_eq!(response["result"], json!({"content": []}));
        } else {
            assert_eq!(response["error"]["code"], -32603);
            assert!(
                response["error"]["message"]
                    .as_str()
                    .unwrap()
                    .contains("output schema")
            );
        }
    }
    let key = driver.request("tools/call", json!({"name": "any"})).key();
    assert_eq!(
        tool_response(&mut driver, key, Some("{\"x\":1}"), false)["result"],
        json!({"content": []})
    );
}

#[test]
fn the_schema_of_the_call_counts_although_the_tool_is_gone() {
    let mut driver = Driver::backend();
    let key = driver
        .request(
            "tools/call",
            json!({"name": "count", "arguments": {"count": 1}}),
        )
        .key();
    let mut changed = catalog();
    changed.remove_tools(&["count"]).unwrap();
    driver
        .session
        .set_catalog(driver.now, Arc::new(changed), Changed::default());
    assert_eq!(
        tool_response(&mut driver, key, None, false)["error"]["code"],
        -32603
    );
    assert_eq!(
        driver
            .request(
                "tools/call",
                json!({"name": "count", "arguments": {"count": 1}})
            )
            .code(),
        -32602
    );
}

fn seen(name: &str, input: &str, output: Option<&str>) -> SeenTool {
    SeenTool::new(name, input, output, &Schemas::default()).unwrap()
}

fn list(driver: &mut Driver, tools: Vec<SeenTool>) {
    let key = driver.request("tools/list", json!({})).key();
    driver.finish(
        key,
        Outcome::ToolList {
            json: br#"{"tools":[]}"#.to_vec(),
            tools,
        },
    );
    assert_eq!(driver.sent_json()[0]["result"], json!({"tools": []}));
}

#[test]
fn a_service_is_checked_against_what_was_seen_of_it() {
    let mut driver = Driver::service();
    let call = json!({"name": "count", "arguments": {"count": "x"}});
    driver.request("tools/call", call.clone()).key();
    list(
        &mut driver,
        vec![
            seen("count", COUNT, Some(COUNT)),
            seen("large", &too_large(), None),
        ],
    );
    assert_eq!(driver.request("tools/call", call.clone()).code(), -32602);
    driver
        .request("tools/call", json!({"name": "large", "arguments": {}}))
        .key();
    driver
        .request("tools/call", json!({"name": "other", "arguments": {}}))
        .key();
    let key = driver
        .request(
            "tools/call",
            json!({"name": "count", "arguments": {"count": 1}}),
        )
        .key();
    assert_eq!(
        tool_response(&mut driver, key, Some("{}"), false)["error"]["code"],
        -32603
    );
    // The newest list applies, and none after the list has changed.
    list(
        &mut driver,
        vec![seen("count", r#"{"type":"object","required":["x"]}"#, None)],
    );
    assert_eq!(
        driver
            .request(
                "tools/call",
                json!({"name": "count", "arguments": {"count": 1}})
            )
            .code(),
        -32602
    );
    driver.session.lists_changed(driver.now, Changed::TOOLS);
    driver.request("tools/call", call).key();
}

/// Builds a schema that takes long to compile: its pattern has many steps. It requires `count`.
fn slow_to_compile() -> String {
    r#"{"type":"object","properties":{"x":{"type":"string","pattern":"^[a-z]{5000}$"},"count":{"type":"integer"}},"required":["count"]}"#.to_owned()
}

#[test]
fn the_schemas_of_a_service_are_compiled_by_the_check_and_not_by_the_session() {
    let mut driver = Driver::service();
    let slow = slow_to_compile();
    list(
        &mut driver,
        vec![
            seen("slow", &slow, None),
            seen("slow-result", COUNT, Some(&slow)),
            seen("quick", COUNT, Some(COUNT)),
        ],
    );
    let call = |name: &str, id: u32| {
        format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"{name}","arguments":{{"count":"x"}}}}}}"#
        )
    };
    for (id, name) in [(1, "slow"), (2, "slow-result")] {
        let (first, second) = (call(name, 10 * id), call(name, 10 * id + 1));
        let first = unchecked(&mut driver, &first);
        let second = unchecked(&mut driver, &second);
        let work = |call: &Invocation<'_>| call.check.work(&call.params);
        assert_eq!(work(&first), usize::MAX, "{name}: it is yet to be compiled");
        assert_eq!(work(&second), usize::MAX, "{name}: nor has `work` done it");
        assert!(first.check.run(&first.params).is_err());
        assert!(
            (1..10_000).contains(&work(&second)),
            "{name}: compiled once"
        );
        assert!(
            second
                .check
                .run_for_tool(name, Some(r#"{"count":1}"#))
                .is_ok()
        );
    }
    let quick = call("quick", 30);
    let quick = unchecked(&mut driver, &quick);
    assert!((1..10_000).contains(&quick.check.work(&quick.params)));
}

#[test]
fn a_request_whose_result_is_being_prepared_does_not_time_out() {
    let mut driver = Driver::backend();
    let arguments = json!({"name": "count", "arguments": {"count": 1}});
    let late = driver.request("tools/call", arguments.clone()).key();
    let in_time = driver.request("tools/call", arguments).key();
    driver.pass(299.0);
    driver.session.returned(driver.now, in_time);
    driver.pass(1000.0);
    let effects = driver.effects();
    assert!(
        matches!(effects[..], [Effect::Cancel { key, .. }, Effect::Send { .. }] if key == late),
        "only the other one times out: {effects:?}"
    );
    let response = tool_response(&mut driver, in_time, Some(r#"{"count":1}"#), false);
    assert!(response["result"].is_object(), "{response}");
    driver.finish(late, Outcome::Empty);
    assert!(driver.session.is_idle());
    driver.session.returned(driver.now, in_time);
}

#[test]
fn a_component_that_has_returned_gets_no_more_time_when_it_stops_asking() {
    let mut driver = Driver::backend();
    let arguments = json!({"name": "count", "arguments": {"count": 1}});
    let key = driver.request("tools/call", arguments).key();
    let asked = driver
        .session
        .ask(driver.now, key, AskMethod::ListRoots, None)
        .unwrap();
    driver.session.returned(driver.now, key);
    driver.session.give_up_ask(driver.now, asked);
    driver.pass(1000.0);
    let effects = driver.effects();
    let is_cancelled = |effect: &Effect| matches!(effect, Effect::Cancel { .. });
    assert!(!effects.iter().any(is_cancelled), "{effects:?}");
    let response = tool_response(&mut driver, key, Some(r#"{"count":1}"#), false);
    assert!(response["result"].is_object(), "{response}");
}

/// Builds a schema that a host may find too large to use.
fn too_large() -> String {
    let description = "x".repeat(Schema::MAX_BYTES);
    format!(r#"{{"type":"object","required":["x"],"description":"{description}"}}"#)
}

#[test]
fn schemas_that_a_service_lists_keep_to_the_rules() {
    let remote = r#"{"type":"object","properties":{"a":{"$ref":"https://example.com/a.json"}}}"#;
    let local = r##"{"type":"object","properties":{"a":{"$ref":"#/$defs/a"}},"$defs":{"a":{}}}"##;
    for (schema, is_right) in [
        (local, true),
        (&*too_large(), true),
        (remote, false),
        (r#"{"type":"array"}"#, false),
        (r#"{"type":"object","properties":1}"#, false),
    ] {
        let schemas = Schemas::default();
        let input = SeenTool::new("a", schema, None, &schemas);
        let output = SeenTool::new("a", COUNT, Some(schema), &schemas);
        assert_eq!(input.is_ok(), is_right, "{schema}");
        assert_eq!(output.is_ok(), is_right, "{schema}");
    }
    let rule = SeenTool::new("a", COUNT, Some(remote), &Schemas::default()).unwrap_err();
    assert!(
        rule.starts_with("the `outputSchema` of the tool \"a\": "),
        "{rule}"
    );
}

#[test]
fn numbers_of_any_size_pass_a_schema() {
    let mut driver = Driver::service();
    let number = r#"{"type":"object","properties":{"n":{"type":"number","minimum":0}}}"#;
    list(&mut driver, vec![seen("measure", number, Some(number))]);
    let call = |driver: &mut Driver, arguments: &str| {
        driver.send(format!(
            r#"{{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{{"name":"measure","arguments":{arguments}}}}}"#
        ))
    };
    let key = call(&mut driver, r#"{"n":1e400}"#).key();
    let response = tool_response(&mut driver, key, Some(r#"{"n":1e400}"#), false);
    assert!(response["result"].is_object(), "{response}");
    let key = call(&mut driver, r#"{"n":1}"#).key();
    let response = tool_response(&mut driver, key, Some(r#"{"n":-1e400}"#), false);
    assert_eq!(response["error"]["code"], -32603);
    assert_eq!(call(&mut driver, r#"{"n":-1e400}"#).code(), -32602);
}

#[test]
fn what_is_remembered_of_a_service_is_bounded() {
    let limits = Limits {
        remembered_tools: 1,
        remembered_schema_bytes: 8000,
        ..Limits::default()
    };
    let mut driver = Driver::operating(Framing::Stdio, limits, service_offer());
    let long = format!(
        r#"{{"type":"object","required":["x"],"description":"{}"}}"#,
        "x".repeat(2000)
    );
    list(
        &mut driver,
        vec![
            seen("long", &long, None),
            seen("a", COUNT, None),
            seen("b", COUNT, None),
        ],
    );
    driver.request("tools/call", json!({"name": "long"})).key();
    assert_eq!(
        driver.request("tools/call", json!({"name": "a"})).code(),
        -32602
    );
    driver.request("tools/call", json!({"name": "b"})).key();
}

#[test]
fn what_breaks_a_rule_or_is_lost_is_an_internal_error() {
    let mut driver = Driver::service();
    let key = driver.request("prompts/get", json!({"name": "x"})).key();
    let response = driver.response(key, Outcome::Faulty("priority is from 0 to 1".to_owned()));
    assert_eq!(response["error"]["code"], -32603);
    assert!(
        response["error"]["message"]
            .as_str()
            .unwrap()
            .contains("priority is from 0 to 1")
    );
    let key = driver.request("prompts/get", json!({"name": "x"})).key();
    assert_eq!(
        driver.response(key, Outcome::Lost("out of memory".to_owned()))["error"]["message"],
        "out of memory"
    );
    // A second outcome for the same request is ignored.
    driver.finish(key, Outcome::Empty);
    assert!(driver.effects().is_empty());
}

#[test]
fn a_response_ends_its_own_stream() {
    let mut driver = Driver::service();
    let first = driver.request("prompts/get", json!({"name": "x"})).key();
    let stream = StreamId(driver.stream);
    driver.request("prompts/get", json!({"name": "x"})).key();
    driver.finish(first, Outcome::Empty);
    let effects = driver.effects();
    assert!(
        matches!(&effects[..], [Effect::Send { route: Route::Stream(sent), message }] if *sent == stream && message.kind.is_response())
    );
}

#[test]
fn a_missing_resource_is_named() {
    let mut driver = Driver::backend();
    for method in [
        "resources/read",
        "resources/subscribe",
        "resources/unsubscribe",
    ] {
        let key = driver.request(method, json!({"uri": "test://\"x"})).key();
        let response = driver.response(key, Outcome::Error(RpcError::new(-32002, "none")));
        assert_eq!(response["error"]["data"], json!({"uri": "test://\"x"}));
        let key = driver.request(method, json!({"uri": "test://x"})).key();
        let own = RpcError::new(-32002, "none").with_data("[1]");
        assert_eq!(
            driver.response(key, Outcome::Error(own))["error"]["data"],
            json!([1])
        );
        let key = driver.request(method, json!({"uri": "test://x"})).key();
        let other = driver.response(key, Outcome::Error(RpcError::new(-32603, "disk")));
        assert!(other["error"].get("data").is_none());
    }
}

#[test]
fn open_streams_are_those_that_wait_for_a_response() {
    let mut driver = Driver::backend();
    assert_eq!(driver.session.open_streams().count(), 0);
    let key = driver
        .request("resources/read", json!({"uri": "x:y"}))
        .key();
    let first = StreamId(driver.stream);
    driver
        .request("resources/read", json!({"uri": "x:y"}))
        .key();
    assert_eq!(driver.session.open_streams().count(), 2);
    driver.notify("notifications/cancelled", json!({"requestId": driver.ids}));
    assert_eq!(driver.session.open_streams().collect::<Vec<_>>(), [first]);
    driver.finish(key, Outcome::Empty);
    assert_eq!(driver.session.open_streams().count(), 0);
}

/// Begins a call whose arguments do not match, and returns it unchecked.
fn unchecked<'m>(driver: &mut Driver, message: &'m str) -> Invocation<'m> {
    driver.stream += 1;
    let stream = StreamId(driver.stream);
    match driver
        .session
        .receive(driver.now, stream, message.as_bytes())
    {
        Reception::Invoke(invocation) => invocation,
        other => panic!("no call: {other:?}"),
    }
}

const MISMATCH: &str = r#"{"jsonrpc":"2.0","id":"c","method":"tools/call","params":{"name":"count","arguments":{"count":"x"}}}"#;

#[test]
fn a_request_is_in_flight_while_its_arguments_are_checked() {
    let mut driver = Driver::backend();
    let call = unchecked(&mut driver, MISMATCH);
    assert_eq!(driver.session.requests_in_flight(), 1);
    assert_eq!(driver.send(PING).result(), json!({}));
    assert!(driver.send(MISMATCH).message().contains("in flight"));
    let error = call.check.run(&call.params).unwrap_err();
    let refused = driver.session.refuse(driver.now, call.key, &error);
    let refused: Value = serde_json::from_slice(&refused.unwrap()).unwrap();
    assert_eq!(
        (&refused["id"], &refused["error"]["code"]),
        (&json!("c"), &json!(-32602))
    );
    assert!(driver.session.is_idle());
    assert_eq!(driver.session.refuse(driver.now, call.key, &error), None);
}

#[test]
fn a_request_that_ends_while_its_arguments_are_checked_gets_no_second_answer() {
    let mut driver = Driver::backend();
    let call = unchecked(&mut driver, MISMATCH);
    driver.notify("notifications/cancelled", json!({"requestId": "c"}));
    let effects = driver.effects();
    assert!(
        matches!(effects[..], [Effect::Cancel { .. }, Effect::End { .. }]),
        "{effects:?}"
    );
    let error = call.check.run(&call.params).unwrap_err();
    assert_eq!(driver.session.refuse(driver.now, call.key, &error), None);
    assert!(driver.session.is_idle() && driver.effects().is_empty());

    let call = unchecked(&mut driver, MISMATCH);
    driver.pass(301.0);
    assert!(driver.effects().len() == 2, "it timed out, and is answered");
    assert_eq!(driver.session.refuse(driver.now, call.key, &error), None);
    assert!(driver.session.is_idle() && driver.effects().is_empty());
}

#[test]
fn the_work_of_a_check_grows_with_the_arguments_and_the_schema() {
    let mut driver = Driver::backend();
    let text = |name: &str, filler: &str| {
        format!(
            r#"{{"jsonrpc":"2.0","id":"{name}{}","method":"tools/call","params":{{"name":"{name}","arguments":{{"count":1,"x":"{filler}"}}}}}}"#,
            filler.len()
        )
    };
    let mut work = |name: &str, filler: usize| {
        let text = text(name, &"x".repeat(filler));
        let call = unchecked(&mut driver, &text);
        let work = call.check.work(&call.params);
        assert_eq!(
            call.check.work_of_result(&"1".repeat(1000)) > 0,
            name == "count"
        );
        work
    };
    assert_eq!(work("any", 10_000), 0, "nothing is restricted");
    let (small, large) = (work("count", 10), work("count", 10_000));
    assert!(small > 0 && large > 100 * small, "{small} {large}");
}

#[test]
fn large_results_are_framed_like_small_ones() {
    let mut driver = Driver::service();
    for size in [10, 64 << 10, 100_000] {
        let key = driver.request("prompts/get", json!({"name": "p"})).key();
        let text = "x".repeat(size);
        let result = json!({"messages": [], "description": text});
        let outcome = Outcome::Result(result.to_string().into_bytes());
        let response = driver.response(key, outcome);
        assert_eq!(response["result"], result);
        assert_eq!(response["id"], driver.ids);
        assert_eq!(response["jsonrpc"], "2.0");
    }
}

#[test]
fn the_time_limit_begins_with_the_call() {
    let mut driver = Driver::service();
    let key = driver
        .request("resources/read", json!({"uri": "a:1"}))
        .key();
    driver.session.queued(driver.now, key);
    driver.pass(400.0);
    assert!(driver.effects().is_empty(), "it waits for its turn");
    driver.session.begun(driver.now, key);
    driver.pass(299.0);
    assert!(driver.effects().is_empty());
    driver.pass(1.0);
    assert!(driver.session.is_cancelled(key));
}
