//! A service in front of another one, which changes its names or its description.

use wasi_mcp_types::capabilities::Server;
use wasi_mcp_types::content::{
    CallToolParams, CallToolResult, CompleteParams, CompleteResult, CompletionReference,
    GetPromptParams, GetPromptResult, ListPromptsResult, ListResourceTemplatesResult,
    ListResourcesResult, ListToolsResult, ReadResourceParams, ReadResourceResult,
};
use wasi_mcp_types::types::Error;

use crate::service::{Service, invalid_params};

/// The changes of a [`Wrapper`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The text before the names of tools and prompts, with its separator.
    pub prefix: String,
    /// The name of the server, in place of its own name and title.
    pub name: Option<String>,
    /// The version of the server.
    pub version: Option<String>,
    /// The instructions of the server.
    pub instructions: Option<String>,
}

/// A service whose tools and prompts have a prefix, or whose description is another one. URIs and
/// templates stay as they are.
#[derive(Debug)]
pub struct Wrapper<S> {
    settings: Settings,
    inner: S,
}

impl<S: Service> Wrapper<S> {
    /// Changes `inner` as the settings say.
    pub fn new(settings: Settings, inner: S) -> Self {
        Self { settings, inner }
    }

    fn prefixed(&self, name: &mut String) {
        name.insert_str(0, &self.settings.prefix);
    }

    /// Takes the prefix off a name.
    fn strip(&self, kind: &str, name: &mut String) -> Result<(), Error> {
        match name.strip_prefix(&self.settings.prefix) {
            Some(own) => *name = own.to_owned(),
            None => return Err(invalid_params(format!("unknown {kind}: {name}"))),
        }
        Ok(())
    }
}

impl<S: Service> Service for Wrapper<S> {
    type Context = S::Context;
    type Streamed = S::Streamed;

    async fn get_server(&self) -> Result<Server, Error> {
        let mut server = self.inner.get_server().await?;
        let Settings {
            name,
            version,
            instructions,
            ..
        } = self.settings.clone();
        if let Some(name) = name {
            server.info.name = name;
            server.info.title = None;
        }
        if let Some(version) = version {
            server.info.version = version;
        }
        if instructions.is_some() {
            server.instructions = instructions;
        }
        Ok(server)
    }

    async fn list_tools(
        &self,
        context: S::Context,
        cursor: Option<String>,
    ) -> Result<ListToolsResult, Error> {
        let mut page = self.inner.list_tools(context, cursor).await?;
        page.tools
            .iter_mut()
            .for_each(|tool| self.prefixed(&mut tool.name));
        Ok(page)
    }

    async fn list_resources(
        &self,
        context: S::Context,
        cursor: Option<String>,
    ) -> Result<ListResourcesResult, Error> {
        self.inner.list_resources(context, cursor).await
    }

    async fn list_resource_templates(
        &self,
        context: S::Context,
        cursor: Option<String>,
    ) -> Result<ListResourceTemplatesResult, Error> {
        self.inner.list_resource_templates(context, cursor).await
    }

    async fn list_prompts(
        &self,
        context: S::Context,
        cursor: Option<String>,
    ) -> Result<ListPromptsResult, Error> {
        let mut page = self.inner.list_prompts(context, cursor).await?;
        page.prompts
            .iter_mut()
            .for_each(|prompt| self.prefixed(&mut prompt.name));
        Ok(page)
    }

    async fn call_tool(
        &self,
        context: S::Context,
        mut params: CallToolParams,
    ) -> Result<CallToolResult, Error> {
        self.strip("tool", &mut params.name)?;
        self.inner.call_tool(context, params).await
    }

    async fn read_resource(
        &self,
        context: S::Context,
        params: ReadResourceParams,
    ) -> Result<ReadResourceResult, Error> {
        self.inner.read_resource(context, params).await
    }

    async fn read_resource_stream(
        &self,
        context: S::Context,
        params: ReadResourceParams,
    ) -> Result<Option<S::Streamed>, Error> {
        self.inner.read_resource_stream(context, params).await
    }

    async fn subscribe(&self, context: S::Context, uri: String) -> Result<(), Error> {
        self.inner.subscribe(context, uri).await
    }

    async fn unsubscribe(&self, context: S::Context, uri: String) -> Result<(), Error> {
        self.inner.unsubscribe(context, uri).await
    }

    async fn get_prompt(
        &self,
        context: S::Context,
        mut params: GetPromptParams,
    ) -> Result<GetPromptResult, Error> {
        self.strip("prompt", &mut params.name)?;
        self.inner.get_prompt(context, params).await
    }

    async fn complete(
        &self,
        context: S::Context,
        mut params: CompleteParams,
    ) -> Result<CompleteResult, Error> {
        if let CompletionReference::Prompt(prompt) = &mut params.ref_ {
            self.strip("prompt", &mut prompt.name)?;
        }
        self.inner.complete(context, params).await
    }

    async fn initialized(&self, context: S::Context) {
        self.inner.initialized(context).await;
    }

    async fn roots_changed(&self, context: S::Context) {
        self.inner.roots_changed(context).await;
    }
}
