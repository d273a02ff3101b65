//! Bounds the work of validating one value against a schema.
//!
//! A validator follows each reference anew, so a few kilobytes of definitions that refer to each
//! other twice can expand to an unbounded amount of work. The bound depends on whether a keyword
//! applies a subschema to the same value (`allOf`, `$ref` ...) or to a part of it (`properties`,
//! `items` ...).

use std::collections::HashMap;

use jsonschema::{Draft, Registry, Retrieve, Uri, uri};
use serde_json::{Map, Value};

use super::super::error::shortened;
use super::schema::SchemaError;

/// The maximum number of schemas applied to one value, subschemas included.
pub(super) const MOST: usize = 100_000;

/// The maximum nesting of schemas with references followed: a validator uses stack for each level.
pub(super) const DEEPEST: usize = 2000;

/// The maximum nesting of values.
const DEEPEST_VALUE: usize = 128;

/// The maximum number of times that a schema with `unevaluatedProperties` or `unevaluatedItems`
/// visits the subschemas it applies to the same value: once to validate it, and up to twice to
/// learn which parts were evaluated.
const UNEVALUATED_LOOKS: usize = 3;

/// Keywords that apply subschemas to the same value.
const IN_PLACE: [&str; 9] = [
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentSchemas",
    "dependencies",
];

/// Keywords that apply subschemas to parts of the value.
const TO_PARTS: [&str; 11] = [
    "properties",
    "patternProperties",
    "additionalProperties",
    "unevaluatedProperties",
    "propertyNames",
    "prefixItems",
    "items",
    "additionalItems",
    "unevaluatedItems",
    "contains",
    "contentSchema",
];

/// The keywords of those whose subschemas each apply to a different part.
const EACH_TO_ITS_PART: [&str; 3] = ["properties", "prefixItems", "items"];

/// Keywords whose values are data, not schemas.
const DATA: [&str; 4] = ["const", "default", "enum", "examples"];

const BASE: &str = "json-schema:///";

/// A schema and the subschemas it applies.
#[derive(Debug, Default)]
struct Node {
    in_place: Vec<usize>,
    /// Groups of subschemas; within a group, each applies to a different part.
    to_parts: Vec<Vec<usize>>,
    looks: usize,
}

/// All schemas that can be applied; the first is the root.
#[derive(Debug)]
struct Graph {
    nodes: Vec<Node>,
    /// The address of each, to find its place in the whole for an error.
    addresses: Vec<*const Value>,
}

/// The validation cost of a schema.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    /// The maximum number of schemas applied to one part of a value.
    pub(super) for_each_part: usize,
    /// The depth of values up to which *all* violations may be reported: a validator remembers
    /// whether a value matches a recursive schema, but not why it does not.
    pub(super) reported_depth: usize,
}

/// Returns the cost of a schema, or an error if it is too high for any value.
pub(super) fn check(schema: &Value) -> Result<Cost, SchemaError> {
    let graph = Graph::read(schema)?;
    graph.check_loops(schema)?;
    Ok(Cost {
        for_each_part: graph.check_size(schema)?,
        reported_depth: graph.reported_depth(),
    })
}

