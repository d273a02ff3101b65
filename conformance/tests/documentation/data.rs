//! Blocks that hold data.

use std::collections::BTreeSet;
use std::fs;

use yaml_rust2::{Yaml, YamlLoader};

use crate::blocks::Block;
use crate::pages;

/// Describes why a block of data cannot be parsed.
pub(crate) fn complaint(block: &Block) -> Option<String> {
    let error = match block.language.as_str() {
        "json" => serde_json::from_str::<serde_json::Value>(&block.text)
            .err()?
            .to_string(),
        "toml" => block.text.parse::<toml::Table>().err()?.to_string(),
        "yaml" => YamlLoader::load_from_str(&block.text).err()?.to_string(),
        _ => return None,
    };
    Some(format!("{}: {error}", block.place()))
}

/// The page about the GitHub Action.
const PAGE: &str = "docs/ci.md";

/// Inputs of the action that its page does not name, and inputs of the page that are unknown.
pub(crate) fn undocumented_inputs() -> Vec<String> {
    let text = fs::read_to_string(pages::root().join("action.yml")).expect("action.yml");
    let action = YamlLoader::load_from_str(&text)
        .expect("action.yml is YAML")
        .remove(0);
    let inputs = keys(&action["inputs"]);
    let outputs = keys(&action["outputs"]);
    assert!(
        !inputs.is_empty() && !outputs.is_empty(),
        "action.yml has inputs and outputs"
    );
    let page = pages::page(PAGE);
    let unnamed = inputs
        .union(&outputs)
        .filter(|name| !page.text.contains(&format!("`{name}`")));
    let mut complaints: Vec<String> = unnamed
        .map(|name| format!("{PAGE} does not name `{name}`"))
        .collect();
    let mut used = BTreeSet::new();
    for block in Block::all(&page)
        .iter()
        .filter(|block| block.language == "yaml")
    {
        for document in YamlLoader::load_from_str(&block.text).expect("YAML") {
            collect(&document, &mut used);
        }
    }
    assert!(!used.is_empty(), "{PAGE} uses the action");
    let unknown = used.difference(&inputs);
    complaints.extend(unknown.map(|name| format!("{PAGE}: the action has no input `{name}`")));
    complaints
}

fn keys(mapping: &Yaml) -> BTreeSet<String> {
    let mapping = mapping.as_hash().into_iter().flatten();
    mapping
        .filter_map(|(key, _)| key.as_str().map(str::to_owned))
        .collect()
}

/// The inputs of each step that uses this action.
fn collect(yaml: &Yaml, used: &mut BTreeSet<String>) {
    match yaml {
        Yaml::Array(items) => items.iter().for_each(|item| collect(item, used)),
        Yaml::Hash(mapping) => {
            if yaml["uses"]
                .as_str()
                .is_some_and(|action| action.contains("wasi-mcp@"))
            {
                used.extend(keys(&yaml["with"]));
            }
            mapping.values().for_each(|value| collect(value, used));
        }
        _ => {}
    }
}
