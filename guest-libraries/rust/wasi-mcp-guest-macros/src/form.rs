//! Forms of elicitation, and their choices.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Expr, ExprLit, Fields, Lit, Result};

use crate::attributes::{Arguments, documentation, is_named, unraw};

/// Returns the implementation of `Form` for a struct.
pub fn form(input: &DeriveInput) -> Result<TokenStream> {
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => &fields.named,
            other => return Err(Error::new(other.span(), "a form has named fields")),
        },
        _ => {
            return Err(Error::new(
                input.ident.span(),
                "a form is a struct: derive `Choice` for an enum",
            ));
        }
    };
    let fields = fields.iter().map(Field::of).collect::<Result<Vec<_>>>()?;
    let idents = fields.iter().map(|field| field.ident);
    let descriptions: Vec<_> = fields.iter().map(|field| &field.description).collect();
    let name = &input.ident;
    let (implementation, ty, clause) = input.generics.split_for_impl();
    Ok(quote! {
        impl #implementation ::wasi_mcp_guest::elicitation::Form for #name #ty #clause {
            fn requested_schema() -> ::wasi_mcp_guest::records::RequestedSchema {
                let mut form = ::wasi_mcp_guest::records::RequestedSchema::default();
                #(#descriptions.add_to(&mut form);)*
                form
            }

            fn read(
                mut values: ::std::vec::Vec<(
                    ::std::string::String,
                    ::wasi_mcp_guest::records::ElicitValue,
                )>,
            ) -> ::core::result::Result<Self, ::std::string::String> {
                ::core::result::Result::Ok(Self {
                    #(#idents: #descriptions.take(&mut values)?),*
                })
            }
        }
    })
}

struct Field<'a> {
    ident: &'a syn::Ident,
    /// The expression of its description.
    description: TokenStream,
}

impl<'a> Field<'a> {
    fn of(field: &'a syn::Field) -> Result<Self> {
        let ident = field.ident.as_ref().expect("the fields are named");
        let mut arguments = match field.attrs.iter().find(|it| is_named(it, "form")) {
            Some(attribute) => Arguments::of(attribute)?,
            None => Arguments::of(&syn::parse_quote!(#[form]))?,
        };
        let name = match arguments.text("name")? {
            Some(name) => name.value(),
            None => unraw(ident),
        };
        let ty = &field.ty;
        let span = ty.span();
        let mut description = quote_spanned!(span=>
            ::wasi_mcp_guest::elicitation::Field::<#ty>::new(#name));
        if let Some(text) = documentation(&field.attrs) {
            description.extend(quote!(.description(#text)));
        }
        if let Some(text) = arguments.text("title")? {
            description.extend(quote!(.title(#text)));
        }
        if let Some(value) = arguments.expression("default")? {
            description.extend(quote!(.default(#value)));
        }
        for method in ["min_length", "max_length"] {
            if let Some(value) = arguments.expression(method)? {
                let method = syn::Ident::new(method, span);
                description.extend(quote_spanned!(span=> .#method(#value)));
            }
        }
        if let Some(format) = arguments.text("format")? {
            let variant = match format.value().as_str() {
                "email" => quote!(Email),
                "uri" => quote!(Uri),
                "date" => quote!(Date),
                "date-time" => quote!(DateTime),
                other => {
                    return Err(Error::new(
                        format.span(),
                        format!(
                            "unknown format `{other}`: expected `email`, `uri`, `date` or `date-time`"
                        ),
                    ));
                }
            };
            description.extend(quote_spanned!(span=>
                .format(::wasi_mcp_guest::records::StringFormat::#variant)));
        }
        for method in ["minimum", "maximum"] {
            if let Some(value) = arguments.expression(method)? {
                let value = number(&value);
                let method = syn::Ident::new(method, span);
                description.extend(quote_spanned!(span=> .#method(#value)));
            }
        }
        arguments.end(
            "`name`, `title`, `default`, `min_length`, `max_length`, `format`, `minimum` or `maximum`",
        )?;
        Ok(Self { ident, description })
    }
}

/// Returns a whole number as a float, so that a bound may be written without a fraction.
fn number(value: &Expr) -> TokenStream {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Int(literal),
            ..
        }) if literal.suffix().is_empty() => quote!(#literal as f64),
        other => quote!(#other),
    }
}

/// Returns the implementation of `FormField` for an enum.
pub fn choice(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new(
            input.ident.span(),
            "a choice is an enum: derive `Form` for a struct",
        ));
    };
    let (mut options, mut values, mut variants) = (Vec::new(), Vec::new(), Vec::new());
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(Error::new(
                variant.fields.span(),
                "a variant of a choice has no fields",
            ));
        }
        let mut arguments = match variant.attrs.iter().find(|it| is_named(it, "choice")) {
            Some(attribute) => Arguments::of(attribute)?,
            None => Arguments::of(&syn::parse_quote!(#[choice]))?,
        };
        let value = match arguments.text("value")? {
            Some(value) => value.value(),
            None => unraw(&variant.ident),
        };
        let title = match arguments.text("title")? {
            Some(title) => quote!(::core::option::Option::Some(#title)),
            None => quote!(::core::option::Option::None),
        };
        arguments.end("`value` or `title`")?;
        options.push(quote!((#value, #title)));
        variants.push(&variant.ident);
        values.push(value);
    }
    if values.is_empty() {
        return Err(Error::new(input.ident.span(), "a choice has variants"));
    }
    let expected = values
        .iter()
        .map(|value| format!("`{value}`"))
        .collect::<Vec<_>>()
        .join(", ");
    let expected = format!("one of {expected} is expected");
    let name = &input.ident;
    Ok(quote! {
        impl ::wasi_mcp_guest::elicitation::FormField for #name {
            fn schema() -> ::wasi_mcp_guest::records::PrimitiveSchema {
                ::wasi_mcp_guest::elicitation::choice(&[#(#options),*])
            }

            fn read(
                value: ::core::option::Option<::wasi_mcp_guest::records::ElicitValue>,
            ) -> ::core::result::Result<Self, ::std::string::String> {
                if let ::core::option::Option::Some(
                    ::wasi_mcp_guest::records::ElicitValue::Text(text),
                ) = &value
                {
                    match text.as_str() {
                        #(#values => return ::core::result::Result::Ok(Self::#variants),)*
                        _ => {}
                    }
                }
                ::core::result::Result::Err(#expected.into())
            }
        }
    })
}
