//! Functions of a server that handle subscriptions and notifications.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, Ident, Result};

use crate::function::{Function, Kind};

/// The attributes, each with the method of `ServerDefinition` that it implements.
pub const HOOKS: [(&str, &str); 4] = [
    ("subscribe", "subscribed"),
    ("unsubscribe", "unsubscribed"),
    ("initialized", "initialized"),
    ("roots_changed", "roots_changed"),
];

/// A handler: the function that the module gets, and the method that calls it.
pub struct Hook {
    pub wrapper: TokenStream,
    pub method: TokenStream,
}

/// Returns the handler of a function in the module of this name.
pub fn hook(attribute: &str, method: &str, function: &Function, module: &Ident) -> Result<Hook> {
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
