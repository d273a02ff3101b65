//! URI templates (RFC 6570), taken apart.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Literal(String),
    Segment(String),
    Reserved(String),
}

impl ToTokens for Part {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let (kind, text) = match self {
            Self::Literal(text) => (quote!(Literal), text),
            Self::Segment(name) => (quote!(Segment), name),
            Self::Reserved(name) => (quote!(Reserved), name),
        };
        tokens.extend(quote!(::wasi_mcp_guest::private::Part::#kind(#text)));
    }
}

/// Takes a template apart, or says what cannot be matched.
pub fn parse(template: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some((literal, after)) = rest.split_once('{') {
        if !literal.is_empty() {
            parts.push(Part::Literal(literal.into()));
        }
        let (expression, after) = after
            .split_once('}')
            .ok_or_else(|| format!("`{{` without `}}` in `{template}`"))?;
        let (name, part): (_, fn(String) -> Part) = match expression.strip_prefix('+') {
            Some(name) => (name, Part::Reserved),
            None => (expression, Part::Segment),
        };
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let begins = name.starts_with(|first: char| !first.is_ascii_digit());
        if !begins || !name.bytes().all(is_name) {
            return Err(format!(
                "unsupported expression `{{{expression}}}` in `{template}`: expected `{{name}}` or `{{+name}}`"
            ));
        }
        if variables(&parts).any(|known| known == name) {
            return Err(format!(
                "the variable `{name}` of `{template}` occurs twice"
            ));
        }
        parts.push(part(name.into()));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Literal(rest.into()));
    }
    Ok(parts)
}

/// Returns the names of the variables.
pub fn variables(parts: &[Part]) -> impl Iterator<Item = &str> {
    parts.iter().filter_map(|part| match part {
        Part::Literal(_) => None,
        Part::Segment(name) | Part::Reserved(name) => Some(name.as_str()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_taken_apart() {
        assert_eq!(
            parse("a://{b}/{+c}.txt").unwrap(),
            [
                Part::Literal("a://".into()),
                Part::Segment("b".into()),
                Part::Literal("/".into()),
                Part::Reserved("c".into()),
                Part::Literal(".txt".into()),
            ]
        );
    }

    #[test]
    fn what_cannot_be_matched_is_refused() {
        for (template, message) in [
            (
                "a:{?q}",
                "unsupported expression `{?q}` in `a:{?q}`: expected `{name}` or `{+name}`",
            ),
            ("a:{b", "`{` without `}` in `a:{b`"),
            (
                "a:{b}/{+b}",
                "the variable `b` of `a:{b}/{+b}` occurs twice",
            ),
        ] {
            assert_eq!(parse(template).unwrap_err(), message);
        }
    }
}
