//! Generation of arrays.

use rand::RngExt;
use serde_json::{Value, json};

use super::generator::{Extent, Generator};

/// The highest number of items made to satisfy `minItems`.
const MAX_ITEMS: u64 = 1_000;
/// The number of attempts to find another distinct item for `uniqueItems`.
const TRIES: usize = 60;

impl Generator<'_> {
    pub(super) fn array(&mut self, schema: &Value) -> Result<Value, String> {
        // Before draft 2020-12, a list in `items` had the meaning of today's `prefixItems`.
        let (first, rest) = match (&schema["prefixItems"], &schema["items"]) {
            (_, Value::Array(first)) => (first.as_slice(), schema.get("additionalItems")),
            (Value::Array(first), _) => (first.as_slice(), schema.get("items")),
            _ => (&[][..], schema.get("items")),
        };
        let open = Value::Bool(true);
        let rest = rest.unwrap_or(&open);
        let found = match schema.get("contains") {
            Some(_) => schema["minContains"].as_u64().unwrap_or(1),
            None => 0,
        };
        let count = self.count(schema, first.len(), found, rest)?;
        let mut items: Vec<Value> = Vec::new();
        for index in 0..count {
            let left = (count - index) as u64;
            let item = match first.get(index) {
                Some(item) => item.clone(),
                None if left <= found => json!({"allOf": [rest, schema["contains"]]}),
                None => rest.clone(),
            };
            let item = self.item(&item, schema["uniqueItems"] == true, &items)?;
            items.push(item);
        }
        Ok(items.into())
    }

    fn count(
        &mut self,
        schema: &Value,
        first: usize,
        found: u64,
        rest: &Value,
    ) -> Result<usize, String> {
        let least = schema["minItems"].as_u64().unwrap_or(0).max(found);
        if least > MAX_ITEMS {
            return Err(format!("an array of {least} items is required: too many"));
        }
        let most = schema["maxItems"].as_u64().unwrap_or(u64::MAX);
        let (least, first) = (
            least as usize,
            first.min(usize::try_from(most).unwrap_or(first)),
        );
        // Recursive lists end at the same depth as optional members.
        let extent = self.extent;
        let wanted = match extent {
            Extent::Least => least,
            _ if !self.wants_optional() => least,
            Extent::Everything => least.max(first).max(1),
            Extent::Chance => least.max(first) + self.rng.random_range(0..3),
        };
        let closed = if *rest == Value::Bool(false) {
            first
        } else {
            usize::MAX
        };
        Ok(wanted
            .max(least)
            .min(usize::try_from(most).unwrap_or(usize::MAX))
            .min(closed))
    }

    /// Makes an item that differs from the previous ones if all must be distinct.
    fn item(&mut self, schema: &Value, unique: bool, before: &[Value]) -> Result<Value, String> {
        let value = self.value(schema)?;
        if !unique || !before.contains(&value) {
            return Ok(value);
        }
        let extent = std::mem::replace(&mut self.extent, Extent::Chance);
        let choices = schema["enum"].as_array().into_iter().flatten().cloned();
        let choices: Vec<Value> = choices.collect();
        let tried = (0..TRIES).map(|round| match &value {
            _ if round < choices.len() => choices[round].clone(),
            Value::String(text) if round % 2 == 0 => {
                json!(format!("{text}{}", before.len() + round))
            }
            Value::Number(number) if round % 2 == 0 => super::number::of(
                number.as_f64().unwrap_or_default() + (before.len() + round / 2) as f64,
            ),
            _ => self.value(schema).unwrap_or_default(),
        });
        // Compares only the plain keywords; the validator decides.
        let validator = super::compile(&without_references(schema)).ok();
        let fits = |value: &Value| {
            validator
                .as_ref()
                .is_none_or(|validator| validator.is_valid(value))
        };
        let different = tried.filter(|other| !before.contains(other)).find(fits);
        self.extent = extent;
        different.ok_or_else(|| format!("no {} different items were found", before.len() + 1))
    }
}

/// Returns the schema if it compiles on its own.
fn without_references(schema: &Value) -> Value {
    if schema.to_string().contains("$ref") {
        Value::Bool(true)
    } else {
        schema.clone()
    }
}
