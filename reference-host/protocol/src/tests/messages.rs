//! Envelopes and ids: answered messages, and their answers.

use super::*;
use crate::json::Object;

/// Returns the text of the id in an answer, whose exact form matters.
fn id_text(answer: &str) -> Option<String> {
    let members = Object::parse(answer).unwrap();
    members.get("id").map(|id| id.get().to_owned())
}

fn over_http() -> Driver {
    Driver::operating(Framing::Http, Limits::default(), service_offer())
}

#[test]
fn what_is_no_json_is_a_parse_error_without_id() {
    let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
    let cases: [&[u8]; 8] = [
        b"",
        b"{",
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"",
        b"not json",
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}",
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"} {}",
        b"{\"\\ud800\":1}",
        deep.as_bytes(),
    ];
    for case in cases {
        let reply = Driver::backend().send(case);
        assert_eq!(reply.code(), -32700, "{}", String::from_utf8_lossy(case));
        assert!(matches!(reply, Reply::Refused(_)));
        assert_eq!(id_text(reply.text()).as_deref(), Some("null"));
    }
}

#[test]
fn defects_inside_a_request_are_answered_with_its_id() {
    let deep = "[".repeat(200) + &"]".repeat(200);
    for value in [r#""\ud800""#, r#""\udc00x""#, &deep] {
        let message =
            format!(r#"{{"jsonrpc":"2.0","id":"x","method":"ping","params":{{"a":{value}}}}}"#);
        let reply = Driver::backend().send(&message);
        assert_eq!(reply.code(), -32700);
        assert_eq!(id_text(reply.text()).as_deref(), Some("\"x\""));
        let notification = message.replace(r#""id":"x","#, "");
        let response = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"a":{value}}}}}"#);
        for one_way in [notification, response] {
            assert_eq!(Driver::backend().send(&one_way), Reply::Accepted);
            let reply = over_http().send(&one_way);
            assert!(matches!(reply, Reply::Refused(_)), "{one_way}: {reply:?}");
            assert_eq!(reply.code(), -32700);
        }
    }
}

#[test]
fn a_defect_comes_before_an_id_that_cannot_be() {
    let reply = Driver::backend()
        .send(r#"{"jsonrpc":"2.0","id":null,"method":"ping","params":{"a":"\ud800"}}"#);
    assert_eq!(reply.code(), -32700);
    assert_eq!(id_text(reply.text()).as_deref(), Some("null"));
}

#[test]
fn nesting_up_to_the_limit_is_fine() {
    let nested = |levels: usize| {
        let value = "[".repeat(levels) + &"]".repeat(levels);
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"a":{value}}}}}"#)
    };
    assert_eq!(Driver::backend().send(nested(126)).result(), json!({}));
    assert_eq!(Driver::backend().send(nested(127)).code(), -32700);
}

#[test]
fn a_message_beyond_the_size_is_refused() {
    let limits = Limits {
        message_bytes: 100,
        ..Limits::default()
    };
    let mut driver = Driver::with(Framing::Stdio, limits);
    let padded = |length: usize| format!("{PING}{}", " ".repeat(length - PING.len()));
    assert_eq!(driver.send(padded(100)).result(), json!({}));
    let reply = driver.send(padded(101));
    assert_eq!(reply.code(), -32600);
}

#[test]
fn what_is_no_message_is_refused() {
    let cases = [
        "1",
        "\"ping\"",
        "null",
        "true",
        "[]",
        &format!("[{PING},{PING}]"),
        "{}",
        r#"{"jsonrpc":"2.0"}"#,
        r#"{"jsonrpc":"2.0","id":1}"#,
        r#"{"jsonrpc":"2.0","method":1}"#,
        r#"{"jsonrpc":"2.0","params":{}}"#,
    ];
    for case in cases {
        let reply = Driver::backend().send(case);
        assert_eq!(reply.code(), -32600, "{case}");
        assert!(matches!(reply, Reply::Refused(_)), "{case}");
        assert_eq!(id_text(reply.text()).as_deref(), Some("null"), "{case}");
        assert!(reply.message().len() > 10, "{case}");
        let reply = Driver::operating(Framing::Http, Limits::default(), backend_offer()).send(case);
        assert_eq!(id_text(reply.text()), None, "{case}");
    }
}

