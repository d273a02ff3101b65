//! URIs ([RFC 3986](https://www.rfc-editor.org/rfc/rfc3986)) and URI templates
//! ([RFC 6570](https://www.rfc-editor.org/rfc/rfc6570)), checked by their grammars.

use std::net::Ipv6Addr;

/// Checks that `text` is a URI with a scheme.
///
/// # Errors
///
/// The expectation and the finding, as text.
pub fn check_uri(text: &str) -> Result<(), String> {
    if text.is_empty() {
        return Err("expected a URI, found an empty text".to_owned());
    }
    let (scheme, rest) = text
        .split_once(':')
        .ok_or("expected a URI with a scheme, such as `file:///a`, found no `:`")?;
    if !is_scheme(scheme) {
        return Err(format!(
            "expected a scheme before the first `:`: a letter, then letters, digits, `+`, `-` and \
             `.`; found {}",
            quoted(scheme)
        ));
    }
    let (rest, fragment) = split_off(rest, '#');
    let (hierarchy, query) = split_off(rest, '?');
    let path = match hierarchy.strip_prefix("//") {
        None => hierarchy,
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            check_authority(&rest[..end])?;
            &rest[end..]
        }
    };
    check_characters("the path", path, ":@/")?;
    check_characters("the query", query.unwrap_or_default(), ":@/?")?;
    check_characters("the fragment", fragment.unwrap_or_default(), ":@/?")
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .chars()
            .all(|next| next.is_ascii_alphanumeric() || "+-.".contains(next))
}

/// Splits a text at the first `mark`, which belongs to neither part.
fn split_off(text: &str, mark: char) -> (&str, Option<&str>) {
    match text.split_once(mark) {
        Some((before, behind)) => (before, Some(behind)),
        None => (text, None),
    }
}

fn check_authority(authority: &str) -> Result<(), String> {
    let (user, address) = match authority.split_once('@') {
        Some((user, address)) => (user, address),
        None => ("", authority),
    };
    check_characters("the part before `@`", user, ":")?;
    let port = if let Some(literal) = address.strip_prefix('[') {
        let (literal, port) = literal
            .split_once(']')
            .ok_or("expected `]` behind the address that begins with `[`")?;
        if literal.parse::<Ipv6Addr>().is_err() && !is_future_address(literal) {
            return Err(format!(
                "expected an IPv6 address in brackets, found {}",
                quoted(literal)
            ));
        }
        port
    } else {
        let (name, port) = address.split_at(address.find(':').unwrap_or(address.len()));
        check_characters("the host", name, "")?;
        port
    };
    let digits = port.strip_prefix(':').unwrap_or(port);
    if (port.is_empty() || port.starts_with(':')) && digits.bytes().all(|it| it.is_ascii_digit()) {
        Ok(())
    } else {
        Err(format!(
            "expected a port behind the host, found {}",
            quoted(port)
        ))
    }
}

/// Returns whether this is an address of a later version of IP: `v1.x`.
fn is_future_address(literal: &str) -> bool {
    let Some((version, address)) = literal
        .strip_prefix(['v', 'V'])
        .and_then(|rest| rest.split_once('.'))
    else {
        return false;
    };
    let is_version = !version.is_empty() && version.bytes().all(|it| it.is_ascii_hexdigit());
    is_version
        && !address.is_empty()
        && address
            .chars()
            .all(|it| it == ':' || is_unreserved(it) || is_sub_delimiter(it))
}

fn is_unreserved(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~".contains(character)
}

fn is_sub_delimiter(character: char) -> bool {
    "!$&'()*+,;=".contains(character)
}

/// Checks that a part of a URI holds only unreserved characters, sub-delimiters, escapes and
/// `further` ones.
fn check_characters(part: &str, text: &str, further: &str) -> Result<(), String> {
    check_escapes(text)?;
    let is_legal =
        |it: char| is_unreserved(it) || is_sub_delimiter(it) || it == '%' || further.contains(it);
    match text.chars().find(|it| !is_legal(*it)) {
        None => Ok(()),
        Some(found) => Err(format!(
            "{part} must not contain {}: escape it as bytes of UTF-8, such as `%20`",
            shown(found)
        )),
    }
}

