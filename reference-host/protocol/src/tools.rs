//! [Tool
//! calls](https://modelcontextprotocol.io/specification/2025-06-18/server/tools#calling-tools) and
//! their schemas.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::catalog::{Catalog, Schemas, ToolSchemas, Violation};
use super::error::{RpcError, shortened};
use super::limits::Limits;
use super::params_check::ParamsCheck;
use super::requests::{Outcome, broken};
use super::session::{Incoming, Session, Verdict};
use crate::json::{self, Fault, Object, Writer};

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

/// The most estimated memory of schemas, in bytes, that are compiled at once: some milliseconds.
const QUICK_WEIGHT: usize = 64 << 10;

/// A tool whose schemas are compiled on its first call, by the check of that call: compiling may
/// take long, so it must not happen while the session is locked.
#[derive(Debug)]
pub(super) struct RememberedTool {
    seen: SeenTool,
    schemas: OnceLock<Option<ToolSchemas>>,
}

impl RememberedTool {
    /// Returns the schemas, and compiles them if that has not happened.
    pub(super) fn schemas(&self) -> Option<&ToolSchemas> {
        let compile = || self.seen.compile();
        self.schemas.get_or_init(compile).as_ref()
    }

    /// Returns whether [`RememberedTool::schemas`] takes little time. It also waits while another
    /// thread compiles them.
    pub(super) fn is_quick(&self) -> bool {
        self.seen.weight <= QUICK_WEIGHT || self.schemas.get().is_some()
    }
}

/// Schemas of tools that this client has seen listed. Tools that were not seen, or did not fit, are
/// left to the component to check.
#[derive(Debug)]
pub(super) struct RememberedTools {
    tools: HashMap<String, Arc<RememberedTool>>,
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
            let name = remembered.seen.name.clone();
            self.tools.insert(name, Arc::new(remembered));
        }
    }
}

impl Session {
    pub(super) fn remember_tools(&mut self, tools: Vec<SeenTool>) {
        for tool in tools {
            self.remembered_tools.remember(tool);
        }
    }

    /// Checks `tools/call`: the tool must be known. For a component with its own list only tools
    /// that were seen in it are checked.
    pub(super) fn judge_call_tool(
        &self,
        incoming: &Incoming<'_>,
        name: &str,
    ) -> Result<Verdict, RpcError> {
        let check = match &self.catalog {
            Some(catalog) => ParamsCheck::tool(Arc::clone(registered(catalog, name)?)),
            None => {
                let seen = self.remembered_tools.tools.get(name);
                seen.map_or_else(ParamsCheck::default, |tool| {
                    ParamsCheck::remembered_tool(Arc::clone(tool))
                })
            }
        };
        Ok(Verdict::Invoke(self.invoke(incoming)?, check))
    }
}

/// Returns the schemas of a registered tool.
pub(super) fn registered<'a>(
    catalog: &'a Catalog,
    name: &str,
) -> Result<&'a Arc<ToolSchemas>, RpcError> {
    catalog
        .tool(name)
        .ok_or_else(|| RpcError::invalid_params(format!("unknown tool: {}", shortened(name))))
}

/// Reads the name in `tools/call`, and checks that the arguments are an object.
pub(super) fn read_name<'m>(params: &Object<'m>) -> Result<Cow<'m, str>, Fault> {
    let name = params.required("name", json::string)?;
    params.optional("arguments", |arguments| match json::Kind::of(arguments) {
        json::Kind::Object => Ok(()),
        _ => Err(Fault::new("an object")),
    })?;
    Ok(name)
}

impl ToolSchemas {
    /// Checks the arguments of a call.
    pub(super) fn check_arguments(&self, name: &str, arguments: &str) -> Result<(), RpcError> {
        self.input.validate(arguments).map_err(|violations| {
            let message = format!(
                "the arguments of the tool {} do not match its input schema: {}",
                shortened(name),
                summary(&violations)
            );
            RpcError::invalid_params(message).with_data(violations_to_json(&violations))
        })
    }
}

/// The result of a tool call that matches the output schema.
#[derive(Debug)]
pub struct ToolResult {
    pub(super) json: Vec<u8>,
    pub(super) is_error: bool,
}

impl ToolResult {
    /// Checks the result of a tool against its [output
    /// schema](https://modelcontextprotocol.io/specification/2025-06-18/server/tools#output-schema),
    /// and returns the outcome of the request. A failure of the tool (`isError`) needs no
    /// structured content. This may take long; it needs no session.
    ///
    /// `check` is the one that the [`Invocation`](super::Invocation) came with; `json` the whole
    /// `result`, one JSON object without line breaks; `structured` its `structuredContent`, a JSON
    /// object.
    #[must_use]
    pub fn checked(
        check: &ParamsCheck,
        json: Vec<u8>,
        structured: Option<&str>,
        is_error: bool,
    ) -> Outcome {
        let accepted = || Outcome::ToolResult(Self { json, is_error });
        let Some(schema) = check.output_schema().filter(|_| !is_error) else {
            return accepted();
        };
        let rule = broken("a tool with an output schema gives structured content that matches it");
        let Some(structured) = structured else {
            return Outcome::Unfit(RpcError::internal(format!("{rule}, and there is none")));
        };
        match schema.validate(structured) {
            Ok(()) => accepted(),
            Err(violations) => Outcome::Unfit(
                RpcError::internal(format!("{rule}: {}", summary(&violations)))
                    .with_data(violations_to_json(&violations)),
            ),
        }
    }
}

/// Describes the violations in one text: a model corrects itself from the message alone.
fn summary(violations: &[Violation]) -> String {
    const LONGEST: usize = 4000;
    let mut text = String::new();
    for (at, violation) in violations.iter().enumerate() {
        let place = match &*violation.path {
            "" => "the object",
            path => path,
        };
        let next = format!("{}: {}", shortened(place), violation.message);
        if at > 0 && text.len() + next.len() > LONGEST {
            return format!("{text}; and {} more", violations.len() - at);
        }
        if at > 0 {
            text.push_str("; ");
        }
        text.push_str(&next);
    }
    text
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
