//! Arguments made from a JSON schema: some that it allows, some that it does
//! not. Always the same ones for the same schema and seed; the validator has
//! the last word on each.

mod array;
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

use generator::{Extent, Generator};
pub use mutation::{Mutation, invalid};

use crate::model::DEFAULT_SEED;

/// Compiles a schema. References out of the schema are never followed.
///
/// # Errors
///
/// When the schema is not valid, or refers to something outside.
pub fn compile(schema: &Value) -> Result<Validator, String> {
    jsonschema::validator_for(schema).map_err(|error| error.to_string())
}

/// A value that the schema allows, with as few members as possible.
///
/// # Errors
///
/// When none could be made: why.
pub fn valid(schema: &Value) -> Result<Value, String> {
    Maker::new(schema)?.make(&[Extent::Least, Extent::Everything], DEFAULT_SEED)
}

/// A value that the schema allows, with all members that it names.
///
/// # Errors
///
/// When none could be made: why.
pub fn valid_with_everything(schema: &Value) -> Result<Value, String> {
    Maker::new(schema)?.make(&[Extent::Everything, Extent::Least], DEFAULT_SEED)
}

/// How many values are made by chance.
const BY_CHANCE: u64 = 2;

/// Different values that the schema allows: with as few members as possible,
/// with all that it names, and some by chance.
///
/// # Errors
///
/// When none could be made: why.
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

/// How many arguments are made at most to see a tool at its best.
const MOST_VARIANTS: usize = 16;

/// Different values that the schema of an object allows: the least, one with
/// all members, and one for each choice of each of its enumerations.
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
    different.truncate(MOST_VARIANTS);
    different
}

/// How often chance is tried where the plain ways fail.
const TRIES: u64 = 24;

struct Maker<'a> {
    schema: &'a Value,
    validator: Validator,
}

impl<'a> Maker<'a> {
    fn new(schema: &'a Value) -> Result<Self, String> {
        // A format is asserted or not as the draft has it; what is made to be
        // valid is so in both readings.
        let options = jsonschema::options().should_validate_formats(true);
        let validator = options.build(schema).map_err(|error| error.to_string())?;
        Ok(Self { schema, validator })
    }

    /// A value of the first of these extents that leads to one; else by chance.
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
                    Err(error) => format!("the value made, {value}, is not allowed: {error}"),
                },
                Err(why) => why,
            };
            reason.get_or_insert(why);
        }
        Err(reason.unwrap_or_default())
    }
}