/// Checks that each `%` is followed by two hexadecimal digits.
fn check_escapes(text: &str) -> Result<(), String> {
    for rest in text.split('%').skip(1) {
        let digits = rest.bytes().take(2).filter(u8::is_ascii_hexdigit);
        if digits.count() < 2 {
            let found: String = rest.chars().take(2).collect();
            return Err(format!(
                "expected two hexadecimal digits behind `%`, found {}",
                quoted(&found)
            ));
        }
    }
    Ok(())
}

/// Checks that `text` is a URI template.
///
/// # Errors
///
/// The expectation and the finding, as text.
pub fn check_template(text: &str) -> Result<(), String> {
    let mut rest = text;
    loop {
        let (literal, tail) = split_off(rest, '{');
        check_literal(literal)?;
        let Some(tail) = tail else { return Ok(()) };
        let (expression, tail) = tail
            .split_once('}')
            .ok_or_else(|| format!("expected `}}` behind the expression {}", quoted(tail)))?;
        check_expression(expression)?;
        rest = tail;
    }
}

fn check_literal(text: &str) -> Result<(), String> {
    check_escapes(text)?;
    match text.chars().find(|it| !is_literal(*it)) {
        None => Ok(()),
        Some('}') => Err("found `}` without `{` before it".to_owned()),
        Some(found) => Err(format!(
            "a template must not contain {} outside its expressions",
            shown(found)
        )),
    }
}

/// Returns whether a character may stand outside expressions ([RFC 6570, section
/// 2.1](https://www.rfc-editor.org/rfc/rfc6570#section-2.1)). Characters beyond ASCII may, except
/// for controls and those that Unicode leaves unassigned. An [erratum](https://www.rfc-editor.org/errata/eid6937)
/// allows the apostrophe.
fn is_literal(character: char) -> bool {
    match character {
        ' ' | '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' => false,
        '!'..='~' => true,
        '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fdcf}' | '\u{fdf0}'..='\u{ffef}' => true,
        '\u{e0000}'..='\u{e0fff}' => false,
        '\u{10000}'.. => u32::from(character) & 0xfffe != 0xfffe,
        _ => false,
    }
}

fn check_expression(expression: &str) -> Result<(), String> {
    if let Some(reserved) = expression
        .chars()
        .next()
        .filter(|first| "=,!@|".contains(*first))
    {
        return Err(format!(
            "the operator `{reserved}` in {} is reserved for later versions of URI templates",
            quoted(expression)
        ));
    }
    let variables = expression
        .strip_prefix(['+', '#', '.', '/', ';', '?', '&'])
        .unwrap_or(expression);
    for variable in variables.split(',') {
        if !is_variable(variable) {
            return Err(format!(
                "expected a variable in the expression {}: letters, digits, `_`, escapes, and `.` \
                 between them, then nothing, `*`, or `:` and a length from 1 to 9999; found {}",
                quoted(expression),
                quoted(variable)
            ));
        }
    }
    Ok(())
}

fn is_variable(variable: &str) -> bool {
    let name = match variable.split_once(':') {
        Some((name, length)) => {
            let is_length = (1..=4).contains(&length.len())
                && length.bytes().all(|digit| digit.is_ascii_digit())
                && !length.starts_with('0');
            if !is_length {
                return false;
            }
            name
        }
        None => variable.strip_suffix('*').unwrap_or(variable),
    };
    let is_legal = |it: char| it.is_ascii_alphanumeric() || it == '_' || it == '%';
    check_escapes(name).is_ok()
        && name
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(is_legal))
}

