//! Estimates the memory of a compiled schema before it is compiled: three bytes of text become a
//! subschema of hundreds, and a short pattern with a large count can take megabytes.
//!
//! The figures are upper bounds. `tests/schema_memory.rs` holds them against the allocator.

use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{Ast, ClassSet, ClassSetItem, RepetitionKind, RepetitionRange};
use serde_json::Value;

/// Bytes of every schema.
const FOR_SCHEMA: usize = 1 << 10;
/// Bytes per byte of a schema's text. It is kept twice, as text and as a value.
const FOR_TEXT: usize = 4;
/// Bytes per object and per item of an array: each may be a subschema.
const FOR_VALUE: usize = 200;
/// Bytes per member of an object: each may be a keyword.
const FOR_MEMBER: usize = 600;
/// Bytes per reference, beside its target.
const FOR_REFERENCE: usize = 1000;
/// Bytes per pattern, beside its steps.
const FOR_PATTERN: usize = 3000;
/// Bytes per step of a pattern. Measured: 30 to 70.
const FOR_STEP: usize = 128;
/// Steps of a class that may match most characters: their UTF-8 has many forms.
const MOST_CHARACTERS: usize = 12;
/// Steps of a class by a property of Unicode. Letters take about 30 KiB.
const PROPERTY: usize = 1000;

/// Returns the estimate for a schema with this text.
pub(super) fn of(json: &str, schema: &Value) -> usize {
    let text = json.len().saturating_mul(FOR_TEXT);
    FOR_SCHEMA
        .saturating_add(text)
        .saturating_add(of_value(schema))
}

/// Returns the bytes of a value beside its text.
pub(super) fn of_value(value: &Value) -> usize {
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| {
                FOR_MEMBER
                    .saturating_add(of_keyword(name, value))
                    .saturating_add(of_value(value))
            });
            FOR_VALUE.saturating_add(sum(members))
        }
        Value::Array(items) => sum(items
            .iter()
            .map(|item| FOR_VALUE.saturating_add(of_value(item)))),
        _ => 0,
    }
}

/// Returns the further bytes of keywords that take more than others.
fn of_keyword(name: &str, value: &Value) -> usize {
    let pattern = |pattern: &str| {
        steps(pattern)
            .saturating_mul(FOR_STEP)
            .saturating_add(FOR_PATTERN)
    };
    match (name, value) {
        ("pattern", Value::String(text)) => pattern(text),
        ("patternProperties", Value::Object(patterns)) => {
            sum(patterns.keys().map(|text| pattern(text)))
        }
        ("$ref" | "$dynamicRef" | "$recursiveRef", Value::String(_)) => FOR_REFERENCE,
        _ => 0,
    }
}

fn sum(steps: impl Iterator<Item = usize>) -> usize {
    steps.fold(0, usize::saturating_add)
}

/// Returns the steps of a pattern.
fn steps(pattern: &str) -> usize {
    // Look-around costs as much as its content.
    let plain = ["(?=", "(?!", "(?<=", "(?<!"]
        .iter()
        .fold(pattern.to_owned(), |text, look| text.replace(look, "(?:"));
    match Parser::new().parse(&plain) {
        Ok(ast) => of_ast(&ast),
        Err(_) => of_text(pattern),
    }
}

/// Returns an upper bound for a pattern in a dialect that is not parsed: as if each repetition were
/// nested in all others.
fn of_text(pattern: &str) -> usize {
    let counts = pattern.split('{').skip(1).map(|rest| {
        let inner = rest.split('}').next().unwrap_or(rest);
        let numbers = inner
            .split(',')
            .filter_map(|number| number.trim().parse::<usize>().ok());
        numbers.max().unwrap_or(1).max(1)
    });
    let each = if pattern.contains("\\p") || pattern.contains("\\P") {
        PROPERTY
    } else {
        MOST_CHARACTERS
    };
    counts.fold(pattern.len().saturating_mul(each), usize::saturating_mul)
}

