//! The exports of a server, which follow from the kinds of items in its modules.
//!
//! A macro sees one module only. So each module with items has a macro `__wasi_mcp_kinds` that adds
//! its kinds to a list and passes on to `__export!`, which asks the next module or, after the last,
//! exports the server.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Ident, Path, Result, Token, braced, bracketed};

/// The kinds of items, in the order of the exports: the export of each, as a module of the bindings,
/// and the field of `Exports` that says so, where there is one.
const KINDS: [(&str, &str, Option<&str>); 7] = [
    ("tools", "tools", Some("tools")),
    ("resources", "resources", Some("resources")),
    ("streams", "resource_streams", None),
    (
        "subscriptions",
        "resource_subscriptions",
        Some("subscriptions"),
    ),
    ("prompts", "prompts", Some("prompts")),
    ("completion", "completion", Some("completion")),
    ("client_events", "client_events", None),
];

/// The kinds of items that a service lists, with the export of each list.
const CATALOGS: [(&str, &str); 3] = [
    ("tools", "tool_catalog"),
    ("resources", "resource_catalog"),
    ("prompts", "prompt_catalog"),
];

/// The exports that a host calls first: of a backend, and of a service. One of them is among the
/// kinds.
const ENTRIES: [&str; 2] = ["start", "server_catalog"];

/// The kinds so far, the modules that are left, and the members of the `impl`.
pub struct Export {
    kinds: Vec<Ident>,
    modules: Vec<Path>,
    members: TokenStream,
}

impl Parse for Export {
    fn parse(input: ParseStream) -> Result<Self> {
        let (kinds, modules, members);
        bracketed!(kinds in input);
        bracketed!(modules in input);
        braced!(members in input);
        let mut idents = Vec::new();
        while !kinds.is_empty() {
            idents.push(kinds.parse()?);
        }
        Ok(Self {
            kinds: idents,
            modules: Punctuated::<Path, Token![,]>::parse_terminated(&modules)?
                .into_iter()
                .collect(),
            members: members.parse()?,
        })
    }
}

/// Returns the next step.
pub fn export(export: Export) -> TokenStream {
    let Export {
        kinds,
        modules,
        members,
    } = export;
    if let Some((next, rest)) = modules.split_first() {
        return quote! {
            #next::__wasi_mcp_kinds! { [#(#kinds)*] [#(#rest),*] { #members } }
        };
    }
    let is_present = |name: &str| kinds.iter().any(|kind| kind == name);
    let fields = KINDS.iter().filter_map(|(kind, _, field)| {
        let field = format_ident!("{}", (*field)?);
        let present = is_present(kind);
        Some(quote!(#field: #present))
    });
    let catalogs = CATALOGS.iter().filter(|_| is_present("server_catalog"));
    let exported = KINDS
        .iter()
        .map(|(kind, module, _)| (*kind, *module))
        .chain(catalogs.copied())
        .chain(ENTRIES.map(|entry| (entry, entry)))
        .filter(|(kind, _)| is_present(kind))
        .map(|(_, module)| {
            let module = format_ident!("{module}");
            quote! {
                ::wasi_mcp_guest::bindings::exports::#module::export!(
                    __Server with_types_in ::wasi_mcp_guest::bindings::exports::#module
                );
            }
        });
    quote! {
        struct __Server;

        impl ::wasi_mcp_guest::ServerDefinition for __Server {
            const EXPORTS: ::wasi_mcp_guest::Exports =
                ::wasi_mcp_guest::Exports { #(#fields),* };
            #members
        }

        #[cfg(target_arch = "wasm32")]
        const _: () = { #(#exported)* };

        // Outside of a component nothing calls the server, except for tests.
        #[cfg(not(target_arch = "wasm32"))]
        const _: fn() -> ::wasi_mcp_guest::Items =
            <__Server as ::wasi_mcp_guest::ServerDefinition>::items;
    }
}