/// Returns a character for a message, by its number if it is invisible.
fn shown(character: char) -> String {
    if character.is_ascii_graphic() {
        format!("`{character}`")
    } else {
        format!("U+{:04X}", u32::from(character))
    }
}

fn quoted(text: &str) -> String {
    format!("{:?}", super::super::error::shortened(text))
}

#[cfg(test)]
mod tests {
    use super::{check_template, check_uri};

    #[test]
    fn uris_follow_rfc_3986() {
        for uri in [
            "file:///a%20b",
            "test://watched-resource",
            "urn:a:b",
            "http://[::1]:80/?q#f",
            "http://[v1.a:b]/",
            "http://user:pass@host:/x;y=z",
            "x+y.z-1:",
            "a:b?c?d/e#f?g",
            "memo://",
            "A:b",
            "ui://a//b",
        ] {
            assert_eq!(check_uri(uri), Ok(()), "{uri}");
        }
        for uri in [
            "",
            "no uri",
            "relative/path",
            "/absolute",
            "://x",
            "1a:b",
            "a_b://c",
            "é:b",
            "test://a b",
            "a: ",
            " a:b",
            "a:b ",
            "a:b\n",
            "a:%zz",
            "x:%zz",
            "a:%2",
            "a:%",
            "a:%é0",
            "a:ü",
            "a:b#c#d",
            "a:b[c]",
            "a://b/[c]",
            "a:b?[c]",
            "a://[1.2.3.4]/",
            "a://[::1",
            "a://[::1]x/",
            "a://b:c/",
            "a://b@c@d/",
            "a:{b}",
            "a:<b>",
            "a:b\\c",
            "a:\"b\"",
            "a:b|c",
            "a:b^c",
            "a:`b`",
        ] {
            assert!(check_uri(uri).is_err(), "{uri:?}");
        }
    }

    #[test]
    fn templates_follow_rfc_6570() {
        for template in [
            "",
            "plain",
            "a://{b}",
            "a://{+b,c:3}/{?d*}",
            "{#x}",
            "a{b}c{d}",
            "x:é/{a}",
            "x:你/🦀/{a}",
            "{a.b.c}",
            "{%41b}",
            "{_}",
            "{a:9999}",
            "{&a,b*}",
            "x:[a]/{b}",
            "x:%20{a}",
        ] {
            assert_eq!(check_template(template), Ok(()), "{template}");
        }
        for template in [
            "x://{",
            "x://}",
            "a://{b",
            "a}b",
            "{}",
            "{+}",
            "{a b}",
            "{a:0}",
            "{a:01}",
            "{a:10000}",
            "{a:}",
            "{a:1*}",
            "{a*:1}",
            "{a,}",
            "{,a}",
            "{a..b}",
            "{.a.}",
            "{a-b}",
            "{é}",
            "{++a}",
            "{=a}",
            "{|a}",
            "{{a}}",
            "{%zz}",
            "a b",
            "a\"b",
            "a\\b",
            "a<b>",
            "a^b",
            "a`b",
            "a|b",
            "%zz{a}",
            "%2",
            "a\u{7f}",
            "a\u{85}",
            "a\n{b}",
            "\u{fdd0}",
            "\u{fffe}",
            "\u{1ffff}",
            "\u{e0001}",
        ] {
            assert!(check_template(template).is_err(), "{template:?}");
        }
    }

    #[test]
    fn faults_tell_what_was_expected_and_found() {
        for (fault, part) in [
            (check_uri("no uri"), "found no `:`"),
            (check_uri(""), "an empty text"),
            (check_uri("x:%zz"), "behind `%`, found \"zz\""),
            (check_uri("x:a b"), "U+0020"),
            (check_uri("x://h:1a/"), "found \":1a\""),
            (check_template("x://{"), "expected `}`"),
            (check_template("{a,b c}"), "found \"b c\""),
            (check_template("{=a}"), "`=`"),
        ] {
            let fault = fault.unwrap_err();
            assert!(fault.contains(part), "{fault}");
        }
    }
}
