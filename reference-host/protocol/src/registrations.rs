//! The registrations of a backend, for a component that serves one in place of a host.

use std::collections::HashSet;

use wasi_mcp_types::capabilities::Server;
use wasi_mcp_types::content::{
    CompleteParams, GetPromptParams, ListPromptsResult, ListResourceTemplatesResult,
    ListResourcesResult, ListToolsResult, Prompt, Resource, ResourceTemplate, Tool,
};
use wasi_mcp_types::types::{Error, ErrorCode};

use super::catalog::{
    Batch, Catalog, CatalogError, Cursor, List, PromptEntry, ResourceEntry, TemplateEntry,
};
use super::error::RpcError;
use super::params_check::ParamsCheck;
use super::requests::Outcome;
use super::tools::{self, ToolResult};
use super::{completion, lists, prompts};
use crate::json::Object;
use crate::wire::{self, FromJson, ToJson};

/// Items on one page of a list.
const PAGE_SIZE: usize = 100;
/// The most entries that all lists may have together.
const ENTRIES: usize = 100_000;
/// The most bytes that all entries may have together, and the most memory of all schemas.
const BYTES: usize = 64 << 20;
/// An instance has no secret of its own: whoever forges a cursor chooses a page.
const SECRET: u64 = 0;

/// The registrations of a backend: the imports of the interface `runtime`, and what a host answers
/// or checks with them.
///
/// A host that divides this work among threads uses [`Catalog`] and [`Batch`] itself.
#[derive(Debug)]
pub struct Registrations {
    server: Option<Server>,
    catalog: Catalog,
    is_served: bool,
}

impl Default for Registrations {
    fn default() -> Self {
        Self {
            server: None,
            catalog: Catalog::new(ENTRIES)
                .with_most_bytes(BYTES)
                .with_most_schema_bytes(BYTES),
            is_served: false,
        }
    }
}

/// Implements the registration and the pages of one list.
macro_rules! list {
    (
        $list:expr, $item:ident, $page:ident { $items:ident },
        $register:ident, $each:ident, $unregister:ident, $remove:ident, $pages:ident, $what:literal
    ) => {
        #[doc = concat!("Registers ", $what, ": all of them or none.")]
        ///
        /// # Errors
        ///
        /// `invalid-params`, which names the item that is refused.
        pub fn $register(&mut self, items: Vec<$item>) -> Result<(), Error> {
            let mut batch = self.catalog.batch();
            for item in items {
                $each(&mut batch, item)?;
            }
            self.catalog.add(batch).map_err(refused)
        }

        #[doc = concat!("Unregisters ", $what, ": all of them or none.")]
        ///
        /// # Errors
        ///
        /// `invalid-params`, which names the item that is not registered.
        pub fn $unregister(&mut self, keys: &[String]) -> Result<(), Error> {
            self.catalog.$remove(keys).map_err(refused)
        }

        #[doc = concat!("Returns a page of the ", $what, ".")]
        ///
        /// # Errors
        ///
        /// `invalid-params` for a foreign cursor.
        pub fn $pages(&self, cursor: Option<&str>) -> Result<$page, Error> {
            let (items, next) = self.page($list, cursor)?;
            Ok($page {
                $items: items,
                next_cursor: next,
                ..$page::default()
            })
        }
    };
}

impl Registrations {
    /// Registers the description of the server.
    ///
    /// # Errors
    ///
    /// `invalid-state` if there is one, and `invalid-params` for invalid JSON text.
    pub fn register_server(&mut self, server: Server) -> Result<(), Error> {
        if self.server.is_some() {
            return Err(invalid_state("a server is already registered"));
        }
        wire::declare_server(server.clone(), false)
            .map_err(|fault| Error::new(ErrorCode::InvalidParams, fault.to_string()))?;
        self.server = Some(server);
        Ok(())
    }

    /// Publishes the items.
    ///
    /// # Errors
    ///
    /// `invalid-state` before [`register_server`](Self::register_server), and after the first time.
    pub fn serve(&mut self) -> Result<(), Error> {
        if self.is_served {
            return Err(invalid_state("`serve` was already called"));
        }
        if self.server.is_none() {
            return Err(invalid_state("`register-server` must come before `serve`"));
        }
        self.is_served = true;
        Ok(())
    }

    /// Returns the description of the server, once `start` has returned.
    ///
    /// # Errors
    ///
    /// Where the backend has not called `serve`.
    pub fn server(&self) -> Result<&Server, Error> {
        let served = self.server.as_ref().filter(|_| self.is_served);
        served.ok_or_else(|| {
            Error::new(
                ErrorCode::InternalError,
                "the start has failed: it returned without a successful `serve`",
            )
        })
    }

    list!(
        List::Tools,
        Tool,
        ListToolsResult { tools },
        register_tools,
        push_tool,
        unregister_tools,
        remove_tools,
        list_tools,
        "tools"
    );
    list!(
        List::Resources,
        Resource,
        ListResourcesResult { resources },
        register_resources,
        push_resource,
        unregister_resources,
        remove_resources,
        list_resources,
        "resources"
    );
    list!(
        List::ResourceTemplates,
        ResourceTemplate,
        ListResourceTemplatesResult { resource_templates },
        register_resource_templates,
        push_template,
        unregister_resource_templates,
        remove_templates,
        list_resource_templates,
        "resource templates"
    );
    list!(
        List::Prompts,
        Prompt,
        ListPromptsResult { prompts },
        register_prompts,
        push_prompt,
        unregister_prompts,
        remove_prompts,
        list_prompts,
        "prompts"
    );