impl Graph {
    fn read(schema: &Value) -> Result<Self, SchemaError> {
        let draft = Draft::default().detect(schema);
        let resource = draft.create_resource_ref(schema);
        let base = match resource.id() {
            Some(id) => uri::resolve_against(&uri::from_str(BASE)?.borrow(), id)?,
            None => uri::from_str(BASE)?,
        };
        let registry = Registry::new()
            .draft(draft)
            .retriever(Nothing)
            .add(base.as_str(), resource)?
            .prepare()
            .map_err(|error| unreachable(schema, &error))?;
        let whole = registry.resolver(base).lookup("")?;

        // A value that two references reach is one node, identified by its address.
        let mut known = HashMap::new();
        let mut nodes = Vec::new();
        let mut open = vec![whole.into_inner()];
        known.insert(std::ptr::from_ref(open[0].0), 0);
        // The target of a dynamic reference depends on the path to it. To be safe, assume every
        // anchor of its name. `None` stands for `$recursiveAnchor`.
        let mut anchors: HashMap<Option<&str>, Vec<_>> = HashMap::new();
        let mut unread = vec![open[0].clone()];
        while let Some((value, resolver, draft)) = unread.pop() {
            let members = match value {
                Value::Object(members) => members,
                Value::Array(items) => {
                    unread.extend(items.iter().map(|item| (item, resolver.clone(), draft)));
                    continue;
                }
                _ => continue,
            };
            // A value with a bad `$id` is data, or the validator refuses it.
            let Ok(resolver) = resolver.in_subresource(draft.create_resource_ref(value)) else {
                continue;
            };
            let place = || (value, resolver.clone(), draft);
            if let Some(Value::String(name)) = members.get("$dynamicAnchor") {
                anchors.entry(Some(name)).or_default().push(place());
            }
            if let Some(Value::Bool(true)) = members.get("$recursiveAnchor") {
                anchors.entry(None).or_default().push(place());
            }
            unread.extend(
                members
                    .values()
                    .map(|value| (value, resolver.clone(), draft)),
            );
        }
        while let Some((contents, resolver, draft)) = open.get(nodes.len()).cloned() {
            let mut node = Node {
                looks: 1,
                ..Node::default()
            };
            let Value::Object(members) = contents else {
                nodes.push(node);
                continue;
            };
            let failed = |keyword: &str, error: &jsonschema::ReferencingError| {
                let reference = members.get(keyword).and_then(Value::as_str);
                match (place_of(schema, contents), reference) {
                    (Some(place), Some(reference)) => dangling(&place, keyword, reference),
                    _ => SchemaError::invalid(error),
                }
            };
            let resolver = resolver.in_subresource(draft.create_resource_ref(contents))?;
            let mut number = |value, resolver, draft| {
                *known.entry(std::ptr::from_ref(value)).or_insert_with(|| {
                    open.push((value, resolver, draft));
                    open.len() - 1
                })
            };
            for (keyword, value) in members {
                match keyword.as_str() {
                    "$ref" | "$dynamicRef" | "$recursiveRef" => {
                        let Value::String(reference) = value else {
                            continue;
                        };
                        let target = resolver.lookup(reference);
                        let target = target.map_err(|error| failed(keyword, &error))?;
                        let mut targets = vec![target.into_inner()];
                        let anchor = match keyword.as_str() {
                            "$ref" => None,
                            "$recursiveRef" => Some(None),
                            _ => reference.rsplit_once('#').map(|(_, name)| Some(name)),
                        };
                        if let Some(anchored) = anchor.and_then(|anchor| anchors.get(&anchor)) {
                            targets.extend(anchored.iter().cloned());
                        }
                        let mut targets: Vec<_> = targets
                            .into_iter()
                            .map(|(value, resolver, draft)| number(value, resolver, draft))
                            .collect();
                        targets.sort_unstable();
                        targets.dedup();
                        node.in_place.extend(targets);
                    }
                    keyword => {
                        let children = subschemas(keyword, value)
                            .map(|child| number(child, resolver.clone(), draft));
                        if IN_PLACE.contains(&keyword) {
                            node.in_place.extend(children);
                        } else if EACH_TO_ITS_PART.contains(&keyword) {
                            node.to_parts.push(children.collect());
                        } else if TO_PARTS.contains(&keyword) {
                            node.to_parts.extend(children.map(|child| vec![child]));
                        }
                        if keyword.starts_with("unevaluated") {
                            node.looks = UNEVALUATED_LOOKS;
                        }
                    }
                }
            }
            nodes.push(node);
        }
        let addresses = open.iter().map(|(value, ..)| std::ptr::from_ref(*value));
        Ok(Self {
            nodes,
            addresses: addresses.collect(),
        })
    }

    /// Refuses a schema that applies itself to the same value, which would never terminate; [its
    /// meaning is undefined](https://json-schema.org/draft/2020-12/json-schema-core#section-9.4.1).
    fn check_loops(&self, schema: &Value) -> Result<(), SchemaError> {
        let order = self.children_first(|node| node.in_place.iter());
        let mut done = vec![false; self.nodes.len()];
        for at in order {
            if self.nodes[at].in_place.iter().any(|child| !done[*child]) {
                let place = place_of(schema, self.addresses[at]).unwrap_or_default();
                let place = match &*place {
                    "" => String::new(),
                    place => format!("at {}: ", shortened(place)),
                };
                return Err(SchemaError::Form(format!(
                    "{place}it refers to itself for the same value, without end"
                )));
            }
            done[at] = true;
        }
        Ok(())
    }

