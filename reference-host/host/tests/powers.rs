//! The powers of a component over its client: visible in its imports, denied by the operator,
//! narrowed by a middleware.

mod messages;
mod support;

use serde_json::{Value, json};
use support::{Client, REFERENCE, component, server, server_with};
use wasi_mcp_host::protocol::Denied;
use wasi_mcp_host::session::ServerOptions;

/// Components with a middleware that refuses their elicitations.
const ATTENUATED: [&str; 2] = ["attenuated-0.2", "attenuated-0.3"];

/// Components behind a middleware of tools.
const COMPOSED: [&str; 2] = ["composed-0.2", "composed-0.3"];

fn denying(name: &str, denied: Denied) -> std::sync::Arc<wasi_mcp_host::session::Server> {
    let mut options = ServerOptions::default();
    options.sandbox.denied = denied;
    server_with(name, options)
}

fn text(answer: &Value) -> &str {
    answer["result"]["content"][0]["text"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"))
}

/// Starts `elicit-other-field` with this message, and answers the question if one comes.
async fn ask_user(client: &mut Client, message: &str, answer: Value) -> Value {
    let arguments = json!({
        "json": r#"{"type":"array","items":{"type":"string"}}"#,
        "message": message,
    });
    let id = client.start_tool("elicit-other-field", arguments).await;
    loop {
        let next = client.next().await.expect("the session goes on");
        if next["method"] == "elicitation/create" {
            let field = &next["params"]["requestedSchema"]["properties"]["field"];
            assert_eq!(
                *field,
                json!({ "type": "array", "items": { "type": "string" } })
            );
            let response = json!({ "jsonrpc": "2.0", "id": next["id"], "result": answer });
            client.send(&response).await;
        } else if next["id"] == id {
            return next;
        }
    }
}

#[tokio::test]
async fn imports_show_what_a_component_can_ask() {
    for name in REFERENCE {
        let imports = component(name).imports();
        assert!(
            imports.sampling && imports.elicitation && imports.roots,
            "{name}"
        );
        assert!(imports.logging && imports.identity, "{name}");
    }
    for name in ["hello-0.2", "hello-0.3"] {
        assert_eq!(component(name).imports(), Default::default(), "{name}");
    }
    // The middleware sends elicitations for the component, so the composition still has the power.
    for name in ATTENUATED {
        assert!(component(name).imports().elicitation, "{name}");
    }
}

#[tokio::test]
async fn logging_is_declared_exactly_when_it_is_imported() {
    for (name, declared) in [
        ("hello-0.2", false),
        ("hello-0.3", false),
        ("reference-backend-0.2", true),
        ("reference-service-0.3", true),
        ("composed-0.2", true),
        ("composed-0.3", true),
    ] {
        let mut client = Client::open(&server(name));
        let answer = client
            .request("initialize", messages::initialize(json!({})))
            .await;
        let capability = answer["result"]["capabilities"].get("logging");
        assert_eq!(capability, declared.then(|| json!({})).as_ref(), "{name}");
        client.notify("notifications/initialized", json!({})).await;
        let answer = client
            .request("logging/setLevel", json!({ "level": "debug" }))
            .await;
        if declared {
            assert_eq!(answer["result"], json!({}), "{name}");
        } else {
            assert_eq!(answer["error"]["code"], -32601, "{name}: {answer}");
        }
    }
}

#[tokio::test]
async fn denied_powers_look_unsupported() {
    for name in REFERENCE {
        let mut all = Denied::default();
        (all.sampling, all.elicitation, all.roots) = (true, true, true);
        let mut client = Client::connect(&denying(name, all)).await;
        let described = client.tool("describe-request", json!({})).await;
        let seen = &described["result"]["structuredContent"]["client"];
        assert!(seen.is_object(), "{name}: {described}");
        for capability in ["sampling", "elicitation", "roots"] {
            let shown = &seen["capabilities"][capability];
            assert!(shown.is_null(), "{name} {capability}: {described}");
        }
        for (tool, arguments) in [
            ("elicit", json!({})),
            ("sample", json!({ "prompt": "Who?" })),
            ("list-roots", json!({})),
        ] {
            let answer = client.tool(tool, arguments).await;
            let said = answer.to_string();
            assert!(said.contains("ethod"), "{name} {tool}: {said}");
        }
        assert!(
            client
                .interim
                .iter()
                .all(|message| message.get("id").is_none()),
            "{name}: the client was asked: {:?}",
            client.interim
        );
    }
}

#[tokio::test]
async fn one_denied_power_leaves_the_others() {
    for name in REFERENCE {
        let mut denied = Denied::default();
        denied.sampling = true;
        let mut client = Client::connect(&denying(name, denied)).await;
        let answer = json!({ "action": "accept", "content": { "field": ["a"] } });
        let answer = ask_user(&mut client, "Still allowed", answer).await;
        assert_eq!(text(&answer), r#"["a"]"#, "{name}");
    }
}

#[tokio::test]
async fn a_middleware_refuses_questions_for_the_component_behind_it() {
    for name in ATTENUATED {
        let mut client = Client::connect(&server(name)).await;
        let accepted = json!({ "action": "accept", "content": { "field": ["a", 1.5] } });
        let refused = ask_user(&mut client, "May I?", accepted.clone()).await;
        assert_eq!(refused["error"]["code"], -32601, "{name}: {refused}");
        assert_eq!(
            refused["error"]["message"], "elicitation is refused by a policy",
            "{name}"
        );
        // A message that the policy allows reaches the user, on the borrowed context.
        let allowed = ask_user(&mut client, "[allowed] May I?", accepted).await;
        assert_eq!(text(&allowed), r#"["a",1.5]"#, "{name}");
        client.assert_alive().await;
    }
}

#[tokio::test]
async fn unknown_kinds_of_content_pass_unharmed() {
    let block = r#"{"type":"com.example/model","vertices":[1.10,1e400],"name":"\u00e9"}"#;
    for name in REFERENCE.into_iter().chain(COMPOSED) {
        let mut client = Client::connect(&server(name)).await;
        let id = client
            .start_tool("return-other-block", json!({ "json": block }))
            .await;
        let line = client.raw_response(id).await;
        assert!(line.contains(block), "{name}: {line}");
        for named in [r#"{"type":"text","text":"t"}"#, r#"{"type":7}"#, "[]", "{"] {
            let answer = client
                .tool("return-other-block", json!({ "json": named }))
                .await;
            assert_eq!(answer["error"]["code"], -32603, "{name} {named}: {answer}");
        }
        client.assert_alive().await;
    }
}

#[tokio::test]
async fn a_refusal_of_the_user_reaches_the_component_whatever_comes_with_it() {
    for name in REFERENCE {
        let mut client = Client::connect(&server(name)).await;
        for content in [Value::Null, json!({}), json!([7])] {
            for action in ["decline", "cancel"] {
                let id = client.start_tool("elicit", json!({})).await;
                let question = client.asked("elicitation/create").await;
                let result = json!({ "action": action, "content": content });
                let response = json!({ "jsonrpc": "2.0", "id": question["id"], "result": result });
                client.send(&response).await;
                let answer = client.response(id).await;
                let structured = &answer["result"]["structuredContent"];
                assert_eq!(structured["action"], action, "{name}: {answer}");
                assert_eq!(structured["content"], Value::Null, "{name}: {answer}");
            }
        }
    }
}
