//! Prompts, and the completion of arguments.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, Result, Token};

use crate::attributes::{self, Arguments, optional_text, unraw};
use crate::function::{Function, Kind, Parameter};
use crate::module::Naming;

/// Returns the statement that adds the prompt of a function to `items`, and whether an argument of
/// it is completed.
pub fn register(
    attribute: &Attribute,
    mut function: Function,
    naming: &mut Naming,
) -> Result<(TokenStream, bool)> {
    let mut arguments = Arguments::of(attribute)?;
    let name = naming.prompt(&mut arguments, &function.name)?;
    let title = optional_text(arguments.text("title")?);
    let description = optional_text(function.documentation.as_ref());
    let meta = optional_text(arguments.expression("meta")?);
    let extra = optional_text(arguments.expression("extra")?);
    arguments.end("`name`, `title`, `meta` or `extra`")?;

    let (mut records, mut completers, mut passed) = (Vec::new(), Vec::new(), Vec::new());
    for parameter in &mut function.parameters {
        match parameter.kind {
            Kind::Context => passed.push(parameter.pass(quote!(__context))),
            Kind::Arguments | Kind::Location | Kind::Writer => {
                return Err(Error::new(
                    parameter.span(),
                    "an argument of a prompt is parsed from text",
                ));
            }
            Kind::Value => {
                let (name, record) = argument(parameter)?;
                records.push(record);
                completers.extend(completer(parameter, &name)?);
                passed.push(parameter.pass(value(parameter, &name)));
            }
        }
    }
    let list = if records.is_empty() {
        quote!(::core::option::Option::None)
    } else {
        quote!(::core::option::Option::Some(::std::vec![#(#records),*]))
    };
    let completes = !completers.is_empty();
    let origin = function.origin();
    let call = function.call(passed.into_iter());
    let result = &function.result;
    let convert =
        quote_spanned!(result.span()=> <#result as ::wasi_mcp_guest::IntoPrompt>::into_prompt);
    let statement = quote! {
        ::wasi_mcp_guest::private::add_prompt(
            &mut items,
            #origin,
            ::wasi_mcp_guest::records::Prompt {
                name: #name.into(),
                title: #title,
                description: #description,
                arguments: #list,
                meta: #meta,
                extra: #extra,
            },
            ::std::vec![#(#completers),*],
            |__context, __arguments| ::std::boxed::Box::pin(async move {
                #convert(#call)
            }),
        );
    };
    Ok((statement, completes))
}

/// Returns the name and the record of an argument.
fn argument(parameter: &mut Parameter) -> Result<(String, TokenStream)> {
    let mut arguments = match attributes::take(&mut parameter.attributes, "arg") {
        Some(attribute) => Arguments::of(&attribute)?,
        None => Arguments::of(&syn::parse_quote!(#[arg]))?,
    };
    let name = match arguments.text("name")? {
        Some(name) => name.value(),
        None => unraw(parameter.ident()?),
    };
    let title = optional_text(arguments.text("title")?);
    let extra = optional_text(arguments.expression("extra")?);
    arguments.end("`name`, `title` or `extra`")?;
    let description = optional_text(attributes::documentation(&parameter.attributes));
    let required = parameter.optional().is_none();
    let record = quote! {
        ::wasi_mcp_guest::records::PromptArgument {
            name: #name.into(),
            title: #title,
            description: #description,
            required: ::core::option::Option::Some(#required),
            extra: #extra,
        }
    };
    Ok((name, record))
}

/// Returns the expression of an argument's value.
fn value(parameter: &Parameter, name: &str) -> TokenStream {
    match parameter.optional() {
        Some(ty) => quote_spanned!(ty.span()=> __arguments.optional::<#ty>(#name)?),
        None => {
            let ty = &parameter.owned;
            quote_spanned!(ty.span()=> __arguments.required::<#ty>(#name)?)
        }
    }
}

/// The argument of `#[complete]`: a function, or a list of all values.
struct Complete {
    is_async: bool,
    expression: Expr,
}

impl Parse for Complete {
    fn parse(input: ParseStream) -> Result<Self> {
        Ok(Self {
            is_async: input.parse::<Option<Token![async]>>()?.is_some(),
            expression: input.parse()?,
        })
    }
}

/// Returns the expression of a parameter's completer, where it has one.
pub fn completer(parameter: &mut Parameter, name: &str) -> Result<Option<TokenStream>> {
    let Some(attribute) = attributes::take(&mut parameter.attributes, "complete") else {
        return Ok(None);
    };
    let Complete {
        is_async,
        expression,
    } = attribute.parse_args()?;
    let wait = is_async.then(|| quote!(.await));
    let values = match &expression {
        Expr::Path(path) => quote!(#path(&__completion) #wait),
        other => quote!(#other),
    };
    let convert = quote_spanned!(expression.span()=>
        ::wasi_mcp_guest::private::IntoCompletion::into_completion);
    Ok(Some(quote! {
        ::wasi_mcp_guest::private::completer(#name, |__completion| {
            ::std::boxed::Box::pin(async move {
                #convert(#values, &__completion.value)
            })
        })
    }))
}
