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
    ///
    /// Variables match as little as possible, from left to right; one at the end takes the rest. All
    /// libraries follow this rule.
    pub fn matches(&self, uri: &str) -> Option<Variables> {
        let mut matching = Matching {
            variables: Vec::new(),
            steps: MAXIMUM_STEPS,
        };
        let matched = matching.parts(self.0, uri);
        matched.then_some(matching.variables)
    }
}

/// A URI that needs more steps does not match, so that clients cannot keep a server busy.
const MAXIMUM_STEPS: usize = 100_000;

/// The state of one match.
struct Matching {
    variables: Variables,
    /// The steps that are left.
    steps: usize,
}

impl Matching {
    /// Spends steps. Returns `None` if there are not enough.
    fn spend(&mut self, steps: usize) -> Option<()> {
        self.steps = self.steps.checked_sub(steps)?;
        Some(())
    }

    /// Matches parts against a whole text.
    fn parts(&mut self, parts: &[Part], text: &str) -> bool {
        let Some((first, rest)) = parts.split_first() else {
            return text.is_empty();
        };
        let (name, is_segment) = match *first {
            Part::Literal(literal) => {
                let after = text.strip_prefix(literal);
                return after.is_some_and(|after| self.parts(rest, after));
            }
            Part::Segment(name) => (name, true),
            Part::Reserved(name) => (name, false),
        };
        if rest.is_empty() {
            return self.variable(name, is_segment, text).is_some();
        }
        // The end of a segment is looked for step by step, so that the search is paid for.
        for (start, character) in text.char_indices() {
            if self.spend(1).is_none() || is_segment && DELIMITERS.contains(&character) {
                return false;
            }
            let (value, after) = text.split_at(start + character.len_utf8());
            let known = self.variables.len();
            if self.parts(rest, after) && self.variable(name, is_segment, value).is_some() {
                // What follows was set first.
                self.variables[known..].rotate_right(1);
                return true;
            }
            self.variables.truncate(known);
        }
        false
    }

    /// Sets a variable. Returns `None` for a text that is not valid for it.
    fn variable(&mut self, name: &str, is_segment: bool, text: &str) -> Option<()> {
        let value = match text {
            "" => return None,
            text if is_segment => {
                self.spend(text.len())?;
                segment(text)?
            }
            text => text.to_owned(),
        };
        self.variables.push((name.to_owned(), value));
        Some(())
    }
}

/// The characters that end a segment of a path.
const DELIMITERS: [char; 3] = ['/', '?', '#'];

/// Returns the decoded text of one segment. One that names another folder, once it is decoded, is none:
/// a handler may use it in a path.
fn segment(text: &str) -> Option<String> {
    if text.contains(DELIMITERS) {
        return None;
    }
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

/// The parser, which belongs to the macros.
#[cfg(test)]
#[path = "../../wasi-mcp-guest-macros/src/template.rs"]
mod macros;

#[cfg(test)]
mod tests {
    use super::Part::{Literal, Reserved, Segment};
    use super::*;

    /// The cases of all libraries.
    const CASES: &str = include_str!("../../../uri-templates.tsv");

    /// Takes a template apart, as the macros do.
    fn parsed(template: &str) -> Result<Template, String> {
        let parts = macros::parse(template)?.into_iter().map(|part| match part {
            macros::Part::Literal(text) => Literal(text.leak()),
            macros::Part::Segment(name) => Segment(name.leak()),
            macros::Part::Reserved(name) => Reserved(name.leak()),
        });
        Ok(Template(Vec::leak(parts.collect())))
    }

    #[test]
    fn templates_match_as_in_all_libraries() {
        for case in CASES.lines().filter(|line| !line.starts_with('#')) {
            let cells: Vec<&str> = case.split('\t').collect();
            let [template, uri, expected] = cells[..] else {
                panic!("three cells are expected: {case}");
            };
            let found = match parsed(template).map(|template| template.matches(uri)) {
                Err(_) => "!".into(),
                Ok(None) => "-".into(),
                Ok(Some(variables)) => {
                    let members = variables
                        .into_iter()
                        .map(|(name, value)| format!("{}:{}", json(&name), json(&value)));
                    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
                }
            };
            assert_eq!(found, expected, "{uri} of {template}");
        }
    }

    fn json(text: &str) -> String {
        serde_json::to_string(text).expect("a text is JSON")
    }
}
