//! Compositions of the project's guests, run in the host.

mod support;

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use wasi_mcp_compose::{ComposeError, Composition, Part};
use wasi_mcp_host::session::InProcessClient;

use support::{
    VARIANTS, call, connect, guest, middleware, names, parts, request, serve, server, tools,
};

#[tokio::test]
async fn one_backend_becomes_a_service() {
    for variant in VARIANTS {
        let client = connect(&parts(&[("a", &format!("hello-{variant}"))])).await;
        assert_eq!(client.initialized().server_info["name"], "hello");
        assert_eq!(tools(&client).await, ["hello"]);
        let greeted = call(&client, "hello", json!({ "name": "World" }))
            .await
            .unwrap();
        assert_eq!(greeted["content"][0]["text"], "Hello, World!");
    }
}

#[tokio::test]
async fn a_recorded_backend_is_checked_as_by_a_host() {
    for variant in VARIANTS {
        let name = format!("reference-backend-{variant}");
        let composed = connect(&parts(&[("a", &name)])).await;
        let plain = {
            let server = serve(&guest(&name));
            InProcessClient::builder().connect(&server).await.unwrap()
        };
        for (method, params) in [
            ("tools/call", json!({ "name": "none" })),
            (
                "tools/call",
                json!({ "name": "echo", "arguments": { "text": 1 } }),
            ),
            (
                "tools/call",
                json!({ "name": "echo", "arguments": { "text": "a" } }),
            ),
            ("prompts/get", json!({ "name": "none" })),
            ("resources/read", json!({ "uri": "none:none" })),
            (
                "completion/complete",
                json!({ "ref": { "type": "ref/prompt", "name": "none" },
                        "argument": { "name": "a", "value": "" } }),
            ),
            (
                "completion/complete",
                json!({ "ref": { "type": "ref/none" }, "argument": { "name": "a", "value": "" } }),
            ),
            ("tools/list", json!({ "cursor": "forged" })),
        ] {
            let expected = request(&plain, method, params.clone()).await;
            let found = request(&composed, method, params.clone()).await;
            assert_eq!(found, expected, "{variant} {method} {params}");
        }
        for (method, member, key) in [
            ("tools/list", "tools", "name"),
            ("prompts/list", "prompts", "name"),
            ("resources/list", "resources", "uri"),
            (
                "resources/templates/list",
                "resourceTemplates",
                "uriTemplate",
            ),
        ] {
            let expected = names(&plain, method, member, key).await;
            assert_eq!(
                names(&composed, method, member, key).await,
                expected,
                "{method}"
            );
        }
        let declared = &plain.initialized().capabilities;
        assert_eq!(&composed.initialized().capabilities, declared, "{variant}");
    }
}

#[tokio::test]
async fn parts_are_one_server_in_their_order() {
    for variant in VARIANTS {
        let (reference, service) = (
            format!("reference-backend-{variant}"),
            format!("hello-{variant}"),
        );
        let whole = parts(&[("hello", &service), ("reference", &reference)]);
        let client = connect(&whole).await;
        let listed = tools(&client).await;
        assert_eq!(listed[0], "hello", "{variant}");
        assert!(listed.contains(&"echo".to_owned()), "{variant}: {listed:?}");
        let greeted = call(&client, "hello", json!({ "name": "World" }))
            .await
            .unwrap();
        assert_eq!(greeted["content"][0]["text"], "Hello, World!");
        let echoed = call(&client, "echo", json!({ "text": "a" })).await;
        assert!(echoed.is_ok(), "{variant}: {echoed:?}");
        let unknown = call(&client, "none", json!({})).await.unwrap_err();
        assert_eq!(unknown["code"], -32602, "{variant}");
        let uris = names(&client, "resources/list", "resources", "uri").await;
        let read = request(&client, "resources/read", json!({ "uri": uris[0] }))
            .await
            .unwrap();
        assert_eq!(read["contents"][0]["uri"], json!(uris[0]));
        let missing = json!({ "uri": "none:none" });
        let missing = request(&client, "resources/read", missing)
            .await
            .unwrap_err();
        assert_eq!(missing["code"], -32002, "{variant}");
    }
}

#[tokio::test]
async fn the_first_of_two_owners_wins_and_a_prefix_has_both() {
    for variant in VARIANTS {
        let hello = format!("hello-{variant}");
        let both = parts(&[("one", &hello), ("two", &hello), ("three", &hello)]);
        let client = connect(&both).await;
        assert_eq!(tools(&client).await, ["hello"]);
        let prefixed = Composition {
            prefix: true,
            ..both
        };
        let client = connect(&prefixed).await;
        assert_eq!(
            tools(&client).await,
            ["one-hello", "two-hello", "three-hello"]
        );
        for tool in ["one-hello", "two-hello", "three-hello"] {
            let greeted = call(&client, tool, json!({ "name": "World" }))
                .await
                .unwrap();
            assert_eq!(greeted["content"][0]["text"], "Hello, World!", "{tool}");
        }
        let unprefixed = call(&client, "hello", json!({ "name": "World" })).await;
        assert_eq!(unprefixed.unwrap_err()["code"], -32602);
    }
}

