//! Thousands of messages, valid ones and single changes of them, judged twice.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use rand::seq::IndexedRandom;
use serde_json::{Value, json};

use super::exceptions::{LAXER, STRICTER};
use super::generate::Generator;
use super::mutate::Change;
use super::subjects::{self, Broken, Subject};
use super::{coverage, derived, mutate, official};

/// The seed of all random choices.
const SEED: u64 = 20_250_618;
/// The number of valid messages of each subject.
const BASES: usize = 45;
/// The number of changes of each valid message that are mostly faults.
const FAULTS: usize = 12;
/// The minimum number of messages for a meaningful comparison.
const LEAST_MESSAGES: usize = 20_000;
/// The number of members added to each valid message, one at a time.
const INSERTS: usize = 8;

/// The results of a comparison.
#[derive(Default)]
struct Findings {
    messages: usize,
    refused: usize,
    differences: Vec<String>,
    stricter: BTreeSet<usize>,
    laxer: BTreeSet<usize>,
    rules: BTreeMap<String, usize>,
    assertions: BTreeSet<String>,
    reached: BTreeSet<String>,
}

impl Findings {
    fn compare(&mut self, subject: &Subject, validator: &Validator, value: &Value) -> bool {
        self.messages += 1;
        let broken = subject.broken(value);
        let mut assertions = BTreeSet::new();
        validator
            .iter_errors(value)
            .for_each(|error| note(&error, &mut assertions));
        let refused = !assertions.is_empty();
        self.refused += usize::from(refused);
        broken
            .iter()
            .for_each(|one| *self.rules.entry(one.rule.clone()).or_default() += 1);
        if refused && broken.is_empty() {
            self.laxer(subject, &assertions, value);
        }
        if !refused && !broken.is_empty() {
            self.stricter(subject, &broken, value);
        }
        self.assertions.extend(assertions);
        broken.is_empty()
    }

    fn laxer(&mut self, subject: &Subject, assertions: &BTreeSet<String>, value: &Value) {
        match LAXER
            .iter()
            .position(|one| assertions.contains(one.assertion))
        {
            Some(index) => drop(self.laxer.insert(index)),
            None => self.differences.push(format!(
                "{}: the schema refuses ({assertions:?}), the description accepts {value}",
                subject.name
            )),
        }
    }

    fn stricter(&mut self, subject: &Subject, broken: &[Broken], value: &Value) {
        for one in broken {
            match STRICTER.iter().position(|rule| rule.explains(one, broken)) {
                Some(index) => drop(self.stricter.insert(index)),
                None => self.differences.push(format!(
                    "{}: the schema accepts, the description refuses ({one:?}) {value}",
                    subject.name
                )),
            }
        }
    }
}

impl Findings {
    fn told(&self) -> String {
        const MOST: usize = 20;
        let shown: Vec<&str> = self
            .differences
            .iter()
            .take(MOST)
            .map(String::as_str)
            .collect();
        format!(
            "{} differences, among them:\n{}",
            self.differences.len(),
            shown.join("\n")
        )
    }

    /// Returns the exceptions that were not needed.
    fn unused(&self, is_official: bool) -> Vec<String> {
        let stricter = STRICTER
            .iter()
            .enumerate()
            .filter(|(index, _)| !self.stricter.contains(index));
        // A derived schema agrees with the description.
        let laxer = LAXER
            .iter()
            .enumerate()
            .filter(|(index, _)| is_official != self.laxer.contains(index));
        let stricter =
            stricter.map(|(_, one)| format!("{} {}: {}", one.rule, one.definition, one.why));
        stricter
            .chain(laxer.map(|(_, one)| format!("{}: {}", one.assertion, one.why)))
            .collect()
    }
}

/// Notes the assertion of the schema from which an error comes.
fn note(error: &ValidationError<'_>, assertions: &mut BTreeSet<String>) {
    let place = error.schema_path().to_string();
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            assertions.insert(format!("{place} {}", property.as_str().unwrap_or_default()));
        }
        ValidationErrorKind::AnyOf { context } => {
            assertions.insert(place);
            context
                .iter()
                .flatten()
                .for_each(|error| note(error, assertions));
        }
        _ => drop(assertions.insert(place)),
    }
}

fn compile(schema: &Value, definition: &str) -> Validator {
    let mut schema = schema.clone();
    schema["$ref"] = json!(format!("#/definitions/{definition}"));
    let options = jsonschema::draft7::options().should_validate_formats(false);
    options.build(&schema).expect("the schema is valid")
}

/// Collects all names of members in the schema.
fn names(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Object(properties)) = members.get("properties") {
                found.extend(properties.keys().cloned());
            }
            members.values().for_each(|value| names(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| names(value, found)),
        _ => {}
    }
}

fn compare(schema: &Value) -> Findings {
    let (subjects, schema) = subjects::of(schema);
    let mut known = BTreeSet::new();
    names(&schema, &mut known);
    let known: Vec<String> = known.into_iter().collect();
    let mut generator = Generator::new(&schema, SEED);
    let mut findings = Findings::default();
    for subject in &subjects {
        let validator = compile(&schema, &subject.definition);
        for _ in 0..BASES {
            let base = generator.instance(&subject.definition);
            let accepted = findings.compare(subject, &validator, &base);
            assert!(
                validator.is_valid(&base),
                "{}: the generator made {base}",
                subject.name
            );
            if !accepted {
                continue;
            }
            let (inserts, faults): (Vec<Change>, Vec<Change>) = mutate::all(&base, &known)
                .into_iter()
                .partition(Change::inserts);
            let rng = generator.rng();
            let inserts = inserts.sample(rng, INSERTS).cloned().collect::<Vec<_>>();
            let fractions = faults.iter().filter(|change| change.adds_a_fraction());
            for change in faults.sample(rng, FAULTS).chain(&inserts).chain(fractions) {
                findings.compare(subject, &validator, &change.apply(&base));
            }
        }
    }
    findings.reached = generator.reached;
    findings
}

#[test]
fn description_and_schema_agree() {
    let is_official = official().is_some();
    let schema = official().unwrap_or_else(derived::schema);
    let against = if is_official {
        "the official schema"
    } else {
        "a schema derived from itself (MCP_SCHEMA_2025_06_18 is not set)"
    };
    let findings = compare(&schema);
    println!(
        "{} messages compared with {against}, {} refused, seed {SEED}",
        findings.messages, findings.refused
    );
    assert!(findings.differences.is_empty(), "{}", findings.told());
    assert!(findings.messages > LEAST_MESSAGES && findings.refused > LEAST_MESSAGES / 2);
    let unused = findings.unused(is_official);
    assert!(
        unused.is_empty(),
        "exceptions that no message needs:\n{}",
        unused.join("\n")
    );
    let missing = [
        coverage::unreached(&schema, &findings.reached),
        coverage::unbroken(&schema, &findings.assertions),
        coverage::silent_rules(&findings.rules),
    ]
    .concat();
    assert!(missing.is_empty(), "not reached:\n{}", missing.join("\n"));
}
