//! URIs of RFC 3986 and URI templates of RFC 6570, strictly by their grammars.
//!
//! An IRI of RFC 3987 is not a URI: its letters beyond ASCII have to be percent-encoded. In the
//! literals of a template they are legal, as its expansion encodes them.

use std::net::Ipv6Addr;

/// Returns true for a URI of RFC 3986: `scheme ":" hier-part [ "?" query ] [ "#" fragment ]`.
pub fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (hierarchy, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = match hierarchy.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            (Some(&rest[..end]), &rest[end..])
        }
        None => (None, hierarchy),
    };
    is_scheme(scheme)
        && authority.is_none_or(is_authority)
        && is_made_of(path, |one| is_path_character(one) || one == '/')
        && is_made_of(query, is_query_character)
        && is_made_of(fragment, is_query_character)
}

/// Returns true for a URI scheme: a letter, then letters, digits, `+`, `-` and `.`.
pub fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .chars()
            .all(|next| next.is_ascii_alphanumeric() || "+-.".contains(next))
}

/// `[ userinfo "@" ] host [ ":" port ]`
fn is_authority(text: &str) -> bool {
    let (user, rest) = match text.rsplit_once('@') {
        Some((user, rest)) => (user, rest),
        None => ("", text),
    };
    let (host, port) = match rest.strip_prefix('[') {
        Some(literal) => {
            let Some((address, port)) = literal.split_once(']') else {
                return false;
            };
            if !is_ip_literal(address) {
                return false;
            }
            match port.strip_prefix(':') {
                Some(port) => ("", port),
                None if port.is_empty() => ("", ""),
                None => return false,
            }
        }
        None => rest.split_once(':').unwrap_or((rest, "")),
    };
    is_made_of(user, |one| is_name_character(one) || one == ':')
        && is_made_of(host, is_name_character)
        && port.bytes().all(|digit| digit.is_ascii_digit())
}

/// `IPv6address / IPvFuture`
fn is_ip_literal(text: &str) -> bool {
    let future = text.strip_prefix(['v', 'V']).and_then(|rest| {
        let (version, address) = rest.split_once('.')?;
        let hexadecimal = version.bytes().all(|digit| digit.is_ascii_hexdigit());
        let legal = |one: char| is_unreserved(one) || is_sub_delimiter(one) || one == ':';
        Some(
            !version.is_empty() && hexadecimal && !address.is_empty() && address.chars().all(legal),
        )
    });
    future.unwrap_or_else(|| text.parse::<Ipv6Addr>().is_ok())
}

fn is_unreserved(one: char) -> bool {
    one.is_ascii_alphanumeric() || "-._~".contains(one)
}

fn is_sub_delimiter(one: char) -> bool {
    "!$&'()*+,;=".contains(one)
}

/// The characters of `reg-name`; percent escapes are examined separately.
fn is_name_character(one: char) -> bool {
    is_unreserved(one) || is_sub_delimiter(one)
}

/// The characters of `pchar`; percent escapes are examined separately.
fn is_path_character(one: char) -> bool {
    is_name_character(one) || one == ':' || one == '@'
}

fn is_query_character(one: char) -> bool {
    is_path_character(one) || one == '/' || one == '?'
}

/// Returns true if a text consists of legal characters and percent escapes.
fn is_made_of(text: &str, legal: impl Fn(char) -> bool) -> bool {
    has_legal_escapes(text) && text.chars().all(|one| one == '%' || legal(one))
}

fn has_legal_escapes(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| {
        let digits = rest.as_bytes();
        digits.len() >= 2 && digits[..2].iter().all(u8::is_ascii_hexdigit)
    })
}

/// Returns true for a URI template of RFC 6570.
///
/// The operators `=`, `,`, `!`, `@` and `|` are reserved for extensions: they have no expansion, so
/// that they are refused.
pub fn is_uri_template(text: &str) -> bool {
    let mut rest = text;
    loop {
        let Some((literal, tail)) = rest.split_once('{') else {
            return is_template_literal(rest);
        };
        let Some((expression, tail)) = tail.split_once('}') else {
            return false;
        };
        if !is_template_literal(literal) || !is_template_expression(expression) {
            return false;
        }
        rest = tail;
    }
}

fn is_template_literal(text: &str) -> bool {
    is_made_of(text, is_literal_character)
}

