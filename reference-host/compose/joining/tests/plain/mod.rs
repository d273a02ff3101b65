//! A service of plain lists, and trees of joints of them.

#![allow(dead_code, reason = "each test file uses a part")]

use std::cell::{Cell, RefCell};

use wasi_mcp_joining::{Context, Joint, Service};
use wasi_mcp_types::capabilities::{
    PromptsCapability, ResourcesCapability, Server, ServerCapabilities, ToolsCapability,
};
use wasi_mcp_types::content::{
    CallToolParams, CallToolResult, CompleteParams, CompleteResult, CompletionReference,
    GetPromptParams, GetPromptResult, ListPromptsResult, ListResourceTemplatesResult,
    ListResourcesResult, ListToolsResult, Prompt, ReadResourceParams, ReadResourceResult, Resource,
    ResourceTemplate, Tool,
};
use wasi_mcp_types::types::{Error, ErrorCode, Implementation};

/// A context that is nothing.
pub struct NoContext;

impl Context for NoContext {
    fn duplicate(&self) -> Self {
        Self
    }
}

/// The way in which a list of tools goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fault {
    #[default]
    None,
    /// Each page names its own cursor as the next.
    SameCursor,
    /// Each page names a new cursor, without end.
    Endless,
    /// The list is an error.
    Fails,
}

/// A service whose answers are made of the names in its lists.
#[derive(Debug, Default)]
pub struct Plain {
    pub name: String,
    pub tools: RefCell<Vec<String>>,
    pub prompts: Vec<String>,
    pub resources: Vec<String>,
    pub templates: Vec<String>,
    /// Resources that are read but not listed.
    pub unlisted: Vec<String>,
    pub page_size: usize,
    pub fault: Cell<Fault>,
    /// The URIs that are subscribed to.
    pub subscribed: RefCell<Vec<String>>,
}

impl Plain {
    fn page<T>(
        &self,
        names: &[String],
        cursor: Option<String>,
        item: impl Fn(&String) -> T,
    ) -> Result<(Vec<T>, Option<String>), Error> {
        let start = match cursor {
            None => 0,
            Some(cursor) => {
                let start = cursor.strip_prefix('@').and_then(|text| text.parse().ok());
                let start = start.filter(|start| (1..names.len()).contains(start));
                start.ok_or_else(|| Error::new(ErrorCode::InvalidParams, "no such cursor"))?
            }
        };
        let end = names.len().min(start + self.page_size.max(1));
        let next = (end < names.len()).then(|| format!("@{end}"));
        Ok((names[start..end].iter().map(item).collect(), next))
    }
}

fn unknown(what: &str, name: &str) -> Error {
    Error::new(ErrorCode::InvalidParams, format!("unknown {what}: {name}"))
}

impl Service for Plain {
    type Context = NoContext;
    type Streamed = String;

    async fn get_server(&self) -> Result<Server, Error> {
        let has_resources =
            !self.resources.is_empty() || !self.templates.is_empty() || !self.unlisted.is_empty();
        let has_tools = !self.tools.borrow().is_empty() || self.fault.get() != Fault::None;
        Ok(Server {
            info: Implementation {
                name: self.name.clone(),
                title: None,
                version: "1".to_owned(),
                extra: None,
            },
            capabilities: ServerCapabilities {
                tools: has_tools.then_some(ToolsCapability { list_changed: None }),
                prompts: (!self.prompts.is_empty())
                    .then_some(PromptsCapability { list_changed: None }),
                resources: has_resources.then_some(ResourcesCapability {
                    subscribe: Some(true),
                    list_changed: None,
                }),
                completions: (!self.prompts.is_empty() || !self.templates.is_empty())
                    .then(|| "{}".to_owned()),
                ..ServerCapabilities::default()
            },
            instructions: (!self.name.is_empty()).then(|| format!("of {}", self.name)),
        })
    }

    async fn list_tools(
        &self,
        _: NoContext,
        cursor: Option<String>,
    ) -> Result<ListToolsResult, Error> {
        let tools = self.tools.borrow();
        let item = |name: &String| Tool {
            name: name.clone(),
            description: Some(self.name.clone()),
            ..Tool::default()
        };
        let fault = self.fault.get();
        let next = match fault {
            Fault::None => None,
            Fault::Fails => return Err(Error::new(ErrorCode::InternalError, "it fails")),
            Fault::SameCursor => Some("same".to_owned()),
            Fault::Endless => {
                let number: u64 = cursor.as_deref().unwrap_or("0").parse().unwrap();
                Some((number + 1).to_string())
            }
        };
        if fault != Fault::None {
            return Ok(ListToolsResult {
                tools: tools.iter().map(item).collect(),
                next_cursor: next,
                ..ListToolsResult::default()
            });
        }
        let (tools, next_cursor) = self.page(&tools, cursor, item)?;
        Ok(ListToolsResult {
            tools,
            next_cursor,
            ..ListToolsResult::default()
        })
    }

    async fn list_prompts(
        &self,
        _: NoContext,
        cursor: Option<String>,
    ) -> Result<ListPromptsResult, Error> {
        let (prompts, next_cursor) = self.page(&self.prompts, cursor, |name| Prompt {
            name: name.clone(),
            ..Prompt::default()
        })?;
        Ok(ListPromptsResult {
            prompts,
            next_cursor,
            ..ListPromptsResult::default()
        })
    }

    async fn list_resources(
        &self,
        _: NoContext,
        cursor: Option<String>,
    ) -> Result<ListResourcesResult, Error> {
        let (resources, next_cursor) = self.page(&self.resources, cursor, |uri| Resource {
            uri: uri.clone(),
            ..Resource::default()
        })?;
        Ok(ListResourcesResult {
            resources,
            next_cursor,
            ..ListResourcesResult::default()
        })
    }

