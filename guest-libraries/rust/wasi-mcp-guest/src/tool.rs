//! Tools: their arguments, results and failures.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/tools>

use std::fmt;
use std::fmt::{Display, Write as _};
use std::rc::Rc;

use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasi_mcp_types::content::{
    AudioContent, CallToolResult, ContentBlock, EmbeddedResource, ImageContent, ResourceLink,
    TextContent, Tool,
};
use wasi_mcp_types::types::Error;

use crate::content::text;
use crate::context::Context;
use crate::errors::{internal, invalid_params, same_type};
use crate::items::{Items, LocalFuture, Origin};
use crate::schema;

/// Structured content: a value that is written as JSON, with the output schema of its type.
///
/// The type must be written as an object, which structs and maps are. The same JSON is also returned
/// as text, for clients that do not support structured content. A resource is read as JSON text.
///
/// ```
/// # use schemars::JsonSchema;
/// # use serde::Serialize;
/// use wasi_mcp_guest::Json;
///
/// #[derive(Serialize, JsonSchema)]
/// struct Sum {
///     sum: f64,
/// }
///
/// fn add(a: f64, b: f64) -> Json<Sum> {
///     Json(Sum { sum: a + b })
/// }
/// # assert_eq!(add(1.0, 2.0).0.sum, 3.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Json<T>(pub T);

/// All arguments of a tool as one struct, instead of one parameter for each.
///
/// The schema of the struct is the input schema of the tool, with the comments at its fields as
/// descriptions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arguments<T>(pub T);

/// The failure of a tool, which the model sees.
///
/// Every error converts into it with `?`. A tool may as well return another error type that can be
/// displayed: the failure then has its text.
///
/// [`ToolError::protocol`] ends the request with a JSON-RPC error instead, which the model does not
/// see.
#[derive(Debug)]
pub struct ToolError(Outcome);

#[derive(Debug)]
enum Outcome {
    Failed(Box<CallToolResult>),
    Refused(Error),
}

impl ToolError {
    /// Returns a failure with a text.
    pub fn new(message: impl Display) -> Self {
        Self::with_result(CallToolResult {
            content: vec![text(message.to_string())],
            ..CallToolResult::default()
        })
    }

    /// Returns a failure with a result, which is marked as failed.
    pub fn with_result(result: CallToolResult) -> Self {
        Self(Outcome::Failed(Box::new(CallToolResult {
            is_error: Some(true),
            ..result
        })))
    }

    /// Returns an error of the protocol, which becomes the answer to the request.
    pub fn protocol(error: Error) -> Self {
        Self(Outcome::Refused(error))
    }

    /// Returns the failure with the text of any error that can be displayed.
    fn displaying<E: Display + 'static>(error: E) -> Self {
        // The alternate form of `anyhow` and its like is the whole chain of causes.
        same_type(error).unwrap_or_else(|error| Self::new(format!("{error:#}")))
    }
}

impl Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Outcome::Refused(error) => error.fmt(f),
            Outcome::Failed(result) => match result.content.first() {
                Some(ContentBlock::Text(content)) => f.write_str(&content.text),
                _ => f.write_str("the tool failed"),
            },
        }
    }
}

impl<E: std::error::Error + 'static> From<E> for ToolError {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            // Writing to a string does not fail.
            let _ = write!(message, ": {error}");
            cause = error.source();
        }
        Self::new(message)
    }
}

/// The result of a tool.
///
/// | type | result |
/// |---|---|
/// | `()` | no content |
/// | `String`, `&'static str` | one text |
/// | a content block, its record, or a `Vec` of blocks | these |
/// | [`Json`] | structured content with its output schema, and the same as text |
/// | [`CallToolResult`] | that |
/// | `Result<T, E>` | of an error the failure with its text |
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the result of a tool",
    label = "not a result of a tool",
    note = "return `String`, `Json<T>` of a type with `Serialize` and `JsonSchema`, `ContentBlock` or a `Vec` of them, `CallToolResult`, `()`, or a `Result` of one of these with an error that implements `Display`"
)]
pub trait IntoToolResult {
    /// Returns the schema of the structured content, where there is one.
    fn output_schema() -> Option<Schema> {
        None
    }

    /// Returns the result, or an error that ends the request.
    fn into_tool_result(self) -> Result<CallToolResult, Error>;
}

impl IntoToolResult for CallToolResult {
    fn into_tool_result(self) -> Result<CallToolResult, Error> {
        Ok(self)
    }
}

impl IntoToolResult for () {
    fn into_tool_result(self) -> Result<CallToolResult, Error> {
        Ok(CallToolResult::default())
    }
}

impl IntoToolResult for Vec<ContentBlock> {
    fn into_tool_result(self) -> Result<CallToolResult, Error> {
        Ok(CallToolResult {
            content: self,
            ..CallToolResult::default()
        })
    }
}

