//! Results of `resources/read` whose last blob is streamed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Bound, ToJson as _, to_json_within};
use crate::json::{Fault, Writer};
use wasi_mcp_types::content::{ReadResourceResult, ResourceContents};

/// The number of bytes that become four characters of base64.
const GROUP: usize = 3;
/// The member of contents that the stream continues, with its opening quote.
const BLOB: &[u8] = br#""blob":""#;
/// The beginning of a result without contents.
const NO_CONTENTS: &[u8] = br#"{"contents":[]"#;

/// The JSON text around a blob that is yet to come.
#[derive(Debug)]
pub struct StreamedResult {
    /// The text up to the first character that the stream adds to the blob.
    pub head: Vec<u8>,
    /// The text after the blob's last character.
    pub tail: Vec<u8>,
    /// Encodes the bytes of the stream. `head` has the bytes that the result came with.
    pub encoder: BlobEncoder,
}

/// Splits the JSON text of a result at the blob of its last contents, which the bytes of a stream
/// continue.
///
/// # Errors
///
/// As [`to_json_within`], and a [`Fault`] where the last contents are not a blob.
pub fn streamed_result(
    mut result: ReadResourceResult,
    bound: Bound<'_>,
) -> Result<StreamedResult, Fault> {
    let not_a_blob = || Fault::new("a blob as the last item").within("contents");
    let Some(ResourceContents::Blob(mut last)) = result.contents.pop() else {
        return Err(not_a_blob());
    };
    let begun = std::mem::take(&mut last.blob);
    let last = to_json_within(&last, bound)?;
    // Quotes within the strings before the blob are escaped, so this is the member itself.
    let blob = memchr::memmem::find(&last, BLOB).ok_or_else(not_a_blob)? + BLOB.len();

    let is_first = result.contents.is_empty();
    let mut head = Writer::with_capacity(256).limited(bound.bytes);
    head.begin_object().key("contents").begin_array();
    for contents in std::mem::take(&mut result.contents) {
        contents.write(&mut head)?;
    }
    if head.is_over() {
        return Err(bound.exceed());
    }
    let mut head = head.into_bytes();
    if !is_first {
        head.push(b',');
    }
    head.extend_from_slice(&last[..blob]);
    let mut encoder = BlobEncoder::default();
    encoder.encode(&begun, &mut head);

    let rest = to_json_within(&result, bound)?;
    let rest = rest.strip_prefix(NO_CONTENTS).ok_or_else(not_a_blob)?;
    let mut tail = last[blob..].to_vec();
    tail.push(b']');
    tail.extend_from_slice(rest);
    if head.len() + tail.len() > bound.bytes {
        return Err(bound.exceed());
    }
    Ok(StreamedResult {
        head,
        tail,
        encoder,
    })
}

/// Encodes a stream of bytes as base64: standard alphabet with padding ([RFC 4648, section
/// 4](https://www.rfc-editor.org/rfc/rfc4648#section-4)).
#[derive(Debug, Default)]
pub struct BlobEncoder {
    /// Bytes of an incomplete group.
    rest: [u8; GROUP],
    held: usize,
}

impl BlobEncoder {
    /// Appends the characters of all whole groups, and keeps up to two bytes for the next call.
    pub fn encode(&mut self, mut bytes: &[u8], into: &mut Vec<u8>) {
        if self.held > 0 {
            let (first, others) = bytes.split_at(bytes.len().min(GROUP - self.held));
            self.rest[self.held..self.held + first.len()].copy_from_slice(first);
            self.held += first.len();
            bytes = others;
            if self.held < GROUP {
                return;
            }
            append(&self.rest, into);
            self.held = 0;
        }
        let (groups, rest) = bytes.split_at(bytes.len() - bytes.len() % GROUP);
        append(groups, into);
        self.rest[..rest.len()].copy_from_slice(rest);
        self.held = rest.len();
    }

    /// Appends the characters of the last bytes, with their padding.
    pub fn finish(self, into: &mut Vec<u8>) {
        append(&self.rest[..self.held], into);
    }
}

fn append(bytes: &[u8], into: &mut Vec<u8>) {
    let start = into.len();
    into.resize(start + bytes.len().div_ceil(GROUP) * 4, 0);
    let written = STANDARD.encode_slice(bytes, &mut into[start..]);
    debug_assert_eq!(written, Ok(into.len() - start));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use wasi_mcp_types::content::{BlobResourceContents, TextResourceContents};

    use super::*;
    use crate::wire::to_json;

    const WIDE: Bound<'_> = Bound {
        bytes: 1 << 20,
        exceeded: &|| {},
    };

    fn blob(bytes: &[u8]) -> ResourceContents {
        ResourceContents::Blob(BlobResourceContents {
            uri: "a:\"blob\":\"".to_owned(),
            mime_type: Some("text/\"blob\":\"".to_owned()),
            blob: bytes.to_vec(),
            meta: Some(r#"{"blob":""}"#.to_owned()),
            extra: Some(r#"{"x":{"blob":""}}"#.to_owned()),
        })
    }

    fn result(contents: Vec<ResourceContents>) -> ReadResourceResult {
        ReadResourceResult {
            contents,
            meta: Some(r#"{"a":1}"#.to_owned()),
            extra: Some(r#"{"more":[]}"#.to_owned()),
        }
    }

    fn text() -> ResourceContents {
        ResourceContents::Text(TextResourceContents {
            uri: "a:b".to_owned(),
            mime_type: None,
            text: r#""blob":""#.to_owned(),
            meta: None,
            extra: None,
        })
    }

    proptest! {
        #[test]
        fn pieces_make_the_same_text_as_the_whole(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..9), 0..9),
            before in 0_usize..3,
        ) {
            let mut contents: Vec<_> = (0..before)
                .map(|number| if number == 0 { text() } else { blob(b"other") })
                .collect();
            let begun = pieces.first().cloned().unwrap_or_default();
            let whole: Vec<u8> = pieces.concat();
            contents.push(blob(&begun));
            let StreamedResult { head: mut written, tail, mut encoder } =
                streamed_result(result(contents.clone()), WIDE).unwrap();
            for piece in pieces.iter().skip(1) {
                encoder.encode(piece, &mut written);
            }
            encoder.finish(&mut written);
            written.extend(tail);
            contents.pop();
            contents.push(blob(&whole));
            let expected = to_json(&result(contents)).unwrap();
            prop_assert_eq!(String::from_utf8(written), String::from_utf8(expected));
        }
    }

    #[test]
    fn only_a_blob_can_be_continued() {
        for contents in [vec![], vec![text()], vec![blob(b""), text()]] {
            let fault = streamed_result(result(contents), WIDE).unwrap_err();
            assert_eq!(
                fault.to_string(),
                "`contents`: a blob as the last item is expected"
            );
        }
    }

    #[test]
    fn the_result_itself_is_bounded() {
        let narrow = Bound {
            bytes: 200,
            exceeded: &|| {},
        };
        let contents = vec![text(), text(), text(), text(), blob(b"")];
        assert!(streamed_result(result(contents), narrow).is_err());
        assert!(streamed_result(result(vec![blob(&[0; 300])]), narrow).is_err());
    }
}
