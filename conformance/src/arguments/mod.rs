//! Generation of arguments from a JSON schema, both valid and invalid ones.
//!
//! The result depends on schema and seed alone. The validator decides about each value.

mod array;
mod dialect;
mod generator;
mod merging;
mod mutation;
mod number;
mod object;
mod pattern;
mod text;

#[cfg(test)]
mod properties;

use jsonschema::Validator;
use serde_json::Value;

pub use dialect::{SchemaFault, doubts};
use generator::{Extent, Generator};
pub use mutation::{Mutation, invalid};

use crate::model::DEFAULT_SEED;

/// Compiles a schema in its dialect, without following references out of it.
///
/// # Errors
///
/// When the schema is invalid, refers to something outside, or names an unknown dialect.
pub fn compile(schema: &Value) -> Result<Validator, SchemaFault> {
    dialect::compile(schema, false)
}

/// Makes a valid value with as few members as possible.
///
/// # Errors
///
/// When none could be made.
pub fn valid(schema: &Value) -> Result<Value, String> {
    Maker::new(schema)?.make(&[Extent::Least, Extent::Everything], DEFAULT_SEED)
}

/// Makes a valid value with all members that the schema names.
///
/// # Errors
///
/// When none could be made.
pub fn valid_with_everything(schema: &Value) -> Result<Value, String> {
    Maker::new(schema)?.make(&[Extent::Everything, Extent::Least], DEFAULT_SEED)
}

/// The number of randomly generated values.
const BY_CHANCE: u64 = 2;

/// Makes distinct valid values: with as few members as possible, with all named members, and random
/// ones.
///
/// # Errors
///
/// When none could be made.
pub fn instances(schema: &Value, seed: u64) -> Result<Vec<Value>, String> {
    let maker = Maker::new(schema)?;
    let mut values = vec![maker.make(&[Extent::Least, Extent::Everything], seed)?];
    let further = [Extent::Everything]
        .into_iter()
        .chain((0..BY_CHANCE).map(|_| Extent::Chance));
    for (round, extent) in (1..).zip(further) {
        if let Ok(value) = maker.make(&[extent], seed.wrapping_add(round))
            && !values.contains(&value)
        {
            values.push(value);
        }
    }
    Ok(values)
}

/// The highest number of argument variants to see the best behaviour of a tool.
const MAX_VARIANTS: usize = 16;

/// Makes distinct valid objects: the smallest, one with all members, and one for each choice of
/// each enumeration.
pub fn variants(schema: &Value) -> Vec<Value> {
    let Ok(validator) = compile(schema) else {
        return Vec::new();
    };
    let mut values: Vec<Value> = [valid(schema), valid_with_everything(schema)]
        .into_iter()
        .flatten()
        .collect();
    if let Some(Value::Object(base)) = values.first().cloned() {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            for choice in property["enum"].as_array().into_iter().flatten() {
                let mut members = base.clone();
                members.insert(name.clone(), choice.clone());
                values.push(members.into());
            }
        }
    }
    let mut different: Vec<Value> = Vec::new();
    for value in values {
        if validator.is_valid(&value) && !different.contains(&value) {
            different.push(value);
        }
    }
    different.truncate(MAX_VARIANTS);
    different
}

/// The number of random attempts after the deterministic ones have failed.
const TRIES: u64 = 24;

struct Maker<'a> {
    schema: &'a Value,
    validator: Validator,
}

impl<'a> Maker<'a> {
    fn new(schema: &'a Value) -> Result<Self, String> {
        // Drafts differ on whether formats are assertions. Generated values are valid either way.
        let compiled = dialect::compile(schema, true);
        let validator = compiled.map_err(|fault| fault.to_string())?;
        Ok(Self { schema, validator })
    }

    /// Makes a value of the first extent that succeeds, or a random one.
    fn make(&self, extents: &[Extent], seed: u64) -> Result<Value, String> {
        let plain = extents
            .iter()
            .flat_map(|extent| [(*extent, true, seed), (*extent, false, seed)]);
        let by_chance = (0..TRIES).map(|round| (Extent::Chance, false, seed.wrapping_add(round)));
        let mut reason = None;
        for (extent, presets, seed) in plain.chain(by_chance) {
            let made = Generator::new(self.schema, extent, presets, seed).value(self.schema);
            let why = match made {
                Ok(value) => match self.validator.validate(&value) {
                    Ok(()) => return Ok(value),
                    Err(error) => format!("the generated value {value} is invalid: {error}"),
                },
                Err(why) => why,
            };
            reason.get_or_insert(why);
        }
        Err(reason.unwrap_or_default())
    }
}
