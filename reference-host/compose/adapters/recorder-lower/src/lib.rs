//! The lower half of a recorder: a backend registers here in place of a host, and the upper half
//! reads what it has registered.

#[macro_use]
#[path = "../../edge/bindings.rs"]
mod bindings;

bindings!("wasi-mcp:adapters/recorder-lower");

use std::cell::RefCell;

use exports::wasi::mcp::runtime;
use exports::wasi_mcp::adapters::control;
use wasi::mcp::notifications;
use wasi_mcp_protocol::Registrations;
use wasi_mcp_types::capabilities::{Server, ServerCapabilities};
use wasi_mcp_types::content::*;
use wasi_mcp_types::types::Error;

thread_local! {
    static REGISTRATIONS: RefCell<Registrations> = RefCell::default();
}

fn with<T>(act: impl FnOnce(&mut Registrations) -> T) -> T {
    REGISTRATIONS.with_borrow_mut(act)
}

/// Changes a list, and announces the change if the backend is served and has declared that it
/// announces changes: another part of the composition may have declared it alone.
fn change(
    declares: fn(&ServerCapabilities) -> Option<bool>,
    announce: fn(),
    act: impl FnOnce(&mut Registrations) -> Result<(), Error>,
) -> Result<(), Error> {
    let is_announced = with(|registrations| {
        act(registrations)?;
        let served = registrations.server();
        Ok::<_, Error>(served.is_ok_and(|server| declares(&server.capabilities) == Some(true)))
    })?;
    if is_announced {
        announce();
    }
    Ok(())
}

fn tools(act: impl FnOnce(&mut Registrations) -> Result<(), Error>) -> Result<(), Error> {
    let declares = |declared: &ServerCapabilities| declared.tools.as_ref()?.list_changed;
    change(declares, notifications::tools_changed, act)
}

fn resources(act: impl FnOnce(&mut Registrations) -> Result<(), Error>) -> Result<(), Error> {
    let declares = |declared: &ServerCapabilities| declared.resources.as_ref()?.list_changed;
    change(declares, notifications::resources_changed, act)
}

fn prompts(act: impl FnOnce(&mut Registrations) -> Result<(), Error>) -> Result<(), Error> {
    let declares = |declared: &ServerCapabilities| declared.prompts.as_ref()?.list_changed;
    change(declares, notifications::prompts_changed, act)
}

struct Recorder;

impl runtime::Guest for Recorder {
    fn register_server(server: Server) -> Result<(), Error> {
        with(|registrations| registrations.register_server(server))
    }
    fn register_tools(items: Vec<Tool>) -> Result<(), Error> {
        tools(|registrations| registrations.register_tools(items))
    }
    fn unregister_tools(names: Vec<String>) -> Result<(), Error> {
        tools(|registrations| registrations.unregister_tools(&names))
    }
    fn register_resources(items: Vec<Resource>) -> Result<(), Error> {
        resources(|registrations| registrations.register_resources(items))
    }
    fn unregister_resources(uris: Vec<String>) -> Result<(), Error> {
        resources(|registrations| registrations.unregister_resources(&uris))
    }
    fn register_resource_templates(items: Vec<ResourceTemplate>) -> Result<(), Error> {
        resources(|registrations| registrations.register_resource_templates(items))
    }
    fn unregister_resource_templates(templates: Vec<String>) -> Result<(), Error> {
        resources(|registrations| registrations.unregister_resource_templates(&templates))
    }
    fn register_prompts(items: Vec<Prompt>) -> Result<(), Error> {
        prompts(|registrations| registrations.register_prompts(items))
    }
    fn unregister_prompts(names: Vec<String>) -> Result<(), Error> {
        prompts(|registrations| registrations.unregister_prompts(&names))
    }
    fn serve() -> Result<(), Error> {
        with(Registrations::serve)
    }
}

impl control::Guest for Recorder {
    fn get_server() -> Result<Server, Error> {
        with(|registrations| registrations.server().cloned())
    }
    fn list_tools(cursor: Option<String>) -> Result<ListToolsResult, Error> {
        with(|registrations| registrations.list_tools(cursor.as_deref()))
    }
    fn list_resources(cursor: Option<String>) -> Result<ListResourcesResult, Error> {
        with(|registrations| registrations.list_resources(cursor.as_deref()))
    }
    fn list_resource_templates(
        cursor: Option<String>,
    ) -> Result<ListResourceTemplatesResult, Error> {
        with(|registrations| registrations.list_resource_templates(cursor.as_deref()))
    }
    fn list_prompts(cursor: Option<String>) -> Result<ListPromptsResult, Error> {
        with(|registrations| registrations.list_prompts(cursor.as_deref()))
    }
    fn check_tool_call(name: String, arguments: Option<String>) -> Result<(), Error> {
        with(|registrations| registrations.check_tool_call(&name, arguments.as_deref()))
    }
    fn check_tool_result(name: String, structured: Option<String>) -> Result<(), Error> {
        with(|registrations| registrations.check_tool_result(&name, structured.as_deref()))
    }
    fn check_prompt(params: GetPromptParams) -> Result<(), Error> {
        with(|registrations| registrations.check_prompt(&params))
    }
    fn check_completion(params: CompleteParams) -> Result<(), Error> {
        with(|registrations| registrations.check_completion(&params))
    }
}

export!(Recorder);