fn of_ast(ast: &Ast) -> usize {
    match ast {
        Ast::Empty(_) | Ast::Flags(_) | Ast::Assertion(_) => 1,
        Ast::Literal(literal) => literal.c.len_utf8(),
        Ast::Dot(_) => MOST_CHARACTERS,
        Ast::ClassUnicode(_) => PROPERTY,
        Ast::ClassPerl(_) => MOST_CHARACTERS,
        Ast::ClassBracketed(class) => {
            let most = if class.negated { MOST_CHARACTERS } else { 0 };
            most + of_set(&class.kind)
        }
        Ast::Repetition(repetition) => {
            let times = match &repetition.op.kind {
                RepetitionKind::Range(
                    RepetitionRange::Exactly(count) | RepetitionRange::AtLeast(count),
                ) => *count,
                RepetitionKind::Range(RepetitionRange::Bounded(_, most)) => *most,
                _ => 1,
            };
            let times = usize::try_from(times)
                .unwrap_or(usize::MAX)
                .saturating_add(1);
            of_ast(&repetition.ast)
                .saturating_add(1)
                .saturating_mul(times)
        }
        Ast::Group(group) => of_ast(&group.ast).saturating_add(2),
        Ast::Alternation(several) => sum(several.asts.iter().map(of_ast)),
        Ast::Concat(several) => sum(several.asts.iter().map(of_ast)),
    }
}

fn of_set(set: &ClassSet) -> usize {
    match set {
        ClassSet::Item(item) => of_item(item),
        ClassSet::BinaryOp(operation) => {
            of_set(&operation.lhs).saturating_add(of_set(&operation.rhs))
        }
    }
}

fn of_item(item: &ClassSetItem) -> usize {
    match item {
        ClassSetItem::Empty(_) => 0,
        ClassSetItem::Literal(literal) => literal.c.len_utf8(),
        ClassSetItem::Range(range) if range.end.c.is_ascii() => 1,
        ClassSetItem::Range(_) | ClassSetItem::Ascii(_) | ClassSetItem::Perl(_) => MOST_CHARACTERS,
        ClassSetItem::Unicode(_) => PROPERTY,
        ClassSetItem::Bracketed(class) => MOST_CHARACTERS + of_set(&class.kind),
        ClassSetItem::Union(items) => sum(items.items.iter().map(of_item)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_multiply_what_they_repeat() {
        assert_eq!(steps("abc"), 3);
        assert_eq!(steps("[a-z]{1,64}"), 2 * 65);
        assert_eq!(steps("^[a-z]{1,64}-[a-z]{1,64}$"), 2 * 2 * 65 + 3);
        assert!(steps("(.{100}){100}") > 100 * 100 * MOST_CHARACTERS);
        assert!(steps(r"\p{L}{10}") > 10 * PROPERTY);
        assert_eq!(steps("(?=a{9})b"), steps("(?:a{9})b"));
    }

    #[test]
    fn what_cannot_be_read_is_taken_for_the_worst() {
        assert!(steps(r"(a)\1{5}") >= 5 * 7);
        assert!(steps(&format!("{}a{}", "(".repeat(1000), ")".repeat(1000))) >= 2001);
        assert_eq!(steps(&r"\1{1000000}".repeat(10)), usize::MAX);
    }

    #[test]
    fn patterns_count_wherever_they_stand() {
        let schema = serde_json::json!({
            "properties": { "a": { "pattern": "a{99}" } },
            "allOf": [{ "patternProperties": { "b{99}": { "pattern": "c{99}" } } }],
        });
        let patterns = 3 * (200 * FOR_STEP + FOR_PATTERN);
        let members = 7 * FOR_MEMBER + 7 * FOR_VALUE;
        let text = 2 * FOR_TEXT + FOR_SCHEMA;
        assert_eq!(of("{}", &schema), patterns + members + text);
    }
}
