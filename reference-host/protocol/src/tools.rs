//! [Tool
//! calls](https://modelcontextprotocol.io/specification/2025-06-18/server/tools#calling-tools) and
//! their schemas.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::catalog::{Schemas, ToolSchemas, Violation};
use super::error::{RpcError, shortened};
use super::limits::Limits;
use super::requests::Request;
use super::session::{Incoming, Session, Verdict};
use crate::json::{self, Writer};

/// A tool in a component's own list that follows the rules.
#[derive(Debug, Clone)]
pub struct SeenTool {
    name: String,
    input: String,
    output: Option<String>,
    /// The estimated memory of both when they are compiled, in bytes.
    weight: usize,
    schemas: Schemas,
}

impl SeenTool {
    /// Checks that the schemas of a tool follow the rules of the interface: they have the form that
    /// MCP requires, and refer to nothing outside themselves. A schema that is merely too large to
    /// be used here follows them.
    ///
    /// # Errors
    ///
    /// The rule that one of them breaks.
    pub fn new(
        name: &str,
        input_schema: &str,
        output_schema: Option<&str>,
        schemas: &Schemas,
    ) -> Result<Self, String> {
        let check = |member, json: &str| {
            schemas.check(json).map_err(|error| {
                format!("the `{member}` of the tool {:?}: {error}", shortened(name))
            })
        };
        let mut weight = check("inputSchema", input_schema)?;
        if let Some(output_schema) = output_schema {
            weight = weight.saturating_add(check("outputSchema", output_schema)?);
        }
        // They are compiled when they are first needed: most tools are never called.
        Ok(Self {
            name: name.to_owned(),
            input: input_schema.to_owned(),
            output: output_schema.map(str::to_owned),
            weight,
            schemas: schemas.clone(),
        })
    }

    fn compile(&self) -> Option<ToolSchemas> {
        let compile = |json: &str| self.schemas.seen(json);
        // They were valid when the tool was seen, so compiling succeeds.
        ToolSchemas::new(&self.input, self.output.as_deref(), compile, |_, _| ()).ok()
    }
}

/// A tool whose schemas are compiled on its first call.
#[derive(Debug)]
struct RememberedTool {
    seen: SeenTool,
    schemas: OnceLock<Option<Arc<ToolSchemas>>>,
}

impl RememberedTool {
    fn schemas(&self) -> Option<&Arc<ToolSchemas>> {
        let compile = || self.seen.compile().map(Arc::new);
        self.schemas.get_or_init(compile).as_ref()
    }
}

/// Schemas of tools that this client has seen listed. Tools that were not seen, or did not fit, are
/// left to the component to check.
#[derive(Debug)]
pub(super) struct RememberedTools {
    tools: HashMap<String, RememberedTool>,
    bytes: usize,
    most_tools: usize,
    most_bytes: usize,
}

impl RememberedTools {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            tools: HashMap::new(),
            bytes: 0,
            most_tools: limits.remembered_tools,
            most_bytes: limits.remembered_schema_bytes,
        }
    }

    pub(super) fn clear(&mut self) {
        self.tools.clear();
        self.bytes = 0;
    }

    fn remember(&mut self, tool: SeenTool) {
        if let Some(old) = self.tools.remove(&tool.name) {
            self.bytes -= old.seen.weight;
        }
        let bytes = self.bytes.saturating_add(tool.weight);
        if self.tools.len() < self.most_tools && bytes <= self.most_bytes {
            self.bytes = bytes;
            let remembered = RememberedTool {
                seen: tool,
                schemas: OnceLock::new(),
            };
            self.tools.insert(remembered.seen.name.clone(), remembered);
        }
    }
}

impl Session {
    pub(super) fn remember_tools(&mut self, tools: Vec<SeenTool>) {
        for tool in tools {
            self.remembered_tools.remember(tool);
        }
    }

    /// Checks `tools/call`: the tool must be known and the arguments must match its schema. For a
    /// component with its own list only tools that were seen in it are checked.
    pub(super) fn judge_call_tool(&self, incoming: &Incoming<'_>) -> Result<Verdict, RpcError> {
        let name = incoming.params.required("name", json::string)?;
        incoming.params.optional("arguments", json::object)?;
        let arguments = incoming
            .params
            .get("arguments")
            .map_or("{}", json::RawValue::get);
        let schemas = match &self.catalog {
            Some(catalog) => Some(catalog.tool(&name).ok_or_else(|| {
                RpcError::invalid_params(format!("unknown tool: {}", shortened(&name)))
            })?),
            None => {
                let seen = self.remembered_tools.tools.get(&*name);
                seen.and_then(RememberedTool::schemas)
            }
        };
        if let Some(schemas) = schemas
            && let Err(violations) = schemas.input.validate(arguments)
        {
            let message = format!(
                "the arguments of the tool {} do not match its input schema: {}",
                shortened(&name),
                summary(&violations)
            );
            return Err(
                RpcError::invalid_params(message).with_data(violations_to_json(&violations))
            );
        }
        let mut request = self.invoke(incoming)?;
        request.tool = schemas.filter(|schemas| schemas.output.is_some()).cloned();
        Ok(Verdict::Invoke(request))
    }
}

impl Request {
    /// Checks that the result matches the [output
    /// schema](https://modelcontextprotocol.io/specification/2025-06-18/server/tools#output-schema).
    /// A failure of the tool (`isError`) needs no structured content.
    pub(super) fn check_tool_result(
        &self,
        structured: Option<&str>,
        is_error: bool,
    ) -> Result<(), RpcError> {
        let schemas = self.tool.as_deref();
        let Some(schema) = schemas
            .and_then(|schemas| schemas.output.as_ref())
            .filter(|_| !is_error)
        else {
            return Ok(());
        };
        let rule = "the component broke a rule: a tool with an output schema gives structured content that matches it";
        let Some(structured) = structured else {
            return Err(RpcError::internal(format!("{rule}, and there is none")));
        };
        schema.validate(structured).map_err(|violations| {
            RpcError::internal(format!("{rule}: {}", summary(&violations)))
                .with_data(violations_to_json(&violations))
        })
    }
}

fn summary(violations: &[Violation]) -> String {
    violations.first().map_or_else(String::new, |violation| {
        let place = if violation.path.is_empty() {
            "the object"
        } else {
            &violation.path
        };
        format!("{}: {}", shortened(place), violation.message)
    })
}

fn violations_to_json(violations: &[Violation]) -> String {
    let mut writer = Writer::new();
    writer.begin_object().key("errors").begin_array();
    for violation in violations {
        writer.begin_object().key("path").string(&violation.path);
        writer
            .key("message")
            .string(&violation.message)
            .end_object();
    }
    writer.end_array().end_object();
    writer.into_string()
}
