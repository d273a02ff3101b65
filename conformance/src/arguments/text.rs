//! Generation of texts by pattern, format and length.

use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

use super::pattern::Pattern;

/// The length of the longest text made to satisfy `minLength`.
const LONGEST: u64 = 100_000;
/// The number of attempts for a pattern.
const TRIES: u32 = 60;

/// Makes a valid text: the plainest one unless chance is wanted.
///
/// # Errors
///
/// When none could be made.
pub fn text(schema: &Value, rng: &mut ChaCha8Rng, by_chance: bool) -> Result<Value, String> {
    if let Some(pattern) = schema["pattern"].as_str() {
        return patterned(schema, pattern, rng);
    }
    let formatted = schema["format"].as_str().and_then(of_format);
    let pool = formatted.unwrap_or(PLAIN);
    let base = if by_chance {
        pool.choose(rng)
    } else {
        pool.first()
    };
    fitted(schema, base.copied().unwrap_or_default()).map(Value::from)
}

const PLAIN: &[&str] = &["text", "Conformance", "a b", "x1", "ü – 漢字"];

/// Returns texts in a format; `None` if the format is unknown and so has no effect.
fn of_format(format: &str) -> Option<&'static [&'static str]> {
    Some(match format {
        "email" | "idn-email" => &["person@example.com", "first.last@example.org"],
        "uri" | "iri" | "uri-reference" | "iri-reference" | "url" => {
            &["https://example.com/", "https://example.com/a?b=c#d"]
        }
        "date" => &["2025-06-18", "2024-02-29"],
        "date-time" => &["2025-06-18T12:00:00Z", "2024-02-29T23:59:59.5+02:00"],
        "time" => &["12:00:00Z", "23:59:59+02:00"],
        "duration" => &["PT1S", "P1DT2H"],
        "uuid" => &[
            "123e4567-e89b-12d3-a456-426614174000",
            "00000000-0000-4000-8000-000000000000",
        ],
        "ipv4" => &["192.0.2.1", "198.51.100.7"],
        "ipv6" => &["2001:db8::1", "::1"],
        "hostname" | "idn-hostname" => &["example.com", "localhost"],
        "uri-template" => &["https://example.com/{id}"],
        "json-pointer" => &["/a", "/a/0"],
        "relative-json-pointer" => &["0/a", "1"],
        "regex" => &["a", "^[a-z]+$"],
        "byte" | "base64" => &["AAE=", "dGV4dA=="],
        _ => return None,
    })
}

fn fitted(schema: &Value, base: &str) -> Result<String, String> {
    let least = schema["minLength"].as_u64().unwrap_or(0);
    if least > LONGEST {
        return Err(format!(
            "a text of {least} characters is required: too many"
        ));
    }
    let most = schema["maxLength"].as_u64().map_or(usize::MAX, |most| {
        usize::try_from(most).unwrap_or(usize::MAX)
    });
    let padding = (least as usize).saturating_sub(base.chars().count());
    Ok(base
        .chars()
        .chain(std::iter::repeat_n('x', padding))
        .take(most)
        .collect())
}

/// Makes a text that matches a pattern and has the required length and format.
fn patterned(schema: &Value, pattern: &str, rng: &mut ChaCha8Rng) -> Result<Value, String> {
    const ABOUT_TEXT: [&str; 4] = ["pattern", "minLength", "maxLength", "format"];
    let keywords = schema.as_object().into_iter().flatten();
    let alone: Map<String, Value> = keywords
        .filter(|(name, _)| ABOUT_TEXT.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let validator = super::compile(&alone.into()).map_err(|fault| fault.to_string())?;
    let read = Pattern::read(pattern)
        .map_err(|why| format!("no text for the pattern `{pattern}`: {why}"))?;
    let least = schema["minLength"].as_u64().unwrap_or(0).min(LONGEST) as u32;
    let formatted = schema["format"]
        .as_str()
        .and_then(of_format)
        .unwrap_or_default();
    let tries = (0..TRIES).map(|round| read.text(rng, round / 4 + least * (round % 3)));
    let mut candidates = tries.chain(formatted.iter().map(|text| (*text).to_owned()));
    let fits =
        candidates.find_map(|text| Some(json!(text)).filter(|value| validator.is_valid(value)));
    fits.ok_or(format!(
        "no text found that matches the pattern `{pattern}` and has the required length and format"
    ))
}
