//! Valid instances of a schema in the style of the official one. Every used place of the schema is
//! recorded.

use std::collections::{BTreeMap, BTreeSet};

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value};

use super::text;

/// A place in the schema and its pointer.
#[derive(Clone)]
struct Node<'a> {
    schema: &'a Value,
    pointer: String,
}

impl<'a> Node<'a> {
    fn child(&self, way: &[&str]) -> Option<Self> {
        let mut schema = self.schema;
        let mut pointer = self.pointer.clone();
        for step in way {
            schema = match schema {
                Value::Array(items) => items.get(step.parse::<usize>().ok()?)?,
                other => other.get(step)?,
            };
            pointer = format!("{pointer}/{}", step.replace('~', "~0").replace('/', "~1"));
        }
        Some(Self { schema, pointer })
    }

    fn keys(&self, keyword: &str) -> Vec<&'a str> {
        let members = self.schema[keyword].as_object().into_iter().flatten();
        members.map(|(name, _)| name.as_str()).collect()
    }
}

/// A generator of instances.
pub struct Generator<'a> {
    document: &'a Value,
    rng: ChaCha8Rng,
    /// The pointers of all places that were used.
    pub reached: BTreeSet<String>,
}

impl<'a> Generator<'a> {
    /// A generator for a schema.
    pub fn new(document: &'a Value, seed: u64) -> Self {
        Self {
            document,
            rng: ChaCha8Rng::seed_from_u64(seed),
            reached: BTreeSet::new(),
        }
    }

    /// The source of chance.
    pub fn rng(&mut self) -> &mut ChaCha8Rng {
        &mut self.rng
    }

    /// An instance of a definition.
    pub fn instance(&mut self, definition: &str) -> Value {
        let root = Node {
            schema: self.document,
            pointer: String::new(),
        };
        let node = root
            .child(&["definitions", definition])
            .expect("the definition exists");
        self.value(vec![node], "", 0)
    }

    /// Makes a value that all these places allow.
    fn value(&mut self, nodes: Vec<Node<'a>>, name: &str, depth: usize) -> Value {
        let nodes = self.plain(nodes);
        if let Some(constant) = nodes.iter().find_map(|node| node.schema.get("const")) {
            return constant.clone();
        }
        if let Some(words) = nodes.iter().find_map(|node| node.schema["enum"].as_array()) {
            return words.choose(&mut self.rng).cloned().unwrap_or_default();
        }
        match self.kind(&nodes) {
            Some("object") => self.object(&nodes, name, depth),
            Some("array") => self.array(&nodes, depth),
            Some("string") => {
                let format = nodes.iter().find_map(|node| node.schema["format"].as_str());
                text::of_place(&mut self.rng, format, name).into()
            }
            Some("boolean") => self.rng.random_bool(0.5).into(),
            Some("null") => Value::Null,
            Some(kind) => self.number(&nodes, kind),
            None => text::of_each_type()
                .choose(&mut self.rng)
                .cloned()
                .unwrap_or_default(),
        }
    }

