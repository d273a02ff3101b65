//! Generation of a value by a walk through its schema.

use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

use super::merging::{merge, resolve};
use super::{number, text};

/// The depth to which a schema is followed.
const DEPTH: usize = 24;
/// The depth to which optional members are made, as schemas may be recursive.
const OPTIONAL_DEPTH: usize = 5;
/// The highest number of values within one value.
const MAX_VALUES: usize = 5_000;

/// The members of an object to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The required members.
    Least,
    /// All members.
    Everything,
    /// A random choice of members and alternatives.
    Chance,
}

/// Generator of one value.
pub struct Generator<'a> {
    root: &'a Value,
    pub(super) extent: Extent,
    presets: bool,
    pub(super) rng: ChaCha8Rng,
    depth: usize,
    values: usize,
}

impl<'a> Generator<'a> {
    /// Creates a generator. Without `presets` it ignores the examples and defaults of the schema,
    /// as some are invalid.
    pub fn new(root: &'a Value, extent: Extent, presets: bool, seed: u64) -> Self {
        Self {
            root,
            extent,
            presets,
            rng: ChaCha8Rng::seed_from_u64(seed),
            depth: 0,
            values: 0,
        }
    }

    /// Makes a value for a schema. The schema may still reject it.
    pub fn value(&mut self, schema: &Value) -> Result<Value, String> {
        self.values += 1;
        if self.depth >= DEPTH || self.values > MAX_VALUES {
            return Err("the schema is nested too deeply".to_owned());
        }
        self.depth += 1;
        let value = self.value_here(schema);
        self.depth -= 1;
        value
    }

    fn value_here(&mut self, schema: &Value) -> Result<Value, String> {
        let members = match schema {
            Value::Bool(true) => return Ok(json!("text")),
            Value::Object(members) => members,
            _ => return Err(format!("the schema {schema} allows nothing")),
        };
        if let Some(value) = self.preset(schema) {
            return Ok(value);
        }
        for keyword in ["$ref", "$dynamicRef", "$recursiveRef"] {
            if let Some(reference) = schema[keyword].as_str() {
                let target = resolve(self.root, reference)?;
                return self.with(members, keyword, &target);
            }
        }
        if let Some(parts) = schema["allOf"].as_array() {
            return self.all_of(members, parts);
        }
        for union in ["anyOf", "oneOf"] {
            if let Some(options) = schema[union].as_array() {
                return self.one_of(members, union, options);
            }
        }
        if schema.get("if").is_some() {
            return self.condition(members);
        }
        self.typed(schema)
    }

    /// Returns true if optional members are made at this depth.
    pub(super) fn wants_optional(&mut self) -> bool {
        match self.extent {
            Extent::Least => false,
            Extent::Everything => self.depth <= OPTIONAL_DEPTH,
            Extent::Chance => self.depth <= OPTIONAL_DEPTH && self.rng.random_bool(0.5),
        }
    }

    /// Returns a value that the schema's author named.
    fn preset(&mut self, schema: &Value) -> Option<Value> {
        if let Some(constant) = schema.get("const") {
            return Some(constant.clone());
        }
        if self.extent == Extent::Chance {
            let choices = schema["enum"].as_array()?;
            return choices.choose(&mut self.rng).cloned();
        }
        let first = |name: &str| {
            schema[name]
                .as_array()
                .and_then(|values| values.first())
                .cloned()
        };
        let named = self
            .presets
            .then(|| first("examples").or_else(|| schema.get("default").cloned()));
        named.flatten().or_else(|| first("enum"))
    }

    /// Makes a value for the schema without this keyword, combined with another schema.
    fn with(
        &mut self,
        members: &Map<String, Value>,
        keyword: &str,
        other: &Value,
    ) -> Result<Value, String> {
        let mut whole = members.clone();
        whole.remove(keyword);
        self.add(&mut whole, other)?;
        self.value(&whole.into())
    }

