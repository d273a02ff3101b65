//! Generation of numbers.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

/// The distance of random numbers from the plainest one. It is small because tools may wait or work
/// for as long as they are told.
const FAR: i64 = 20;

/// Makes a valid number: the plainest one unless chance is wanted.
pub fn number(schema: &Value, whole: bool, rng: &mut ChaCha8Rng, by_chance: bool) -> Value {
    let plain = plainest(schema, whole);
    let step = step(schema).unwrap_or(if whole { 1.0 } else { 0.5 });
    let distance = if by_chance {
        rng.random_range(-FAR..=FAR) as f64 * step
    } else {
        0.0
    };
    let value = of(plain + distance);
    if distance != 0.0 && !within(schema, plain + distance) {
        of(plain)
    } else {
        value
    }
}

/// Returns the JSON number, as an integer if it has no fraction.
pub fn of(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        json!(value as i64)
    } else {
        json!(value)
    }
}

fn step(schema: &Value) -> Option<f64> {
    schema["multipleOf"].as_f64().filter(|step| *step > 0.0)
}

fn within(schema: &Value, value: f64) -> bool {
    let bound = |name: &str| schema[name].as_f64();
    bound("minimum").is_none_or(|low| value >= low)
        && bound("maximum").is_none_or(|high| value <= high)
        && bound("exclusiveMinimum").is_none_or(|low| value > low)
        && bound("exclusiveMaximum").is_none_or(|high| value < high)
}

/// Returns 1, or the valid number closest to it.
fn plainest(schema: &Value, whole: bool) -> f64 {
    let bound = |name: &str| schema[name].as_f64();
    let step = step(schema);
    let (low, open_low) = lowest(schema, bound("minimum"), bound("exclusiveMinimum"));
    let (high, open_high) = highest(schema, bound("maximum"), bound("exclusiveMaximum"));
    if let Some(step) = step {
        let mut value = (low.unwrap_or(step.min(high.unwrap_or(step))) / step).ceil() * step;
        if low.is_none_or(|low| low <= step) && high.is_none_or(|high| high >= step) {
            value = step;
        }
        return if open_low && low == Some(value) {
            value + step
        } else {
            value
        };
    }
    let value = match (low, high) {
        (Some(low), _) if low >= 1.0 => low,
        (_, Some(high)) if high <= 1.0 => high,
        _ => 1.0,
    };
    let at_edge = (open_low && low == Some(value)) || (open_high && high == Some(value));
    match (low, high) {
        _ if whole => {
            let value = if low == Some(value) {
                value.ceil()
            } else {
                value.floor()
            };
            let up = open_low && low.is_some_and(|low| value <= low);
            let down = !up && open_high && high.is_some_and(|high| value >= high);
            value + f64::from(i8::from(up)) - f64::from(i8::from(down))
        }
        (Some(low), Some(high)) if at_edge => (low + high) / 2.0,
        (Some(low), None) if at_edge => low + 0.5,
        (None, Some(high)) if at_edge => high - 0.5,
        _ => value,
    }
}

/// Returns the lower bound and its exclusiveness. Draft 4 wrote a boolean.
fn lowest(schema: &Value, closed: Option<f64>, open: Option<f64>) -> (Option<f64>, bool) {
    match (closed, open) {
        (Some(closed), Some(open)) if open >= closed => (Some(open), true),
        (None, Some(open)) => (Some(open), true),
        (closed, _) => (closed, schema["exclusiveMinimum"] == true),
    }
}

fn highest(schema: &Value, closed: Option<f64>, open: Option<f64>) -> (Option<f64>, bool) {
    match (closed, open) {
        (Some(closed), Some(open)) if open <= closed => (Some(open), true),
        (None, Some(open)) => (Some(open), true),
        (closed, _) => (closed, schema["exclusiveMaximum"] == true),
    }
}
