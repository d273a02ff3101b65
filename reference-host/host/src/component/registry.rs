//! The imports `runtime` and `notifications`: a backend's registrations and announcements.

use std::collections::HashSet;
use std::sync::Arc;

use super::instance::InstanceLimits;
use super::isolation::Isolation;
use super::shape::{Shape, World};
use super::shares::Charge;
use super::state::State;
use crate::telemetry::Limit;
use crate::visible::Visible;
use wasi_mcp_protocol::wire::{self, ToJson};
use wasi_mcp_protocol::{
    Batch, Catalog, CatalogError, Changed, Exported, Lifetime, List, Offer, PromptEntry,
    ResourceEntry, Schemas, TemplateEntry, json,
};
use wasi_mcp_types::capabilities::Server;
use wasi_mcp_types::content::{Prompt, Resource, ResourceTemplate, Tool};
use wasi_mcp_types::types::{Error, ErrorCode};

/// The registrations of one backend instance.
#[derive(Debug)]
pub(super) struct Registry {
    server: Option<Server>,
    catalog: Arc<Catalog>,
    served: bool,
    isolation: Isolation,
    keeps_sessions: bool,
    world: World,
}

/// The most entries that all lists may have together.
const ENTRIES: usize = 100_000;

impl Registry {
    /// Creates an empty registry for an instance that serves these calls. The host memory that its
    /// schemas use has the same limit as the instance's own memory.
    pub(super) fn new(
        isolation: Isolation,
        keeps_sessions: bool,
        world: World,
        limits: &InstanceLimits,
        schemas: Schemas,
    ) -> Self {
        let catalog = Catalog::new(ENTRIES)
            .with_most_bytes(limits.catalog_bytes)
            .with_most_schema_bytes(limits.memory_bytes)
            .with_schemas(schemas);
        Self {
            server: None,
            catalog: Arc::new(catalog),
            served: false,
            isolation,
            keeps_sessions,
            world,
        }
    }

    /// Returns whether the guest has called `serve`.
    pub(super) fn is_served(&self) -> bool {
        self.served
    }

    /// Returns the component's offer once it has started, or the reason why it cannot be served.
    pub(super) fn offer(&self, shape: &Shape) -> Result<Offer, String> {
        let server = self.server.as_ref().ok_or("no server was registered")?;
        offer(
            shape,
            server,
            Some(Arc::clone(&self.catalog)),
            self.isolation,
            self.keeps_sessions,
        )
    }

    /// Checks that the component is not a service. A service owns its lists, so it registers nothing.
    fn check_world(&self) -> Result<(), Error> {
        match self.world {
            World::Backend => Ok(()),
            World::Service => Err(invalid_state("a service cannot register")),
        }
    }

    fn register_server(&mut self, server: Server) -> Result<(), Error> {
        self.check_world()?;
        if self.server.is_some() {
            return Err(invalid_state("a server is already registered"));
        }
        wire::declare_server(server.clone(), false).map_err(invalid_params)?;
        self.server = Some(server);
        Ok(())
    }

    fn serve(&mut self) -> Result<(), Error> {
        self.check_world()?;
        if self.served {
            return Err(invalid_state("`serve` was already called"));
        }
        if self.server.is_none() {
            return Err(invalid_state("`register-server` must come before `serve`"));
        }
        self.served = true;
        Ok(())
    }
}

impl State {
    /// Checks that the guest may change its lists now.
    fn check_edit(&self) -> Result<(), Error> {
        self.registry.check_world()?;
        if self.registry.served && self.registry.isolation == Isolation::Call {
            return Err(invalid_state(
                "after `serve` nothing changes: each call has an instance of its own",
            ));
        }
        Ok(())
    }

    /// Changes the catalog, and notifies the session if it is already served.
    fn edit(
        &mut self,
        changed: Changed,
        edit: impl FnOnce(&mut Catalog) -> Result<(), CatalogError>,
    ) -> Result<(), Error> {
        self.check_edit()?;
        edit(Arc::make_mut(&mut self.registry.catalog))
            .map_err(|error| self.refused(error.into()))?;
        if self.registry.served {
            self.session
                .publish(Arc::clone(&self.registry.catalog), changed);
        }
        Ok(())
    }

