//! Tools.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, ExprLit, Lit, Result};

use crate::attributes::{self, Arguments, optional, optional_text};
use crate::function::{Function, Kind, Parameter};
use crate::module::Naming;

const KNOWN: &str = "`name`, `title`, `read_only`, `destructive`, `idempotent`, `open_world`, \
                     `annotations`, `input_schema`, `output_schema`, `meta` or `extra`";

/// Returns the statement that adds the tool of a function to `items`.
pub fn register(
    attribute: &Attribute,
    mut function: Function,
    naming: &mut Naming,
) -> Result<TokenStream> {
    let mut arguments = Arguments::of(attribute)?;
    let name = naming.tool(&mut arguments, &function.name)?;
    let title = optional_text(arguments.text("title")?);
    let description = optional_text(function.documentation.as_ref());
    let annotations = annotations(&mut arguments)?;
    let input_schema = match arguments.expression("input_schema")? {
        Some(schema) => quote!(#schema.into()),
        None => quote!(::std::string::String::new()),
    };
    let output_schema = optional_text(arguments.expression("output_schema")?);
    let meta = optional_text(arguments.expression("meta")?);
    let extra = optional_text(arguments.expression("extra")?);
    arguments.end(KNOWN)?;

    let Parameters {
        definition,
        ty,
        passed,
    } = parameters(&mut function)?;
    let origin = function.origin();
    let call = function.call(passed.into_iter());
    let result = &function.result;
    let convert = quote_spanned!(result.span()=>
        <#result as ::wasi_mcp_guest::IntoToolResult>::into_tool_result);
    Ok(quote! {
        #definition
        ::wasi_mcp_guest::private::add_tool::<#ty, #result>(
            &mut items,
            #origin,
            ::wasi_mcp_guest::records::Tool {
                name: #name.into(),
                title: #title,
                description: #description,
                input_schema: #input_schema,
                output_schema: #output_schema,
                annotations: #annotations,
                meta: #meta,
                extra: #extra,
            },
            |__context, __parameters| ::std::boxed::Box::pin(async move {
                #convert(#call)
            }),
        );
    })
}

fn annotations(arguments: &mut Arguments) -> Result<TokenStream> {
    let hints = ["read_only", "destructive", "idempotent", "open_world"]
        .into_iter()
        .map(|name| arguments.flag(name))
        .collect::<Result<Vec<_>>>()?;
    if let Some(annotations) = arguments.expression("annotations")? {
        if hints.iter().any(Option::is_some) {
            return Err(Error::new(
                annotations.span(),
                "`annotations` has all hints: set either it or single ones",
            ));
        }
        return Ok(optional(Some(annotations)));
    }
    if hints.iter().all(Option::is_none) {
        return Ok(optional(None::<Expr>));
    }
    let hints = hints.into_iter().map(optional);
    let names = [
        quote!(read_only_hint),
        quote!(destructive_hint),
        quote!(idempotent_hint),
        quote!(open_world_hint),
    ];
    Ok(optional(Some(quote! {
        ::wasi_mcp_guest::records::ToolAnnotations {
            title: ::core::option::Option::None,
            #(#names: #hints),*
        }
    })))
}

/// The type of a tool's arguments, and what is passed to the function.
struct Parameters {
    definition: TokenStream,
    ty: TokenStream,
    passed: Vec<TokenStream>,
}

fn parameters(function: &mut Function) -> Result<Parameters> {
    let whole = function
        .parameters
        .iter()
        .any(|parameter| parameter.kind == Kind::Arguments);
    let mut definition = quote!();
    let mut ty = quote!(__Parameters);
    let mut fields = Vec::new();
    let mut passed = Vec::new();
    for parameter in &mut function.parameters {
        match parameter.kind {
            Kind::Context => passed.push(parameter.pass(quote!(__context))),
            Kind::Arguments => {
                let all = parameter.arguments()?;
                ty = quote!(#all);
                passed.push(parameter.pass(quote!(::wasi_mcp_guest::Arguments(__parameters))));
            }
            Kind::Value | Kind::Location | Kind::Writer if whole => {
                return Err(Error::new(
                    parameter.span(),
                    "`Arguments<T>` takes all arguments: make this one a field of `T`",
                ));
            }
            Kind::Value | Kind::Location | Kind::Writer => {
                let (default, field) = field(parameter)?;
                definition.extend(default);
                fields.push(field);
                let ident = parameter.ident()?;
                passed.push(parameter.pass(quote!(__parameters.#ident)));
            }
        }
    }
    if !whole {
        definition.extend(quote! {
            #[derive(
                ::wasi_mcp_guest::private::serde::Deserialize,
                ::wasi_mcp_guest::private::schemars::JsonSchema,
            )]
            #[serde(crate = "::wasi_mcp_guest::private::serde", deny_unknown_fields)]
            #[schemars(crate = "::wasi_mcp_guest::private::schemars")]
            struct __Parameters {
                #(#fields),*
            }
        });
    }
    Ok(Parameters {
        definition,
        ty,
        passed,
    })
}

/// Returns the field of a parameter, and the function that returns its default.
fn field(parameter: &mut Parameter) -> Result<(Option<TokenStream>, TokenStream)> {
    let default = attributes::take(&mut parameter.attributes, "default");
    let ident = parameter.ident()?;
    let ty = &parameter.owned;
    let attributes = &parameter.attributes;
    let (function, default) = match default {
        None => (None, None),
        Some(attribute) if attribute.meta.require_path_only().is_ok() => {
            (None, Some(quote!(#[serde(default)])))
        }
        Some(attribute) => {
            let value: Expr = attribute.parse_args()?;
            // Errors of the type point at the value.
            let span = value.span();
            // A text is written as a literal, and a number has the type of the parameter.
            let convert = matches!(
                value,
                Expr::Lit(ExprLit {
                    lit: Lit::Str(_),
                    ..
                })
            )
            .then(|| quote_spanned!(span=> .into()));
            let name = quote::format_ident!("__default_{}", attributes::unraw(ident));
            let path = name.to_string();
            (
                Some(quote_spanned!(span=> fn #name() -> #ty { #value #convert })),
                Some(quote!(#[serde(default = #path)])),
            )
        }
    };
    Ok((function, quote!(#default #(#attributes)* #ident: #ty)))
}
