//! Resources: the host hands every URI on, and keeps the list of subscriptions.

use crate::bindings::wasi::mcp::content::{
    BlobResourceContents, ReadResourceParams, ReadResourceResult, Resource, ResourceContents,
    ResourceTemplate, TextResourceContents,
};
use crate::bindings::wasi::mcp::types::{Error, ErrorCode};
use crate::host::RequestContext;
use crate::report::error;
use crate::shown::Shown;
use crate::{records, state, tools};

/// Every byte, so that base64 shows each of its letters.
const BYTES: &str = "probe:///bytes";
/// Every field of a result.
const FULL: &str = "probe:///full";
/// The parameters from the host, as text.
const SHOWN: &str = "probe:///shown";
/// A URI that this component does not have.
const MISSING: &str = "probe:///missing";
/// A URI to which one cannot be subscribed again once the instance was replaced.
const ONCE: &str = "probe:///once";
/// A URI that ends each new instance on which its subscription is repeated.
const FATAL: &str = "probe:///fatal";

pub fn registered() -> Vec<Resource> {
    let bytes = Resource {
        uri: BYTES.into(),
        name: "bytes".into(),
        ..Resource::default()
    };
    let mut resources = records::resources();
    resources.insert(0, bytes);
    resources
}

pub fn templates() -> Vec<ResourceTemplate> {
    let anything = ResourceTemplate {
        uri_template: "probe:///{name}".into(),
        name: "anything".into(),
        ..ResourceTemplate::default()
    };
    let mut templates = records::templates();
    templates.insert(0, anything);
    templates
}

pub fn read(params: ReadResourceParams) -> Result<ReadResourceResult, Error> {
    state::handled();
    if params.uri == MISSING {
        return Err(error(
            ErrorCode::ResourceNotFound,
            "There is no such resource",
        ));
    }
    if params.uri == FULL {
        return Ok(records::contents());
    }
    let text = if params.uri == SHOWN {
        params.shown().to_string()
    } else {
        params.uri.clone()
    };
    let contents = if params.uri == BYTES {
        ResourceContents::Blob(BlobResourceContents {
            uri: params.uri,
            blob: (0..=u8::MAX).collect(),
            ..BlobResourceContents::default()
        })
    } else {
        ResourceContents::Text(TextResourceContents {
            text,
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
    state::handled();
    // Neither id nor `_meta`: the host repeats the subscription.
    let of_request = context.get_id().is_some() || context.get_meta().is_some();
    if uri == MISSING || (uri == ONCE && !of_request) {
        return Err(error(
            ErrorCode::ResourceNotFound,
            "There is no such resource",
        ));
    }
    if uri == FATAL && !of_request {
        core::arch::wasm32::unreachable();
    }
    let principal = (!of_request).then(|| tools::contexts::principal(context));
    state::with(|state| {
        state.subscriptions.push((uri, of_request));
        state.repeating.extend(principal);
    });
    Ok(())
}

pub fn unsubscribe(uri: &str) -> Result<(), Error> {
    state::handled();
    state::with(|state| {
        state
            .subscriptions
            .retain(|(subscribed, _)| subscribed != uri)
    });
    Ok(())
}
