//! The official schema of MCP, `schema.json`: its names, and its rules for each property.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::Value;
use wit_parser::{Type, TypeDefKind};

use crate::mapping::{Kind, Mapping, Reason};
use crate::package::Package;
use crate::place::{self, Item};

/// The rules for a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Property {
    /// The object must have it.
    pub required: bool,
}

/// The names in the schema.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// The methods of requests.
    pub methods: BTreeSet<String>,
    /// The methods of notifications.
    pub notifications: BTreeSet<String>,
    /// The definitions, with the allowed texts if it is an enum.
    pub definitions: BTreeMap<String, Vec<String>>,
    /// The properties: of definitions, and of objects in them.
    pub properties: BTreeMap<String, Property>,
}

impl Schema {
    /// Reads a schema, as JSON text.
    ///
    /// # Errors
    ///
    /// If the text is not JSON, or has no `definitions`.
    pub fn parse(text: &str) -> Result<Self> {
        let root: Value = serde_json::from_str(text)?;
        let definitions = root
            .get("definitions")
            .and_then(Value::as_object)
            .context("the schema has no `definitions`")?;
        let mut schema = Self::default();
        for (name, definition) in definitions {
            schema
                .definitions
                .insert(name.clone(), texts(definition.get("enum")));
            schema.add_properties(name, definition);
            if let Some(method) = definition
                .pointer("/properties/method/const")
                .and_then(Value::as_str)
            {
                let methods = if method.starts_with("notifications/") {
                    &mut schema.notifications
                } else {
                    &mut schema.methods
                };
                methods.insert(method.to_owned());
            }
        }
        Ok(schema)
    }

    fn add_properties(&mut self, path: &str, object: &Value) {
        let Some(properties) = object.get("properties").and_then(Value::as_object) else {
            return;
        };
        let required = texts(object.get("required"));
        for (name, property) in properties {
            let path = format!("{path}.{name}");
            self.add_properties(&path, property);
            self.properties.insert(
                path,
                Property {
                    required: required.contains(name),
                },
            );
        }
    }

    /// Returns the names of one kind.
    pub fn names(&self, kind: Kind) -> BTreeSet<&str> {
        match kind {
            Kind::Method => self.methods.iter().map(String::as_str).collect(),
            Kind::Notification => self.notifications.iter().map(String::as_str).collect(),
            Kind::Definition => self.definitions.keys().map(String::as_str).collect(),
            Kind::Property => self.properties.keys().map(String::as_str).collect(),
        }
    }

    /// Returns the items that only one of an account and this schema names.
    pub fn disagreements(&self, mapping: &Mapping) -> Vec<String> {
        let mut found = Vec::new();
        for kind in Kind::ALL {
            let named: BTreeSet<&str> = mapping.of(kind).map(|row| row.name.as_str()).collect();
            let there = self.names(kind);
            let kind = kind.name();
            found.extend(
                there
                    .difference(&named)
                    .map(|name| format!("{kind} {name} has no row")),
            );
            found.extend(
                named
                    .difference(&there)
                    .map(|name| format!("{kind} {name} is not in the schema")),
            );
        }
        found
    }

    /// Returns properties whose optionality differs from their field's, and enums whose cases
    /// differ from the schema's. Rows that name a deviation are skipped, as are places that are not
    /// fields.
    pub fn misfits(&self, mapping: &Mapping, package: &Package) -> Vec<String> {
        let rows = mapping
            .rows
            .iter()
            .filter(|row| !matches!(row.reason, Some(Reason::Deviation(_))));
        let mut found = Vec::new();
        for row in rows {
            for place in &row.places {
                let misfit = match (row.kind, place::find(package, place)) {
                    (Kind::Property, Ok(Item::Field(ty))) => self
                        .properties
                        .get(&row.name)
                        .is_some_and(|property| property.required == is_option(package, ty)),
                    (Kind::Definition, Ok(Item::Type(id))) => {
                        let texts = self.definitions.get(&row.name);
                        match (texts, &package.resolve.types[id].kind) {
                            (Some(texts), TypeDefKind::Enum(cases)) => {
                                let cases = cases.cases.iter().map(|case| case.name.as_str());
                                cases.collect::<BTreeSet<_>>()
                                    != texts.iter().map(String::as_str).collect()
                            }
                            _ => false,
                        }
                    }
                    _ => false,
                };
                if misfit {
                    found.push(format!(
                        "{} {} and {place} do not fit",
                        row.kind.name(),
                        row.name
                    ));
                }
            }
        }
        found
    }
}

fn is_option(package: &Package, ty: Type) -> bool {
    matches!(ty, Type::Id(id) if matches!(package.resolve.types[id].kind, TypeDefKind::Option(_)))
}

fn texts(list: Option<&Value>) -> Vec<String> {
    list.and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}