    /// Registers items, in slices if they are large: `each` adds one to a batch.
    async fn register<T: Send + 'static>(
        &mut self,
        changed: Changed,
        items: Vec<T>,
        bytes: impl Fn(&T) -> usize,
        each: fn(&mut Batch, T) -> Result<(), RegistrationError>,
    ) -> wasmtime::Result<Result<(), Error>> {
        if let Err(error) = self.check_edit() {
            return Ok(Err(error));
        }
        let charge = Charge {
            time: self.computing_time.clone(),
            most: self.most_computing,
        };
        let batch = self.registry.catalog.batch();
        let collected = self
            .shares
            .work_off(&charge, items, bytes, batch, each)
            .await?;
        Ok(match collected {
            Ok(batch) => self.edit(changed, |catalog| catalog.add(batch)),
            Err(error) => Err(self.refused(error)),
        })
    }

    /// Counts a limit that was reached, and logs the reason: a guest may ignore the error.
    fn refused(&self, error: RegistrationError) -> Error {
        let session = self.session.observer().session;
        let text = error.to_string();
        let reason = Visible(text.as_bytes());
        if matches!(&error, RegistrationError::Catalog(error) if error.is_limit()) {
            self.session.observer().reached(Limit::Catalog);
            tracing::debug!(session, %reason, "the component registers more than it may");
        } else {
            tracing::info!(session, %reason, "a registration was refused");
        }
        invalid_params(text)
    }

    pub(super) fn register_server(&mut self, server: Server) -> Result<(), Error> {
        self.registry.register_server(server)
    }

    pub(super) fn serve(&mut self) -> Result<(), Error> {
        self.registry.serve()
    }

    pub(super) async fn register_tools(
        &mut self,
        tools: Vec<Tool>,
    ) -> wasmtime::Result<Result<(), Error>> {
        let bytes = |tool: &Tool| {
            let output = tool.output_schema.as_ref().map_or(0, String::len);
            tool.name.len() + tool.input_schema.len() + output + length(&tool.description)
        };
        self.register(Changed::TOOLS, tools, bytes, |batch, tool| {
            let output = tool.output_schema.as_deref();
            // First, because its errors say more about a schema that is not JSON text.
            let compiled = batch.compile_tool(&tool.name, &tool.input_schema, output)?;
            let json = text(&tool, List::Tools, &tool.name)?;
            Ok(compiled.finish(tool.name, &json)?)
        })
        .await
    }

    pub(super) fn unregister_tools(&mut self, names: &[String]) -> Result<(), Error> {
        self.edit(Changed::TOOLS, |catalog| catalog.remove_tools(names))
    }

    pub(super) async fn register_resources(
        &mut self,
        resources: Vec<Resource>,
    ) -> wasmtime::Result<Result<(), Error>> {
        let bytes = |it: &Resource| it.uri.len() + it.name.len() + length(&it.description);
        self.register(Changed::RESOURCES, resources, bytes, |batch, resource| {
            let json = text(&resource, List::Resources, &resource.uri)?;
            let uri = resource.uri;
            Ok(batch.push_resource(ResourceEntry { uri, json })?)
        })
        .await
    }

    pub(super) fn unregister_resources(&mut self, uris: &[String]) -> Result<(), Error> {
        self.edit(Changed::RESOURCES, |catalog| catalog.remove_resources(uris))
    }

    pub(super) async fn register_resource_templates(
        &mut self,
        templates: Vec<ResourceTemplate>,
    ) -> wasmtime::Result<Result<(), Error>> {
        let bytes =
            |it: &ResourceTemplate| it.uri_template.len() + it.name.len() + length(&it.description);
        self.register(Changed::RESOURCES, templates, bytes, |batch, template| {
            let json = text(&template, List::ResourceTemplates, &template.uri_template)?;
            let uri_template = template.uri_template;
            Ok(batch.push_template(TemplateEntry { uri_template, json })?)
        })
        .await
    }

    pub(super) fn unregister_resource_templates(
        &mut self,
        templates: &[String],
    ) -> Result<(), Error> {
        self.edit(Changed::RESOURCES, |catalog| {
            catalog.remove_templates(templates)
        })
    }

    pub(super) async fn register_prompts(
        &mut self,
        prompts: Vec<Prompt>,
    ) -> wasmtime::Result<Result<(), Error>> {
        let bytes = |prompt: &Prompt| {
            let arguments = prompt.arguments.as_ref().map_or(0, Vec::len);
            prompt.name.len() + length(&prompt.description) + 100 * arguments
        };
        self.register(Changed::PROMPTS, prompts, bytes, |batch, prompt| {
            let json = text(&prompt, List::Prompts, &prompt.name)?;
            let mut names = HashSet::new();
            let mut arguments = prompt.arguments.iter().flatten();
            if let Some(twice) = arguments.find(|argument| !names.insert(&argument.name)) {
                return Err(RegistrationError::TwoArguments {
                    prompt: prompt.name.clone(),
                    argument: twice.name.clone(),
                });
            }
            let arguments = prompt.arguments.into_iter().flatten();
            let arguments =
                arguments.map(|argument| (argument.name, argument.required.unwrap_or(false)));
            Ok(batch.push_prompt(PromptEntry {
                name: prompt.name,
                json,
                arguments: arguments.collect(),
            })?)
        })
        .await
    }

    pub(super) fn unregister_prompts(&mut self, names: &[String]) -> Result<(), Error> {
        self.edit(Changed::PROMPTS, |catalog| catalog.remove_prompts(names))
    }
}

/// The reasons for refusing an item. Each names the item.
#[derive(Debug, thiserror::Error)]
enum RegistrationError {
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error("the {list} {key:?}: {fault}")]
    Malformed {
        list: List,
        key: String,
        fault: json::Fault,
    },
    #[error("the prompt {prompt:?} has two arguments {argument:?}")]
    TwoArguments { prompt: String, argument: String },
}

fn length(text: &Option<String>) -> usize {
    text.as_ref().map_or(0, String::len)
}

