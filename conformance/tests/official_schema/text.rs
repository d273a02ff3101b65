//! Strings and numbers that a message may contain, including unusual ones.

use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

const TEXTS: &[&str] = &[
    "text",
    "",
    "ü – 漢字",
    "\u{1f600}\u{10ffff}",
    "\"\\/\u{8}\u{c}\n\r\t",
    "\u{0}\u{7f}\u{2028}\u{feff}",
    "null",
    "1",
];
const URIS: &[&str] = &[
    "file:///a%20b",
    "test://x",
    "urn:a:b",
    "https://[::1]:80/?q#f",
];
const TEMPLATES: &[&str] = &["a://{b}", "a://{+b,c:3}/{?d*}", "plain"];
const BASE64: &[&str] = &["", "AAE=", "+/8="];
const MEDIA_TYPES: &[&str] = &["text/plain", "image/svg+xml", "text/html; charset=utf-8"];
const MOMENTS: &[&str] = &["2025-06-18", "2025-01-12T15:00:58.123+02:00"];
const META_KEYS: &[&str] = &["a", "example.com/", "example.com/a-b_c.d", "x/y"];
const BAD_META_KEYS: &[&str] = &["a..b/c", "1a/c", "-a", "a b", "mcp.dev/x"];
/// Names of members that nothing defines; a form may not have all of them.
pub const FURTHER: &[&str] = &["x-further", "", "漢字", "pattern", "a.b"];

/// The probability that a string does not have the required form.
const ODD: f64 = 0.05;

/// Picks one of these strings.
pub fn pick(rng: &mut ChaCha8Rng, from: &[&str]) -> String {
    from.choose(rng).copied().unwrap_or_default().to_owned()
}

/// Makes a string for a place, usually in the required form.
pub fn of_place(rng: &mut ChaCha8Rng, format: Option<&str>, name: &str) -> String {
    let odd = rng.random_bool(ODD);
    let pool = match (format, name) {
        _ if odd => TEXTS,
        (Some("uri"), _) => URIS,
        (Some("uri-template"), _) => TEMPLATES,
        (Some("byte"), _) => BASE64,
        (_, "mimeType") => MEDIA_TYPES,
        (_, "lastModified") => MOMENTS,
        _ => TEXTS,
    };
    pick(rng, pool)
}

/// A key of `_meta`, mostly a legal one.
pub fn meta_key(rng: &mut ChaCha8Rng) -> String {
    let pool = if rng.random_bool(ODD) {
        BAD_META_KEYS
    } else {
        META_KEYS
    };
    pick(rng, pool)
}

/// Makes an integer, preferably an extreme one.
pub fn integer(rng: &mut ChaCha8Rng) -> Value {
    let pool = [
        json!(0),
        json!(1),
        json!(-1),
        json!(100),
        json!(1.0),
        json!(9_007_199_254_740_993_i64),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e300),
    ];
    pool.choose(rng).cloned().unwrap_or_default()
}

/// A number.
pub fn number(rng: &mut ChaCha8Rng) -> Value {
    match rng.random_range(0..4) {
        0 => json!(0.5),
        1 => json!(-1e-300),
        _ => integer(rng),
    }
}

/// A value of each JSON type.
pub fn of_each_type() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(""),
        json!("text"),
        json!(0),
        json!(-1),
        json!(1.0),
        json!(1.5),
        json!(1e300),
        json!([]),
        json!([null]),
        json!({}),
        json!({"further": 1}),
    ]
}