    fn page<T: FromJson>(
        &self,
        list: List,
        cursor: Option<&str>,
    ) -> Result<(Vec<T>, Option<String>), Error> {
        let after = lists::read_position(cursor, list, SECRET).map_err(answered)?;
        let page = self.catalog.page(list, after, PAGE_SIZE);
        let items = page.items.into_iter().map(|item| {
            // Written by `wire` when it was registered.
            wire::from_json(item.as_bytes())
                .map_err(|fault| Error::new(ErrorCode::InternalError, fault.to_string()))
        });
        let next = page.next.map(|after| Cursor { list, after }.write(SECRET));
        Ok((items.collect::<Result<_, _>>()?, next))
    }

    /// Checks the name and the arguments of a tool call.
    ///
    /// # Errors
    ///
    /// `invalid-params`, as a host answers the client.
    pub fn check_tool_call(&self, name: &str, arguments: Option<&str>) -> Result<(), Error> {
        let schemas = tools::registered(&self.catalog, name).map_err(answered)?;
        let arguments = arguments.unwrap_or("{}");
        schemas.check_arguments(name, arguments).map_err(answered)
    }

    /// Checks structured content against the output schema of a tool, if it has one.
    ///
    /// # Errors
    ///
    /// `internal-error`, as a host answers the client.
    pub fn check_tool_result(&self, name: &str, structured: Option<&str>) -> Result<(), Error> {
        // A tool that was unregistered during the call has no schema any more.
        let Some(schemas) = self.catalog.tool(name) else {
            return Ok(());
        };
        let check = ParamsCheck::tool(schemas.clone());
        match ToolResult::checked(&check, Vec::new(), structured, false) {
            Outcome::Unfit(error) => Err(answered(error)),
            _ => Ok(()),
        }
    }

    /// Checks the name of a prompt, and that its required arguments are there.
    ///
    /// # Errors
    ///
    /// `invalid-params`, as a host answers the client.
    pub fn check_prompt(&self, params: &GetPromptParams) -> Result<(), Error> {
        if self.catalog.prompt(&params.name).is_none() {
            return Err(answered(prompts::unknown_prompt(&params.name)));
        }
        with_json(params, |params| {
            prompts::check_arguments(&self.catalog, params)
        })
    }

    /// Checks that the reference of a completion is registered.
    ///
    /// # Errors
    ///
    /// `invalid-params`, as a host answers the client.
    pub fn check_completion(&self, params: &CompleteParams) -> Result<(), Error> {
        with_json(params, |params| {
            let reference = completion::read_reference(params)?;
            completion::check_reference(&self.catalog, &reference)
        })
    }
}

/// Performs a check of parameters in the form of the wire.
fn with_json(
    params: &impl ToJson,
    check: impl FnOnce(&Object<'_>) -> Result<(), RpcError>,
) -> Result<(), Error> {
    let malformed = |fault: crate::json::Fault| {
        Error::new(ErrorCode::InvalidParams, fault.within("params").to_string())
    };
    let json = wire::to_json_string(params).map_err(malformed)?;
    let object =
        Object::parse(&json).map_err(|_| malformed(crate::json::Fault::new("an object")))?;
    check(&object).map_err(answered)
}

fn push_tool(batch: &mut Batch, tool: Tool) -> Result<(), Error> {
    // First, because its errors say more about a schema that is not JSON text.
    let compiled = batch
        .compile_tool(
            &tool.name,
            &tool.input_schema,
            tool.output_schema.as_deref(),
        )
        .map_err(refused)?;
    let json = text(&tool, List::Tools, &tool.name)?;
    compiled.finish(tool.name, &json).map_err(refused)
}

fn push_resource(batch: &mut Batch, resource: Resource) -> Result<(), Error> {
    let json = text(&resource, List::Resources, &resource.uri)?;
    let uri = resource.uri;
    batch
        .push_resource(ResourceEntry { uri, json })
        .map_err(refused)
}

fn push_template(batch: &mut Batch, template: ResourceTemplate) -> Result<(), Error> {
    let json = text(&template, List::ResourceTemplates, &template.uri_template)?;
    let uri_template = template.uri_template;
    batch
        .push_template(TemplateEntry { uri_template, json })
        .map_err(refused)
}

fn push_prompt(batch: &mut Batch, prompt: Prompt) -> Result<(), Error> {
    let json = text(&prompt, List::Prompts, &prompt.name)?;
    let arguments: Vec<_> = prompt
        .arguments
        .into_iter()
        .flatten()
        .map(|argument| (argument.name, argument.required.unwrap_or(false)))
        .collect();
    let mut names = HashSet::new();
    if let Some((twice, _)) = arguments.iter().find(|(name, _)| !names.insert(name)) {
        return Err(Error::new(
            ErrorCode::InvalidParams,
            format!("the prompt {:?} has two arguments {twice:?}", prompt.name),
        ));
    }
    batch
        .push_prompt(PromptEntry {
            name: prompt.name,
            json,
            arguments,
        })
        .map_err(refused)
}

/// Returns the whole item as the lists show it.
fn text(item: &impl ToJson, list: List, key: &str) -> Result<String, Error> {
    wire::to_json_string(item).map_err(|fault| {
        Error::new(
            ErrorCode::InvalidParams,
            format!("the {list} {key:?}: {fault}"),
        )
    })
}

fn refused(error: CatalogError) -> Error {
    Error::new(ErrorCode::InvalidParams, error.to_string())
}

fn answered(error: RpcError) -> Error {
    wire::error_from_wire(error.code, error.message, error.data)
}

fn invalid_state(message: &str) -> Error {
    Error::new(ErrorCode::InvalidState, message)
}
