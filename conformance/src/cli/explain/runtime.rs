//! Requirements of the interface `wasi:mcp`, and checks of runtimes.

use super::{Page, over};
use crate::checks::About;
use crate::checks::component::{self, ComponentCheck};
use crate::checks::runtime::{RuntimeCheck, all};
use crate::runtime::components::MODES;
use crate::runtime::proof::faults;
use crate::runtime::requirements::{self, Requirement, VERSION};

/// Returns the names of the requirements of the interface and of the checks of a runtime.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let requirements = requirements::rows().iter().map(|row| row.id);
    let components = component::CHECKS.iter().map(|check| check.id);
    requirements
        .chain(all().map(|check| check.id))
        .chain(components)
}

/// Explains a requirement of the interface or a check of a runtime. Returns false if the name is
/// unknown.
pub(super) fn explain(page: &mut Page, id: &str) -> bool {
    if let Some(requirement) = requirements::get(id) {
        explain_requirement(page, requirement);
        true
    } else if let Some(check) = all().find(|check| check.id == id) {
        explain_check(page, check);
        true
    } else if let Some(check) = component::CHECKS.iter().find(|check| check.id == id) {
        explain_component_check(page, check);
        true
    } else {
        false
    }
}

fn explain_component_check(page: &mut Page, check: &ComponentCheck) {
    let about = About::from(check);
    page.title(check.id, &about.level.to_string(), check.intent);
    page.field(
        "works",
        "it sends nothing: where the suite runs a component itself, it examines all answers that \
         the host gives in the component's place",
    );
    for (index, id) in check.requirements.iter().enumerate() {
        let label = if index == 0 { "judges" } else { "" };
        let sentence = requirements::get(id).map_or("", |row| row.requirement);
        page.field(label, &format!("{id}: {sentence}"));
    }
    page.blank();
    page.verbatim("run it alone", &super::alone(check.id));
}

fn explain_requirement(page: &mut Page, requirement: &Requirement) {
    let level = requirement.level.to_string();
    page.title(requirement.id, &level, requirement.requirement);
    page.field("binds", requirement.party);
    page.field(
        "source",
        &format!(
            "wasi:mcp@{VERSION}, {}, {}",
            requirement.file, requirement.item
        ),
    );
    page.field("", &requirement.link());
    page.blank();
    let checks: Vec<&RuntimeCheck> = all()
        .filter(|check| check.requirements.contains(&requirement.id))
        .collect();
    let named: Vec<String> = checks
        .iter()
        .map(|check| format!("{} ({}): {}", check.id, over(check.scope), check.intent))
        .collect();
    page.list("checked by", "", &named);
    let mut components = component::CHECKS.iter();
    let judges = |check: &&ComponentCheck| check.requirements.contains(&requirement.id);
    if let Some(check) = components.find(judges) {
        page.field("checked by", &format!("{}: {}", check.id, check.intent));
        page.verbatim("try it", &super::alone(requirement.id));
    } else if checks.is_empty() {
        page.field("not checked", why_not_checked(requirement));
    } else {
        page.verbatim("try it", &alone(requirement.id));
    }
}

fn why_not_checked(requirement: &Requirement) -> &str {
    match (requirement.unchecked, requirement.party) {
        ("", "guest") => "it binds guests, and the checks of a runtime judge hosts",
        ("", _) => "no check judges it yet",
        (why, _) => why,
    }
}

fn explain_check(page: &mut Page, check: &RuntimeCheck) {
    page.title(check.id, &check.level().to_string(), check.intent);
    let probes: Vec<&str> = check.bases.iter().map(|base| base.name()).collect();
    page.field(
        "works",
        &format!(
            "the runtime runs these builds of the probes: {}",
            probes.join(", ")
        ),
    );
    for (index, mode) in MODES
        .iter()
        .filter(|mode| mode.is_for(check.id))
        .enumerate()
    {
        let label = if index == 0 { "in the mode" } else { "" };
        page.field(label, &format!("{}: {}", mode.name, mode.what));
    }
    page.field("applies", over(check.scope));
    for (index, id) in check.requirements.iter().enumerate() {
        let label = if index == 0 { "judges" } else { "" };
        let sentence = requirements::get(id).map_or("", |row| row.requirement);
        page.field(label, &format!("{id}: {sentence}"));
    }
    page.blank();
    let proofs: Vec<String> = faults()
        .iter()
        .filter(|fault| fault.check == check.id)
        .map(|fault| fault.name.to_owned())
        .collect();
    page.list("proven by", "fault", &proofs);
    page.verbatim("run it alone", &alone(check.id));
    for source in check.sources() {
        page.blank();
        page.field("source of", &source.of);
        page.code(&source.code);
    }
}

fn alone(id: &str) -> String {
    format!("wasi-mcp-conformance run --runtime ADAPTER.toml --verbose --filter {id}")
}
