//! Structured content, which an output schema describes.
//!
//! <https://modelcontextprotocol.io/specification/2025-06-18/server/tools#structured-content>

#[wasi_mcp_guest::items(rename_all = "kebab-case")]
pub mod items {
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};
    use serde_json::value::RawValue;
    use wasi_mcp_guest::{Arguments, Json};

    #[derive(Serialize, JsonSchema)]
    struct Sum {
        sum: f64,
        count: usize,
    }

    /// Adds numbers up.
    #[tool(read_only)]
    fn sum(numbers: &[f64]) -> Json<Sum> {
        Json(Sum {
            sum: numbers.iter().sum(),
            count: numbers.len(),
        })
    }

    #[derive(Serialize, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Anything {
        /// Any value.
        value: Box<RawValue>,
    }

    /// Answers with the value it is given as structured content, number text untouched.
    #[tool(read_only)]
    fn echo_structured(Arguments(anything): Arguments<Anything>) -> Json<Anything> {
        Json(anything)
    }
}
