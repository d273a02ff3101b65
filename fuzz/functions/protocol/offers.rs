//! Offers of components for tests. The host's crate includes this file too.

use std::sync::Arc;

use serde_json::json;

use wasi_mcp_protocol::{
    Catalog, Offer, Offered, PromptEntry, ResourceEntry, TemplateEntry, ToolEntry,
};

pub(crate) fn offered() -> Offered {
    Offered {
        tools: true,
        resources: true,
        subscribe: true,
        prompts: true,
        completions: true,
        logging: true,
        tools_list_changed: true,
        resources_list_changed: true,
        prompts_list_changed: true,
        client_events: true,
    }
}

/// A component that answers its list requests itself.
pub(crate) fn service_offer() -> Offer {
    Offer {
        info: r#"{"name":"server","version":"2"}"#.to_owned(),
        capabilities: r#"{"logging":{},"tools":{}}"#.to_owned(),
        instructions: Some("be kind".to_owned()),
        offered: offered(),
        catalog: None,
    }
}

/// A component that registers its entries.
pub(crate) fn backend_offer() -> Offer {
    Offer {
        catalog: Some(Arc::new(catalog())),
        ..service_offer()
    }
}

pub(crate) fn tool(name: &str, input: &str, output: Option<&str>) -> ToolEntry {
    ToolEntry {
        name: name.to_owned(),
        json: format!("{{\"name\":{name:?},\"inputSchema\":{input}}}"),
        input_schema: input.to_owned(),
        output_schema: output.map(ToOwned::to_owned),
    }
}

pub(crate) const COUNT: &str =
    r#"{"type":"object","properties":{"count":{"type":"integer"}},"required":["count"]}"#;

pub(crate) fn catalog() -> Catalog {
    let mut catalog = Catalog::new(1000);
    let tools = vec![
        tool("any", r#"{"type":"object"}"#, None),
        tool("count", COUNT, Some(COUNT)),
    ];
    catalog.add_tools(tools).unwrap();
    let resource = |uri: &str| ResourceEntry {
        uri: uri.to_owned(),
        json: json!({"uri": uri, "name": "r"}).to_string(),
    };
    catalog
        .add_resources(vec![resource("test://a"), resource("test://b")])
        .unwrap();
    let uri_template = "test://{id}".to_owned();
    let json = json!({"uriTemplate": uri_template, "name": "t"}).to_string();
    catalog
        .add_templates(vec![TemplateEntry { uri_template, json }])
        .unwrap();
    let prompt = PromptEntry {
        name: "greet".to_owned(),
        json: r#"{"name":"greet"}"#.to_owned(),
        arguments: vec![("who".to_owned(), true), ("how".to_owned(), false)],
    };
    catalog.add_prompts(vec![prompt]).unwrap();
    catalog
}