/// Returns the whole item as the lists show it.
fn text(item: &impl ToJson, list: List, key: &str) -> Result<String, RegistrationError> {
    let malformed = |fault| RegistrationError::Malformed {
        list,
        key: key.to_owned(),
        fault,
    };
    let bytes = wire::to_json(item).map_err(malformed)?;
    String::from_utf8(bytes).map_err(|_| malformed(json::Fault::new("text in UTF-8")))
}

/// Implements the functions of `runtime`, for both variants.
macro_rules! runtime_imports {
    ($runtime:path) => {
        const _: () = {
            use wasi_mcp_types::capabilities::Server;
            use wasi_mcp_types::content::{Prompt, Resource, ResourceTemplate, Tool};
            use $runtime as runtime;

            impl runtime::Host for State {
                fn register_server(
                    &mut self,
                    server: Server,
                ) -> wasmtime::Result<Result<(), Error>> {
                    Ok(self.register_server(server))
                }
                async fn register_tools(
                    &mut self,
                    tools: Vec<Tool>,
                ) -> wasmtime::Result<Result<(), Error>> {
                    State::register_tools(self, tools).await
                }
                fn unregister_tools(
                    &mut self,
                    names: Vec<String>,
                ) -> wasmtime::Result<Result<(), Error>> {
                    Ok(self.unregister_tools(&names))
                }
                async fn register_resources(
                    &mut self,
                    resources: Vec<Resource>,
                ) -> wasmtime::Result<Result<(), Error>> {
                    State::register_resources(self, resources).await
                }
                fn unregister_resources(
                    &mut self,
                    uris: Vec<String>,
                ) -> wasmtime::Result<Result<(), Error>> {
                    Ok(self.unregister_resources(&uris))
                }
                async fn register_resource_templates(
                    &mut self,
                    templates: Vec<ResourceTemplate>,
                ) -> wasmtime::Result<Result<(), Error>> {
                    State::register_resource_templates(self, templates).await
                }
                fn unregister_resource_templates(
                    &mut self,
                    templates: Vec<String>,
                ) -> wasmtime::Result<Result<(), Error>> {
                    Ok(self.unregister_resource_templates(&templates))
                }
                async fn register_prompts(
                    &mut self,
                    prompts: Vec<Prompt>,
                ) -> wasmtime::Result<Result<(), Error>> {
                    State::register_prompts(self, prompts).await
                }
                fn unregister_prompts(
                    &mut self,
                    names: Vec<String>,
                ) -> wasmtime::Result<Result<(), Error>> {
                    Ok(self.unregister_prompts(&names))
                }
                fn serve(&mut self) -> wasmtime::Result<Result<(), Error>> {
                    Ok(self.serve())
                }
            }
        };
    };
}
pub(super) use runtime_imports;

/// Implements the functions of `notifications`, for both variants.
macro_rules! notifications_imports {
    ($notifications:path) => {
        const _: () = {
            use wasi_mcp_protocol::Changed;
            use $notifications as notifications;

            impl notifications::Host for State {
                fn tools_changed(&mut self) -> wasmtime::Result<()> {
                    self.session.lists_changed(Changed::TOOLS);
                    Ok(())
                }
                fn resources_changed(&mut self) -> wasmtime::Result<()> {
                    self.session.lists_changed(Changed::RESOURCES);
                    Ok(())
                }
                fn prompts_changed(&mut self) -> wasmtime::Result<()> {
                    self.session.lists_changed(Changed::PROMPTS);
                    Ok(())
                }
                fn resource_updated(
                    &mut self,
                    subscribed: String,
                    uri: Option<String>,
                ) -> wasmtime::Result<()> {
                    self.session.resource_updated(&subscribed, uri.as_deref());
                    Ok(())
                }
            }
        };
    };
}
pub(super) use notifications_imports;

/// Checks a server's declaration against its component's exports, and creates the offer from which
/// the session answers `initialize`.
pub(super) fn offer(
    shape: &Shape,
    server: &Server,
    catalog: Option<Arc<Catalog>>,
    isolation: Isolation,
    keeps_sessions: bool,
) -> Result<Offer, String> {
    let exported = Exported {
        is_service: shape.world == World::Service,
        tools: shape.tools(),
        resources: shape.resources(),
        subscriptions: shape.subscriptions(),
        prompts: shape.prompts(),
        completion: shape.completion(),
        client_events: shape.client_events(),
        logging: shape.imports.logging,
    };
    let lifetime = match isolation {
        Isolation::Session => Lifetime::Session,
        Isolation::Call if keeps_sessions => Lifetime::Call,
        Isolation::Call => Lifetime::Message,
    };
    Offer::declare(server, catalog, exported, lifetime, |name| {
        tracing::warn!(
            "the component exports what the capability `{name}` needs, but does not declare it: \
             it is not offered"
        );
    })
}

fn invalid_params(error: impl std::fmt::Display) -> Error {
    Error {
        code: ErrorCode::InvalidParams,
        message: error.to_string(),
        data: None,
    }
}

fn invalid_state(message: &str) -> Error {
    Error {
        code: ErrorCode::InvalidState,
        message: message.to_owned(),
        data: None,
    }
}
