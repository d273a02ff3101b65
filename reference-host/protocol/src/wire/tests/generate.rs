//! Generates values of every type from the same tables as the mapping.

use std::collections::HashSet;

use proptest::collection::vec;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use proptest::sample::select;

use crate::wire::codec::{Base64, Codec, Json, JsonObject, Map, Priority, Size};
use wasi_mcp_types::content::{
    BlobResourceContents, BooleanSchema, CompleteArgument, CompleteParams, CompleteResult,
    CompletionReference, ElicitAction, ElicitResult, ElicitValue, EnumSchema, NumberSchema,
    PrimitiveSchema, PromptReference, ResourceContents, StringSchema, TextResourceContents,
};

/// A codec whose values can be generated.
pub(in crate::wire) trait Generate: Codec {
    fn strategy() -> BoxedStrategy<Self::Value>;
}

/// Number text that a round trip through any number type would change.
const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "1.0",
    "1e400",
    "-1E-7",
    "12345678901234567890",
    "0.10000000000000000000001",
];

/// The text of any JSON value, without white space between tokens.
fn json_text() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        select(NUMBERS).prop_map(str::to_owned),
        select(&["null", "true", "false", r#""\ud83d\ude00\/\u0000""#][..]).prop_map(str::to_owned),
        any::<String>().prop_map(|text| quoted(&text)),
    ];
    leaf.prop_recursive(3, 12, 4, |value| {
        prop_oneof![
            vec(value.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            members("", value).prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    })
    .boxed()
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string has a JSON form")
}

/// Members with different names that start with `prefix`.
fn members(
    prefix: &'static str,
    value: impl Strategy<Value = String> + 'static,
) -> BoxedStrategy<Vec<String>> {
    vec((any::<String>(), value), 0..4)
        .prop_map(move |members| {
            let mut names = HashSet::new();
            members
                .into_iter()
                .map(|(name, value)| (quoted(&format!("{prefix}{name}")), value))
                .filter(|(name, _)| names.insert(name.clone()))
                .map(|(name, value)| format!("{name}:{value}"))
                .collect()
        })
        .boxed()
}

/// The text of an object that also passes for the schema of a tool.
fn object_text() -> BoxedStrategy<String> {
    members("com.example/", json_text())
        .prop_map(|members| {
            let members: String = members.iter().map(|member| format!(",{member}")).collect();
            format!(r#"{{"type":"object"{members}}}"#)
        })
        .boxed()
}

/// The text of an object of a kind that no case names.
pub(in crate::wire) fn other_kind() -> BoxedStrategy<String> {
    ("[a-z]{1,8}", members("com.example/", json_text()))
        .prop_map(|(kind, members)| {
            let members: String = members.iter().map(|member| format!(",{member}")).collect();
            format!(r#"{{"type":"com.example/{kind}"{members}}}"#)
        })
        .boxed()
}

/// Members that no record names.
pub(in crate::wire) fn extra(_field: &str) -> BoxedStrategy<Option<String>> {
    let members = members("com.example/", json_text())
        .prop_map(|members| (!members.is_empty()).then(|| format!("{{{}}}", members.join(","))));
    prop_oneof![Just(None), members].boxed()
}

impl Generate for String {
    fn strategy() -> BoxedStrategy<String> {
        prop_oneof![
            Just(String::new()),
            Just("file:///a b".to_owned()),
            any::<String>()
        ]
        .boxed()
    }
}

impl Generate for bool {
    fn strategy() -> BoxedStrategy<bool> {
        any::<bool>().boxed()
    }
}

impl Generate for u32 {
    fn strategy() -> BoxedStrategy<u32> {
        prop_oneof![Just(0), Just(u32::MAX), any::<u32>()].boxed()
    }
}

impl Generate for f64 {
    fn strategy() -> BoxedStrategy<f64> {
        use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
        prop_oneof![
            POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO,
            any::<i32>().prop_map(f64::from),
            Just(9_007_199_254_740_993.0),
        ]
        .boxed()
    }
}

impl Generate for Priority {
    fn strategy() -> BoxedStrategy<f64> {
        prop_oneof![Just(0.0), Just(1.0), 0.0..=1.0].boxed()
    }
}

impl Generate for Size {
    fn strategy() -> BoxedStrategy<f64> {
        prop_oneof![
            Just(0.0),
            Just(9_007_199_254_740_992.0),
            any::<u32>().prop_map(f64::from)
        ]
        .boxed()
    }
}

impl Generate for Base64 {
    fn strategy() -> BoxedStrategy<Vec<u8>> {
        vec(any::<u8>(), 0..40).boxed()
    }
}

impl Generate for Json {
    fn strategy() -> BoxedStrategy<String> {
        json_text()
    }
}

impl Generate for JsonObject {
    fn strategy() -> BoxedStrategy<String> {
        object_text()
    }
}

impl<C: Generate> Generate for Option<C>
where
    C::Value: Clone + std::fmt::Debug + 'static,
{
    fn strategy() -> BoxedStrategy<Option<C::Value>> {
        proptest::option::of(C::strategy()).boxed()
    }
}

impl<C: Generate> Generate for Vec<C>
where
    C::Value: std::fmt::Debug + 'static,
{
    fn strategy() -> BoxedStrategy<Vec<C::Value>> {
        vec(C::strategy(), 0..4).boxed()
    }
}

impl<C: Generate> Generate for Map<C>
where
    C::Value: std::fmt::Debug + 'static,
{
    fn strategy() -> BoxedStrategy<Vec<(String, C::Value)>> {
        vec((String::strategy(), C::strategy()), 0..4)
            .prop_map(|mut members| {
                let mut names = HashSet::new();
                members.retain(|(name, _)| names.insert(name.clone()));
                members
            })
            .boxed()
    }
}

impl Generate for ResourceContents {
    fn strategy() -> BoxedStrategy<Self> {
        prop_oneof![
            TextResourceContents::strategy().prop_map(Self::Text),
            BlobResourceContents::strategy().prop_map(Self::Blob),
        ]
        .boxed()
    }
}

impl Generate for CompletionReference {
    fn strategy() -> BoxedStrategy<Self> {
        prop_oneof![
            PromptReference::strategy().prop_map(Self::Prompt),
            String::strategy().prop_map(Self::ResourceTemplate),
            other_kind().prop_map(Self::Other),
        ]
        .boxed()
    }
}

impl Generate for CompleteParams {
    fn strategy() -> BoxedStrategy<Self> {
        (
            CompletionReference::strategy(),
            CompleteArgument::strategy(),
            Option::<Map<String>>::strategy(),
            extra("extra"),
        )
            .prop_map(|(ref_, argument, context_arguments, extra)| Self {
                ref_,
                argument,
                context_arguments,
                extra,
            })
            .boxed()
    }
}

impl Generate for CompleteResult {
    fn strategy() -> BoxedStrategy<Self> {
        (
            prop_oneof![
                Just(vec![String::from("v"); 100]),
                vec(String::strategy(), 0..9)
            ],
            Option::<u32>::strategy(),
            Option::<bool>::strategy(),
            Option::<JsonObject>::strategy(),
            extra("extra"),
        )
            .prop_map(|(values, total, has_more, meta, extra)| Self {
                values,
                total,
                has_more,
                meta,
                extra,
            })
            .boxed()
    }
}

impl Generate for ElicitResult {
    fn strategy() -> BoxedStrategy<Self> {
        let accepted = Option::<Map<ElicitValue>>::strategy()
            .prop_map(|content| (ElicitAction::Accept, content));
        let refused = select(&[ElicitAction::Decline, ElicitAction::Cancel][..])
            .prop_map(|action| (action, None));
        (
            prop_oneof![accepted, refused],
            Option::<JsonObject>::strategy(),
            extra("extra"),
        )
            .prop_map(|((action, content), meta, extra)| Self {
                action,
                content,
                meta,
                extra,
            })
            .boxed()
    }
}

impl Generate for PrimitiveSchema {
    fn strategy() -> BoxedStrategy<Self> {
        prop_oneof![
            StringSchema::strategy().prop_map(Self::Text),
            NumberSchema::strategy().prop_map(Self::Number),
            BooleanSchema::strategy().prop_map(Self::Boolean),
            EnumSchema::strategy().prop_map(Self::Enumeration),
            other_kind().prop_map(Self::Other),
        ]
        .boxed()
    }
}

impl Generate for ElicitValue {
    fn strategy() -> BoxedStrategy<Self> {
        prop_oneof![
            String::strategy().prop_map(Self::Text),
            f64::strategy().prop_map(Self::Number),
            bool::strategy().prop_map(Self::Boolean),
            prop_oneof![
                Just("null".to_owned()),
                object_text(),
                vec(json_text(), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            ]
            .prop_map(Self::Other),
        ]
        .boxed()
    }
}
