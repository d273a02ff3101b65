//! The macros of `wasi-mcp-guest`, which documents and re-exports them.

mod attributes;
mod exports;
mod form;
mod function;
mod hooks;
mod module;
mod prompt;
mod resource;
mod template;
mod tool;

use proc_macro::TokenStream;
use syn::{DeriveInput, Error, ItemFn, ItemMod, parse_macro_input};

use crate::attributes::Arguments;

/// Makes a server of a module: registers its items, and exports what they need.
///
/// Functions in the module become items by an attribute, and others stay what they are:
///
/// | attribute | function |
/// |---|---|
/// | [`#[tool]`](macro@tool) | a tool |
/// | [`#[resource(uri = "...")]`](macro@resource) | a resource |
/// | [`#[resource(template = "...")]`](macro@resource) | a resource template |
/// | [`#[prompt]`](macro@prompt) | a prompt |
/// | `#[setup(tools, ...)]` | adds items to an `&mut Items` by its own code, of the kinds named |
/// | `#[subscribe]`, `#[unsubscribe]` | handles a subscription to a resource that exists: takes its URI |
/// | `#[initialized]`, `#[roots_changed]` | handles a notification of the client |
/// | `#[visible]` | takes an `ItemName`, and returns whether a request to a service may see that item |
///
/// Each may be `async` and may take a `Context` or `&Context`.
///
/// | argument | meaning | default |
/// |---|---|---|
/// | `name`, `version` | of the server | those of the package |
/// | `title`, `instructions` | for people, and for models | none |
/// | `items(path, ...)` | modules with the attribute [`items`](macro@items) whose items the server has too | none |
/// | `service` | the component answers the list methods itself, with lists that may vary by request | the host owns the lists |
/// | `list_changed` | the lists change while the server runs | they do not |
/// | `rename_all = "kebab-case"` | names of items with hyphens | the functions' names |
/// | `configure = function` | changes the record of the description at last | none |
#[proc_macro_attribute]
pub fn server(arguments: TokenStream, module: TokenStream) -> TokenStream {
    let arguments = parse_macro_input!(arguments as Arguments);
    let module = parse_macro_input!(module as ItemMod);
    module::server(arguments, module)
        .unwrap_or_else(Error::into_compile_error)
        .into()
}

/// Collects the items of a module, for a server in another module or for a list that changes.
///
/// The attributes of functions are those of [`server`](macro@server), without the handlers of
/// subscriptions and notifications. The module gets a function `items`. The argument is
/// `rename_all = "kebab-case"`, for names with hyphens.
#[proc_macro_attribute]
pub fn items(arguments: TokenStream, module: TokenStream) -> TokenStream {
    let arguments = parse_macro_input!(arguments as Arguments);
    let module = parse_macro_input!(module as ItemMod);
    module::items(arguments, module)
        .unwrap_or_else(Error::into_compile_error)
        .into()
}

/// Makes a tool of a function, in a module with [`server`](macro@server) or [`items`](macro@items).
///
/// The comment is the description. Each parameter is an argument: its type gives the schema, its
/// comment the description. An `Option` need not be given, and neither need a parameter with
/// `#[default]` or `#[default(value)]`. The attributes `#[serde(...)]` and `#[schemars(...)]` at a
/// parameter work as at a field. One parameter of the type `Arguments<T>` takes all arguments as a
/// struct.
///
/// | argument | meaning | default |
/// |---|---|---|
/// | `name` | of the tool | the function's name |
/// | `title` | for people | none |
/// | `read_only`, `destructive`, `idempotent`, `open_world` | hints, as in `read_only` or `destructive = false` | none |
/// | `annotations` | the record of all hints | of the hints |
/// | `input_schema`, `output_schema` | JSON text in place of the derived schema | of the types |
/// | `meta`, `extra` | JSON text of the record | none |
#[proc_macro_attribute]
pub fn tool(_arguments: TokenStream, function: TokenStream) -> TokenStream {
    outside(&parse_macro_input!(function as ItemFn), "tool")
}

/// Makes a resource or a resource template of a function, in a module with [`server`](macro@server)
/// or [`items`](macro@items).
///
/// The comment is the description. With `uri`, the function takes no parameter apart from a `Context`
/// and a `Location`. With `template`, it takes one parameter for each variable, of any type that is
/// parsed from text: a URI whose variables do not parse is a resource that does not exist. An
/// expression `{name}` stands for one segment of a path, and `{+name}` for several.
/// A function with a parameter `&mut ByteWriter` writes the resource, of any size, instead of returning
/// it. WASI 0.3 streams the bytes. The function returns nothing, an `Option<()>` or a `Result`.
/// `#[complete(function)]` at a parameter completes it, as for a [`prompt`](macro@prompt).
///
/// | argument | meaning | default |
/// |---|---|---|
/// | `uri` or `template` | of the resource | required |
/// | `name` | for programs | the function's name |
/// | `title`, `mime_type` | as MCP has them | none |
/// | `size`, `annotations`, `meta`, `extra` | members of the record | none |
/// | `unlisted` | the template is readable but not listed | it is listed |
#[proc_macro_attribute]
pub fn resource(_arguments: TokenStream, function: TokenStream) -> TokenStream {
    outside(&parse_macro_input!(function as ItemFn), "resource")
}

/// Makes a prompt of a function, in a module with [`server`](macro@server) or
/// [`items`](macro@items).
///
/// The comment is the description. Each parameter is an argument, of any type that is parsed from
/// text; an `Option` need not be given. At a parameter,
///
/// - a comment is its description;
/// - `#[arg(name = "...", title = "...", extra = ...)]` sets further members;
/// - `#[complete(function)]` completes it: a function that takes a `&Completion`, `async` with
///   `#[complete(async function)]`. Any other expression is a list of all values, such as
///   `#[complete(["small", "large"])]`.
///
/// | argument | meaning | default |
/// |---|---|---|
/// | `name` | of the prompt | the function's name |
/// | `title` | for people | none |
/// | `meta`, `extra` | JSON text of the record | none |
#[proc_macro_attribute]
pub fn prompt(_arguments: TokenStream, function: TokenStream) -> TokenStream {
    outside(&parse_macro_input!(function as ItemFn), "prompt")
}

/// Refuses an item that no module would register.
fn outside(function: &ItemFn, kind: &str) -> TokenStream {
    let name = &function.sig.ident;
    let message = format!(
        "`{name}` is never registered: a `#[{kind}]` stands inside a module with \
         `#[wasi_mcp_guest::server]` or `#[wasi_mcp_guest::items]`"
    );
    Error::new(name.span(), message).into_compile_error().into()
}

/// Makes a form of a struct.
#[proc_macro_derive(Form, attributes(form))]
pub fn form(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    form::form(&input)
        .unwrap_or_else(Error::into_compile_error)
        .into()
}

/// Makes the field of a form of an enum without fields: a choice of one of its variants.
///
/// The attribute `#[choice(value = "...", title = "...")]` at a variant sets the value, which is its
/// name by default, and the name for people.
#[proc_macro_derive(Choice, attributes(choice))]
pub fn choice(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    form::choice(&input)
        .unwrap_or_else(Error::into_compile_error)
        .into()
}

/// Exports a server with the kinds that its modules have. Used by the other macros.
#[doc(hidden)]
#[proc_macro]
pub fn __export(input: TokenStream) -> TokenStream {
    exports::export(parse_macro_input!(input as exports::Export)).into()
}
