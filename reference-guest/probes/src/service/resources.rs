//! The service's resources.

use super::error;
use crate::bindings::wasi::mcp::content::*;
use crate::bindings::wasi::mcp::types::{Error, ErrorCode};
use crate::shown::Shown;
use crate::{mode, records};

const TEXT: &str = "service:///text";
const BYTES: &str = "service:///bytes";
const THIRD: &str = "service:///third";
const ITEM: &str = "service:///items/";
const WORDS: &str = "Some text.";

pub fn listed() -> Vec<Resource> {
    if mode::is("full") {
        return records::resources();
    }
    let size = if mode::is("size-wrong") {
        3.0
    } else {
        WORDS.len() as f64
    };
    let mut resources = vec![
        Resource {
            uri: TEXT.into(),
            name: "text".into(),
            mime_type: Some("text/plain".into()),
            size: Some(size),
            annotations: Some(Annotations {
                last_modified: Some(
                    if mode::is("time-wrong") {
                        "yesterday"
                    } else {
                        "2025-06-18T12:00:00Z"
                    }
                    .into(),
                ),
                ..Annotations::default()
            }),
            ..Resource::default()
        },
        Resource {
            uri: BYTES.into(),
            name: "bytes".into(),
            mime_type: Some("image/png".into()),
            ..Resource::default()
        },
        Resource {
            uri: THIRD.into(),
            name: "third".into(),
            ..Resource::default()
        },
    ];
    if mode::is("resource-twice") {
        let again = resources[0].clone();
        resources.push(again);
    }
    resources
}

pub fn templates() -> Vec<ResourceTemplate> {
    if mode::is("full") {
        return records::templates();
    }
    vec![ResourceTemplate {
        uri_template: "service:///items/{id}".into(),
        name: "items".into(),
        mime_type: Some(
            if mode::is("template-media-type") {
                "image/png"
            } else {
                "text/plain"
            }
            .into(),
        ),
        ..ResourceTemplate::default()
    }]
}

pub fn read(params: ReadResourceParams) -> Result<ReadResourceResult, Error> {
    if mode::is("full") {
        let mut result = records::contents();
        if let Some(ResourceContents::Text(contents)) = result.contents.first_mut() {
            contents.text = params.shown().to_string();
        }
        return Ok(result);
    }
    let uri = params.uri;
    let words = |uri: String| {
        ResourceContents::Text(TextResourceContents {
            uri: if mode::is("other-uri-given") {
                "service:///other".into()
            } else {
                uri
            },
            mime_type: Some("text/plain".into()),
            text: WORDS.into(),
            ..TextResourceContents::default()
        })
    };
    let contents = match uri.as_str() {
        THIRD if mode::is("resource-traps") => core::arch::wasm32::unreachable(),
        THIRD if mode::is("listed-missing") => return Err(missing(&uri)),
        THIRD if mode::is("failure-code") => {
            return Err(error(ErrorCode::Other(-32050), "The disk is gone"));
        }
        TEXT | THIRD => words(uri),
        BYTES if mode::is("bytes-as-text") => ResourceContents::Text(TextResourceContents {
            uri,
            mime_type: Some("image/png".into()),
            text: "\u{89}PNG\r\n\u{1a}\n\0\0".into(),
            ..TextResourceContents::default()
        }),
        BYTES => ResourceContents::Blob(BlobResourceContents {
            uri,
            mime_type: Some("image/png".into()),
            blob: b"\x89PNG\r\n\x1a\n".into(),
            ..BlobResourceContents::default()
        }),
        _ if uri.starts_with(ITEM) => words(uri),
        _ if mode::is("unknown-resource-served") => words(uri),
        _ if mode::is("unknown-resource-code") => {
            return Err(error(ErrorCode::InvalidParams, "There is no such resource"));
        }
        _ => return Err(missing(&uri)),
    };
    Ok(ReadResourceResult {
        contents: vec![contents],
        ..ReadResourceResult::default()
    })
}

fn missing(uri: &str) -> Error {
    Error {
        data: Some(serde_json::json!({ "uri": uri }).to_string()),
        ..error(ErrorCode::ResourceNotFound, "There is no such resource")
    }
}
