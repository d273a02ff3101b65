//! Damage to text through wrong encodings.

use serde_json::Value;

use crate::survey::texts_of;

/// Returns the results of misreading the UTF-8 of a text, or of passing it through an encoding that
/// lacks its characters.
pub fn mangled(text: &str) -> Vec<String> {
    let bytes_as_latin_1 = text.bytes().map(char::from).collect();
    let replaced = |by: &str, times: fn(char) -> usize| -> String {
        let one = |letter: char| match letter.is_ascii() {
            true => letter.to_string(),
            false => by.repeat(times(letter)),
        };
        text.chars().map(one).collect()
    };
    let mut forms = vec![bytes_as_latin_1];
    for by in ["?", "\u{fffd}"] {
        forms.push(replaced(by, |_| 1));
        forms.push(replaced(by, char::len_utf16));
        forms.push(replaced(by, char::len_utf8));
    }
    forms.dedup();
    forms
}

/// Returns all texts of a result: in blocks, in JSON within a text, and in structured content.
pub fn all_texts(result: &Value) -> Vec<String> {
    let mut all = Vec::new();
    for text in texts_of(result) {
        all.push(text.to_owned());
        if let Ok(value) = serde_json::from_str::<Value>(text) {
            collect(&value, &mut all);
        }
    }
    collect(&result["structuredContent"], &mut all);
    all
}

fn collect(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
        Value::Object(members) => members.values().for_each(|member| collect(member, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn usual_damage_is_recognized() {
        let forms = mangled("a\u{fc}\u{1f600}");
        for form in [
            "a\u{c3}\u{bc}\u{f0}\u{9f}\u{98}\u{80}",
            "a??",
            "a???",
            "a??????",
            "a\u{fffd}\u{fffd}",
        ] {
            assert!(forms.iter().any(|known| known == form), "{form:?}");
        }
        assert!(!forms.iter().any(|form| form.contains('\u{fc}')));
    }

    #[test]
    fn texts_are_found_in_json_and_in_structured_content() {
        let text = json!({"deep": ["\u{fc}"]}).to_string();
        let result = json!({
            "content": [{"type": "text", "text": text}],
            "structuredContent": {"a": ["b", 1]},
        });
        assert_eq!(all_texts(&result), [text.as_str(), "\u{fc}", "b"]);
    }
}
