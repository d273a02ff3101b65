//! JSON numbers.

use serde_json::Value;

/// From here on not every whole number has a 64-bit float of its own.
const EXACT_LIMIT: f64 = 9_007_199_254_740_992.0;

/// The number as JSON; a whole one without `.0`, as JavaScript writes it.
pub fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < EXACT_LIMIT {
        Value::from(value as i64)
    } else {
        Value::from(value)
    }
}