    async fn list_resource_templates(
        &self,
        _: NoContext,
        cursor: Option<String>,
    ) -> Result<ListResourceTemplatesResult, Error> {
        let item = |uri_template: &String| ResourceTemplate {
            uri_template: uri_template.clone(),
            ..ResourceTemplate::default()
        };
        let (resource_templates, next_cursor) = self.page(&self.templates, cursor, item)?;
        Ok(ListResourceTemplatesResult {
            resource_templates,
            next_cursor,
            ..ListResourceTemplatesResult::default()
        })
    }

    async fn call_tool(
        &self,
        _: NoContext,
        params: CallToolParams,
    ) -> Result<CallToolResult, Error> {
        if !self.tools.borrow().contains(&params.name) {
            return Err(unknown("tool", &params.name));
        }
        if params.arguments.as_deref() == Some("bad") {
            return Err(Error::new(ErrorCode::InvalidParams, "bad arguments"));
        }
        Ok(CallToolResult {
            meta: Some(params.name),
            extra: Some(self.name.clone()),
            ..CallToolResult::default()
        })
    }

    async fn get_prompt(
        &self,
        _: NoContext,
        params: GetPromptParams,
    ) -> Result<GetPromptResult, Error> {
        if !self.prompts.contains(&params.name) {
            return Err(unknown("prompt", &params.name));
        }
        Ok(GetPromptResult {
            description: Some(params.name),
            ..GetPromptResult::default()
        })
    }

    async fn read_resource(
        &self,
        _: NoContext,
        params: ReadResourceParams,
    ) -> Result<ReadResourceResult, Error> {
        if !self.resources.contains(&params.uri) && !self.unlisted.contains(&params.uri) {
            return Err(Error::new(ErrorCode::ResourceNotFound, "none"));
        }
        Ok(ReadResourceResult {
            meta: Some(params.uri),
            extra: Some(self.name.clone()),
            ..ReadResourceResult::default()
        })
    }

    async fn subscribe(&self, _: NoContext, uri: String) -> Result<(), Error> {
        if !self.resources.contains(&uri) && !self.unlisted.contains(&uri) {
            return Err(Error::new(ErrorCode::ResourceNotFound, "none"));
        }
        self.subscribed.borrow_mut().push(uri);
        Ok(())
    }

    async fn unsubscribe(&self, _: NoContext, uri: String) -> Result<(), Error> {
        self.subscribed.borrow_mut().retain(|other| *other != uri);
        Ok(())
    }

    async fn complete(
        &self,
        _: NoContext,
        params: CompleteParams,
    ) -> Result<CompleteResult, Error> {
        let (kind, name, known) = match params.ref_ {
            CompletionReference::Prompt(prompt) => {
                let known = self.prompts.contains(&prompt.name);
                ("prompt", prompt.name, known)
            }
            CompletionReference::ResourceTemplate(uri) => {
                let known = self.templates.contains(&uri) || self.resources.contains(&uri);
                ("template", uri, known)
            }
            CompletionReference::Other(json) => ("reference", json, false),
        };
        if !known {
            return Err(unknown(kind, &name));
        }
        Ok(CompleteResult {
            values: vec![name],
            ..CompleteResult::default()
        })
    }
}

/// A tree of joints.
pub enum Tree {
    Leaf(Plain),
    Joint(Box<Joint<Tree, Tree>>),
}

impl Tree {
    /// Joins services as a composition does.
    pub fn of(mut services: Vec<Plain>) -> Self {
        if services.len() == 1 {
            return Self::Leaf(services.remove(0));
        }
        let right = services.split_off(services.len().div_ceil(2));
        Self::Joint(Box::new(Joint::new(
            Self::of(services),
            Self::of(right),
            |_| {},
        )))
    }
}

macro_rules! pass_on {
    ($(fn $name:ident($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        $(async fn $name(&self, $($argument: $type),*) -> $result {
            match self {
                Self::Leaf(plain) => plain.$name($($argument),*).await,
                Self::Joint(joint) => Box::pin(joint.$name($($argument),*)).await,
            }
        })*
    };
}

impl Service for Tree {
    type Context = NoContext;
    type Streamed = String;

    pass_on! {
        fn get_server() -> Result<Server, Error>;
        fn list_tools(context: NoContext, cursor: Option<String>) -> Result<ListToolsResult, Error>;
        fn list_resources(context: NoContext, cursor: Option<String>) -> Result<ListResourcesResult, Error>;
        fn list_resource_templates(context: NoContext, cursor: Option<String>) -> Result<ListResourceTemplatesResult, Error>;
        fn list_prompts(context: NoContext, cursor: Option<String>) -> Result<ListPromptsResult, Error>;
        fn call_tool(context: NoContext, params: CallToolParams) -> Result<CallToolResult, Error>;
        fn read_resource(context: NoContext, params: ReadResourceParams) -> Result<ReadResourceResult, Error>;
        fn subscribe(context: NoContext, uri: String) -> Result<(), Error>;
        fn unsubscribe(context: NoContext, uri: String) -> Result<(), Error>;
        fn get_prompt(context: NoContext, params: GetPromptParams) -> Result<GetPromptResult, Error>;
        fn complete(context: NoContext, params: CompleteParams) -> Result<CompleteResult, Error>;
    }
}

pub fn tool(name: &str) -> CallToolParams {
    CallToolParams {
        name: name.to_owned(),
        arguments: None,
        extra: None,
    }
}

pub fn uri(uri: &str) -> ReadResourceParams {
    ReadResourceParams {
        uri: uri.to_owned(),
        extra: None,
    }
}
