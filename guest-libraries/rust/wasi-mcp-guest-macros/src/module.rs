//! Modules whose functions become items.

use std::collections::BTreeSet;

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, Ident, Item, ItemMod, LitStr, Result};

use crate::attributes::{self, Arguments, item_name, optional_text, unraw};
use crate::function::Function;
use crate::hooks::{HOOKS, Hook, hook};
use crate::{prompt, resource, tool};

/// The kinds that a `#[setup]` may name.
const SETUP_KINDS: [&str; 4] = ["tools", "resources", "prompts", "completion"];

/// The names of a module's items, so that two of one name are found where they stand.
pub struct Naming {
    hyphens: bool,
    /// The function at hand may not be compiled, so that another one may have its name. The start of
    /// the server finds two that are.
    conditional: bool,
    tools: BTreeSet<String>,
    uris: BTreeSet<String>,
    prompts: BTreeSet<String>,
}

impl Naming {
    fn new(arguments: &mut Arguments) -> Result<Self> {
        let hyphens = match arguments.text("rename_all")? {
            None => false,
            Some(text) => match text.value().as_str() {
                "kebab-case" => true,
                "snake_case" => false,
                other => {
                    return Err(Error::new(
                        text.span(),
                        format!("unknown case `{other}`: expected `kebab-case` or `snake_case`"),
                    ));
                }
            },
        };
        Ok(Self {
            hyphens,
            conditional: false,
            tools: BTreeSet::new(),
            uris: BTreeSet::new(),
            prompts: BTreeSet::new(),
        })
    }

    /// Returns the name of a tool.
    pub fn tool(&mut self, arguments: &mut Arguments, function: &Ident) -> Result<String> {
        let (name, span) = item_name(arguments, function, self.hyphens)?;
        insert(&mut self.tools, self.conditional, name, span, "tools")
    }

    /// Returns the name of a prompt.
    pub fn prompt(&mut self, arguments: &mut Arguments, function: &Ident) -> Result<String> {
        let (name, span) = item_name(arguments, function, self.hyphens)?;
        insert(&mut self.prompts, self.conditional, name, span, "prompts")
    }

    /// Returns the name of a resource, which need not be unique.
    pub fn resource(&self, arguments: &mut Arguments, function: &Ident) -> Result<String> {
        Ok(item_name(arguments, function, self.hyphens)?.0)
    }

    /// Notes a URI or URI template.
    pub fn uri(&mut self, uri: &LitStr) -> Result<()> {
        let (uri, span) = (uri.value(), uri.span());
        insert(&mut self.uris, self.conditional, uri, span, "resources").map(drop)
    }
}

fn insert(
    names: &mut BTreeSet<String>,
    conditional: bool,
    name: String,
    span: Span,
    kind: &str,
) -> Result<String> {
    if conditional || names.insert(name.clone()) {
        Ok(name)
    } else {
        Err(Error::new(
            span,
            format!("two {kind} of this module have the name `{name}`"),
        ))
    }
}

/// A module, taken apart.
struct Contents {
    /// The items of the module, without our attributes.
    items: Vec<Item>,
    /// The statements that register.
    statements: Vec<TokenStream>,
    kinds: BTreeSet<String>,
    hooks: Vec<Hook>,
}

/// The server that a module makes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// None: the module has items for another one.
    Items,
    Backend,
    Service,
}

fn contents(module: ItemMod, naming: &mut Naming, role: Role) -> Result<Contents> {
    let Some((_, items)) = module.content else {
        return Err(Error::new(
            module.ident.span(),
            format!(
                "the attribute needs the contents of the module: write `mod {} {{ ... }}`",
                module.ident
            ),
        ));
    };
    let mut contents = Contents {
        items: Vec::new(),
        statements: Vec::new(),
        kinds: BTreeSet::new(),
        hooks: Vec::new(),
    };
    let mut errors: Option<Error> = None;
    for mut item in items {
        if let Item::Fn(function) = &mut item
            && let Err(error) = contents.function(function, naming, &module.ident, role)
        {
            match &mut errors {
                Some(errors) => errors.combine(error),
                None => errors = Some(error),
            }
        }
        contents.items.push(item);
    }
    match errors {
        None => Ok(contents),
        Some(errors) => Err(errors),
    }
}

