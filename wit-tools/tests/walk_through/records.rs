// A service whose lists depend on the user.

wit_bindgen::generate!({ path: "WIT", world: "records", generate_all });

use exports::wasi::mcp::{resource_catalog, resources, server_catalog};
use wasi::mcp::capabilities::Server;
use wasi::mcp::content::{
    ListResourceTemplatesResult, ListResourcesResult, ReadResourceParams, ReadResourceResult,
};
use wasi::mcp::context::RequestContext;
use wasi::mcp::identity;
use wasi::mcp::types::{Error, ErrorCode};

struct Records;

impl server_catalog::Guest for Records {
    async fn get_server() -> Result<Server, Error> {
        Err(invalid_cursor())
    }
}

impl resource_catalog::Guest for Records {
    async fn list_resources(
        ctx: RequestContext,
        cursor: Option<String>,
    ) -> Result<ListResourcesResult, Error> {
        list_resources(ctx, cursor).await
    }

    async fn list_resource_templates(
        _: RequestContext,
        _: Option<String>,
    ) -> Result<ListResourceTemplatesResult, Error> {
        Err(invalid_cursor())
    }
}

impl resources::Guest for Records {
    async fn read_resource(
        _: RequestContext,
        _: ReadResourceParams,
    ) -> Result<ReadResourceResult, Error> {
        Err(invalid_cursor())
    }
}

export!(Records);

// @block Lists that vary: a service: rust 1
// @block Who is asking: rust 1

enum Owner {
    User(String, Option<String>),
    Local,
}

mod store {
    use super::Owner;
    use super::wasi::mcp::content::Resource;

    pub struct Page {
        pub items: Vec<Resource>,
        pub next: Option<String>,
    }

    /// Nothing, for whoever asks.
    pub fn page(owner: Owner, cursor: Option<&str>) -> Option<Page> {
        match (owner, cursor) {
            (Owner::User(issuer, subject), None) if issuer.is_empty() && subject.is_none() => None,
            (_, None) => Some(Page {
                items: Vec::new(),
                next: None,
            }),
            _ => None,
        }
    }
}

fn invalid_cursor() -> Error {
    Error {
        code: ErrorCode::InvalidParams,
        message: "unknown cursor".into(),
        data: None,
    }
}
