//! Parsers of values on the command line.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

pub(super) fn page_size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("a page has at least one item".to_owned()),
        Ok(size) => Ok(size),
        Err(_) => Err("expected a number".to_owned()),
    }
}

/// Parses a host's name or address, without port.
pub(super) fn host_name(text: &str) -> Result<String, String> {
    let authority = text.parse::<http::uri::Authority>().ok();
    let is_name = authority.is_some_and(|authority| authority.host() == text && !text.is_empty());
    is_name
        .then(|| text.to_owned())
        .ok_or_else(|| "expected a host's name without port, such as mcp.example.com".to_owned())
}

/// Parses a positive count.
pub(super) fn count<T: FromStr + Default + PartialEq>(text: &str) -> Result<T, String> {
    let number = text.parse().ok().filter(|number| *number != T::default());
    number.ok_or_else(|| "expected a whole number above 0".to_owned())
}

/// Parses levels of JSON. No common library reads values deeper than 128 levels.
pub(super) fn depth(text: &str) -> Result<usize, String> {
    let depth = text.parse().ok().filter(|depth| (1..=128).contains(depth));
    depth.ok_or_else(|| "expected a number from 1 to 128".to_owned())
}

/// A number of bytes: `4096`, `64KiB`, `8MiB`, `1GiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size(pub(super) usize);

/// Parses the size of all header fields of a request, which the HTTP library bounds from below.
pub(super) fn header_size(text: &str) -> Result<Size, String> {
    let size: Size = text.parse()?;
    let is_enough = size.0 >= LEAST_HEADER;
    is_enough
        .then_some(size)
        .ok_or_else(|| format!("expected at least {}", Size(LEAST_HEADER)))
}

/// The smallest size of all header fields of a request.
const LEAST_HEADER: usize = 8 << 10;

/// The units of a [`Size`], the largest first.
const UNITS: [(&str, usize); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unit = UNITS
            .iter()
            .find_map(|(unit, bytes)| Some((text.strip_suffix(unit)?.trim_end(), *bytes)));
        let (number, unit) = unit.unwrap_or((text, 1));
        let number = number.parse::<usize>().ok();
        let bytes = number.and_then(|number| number.checked_mul(unit));
        bytes
            .filter(|bytes| *bytes > 0)
            .map(Self)
            .ok_or_else(|| "expected a size above 0, such as 4096, 64KiB, 8MiB or 1GiB".to_owned())
    }
}

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |(_, bytes): &&(&str, usize)| self.0 > 0 && self.0.is_multiple_of(*bytes);
        match UNITS.iter().find(fits) {
            Some((unit, bytes)) => write!(formatter, "{}{unit}", self.0 / bytes),
            None => write!(formatter, "{}", self.0),
        }
    }
}

/// A duration on the command line that has a default there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seconds(pub(super) Duration);

impl FromStr for Seconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        seconds(text).map(Self)
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0.as_secs_f64())
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

/// Parses `NAME=VALUE`.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
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
    fn sizes_have_units_of_1024_and_are_printed_as_they_are_read() {
        for (text, bytes) in [
            ("1", 1),
            ("1000", 1000),
            ("1KiB", 1024),
            ("1536", 1536),
            ("64MiB", 64 << 20),
            ("3GiB", 3 << 30),
        ] {
            assert_eq!(text.parse(), Ok(Size(bytes)), "{text}");
            assert_eq!(Size(bytes).to_string(), text);
        }
        assert_eq!("64 MiB".parse(), Ok(Size(64 << 20)));
        for text in [
            "",
            "0",
            "0MiB",
            "-1",
            "1.5MiB",
            "1MB",
            "1mib",
            "MiB",
            "1TiB",
            "99999999999GiB",
        ] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }

    #[test]
    fn counts_begin_at_one() {
        assert_eq!(count("1"), Ok(1_u32));
        for text in ["", "0", "-1", "1.5", "many", "4294967296"] {
            assert!(count::<u32>(text).is_err(), "{text}");
        }
        assert_eq!((depth("1"), depth("128")), (Ok(1), Ok(128)));
        assert!(depth("0").is_err() && depth("129").is_err());
    }

    #[test]
    fn tool_arguments_keep_their_number_text() {
        let object = json_object(r#"{"n": 1.50, "m": 12345678901234567890}"#).unwrap();
        assert_eq!(object.get(), r#"{"n": 1.50, "m": 12345678901234567890}"#);
        assert!(json_object("[1]").unwrap_err().contains("object"));
        assert!(json_object("{").unwrap_err().contains("not valid JSON"));
    }
}
