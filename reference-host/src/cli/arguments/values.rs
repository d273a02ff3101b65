//! Values on the command line, from their text.

use std::net::SocketAddr;
use std::time::Duration;

pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "expected an address and a port, such as 127.0.0.1:8080".to_owned())
}

pub(super) fn page_size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("a page has at least one item".to_owned()),
        Ok(size) => Ok(size),
        Err(_) => Err("expected a number".to_owned()),
    }
}

/// A number of things of which there must be one.
pub(super) fn at_least_one<N: std::str::FromStr + Default + PartialEq>(
    text: &str,
) -> Result<N, String> {
    match text.parse() {
        Ok(number) if number != N::default() => Ok(number),
        _ => Err("expected a number above 0".to_owned()),
    }
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text
        .parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let positive = seconds.filter(|seconds| !seconds.is_zero());
    positive.ok_or_else(|| "expected a number of seconds above 0, such as 30 or 0.5".to_owned())
}

pub(super) fn json_object(text: &str) -> Result<Box<serde_json::value::RawValue>, String> {
    let object: Box<serde_json::value::RawValue> =
        serde_json::from_str(text).map_err(|error| format!("not valid JSON: {error}"))?;
    if object.get().trim_start().starts_with('{') {
        Ok(object)
    } else {
        Err("a JSON object is expected, such as {\"text\": \"hello\"}".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_seconds() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for text in ["", "0", "-1", "NaN", "1e30", "ten", "5s"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn tool_arguments_keep_their_number_text() {
        let object = json_object(r#"{"n": 1.50, "m": 12345678901234567890}"#).unwrap();
        assert_eq!(object.get(), r#"{"n": 1.50, "m": 12345678901234567890}"#);
        assert!(json_object("[1]").unwrap_err().contains("object"));
        assert!(json_object("{").unwrap_err().contains("not valid JSON"));
    }
}
