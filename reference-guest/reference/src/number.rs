//! JSON numbers.

use serde_json::Value;

/// The limit above which not every whole number is a 64-bit float.
const EXACT_LIMIT: f64 = 9_007_199_254_740_992.0;

/// Returns the number as JSON; a whole one without `.0`, as JavaScript writes it.
pub fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < EXACT_LIMIT {
        Value::from(value as i64)
    } else {
        Value::from(value)
    }
}
