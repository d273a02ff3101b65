//! Resources: the host hands every URI on, and keeps the list of subscriptions.

use crate::bindings::wasi::mcp::content::{
    BlobResourceContents, ReadResourceParams, ReadResourceResult, Resource, ResourceContents,
    ResourceTemplate, TextResourceContents,
};
use crate::bindings::wasi::mcp::context::RequestContext;
use crate::bindings::wasi::mcp::types::{Error, ErrorCode};
use crate::report::error;
use crate::state;

/// Every byte, so that base64 shows each of its letters.
const BYTES: &str = "probe:///bytes";
/// A URI that this component does not have.
const MISSING: &str = "probe:///missing";
/// A URI to which one cannot be subscribed again once the instance was replaced.
const ONCE: &str = "probe:///once";
/// A URI that ends each new instance on which its subscription is repeated.
const FATAL: &str = "probe:///fatal";

pub fn registered() -> Resource {
    Resource {
        uri: BYTES.into(),
        name: "bytes".into(),
        ..Resource::default()
    }
}

pub fn template() -> ResourceTemplate {
    ResourceTemplate {
        uri_template: "probe:///{name}".into(),
        name: "anything".into(),
        ..ResourceTemplate::default()
    }
}

pub fn read(params: ReadResourceParams) -> Result<ReadResourceResult, Error> {
    if params.uri == MISSING {
        return Err(error(
            ErrorCode::ResourceNotFound,
            "There is no such resource",
        ));
    }
    let contents = if params.uri == BYTES {
        ResourceContents::Blob(BlobResourceContents {
            uri: params.uri,
            blob: (0..=u8::MAX).collect(),
            ..BlobResourceContents::default()
        })
    } else {
        ResourceContents::Text(TextResourceContents {
            text: params.uri.clone(),
            uri: params.uri,
            ..TextResourceContents::default()
        })
    };
    Ok(ReadResourceResult {
        contents: vec![contents],
        ..ReadResourceResult::default()
    })
}

pub fn subscribe(context: &RequestContext, uri: String) -> Result<(), Error> {
    let has_id = context.get_id().is_some();
    if uri == MISSING || (uri == ONCE && !has_id) {
        return Err(error(
            ErrorCode::ResourceNotFound,
            "There is no such resource",
        ));
    }
    if uri == FATAL && !has_id {
        core::arch::wasm32::unreachable();
    }
    state::with(|state| state.subscriptions.push((uri, has_id)));
    Ok(())
}

pub fn unsubscribe(uri: &str) -> Result<(), Error> {
    state::with(|state| {
        state
            .subscriptions
            .retain(|(subscribed, _)| subscribed != uri)
    });
    Ok(())
}
