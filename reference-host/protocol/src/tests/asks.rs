//! Requests to the client.

use super::*;

fn call(driver: &mut Driver) -> RequestKey {
    driver.request("tools/call", json!({"name": "x"})).key()
}

fn ask(driver: &mut Driver, key: RequestKey) -> (AskKey, Value) {
    let ask = driver
        .session
        .ask(driver.now, key, AskMethod::ListRoots, None)
        .unwrap();
    let message = driver.sent_json().pop().expect("the message");
    (ask, message["id"].clone())
}

fn answers(driver: &mut Driver) -> Vec<(AskKey, Result<String, AskFailure>)> {
    let answer = |effect| match effect {
        Effect::AskAnswered { ask, answer } => {
            Some((ask, answer.map(|text| text.get().to_owned())))
        }
        _ => None,
    };
    driver.effects().into_iter().filter_map(answer).collect()
}

#[test]
fn an_ask_goes_on_its_requests_stream_with_the_hosts_token() {
    let mut driver = Driver::service();
    let key = call(&mut driver);
    let params = r#"{"message":"n","x":1.50,"_meta":{"a":2.0,"progressToken":"mine"}}"#;
    driver
        .session
        .ask(driver.now, key, AskMethod::Elicit, Some(params))
        .unwrap();
    driver
        .session
        .ask(driver.now, key, AskMethod::CreateMessage, Some("{}"))
        .unwrap();
    let effects = driver.effects();
    let [
        Effect::Send {
            route: Route::Stream(StreamId(stream)),
            message: Outgoing { text: message, .. },
        },
        Effect::Send {
            message: Outgoing { text: other, .. },
            ..
        },
    ] = &effects[..]
    else {
        panic!("{effects:?}");
    };
    assert_eq!(*stream, driver.stream);
    assert_eq!(
        std::str::from_utf8(message).unwrap(),
        r#"{"jsonrpc":"2.0","id":1,"method":"elicitation/create","params":{"message":"n","x":1.50,"_meta":{"a":2.0,"progressToken":1}}}"#
    );
    assert_eq!(
        std::str::from_utf8(other).unwrap(),
        r#"{"jsonrpc":"2.0","id":2,"method":"sampling/createMessage","params":{"_meta":{"progressToken":2}}}"#
    );
}

