//! Minimal valid binary data, and records with every member.

use wasi_mcp_guest::records::*;
use wasi_mcp_guest::{Role, content};

/// A picture of one pixel, `image/png`.
pub const PIXEL: &[u8] = include_bytes!("../assets/pixel.png");
/// A millisecond of silence, `audio/wav`.
pub const SILENCE: &[u8] = include_bytes!("../assets/silence.wav");

/// `_meta` with a key of our own and a number that binary floating point cannot represent.
pub const META: &str = r#"{"example.org/revision": 9007199254740993}"#;
/// A member that the interface does not name.
pub const EXTRA: &str = r#"{"x-reference": {"kept": 1.10}}"#;

pub fn image() -> ContentBlock {
    content::image("image/png", PIXEL)
}

pub fn audio() -> ContentBlock {
    content::audio("audio/wav", SILENCE)
}

/// Returns annotations with every member, so that each is seen on the wire.
pub fn annotations() -> Annotations {
    Annotations {
        audience: Some(vec![Role::User, Role::Assistant]),
        priority: Some(0.25),
        last_modified: Some("2025-06-18T12:00:00Z".into()),
    }
}

/// Returns every kind of content block, with every optional member set.
pub fn every_kind() -> Vec<ContentBlock> {
    let annotations = || Some(annotations());
    let meta = || Some(META.to_owned());
    let extra = || Some(EXTRA.to_owned());
    let embedded = |resource| {
        ContentBlock::EmbeddedResource(EmbeddedResource {
            resource,
            annotations: annotations(),
            meta: meta(),
            extra: extra(),
        })
    };
    vec![
        ContentBlock::Text(TextContent {
            text: "Some text with \"quotes\", a \\, a line\nbreak, and ünïcödé 🦀.".into(),
            annotations: annotations(),
            meta: meta(),
            extra: extra(),
        }),
        ContentBlock::Image(ImageContent {
            data: PIXEL.into(),
            mime_type: "image/png".into(),
            annotations: annotations(),
            meta: meta(),
            extra: extra(),
        }),
        ContentBlock::Audio(AudioContent {
            data: SILENCE.into(),
            mime_type: "audio/wav".into(),
            annotations: annotations(),
            meta: meta(),
            extra: extra(),
        }),
        ContentBlock::ResourceLink(ResourceLink {
            uri: "test://static-text".into(),
            name: "static-text".into(),
            title: Some("Static text".into()),
            description: Some("A link to a resource of this server.".into()),
            mime_type: Some("text/plain".into()),
            size: Some(48.0),
            annotations: annotations(),
            meta: meta(),
            extra: extra(),
        }),
        embedded(ResourceContents::Text(TextResourceContents {
            uri: "test://embedded-resource".into(),
            mime_type: Some("text/plain".into()),
            text: "This is an embedded resource content.".into(),
            meta: meta(),
            extra: extra(),
        })),
        embedded(ResourceContents::Blob(BlobResourceContents {
            uri: "test://static-binary".into(),
            mime_type: Some("image/png".into()),
            blob: PIXEL.into(),
            meta: meta(),
            extra: extra(),
        })),
    ]
}
