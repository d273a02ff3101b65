//! The subjects of the comparison: every request, notification, result, error and object, each with
//! its own definitions and never with a union.

use serde_json::{Value, json};
use wasi_mcp_conformance::wire::definitions::ALL;
use wasi_mcp_conformance::wire::envelope::{Envelope, Message};
use wasi_mcp_conformance::wire::methods::{METHODS, Method};
use wasi_mcp_conformance::wire::shapes::{Inspection, Shape};

/// The way in which the description judges a subject.
#[derive(Clone, Copy)]
enum Own {
    Request(&'static Method),
    Notification(&'static Method),
    Response(&'static Method),
    Error,
    Object(&'static Shape),
}

/// A broken rule of the description.
#[derive(Clone, Debug)]
pub struct Broken {
    /// The rule, with `Envelope::` before those of the envelope.
    pub rule: String,
    /// The definition in which it was found.
    pub definition: &'static str,
}

/// A compared kind of message or object.
pub struct Subject {
    /// Its name.
    pub name: String,
    /// The definition that it must match, in the schema of all subjects.
    pub definition: String,
    own: Own,
}

impl Subject {
    /// Returns the rules that the description finds broken.
    pub fn broken(&self, value: &Value) -> Vec<Broken> {
        if let Own::Object(shape) = self.own {
            return broken(Inspection::of(value, shape, "value"));
        }
        let envelope = Envelope::read(value.to_string().as_bytes());
        let mut found: Vec<Broken> = envelope
            .defects
            .iter()
            .map(|defect| Broken {
                rule: format!("Envelope::{:?}", defect.rule),
                definition: "message",
            })
            .collect();
        match (self.own, &envelope.message) {
            (
                Own::Request(method),
                Message::Request {
                    method: name,
                    params,
                    ..
                },
            )
            | (
                Own::Notification(method),
                Message::Notification {
                    method: name,
                    params,
                },
            ) if method.name == name => {
                found.extend(broken(method.inspect_params(params)));
            }
            (
                Own::Response(method),
                Message::Response {
                    answer: Ok(result), ..
                },
            ) => {
                found.extend(broken(method.inspect_result(result)));
            }
            (Own::Error, Message::Response { answer: Err(_), .. }) => {}
            _ => found.push(Broken {
                rule: "Envelope::Kind".to_owned(),
                definition: "message",
            }),
        }
        found
    }
}

fn broken(inspection: Inspection) -> Vec<Broken> {
    let faults = inspection.faults.into_iter();
    faults
        .map(|fault| Broken {
            rule: format!("{:?}", fault.rule),
            definition: fault.definition,
        })
        .collect()
}

/// Returns all subjects, and the schema with a definition for each.
pub fn of(schema: &Value) -> (Vec<Subject>, Value) {
    let mut table = Table {
        schema,
        subjects: Vec::new(),
        added: Vec::new(),
    };
    for method in METHODS {
        table.message(method);
        table.response(method);
    }
    table.add("an error".to_owned(), &["JSONRPCError"], Own::Error);
    for record in ALL
        .iter()
        .filter(|record| schema["definitions"].get(record.name).is_some())
    {
        let shape: &'static Shape = Box::leak(Box::new(Shape::Record(record)));
        let mut names = vec![record.name];
        if table.extends(record.name, "BaseMetadata") {
            names.push("BaseMetadata");
        }
        table.add(record.name.to_owned(), &names, Own::Object(shape));
    }
    let mut whole = schema.clone();
    if let Some(definitions) = whole["definitions"].as_object_mut() {
        definitions.extend(table.added);
    }
    (table.subjects, whole)
}

struct Table<'a> {
    schema: &'a Value,
    subjects: Vec<Subject>,
    added: Vec<(String, Value)>,
}

impl Table<'_> {
    fn add(&mut self, name: String, definitions: &[&str], own: Own) {
        let schema = json!({"allOf": self.references(definitions)});
        self.add_schema(name, schema, own);
    }

    fn add_schema(&mut self, name: String, schema: Value, own: Own) {
        let definition = format!("subject-{}", self.subjects.len());
        self.added.push((definition.clone(), schema));
        self.subjects.push(Subject {
            name,
            definition,
            own,
        });
    }

    /// References to those definitions that the schema has.
    fn references(&self, names: &[&str]) -> Vec<Value> {
        let known = names
            .iter()
            .filter(|name| self.schema["definitions"].get(**name).is_some());
        known
            .map(|name| json!({"$ref": format!("#/definitions/{name}")}))
            .collect()
    }

    /// The definition of a method's request or notification.
    fn definition_of(&self, method: &Method) -> String {
        let definitions = self.schema["definitions"].as_object().into_iter().flatten();
        let mut named =
            definitions.filter(|(_, one)| one["properties"]["method"]["const"] == method.name);
        named
            .next()
            .map(|(name, _)| name.clone())
            .expect("every method is defined")
    }

    fn message(&mut self, method: &'static Method) {
        let definition = self.definition_of(method);
        let page = if definition.starts_with("List") && definition != "ListRootsRequest" {
            "PaginatedRequest"
        } else {
            ""
        };
        if method.result.is_some() {
            let names = [definition.as_str(), "JSONRPCRequest", "Request", page];
            self.add(method.name.to_owned(), &names, Own::Request(method));
        } else {
            let names = [definition.as_str(), "JSONRPCNotification", "Notification"];
            self.add(method.name.to_owned(), &names, Own::Notification(method));
        }
    }

    fn response(&mut self, method: &'static Method) {
        let Some(Shape::Record(record)) = &method.result else {
            return;
        };
        let page = if record
            .members
            .iter()
            .any(|member| member.name == "nextCursor")
        {
            "PaginatedResult"
        } else {
            ""
        };
        let result = self.references(&[record.name, "Result", page]);
        let schema = json!({"allOf": [
            {"$ref": "#/definitions/JSONRPCResponse"},
            {"type": "object", "properties": {"result": {"allOf": result}}},
        ]});
        self.add_schema(
            format!("the result of {}", method.name),
            schema,
            Own::Response(method),
        );
    }

    /// Returns true if a definition has everything that a base has and requires.
    fn extends(&self, name: &str, base: &str) -> bool {
        let (Some(one), Some(base)) = (
            self.schema["definitions"].get(name),
            self.schema["definitions"].get(base),
        ) else {
            return false;
        };
        let properties = base["properties"].as_object().into_iter().flatten();
        let mut wanted = base["required"].as_array().into_iter().flatten();
        let required = one["required"].as_array();
        properties
            .into_iter()
            .all(|(name, _)| one["properties"].get(name).is_some())
            && wanted.all(|name| required.is_some_and(|names| names.contains(name)))
    }
}
