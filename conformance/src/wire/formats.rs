//! String formats that the specification names and the schema cannot check.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub use super::uris::{is_scheme, is_uri, is_uri_template};

/// Returns true for base64 in the standard alphabet with padding.
pub fn is_base64(text: &str) -> bool {
    STANDARD.decode(text).is_ok()
}

/// Decodes base64.
pub fn base64_bytes(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Returns true for a media type: a type, a slash, a subtype, optional parameters.
pub fn is_media_type(text: &str) -> bool {
    let token = |part: &str| {
        let legal = |one: char| one.is_ascii_alphanumeric() || "!#$&^_.+-%'*`|~".contains(one);
        !part.is_empty() && part.chars().all(legal)
    };
    let essence = text.split(';').next().unwrap_or_default().trim();
    essence
        .split_once('/')
        .is_some_and(|(kind, subtype)| token(kind) && token(subtype))
}

/// Returns true for a date, or a date and a time, in the form of ISO 8601.
pub fn is_timestamp(text: &str) -> bool {
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    is_date(date) && time.is_none_or(is_time)
}

fn is_date(text: &str) -> bool {
    let digits: String = text.chars().filter(|one| *one != '-').collect();
    let shaped = match text.len() {
        10 => text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-',
        8 => !text.contains('-'),
        _ => false,
    };
    shaped
        && digits.len() == 8
        && digits.bytes().all(|digit| digit.is_ascii_digit())
        && within(&digits[4..6], 1, 12)
        && within(&digits[6..8], 1, 31)
}

fn is_time(text: &str) -> bool {
    let (clock, zone) = match text.find(['Z', 'z', '+', '-']) {
        Some(index) => text.split_at(index),
        None => (text, ""),
    };
    let (clock, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, "0"));
    is_clock(clock, 60)
        && !fraction.is_empty()
        && fraction.bytes().all(|digit| digit.is_ascii_digit())
        && is_zone(zone)
}

fn is_zone(zone: &str) -> bool {
    match zone {
        "" | "Z" | "z" => true,
        offset => is_clock(&offset[1..], 59) || (offset.len() == 3 && within(&offset[1..], 0, 23)),
    }
}

fn is_clock(text: &str, last_second: u32) -> bool {
    let compact: String = text.chars().filter(|one| *one != ':').collect();
    let parts = [(0, 23), (2, 59), (4, last_second)];
    matches!(compact.len(), 4 | 6)
        && compact.is_ascii()
        && parts[..compact.len() / 2]
            .iter()
            .all(|(at, last)| within(&compact[*at..at + 2], 0, *last))
}

fn within(digits: &str, first: u32, last: u32) -> bool {
    digits.bytes().all(|digit| digit.is_ascii_digit())
        && digits
            .parse::<u32>()
            .is_ok_and(|number| (first..=last).contains(&number))
}

/// The faults of a key of `_meta`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MetaKeyFault {
    /// The prefix is not a series of labels separated by dots.
    Prefix,
    /// A label does not begin with a letter and end with a letter or digit.
    Label,
    /// The name does not begin and end with a letter or digit.
    NameEnds,
    /// The name has a character that is not allowed.
    NameCharacters,
    /// The prefix is reserved to MCP itself.
    Reserved,
}

/// Finds the first fault of a key of `_meta`.
///
/// <https://modelcontextprotocol.io/specification/2025-06-18/basic#meta>
pub fn meta_key_fault(key: &str) -> Option<MetaKeyFault> {
    match key.rsplit_once('/') {
        None => name_fault(key),
        Some((prefix, name)) => prefix_fault(prefix).or_else(|| name_fault(name)),
    }
}

fn prefix_fault(prefix: &str) -> Option<MetaKeyFault> {
    let labels: Vec<&str> = prefix.split('.').collect();
    if labels
        .iter()
        .any(|label| label.is_empty() || label.contains('/'))
    {
        return Some(MetaKeyFault::Prefix);
    }
    if !labels.iter().all(|label| is_label(label)) {
        return Some(MetaKeyFault::Label);
    }
    let reserved = |label: &&str| matches!(*label, "modelcontextprotocol" | "mcp");
    let owner = labels
        .len()
        .checked_sub(2)
        .and_then(|index| labels.get(index));
    owner
        .is_some_and(reserved)
        .then_some(MetaKeyFault::Reserved)
}

fn is_label(label: &str) -> bool {
    label.starts_with(|first: char| first.is_ascii_alphabetic())
        && label.ends_with(|last: char| last.is_ascii_alphanumeric())
        && label
            .chars()
            .all(|one| one.is_ascii_alphanumeric() || one == '-')
}

