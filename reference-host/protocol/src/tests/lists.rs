//! List requests and cursors.

use super::*;

fn many(count: usize) -> Catalog {
    let mut catalog = Catalog::new(100_000);
    let tools = (0..count)
        .map(|n| tool(&format!("t{n}"), r#"{"type":"object"}"#, None))
        .collect();
    catalog.add_tools(tools).unwrap();
    catalog
}

fn paging(catalog: Catalog, page_size: usize) -> Driver {
    let limits = Limits {
        page_size,
        ..Limits::default()
    };
    let offer = Offer {
        catalog: Some(Arc::new(catalog)),
        ..service_offer()
    };
    Driver::operating(Framing::Stdio, limits, offer)
}

fn names(result: &Value) -> Vec<String> {
    let tools = result["tools"].as_array().unwrap();
    tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap().to_owned())
        .collect()
}

fn walk(driver: &mut Driver) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut params = json!({});
    loop {
        let result = driver.request("tools/list", params).result();
        pages.push(names(&result));
        match result.get("nextCursor") {
            Some(Value::String(cursor)) => params = json!({"cursor": cursor}),
            None => return pages,
            Some(other) => panic!("a cursor is a string: {other}"),
        }
    }
}

#[test]
fn pages_hold_each_item_once_and_end() {
    for (count, size, sizes) in [
        (0, 3, vec![0]),
        (3, 3, vec![3]),
        (4, 3, vec![3, 1]),
        (7, 3, vec![3, 3, 1]),
        (2, 0, vec![1, 1]),
    ] {
        let pages = walk(&mut paging(many(count), size));
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), sizes);
        let expected: Vec<String> = (0..count).map(|n| format!("t{n}")).collect();
        assert_eq!(pages.concat(), expected);
    }
}

#[test]
fn each_list_has_its_items() {
    let mut driver = Driver::backend();
    assert_eq!(
        driver.request("resources/list", json!({})).result(),
        json!({"resources": [{"uri": "test://a", "name": "r"}, {"uri": "test://b", "name": "r"}]})
    );
    assert_eq!(
        driver
            .request("resources/templates/list", json!({}))
            .result(),
        json!({"resourceTemplates": [{"uriTemplate": "test://{id}", "name": "t"}]})
    );
    assert_eq!(
        driver.request("prompts/list", json!({})).result(),
        json!({"prompts": [{"name": "greet"}]})
    );
}

#[test]
fn a_cursor_stays_good_while_the_list_changes() {
    let mut catalog = many(6);
    let mut driver = paging(catalog.clone(), 2);
    let cursor = driver.request("tools/list", json!({})).result()["nextCursor"].clone();
    catalog.remove_tools(&["t0", "t1", "t3"]).unwrap();
    catalog
        .add_tools(vec![tool("new", r#"{"type":"object"}"#, None)])
        .unwrap();
    let changed = Changed {
        tools: true,
        ..Changed::default()
    };
    driver
        .session
        .set_catalog(driver.now, Arc::new(catalog.clone()), changed);
    for _ in 0..2 {
        let result = driver
            .request("tools/list", json!({"cursor": cursor}))
            .result();
        assert_eq!(names(&result), ["t2", "t4"]);
    }
    catalog.remove_tools(&["t2", "t4", "t5", "new"]).unwrap();
    driver
        .session
        .set_catalog(driver.now, Arc::new(catalog), changed);
    assert_eq!(
        driver
            .request("tools/list", json!({"cursor": cursor}))
            .result(),
        json!({"tools": []})
    );
}

#[test]
fn cursors_that_were_not_issued_here_are_refused() {
    let mut driver = paging(many(6), 2);
    let cursor = driver.request("tools/list", json!({})).result()["nextCursor"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut other = Driver {
        session: Session::new(
            Framing::Stdio,
            Limits {
                page_size: 2,
                ..Limits::default()
            },
            8,
        ),
        ..Driver::fresh()
    };
    other.initialize(
        Offer {
            catalog: Some(Arc::new(many(6))),
            ..service_offer()
        },
        "{}",
    );
    assert_eq!(
        other
            .request("tools/list", json!({"cursor": cursor}))
            .code(),
        -32602
    );
    assert_eq!(
        driver
            .request("prompts/list", json!({"cursor": cursor}))
            .code(),
        -32602
    );
    let mut tampered: Vec<String> = (0..cursor.len())
        .map(|at| {
            let replacement = if cursor.as_bytes()[at] == b'A' {
                "B"
            } else {
                "A"
            };
            let mut text = cursor.clone();
            text.replace_range(at..=at, replacement);
            text
        })
        .collect();
    tampered.extend(["", "bogus", "0", "\u{1F600}", " "].map(ToOwned::to_owned));
    tampered.extend([
        format!("{cursor}="),
        format!(" {cursor}"),
        cursor.to_lowercase() + "x",
        "A".repeat(100_000),
    ]);
    for text in tampered {
        let reply = driver.request("tools/list", json!({"cursor": text}));
        assert_eq!(reply.code(), -32602, "{text}");
        assert!(reply.message().contains("params.cursor"));
    }
    assert_eq!(
        names(
            &driver
                .request("tools/list", json!({"cursor": cursor}))
                .result()
        ),
        ["t2", "t3"]
    );
}

#[test]
fn a_service_gets_its_own_cursors() {
    let mut driver = Driver::service();
    for method in [
        Method::ListTools,
        Method::ListResources,
        Method::ListResourceTemplates,
        Method::ListPrompts,
    ] {
        let reply = driver.request(method.name(), json!({"cursor": "anything"}));
        assert!(matches!(reply, Reply::Invoke(_, invoked) if invoked == method));
        let response = driver.response(
            reply.key(),
            Outcome::Result(b"{\"nextCursor\":\"x\"}".to_vec()),
        );
        assert_eq!(response["result"]["nextCursor"], "x");
    }
}