    /// Returns the maximum number of schemas applied to one part of a value. A reference back to an
    /// enclosing schema counts once: the validator remembers whether a part matches it.
    fn check_size(&self, schema: &Value) -> Result<usize, SchemaError> {
        let mut sizes = vec![1_usize; self.nodes.len()];
        let mut for_each_part = sizes.clone();
        let mut heights = sizes.clone();
        for at in self.children_first(Node::children) {
            let node = &self.nodes[at];
            sizes[at] = node.applied(
                |child| sizes[child],
                |parts| sum(parts.iter().map(|part| sizes[*part])),
            );
            for_each_part[at] = node.applied(
                |child| for_each_part[child],
                |parts| {
                    let most = parts.iter().map(|part| for_each_part[*part]).max();
                    most.unwrap_or(0)
                },
            );
            let highest = node.children().map(|child| heights[*child]).max();
            heights[at] = highest.unwrap_or(0) + 1;
        }
        if sizes[0] > MOST {
            return Err(SchemaError::too_large(
                &self.smallest_beyond(schema, &sizes, MOST),
                &format!("with its references expanded it has more than {MOST} schemas"),
            ));
        }
        if heights[0] > DEEPEST {
            return Err(SchemaError::too_large(
                &self.smallest_beyond(schema, &heights, DEEPEST),
                &format!("with its references expanded it is nested deeper than {DEEPEST} schemas"),
            ));
        }
        Ok(for_each_part[0])
    }

    /// Returns the path of a schema that exceeds the limit although none of the schemas that it applies does.
    fn smallest_beyond(&self, schema: &Value, sizes: &[usize], most: usize) -> String {
        let mut at = 0;
        let mut seen = vec![false; self.nodes.len()];
        while !std::mem::replace(&mut seen[at], true) {
            let mut children = self.nodes[at].children();
            match children.find(|child| sizes[**child] > most && !seen[**child]) {
                Some(child) => at = *child,
                None => break,
            }
        }
        place_of(schema, self.addresses[at]).unwrap_or_default()
    }

    /// Returns the nesting of values up to which even a recursive schema is applied at most
    /// [`MOST`] times, assuming that the validator remembers nothing.
    fn reported_depth(&self) -> usize {
        let order = self.children_first(|node| node.in_place.iter());
        let mut shallower = vec![0_usize; self.nodes.len()];
        for depth in 1..=DEEPEST_VALUE {
            let mut sizes = vec![0_usize; self.nodes.len()];
            for at in &order {
                sizes[*at] = self.nodes[*at].applied(
                    |child| sizes[child],
                    |parts| sum(parts.iter().map(|part| shallower[*part])),
                );
            }
            if sizes[0] > MOST {
                return depth - 1;
            }
            if sizes == shallower {
                break;
            }
            shallower = sizes;
        }
        usize::MAX
    }

    /// Returns all nodes, each after its `children`, as far as there are no loops. Not recursive,
    /// because chains may be long.
    fn children_first<'a, I: Iterator<Item = &'a usize>>(
        &'a self,
        children: impl Fn(&'a Node) -> I,
    ) -> Vec<usize> {
        let mut order = Vec::with_capacity(self.nodes.len());
        let mut seen = vec![false; self.nodes.len()];
        for root in 0..self.nodes.len() {
            if std::mem::replace(&mut seen[root], true) {
                continue;
            }
            let mut path = vec![(root, children(&self.nodes[root]))];
            while let Some((at, rest)) = path.last_mut() {
                match rest.next() {
                    Some(child) if !std::mem::replace(&mut seen[*child], true) => {
                        path.push((*child, children(&self.nodes[*child])));
                    }
                    Some(_) => {}
                    None => {
                        order.push(*at);
                        path.pop();
                    }
                }
            }
        }
        order
    }
}

impl Node {
    fn children(&self) -> impl Iterator<Item = &usize> {
        self.in_place.iter().chain(self.to_parts.iter().flatten())
    }