    /// Merges a schema into another. Of two unions, one option of the second is taken.
    fn add(&mut self, whole: &mut Map<String, Value>, part: &Value) -> Result<(), String> {
        let mut part = match part {
            Value::Bool(true) => return Ok(()),
            Value::Object(part) => part.clone(),
            other => return Err(format!("the schema {other} allows nothing")),
        };
        for keyword in ["$ref", "anyOf", "oneOf", "if"] {
            if !(whole.contains_key(keyword) && part.contains_key(keyword)) {
                continue;
            }
            let second = part.remove(keyword).unwrap_or_default();
            let chosen = match &second {
                Value::String(reference) => resolve(self.root, reference)?,
                Value::Array(options) if self.extent == Extent::Chance => {
                    options.choose(&mut self.rng).cloned().unwrap_or_default()
                }
                Value::Array(options) => options.first().cloned().unwrap_or_default(),
                // Of two conditions, the second is met.
                condition => {
                    let then = part.remove("then").unwrap_or(Value::Bool(true));
                    part.remove("else");
                    json!({"allOf": [condition, then]})
                }
            };
            if let Some(chosen) = chosen.as_object() {
                merge(&mut part, chosen);
            }
        }
        merge(whole, &part);
        Ok(())
    }

    fn all_of(&mut self, members: &Map<String, Value>, parts: &[Value]) -> Result<Value, String> {
        let mut whole = members.clone();
        whole.remove("allOf");
        for part in parts {
            self.add(&mut whole, part)?;
        }
        self.value(&whole.into())
    }

    /// Makes a value for the first option that allows one, in random order if chance is wanted.
    fn one_of(
        &mut self,
        members: &Map<String, Value>,
        union: &str,
        options: &[Value],
    ) -> Result<Value, String> {
        let mut order: Vec<&Value> = options.iter().collect();
        if self.extent == Extent::Chance {
            order.shuffle(&mut self.rng);
        }
        let mut reason = format!("{union} has no option");
        for option in order {
            match self.with(members, union, option) {
                Ok(value) => return Ok(value),
                Err(why) => reason = why,
            }
        }
        Err(reason)
    }

    /// Meets the condition, or avoids it at random or when nothing else is possible.
    fn condition(&mut self, members: &Map<String, Value>) -> Result<Value, String> {
        let part = |name: &str| members.get(name).cloned().unwrap_or(Value::Bool(true));
        let mut rest = members.clone();
        ["if", "then", "else"]
            .iter()
            .for_each(|name| drop(rest.remove(*name)));
        let met = json!({"allOf": [part("if"), part("then")]});
        let mut ways = [met, part("else")];
        if self.extent == Extent::Chance && self.rng.random_bool(0.5) {
            ways.reverse();
        }
        self.with(&rest, "", &ways[0])
            .or_else(|_| self.with(&rest, "", &ways[1]))
    }

    fn typed(&mut self, schema: &Value) -> Result<Value, String> {
        match self.kind(schema).or_else(|| implied_type(schema)) {
            Some("object") => self.object(schema),
            Some("array") => self.array(schema),
            Some(kind @ ("integer" | "number")) => Ok(number::number(
                schema,
                kind == "integer",
                &mut self.rng,
                self.extent == Extent::Chance,
            )),
            Some("boolean") => {
                Ok((self.extent != Extent::Chance || self.rng.random_bool(0.5)).into())
            }
            Some("null") => Ok(Value::Null),
            _ => text::text(schema, &mut self.rng, self.extent == Extent::Chance),
        }
    }

    fn kind<'s>(&mut self, schema: &'s Value) -> Option<&'s str> {
        let kinds = match &schema["type"] {
            Value::String(kind) => return Some(kind),
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str),
            _ => return None,
        };
        let kinds: Vec<&str> = kinds.collect();
        if self.extent == Extent::Chance {
            return kinds.choose(&mut self.rng).copied();
        }
        let telling = kinds.iter().find(|kind| **kind != "null");
        telling.or(kinds.first()).copied()
    }
}

fn implied_type(schema: &Value) -> Option<&'static str> {
    const BY_KEYWORD: &[(&str, &[&str])] = &[
        (
            "object",
            &[
                "properties",
                "required",
                "additionalProperties",
                "patternProperties",
                "propertyNames",
                "minProperties",
                "dependentRequired",
            ],
        ),
        (
            "array",
            &[
                "items",
                "prefixItems",
                "minItems",
                "contains",
                "uniqueItems",
            ],
        ),
        (
            "number",
            &[
                "minimum",
                "maximum",
                "exclusiveMinimum",
                "exclusiveMaximum",
                "multipleOf",
            ],
        ),
    ];
    let implies = |names: &&(&str, &[&str])| names.1.iter().any(|name| schema.get(*name).is_some());
    BY_KEYWORD.iter().find(implies).map(|(kind, _)| *kind)
}
