//! The estimate of the memory that compiled schemas take, against what the allocator says.
//!
//! A test of its own process: it counts every allocation, so nothing may run beside it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Map, Value, json};
use wasi_mcp_protocol::{Schema, SchemaError};

struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

#[allow(
    unsafe_code,
    reason = "an allocator that counts can be written in no other way"
)]
// SAFETY: everything is handed on to the system's allocator, unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(live, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The memory of one compiled schema.
struct Taken {
    estimate: usize,
    kept: usize,
    /// More than is kept, while it is compiled.
    peak: usize,
}

fn measure(schema: &str) -> Result<Taken, SchemaError> {
    // Set-up of the validator, once for the process, is not part of it.
    drop(Schema::compile(schema)?);
    let before = LIVE.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let compiled = Schema::compile(schema)?;
    let kept = LIVE.load(Ordering::Relaxed) - before;
    let peak = PEAK.load(Ordering::Relaxed) - before;
    Ok(Taken {
        estimate: compiled.weight(),
        kept,
        peak,
    })
}

fn object(name: &str, value: Value) -> Value {
    let mut members = Map::new();
    members.insert("type".to_owned(), json!("object"));
    members.insert(name.to_owned(), value);
    Value::Object(members)
}

fn repeated(count: usize, item: impl Fn(usize) -> Value) -> Value {
    (0..count).map(item).collect()
}

fn named(count: usize, value: impl Fn(usize) -> Value) -> Value {
    let members = (0..count).map(|at| (format!("p{at}"), value(at)));
    Value::Object(members.collect())
}

/// Schemas of every kind that a hostile or an ordinary component registers.
fn schemas() -> Vec<(&'static str, Value)> {
    let definitions = |count: usize, definition: &dyn Fn(usize) -> Value| {
        let mut schema = object("$ref", json!("#/$defs/p0"));
        schema["$defs"] = named(count, definition);
        schema
    };
    let mut nested = json!({});
    for _ in 0..50 {
        nested = json!({ "items": nested });
    }
    let keywords = json!({
        "type": ["string", "null"], "minLength": 1, "maxLength": 9, "minimum": 1, "maximum": 2,
        "exclusiveMinimum": 1, "exclusiveMaximum": 3, "multipleOf": 2, "minItems": 1, "maxItems": 2,
        "uniqueItems": true, "minProperties": 1, "maxProperties": 4, "required": ["a", "b"],
        "enum": [1, 2, "x"], "const": 1, "contains": {}, "not": {}, "if": {}, "then": {}, "else": {},
    });
    vec![
        ("the least", json!({"type": "object", "minProperties": 0})),
        (
            "the least recursive",
            json!({"type": "object", "properties": {"a": {"$ref": "#"}}}),
        ),
        (
            "a usual one",
            json!({"type": "object", "required": ["city"], "properties": {
                "city": {"type": "string", "description": "The city to look up, by name"},
                "unit": {"enum": ["celsius", "fahrenheit"]},
                "days": {"type": "integer", "minimum": 1, "maximum": 14}}}),
        ),
        (
            "anyOf of {}",
            object("anyOf", repeated(5000, |_| json!({}))),
        ),
        (
            "oneOf of {}",
            object("oneOf", repeated(5000, |_| json!({}))),
        ),
        (
            "allOf of {}",
            object("allOf", repeated(5000, |_| json!({}))),
        ),
        (
            "anyOf of true",
            object("anyOf", repeated(5000, |_| json!(true))),
        ),
        (
            "anyOf of not",
            object("anyOf", repeated(3000, |_| json!({"not": {}}))),
        ),
        (
            "prefixItems",
            object("prefixItems", repeated(5000, |_| json!({}))),
        ),
        (
            "properties",
            object("properties", named(3000, |_| json!({}))),
        ),
        (
            "properties with keywords",
            object("properties", named(100, |_| keywords.clone())),
        ),
        (
            "all keywords in anyOf",
            object("anyOf", repeated(100, |_| keywords.clone())),
        ),
        (
            "required",
            object("required", repeated(5000, |at| json!(format!("p{at}")))),
        ),
        (
            "an enumeration",
            object(
                "properties",
                json!({"a": {"enum": repeated(5000, |at| json!(at))}}),
            ),
        ),
        (
            "dependentRequired",
            object("dependentRequired", named(2000, |_| json!(["a"]))),
        ),
        (
            "dependentSchemas",
            object("dependentSchemas", named(2000, |_| json!({}))),
        ),
        (
            "patternProperties",
            object("patternProperties", named(300, |_| json!({}))),
        ),
        (
            "patterns",
            object(
                "properties",
                named(100, |_| json!({"pattern": "^[a-z]{1,9}$"})),
            ),
        ),
        (
            "definitions that refer to the next",
            definitions(900, &|at| {
                if at == 899 {
                    json!({})
                } else {
                    json!({"$ref": format!("#/$defs/p{}", at + 1)})
                }
            }),
        ),
        (
            "unused definitions",
            definitions(5000, &|_| json!({"minimum": 1})),
        ),
        (
            "definitions with ids",
            definitions(
                1000,
                &|at| json!({"$id": format!("https://a.example/{at}")}),
            ),
        ),
        (
            "definitions with anchors",
            definitions(2000, &|at| json!({"$anchor": format!("a{at}")})),
        ),
        (
            "recursive members",
            object("properties", named(900, |_| json!({"$ref": "#"}))),
        ),
        ("references to one definition", {
            let mut schema = object("anyOf", repeated(900, |_| json!({"$ref": "#/$defs/a"})));
            schema["$defs"] = json!({"a": {"anyOf": repeated(50, |_| json!({"minimum": 1}))}});
            schema
        }),
        ("deep", object("properties", json!({"a": nested}))),
        (
            "unevaluated",
            json!({"type": "object", "unevaluatedProperties": false,
                "anyOf": repeated(500, |_| json!({"properties": {"a": {}}}))}),
        ),
        (
            "a long description",
            json!({"type": "object", "minProperties": 0, "description": "x".repeat(100_000)}),
        ),
    ]
}

#[test]
fn estimates_are_upper_bounds_and_not_far_off() {
    let mut wrong = Vec::new();
    for (name, schema) in schemas() {
        let taken = match measure(&schema.to_string()) {
            Ok(taken) => taken,
            Err(error) => panic!("{name}: {error}"),
        };
        let Taken {
            estimate,
            kept,
            peak,
        } = taken;
        let line = format!("{name}: estimate {estimate}, kept {kept}, peak {peak}");
        println!("{line}");
        // One schema is compiled at a time, so the peak may exceed the estimate.
        let is_far_off = estimate > 20 * kept.max(peak / 4).max(1024);
        if kept > estimate || peak > 4 * estimate.max(4096) || is_far_off {
            wrong.push(line);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