    /// Resolves references, and chooses one option of each union.
    fn plain(&mut self, nodes: Vec<Node<'a>>) -> Vec<Node<'a>> {
        let mut plain = Vec::new();
        let mut open = nodes;
        while let Some(node) = open.pop() {
            self.reached.insert(node.pointer.clone());
            if let Some(reference) = node.schema["$ref"].as_str() {
                let root = Node {
                    schema: self.document,
                    pointer: String::new(),
                };
                let way: Vec<&str> = reference.trim_start_matches("#/").split('/').collect();
                open.push(root.child(&way).expect("references lead somewhere"));
            } else if let Some(parts) = node.schema["allOf"].as_array() {
                let parts =
                    (0..parts.len()).filter_map(|part| node.child(&["allOf", &part.to_string()]));
                open.extend(parts);
            } else if let Some(options) = node.schema["anyOf"].as_array() {
                let option = self.rng.random_range(0..options.len());
                open.extend(node.child(&["anyOf", &option.to_string()]));
            } else {
                plain.push(node);
            }
        }
        plain
    }

    /// Chooses a type that all places allow.
    fn kind(&mut self, nodes: &[Node<'a>]) -> Option<&'a str> {
        let allowed = nodes.iter().filter_map(|node| match &node.schema["type"] {
            Value::String(kind) => Some(vec![kind.as_str()]),
            Value::Array(kinds) => Some(kinds.iter().filter_map(Value::as_str).collect()),
            _ => None,
        });
        let common = allowed.reduce(|left: Vec<&str>, right| {
            left.into_iter()
                .filter(|kind| right.contains(kind))
                .collect()
        });
        let object = nodes
            .iter()
            .any(|node| node.schema.get("properties").is_some());
        match common {
            Some(kinds) => kinds.choose(&mut self.rng).copied(),
            None => object.then_some("object"),
        }
    }

    fn object(&mut self, nodes: &[Node<'a>], name: &str, depth: usize) -> Value {
        let mut declared: BTreeMap<&str, Vec<Node<'a>>> = BTreeMap::new();
        for node in nodes {
            for property in node.keys("properties") {
                let child = node.child(&["properties", property]);
                declared.entry(property).or_default().extend(child);
            }
        }
        let required: BTreeSet<&str> = nodes
            .iter()
            .flat_map(|node| node.schema["required"].as_array().into_iter().flatten())
            .filter_map(Value::as_str)
            .collect();
        let mut members = Map::new();
        for (property, places) in declared {
            let frequency = if depth > 6 { 0.3 } else { 0.5 };
            if required.contains(property) || self.rng.random_bool(frequency) {
                members.insert(property.to_owned(), self.value(places, property, depth + 1));
            }
        }
        self.further(nodes, name, depth, &mut members);
        self.tie(&mut members);
        members.into()
    }

    /// Adds undeclared members: those of a map, and unknown ones.
    fn further(
        &mut self,
        nodes: &[Node<'a>],
        name: &str,
        depth: usize,
        members: &mut Map<String, Value>,
    ) {
        let open: Vec<Node<'a>> = nodes
            .iter()
            .filter_map(|node| node.child(&["additionalProperties"]))
            .filter(|node| node.schema.is_object())
            .collect();
        let map = nodes.iter().all(|node| node.keys("properties").is_empty());
        let count = match () {
            () if map => self.rng.random_range(0..3),
            () => usize::from(self.rng.random_bool(0.1)),
        };
        for _ in 0..count {
            let key = if name == "_meta" {
                text::meta_key(&mut self.rng)
            } else {
                text::pick(&mut self.rng, text::FURTHER)
            };
            if !members.contains_key(&key) {
                let value = self.value(open.clone(), "", depth + 1);
                members.insert(key, value);
            }
        }
    }

    /// Usually makes related members consistent.
    fn tie(&mut self, members: &mut Map<String, Value>) {
        let names: Vec<Value> = match &members.get("properties") {
            Some(Value::Object(properties)) => {
                properties.keys().cloned().map(Value::from).collect()
            }
            _ => return,
        };
        if members.contains_key("required") && self.rng.random_bool(0.8) {
            members.insert("required".to_owned(), names.into());
        }
    }

    fn array(&mut self, nodes: &[Node<'a>], depth: usize) -> Value {
        let items: Vec<Node<'a>> = nodes
            .iter()
            .filter_map(|node| node.child(&["items"]))
            .collect();
        let count = self.rng.random_range(0..3);
        (0..count)
            .map(|_| self.value(items.clone(), "", depth + 1))
            .collect()
    }

    fn number(&mut self, nodes: &[Node<'a>], kind: &str) -> Value {
        let bound = |keyword: &str| nodes.iter().find_map(|node| node.schema[keyword].as_f64());
        match (bound("minimum"), bound("maximum")) {
            (Some(low), Some(high)) => [low, high, (low + high) / 2.0]
                .choose(&mut self.rng)
                .copied()
                .unwrap_or(low)
                .into(),
            _ if kind == "integer" => text::integer(&mut self.rng),
            _ => text::number(&mut self.rng),
        }
    }
}
