//! The functions that become items: their parameters and results.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{
    Attribute, Error, FnArg, GenericArgument, Ident, ItemFn, Pat, PathArguments, Result,
    ReturnType, Type, parse_quote,
};

use crate::attributes::{conditions, documentation, unraw};

/// A function that becomes an item.
pub struct Function {
    pub name: Ident,
    pub documentation: Option<String>,
    /// The attributes that decide whether it is compiled.
    pub conditions: Vec<Attribute>,
    pub parameters: Vec<Parameter>,
    pub result: Type,
    is_async: bool,
}

/// A parameter, with what the function gets for it.
pub struct Parameter {
    pub kind: Kind,
    /// The type that is owned, of a reference the one behind it.
    pub owned: Type,
    /// The attributes, which the function itself loses.
    pub attributes: Vec<Attribute>,
    /// The function takes a reference.
    by_reference: bool,
    ident: Option<Ident>,
    span: proc_macro2::Span,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A `Context`.
    Context,
    /// `Arguments<T>`.
    Arguments,
    /// A `Location`.
    Location,
    /// A `ByteWriter`, which makes a streamed resource.
    Writer,
    /// Anything else.
    Value,
}

impl Function {
    /// Takes a function apart, and the attributes of its parameters off.
    pub fn of(function: &mut ItemFn) -> Result<Self> {
        let signature = &mut function.sig;
        if let Some(parameter) = signature.generics.params.first() {
            return Err(Error::new(
                parameter.span(),
                format!("`{}` cannot be generic", signature.ident),
            ));
        }
        let parameters = signature
            .inputs
            .iter_mut()
            .map(|input| match input {
                FnArg::Receiver(receiver) => Err(Error::new(
                    receiver.span(),
                    format!("`{}` cannot be a method", signature.ident),
                )),
                FnArg::Typed(typed) => Ok(Parameter::of(typed)),
            })
            .collect::<Result<_>>()?;
        let result = match &signature.output {
            ReturnType::Default => parse_quote!(()),
            ReturnType::Type(_, ty) => match &**ty {
                Type::ImplTrait(_) => {
                    return Err(Error::new(ty.span(), "name the type that is returned"));
                }
                ty => ty.clone(),
            },
        };
        Ok(Self {
            name: signature.ident.clone(),
            documentation: documentation(&function.attrs),
            conditions: conditions(&function.attrs).into_iter().cloned().collect(),
            parameters,
            result,
            is_async: signature.asyncness.is_some(),
        })
    }

    /// Returns true if the function writes the resource instead of returning it.
    pub fn writes(&self) -> bool {
        let mut parameters = self.parameters.iter();
        parameters.any(|parameter| parameter.kind == Kind::Writer)
    }

    /// Returns the expression of where the function stands.
    pub fn origin(&self) -> TokenStream {
        let name = unraw(&self.name);
        let (file, line) = (
            quote_spanned!(self.name.span()=> ::core::file!()),
            quote_spanned!(self.name.span()=> ::core::line!()),
        );
        quote!(::wasi_mcp_guest::Origin { name: #name, file: #file, line: #line })
    }

    /// Returns the call of the function with these values, one for each parameter.
    pub fn call(&self, values: impl Iterator<Item = TokenStream>) -> TokenStream {
        let name = &self.name;
        let wait = self.is_async.then(|| quote!(.await));
        // A parameter may have the function's name.
        quote!(self::#name(#(#values),*) #wait)
    }
}

impl Parameter {
    fn of(typed: &mut syn::PatType) -> Self {
        let attributes = std::mem::take(&mut typed.attrs);
        let (by_reference, owned) = match &*typed.ty {
            Type::Reference(reference) => (true, owned(&reference.elem)),
            ty => (false, ty.clone()),
        };
        let kind = match last_segment(&owned) {
            Some(name) if name == "Context" => Kind::Context,
            Some(name) if name == "Location" => Kind::Location,
            Some(name) if name == "ByteWriter" => Kind::Writer,
            Some(name) if name == "Arguments" => Kind::Arguments,
            _ => Kind::Value,
        };
        let ident = match &*typed.pat {
            Pat::Ident(pattern) => Some(pattern.ident.clone()),
            _ => None,
        };
        Self {
            kind,
            owned,
            attributes,
            by_reference,
            ident,
            span: typed.pat.span(),
        }
    }

    /// Returns the name of the parameter.
    pub fn ident(&self) -> Result<&Ident> {
        self.ident
            .as_ref()
            .ok_or_else(|| Error::new(self.span, "the parameter needs a name"))
    }

    pub fn span(&self) -> proc_macro2::Span {
        self.span
    }

    /// Returns the value that is passed for an owned one.
    pub fn pass(&self, value: TokenStream) -> TokenStream {
        if self.by_reference {
            quote!(&#value)
        } else {
            value
        }
    }

    /// Returns the value that is passed for a borrowed one.
    pub fn lend(&self, value: TokenStream) -> TokenStream {
        if self.by_reference {
            value
        } else {
            quote!(::core::clone::Clone::clone(#value))
        }
    }

    /// Returns the type in an `Option`, where the type is one.
    pub fn optional(&self) -> Option<&Type> {
        single_argument(&self.owned, "Option")
    }

    /// Returns the type in `Arguments<T>`.
    pub fn arguments(&self) -> Result<&Type> {
        single_argument(&self.owned, "Arguments")
            .ok_or_else(|| Error::new(self.owned.span(), "expected `Arguments<T>`"))
    }
}

/// Returns the owned type behind a reference.
fn owned(ty: &Type) -> Type {
    match ty {
        Type::Slice(slice) => {
            let element = &slice.elem;
            parse_quote!(::std::vec::Vec<#element>)
        }
        Type::Path(path) if path.path.is_ident("str") => parse_quote!(::std::string::String),
        ty => ty.clone(),
    }
}

fn last_segment(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| &segment.ident),
        _ => None,
    }
}

fn single_argument<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = ty else { return None };
    let segment = path.path.segments.last()?;
    if segment.ident != name {
        return None;
    }
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}