#[test]
fn only_declared_capabilities_are_used() {
    for (capabilities, supported) in [
        ("{}", None),
        (r#"{"sampling":{}}"#, Some(AskMethod::CreateMessage)),
        (r#"{"elicitation":{}}"#, Some(AskMethod::Elicit)),
        (r#"{"roots":{}}"#, Some(AskMethod::ListRoots)),
    ] {
        let mut driver = Driver::fresh();
        driver.initialize(service_offer(), capabilities);
        driver.send(INITIALIZED);
        let key = call(&mut driver);
        for method in [
            AskMethod::CreateMessage,
            AskMethod::Elicit,
            AskMethod::ListRoots,
        ] {
            let asked = driver.session.ask(driver.now, key, method, None);
            match asked {
                Ok(_) => assert_eq!(Some(method), supported),
                Err(error) => {
                    assert_ne!(Some(method), supported);
                    assert_eq!(error, ContextError::NotSupported(method.name()));
                }
            }
        }
    }
}

#[test]
fn what_is_asked_on_behalf_of_initialize_ends_with_it() {
    let mut driver = Driver::fresh();
    let key = driver.send(initialize_with(r#"{"roots":{}}"#)).key();
    let asked = driver
        .session
        .ask(driver.now, key, AskMethod::ListRoots, None);
    let asked = asked.unwrap();
    assert!(driver.session.started(driver.now, key, service_offer()));
    driver.send(INITIALIZED);
    let effects = driver.effects();
    // Its stream has ended: a request there would never arrive.
    let is_request = |effect: &Effect| matches!(effect, Effect::Send { message, .. } if !message.kind.is_response());
    assert!(!effects.iter().any(is_request), "{effects:?}");
    let is_cancelled = |effect: &Effect| matches!(effect, Effect::AskAnswered { ask, answer: Err(AskFailure::Cancelled) } if *ask == asked);
    assert!(effects.iter().any(is_cancelled), "{effects:?}");
}

#[test]
fn asks_are_held_until_initialized() {
    let mut driver = Driver::fresh();
    driver.initialize(service_offer(), r#"{"roots":{}}"#);
    let key = call(&mut driver);
    let withdrawn = call(&mut driver);
    driver
        .session
        .ask(driver.now, withdrawn, AskMethod::ListRoots, None)
        .unwrap();
    let first = driver
        .session
        .ask(driver.now, key, AskMethod::ListRoots, None)
        .unwrap();
    driver
        .session
        .ask(driver.now, key, AskMethod::ListRoots, None)
        .unwrap();
    assert!(driver.effects().is_empty());
    // A request that is still held is neither answered nor cancelled.
    driver.send(r#"{"jsonrpc":"2.0","id":2,"result":{"roots":[]}}"#);
    driver.finish(withdrawn, Outcome::Empty);
    let effects = driver.effects();
    assert!(matches!(
        effects[0],
        Effect::AskAnswered {
            answer: Err(AskFailure::Cancelled),
            ..
        }
    ));
    assert!(matches!(&effects[1], Effect::Send { message, .. } if message.kind.is_response()));
    assert_eq!(effects.len(), 2);
    driver.send(INITIALIZED);
    let effects = driver.effects();
    let ids: Vec<Value> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send { message, .. } => {
                Some(serde_json::from_slice::<Value>(&message.text).unwrap()["id"].clone())
            }
            _ => None,
        })
        .collect();
    assert_eq!(ids, [2, 3]);
    driver.send(r#"{"jsonrpc":"2.0","id":2,"result":{"roots":[]}}"#);
    assert_eq!(
        answers(&mut driver),
        [(first, Ok(r#"{"roots":[]}"#.to_owned()))]
    );
}

#[test]
fn an_answer_finds_its_ask_by_kind_and_value() {
    let mut driver = Driver::service();
    let key = call(&mut driver);
    let (asked, id) = ask(&mut driver, key);
    for wrong in [
        json!(id.to_string()),
        json!(99),
        json!(null),
        json!(-1),
        json!(1.5),
    ] {
        driver.send(json!({"jsonrpc": "2.0", "id": wrong, "result": {}}).to_string());
    }
    driver.send(r#"{"jsonrpc":"2.0","result":{}}"#);
    assert!(driver.effects().is_empty());
    driver.send(format!(
        r#"{{"jsonrpc":"2.0","id":{id},"result":{{"x": 1.0}}}}"#
    ));
    assert_eq!(
        answers(&mut driver),
        [(asked, Ok(r#"{"x": 1.0}"#.to_owned()))]
    );
    driver.send(format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#));
    assert!(driver.effects().is_empty());
}

#[test]
fn answers_that_are_no_result_fail_the_ask() {
    let rejected = RpcError::new(-1, "no").with_data("[1.0]");
    for (members, expected) in [
        (
            r#""error":{"code":-1,"message":"no","data":[1.0]}"#,
            Some(rejected),
        ),
        (r#""result":null"#, None),
        (r#""result":[]"#, None),
        (r#""result":{},"error":{"code":1,"message":"x"}"#, None),
        (r#""error":null"#, None),
        (r#""error":{"code":1.5,"message":"x"}"#, None),
        (r#""error":{"code":99999999999,"message":"x"}"#, None),
        (r#""error":{"code":1}"#, None),
        (r#""result":{"x":"\ud800"}"#, None),
        (r#""jsonrpc":"1.0","result":{}"#, None),
        (r#""jsonrpc":null,"error":{"code":1,"message":"x"}"#, None),
    ] {
        let mut driver = Driver::service();
        let key = call(&mut driver);
        let (asked, id) = ask(&mut driver, key);
        let version = if members.contains("jsonrpc") {
            ""
        } else {
            r#""jsonrpc":"2.0","#
        };
        driver.send(format!(r#"{{{version}"id":{id},{members}}}"#));
        let answers = answers(&mut driver);
        assert_eq!(answers.len(), 1, "{members}");
        assert_eq!(answers[0].0, asked);
        match (&answers[0].1, expected) {
            (Err(AskFailure::Rejected(error)), Some(expected)) => assert_eq!(*error, expected),
            (Err(AskFailure::Malformed(_)), None) => {}
            other => panic!("{members}: {other:?}"),
        }
        driver
            .session
            .ask(driver.now, key, AskMethod::ListRoots, None)
            .unwrap();
    }
}

#[test]
fn an_answer_without_version_fails_the_ask() {
    let mut driver = Driver::service();
    let key = call(&mut driver);
    let (asked, id) = ask(&mut driver, key);
    driver.send(format!(r#"{{"id":{id},"result":{{}}}}"#));
    let answers = answers(&mut driver);
    assert!(matches!(&answers[..], [(it, Err(AskFailure::Malformed(_)))] if *it == asked));
}

#[test]
fn asks_end_with_their_request() {
    let mut driver = Driver::service();
    let key = call(&mut driver);
    let (asked, id) = ask(&mut driver, key);
    driver.finish(key, Outcome::Empty);
    let effects = driver.effects();
    let Effect::Send {
        message: Outgoing { text: message, .. },
        route: Route::Stream(_),
    } = &effects[0]
    else {
        panic!("{effects:?}")
    };
    let message: Value = serde_json::from_slice(message).unwrap();
    assert_eq!(message["method"], "notifications/cancelled");
    assert_eq!(message["params"]["requestId"], id);
    assert!(
        matches!(effects[1], Effect::AskAnswered { ask, answer: Err(AskFailure::Cancelled) } if ask == asked)
    );
    assert!(matches!(&effects[2], Effect::Send { message, .. } if message.kind.is_response()));
    // A late answer is ignored.
    driver.send(json!({"jsonrpc": "2.0", "id": id, "result": {}}).to_string());
    assert!(driver.effects().is_empty());

    let key = call(&mut driver);
    ask(&mut driver, key);
    driver.notify("notifications/cancelled", json!({"requestId": driver.ids}));
    let effects = driver.effects();
    assert!(matches!(
        effects[..],
        [
            Effect::Send { .. },
            Effect::AskAnswered { .. },
            Effect::Cancel { .. },
            Effect::End { .. }
        ]
    ));
}

#[test]
fn an_ask_without_answer_times_out_and_is_cancelled() {
    let mut driver = Driver::service();
    let key = call(&mut driver);
    let (asked, id) = ask(&mut driver, key);
    driver.pass(299.0);
    assert!(driver.effects().is_empty());
    driver.pass(1.0);
    let effects = driver.effects();
    let [
        Effect::Send {
            message: Outgoing { text: message, .. },
            ..
        },
        Effect::AskAnswered {
            ask,
            answer: Err(AskFailure::TimedOut),
        },
    ] = &effects[..]
    else {
        panic!("{effects:?}");
    };
    assert_eq!(
        serde_json::from_slice::<Value>(message).unwrap()["params"]["requestId"],
        id
    );
    assert_eq!(*ask, asked);
    // The component's own clock was stopped meanwhile.
    driver.pass(299.0);
    assert!(driver.effects().is_empty());
    driver.pass(1.0);
    assert!(driver.session.is_cancelled(key));
}

#[test]
fn progress_gives_an_ask_more_time_up_to_the_maximum() {
    let mut driver = Driver::service();
    let key = call(&mut driver);
    let (_, id) = ask(&mut driver, key);
    for step in 1..=5 {
        driver.pass(170.0);
        driver.notify(
            "notifications/progress",
            json!({"progressToken": id, "progress": step}),
        );
        assert!(driver.effects().is_empty(), "{step}");
    }
    driver.pass(50.0);
    assert!(matches!(
        driver.effects()[1],
        Effect::AskAnswered {
            answer: Err(AskFailure::TimedOut),
            ..
        }
    ));
    // Progress with another kind of token is ignored.
    let (_, id) = ask(&mut driver, key);
    driver.pass(299.0);
    driver.notify(
        "notifications/progress",
        json!({"progressToken": id.to_string(), "progress": 1}),
    );
    driver.pass(1.0);
    assert!(matches!(
        driver.effects()[1],
        Effect::AskAnswered {
            answer: Err(AskFailure::TimedOut),
            ..
        }
    ));
}

#[test]
fn params_are_objects() {
    let mut driver = Driver::service();
    let key = call(&mut driver);
    for params in ["[]", "1", "{", "", r#"{"_meta":1}"#, r#"{"a":"\ud800"}"#] {
        let refused = driver
            .session
            .ask(driver.now, key, AskMethod::Elicit, Some(params));
        assert!(
            matches!(refused, Err(ContextError::InvalidParams(_))),
            "{params}"
        );
    }
    assert!(driver.effects().is_empty());
}

#[test]
fn asks_are_bounded() {
    let limits = Limits {
        asks_in_flight: 2,
        ..Limits::default()
    };
    let mut driver = Driver::operating(Framing::Stdio, limits, service_offer());
    let key = call(&mut driver);
    ask(&mut driver, key);
    let (_, id) = ask(&mut driver, key);
    assert!(matches!(
        driver.session.ask(driver.now, key, AskMethod::Elicit, None),
        Err(ContextError::Busy(_))
    ));
    driver.send(json!({"jsonrpc": "2.0", "id": id, "result": {}}).to_string());
    driver.effects();
    ask(&mut driver, key);
}

#[test]
fn a_notification_may_ask_for_roots_alone() {
    let mut driver = Driver::service();
    driver.notify(
        "notifications/roots/list_changed",
        json!({"_meta": {"a": 1.0}}),
    );
    let effects = driver.effects();
    let [
        Effect::Notify {
            key,
            event: Event::RootsChanged,
            meta: Some(meta),
        },
    ] = &effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!(meta.get(), r#"{"a":1.0}"#);
    let refused = driver
        .session
        .ask(driver.now, *key, AskMethod::Elicit, None);
    assert!(matches!(refused, Err(ContextError::InvalidState(_))));
    driver
        .session
        .ask(driver.now, *key, AskMethod::ListRoots, None)
        .unwrap();
    assert!(matches!(
        driver.effects()[..],
        [Effect::Send {
            route: Route::Unrelated,
            ..
        }]
    ));
    driver
        .session
        .report_progress(driver.now, *key, 1.0, None, None)
        .unwrap();
    driver.finish(*key, Outcome::Empty);
    assert_eq!(
        driver.effects().len(),
        2,
        "the ask is withdrawn, nothing is answered"
    );
}

#[test]
fn an_ask_that_is_given_up_is_cancelled_and_the_call_goes_on() {
    let mut driver = Driver::service();
    let key = call(&mut driver);
    let (asked, id) = ask(&mut driver, key);
    driver.session.give_up_ask(driver.now, asked);
    let effects = driver.effects();
    let [
        Effect::Send {
            message: Outgoing { text: message, .. },
            ..
        },
        Effect::AskAnswered {
            answer: Err(AskFailure::Cancelled),
            ..
        },
    ] = &effects[..]
    else {
        panic!("{effects:?}");
    };
    let message: Value = serde_json::from_slice(message).unwrap();
    assert_eq!(message["params"]["requestId"], id);
    driver.session.give_up_ask(driver.now, asked);
    assert!(driver.effects().is_empty());
    assert_eq!(driver.response(key, Outcome::Empty)["result"], json!({}));
}

/// The interface fixes the order: the request's state, the parameters, the capability.
#[test]
fn checks_come_in_the_order_of_the_interface() {
    let mut driver = Driver::operating(Framing::Stdio, Limits::default(), service_offer());
    let key = call(&mut driver);
    driver.session.denied.sampling = true;
    let ask = |driver: &mut Driver, params| {
        driver
            .session
            .ask(driver.now, key, AskMethod::CreateMessage, Some(params))
            .unwrap_err()
    };
    for params in ["{", "[]", r#"{"_meta":1}"#] {
        assert!(
            matches!(ask(&mut driver, params), ContextError::InvalidParams(_)),
            "{params}"
        );
    }
    assert!(matches!(
        ask(&mut driver, "{}"),
        ContextError::NotSupported("sampling/createMessage")
    ));
    driver.response(key, Outcome::Result(b"{}".to_vec()));
    assert!(matches!(
        ask(&mut driver, "{"),
        ContextError::InvalidState(_)
    ));
}

#[test]
fn denied_requests_are_as_unsupported_ones() {
    let all = [
        AskMethod::CreateMessage,
        AskMethod::Elicit,
        AskMethod::ListRoots,
    ];
    for denied_method in all {
        let mut driver = Driver::service();
        driver.session.denied = Denied {
            sampling: denied_method == AskMethod::CreateMessage,
            elicitation: denied_method == AskMethod::Elicit,
            roots: denied_method == AskMethod::ListRoots,
        };
        let key = call(&mut driver);
        for method in all {
            let asked = driver.session.ask(driver.now, key, method, None);
            if method == denied_method {
                assert_eq!(asked, Err(ContextError::NotSupported(method.name())));
            } else {
                assert!(asked.is_ok(), "{method:?}");
            }
        }
    }
}