macro_rules! content {
    ($($type:ty: $block:expr;)*) => {$(
        impl IntoToolResult for $type {
            fn into_tool_result(self) -> Result<CallToolResult, Error> {
                vec![$block(self)].into_tool_result()
            }
        }
    )*};
}
content! {
    String: text;
    &'static str: text;
    ContentBlock: std::convert::identity;
    TextContent: ContentBlock::Text;
    ImageContent: ContentBlock::Image;
    AudioContent: ContentBlock::Audio;
    ResourceLink: ContentBlock::ResourceLink;
    EmbeddedResource: ContentBlock::EmbeddedResource;
}

impl<T: Serialize + JsonSchema> IntoToolResult for Json<T> {
    fn output_schema() -> Option<Schema> {
        Some(schema::of::<T>(false))
    }

    fn into_tool_result(self) -> Result<CallToolResult, Error> {
        let json = serde_json::to_string(&self.0)
            .map_err(|cause| internal(format!("the result cannot be written as JSON: {cause}")))?;
        Ok(CallToolResult {
            content: vec![text(json.clone())],
            structured_content: Some(json),
            ..CallToolResult::default()
        })
    }
}

impl<T: IntoToolResult, E: Display + 'static> IntoToolResult for Result<T, E> {
    fn output_schema() -> Option<Schema> {
        T::output_schema()
    }

    fn into_tool_result(self) -> Result<CallToolResult, Error> {
        match self {
            Ok(value) => value.into_tool_result(),
            Err(error) => match ToolError::displaying(error).0 {
                Outcome::Failed(result) => Ok(*result),
                Outcome::Refused(error) => Err(error),
            },
        }
    }
}

/// Adds the tool of a function. Schemas that the description has already are not derived.
pub fn add<A, R>(
    items: &mut Items,
    origin: Origin,
    mut tool: Tool,
    call: fn(Context, A) -> LocalFuture<Result<CallToolResult, Error>>,
) where
    A: DeserializeOwned + JsonSchema + 'static,
    R: IntoToolResult,
{
    if tool.input_schema.is_empty() {
        let schema = schema::of::<A>(true);
        let faults = schema::faulty_defaults(&schema);
        let faults = faults.map(|fault| format!("tool {origin}: {fault}: change one"));
        items.faults.extend(faults);
        match schema::object_text(&schema) {
            Ok(text) => tool.input_schema = text,
            Err(fault) => items.faults.push(format!(
                "tool {origin}: the arguments must be an object, but {fault}: use a struct, or set `input_schema`"
            )),
        }
    }
    if tool.output_schema.is_none()
        && let Some(schema) = R::output_schema()
    {
        match schema::object_text(&schema) {
            Ok(text) => tool.output_schema = Some(text),
            Err(fault) => items.faults.push(format!(
                "tool {origin}: structured content must be an object, but {fault}: return a struct in `Json`"
            )),
        }
    }
    items.add_tool(
        origin,
        tool,
        Rc::new(move |context, params| {
            let text = params.arguments.as_deref().unwrap_or("{}");
            match serde_json::from_str(text) {
                Ok(arguments) => call(context, arguments),
                Err(cause) => {
                    let error = invalid_params(format!("invalid arguments: {cause}"));
                    Box::pin(std::future::ready(Err(error)))
                }
            }
        }),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Outer(std::num::ParseIntError);
    impl Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("cannot read the number")
        }
    }
    impl std::error::Error for Outer {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }

    fn failing() -> Result<String, ToolError> {
        let number: i32 = "x".parse().map_err(Outer)?;
        Ok(number.to_string())
    }

    fn failed(message: &str) -> CallToolResult {
        CallToolResult {
            content: vec![text(message)],
            is_error: Some(true),
            ..CallToolResult::default()
        }
    }

    #[test]
    fn an_error_by_question_mark_is_a_failure_with_its_causes() {
        assert_eq!(
            failing().into_tool_result(),
            Ok(failed(
                "cannot read the number: invalid digit found in string"
            ))
        );
    }

    #[test]
    fn every_error_that_can_be_displayed_is_a_failure() {
        let result: Result<(), &'static str> = Err("no ink");
        assert_eq!(result.into_tool_result(), Ok(failed("no ink")));
        // Also the error of an import: the model sees that the client has no user to ask.
        let refused: Result<(), Error> = Err(invalid_params("not that"));
        assert_eq!(refused.into_tool_result(), Ok(failed("not that")));
    }

    #[test]
    fn an_error_of_the_protocol_ends_the_request() {
        let result: Result<(), ToolError> = Err(ToolError::protocol(invalid_params("not that")));
        assert_eq!(result.into_tool_result(), Err(invalid_params("not that")));
    }

    #[test]
    fn structured_content_is_also_text() {
        let result = Json(
            [("a", 1)]
                .into_iter()
                .collect::<std::collections::BTreeMap<_, _>>(),
        )
        .into_tool_result()
        .unwrap();
        assert_eq!(result.structured_content.as_deref(), Some(r#"{"a":1}"#));
        assert_eq!(result.content, [text(r#"{"a":1}"#)]);
    }
}
