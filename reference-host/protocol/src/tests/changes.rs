//! Changed lists, subscriptions, events and new instances.

use super::*;

fn methods(driver: &mut Driver) -> Vec<String> {
    driver
        .sent_json()
        .iter()
        .map(|message| message["method"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn several_changes_at_once_are_one() {
    let mut driver = Driver::service();
    for _ in 0..3 {
        driver.session.lists_changed(driver.now, Changed::TOOLS);
        driver.session.lists_changed(driver.now, Changed::RESOURCES);
        driver.session.lists_changed(driver.now, Changed::PROMPTS);
    }
    let all = Changed {
        tools: true,
        resources: true,
        prompts: true,
    };
    assert_eq!(all, Changed::ALL);
    let expected = [
        "notifications/tools/list_changed",
        "notifications/resources/list_changed",
        "notifications/prompts/list_changed",
    ];
    assert_eq!(methods(&mut driver), expected);
    // The repeats are one more of each, a little later.
    assert_eq!(
        driver.session.next_timeout(),
        Some(driver.now + Duration::from_millis(50))
    );
    driver.pass(0.049);
    assert!(driver.effects().is_empty());
    driver.pass(0.001);
    assert_eq!(methods(&mut driver), expected);
    assert_eq!(driver.session.next_timeout(), None);
    driver.session.lists_changed(driver.now, Changed::TOOLS);
    assert!(driver.effects().is_empty());
    driver.pass(0.05);
    driver.pass(0.05);
    driver.effects();
    driver.session.lists_changed(driver.now, Changed::TOOLS);
    let sent = driver.sent();
    assert_eq!(
        sent,
        [r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#]
    );
}

fn subscribe(driver: &mut Driver, uri: &str) {
    let key = driver
        .request("resources/subscribe", json!({"uri": uri}))
        .key();
    driver.response(key, Outcome::Empty);
}

fn updated(driver: &mut Driver) -> Vec<String> {
    driver
        .sent_json()
        .iter()
        .map(|message| message["params"]["uri"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn updates_of_a_resource_are_sent_at_most_once_in_a_while() {
    let mut driver = Driver::backend();
    subscribe(&mut driver, "test://a");
    subscribe(&mut driver, "test://b");
    let mut sent = Vec::new();
    // 1000 of each, one per millisecond.
    for _ in 0..1000 {
        for uri in ["test://a", "test://b"] {
            driver.session.resource_updated(driver.now, uri, None);
        }
        sent.extend(updated(&mut driver));
        driver.pass(0.001);
        sent.extend(updated(&mut driver));
    }
    for uri in ["test://a", "test://b"] {
        let count = sent.iter().filter(|other| *other == uri).count();
        assert!((20..=21).contains(&count), "{count}");
    }
    // The last is not lost; then there is silence.
    driver
        .session
        .resource_updated(driver.now, "test://a", None);
    driver.effects();
    driver
        .session
        .resource_updated(driver.now, "test://a", None);
    driver.pass(0.05);
    assert!(updated(&mut driver).contains(&"test://a".to_owned()));
    driver.pass(0.05);
    assert!(driver.effects().is_empty());
    assert_eq!(driver.session.next_timeout(), None);
}

#[test]
fn updates_beyond_the_rate_come_later_each_once() {
    let limits = Limits {
        notifications_per_second: 10,
        ..Limits::default()
    };
    let mut driver = Driver::operating(Framing::Stdio, limits, backend_offer());
    let uris: Vec<String> = (0..35)
        .map(|number| format!("test://{number:02}"))
        .collect();
    for uri in &uris {
        subscribe(&mut driver, uri);
    }
    for _ in 0..3 {
        for uri in &uris {
            driver.session.resource_updated(driver.now, uri, None);
        }
    }
    assert_eq!(updated(&mut driver), uris[..10]);
    driver.pass(0.999);
    assert!(driver.effects().is_empty());
    // In the order of arrival, even with others in between.
    driver.pass(0.001);
    assert_eq!(updated(&mut driver), uris[10..20]);
    driver.now += Duration::from_secs(1);
    driver
        .session
        .resource_updated(driver.now, "test://05", None);
    assert_eq!(updated(&mut driver), uris[20..30]);
    let mut rest = Vec::new();
    for _ in 0..5 {
        driver.pass(1.0);
        rest.extend(updated(&mut driver));
    }
    // The first ten were repeated before they were held.
    let mut expected = uris[30..].to_vec();
    expected.extend(uris[..10].to_vec());
    rest.sort();
    expected.sort();
    assert_eq!(rest, expected);
    assert_eq!(driver.session.next_timeout(), None);
}

#[test]
fn an_update_that_waits_is_not_sent_after_the_subscription() {
    let mut driver = Driver::backend();
    subscribe(&mut driver, "test://a");
    for _ in 0..2 {
        driver
            .session
            .resource_updated(driver.now, "test://a", None);
    }
    assert_eq!(updated(&mut driver), ["test://a"]);
    let key = driver
        .request("resources/unsubscribe", json!({"uri": "test://a"}))
        .key();
    driver.response(key, Outcome::Empty);
    driver.pass(0.05);
    assert!(driver.effects().is_empty());
    assert_eq!(driver.session.next_timeout(), None);
}

#[test]
fn updates_that_wait_are_bounded_and_none_is_lost() {
    let limits = Limits {
        notifications_per_second: 1,
        subscriptions: 3,
        ..Limits::default()
    };
    let mut driver = Driver::operating(Framing::Stdio, limits, backend_offer());
    subscribe(&mut driver, "test://a");
    for number in 0..1000 {
        let uri = format!("test://a/{number}");
        driver
            .session
            .resource_updated(driver.now, "test://a", Some(&uri));
    }
    let mut sent = updated(&mut driver);
    for _ in 0..10 {
        driver.pass(1.0);
        sent.extend(updated(&mut driver));
    }
    // Sub-resources that did not fit are announced as a change of the whole.
    let expected = [
        "test://a/0",
        "test://a/1",
        "test://a/2",
        "test://a/3",
        "test://a",
    ];
    assert_eq!(sent, expected);
}

#[test]
fn changes_are_told_only_where_declared() {
    let offered = Offered {
        tools_list_changed: false,
        prompts_list_changed: false,
        ..offered()
    };
    let mut driver = Driver::operating(
        Framing::Stdio,
        Limits::default(),
        Offer {
            offered,
            ..service_offer()
        },
    );
    driver.session.lists_changed(driver.now, Changed::TOOLS);
    driver.session.lists_changed(driver.now, Changed::PROMPTS);
    driver.session.lists_changed(driver.now, Changed::RESOURCES);
    assert_eq!(
        methods(&mut driver),
        ["notifications/resources/list_changed"]
    );
}

#[test]
fn changes_before_initialized_are_told_after_it() {
    let mut driver = Driver::fresh();
    let offered = Offered {
        client_events: false,
        ..offered()
    };
    driver.initialize(
        Offer {
            offered,
            ..backend_offer()
        },
        "{}",
    );
    driver.session.lists_changed(driver.now, Changed::TOOLS);
    driver.session.lists_changed(driver.now, Changed::TOOLS);
    assert!(driver.effects().is_empty());
    driver.send(INITIALIZED);
    assert_eq!(methods(&mut driver), ["notifications/tools/list_changed"]);
    driver.send(INITIALIZED);
    assert!(driver.effects().is_empty());
}

#[test]
fn a_new_catalog_is_told_and_listed() {
    let mut driver = Driver::backend();
    let mut changed = catalog();
    changed
        .add_tools(vec![tool("new", r#"{"type":"object"}"#, None)])
        .unwrap();
    let difference = catalog().differences(&changed);
    assert_eq!(
        difference,
        Changed {
            tools: true,
            ..Changed::default()
        }
    );
    driver
        .session
        .set_catalog(driver.now, Arc::new(changed), difference);
    assert_eq!(methods(&mut driver), ["notifications/tools/list_changed"]);
    assert_eq!(
        driver.request("tools/list", json!({})).result()["tools"][2]["name"],
        "new"
    );
}

#[test]
fn updates_reach_subscribers_alone() {
    let mut driver = Driver::backend();
    driver
        .session
        .resource_updated(driver.now, "test://a", None);
    assert!(driver.effects().is_empty());
    let key = driver
        .request("resources/subscribe", json!({"uri": "test://a"}))
        .key();
    assert_eq!(driver.response(key, Outcome::Empty)["result"], json!({}));
    let key = driver
        .request("resources/subscribe", json!({"uri": "test://b"}))
        .key();
    driver.response(key, Outcome::Error(RpcError::new(-32002, "no")));
    driver
        .session
        .resource_updated(driver.now, "test://b", None);
    driver
        .session
        .resource_updated(driver.now, "test://a", None);
    driver
        .session
        .resource_updated(driver.now, "test://a", None);
    driver
        .session
        .resource_updated(driver.now, "test://a", Some("test://a/sub"));
    let sent = driver.sent();
    assert_eq!(sent, ["test://a", "test://a/sub"].map(|uri| {
        format!(r#"{{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{{"uri":"{uri}"}}}}"#)
    }));
    let key = driver
        .request("resources/unsubscribe", json!({"uri": "test://a"}))
        .key();
    driver.response(key, Outcome::Empty);
    driver
        .session
        .resource_updated(driver.now, "test://a", None);
    assert!(driver.effects().is_empty());
}

#[test]
fn subscriptions_are_bounded() {
    let limits = Limits {
        subscriptions: 1,
        ..Limits::default()
    };
    let mut driver = Driver::operating(Framing::Stdio, limits, backend_offer());
    let key = driver
        .request("resources/subscribe", json!({"uri": "test://a"}))
        .key();
    driver.response(key, Outcome::Empty);
    assert_eq!(
        driver
            .request("resources/subscribe", json!({"uri": "test://b"}))
            .code(),
        -32000
    );
    driver
        .request("resources/subscribe", json!({"uri": "test://a"}))
        .key();
}

fn resubscribed(driver: &mut Driver) -> Vec<RequestKey> {
    let effects = driver.effects().into_iter();
    let key = |effect| match effect {
        Effect::Resubscribe { key, uri, .. } if uri == "test://a" => Some(key),
        _ => None,
    };
    effects.filter_map(key).collect()
}

fn restart(driver: &mut Driver, offer: Offer) -> Vec<RequestKey> {
    driver.session.restarted(driver.now, offer);
    resubscribed(driver)
}

fn lost() -> Outcome {
    Outcome::Lost("trap".to_owned())
}

#[test]
fn a_subscription_that_a_new_instance_refuses_is_over() {
    for outcome in [
        Outcome::Error(RpcError::new(-32002, "gone")),
        Outcome::Faulty("no such URI".to_owned()),
    ] {
        let mut driver = Driver::backend();
        subscribe(&mut driver, "test://a");
        let keys = restart(&mut driver, backend_offer());
        driver.finish(keys[0], outcome);
        driver
            .session
            .resource_updated(driver.now, "test://a", None);
        assert!(driver.effects().is_empty());
        assert!(restart(&mut driver, backend_offer()).is_empty());
    }
}

#[test]
fn a_subscription_that_is_lost_twice_in_a_row_is_over() {
    let mut driver = Driver::backend();
    subscribe(&mut driver, "test://a");
    // A successful repeat in between resets the count.
    for outcome in [lost(), Outcome::Empty, lost(), Outcome::Empty, lost()] {
        let [key] = restart(&mut driver, backend_offer())[..] else {
            panic!("one subscription to repeat");
        };
        driver.finish(key, outcome);
    }
    // So does subscribing again.
    subscribe(&mut driver, "test://a");
    for _ in 0..2 {
        let [key] = restart(&mut driver, backend_offer())[..] else {
            panic!("one subscription to repeat");
        };
        driver.finish(key, lost());
    }
    assert!(restart(&mut driver, backend_offer()).is_empty());
}

#[test]
fn a_subscription_that_waits_to_be_repeated_is_not_repeated_twice() {
    let mut driver = Driver::backend();
    subscribe(&mut driver, "test://a");
    let keys = restart(&mut driver, backend_offer());
    assert_eq!(keys.len(), 1);
    assert!(restart(&mut driver, backend_offer()).is_empty());
    driver.finish(keys[0], lost());
    assert_eq!(restart(&mut driver, backend_offer()).len(), 1);
}

#[test]
fn the_lists_of_a_new_instance_may_differ() {
    let offer = || Offer {
        offered: Offered {
            prompts_list_changed: false,
            ..offered()
        },
        ..service_offer()
    };
    let mut driver = Driver::operating(Framing::Stdio, Limits::default(), offer());
    let key = driver.request("tools/list", json!({})).key();
    let schemas = Schemas::default();
    let tools = vec![SeenTool::new("count", COUNT, None, &schemas).unwrap()];
    let json = b"{}".to_vec();
    driver.response(key, Outcome::ToolList { json, tools });
    let wrong = json!({"name": "count", "arguments": {"count": "x"}});
    assert_eq!(driver.request("tools/call", wrong.clone()).code(), -32602);
    driver.session.restarted(driver.now, offer());
    assert_eq!(
        methods(&mut driver),
        [
            "notifications/tools/list_changed",
            "notifications/resources/list_changed"
        ]
    );
    // The old list does not apply to the new one.
    driver.request("tools/call", wrong).key();
}

#[test]
fn a_new_instance_repeats_subscriptions_and_tells_differences() {
    let mut driver = Driver::backend();
    let key = driver
        .request("resources/subscribe", json!({"uri": "test://a"}))
        .key();
    driver.response(key, Outcome::Empty);
    driver.session.restarted(driver.now, backend_offer());
    let [key] = resubscribed(&mut driver)[..] else {
        panic!("one subscription to repeat");
    };
    driver.finish(key, Outcome::Empty);
    assert!(driver.effects().is_empty());
    let mut changed = catalog();
    changed.remove_prompts(&["greet"]).unwrap();
    changed.remove_templates(&["test://{id}"]).unwrap();
    let offer = Offer {
        catalog: Some(Arc::new(changed)),
        info: "{}".to_owned(),
        ..service_offer()
    };
    driver.session.restarted(driver.now, offer);
    let sent: Vec<Value> = driver
        .effects()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Send { message, .. } => serde_json::from_slice(&message.text).ok(),
            _ => None,
        })
        .collect();
    assert_eq!(
        sent,
        [
            json!({"jsonrpc": "2.0", "method": "notifications/resources/list_changed"}),
            json!({"jsonrpc": "2.0", "method": "notifications/prompts/list_changed"})
        ]
    );
    assert_eq!(
        driver
            .request("prompts/get", json!({"name": "greet"}))
            .code(),
        -32602
    );
}

fn notified(driver: &mut Driver) -> Vec<(RequestKey, Event)> {
    let effects = driver.effects().into_iter();
    effects
        .map(|effect| match effect {
            Effect::Notify { key, event, .. } => (key, event),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn the_component_hears_of_initialized_once() {
    let mut driver = Driver::fresh();
    driver.initialize(service_offer(), "{}");
    driver.send(INITIALIZED);
    driver.send(INITIALIZED);
    let events = notified(&mut driver);
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].1, Event::Initialized);
    // The client has no roots: nothing can have changed.
    driver.notify("notifications/roots/list_changed", json!({}));
    assert!(notified(&mut driver).is_empty());
}

#[test]
fn changes_of_roots_do_not_pile_up() {
    let mut driver = Driver::service();
    for _ in 0..5 {
        driver.notify("notifications/roots/list_changed", json!({}));
    }
    let events = notified(&mut driver);
    assert_eq!(events.len(), 1);
    driver.finish(events[0].0, Outcome::Empty);
    let again = notified(&mut driver);
    assert_eq!(again.len(), 1);
    driver.finish(again[0].0, Outcome::Empty);
    assert!(notified(&mut driver).is_empty());
}

#[test]
fn a_component_without_client_events_is_left_alone() {
    let offered = Offered {
        client_events: false,
        ..offered()
    };
    let mut driver = Driver::operating(
        Framing::Stdio,
        Limits::default(),
        Offer {
            offered,
            ..service_offer()
        },
    );
    driver.notify("notifications/roots/list_changed", json!({}));
    assert!(driver.effects().is_empty() && driver.session.is_idle());
}

#[test]
fn held_messages_are_flushed_before_the_output_ends() {
    let mut driver = Driver::service();
    subscribe(&mut driver, "a:1");
    for _ in 0..2 {
        driver.session.lists_changed(driver.now, Changed::TOOLS);
        driver.session.resource_updated(driver.now, "a:1", None);
    }
    for _ in 0..=Limits::default().logs_per_second {
        driver
            .session
            .log(driver.now, None, LogLevel::Info, None, "1")
            .unwrap();
    }
    driver.effects();
    driver.session.flush(driver.now);
    let mut flushed = methods(&mut driver);
    flushed.sort();
    assert_eq!(
        flushed,
        [
            "notifications/message",
            "notifications/resources/updated",
            "notifications/tools/list_changed",
        ]
    );
    assert_eq!(driver.session.next_timeout(), None);
}
