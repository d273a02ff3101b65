//! Expansion of URI templates (RFC 6570) with simple values.

/// Returns the variables of a template in order.
pub fn variables(template: &str) -> Vec<String> {
    let names = expressions(template).flat_map(|expression| {
        let list = expression.trim_start_matches(['+', '#', '.', '/', ';', '?', '&']);
        list.split(',')
            .map(plain_name)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    });
    names.filter(|name| !name.is_empty()).collect()
}

fn plain_name(variable: &str) -> &str {
    variable
        .split(':')
        .next()
        .unwrap_or_default()
        .trim_end_matches('*')
}

fn expressions(template: &str) -> impl Iterator<Item = &str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|tail| tail.split_once('}').map(|(expression, _)| expression))
}

/// Expands a template with the values that `value` gives for names. Encodes characters that are
/// illegal in a URI, in literals and in values.
pub fn expand(template: &str, value: impl Fn(&str) -> String) -> String {
    let mut expanded = String::new();
    let mut rest = template;
    while let Some((literal, tail)) = rest.split_once('{') {
        let Some((expression, tail)) = tail.split_once('}') else {
            // The text after an error stays unchanged.
            expanded.push_str(rest);
            return expanded;
        };
        expanded.push_str(&encoded(literal, true));
        expanded.push_str(&expansion(expression, &value));
        rest = tail;
    }
    expanded.push_str(&encoded(rest, true));
    expanded
}

/// Returns true if a URI may be an expansion of a template: it contains the literals of the
/// template in order.
pub fn may_match(template: &str, uri: &str) -> bool {
    let uri = encoded(uri, true);
    let Some((start, mut tail)) = template.split_once('{') else {
        return encoded(template, true) == uri;
    };
    let Some(mut rest) = uri.strip_prefix(&encoded(start, true)) else {
        return false;
    };
    while let Some((_, after)) = tail.split_once('}') {
        let Some((literal, next)) = after.split_once('{') else {
            return rest.ends_with(&encoded(after, true));
        };
        let literal = encoded(literal, true);
        let Some(position) = rest.find(&literal) else {
            return false;
        };
        rest = &rest[position + literal.len()..];
        tail = next;
    }
    false
}

fn expansion(expression: &str, value: &impl Fn(&str) -> String) -> String {
    let (operator, list) = match expression.chars().next() {
        Some(operator @ ('+' | '#' | '.' | '/' | ';' | '?' | '&')) => {
            (Some(operator), &expression[1..])
        }
        _ => (None, expression),
    };
    let (first, separator, named) = match operator {
        None | Some('+') => ("", ",", false),
        Some('#') => ("#", ",", false),
        Some('.') => (".", ".", false),
        Some('/') => ("/", "/", false),
        Some(';') => (";", ";", true),
        Some('?') => ("?", "&", true),
        Some(_) => ("&", "&", true),
    };
    let one = |variable: &str| {
        let name = plain_name(variable);
        let most = variable.split_once(':').map(|(_, most)| most.parse());
        let most = most.and_then(Result::ok).unwrap_or(usize::MAX);
        let value: String = value(name).chars().take(most).collect();
        let value = encoded(&value, matches!(operator, Some('+' | '#')));
        match (named, operator) {
            (true, Some(';')) if value.is_empty() => name.to_owned(),
            (true, _) => format!("{name}={value}"),
            (false, _) => value,
        }
    };
    let values: Vec<String> = list.split(',').map(one).collect();
    format!("{first}{}", values.join(separator))
}

/// Escapes a text, except for unreserved characters and optionally reserved ones and percent
/// escapes.
fn encoded(value: &str, reserved: bool) -> String {
    let mut text = String::new();
    for (index, byte) in value.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let digits = value.as_bytes().get(index + 1..index + 3);
        let escape = byte == b'%' && digits.is_some_and(|it| it.iter().all(u8::is_ascii_hexdigit));
        if plain || (reserved && (escape || b":/?#[]@!$&'()*+,;=".contains(&byte))) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expansion_contains_the_literals_of_its_template() {
        for (template, uri, expected) in [
            ("a://b", "a://b", true),
            ("a://b", "a://b/c", false),
            ("file:///{+path}", "file:///etc/passwd", true),
            ("file:///{+path}", "other:///etc/passwd", false),
            ("{+any}", "", true),
            ("a://{x}/b/{y}.txt", "a://1/b/2.txt", true),
            ("a://{x}/b/{y}.txt", "a://1/c/2.txt", false),
            ("a://{x}/b/{y}.txt", "a://1/b/2", false),
            ("a://{broken", "a://1", false),
            ("x:é/{a}", "x:%C3%A9/1", true),
            ("x:é/{a}", "x:é/1", true),
            ("x:é/{a}", "x:e/1", false),
        ] {
            assert_eq!(may_match(template, uri), expected, "{template} {uri}");
        }
    }

    #[test]
    fn every_operator_expands() {
        for (template, expected) in [
            ("plain", "plain"),
            ("a://{x}/b", "a://1/b"),
            ("a://{+x,y}", "a://1,1"),
            ("a:{#x}", "a:#1"),
            ("a:b{.x}", "a:b.1"),
            ("a:{/x,y}", "a:/1/1"),
            ("a:b{;x}", "a:b;x=1"),
            ("a:b{?x,y*}", "a:b?x=1&y=1"),
            ("a:b?c=d{&x}", "a:b?c=d&x=1"),
            ("a:{x:3}", "a:1"),
            ("a:{broken", "a:{broken"),
        ] {
            assert_eq!(expand(template, |_| "1".to_owned()), expected);
        }
        assert_eq!(expand("x:é%20/{a}", |_| "1".to_owned()), "x:%C3%A9%20/1");
        assert_eq!(
            expand("a:{x:3}", |_| "äöüß".to_owned()),
            "a:%C3%A4%C3%B6%C3%BC"
        );
        assert_eq!(expand("a{;x}{?x}{&x}", |_| String::new()), "a;x?x=&x=");
        assert_eq!(
            expand("a:{+x}{x}", |_| "%20%".to_owned()),
            "a:%20%25%2520%25"
        );
        assert_eq!(expand("a:{x}", |_| "a/b é".to_owned()), "a:a%2Fb%20%C3%A9");
        assert_eq!(expand("a:{+x}", |_| "a/b é".to_owned()), "a:a/b%20%C3%A9");
        assert_eq!(variables("a://{x}/{?y,z*}"), ["x", "y", "z"]);
    }
}
