//! The checks of a request that may take long: of its parameters, and of a tool's result.

use std::sync::Arc;

use super::catalog::{Catalog, Schema, ToolSchemas};
use super::error::RpcError;
use super::tools::RememberedTool;
use super::{prompts, tools};
use crate::json::{self, Object};

/// A check that the parameters of a request must pass before the component is called, and that the
/// result of a tool must pass (see [`ToolResult`](super::ToolResult)). It holds all that it needs,
/// so it can be performed without the session and on another thread. A tool that is changed
/// meanwhile is checked by the schemas of the time of the request.
///
/// The default passes everything.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct ParamsCheck(Check);

#[derive(Debug, Clone, Default)]
enum Check {
    #[default]
    None,
    /// The arguments match the tool's schema.
    Tool(Arc<ToolSchemas>),
    /// The arguments match the schema of a tool in the component's own list, which may have to be
    /// compiled first.
    RememberedTool(Arc<RememberedTool>),
    /// The required arguments of the prompt are present.
    Prompt(Arc<Catalog>),
}

impl ParamsCheck {
    pub(super) fn tool(schemas: Arc<ToolSchemas>) -> Self {
        Self(Check::Tool(schemas))
    }

    pub(super) fn remembered_tool(tool: Arc<RememberedTool>) -> Self {
        Self(Check::RememberedTool(tool))
    }

    pub(super) fn prompt(catalog: Arc<Catalog>) -> Self {
        Self(Check::Prompt(catalog))
    }

    /// Estimates the work of the check from above, as the number of times that a schema is applied
    /// to a value. Ten million take about a second. A schema that is yet to be compiled, and takes
    /// long for it, counts as the most work.
    #[must_use]
    pub fn work(&self, params: &Object<'_>) -> usize {
        match &self.0 {
            Check::None => 0,
            Check::RememberedTool(tool) if !tool.is_quick() => usize::MAX,
            Check::Tool(_) | Check::RememberedTool(_) => {
                let arguments = params.get("arguments");
                arguments
                    .zip(self.schemas())
                    .map_or(0, |(it, schemas)| schemas.input.estimated_work(it.get()))
            }
            Check::Prompt(_) => params.len(),
        }
    }

    /// Performs the check.
    ///
    /// # Errors
    ///
    /// The error to answer the request with; see [`Session::refuse`](super::Session::refuse).
    pub fn run(&self, params: &Object<'_>) -> Result<(), RpcError> {
        match &self.0 {
            Check::None => Ok(()),
            Check::Tool(_) | Check::RememberedTool(_) => {
                let name = tools::read_name(params)?;
                let arguments = params.get("arguments").map(json::RawValue::get);
                self.run_for_tool(&name, arguments)
            }
            Check::Prompt(catalog) => prompts::check_arguments(catalog, params),
        }
    }

    /// Estimates the work of checking structured content, in the unit of [`ParamsCheck::work`].
    #[must_use]
    pub fn work_of_result(&self, structured: &str) -> usize {
        self.output_schema()
            .map_or(0, |schema| schema.estimated_work(structured))
    }

    /// Returns the output schema of the tool that is called.
    pub(super) fn output_schema(&self) -> Option<&Schema> {
        self.schemas()?.output.as_deref()
    }

    /// Returns the schemas of the tool that is called, and compiles them if that has not happened.
    fn schemas(&self) -> Option<&ToolSchemas> {
        match &self.0 {
            Check::Tool(schemas) => Some(schemas),
            Check::RememberedTool(tool) => tool.schemas(),
            Check::None | Check::Prompt(_) => None,
        }
    }

    /// Performs the check of a tool call whose parameters have been read already.
    ///
    /// # Errors
    ///
    /// As [`ParamsCheck::run`].
    pub fn run_for_tool(&self, name: &str, arguments: Option<&str>) -> Result<(), RpcError> {
        match self.schemas() {
            Some(schemas) => schemas.check_arguments(name, arguments.unwrap_or("{}")),
            None => Ok(()),
        }
    }
}
