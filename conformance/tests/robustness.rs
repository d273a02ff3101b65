//! The suite survives any input from a server.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use wasi_mcp_conformance::driver::text;
use wasi_mcp_conformance::wire::envelope::{Envelope, Message};
use wasi_mcp_conformance::wire::formats;
use wasi_mcp_conformance::wire::identifier::Identifier;
use wasi_mcp_conformance::wire::methods::METHODS;

/// Names that the envelope and the shapes look for.
const NAMES: &str = "jsonrpc|id|method|params|result|error|code|message|data|_meta|type|text|blob|uri|enum|enumNames|\
    required|properties|values|total|hasMore|annotations|requestedSchema|progressToken|[a-z]{0,3}|.{0,3}";

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "text|image|resource|object|string|2\\.0|ping|tools/list|notifications/message"
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((NAMES, inner), 0..8)
                .prop_map(|members| members.into_iter().collect::<Map<String, Value>>().into()),
        ]
    })
}

/// Strings that almost match one of the formats.
fn nearly() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,24}",
        "[0-9ü]{4}-?[0-9]{2}-?[0-9é]{2}[Tt ]?[0-9:]{0,8}[.,]?[0-9]{0,3}[Zz+-]?[0-9:ß]{0,5}",
        "[a-z]{0,3}:[%0-9a-fü]{0,8}[#?]{0,2}",
        "[a-z/]{0,4}[{][+#./;?&]{0,2}[a-zü:*0-9,%]{0,6}[}]?",
        "[a-z.-]{0,6}/{0,2}[a-z_.ü-]{0,4}",
        "[A-Za-z0-9+/=_-]{0,12}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let envelope = Envelope::read(&bytes);
        let legible = std::str::from_utf8(&bytes).is_ok_and(|text| serde_json::from_str::<Value>(text).is_ok());
        prop_assert!(legible || (envelope.message == Message::Unreadable && !envelope.defects.is_empty()));
    }

    #[test]
    fn any_bytes_are_mended(bytes in prop::collection::vec(any::<u8>(), 0..64), more in ".{0,40}") {
        for text in [bytes.clone(), [b"{\"", &bytes[..], b"\":", more.as_bytes()].concat()] {
            let (mended, _) = text::mend(&text);
            prop_assert!(mended.len() <= 6 * text.len());
            text::read(&text);
            let mut assembly = text::Assembly::default();
            let lines = text.split(|byte| *byte == b'\n');
            let mut out: Vec<u8> = lines
                .flat_map(|line| assembly.take(line.to_vec()))
                .flat_map(|one| [one.bytes, vec![b'\n']].concat())
                .collect();
            out.extend(assembly.give_up().into_iter().flat_map(|one| [one.bytes, vec![b'\n']].concat()));
            out.pop();
            prop_assert_eq!(out, text, "no byte is lost");
        }
    }

    #[test]
    fn legal_text_is_not_mended(value in value()) {
        let text = value.to_string();
        let (mended, defects) = text::mend(text.as_bytes());
        prop_assert_eq!(mended.as_ref(), text.as_bytes());
        prop_assert!(defects.is_empty(), "{:?}", defects);
    }

    #[test]
    fn any_value_is_read_as_one_kind(value in value()) {
        let envelope = Envelope::read(value.to_string().as_bytes());
        if envelope.message == Message::Unreadable {
            prop_assert!(!envelope.defects.is_empty(), "{value} is unreadable for no reason");
        }
        if !value.is_object() {
            prop_assert_eq!(&envelope.message, &Message::Unreadable);
        }
        prop_assert_eq!(Envelope::read(value.to_string().as_bytes()), envelope);
    }

    #[test]
    fn a_message_is_read_though_it_is_cut(value in value(), keep in 0.0f64..1.0) {
        let text = json!({"jsonrpc": "2.0", "id": 1, "result": value}).to_string();
        let end = (text.len() as f64 * keep) as usize;
        let envelope = Envelope::read(&text.as_bytes()[..end]);
        prop_assert_eq!(envelope.message, Message::Unreadable);
    }

    #[test]
    fn any_value_is_compared_with_every_shape(value in value()) {
        for method in METHODS {
            for inspection in [method.inspect_params(&value), method.inspect_result(&value)] {
                for fault in inspection.faults {
                    prop_assert!(fault.path.starts_with("params") || fault.path.starts_with("result"));
                    prop_assert!(!fault.text.is_empty());
                }
            }
            if !value.is_object() && !value.is_null() {
                prop_assert!(!method.inspect_params(&value).faults.is_empty());
            }
        }
    }

    #[test]
    fn any_text_is_compared_with_every_format(text in nearly()) {
        let verdicts = [
            formats::is_uri(&text),
            formats::is_uri_template(&text),
            formats::is_base64(&text),
            formats::is_media_type(&text),
            formats::is_timestamp(&text),
            formats::meta_key_fault(&text).is_none(),
        ];
        // An empty text is only accepted by formats that may be empty.
        prop_assert!(!text.is_empty() || verdicts == [false, true, true, false, false, true]);
        prop_assert_eq!(formats::is_base64(&text), formats::base64_bytes(&text).is_some());
    }

    #[test]
    fn any_id_is_equal_to_itself(value in value()) {
        let id = Identifier::from_value(&value);
        prop_assert_eq!(&Identifier::from_json(id.as_json()), &id);
        prop_assert_eq!(id.is_legal(), value.is_string() || (value.is_number() && value.as_f64().is_some_and(|number| number.fract() == 0.0)));
    }
}
