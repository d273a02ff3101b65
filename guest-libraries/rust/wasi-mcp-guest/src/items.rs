//! The items that a server registers.

use std::cell::OnceCell;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;

use serde_json::Value;
use wasi_mcp_types::content::{
    CallToolParams, CallToolResult, CompleteResult, GetPromptParams, GetPromptResult, Prompt,
    ReadResourceResult, Resource, ResourceTemplate, Tool,
};
use wasi_mcp_types::types::Error;

use crate::completion::Completion;
use crate::context::Context;
use crate::pages::List;
use crate::streaming::Opened;
use crate::template::{Template, Variables};

/// A future of one instance, which is one thread.
pub type LocalFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// A handler that takes a context and parameters.
pub type Handler<P, R> = Rc<dyn Fn(Context, P) -> LocalFuture<Result<R, Error>>>;

/// The place in the source that an item comes from, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The function or module.
    pub name: &'static str,
    /// The file.
    pub file: &'static str,
    /// The line in it.
    pub line: u32,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, file, line } = self;
        write!(f, "`{name}` ({file}:{line})")
    }
}

/// Tools, resources, resource templates and prompts with their handlers.
///
/// The attributes `#[server]` and `#[items]` make a function `items` that returns those of their
/// module. A function with `#[setup]` in such a module adds further ones.
#[derive(Default, Clone)]
pub struct Items {
    pub(crate) tools: List<Rc<ToolItem>>,
    pub(crate) resources: List<Rc<ResourceItem>>,
    pub(crate) templates: List<Rc<TemplateItem>>,
    pub(crate) prompts: List<Rc<PromptItem>>,
    /// Faults of items that were added.
    pub(crate) faults: Vec<String>,
}

pub(crate) struct ToolItem {
    pub origin: Origin,
    pub tool: Tool,
    pub handler: Handler<CallToolParams, CallToolResult>,
    parsed_schema: OnceCell<Value>,
}

impl ToolItem {
    /// Returns the input schema, parsed once; `null` where its text is not JSON.
    pub fn input_schema(&self) -> &Value {
        self.parsed_schema
            .get_or_init(|| serde_json::from_str(&self.tool.input_schema).unwrap_or_default())
    }
}

pub(crate) struct ResourceItem {
    pub origin: Origin,
    pub resource: Resource,
    pub open: Rc<dyn Fn(Context) -> Opened>,
}

pub(crate) struct TemplateItem {
    pub origin: Origin,
    /// Its description, unless it is readable only.
    pub listed: bool,
    pub template: ResourceTemplate,
    pub pattern: Template,
    /// Returns `None` where a variable has another form than the function expects.
    pub open: TemplateHandler,
    pub completers: Completers,
}

pub(crate) type TemplateHandler = Rc<dyn Fn(Context, String, &Variables) -> Option<Opened>>;

pub(crate) struct PromptItem {
    pub origin: Origin,
    pub prompt: Prompt,
    pub handler: Handler<GetPromptParams, GetPromptResult>,
    pub completers: Completers,
}

/// The completers of arguments, by the argument's name.
pub type Completers = Vec<(String, Completer)>;
pub type Completer = Rc<dyn Fn(Completion) -> LocalFuture<Result<CompleteResult, Error>>>;

impl Items {
    /// Returns no items.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tool with a handler of its own, which gets the arguments as text. In a service, the handler
    /// refuses what the library does not: it checks the types, the bounds, `required` and
    /// `additionalProperties: false` of the outermost object.
    pub fn add_tool(
        &mut self,
        origin: Origin,
        tool: Tool,
        handler: Handler<CallToolParams, CallToolResult>,
    ) -> &mut Self {
        self.tools.push(Rc::new(ToolItem {
            origin,
            tool,
            handler,
            parsed_schema: OnceCell::new(),
        }));
        self
    }

    /// Adds a resource, which is listed and read under its URI.
    pub fn add_resource(
        &mut self,
        origin: Origin,
        resource: Resource,
        handler: Handler<(), ReadResourceResult>,
    ) -> &mut Self {
        let open = Rc::new(move |context| Opened::Whole(handler(context, ())));
        self.open_resource(origin, resource, open)
    }

    pub(crate) fn open_resource(
        &mut self,
        origin: Origin,
        resource: Resource,
        open: Rc<dyn Fn(Context) -> Opened>,
    ) -> &mut Self {
        self.resources.push(Rc::new(ResourceItem {
            origin,
            resource,
            open,
        }));
        self
    }

    /// Adds a prompt with a handler of its own.
    pub fn add_prompt(
        &mut self,
        origin: Origin,
        prompt: Prompt,
        handler: Handler<GetPromptParams, GetPromptResult>,
    ) -> &mut Self {
        self.prompts.push(Rc::new(PromptItem {
            origin,
            prompt,
            handler,
            completers: Vec::new(),
        }));
        self
    }

    /// Adds all items of another collection.
    pub fn append(&mut self, other: Self) -> &mut Self {
        self.tools.append(other.tools);
        self.resources.append(other.resources);
        self.templates.append(other.templates);
        self.prompts.append(other.prompts);
        self.faults.extend(other.faults);
        self
    }

    /// Returns the descriptions of the tools, for tests.
    pub fn tools(&self) -> impl Iterator<Item = &Tool> {
        self.tools.iter().map(|item| &item.tool)
    }

    /// Returns the descriptions of the resources, for tests.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.resources.iter().map(|item| &item.resource)
    }

    /// Returns the descriptions of the listed resource templates, for tests.
    pub fn resource_templates(&self) -> impl Iterator<Item = &ResourceTemplate> {
        let listed = self.templates.iter().filter(|item| item.listed);
        listed.map(|item| &item.template)
    }

    /// Returns the descriptions of the prompts, for tests.
    pub fn prompts(&self) -> impl Iterator<Item = &Prompt> {
        self.prompts.iter().map(|item| &item.prompt)
    }

    /// Checks what no compiler can: types that no schema of MCP describes, and names that two items
    /// have. The start of a server makes the same check.
    pub fn check(&self) -> Result<(), String> {
        let mut faults = self.faults.clone();
        faults.extend(duplicates(
            "tool",
            "name",
            self.tools
                .iter()
                .map(|it| (it.tool.name.as_str(), it.origin)),
        ));
        faults.extend(duplicates(
            "resource",
            "uri",
            self.resources
                .iter()
                .map(|it| (it.resource.uri.as_str(), it.origin)),
        ));
        faults.extend(duplicates(
            "resource template",
            "template",
            self.templates
                .iter()
                .map(|it| (it.template.uri_template.as_str(), it.origin)),
        ));
        faults.extend(duplicates(
            "prompt",
            "name",
            self.prompts
                .iter()
                .map(|it| (it.prompt.name.as_str(), it.origin)),
        ));
        if faults.is_empty() {
            Ok(())
        } else {
            Err(faults.join("; "))
        }
    }
}

/// Returns one message for each name that an earlier item has.
fn duplicates<'a>(
    kind: &str,
    attribute: &str,
    items: impl Iterator<Item = (&'a str, Origin)>,
) -> Vec<String> {
    let mut seen: Vec<(&str, Origin)> = Vec::new();
    let mut faults = Vec::new();
    for (name, origin) in items {
        match seen.iter().find(|(earlier, _)| *earlier == name) {
            Some((_, first)) => faults.push(format!(
                "{kind} `{name}` is registered by {first} and by {origin}: change the `{attribute}` of one"
            )),
            None => seen.push((name, origin)),
        }
    }
    faults
}
