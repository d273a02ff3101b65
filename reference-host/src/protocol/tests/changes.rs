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
        driver.session.lists_changed(Changed::TOOLS);
        driver.session.lists_changed(Changed::RESOURCES);
        driver.session.lists_changed(Changed::PROMPTS);
    }
    let expected = [
        "notifications/tools/list_changed",
        "notifications/resources/list_changed",
        "notifications/prompts/list_changed",
    ];
    assert_eq!(methods(&mut driver), expected);
    driver.session.lists_changed(Changed::TOOLS);
    let sent = driver.sent();
    assert_eq!(
        sent,
        [r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#]
    );
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
    driver.session.lists_changed(Changed::TOOLS);
    driver.session.lists_changed(Changed::PROMPTS);
    driver.session.lists_changed(Changed::RESOURCES);
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
    driver.session.lists_changed(Changed::TOOLS);
    driver.session.lists_changed(Changed::TOOLS);
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
        Effect::Resubscribe { key, uri } if uri == "test://a" => Some(key),
        _ => None,
    };
    effects.filter_map(key).collect()
}

#[test]
fn a_subscription_ends_where_a_new_instance_refuses_it_not_where_that_is_lost() {
    let mut driver = Driver::backend();
    let key = driver
        .request("resources/subscribe", json!({"uri": "test://a"}))
        .key();
    driver.response(key, Outcome::Empty);
    for _ in 0..3 {
        driver.session.instance_lost(driver.now, "trap");
        driver.session.restarted(driver.now, backend_offer());
    }
    let keys = resubscribed(&mut driver);
    assert_eq!(keys.len(), 3);
    driver.finish(keys[2], Outcome::Error(RpcError::new(-32002, "gone")));
    driver
        .session
        .resource_updated(driver.now, "test://a", None);
    assert!(driver.effects().is_empty());
    driver.session.restarted(driver.now, backend_offer());
    assert!(resubscribed(&mut driver).is_empty());
}

#[test]
fn a_new_instance_repeats_subscriptions_and_tells_differences() {
    let mut driver = Driver::backend();
    let key = driver
        .request("resources/subscribe", json!({"uri": "test://a"}))
        .key();
    driver.response(key, Outcome::Empty);
    driver.session.instance_lost(driver.now, "trap");
    driver.effects();
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
            Effect::Send { message, .. } => serde_json::from_slice(&message).ok(),
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
