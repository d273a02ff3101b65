//! Registration.

use super::{SERVES, mode, passes, refused, same};
use crate::bindings::wasi::mcp::capabilities::Server;
use crate::bindings::wasi::mcp::content::{Annotations, Prompt, Resource, ResourceTemplate, Tool};
use crate::bindings::wasi::mcp::runtime as host;
use crate::bindings::wasi::mcp::types::{Error, ErrorCode};

/// An item of a list.
trait Item: Clone {
    fn key(&self) -> String;
    /// Returns the item without the parts that a host refuses, in a mode that accepts them.
    fn mended(self) -> Self;
}

impl Item for Tool {
    fn key(&self) -> String {
        self.name.clone()
    }

    fn mended(mut self) -> Self {
        let anything = r#"{"type":"object"}"#.to_owned();
        let outside = |schema: &String| schema.contains("\"$ref\":") && schema.contains("://");
        if mode::is("schemas-unchecked")
            || mode::is("references-fetched") && outside(&self.input_schema)
        {
            self.input_schema = anything.clone();
        }
        if let Some(schema) = &mut self.output_schema
            && (mode::is("schemas-unchecked")
                || mode::is("output-schemas-unchecked")
                || mode::is("references-fetched") && outside(schema))
        {
            *schema = anything;
        }
        if mode::is("json-unchecked") {
            self.meta = None;
            self.extra = None;
        }
        self
    }
}

impl Item for Resource {
    fn key(&self) -> String {
        self.uri.clone()
    }

    fn mended(mut self) -> Self {
        if mode::is("uris-unchecked") && !self.uri.contains(":/") {
            self.uri = format!("added:///mended/{}", self.uri.len());
        }
        if mode::is("content-unchecked") {
            self.size = None;
            self.annotations = self.annotations.map(|it| Annotations {
                priority: None,
                ..it
            });
        }
        self
    }
}

impl Item for ResourceTemplate {
    fn key(&self) -> String {
        self.uri_template.clone()
    }

    fn mended(mut self) -> Self {
        let template = &self.uri_template;
        let is_fit = template.matches('{').count() == template.matches('}').count();
        if mode::is("templates-unchecked") && (!is_fit || template.contains("{}")) {
            self.uri_template = format!("added:///mended/{}", template.len());
        }
        self
    }
}

impl Item for Prompt {
    fn key(&self) -> String {
        self.name.clone()
    }

    fn mended(mut self) -> Self {
        if mode::is("arguments-merged") {
            self.arguments = self.arguments.map(|all| all.into_iter().take(1).collect());
        }
        self
    }
}

fn register<T: Item>(
    items: &[T],
    register: impl Fn(&[T]) -> Result<(), Error>,
    unregister: impl Fn(&[String]) -> Result<(), Error>,
) -> Result<(), Error> {
    if mode::is("late-items-ignored") && SERVES.get() {
        return Ok(());
    }
    if mode::is("empty-lists-refused") && items.is_empty() {
        return Err(refused("There is nothing to register"));
    }
    if mode::is("items-one-by-one") {
        return items
            .iter()
            .try_for_each(|item| register(std::slice::from_ref(item)));
    }
    if mode::is("items-replaced") {
        return items.iter().try_for_each(|item| {
            let item = [item.clone()];
            if register(&item).is_err() {
                unregister(&[item[0].key()])?;
                register(&item)?;
            }
            Ok(())
        });
    }
    if mode::is("items-sorted") {
        let mut items = items.to_vec();
        items.sort_by_key(Item::key);
        return register(&items);
    }
    let answer = register(items);
    let answer = match answer {
        Err(error) if same(error.code, ErrorCode::InvalidParams) => {
            let mended: Vec<T> = items.iter().cloned().map(Item::mended).collect();
            // An unchanged item is refused again, with the same text.
            register(&mended)
        }
        answer => answer,
    };
    let answer = answer.map_err(|mut error| {
        if mode::is("refused-without-name") {
            error.message = "An item was refused".into();
        }
        error
    });
    passes("service-registers", ErrorCode::InvalidState, answer)
}

fn unregister(
    keys: &[String],
    unregister: impl Fn(&[String]) -> Result<(), Error>,
) -> Result<(), Error> {
    let one_by_one = |key: &String| unregister(std::slice::from_ref(key));
    if mode::is("empty-lists-refused") && keys.is_empty() {
        return Err(refused("There is nothing to unregister"));
    }
    if mode::is("items-one-by-one") {
        return keys.iter().try_for_each(one_by_one);
    }
    if mode::is("unknown-passed-over") {
        for key in keys {
            let _ = one_by_one(key);
        }
        return Ok(());
    }
    passes(
        "service-registers",
        ErrorCode::InvalidState,
        unregister(keys),
    )
}

pub fn register_server(server: &Server) -> Result<(), Error> {
    let answer = host::register_server(server);
    let answer = passes("servers-twice", ErrorCode::InvalidState, answer);
    let answer = passes("service-registers", ErrorCode::InvalidState, answer);
    passes("server-json-unchecked", ErrorCode::InvalidParams, answer)
}

pub fn register_tools(tools: &[Tool]) -> Result<(), Error> {
    let plain = |tool: &Tool| tool.name.bytes().all(|byte| byte.is_ascii_graphic());
    if mode::is("names-limited") && !tools.iter().all(plain) {
        return Err(refused("A name has a character that is not allowed"));
    }
    let short = |tool: &Tool| tool.name.len() <= 128;
    if mode::is("long-names-refused") && !tools.iter().all(short) {
        return Err(refused("A name is too long"));
    }
    let named = |tool: &Tool| tool.input_schema.contains("\"$schema\"");
    if mode::is("dialects-refused") && tools.iter().any(named) {
        return Err(refused("A schema names its dialect"));
    }
    register(tools, host::register_tools, host::unregister_tools)
}

pub fn unregister_tools(names: &[String]) -> Result<(), Error> {
    unregister(names, host::unregister_tools)
}

pub fn register_resources(resources: &[Resource]) -> Result<(), Error> {
    register(
        resources,
        host::register_resources,
        host::unregister_resources,
    )
}

pub fn unregister_resources(uris: &[String]) -> Result<(), Error> {
    unregister(uris, host::unregister_resources)
}

pub fn register_resource_templates(templates: &[ResourceTemplate]) -> Result<(), Error> {
    register(
        templates,
        host::register_resource_templates,
        host::unregister_resource_templates,
    )
}

pub fn unregister_resource_templates(templates: &[String]) -> Result<(), Error> {
    unregister(templates, host::unregister_resource_templates)
}

pub fn register_prompts(prompts: &[Prompt]) -> Result<(), Error> {
    if mode::is("undeclared-refused") && mode::is("only-tools") {
        return Err(refused("The capability is not declared"));
    }
    register(prompts, host::register_prompts, host::unregister_prompts)
}

pub fn unregister_prompts(names: &[String]) -> Result<(), Error> {
    unregister(names, host::unregister_prompts)
}

pub fn serve() -> Result<(), Error> {
    let answer = host::serve();
    if answer.is_ok() {
        SERVES.set(true);
    }
    let fault = if SERVES.get() {
        "serves-twice"
    } else {
        "serves-early"
    };
    let answer = passes(fault, ErrorCode::InvalidState, answer);
    passes("service-registers", ErrorCode::InvalidState, answer)
}