fn name_fault(name: &str) -> Option<MetaKeyFault> {
    let alphanumeric = |one: Option<char>| one.is_none_or(|one| one.is_ascii_alphanumeric());
    if !alphanumeric(name.chars().next()) || !alphanumeric(name.chars().last()) {
        return Some(MetaKeyFault::NameEnds);
    }
    let legal = |one: char| one.is_ascii_alphanumeric() || "-_.".contains(one);
    (!name.chars().all(legal)).then_some(MetaKeyFault::NameCharacters)
}

/// Keywords of JSON Schema that nest schemas or restrict values in ways that forms of this revision
/// cannot.
const ADVANCED_KEYWORDS: &[&str] = &[
    "$dynamicRef",
    "$recursiveRef",
    "$ref",
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "contains",
    "contentSchema",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "if",
    "items",
    "maxContains",
    "maxItems",
    "maxProperties",
    "minContains",
    "minItems",
    "minProperties",
    "multipleOf",
    "not",
    "oneOf",
    "pattern",
    "patternProperties",
    "prefixItems",
    "properties",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
    "uniqueItems",
];

/// Returns true for an advanced feature, in the terms of the page, among the keywords that the
/// definition of a form's field does not list.
///
/// The objects are open: a keyword that only describes (`default`, `examples`), or that JSON Schema
/// does not define, changes nothing for a client that ignores it. The same holds for `oneOf` when
/// it only names values.
pub fn is_advanced_keyword(name: &str, value: &serde_json::Value) -> bool {
    let names_values = name == "oneOf"
        && value.as_array().is_some_and(|choices| {
            choices.iter().all(|choice| {
                let members = choice.as_object();
                choice["const"].is_string()
                    && members.is_some_and(|members| {
                        let mut names = members.keys();
                        names.all(|name| matches!(name.as_str(), "const" | "title" | "description"))
                    })
            })
        });
    ADVANCED_KEYWORDS.contains(&name) && !names_values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps() {
        for legal in [
            "2025-06-18",
            "20250618",
            "2025-01-12T15:00:58Z",
            "2025-01-12T15:00:58.123+02:00",
            "2025-01-12T15:00",
        ] {
            assert!(is_timestamp(legal), "{legal}");
        }
        for illegal in [
            "",
            "yesterday",
            "2025-13-01",
            "2025-01-12T25:00Z",
            "12.01.2025",
            "1736694058",
            "2025-01-12T",
        ] {
            assert!(!is_timestamp(illegal), "{illegal}");
        }
    }

    #[test]
    fn media_types() {
        for legal in [
            "text/plain",
            "image/svg+xml",
            "text/html; charset=utf-8",
            "application/vnd.a.b",
        ] {
            assert!(is_media_type(legal), "{legal}");
        }
        for illegal in ["", "text", "/plain", "text/", "a b/c"] {
            assert!(!is_media_type(illegal), "{illegal}");
        }
    }

    #[test]
    fn base64_wants_the_standard_alphabet_and_padding() {
        assert!(is_base64("") && is_base64("AAE=") && is_base64("+/8="));
        assert!(!is_base64("AAE") && !is_base64("-_8=") && !is_base64("a b="));
    }

    #[test]
    fn meta_keys() {
        for legal in [
            "a",
            "",
            "example.com/",
            "example.com/a-b_c.d",
            "progressToken",
            "com.mcp/x",
            "mcp/x",
        ] {
            assert_eq!(meta_key_fault(legal), None, "{legal}");
        }
        for (illegal, fault) in [
            ("a..b/c", MetaKeyFault::Prefix),
            ("/c", MetaKeyFault::Prefix),
            ("a/b/c", MetaKeyFault::Prefix),
            ("1a/c", MetaKeyFault::Label),
            ("a-/c", MetaKeyFault::Label),
            ("-a", MetaKeyFault::NameEnds),
            ("a_", MetaKeyFault::NameEnds),
            ("a b", MetaKeyFault::NameCharacters),
            ("mcp.dev/x", MetaKeyFault::Reserved),
            ("tools.mcp.com/x", MetaKeyFault::Reserved),
        ] {
            assert_eq!(meta_key_fault(illegal), Some(fault), "{illegal}");
        }
    }

    #[test]
    fn descriptive_keywords_are_not_advanced() {
        use serde_json::json;
        assert!(!is_advanced_keyword("default", &json!("Ada")));
        assert!(!is_advanced_keyword("x-order", &json!(1)));
        let named = json!([{"const": "a", "title": "A"}, {"const": "b"}]);
        assert!(!is_advanced_keyword("oneOf", &named));
        assert!(is_advanced_keyword("oneOf", &json!([{"type": "string"}])));
        assert!(is_advanced_keyword("pattern", &json!("a")));
    }
}
