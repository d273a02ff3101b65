//! Resources and resource templates.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Error, LitStr, Result};

use crate::attributes::{Arguments, optional, optional_text, unraw};
use crate::function::{Function, Kind};
use crate::module::Naming;
use crate::prompt::completer;
use crate::template;

/// Returns the statement that adds the resource or template of a function to `items`, and whether a
/// variable of it is completed.
pub fn register(
    attribute: &Attribute,
    function: Function,
    naming: &mut Naming,
) -> Result<(TokenStream, bool)> {
    let mut arguments = Arguments::of(attribute)?;
    match (arguments.text("uri")?, arguments.text("template")?) {
        (Some(uri), None) => {
            resource(arguments, function, naming, &uri).map(|statement| (statement, false))
        }
        (None, Some(uri_template)) => with_template(arguments, function, naming, &uri_template),
        _ => Err(Error::new(
            attribute.span(),
            "expected `#[resource(uri = \"...\")]` or `#[resource(template = \"...\")]`",
        )),
    }
}

/// The members that resources and templates share.
struct Members {
    name: String,
    others: TokenStream,
}

fn members(arguments: &mut Arguments, function: &Function, naming: &Naming) -> Result<Members> {
    let name = naming.resource(arguments, &function.name)?;
    let title = optional_text(arguments.text("title")?);
    let description = optional_text(function.documentation.as_ref());
    let mime_type = optional_text(arguments.text("mime_type")?);
    let annotations = optional(arguments.expression("annotations")?);
    let meta = optional_text(arguments.expression("meta")?);
    let extra = optional_text(arguments.expression("extra")?);
    Ok(Members {
        name,
        others: quote! {
            title: #title,
            description: #description,
            mime_type: #mime_type,
            annotations: #annotations,
            meta: #meta,
            extra: #extra,
        },
    })
}

fn resource(
    mut arguments: Arguments,
    function: Function,
    naming: &mut Naming,
    uri: &LitStr,
) -> Result<TokenStream> {
    let Members { name, others } = members(&mut arguments, &function, naming)?;
    let size = optional(arguments.expression("size")?);
    arguments.end(
        "`uri`, `template`, `name`, `title`, `mime_type`, `size`, `annotations`, `meta` or `extra`",
    )?;
    naming.uri(uri)?;
    let mut passed = Vec::new();
    for parameter in &function.parameters {
        passed.push(match parameter.kind {
            Kind::Context => parameter.pass(quote!(__context)),
            Kind::Location => parameter.pass(quote!(__location.clone())),
            Kind::Writer => quote!(&mut __writer),
            Kind::Arguments | Kind::Value => {
                return Err(Error::new(
                    parameter.span(),
                    "a resource takes no arguments: use a `template` with a variable of this name, or a `Context` or `Location`",
                ));
            }
        });
    }
    let origin = function.origin();
    let opened = opened(&function, passed);
    Ok(quote! {
        ::wasi_mcp_guest::private::add_resource(
            &mut items,
            #origin,
            ::wasi_mcp_guest::records::Resource {
                uri: #uri.into(),
                name: #name.into(),
                size: #size,
                #others
            },
            |__context, __location| #opened,
        );
    })
}

/// Returns the expression that opens the resource which the function returns or writes.
fn opened(function: &Function, passed: Vec<TokenStream>) -> TokenStream {
    let call = function.call(passed.into_iter());
    let result = &function.result;
    if function.writes() {
        let convert = quote_spanned!(result.span()=>
            <#result as ::wasi_mcp_guest::IntoOutcome>::into_outcome);
        quote! {
            ::wasi_mcp_guest::private::Opened::Streamed(
                __location.clone(),
                ::std::boxed::Box::new(move |mut __writer| ::std::boxed::Box::pin(async move {
                    #convert(#call, &__location.uri)
                })),
            )
        }
    } else {
        let convert = quote_spanned!(result.span()=>
            <#result as ::wasi_mcp_guest::IntoContents>::into_contents);
        quote! {
            ::wasi_mcp_guest::private::Opened::Whole(::std::boxed::Box::pin(async move {
                #convert(#call, __location)
            }))
        }
    }
}

fn with_template(
    mut arguments: Arguments,
    mut function: Function,
    naming: &mut Naming,
    uri_template: &LitStr,
) -> Result<(TokenStream, bool)> {
    let Members { name, others } = members(&mut arguments, &function, naming)?;
    let listed = !arguments.flag("unlisted")?.unwrap_or(false);
    arguments.end(
        "`uri`, `template`, `name`, `title`, `mime_type`, `annotations`, `meta`, `extra` or `unlisted`",
    )?;
    naming.uri(uri_template)?;
    let parts = template::parse(&uri_template.value())
        .map_err(|fault| Error::new(uri_template.span(), fault))?;
    let mut unused: Vec<&str> = template::variables(&parts).collect();
    if unused.is_empty() {
        return Err(Error::new(
            uri_template.span(),
            format!(
                "`{}` has no variable: use `uri = \"...\"` for a single resource",
                uri_template.value()
            ),
        ));
    }

    let (mut variables, mut completers, mut passed) = (Vec::new(), Vec::new(), Vec::new());
    for parameter in &mut function.parameters {
        match parameter.kind {
            Kind::Context => passed.push(parameter.pass(quote!(__context))),
            Kind::Location => passed.push(parameter.pass(quote!(__location.clone()))),
            Kind::Writer => passed.push(quote!(&mut __writer)),
            Kind::Arguments | Kind::Value => {
                let ident = parameter.ident()?.clone();
                let variable = unraw(&ident);
                if !template::variables(&parts).any(|name| name == variable) {
                    return Err(Error::new(
                        parameter.span(),
                        format!(
                            "`{}` has no variable `{{{variable}}}`",
                            uri_template.value()
                        ),
                    ));
                }
                unused.retain(|name| *name != variable);
                let ty = &parameter.owned;
                variables.push(quote_spanned!(ty.span()=>
                    let #ident =
                        ::wasi_mcp_guest::private::variable::<#ty>(__variables, #variable)?;));
                completers.extend(completer(parameter, &variable)?);
                passed.push(parameter.pass(quote!(#ident)));
            }
        }
    }
    if let Some(variable) = unused.first() {
        return Err(Error::new(
            function.name.span(),
            format!(
                "the variable `{{{variable}}}` of `{}` needs a parameter `{variable}`",
                uri_template.value()
            ),
        ));
    }
    let completes = !completers.is_empty();
    let origin = function.origin();
    let opened = opened(&function, passed);
    let statement = quote! {
        ::wasi_mcp_guest::private::add_template(
            &mut items,
            #origin,
            #listed,
            ::wasi_mcp_guest::records::ResourceTemplate {
                uri_template: #uri_template.into(),
                name: #name.into(),
                #others
            },
            ::wasi_mcp_guest::private::Template(&[#(#parts),*]),
            ::std::vec![#(#completers),*],
            |__context, __location, __variables| {
                #(#variables)*
                ::core::option::Option::Some(#opened)
            },
        );
    };
    Ok((statement, completes))
}
