//! URI templates (RFC 6570) that URIs are matched against.
//!
//! An expression `{name}` matches one segment of a path, and `{+name}` matches several. Expansion by
//! the other operators cannot be undone without ambiguity.

/// A URI template, which the macros have taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template(pub &'static [Part]);

/// The variables of a URI: names and values.
pub type Variables = Vec<(String, String)>;

/// A piece of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Text that stands for itself.
    Literal(&'static str),
    /// `{name}`: one segment of a path, decoded.
    Segment(&'static str),
    /// `{+name}`: any text, as it is.
    Reserved(&'static str),
}

impl Template {
    /// Returns the names of the variables.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Segment(name) | Part::Reserved(name) => Some(*name),
        })
    }

    /// Returns the variables of a URI, decoded, or `None` where it does not match.
    pub fn matches(&self, uri: &str) -> Option<Variables> {
        let mut variables = Vec::new();
        let matched = match_parts(self.0, uri, &mut variables);
        matched.then_some(variables)
    }
}

/// Matches the parts to the whole of a text. A variable is as short as possible.
fn match_parts(parts: &[Part], text: &str, variables: &mut Variables) -> bool {
    let Some((first, parts)) = parts.split_first() else {
        return text.is_empty();
    };
    let (name, decode): (_, fn(&str) -> Option<String>) = match first {
        Part::Literal(literal) => {
            return text
                .strip_prefix(literal)
                .is_some_and(|rest| match_parts(parts, rest, variables));
        }
        Part::Segment(name) => (name, segment),
        Part::Reserved(name) => (name, |text| Some(text.to_owned())),
    };
    let ends_segment = |character| matches!(character, '/' | '?' | '#');
    let longest = match first {
        Part::Segment(_) => text.find(ends_segment).unwrap_or(text.len()),
        _ => text.len(),
    };
    // A variable that is last takes the rest.
    let shortest = if parts.is_empty() { longest } else { 1 };
    for end in shortest.max(1)..=longest {
        let Some((value, rest)) = text.split_at_checked(end) else {
            continue;
        };
        let Some(value) = decode(value) else { continue };
        let known = variables.len();
        variables.push(((*name).to_owned(), value));
        if match_parts(parts, rest, variables) {
            return true;
        }
        variables.truncate(known);
    }
    false
}

/// Returns the decoded text of one segment. One that names another folder, once it is decoded, is none:
/// a handler may use it in a path.
fn segment(text: &str) -> Option<String> {
    let text = decoded(text)?;
    let is_elsewhere = text.contains(['/', '\0']) || matches!(&*text, "." | "..");
    (!is_elsewhere).then_some(text)
}

/// Returns text whose octets may be written as `%2F`.
fn decoded(text: &str) -> Option<String> {
    let mut octets = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            octets.push(*first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let digits = std::str::from_utf8(digits).ok()?;
        octets.push(u8::from_str_radix(digits, 16).ok()?);
        rest = after;
    }
    String::from_utf8(octets).ok()
}

#[cfg(test)]
mod tests {
    use super::Part::{Literal, Reserved, Segment};
    use super::*;

    fn matches(parts: &'static [Part], uri: &str) -> Option<Variables> {
        Template(parts).matches(uri)
    }

    fn one(name: &str, value: &str) -> Option<Variables> {
        Some(vec![(name.into(), value.into())])
    }

    #[test]
    fn a_variable_is_one_segment() {
        let template = &[Literal("test://template/"), Segment("id"), Literal("/data")];
        assert_eq!(matches(template, "test://template/7/data"), one("id", "7"));
        assert_eq!(matches(template, "test://template//data"), None);
        assert_eq!(matches(template, "test://template/7/8/data"), None);
        assert_eq!(matches(template, "test://template/7/data/"), None);
        assert_eq!(matches(&[Literal("a:"), Segment("x")], "a:b?c"), None);
        assert_eq!(matches(&[Literal("a:"), Segment("x")], "a:"), None);
    }

    #[test]
    fn a_reserved_variable_is_several() {
        let template = &[Literal("file:///"), Reserved("path")];
        assert_eq!(matches(template, "file:///a/b%2F"), one("path", "a/b%2F"));
    }

    #[test]
    fn a_variable_is_decoded() {
        let template = &[Literal("a:"), Segment("x")];
        assert_eq!(matches(template, "a:b%2Dc%C3%BC"), one("x", "b-cü"));
        assert_eq!(matches(template, "a:ü"), one("x", "ü"));
        for elsewhere in ["a:b%2Fc", "a:..", "a:%2E%2e", "a:.", "a:b%00"] {
            assert_eq!(matches(template, elsewhere), None);
        }
        for malformed in ["a:%zz", "a:%+1", "a:%ff", "a:%f"] {
            assert_eq!(matches(template, malformed), None);
        }
    }

    #[test]
    fn several_variables_share_a_segment() {
        assert_eq!(
            matches(
                &[
                    Literal("a:"),
                    Segment("x"),
                    Literal("-"),
                    Segment("y"),
                    Literal(".txt")
                ],
                "a:1-2-3.txt"
            ),
            Some(vec![("x".into(), "1".into()), ("y".into(), "2-3".into())])
        );
    }
}