/// The characters of `literals`: without controls, the blank and `"%<>\^`{|}`. The apostrophe is
/// one of them by the erratum.
///
/// <https://www.rfc-editor.org/errata/eid6937>
fn is_literal_character(one: char) -> bool {
    match one {
        '\u{21}' | '\u{23}'..='\u{24}' | '\u{26}'..='\u{3b}' | '\u{3d}' => true,
        '\u{3f}'..='\u{5b}' | '\u{5d}' | '\u{5f}' | '\u{61}'..='\u{7a}' | '\u{7e}' => true,
        other => is_private(other) || is_ucs(other),
    }
}

/// `ucschar` of RFC 3987.
fn is_ucs(one: char) -> bool {
    match u32::from(one) {
        0xa0..=0xd7ff | 0xf900..=0xfdcf | 0xfdf0..=0xffef => true,
        // The last two of each plane are noncharacters, and tags are excluded.
        code @ 0x1_0000..=0xe_fffd => {
            code & 0xffff <= 0xfffd && !(0xe_0000..0xe_1000).contains(&code)
        }
        _ => false,
    }
}

/// `iprivate` of RFC 3987.
fn is_private(one: char) -> bool {
    matches!(u32::from(one), 0xe000..=0xf8ff | 0xf_0000..=0xf_fffd | 0x10_0000..=0x10_fffd)
}

fn is_template_expression(expression: &str) -> bool {
    let variables = expression.strip_prefix(['+', '#', '.', '/', ';', '?', '&']);
    let variables = variables.unwrap_or(expression);
    variables.split(',').all(is_variable)
}

/// `varname [ ":" max-length / "*" ]`
fn is_variable(variable: &str) -> bool {
    let name = match variable.split_once(':') {
        Some((name, length)) => {
            let digits = length.bytes().all(|digit| digit.is_ascii_digit());
            if !digits || !(1..=4).contains(&length.len()) || length.starts_with('0') {
                return false;
            }
            name
        }
        None => variable.strip_suffix('*').unwrap_or(variable),
    };
    let legal = |one: char| one.is_ascii_alphanumeric() || one == '_';
    name.split('.')
        .all(|part| !part.is_empty() && is_made_of(part, legal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris() {
        for legal in [
            "test://watched-resource",
            "file:///a%20b",
            "urn:a:b",
            "http://[::1]:80/?q#f",
            "http://[v1.a:b]/",
            "http://user:secret@example.com:8080/a;b=c?d=/?#/?",
            "x+y.z-1:",
            "a:b@c",
            "a:/b//c",
            "mailto:a@b.example",
            "http://",
            "http://example.com:/",
            "a:?b?c#d?e",
        ] {
            assert!(is_uri(legal), "{legal}");
        }
        for illegal in [
            "",
            "relative/path",
            ":a",
            "1a:b",
            "a_b://c",
            "test://a b",
            "a:%zz",
            "a:%2",
            "a:ü",
            "a:b#c#d",
            "a:[b]",
            "a://[b]/",
            "a://[::1",
            "a://[::1]80",
            "a://b:c/",
            "a://b@c@d/",
            "a://[v.a]/",
            "a:b?c[d]",
            "a:<b>",
            "a:b\\c",
            "a:b|c",
            "a:{b}",
            "a:^",
        ] {
            assert!(!is_uri(illegal), "{illegal}");
        }
    }

    #[test]
    fn uri_templates() {
        for legal in [
            "",
            "a://{b}",
            "a://{+b,c:3}/{?d*}",
            "plain",
            "{#x}",
            "a{b}c{d}",
            "x:é/{a}",
            "x:漢字\u{e000}\u{10fffd}\u{1f600}/{a}",
            "{a.b.c}",
            "{%41_1}",
            "a%20b{;x,y}",
            "{.x:9999}{/y*}{&z}",
            "a!#$&'()*+,-./09:;=?@AZ[]_az~",
        ] {
            assert!(is_uri_template(legal), "{legal}");
        }
        for illegal in [
            "a://{b",
            "x://{",
            "a}b",
            "{}",
            "{+}",
            "{a,}",
            "{a b}",
            "{a:0}",
            "{a:10000}",
            "{a:1*}",
            "{a*:1}",
            "a b",
            "a\"b",
            "a\\b",
            "a^b",
            "a|b",
            "a`b",
            "{++a}",
            "{{a}}",
            "{a:}",
            "{.a.}",
            "{a..b}",
            "{a-b}",
            "{é}",
            "{=a}",
            "{!a}",
            "{@a}",
            "{|a}",
            "%zz{a}",
            "{%4}",
            "a\u{85}",
            "a\u{fdd0}",
            "a\u{1fffe}",
            "a\u{e0041}",
        ] {
            assert!(!is_uri_template(illegal), "{illegal}");
        }
    }
}
