//! `action.yml` and the scripts agree.

use std::collections::BTreeSet;
use std::fs;

use crate::stage::action;

fn definition() -> String {
    fs::read_to_string(action().join("action.yml")).expect("action.yml")
}

/// Returns the names below this key of the first level.
fn names(definition: &str, section: &str) -> BTreeSet<String> {
    let lines = definition.lines();
    let lines = lines.skip_while(|line| *line != format!("{section}:"));
    let lines = lines
        .skip(1)
        .take_while(|line| line.starts_with(' ') || line.is_empty());
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    let names = names.filter(|name| !name.starts_with(' '));
    names.map(str::to_owned).collect()
}

/// Returns the variables that a script reads.
fn read_by(script: &str) -> BTreeSet<String> {
    let path = action().join("conformance/action").join(script);
    let text = fs::read_to_string(path).expect(script);
    let code = text.lines().filter(|line| !line.trim().starts_with('#'));
    let parts = code.flat_map(|line| line.split("CONFORMANCE_").skip(1));
    parts
        .map(|part| {
            let end =
                part.find(|character: char| !(character.is_ascii_uppercase() || character == '_'));
            part[..end.unwrap_or(part.len())].to_owned()
        })
        .collect()
}

#[test]
fn the_steps_are_the_scripts_and_get_what_they_read() {
    let definition = definition();
    let steps: Vec<&str> = definition.split("    - name: ").skip(1).collect();
    let mut given = BTreeSet::new();
    for (step, script) in steps.iter().zip(["install.sh", "judge.sh"]) {
        let run = format!("run: '\"$GITHUB_ACTION_PATH/conformance/action/{script}\"'");
        assert!(step.contains(&run), "{step}");
        let mut variables = BTreeSet::new();
        let lines = step.lines().map(str::trim);
        for line in lines.filter(|line| line.starts_with("CONFORMANCE_")) {
            let (variable, value) = line.split_once(": ").expect("a variable");
            let variable = variable.trim_start_matches("CONFORMANCE_");
            let input = variable.to_lowercase().replace('_', "-");
            assert_eq!(value, format!("${{{{ inputs.{input} }}}}"));
            variables.insert(variable.to_owned());
            given.insert(input);
        }
        assert_eq!(variables, read_by(script), "{script}");
    }
    assert_eq!(steps.len(), 2);
    assert_eq!(names(&definition, "inputs"), given);
}

#[test]
fn inputs_reach_a_shell_only_through_the_environment() {
    for line in definition().lines().filter(|line| line.contains("${{")) {
        let line = line.trim();
        let through = line.starts_with("CONFORMANCE_") || line.starts_with("value: ");
        assert!(through, "{line}");
    }
}

#[test]
fn the_outputs_are_those_that_are_written() {
    let definition = definition();
    let outputs = names(&definition, "outputs");
    let script = fs::read_to_string(action().join("conformance/action/judge.sh"));
    let script = script.expect("judge.sh");
    let written = script.lines().filter_map(|line| {
        let rest = line.trim().strip_prefix("printf '")?;
        Some(rest.split_once("=%s\\n'")?.0.to_owned())
    });
    assert_eq!(outputs, written.collect());
    for output in outputs {
        let value = format!("value: ${{{{ steps.judge.outputs.{output} }}}}");
        assert!(definition.contains(&value), "{value}");
    }
}
