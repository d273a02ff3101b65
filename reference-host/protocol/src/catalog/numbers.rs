//! Reads JSON text as a value, with numbers of any size.

use std::borrow::Cow;

use serde_json::Value;

/// Reads JSON text. A number beyond the range of `f64` becomes the nearest one within it, so
/// comparisons have the same outcome.
///
/// # Errors
///
/// If it is not JSON text, or nested too deeply.
pub(super) fn read(json: &str) -> serde_json::Result<Value> {
    serde_json::from_str(json).or_else(|error| match within_range(json) {
        Cow::Borrowed(_) => Err(error),
        Cow::Owned(json) => serde_json::from_str(&json),
    })
}

/// Replaces each number beyond the range with the nearest one within it.
fn within_range(json: &str) -> Cow<'_, str> {
    let mut written = String::new();
    // Everything before this was written.
    let mut kept = 0;
    let mut at = 0;
    let bytes = json.as_bytes();
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at = end_of_string(bytes, at),
            b'-' | b'0'..=b'9' => {
                let is_part =
                    |byte: &&u8| matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E' | b'0'..=b'9');
                let end = at + bytes[at..].iter().take_while(is_part).count();
                if json[at..end].parse().is_ok_and(f64::is_infinite) {
                    written.push_str(&json[kept..at]);
                    let sign = if bytes[at] == b'-' { "-" } else { "" };
                    written.push_str(&format!("{sign}{:e}", f64::MAX));
                    kept = end;
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    if kept == 0 {
        return Cow::Borrowed(json);
    }
    written.push_str(&json[kept..]);
    Cow::Owned(written)
}

/// Returns the position behind the string that begins here.
fn end_of_string(bytes: &[u8], begin: usize) -> usize {
    let mut at = begin + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_beyond_the_range_are_the_last_within_it() {
        let text = r#"{"a\"1e999": [1e400, -1E+400, 1.5, "1e400", "\\"], "b": 1e400}"#;
        let last = f64::MAX;
        let expected = json!({"a\"1e999": [last, -last, 1.5, "1e400", "\\"], "b": last});
        assert_eq!(read(text).unwrap(), expected);
    }

    #[test]
    fn what_is_no_json_text_is_refused() {
        for text in ["", "{", "1e400x", "{\"a", "[1e400", "\"\\"] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read(&"[".repeat(200)).is_err());
    }
}
