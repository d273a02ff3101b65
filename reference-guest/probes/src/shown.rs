//! Records from the host, as JSON: every field, so that a check sees which was lost.
//!
//! A field that is `none` is `null`. A number is its text. JSON text stays text, unchanged.

use serde_json::{Map, Value, json};

use crate::bindings::wasi::mcp::capabilities::*;
use crate::bindings::wasi::mcp::content::*;
use crate::bindings::wasi::mcp::types::{Implementation, LogLevel, Role};

pub trait Shown {
    fn shown(&self) -> Value;
}

impl Shown for String {
    fn shown(&self) -> Value {
        self.clone().into()
    }
}

impl Shown for bool {
    fn shown(&self) -> Value {
        (*self).into()
    }
}

impl Shown for f64 {
    fn shown(&self) -> Value {
        self.to_string().into()
    }
}

/// Bytes, as their numbers.
impl Shown for Vec<u8> {
    fn shown(&self) -> Value {
        self.as_slice().into()
    }
}

impl<T: Shown> Shown for Option<T> {
    fn shown(&self) -> Value {
        self.as_ref().map_or(Value::Null, Shown::shown)
    }
}

fn list<T: Shown>(items: &[T]) -> Value {
    items.iter().map(Shown::shown).collect()
}

/// A list of named values, in its order: an object would hide a name that comes twice.
impl<T: Shown> Shown for Vec<(String, T)> {
    fn shown(&self) -> Value {
        let pairs = self.iter();
        pairs.map(|(name, it)| json!([name, it.shown()])).collect()
    }
}

/// The name of an enum's case.
macro_rules! named {
    ($($type:ty),*) => {$(
        impl Shown for $type {
            fn shown(&self) -> Value {
                let name = format!("{self:?}");
                name.rsplit("::").next().unwrap_or_default().into()
            }
        }
    )*};
}

named!(Role, LogLevel, ElicitAction);

/// The fields of a record: all of them, or the pattern does not compile.
macro_rules! records {
    ($($record:ident { $($field:ident $(($shown:expr))?),* })*) => {$(
        impl Shown for $record {
            fn shown(&self) -> Value {
                let Self { $($field),* } = self;
                let mut shown = Map::new();
                $(
                    shown.insert(stringify!($field).into(), records!(@ $field $($shown)?));
                )*
                Value::Object(shown)
            }
        }
    )*};
    (@ $field:ident) => { $field.shown() };
    (@ $field:ident $shown:expr) => { ($shown)($field) };
}

records! {
    Implementation { name, title, version, extra }
    Client { info, capabilities, protocol_version, log_level }
    ClientCapabilities { extra, experimental, roots, sampling, elicitation }
    RootsCapability { list_changed }
    Annotations {
        audience(|it: &Option<Vec<Role>>| it.as_deref().map_or(Value::Null, list)),
        priority, last_modified
    }
    TextContent { text, annotations, meta, extra }
    ImageContent { data, mime_type, annotations, meta, extra }
    AudioContent { data, mime_type, annotations, meta, extra }
    CallToolParams { name, arguments, extra }
    ReadResourceParams { uri, extra }
    GetPromptParams { name, arguments, extra }
    PromptReference { name, title }
    CompleteArgument { name, value }
    CompleteParams { ref_, argument, context_arguments, extra }
    CreateMessageResult { role, content, model, stop_reason, meta, extra }
    ElicitResult { action, content, meta, extra }
    ListRootsResult { roots(|it: &Vec<Root>| list(it)), meta, extra }
    Root { uri, name, meta, extra }
}

/// The case of a variant, and what it holds.
macro_rules! variants {
    ($($variant:ident { $($case:ident),* })*) => {$(
        impl Shown for $variant {
            fn shown(&self) -> Value {
                match self {
                    $(Self::$case(it) => json!([stringify!($case), it.shown()]),)*
                }
            }
        }
    )*};
}

variants! {
    SamplingContent { Text, Image, Audio, Other }
    CompletionReference { Prompt, ResourceTemplate, Other }
    ElicitValue { Text, Number, Boolean, Other }
}