    /// Returns the number of applications of a schema, given those of the schemas it applies.
    fn applied(
        &self,
        in_place: impl Fn(usize) -> usize,
        to_parts: impl Fn(&[usize]) -> usize,
    ) -> usize {
        sum(self.in_place.iter().map(|child| in_place(*child)))
            .saturating_mul(self.looks)
            .saturating_add(sum(self.to_parts.iter().map(|parts| to_parts(parts))))
            .saturating_add(1)
    }
}

/// Returns the JSON Pointer to a schema within the whole, given its address.
fn place_of(whole: &Value, wanted: *const Value) -> Option<String> {
    find(whole, |value| std::ptr::eq(value, wanted).then_some(())).map(|(place, ())| place)
}

/// Returns a place in a schema that is looked for, and what was found there. Data is left out.
fn find<'a, T>(whole: &'a Value, look: impl Fn(&'a Value) -> Option<T>) -> Option<(String, T)> {
    let mut unread = vec![(whole, String::new())];
    while let Some((value, place)) = unread.pop() {
        if let Some(found) = look(value) {
            return Some((place, found));
        }
        match value {
            Value::Object(members) => {
                let members = members
                    .iter()
                    .filter(|(name, _)| !DATA.contains(&name.as_str()));
                unread.extend(members.map(|(name, value)| {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    (value, format!("{place}/{name}"))
                }));
            }
            Value::Array(items) => {
                let items = items.iter().enumerate();
                unread.extend(items.map(|(at, value)| (value, format!("{place}/{at}"))));
            }
            _ => {}
        }
    }
    None
}

/// Returns the error for a reference that leads nowhere within the schema.
fn dangling(place: &str, keyword: &str, reference: &str) -> SchemaError {
    SchemaError::Invalid(format!(
        "at {}: {:?} leads nowhere within the schema",
        shortened(&format!("{place}/{keyword}")),
        shortened(reference)
    ))
}

/// Names the reference to another document that an error is about.
fn unreachable(schema: &Value, error: &jsonschema::ReferencingError) -> SchemaError {
    let text = error.to_string();
    let outside = |value: &Value| {
        let reference = value.get("$ref")?.as_str()?;
        let document = reference.split('#').next().unwrap_or_default();
        // The text has the whole URI between quotation marks.
        let is_meant = |start: &str| text.contains(&format!("{start}{document}'"));
        let is_meant = !document.is_empty() && (is_meant("'") || is_meant("/"));
        is_meant.then(|| reference.to_owned())
    };
    match find(schema, outside) {
        Some((place, reference)) => dangling(&place, "$ref", &reference),
        None => SchemaError::invalid(error),
    }
}

fn sum(counts: impl Iterator<Item = usize>) -> usize {
    counts.fold(0, usize::saturating_add)
}

/// Returns the schemas in the value of a keyword: the value itself, the items of an array, or the
/// members of an object that holds one schema per name.
fn subschemas<'a>(keyword: &str, value: &'a Value) -> impl Iterator<Item = &'a Value> {
    const BY_NAME: [&str; 4] = [
        "properties",
        "patternProperties",
        "dependentSchemas",
        "dependencies",
    ];
    let (one, items, members): (Option<&Value>, &[Value], Option<&Map<String, Value>>) = match value
    {
        Value::Object(members) if BY_NAME.contains(&keyword) => (None, &[], Some(members)),
        Value::Object(_) => (Some(value), &[], None),
        Value::Array(items) => (None, items, None),
        _ => (None, &[], None),
    };
    let members = members.into_iter().flat_map(Map::values);
    one.into_iter()
        .chain(items)
        .chain(members)
        .filter(|value| value.is_object())
}

/// Resolves no external references.
struct Nothing;

impl Retrieve for Nothing {
    fn retrieve(
        &self,
        uri: &Uri<String>,
    ) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        Err(format!("{uri} is outside of the schema").into())
    }
}

impl From<jsonschema::ReferencingError> for SchemaError {
    fn from(error: jsonschema::ReferencingError) -> Self {
        Self::invalid(&error)
    }
}
