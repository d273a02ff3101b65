//! Generation of objects.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::generator::Generator;
use super::pattern::Pattern;

/// The highest number of members made to satisfy `minProperties`.
const MAX_MEMBERS: u64 = 200;

impl Generator<'_> {
    pub(super) fn object(&mut self, schema: &Value) -> Result<Value, String> {
        let most = schema["maxProperties"].as_u64().unwrap_or(u64::MAX);
        let mut required = names(&schema["required"]);
        let mut members = Map::new();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            if required.contains(name) {
                let value = self
                    .value(property)
                    .map_err(|why| format!("`{name}`: {why}"))?;
                members.insert(name.clone(), value);
            }
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let full = (members.len() as u64) >= most;
            if members.contains_key(name) || full || !self.wants_optional() {
                continue;
            }
            // Optional members that cannot be made are left out.
            if let Ok(value) = self.value(property) {
                members.insert(name.clone(), value);
            }
        }
        self.dependents(schema, &mut members, &mut required)?;
        for name in required {
            if !members.contains_key(&name) {
                let value = self.undeclared(schema, &name)?;
                members.insert(name, value);
            }
        }
        self.fill(schema, &mut members)?;
        Ok(members.into())
    }

    /// Adds the members that present ones require.
    fn dependents(
        &mut self,
        schema: &Value,
        members: &mut Map<String, Value>,
        required: &mut BTreeSet<String>,
    ) -> Result<(), String> {
        let mut present: Vec<String> = members.keys().chain(required.iter()).cloned().collect();
        while let Some(name) = present.pop() {
            let sources = [
                &schema["dependentRequired"][&name],
                &schema["dependencies"][&name],
            ];
            for wanted in sources.into_iter().flat_map(names) {
                if required.insert(wanted.clone()) {
                    present.push(wanted);
                }
            }
            let schemas = [
                &schema["dependentSchemas"][&name],
                &schema["dependencies"][&name],
            ];
            for dependent in schemas
                .into_iter()
                .filter(|dependent| dependent.is_object())
            {
                let Value::Object(more) = self.value(&with_type_object(dependent))? else {
                    continue;
                };
                for (name, value) in more {
                    if dependent["properties"].get(&name).is_some() || !members.contains_key(&name)
                    {
                        members.insert(name, value);
                    }
                }
            }
        }
        Ok(())
    }

    /// Makes a value for a member without an entry in `properties`.
    fn undeclared(&mut self, schema: &Value, name: &str) -> Result<Value, String> {
        if let Some(property) = schema["properties"].get(name) {
            return self.value(property);
        }
        for (pattern, property) in schema["patternProperties"]
            .as_object()
            .into_iter()
            .flatten()
        {
            let fits = super::compile(&json!({"pattern": pattern}));
            if fits.is_ok_and(|fits| fits.is_valid(&json!(name))) {
                return self.value(property);
            }
        }
        let further = schema
            .get("additionalProperties")
            .unwrap_or(&Value::Bool(true));
        self.value(further)
            .map_err(|why| format!("`{name}`: {why}"))
    }

    /// Adds members until there are enough; also some that patterns describe.
    fn fill(&mut self, schema: &Value, members: &mut Map<String, Value>) -> Result<(), String> {
        let least = schema["minProperties"].as_u64().unwrap_or(0);
        if least > MAX_MEMBERS {
            return Err(format!(
                "an object of {least} members is required: too many"
            ));
        }
        let most = schema["maxProperties"].as_u64().unwrap_or(u64::MAX);
        let described =
            schema["additionalProperties"].is_object() || schema["patternProperties"].is_object();
        let extra = u64::from(described && members.is_empty() && self.wants_optional());
        let wanted = least.max(members.len() as u64 + extra).min(most);
        let optional: Vec<String> = schema["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect();
        let mut optional = optional.into_iter();
        let mut count = 0;
        while (members.len() as u64) < wanted {
            count += 1;
            if count > MAX_MEMBERS * 2 {
                return Err(format!("no names were found for {wanted} members"));
            }
            let name = match optional.next() {
                Some(name) => name,
                None => self.name(schema, count)?,
            };
            if !members.contains_key(&name) {
                let value = self.undeclared(schema, &name)?;
                members.insert(name, value);
            }
        }
        Ok(())
    }

    /// Makes a name for an additional member.
    fn name(&mut self, schema: &Value, count: u64) -> Result<String, String> {
        if schema["propertyNames"].is_object() {
            let stretched = json!({"allOf": [{"type": "string"}, schema["propertyNames"]]});
            let name = self.value(&stretched)?;
            return Ok(name.as_str().unwrap_or_default().to_owned());
        }
        let mut patterns = schema["patternProperties"]
            .as_object()
            .into_iter()
            .flatten();
        match patterns.next() {
            Some((pattern, _)) => {
                let read = Pattern::read(pattern)?;
                Ok(read.text(&mut self.rng, u32::try_from(count).unwrap_or(1)))
            }
            None => Ok(format!("member{count}")),
        }
    }
}

fn names(list: &Value) -> BTreeSet<String> {
    let names = list.as_array().into_iter().flatten();
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn with_type_object(schema: &Value) -> Value {
    let mut schema = schema.clone();
    schema["type"] = json!("object");
    schema
}