#[tokio::test]
async fn the_whole_has_a_name_of_its_own() {
    let hello = parts(&[("a", "hello-0.3")]);
    let titled = Composition {
        name: Some("whole \"of\" it".to_owned()),
        version: Some("7".to_owned()),
        instructions: Some("Use it.".to_owned()),
        ..hello
    };
    let client = connect(&titled).await;
    let initialized = client.initialized();
    assert_eq!(
        initialized.server_info,
        json!({ "name": "whole \"of\" it", "version": "7" })
    );
    assert_eq!(initialized.instructions.as_deref(), Some("Use it."));
    assert_eq!(tools(&client).await, ["hello"]);
}

#[tokio::test]
async fn middleware_goes_in_front_of_all_or_of_one() {
    for variant in VARIANTS {
        let hello = format!("hello-{variant}");
        let mark = format!("middleware-{variant}");
        let mut one = parts(&[("one", &hello), ("two", &hello)]);
        one.prefix = true;
        let all = Composition {
            middleware: vec![middleware(&mark)],
            ..one.clone()
        };
        one.parts[1].middleware.push(middleware(&mark));
        for (composition, marked) in [(one, [false, true]), (all, [true, true])] {
            let client = connect(&composition).await;
            for (tool, marked) in ["one-hello", "two-hello"].into_iter().zip(marked) {
                let called = call(&client, tool, json!({ "name": "a" })).await.unwrap();
                let mark = called["_meta"]["example.org/middleware"] == json!(true);
                assert_eq!(mark, marked, "{variant} {tool}");
            }
        }
    }
}

#[tokio::test]
async fn middleware_of_powers_narrows_what_a_part_asks() {
    for variant in VARIANTS {
        let reference = format!("reference-service-{variant}");
        let narrow = format!("elicitation-middleware-{variant}");
        let mut narrowed = parts(&[("a", &reference)]);
        narrowed.middleware.push(middleware(&narrow));
        narrowed.compose().unwrap();
        let mut unfit = parts(&[("a", &format!("hello-{variant}"))]);
        unfit.middleware.push(middleware(&narrow));
        let error = unfit.compose().unwrap_err().to_string();
        assert!(error.contains("fits nothing"), "{error}");
        assert!(error.contains("wasi:mcp/elicitation"), "{error}");
    }
}

#[tokio::test]
async fn list_changes_of_a_recorded_backend_are_announced() {
    for variant in VARIANTS {
        let (first, reference) = (
            format!("hello-{variant}"),
            format!("reference-backend-{variant}"),
        );
        let told: Arc<Mutex<Vec<Value>>> = Arc::default();
        let heard = Arc::clone(&told);
        let client = InProcessClient::builder()
            .on_notification(move |text| {
                heard
                    .lock()
                    .unwrap()
                    .push(serde_json::from_slice(text).unwrap());
            })
            .connect(&server(&parts(&[("a", &first), ("b", &reference)])))
            .await
            .unwrap();
        let before = tools(&client).await;
        let added = call(&client, "add-entries", json!({})).await;
        assert!(added.is_ok(), "{added:?}");
        let after = tools(&client).await;
        assert_eq!(after.len(), before.len() + 1, "{variant}");
        let called = call(&client, "added-tool", json!({})).await;
        assert!(called.is_ok(), "{variant}: {called:?}");
        let told = told.lock().unwrap();
        let changed = json!("notifications/tools/list_changed");
        assert!(
            told.iter().any(|told| told["method"] == changed),
            "{variant}: {told:?}"
        );
    }
}

#[test]
fn backends_share_one_copy_of_the_adapters() {
    for variant in VARIANTS {
        let hello = format!("hello-{variant}");
        let size = |count| {
            let names = ["a", "b", "c", "d"].map(|name| (name, hello.as_str()));
            parts(&names[..count]).compose().unwrap().len()
        };
        // Each further one adds itself and what links it.
        let further = guest(&hello).len() + 20_000;
        assert!(size(4) - size(2) < 2 * further, "{variant}");
        // The validator of schemas is by far the largest adapter.
        assert!(size(2) - size(1) < size(1) / 2, "{variant}");
    }
}

#[test]
fn components_that_do_not_fit_are_refused_by_name() {
    let error = |composition: &Composition| composition.compose().unwrap_err();
    let mixed = parts(&[("a", "hello-0.3"), ("b", "hello-0.2")]);
    assert!(matches!(error(&mixed), ComposeError::MixedVariants { name, .. } if name == "b"));
    let same = parts(&[("a", "hello-0.3"), ("a", "streams-0.3")]);
    assert!(matches!(error(&same), ComposeError::SameName { name } if name == "a"));
    let unfit = parts(&[("a", "middleware-0.3")]);
    assert!(matches!(error(&unfit), ComposeError::NotAServer { name } if name == "a"));
    assert!(matches!(error(&parts(&[])), ComposeError::NoParts));
    let junk = Composition {
        parts: vec![Part::new("junk", b"junk".to_vec())],
        ..Composition::default()
    };
    assert!(matches!(error(&junk), ComposeError::NotAComponent { name, .. } if name == "junk"));
    let mut server = parts(&[("a", "hello-0.3")]);
    server.middleware.push(middleware("middleware-0.2"));
    assert!(matches!(error(&server), ComposeError::MixedVariants { .. }));
}
