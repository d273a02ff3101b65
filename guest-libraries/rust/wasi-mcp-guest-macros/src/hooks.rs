//! Functions of a server that handle subscriptions and notifications, or hide items.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, Ident, Result, Type};

use crate::function::{Function, Kind};

/// The attributes, each with the method of `ServerDefinition` that it implements.
pub const HOOKS: [(&str, &str); 5] = [
    ("subscribe", "subscribed"),
    ("unsubscribe", "unsubscribed"),
    ("initialized", "initialized"),
    ("roots_changed", "roots_changed"),
    ("visible", "visible"),
];

/// A handler: the function that the module gets, and the method that calls it.
pub struct Hook {
    pub wrapper: TokenStream,
    pub method: TokenStream,
}

/// Returns the handler of a function in the module of this name.
pub fn hook(attribute: &str, method: &str, function: &Function, module: &Ident) -> Result<Hook> {
    if attribute == "visible" {
        return filter(function, module);
    }
    let takes_uri = matches!(attribute, "subscribe" | "unsubscribe");
    let mut passed = Vec::new();
    for parameter in &function.parameters {
        passed.push(parameter.pass(match parameter.kind {
            Kind::Context => quote!(__context),
            Kind::Value if takes_uri => quote!(__uri),
            _ => {
                return Err(Error::new(
                    parameter.span(),
                    if takes_uri {
                        format!("`#[{attribute}]` takes the URI as text, and a `Context`")
                    } else {
                        format!("`#[{attribute}]` takes a `Context` alone")
                    },
                ));
            }
        }));
    }
    let conditions = &function.conditions;
    let wrapper = format_ident!("__{method}");
    let method = format_ident!("{method}");
    let call = function.call(passed.into_iter());
    let result = &function.result;
    if takes_uri {
        let convert = quote_spanned!(result.span()=>
            <#result as ::wasi_mcp_guest::private::IntoSubscription>::into_subscription);
        let returned = quote!(::core::result::Result<(), ::wasi_mcp_guest::Error>);
        Ok(Hook {
            wrapper: quote! {
                #(#conditions)*
                pub(super) async fn #wrapper(
                    __context: ::wasi_mcp_guest::Context,
                    __uri: ::std::string::String,
                ) -> #returned {
                    #convert(#call)
                }
            },
            method: quote! {
                #(#conditions)*
                async fn #method(
                    context: ::wasi_mcp_guest::Context,
                    uri: ::std::string::String,
                ) -> #returned {
                    #module::#wrapper(context, uri).await
                }
            },
        })
    } else {
        Ok(Hook {
            wrapper: quote! {
                #(#conditions)*
                pub(super) async fn #wrapper(__context: ::wasi_mcp_guest::Context) {
                    #call;
                }
            },
            method: quote! {
                #(#conditions)*
                async fn #method(context: ::wasi_mcp_guest::Context) {
                    #module::#wrapper(context).await;
                }
            },
        })
    }
}

/// Returns the filter of a service.
fn filter(function: &Function, module: &Ident) -> Result<Hook> {
    let mut passed = Vec::new();
    let mut takes_item = false;
    for parameter in &function.parameters {
        passed.push(match parameter.kind {
            Kind::Context => parameter.lend(quote!(__context)),
            Kind::Value if !takes_item => {
                takes_item = true;
                parameter.pass(quote!(__item))
            }
            _ => {
                return Err(Error::new(
                    parameter.span(),
                    "`#[visible]` takes an `ItemName`, and a `Context`",
                ));
            }
        });
    }
    if !matches!(&function.result, Type::Path(ty) if ty.path.is_ident("bool")) {
        return Err(Error::new(
            function.name.span(),
            "`#[visible]` returns `bool`: the request may see the item",
        ));
    }
    let conditions = &function.conditions;
    let call = function.call(passed.into_iter());
    Ok(Hook {
        wrapper: quote! {
            #(#conditions)*
            pub(super) async fn __visible(
                __context: &::wasi_mcp_guest::Context,
                __item: ::wasi_mcp_guest::ItemName<'_>,
            ) -> bool {
                #call
            }
        },
        method: quote! {
            #(#conditions)*
            async fn visible(
                context: &::wasi_mcp_guest::Context,
                item: ::wasi_mcp_guest::ItemName<'_>,
            ) -> bool {
                #module::__visible(context, item).await
            }
        },
    })
}