impl Contents {
    /// Takes the attributes off a function, and notes what they say.
    fn function(
        &mut self,
        function: &mut syn::ItemFn,
        naming: &mut Naming,
        module: &Ident,
        role: Role,
    ) -> Result<()> {
        naming.conditional = !attributes::conditions(&function.attrs).is_empty();
        if let Some(attribute) = attributes::take(&mut function.attrs, "tool") {
            let function = Function::of(function)?;
            let conditions = function.conditions.clone();
            let statement = tool::register(&attribute, function, naming)?;
            self.add("tools", &conditions, statement);
        } else if let Some(attribute) = attributes::take(&mut function.attrs, "resource") {
            let function = Function::of(function)?;
            let conditions = function.conditions.clone();
            if function.writes() {
                self.kind("streams");
            }
            let (statement, completes) = resource::register(&attribute, function, naming)?;
            self.add("resources", &conditions, statement);
            self.completion(completes);
        } else if let Some(attribute) = attributes::take(&mut function.attrs, "prompt") {
            let function = Function::of(function)?;
            let conditions = function.conditions.clone();
            let (statement, completes) = prompt::register(&attribute, function, naming)?;
            self.add("prompts", &conditions, statement);
            self.completion(completes);
        } else if let Some(attribute) = attributes::take(&mut function.attrs, "setup") {
            for kind in Arguments::of(&attribute)?.words() {
                if !SETUP_KINDS.iter().any(|known| kind == known) {
                    return Err(Error::new(
                        kind.span(),
                        format!(
                            "unknown kind `{kind}`: expected `tools`, `resources`, `prompts` or `completion`"
                        ),
                    ));
                }
                self.kinds.insert(kind.to_string());
            }
            let conditions = attributes::conditions(&function.attrs);
            let name = &function.sig.ident;
            self.statements
                .push(quote!(#(#conditions)* #name(&mut items);));
        } else {
            for (name, method) in HOOKS {
                let Some(attribute) = attributes::take(&mut function.attrs, name) else {
                    continue;
                };
                if role == Role::Items {
                    return Err(Error::new(
                        attribute.span(),
                        format!("`#[{name}]` belongs to the module with `#[server]`"),
                    ));
                }
                match name {
                    "subscribe" | "unsubscribe" => self.kind("subscriptions"),
                    "visible" if role == Role::Service => {}
                    "visible" => {
                        return Err(Error::new(
                            attribute.span(),
                            "`#[visible]` hides items of a service alone: write `#[server(service)]`",
                        ));
                    }
                    _ => self.kind("client_events"),
                }
                let function = Function::of(function)?;
                self.hooks.push(hook(name, method, &function, module)?);
            }
        }
        Ok(())
    }

    fn kind(&mut self, kind: &str) {
        self.kinds.insert(kind.into());
    }

    fn add(&mut self, kind: &str, conditions: &[syn::Attribute], statement: TokenStream) {
        self.kind(kind);
        self.statements.push(quote!(#(#conditions)* { #statement }));
    }

    fn completion(&mut self, completes: bool) {
        if completes {
            self.kind("completion");
        }
    }

    /// Returns the kinds as words.
    fn kinds(&self) -> Vec<Ident> {
        let idents = self.kinds.iter();
        idents
            .map(|kind| Ident::new(kind, Span::call_site()))
            .collect()
    }

    /// Returns the function `items`, which stands where the module does in messages.
    fn collect(&self, module: &Ident) -> TokenStream {
        let statements = &self.statements;
        let name = Ident::new("items", module.span());
        quote! {
            /// Returns what the module registers.
            pub(crate) fn #name() -> ::wasi_mcp_guest::Items {
                let mut items = ::wasi_mcp_guest::Items::new();
                #(#statements)*
                items
            }
        }
    }
}

/// Returns a module with its function `items`.
pub fn items(mut arguments: Arguments, module: ItemMod) -> Result<TokenStream> {
    let mut naming = Naming::new(&mut arguments)?;
    arguments.end("`rename_all`")?;
    let (attributes, visibility, ident) = (
        module.attrs.clone(),
        module.vis.clone(),
        module.ident.clone(),
    );
    let contents = contents(module, &mut naming, Role::Items)?;
    let (items, kinds) = (&contents.items, contents.kinds());
    let collect = contents.collect(&ident);
    Ok(quote! {
        #(#attributes)*
        #visibility mod #ident {
            #(#items)*
            #collect

            #[allow(unused_macros)]
            macro_rules! __wasi_mcp_kinds {
                ([$($kinds:ident)*] $modules:tt $members:tt) => {
                    ::wasi_mcp_guest::private::__export! {
                        [$($kinds)* #(#kinds)*] $modules $members
                    }
                };
            }
            #[allow(unused_imports)]
            pub(crate) use __wasi_mcp_kinds;
        }
    })
}

/// Returns a module with its function `items`, and the exports of the server.
pub fn server(mut arguments: Arguments, module: ItemMod) -> Result<TokenStream> {
    let mut naming = Naming::new(&mut arguments)?;
    let name = match arguments.text("name")? {
        Some(name) => quote!(#name),
        None => quote!(::core::env!("CARGO_PKG_NAME")),
    };
    let version = match arguments.text("version")? {
        Some(version) => quote!(#version),
        None => quote!(::core::env!("CARGO_PKG_VERSION")),
    };
    let title = optional_text(arguments.text("title")?);
    let instructions = optional_text(arguments.expression("instructions")?);
    let service = arguments.flag("service")?.unwrap_or(false);
    let list_changed = arguments.flag("list_changed")?.unwrap_or(false);
    let configure = arguments
        .expression("configure")?
        .map(|function| quote_spanned!(function.span()=> #function(&mut server);));
    let modules = arguments.paths("items")?;
    arguments.end(
        "`name`, `version`, `title`, `instructions`, `items`, `service`, `list_changed`, `rename_all` or `configure`",
    )?;
    let (attributes, visibility, ident) = (
        module.attrs.clone(),
        module.vis.clone(),
        module.ident.clone(),
    );
    let role = if service {
        Role::Service
    } else {
        Role::Backend
    };
    let contents = contents(module, &mut naming, role)?;
    let (items, kinds) = (&contents.items, contents.kinds());
    let collect = contents.collect(&ident);
    let wrappers = contents.hooks.iter().map(|hook| &hook.wrapper);
    let methods = contents.hooks.iter().map(|hook| &hook.method);
    if modules.is_empty() && kinds.is_empty() {
        return Err(Error::new(
            ident.span(),
            format!(
                "the server `{}` has no items: mark a function with `#[tool]`, `#[resource]` or `#[prompt]`",
                unraw(&ident)
            ),
        ));
    }
    let entry = if service {
        quote!(server_catalog)
    } else {
        quote!(start)
    };
    Ok(quote! {
        #(#attributes)*
        #visibility mod #ident {
            #(#items)*
            #collect
            #(#wrappers)*
        }

        const _: () = {
            ::wasi_mcp_guest::private::__export! {
                [#entry #(#kinds)*]
                [#(#modules),*]
                {
                    const SERVICE: bool = #service;
                    const LIST_CHANGED: bool = #list_changed;

                    #[allow(unused_mut)]
                    fn description() -> ::wasi_mcp_guest::capabilities::Server {
                        let mut server = ::wasi_mcp_guest::capabilities::Server {
                            info: ::wasi_mcp_guest::types::Implementation {
                                name: #name.into(),
                                title: #title,
                                version: #version.into(),
                                extra: ::core::option::Option::None,
                            },
                            instructions: #instructions,
                            capabilities: ::core::default::Default::default(),
                        };
                        #configure
                        server
                    }

                    fn items() -> ::wasi_mcp_guest::Items {
                        let mut items = #ident::items();
                        #(items.append(#modules::items());)*
                        items
                    }

                    #(#methods)*
                }
            }
        };
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn refused(module: ItemMod) -> String {
        let none = Arguments::of(&parse_quote!(#[server])).unwrap();
        server(none, module).unwrap_err().to_string()
    }

    #[test]
    fn a_module_that_cannot_be_a_server_is_refused() {
        for (module, message) in [
            (
                parse_quote! { mod empty { fn helper() {} } },
                "the server `empty` has no items: mark a function with `#[tool]`, `#[resource]` or `#[prompt]`",
            ),
            (
                parse_quote! { mod twice {
                    #[tool] fn a() {}
                    #[tool(name = "a")] fn b() {}
                } },
                "two tools of this module have the name `a`",
            ),
            (
                parse_quote! { mod nameless { #[tool(name = "")] fn a() {} } },
                "the name is empty",
            ),
            (
                parse_quote! { mod generic { #[tool] fn a<T>(t: T) {} } },
                "`a` cannot be generic",
            ),
            (
                parse_quote! { mod opaque { #[tool] fn a() -> impl Display { 1 } } },
                "name the type that is returned",
            ),
            (
                parse_quote! { mod mixed { #[tool] fn a(all: Arguments<A>, one: u8) {} } },
                "`Arguments<T>` takes all arguments: make this one a field of `T`",
            ),
            (
                parse_quote! { mod resource { #[resource(uri = "a:b")] fn a(id: u8) {} } },
                "a resource takes no arguments: use a `template` with a variable of this name, or a `Context` or `Location`",
            ),
            (
                parse_quote! { mod resource { #[resource] fn a() {} } },
                "expected `#[resource(uri = \"...\")]` or `#[resource(template = \"...\")]`",
            ),
            (
                parse_quote! { mod resource { #[resource(template = "a:b")] fn a() {} } },
                "`a:b` has no variable: use `uri = \"...\"` for a single resource",
            ),
            (
                parse_quote! { mod setup { #[setup(sounds)] fn a(items: &mut Items) {} } },
                "unknown kind `sounds`: expected `tools`, `resources`, `prompts` or `completion`",
            ),
            (
                parse_quote! { mod hook { #[initialized] fn a(uri: String) {} } },
                "`#[initialized]` takes a `Context` alone",
            ),
            (
                parse_quote! { mod hook { #[visible] fn a(item: ItemName) -> bool { true } } },
                "`#[visible]` hides items of a service alone: write `#[server(service)]`",
            ),
        ] {
            assert_eq!(refused(module), message);
        }
    }

    #[test]
    fn a_filter_that_cannot_be_called_is_refused() {
        for (module, message) in [
            (
                parse_quote! { mod filter {
                    #[visible] fn a(item: ItemName, name: &str) -> bool { true }
                } },
                "`#[visible]` takes an `ItemName`, and a `Context`",
            ),
            (
                parse_quote! { mod filter { #[visible] fn a(item: ItemName) {} } },
                "`#[visible]` returns `bool`: the request may see the item",
            ),
        ] {
            let service = Arguments::of(&parse_quote!(#[server(service)])).unwrap();
            assert_eq!(server(service, module).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn functions_for_one_variant_each_may_share_a_name() {
        let none = Arguments::of(&parse_quote!(#[server])).unwrap();
        let module = parse_quote! { mod variants {
            #[cfg(feature = "p2")] #[tool] fn wait() {}
            #[cfg(feature = "p3")] #[tool] async fn wait() {}
        } };
        assert!(server(none, module).is_ok());
    }

    #[test]
    fn a_function_that_writes_needs_the_export_of_streams() {
        let kinds = |module: ItemMod| {
            let none = Arguments::of(&parse_quote!(#[items])).unwrap();
            let mut naming = Naming::new(&mut { none }).unwrap();
            let contents = contents(module, &mut naming, Role::Backend).unwrap();
            contents.kinds.into_iter().collect::<Vec<_>>()
        };
        let written = parse_quote! { mod written {
            #[resource(uri = "a:b")] async fn a(out: &mut ByteWriter) {}
        } };
        let returned = parse_quote! { mod returned {
            #[resource(uri = "a:b")] fn a() -> Vec<u8> { Vec::new() }
        } };
        assert_eq!(kinds(written), ["resources", "streams"]);
        assert_eq!(kinds(returned), ["resources"]);
    }

    #[test]
    fn handlers_of_notifications_belong_to_the_server() {
        let none = Arguments::of(&parse_quote!(#[items])).unwrap();
        let module = parse_quote! { mod part { #[subscribe] fn a(uri: String) {} } };
        assert_eq!(
            items(none, module).unwrap_err().to_string(),
            "`#[subscribe]` belongs to the module with `#[server]`"
        );
    }
}