#[test]
fn responses_are_never_answered_and_over_http_malformed_ones_are_refused() {
    for (case, is_fit) in [
        (r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, true),
        (r#"{"jsonrpc":"2.0","id":"x","result":{}}"#, true),
        (
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":-99999999999,"message":""}}"#,
            true,
        ),
        (
            r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"x"}}"#,
            true,
        ),
        (
            r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"x"}}"#,
            true,
        ),
        (r#"{"jsonrpc":"2.0","id":null,"result":{}}"#, false),
        (r#"{"jsonrpc":"2.0","result":{}}"#, false),
        (r#"{"jsonrpc":"1.0","id":1,"result":{}}"#, false),
        (r#"{"jsonrpc":2.0,"id":1,"result":{}}"#, false),
        (r#"{"id":1,"result":{}}"#, false),
        (r#"{"id":1,"error":{"code":1,"message":"x"}}"#, false),
        (r#"{"id":[],"error":1}"#, false),
        (r#"{"result":null}"#, false),
        (r#"{"jsonrpc":"2.0","id":1,"result":[]}"#, false),
        (r#"{"jsonrpc":"2.0","id":1,"error":{"code":1}}"#, false),
        (
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":1.5,"message":""}}"#,
            false,
        ),
        (r#"{"jsonrpc":"2.0","id":1,"result":{},"error":{}}"#, false),
        (
            r#"{"jsonrpc":"2.0","id":18446744073709551616,"result":{}}"#,
            false,
        ),
    ] {
        for mut driver in [Driver::fresh(), Driver::backend()] {
            assert_eq!(driver.send(case), Reply::Accepted, "{case}");
            assert!(driver.effects().is_empty(), "{case}");
        }
        let mut driver = over_http();
        let reply = driver.send(case);
        assert!(driver.effects().is_empty(), "{case}");
        if is_fit {
            assert_eq!(reply, Reply::Accepted, "{case}");
        } else {
            assert!(matches!(reply, Reply::Refused(_)), "{case}: {reply:?}");
            assert_eq!(reply.code(), -32600, "{case}");
            assert_eq!(id_text(reply.text()), None, "{case}");
        }
    }
}

#[test]
fn notifications_are_never_answered_and_over_http_malformed_ones_are_refused() {
    for method in [
        "notifications/initialized",
        "notifications/cancelled",
        "notifications/progress",
        "notifications/roots/list_changed",
        "notifications/unknown",
        "tools/call",
        "ping",
        "",
    ] {
        for (params, is_fit) in [
            ("", true),
            (r#","params":[]"#, false),
            (r#","params":null"#, false),
            (r#","params":{"_meta":1}"#, false),
            (r#","params":{"_meta":{"progressToken":1.5}}"#, false),
            (
                r#","params":{"requestId":{},"progressToken":{},"progress":"x"}"#,
                true,
            ),
        ] {
            for (version, is_version) in [
                (r#""jsonrpc":"2.0","#, true),
                (r#""jsonrpc":"1.0","#, false),
                (r#""jsonrpc":null,"#, false),
                ("", false),
            ] {
                let message = format!("{{{version}\"method\":{method:?}{params}}}");
                let reply = over_http().send(&message);
                if is_fit && is_version {
                    assert_eq!(reply, Reply::Accepted, "{message}");
                } else {
                    assert!(matches!(reply, Reply::Refused(_)), "{message}: {reply:?}");
                    assert_eq!(id_text(reply.text()), None, "{message}");
                }
                for mut driver in [Driver::fresh(), Driver::service()] {
                    assert_eq!(driver.send(&message), Reply::Accepted, "{message}");
                    let harmless = |effect: &Effect| {
                        !matches!(effect, Effect::Send { .. } | Effect::Cancel { .. })
                    };
                    assert!(driver.effects().iter().all(harmless), "{message}");
                }
            }
        }
    }
}

#[test]
fn a_bad_version_or_method_is_answered_with_the_id() {
    for case in [
        r#"{"id":"a\u0062","method":"ping"}"#,
        r#"{"jsonrpc":"1.0","id":"a\u0062","method":"ping"}"#,
        r#"{"jsonrpc":2.0,"id":"a\u0062","method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":"a\u0062","method":1}"#,
        r#"{"jsonrpc":"2.0","id":"a\u0062","method":null,"result":{}}"#,
    ] {
        let reply = Driver::backend().send(case);
        assert_eq!(reply.code(), -32600, "{case}");
        assert_eq!(
            id_text(reply.text()).as_deref(),
            Some(r#""a\u0062""#),
            "{case}"
        );
    }
}

#[test]
fn ids_that_cannot_be_are_answered_with_null() {
    for id in [
        "null",
        "1.5",
        "true",
        "[]",
        "{}",
        "[1]",
        "1e-1",
        "18446744073709551616",
        "-9223372036854775809",
        "1e300",
    ] {
        let message = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
        let reply = Driver::backend().send(&message);
        assert_eq!(reply.code(), -32600, "{id}");
        assert_eq!(id_text(reply.text()).as_deref(), Some("null"), "{id}");
        let reply =
            Driver::operating(Framing::Http, Limits::default(), backend_offer()).send(&message);
        assert_eq!(id_text(reply.text()), None, "{id}");
    }
}

const IDS: [&str; 16] = [
    "0",
    "1",
    "-1",
    "\"1\"",
    "\"\"",
    "9007199254740993",
    "18446744073709551615",
    "-9223372036854775808",
    r#""a\u00e9\n""#,
    "\"a b\"",
    r#""\ud83d\ude00""#,
    "\"null\"",
    "1.0",
    "-0",
    "1e2",
    "\"é\"",
];

#[test]
fn ids_are_echoed_exactly() {
    for id in IDS {
        let message = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
        let reply = Driver::backend().send(&message);
        assert_eq!(
            reply.text(),
            format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#)
        );
        // Through the component too, with a result and with an error.
        let mut driver = Driver::backend();
        let read = format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"resources/read","params":{{"uri":"x:y"}}}}"#
        );
        let key = driver.send(&read).key();
        driver.finish(key, Outcome::Result(br#"{"contents":[]}"#.to_vec()));
        assert_eq!(
            driver.sent(),
            [format!(
                r#"{{"jsonrpc":"2.0","id":{id},"result":{{"contents":[]}}}}"#
            )]
        );
        let key = driver.send(&read).key();
        driver.finish(
            key,
            Outcome::Error(RpcError::new(-32002, "gone").with_data(r#"{"uri":"x:y"}"#)),
        );
        let error = r#"{"code":-32002,"message":"gone","data":{"uri":"x:y"}}"#;
        assert_eq!(
            driver.sent(),
            [format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#)]
        );
    }
}

#[test]
fn ids_are_compared_by_kind_and_value() {
    let id = |text: &str| RequestId::from_json(serde_json::from_str(text).unwrap()).unwrap();
    for (one, other, same) in [
        ("1", "\"1\"", false),
        ("1", "1.0", true),
        ("100", "1e2", true),
        ("0", "-0", true),
        (r#""\u0031""#, "\"1\"", true),
        ("9007199254740993", "9007199254740992", false),
        ("\"\"", "0", false),
    ] {
        assert_eq!(id(one) == id(other), same, "{one} {other}");
    }
}

#[test]
fn an_id_in_flight_is_refused_and_the_first_is_answered() {
    let read = r#"{"jsonrpc":"2.0","id":5,"method":"resources/read","params":{"uri":"x:y"}}"#;
    let ping = r#"{"jsonrpc":"2.0","id":5.0,"method":"ping"}"#;
    let unfit = r#"{"jsonrpc":"1.0","id":5,"method":"ping"}"#;
    for second in [read, ping, unfit] {
        let mut driver = Driver::backend();
        let key = driver.send(read).key();
        let reply = driver.send(second);
        assert_eq!(reply.code(), -32600);
        assert_eq!(id_text(reply.text()).as_deref(), Some("null"));
        assert_eq!(reply.json()["error"]["data"]["id"].as_f64(), Some(5.0));
        assert_eq!(driver.response(key, Outcome::Empty)["id"], 5);

        let mut driver = Driver::operating(Framing::Http, Limits::default(), backend_offer());
        let key = driver.send(read).key();
        let reply = driver.send(second);
        assert_eq!(reply.code(), -32600);
        assert_eq!(reply.json()["id"].as_f64(), Some(5.0));
        assert_eq!(driver.response(key, Outcome::Empty)["id"], 5);
    }
    let mut driver = Driver::backend();
    let first = driver.send(read).key();
    let second = driver.send(read.replace(":5,", ":\"5\",")).key();
    assert_eq!(driver.response(second, Outcome::Empty)["id"], "5");
    assert_eq!(driver.response(first, Outcome::Empty)["id"], 5);
    // An id that was answered may be reused.
    driver.send(read).key();
}

#[test]
fn unknown_members_are_no_error() {
    let message = r#"{"x":1,"jsonrpc":"2.0","trace":{},"id":1,"method":"ping","params":{"y":[]},"method2":null}"#;
    assert_eq!(Driver::backend().send(message).result(), json!({}));
}

#[test]
fn a_message_of_two_kinds_is_refused() {
    for members in [
        r#""result":{}"#,
        r#""result":null"#,
        r#""error":{"code":1,"message":"m"}"#,
        r#""\u0072esult":{},"error":1"#,
    ] {
        let request = format!(r#"{{"jsonrpc":"2.0","id":"a","method":"ping",{members}}}"#);
        let reply = Driver::backend().send(&request);
        assert_eq!(reply.code(), -32600, "{request}");
        assert_eq!(reply.json()["id"], "a", "{request}");
        for method in ["notifications/initialized", "notifications/x", "ping"] {
            let notification =
                format!(r#"{{"jsonrpc":"2.0","method":"{method}",{members},"params":{{}}}}"#);
            let limits = Limits::default();
            let mut over_http = Driver::operating(Framing::Http, limits, backend_offer());
            let reply = over_http.send(&notification);
            assert!(matches!(reply, Reply::Refused(_)), "{notification}");
            assert_eq!(reply.code(), -32600, "{notification}");
            // On stdio it must not be answered.
            assert_eq!(Driver::backend().send(&notification), Reply::Accepted);
        }
    }
}

#[test]
fn meta_and_arguments_come_through_exactly() {
    let meta = r#"{"progressToken": 1.0e0 ,"a/b":[1.50,1e400,12345678901234567890123]}"#;
    let arguments = r#"{"n" : 0.10, "u":"\u00e9", "big":12345678901234567890.0}"#;
    let message = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"any","x":-0.0,"arguments":{arguments},"_meta":{meta}}}}}"#
    );
    let mut driver = Driver::backend();
    let Reception::Invoke(invocation) =
        driver
            .session
            .receive(driver.now, StreamId(1), message.as_bytes())
    else {
        panic!("the tool is called");
    };
    assert_eq!(invocation.meta.unwrap().get(), meta);
    assert_eq!(invocation.progress_token.unwrap().get(), "1.0e0");
    assert_eq!(invocation.params.get("arguments").unwrap().get(), arguments);
    assert_eq!(invocation.params.get("x").unwrap().get(), "-0.0");
    assert!(invocation.params.get("_meta").is_none());
    assert_eq!(invocation.id.as_json(), "1");
}
