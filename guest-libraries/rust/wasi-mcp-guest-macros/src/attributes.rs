//! The arguments of attributes, and comments.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Attribute, Error, Expr, ExprLit, Ident, Lit, LitStr, Meta, Path, Result, Token, parenthesized,
    token,
};

/// The arguments of an attribute: `flag`, `name = value` and `list(path, ...)`.
pub struct Arguments(Vec<Argument>);

struct Argument {
    name: Ident,
    value: Value,
}

enum Value {
    Flag,
    Expression(Expr),
    Paths(Vec<Path>),
}

impl Parse for Arguments {
    fn parse(input: ParseStream) -> Result<Self> {
        let arguments = Punctuated::<Argument, Token![,]>::parse_terminated(input)?;
        Ok(Self(arguments.into_iter().collect()))
    }
}

impl Parse for Argument {
    fn parse(input: ParseStream) -> Result<Self> {
        let name = input.parse()?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Value::Expression(input.parse()?)
        } else if input.peek(token::Paren) {
            let content;
            parenthesized!(content in input);
            let paths = Punctuated::<Path, Token![,]>::parse_terminated(&content)?;
            Value::Paths(paths.into_iter().collect())
        } else {
            Value::Flag
        };
        Ok(Self { name, value })
    }
}

impl Arguments {
    /// Returns the arguments of an attribute inside a module or at a parameter.
    pub fn of(attribute: &Attribute) -> Result<Self> {
        match &attribute.meta {
            Meta::Path(_) => Ok(Self(Vec::new())),
            Meta::List(list) => list.parse_args(),
            Meta::NameValue(pair) => Err(Error::new(
                pair.eq_token.span(),
                "expected arguments in parentheses",
            )),
        }
    }

    fn take(&mut self, name: &str) -> Option<Argument> {
        let index = self.0.iter().position(|argument| argument.name == name)?;
        Some(self.0.remove(index))
    }

    /// Takes an expression.
    pub fn expression(&mut self, name: &str) -> Result<Option<Expr>> {
        match self.take(name) {
            None => Ok(None),
            Some(Argument {
                value: Value::Expression(expression),
                ..
            }) => Ok(Some(expression)),
            Some(argument) => Err(Error::new(
                argument.name.span(),
                format!("expected a value: `{name} = ...`"),
            )),
        }
    }

    /// Takes a literal text.
    pub fn text(&mut self, name: &str) -> Result<Option<LitStr>> {
        match self.expression(name)? {
            None => Ok(None),
            Some(Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            })) => Ok(Some(text)),
            Some(other) => Err(Error::new(
                other.span(),
                format!("`{name}` is a text in quotation marks"),
            )),
        }
    }

    /// Takes a flag: `name`, `name = true` or `name = false`.
    pub fn flag(&mut self, name: &str) -> Result<Option<bool>> {
        match self.take(name) {
            None => Ok(None),
            Some(Argument {
                value: Value::Flag, ..
            }) => Ok(Some(true)),
            Some(Argument {
                value:
                    Value::Expression(Expr::Lit(ExprLit {
                        lit: Lit::Bool(value),
                        ..
                    })),
                ..
            }) => Ok(Some(value.value)),
            Some(argument) => Err(Error::new(
                argument.name.span(),
                format!("expected `{name}`, `{name} = true` or `{name} = false`"),
            )),
        }
    }

    /// Takes a list of paths.
    pub fn paths(&mut self, name: &str) -> Result<Vec<Path>> {
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Argument {
                value: Value::Paths(paths),
                ..
            }) => Ok(paths),
            Some(argument) => Err(Error::new(
                argument.name.span(),
                format!("expected a list: `{name}(path, ...)`"),
            )),
        }
    }

    /// Returns the names of flags that stand alone, each with its place.
    pub fn words(self) -> Vec<Ident> {
        self.0.into_iter().map(|argument| argument.name).collect()
    }

    /// Refuses what was not taken.
    pub fn end(self, known: &str) -> Result<()> {
        match self.0.first() {
            None => Ok(()),
            Some(argument) => Err(Error::new(
                argument.name.span(),
                format!("unknown argument `{}`: expected {known}", argument.name),
            )),
        }
    }
}

/// Returns the text of the comments, without the space that begins each line.
pub fn documentation(attributes: &[Attribute]) -> Option<String> {
    let lines: Vec<String> = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(text),
                    ..
                }) => Some(text.value()),
                _ => None,
            },
            _ => None,
        })
        .collect();
    let text = lines
        .iter()
        .flat_map(|line| line.split('\n'))
        .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end())
        .collect::<Vec<_>>()
        .join("\n");
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Returns the attributes that decide whether something is compiled.
pub fn conditions(attributes: &[Attribute]) -> Vec<&Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"))
        .collect()
}

/// Takes the attribute of this name out of a list.
pub fn take(attributes: &mut Vec<Attribute>, name: &str) -> Option<Attribute> {
    let index = attributes.iter().position(|it| is_named(it, name))?;
    Some(attributes.remove(index))
}

/// Returns whether an attribute has this name, with or without a path before it.
pub fn is_named(attribute: &Attribute, name: &str) -> bool {
    let last = attribute.path().segments.last();
    last.is_some_and(|segment| segment.ident == name)
}

/// Returns the expression of an optional text.
pub fn optional_text(text: Option<impl quote::ToTokens>) -> TokenStream {
    match text {
        Some(text) => quote!(::core::option::Option::Some(#text.into())),
        None => quote!(::core::option::Option::None),
    }
}

/// Returns an optional value as an expression.
pub fn optional(value: Option<impl quote::ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// Returns the name of an item: of the attribute, else of the function in the module's case.
pub fn item_name(
    arguments: &mut Arguments,
    function: &Ident,
    hyphens: bool,
) -> Result<(String, Span)> {
    match arguments.text("name")? {
        Some(text) if text.value().is_empty() => Err(Error::new(text.span(), "the name is empty")),
        Some(text) => Ok((text.value(), text.span())),
        None => {
            let name = unraw(function);
            let name = if hyphens {
                name.replace('_', "-")
            } else {
                name
            };
            Ok((name, function.span()))
        }
    }
}

/// Returns a name without the prefix `r#`.
pub fn unraw(ident: &Ident) -> String {
    use syn::ext::IdentExt as _;
    ident.unraw().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn comments_are_joined_line_by_line() {
        let function: syn::ItemFn = parse_quote! {
            /// One.
            ///
            ///  - two
            fn f() {}
        };
        assert_eq!(
            documentation(&function.attrs).as_deref(),
            Some("One.\n\n - two")
        );
        assert_eq!(documentation(&[]), None);
    }

    #[test]
    fn unknown_arguments_are_named() {
        let attribute: Attribute = parse_quote!(#[tool(titel = "x")]);
        let mut arguments = Arguments::of(&attribute).unwrap();
        assert!(arguments.text("title").unwrap().is_none());
        assert_eq!(
            arguments.end("`title`").unwrap_err().to_string(),
            "unknown argument `titel`: expected `title`"
        );
    }

    #[test]
    fn flags_may_be_false() {
        let attribute: Attribute = parse_quote!(#[tool(read_only, destructive = false)]);
        let mut arguments = Arguments::of(&attribute).unwrap();
        assert_eq!(arguments.flag("read_only").unwrap(), Some(true));
        assert_eq!(arguments.flag("destructive").unwrap(), Some(false));
        assert_eq!(arguments.flag("idempotent").unwrap(), None);
    }
}
