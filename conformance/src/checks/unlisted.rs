//! Names that a server does not list, for checks of its answers to unknown names.

use crate::survey::Survey;
use crate::survey::listing::List;
use crate::survey::templates;

/// The usual unknown names and URIs, to which letters are added while the server lists them.
const TOOL: &str = "no_such_tool";
const PROMPT: &str = "no such prompt";
const URI: &str = "conformance-no-such-scheme://nothing/here";

/// Returns a name or URI that no entry of a list has, and that no template expands to.
///
/// A list that was not read to its end may hold any name: for these, the name is an unlikely one.
pub fn unlisted(survey: &Survey, list: List) -> String {
    let mut name = match list {
        List::Tools => TOOL,
        List::Prompts => PROMPT,
        List::Resources | List::Templates => URI,
    }
    .to_owned();
    if !survey.listing(list).complete {
        name.push_str("-7f3a91c2");
    }
    for _ in 0..=survey.listing(list).items.len() {
        if !is_listed(survey, list, &name) {
            break;
        }
        name.push('x');
    }
    name
}

/// Returns the given names that the server does not list, followed by an unknown one.
pub fn unlisted_among(survey: &Survey, list: List, names: &[&str]) -> Vec<String> {
    let complete = survey.listing(list).complete;
    let unknown = names
        .iter()
        .filter(|name| complete && !is_listed(survey, list, name));
    let mut all: Vec<String> = unknown.map(|name| (*name).to_owned()).collect();
    let certain = unlisted(survey, list);
    if !all.contains(&certain) {
        all.push(certain);
    }
    all
}

/// Returns true if an entry of a list has this name or URI, or if a template may expand to it.
pub fn is_listed(survey: &Survey, list: List, name: &str) -> bool {
    if survey.listing(list).get(list, name).is_some() {
        return true;
    }
    let templates = survey.templates.names(List::Templates);
    list == List::Resources && templates.iter().any(|it| matches(it, name))
}

/// Returns true if a template may expand to a URI. One without a literal before its first
/// expression says nothing about its URIs, and may expand to all of them.
fn matches(template: &str, uri: &str) -> bool {
    !template.starts_with('{') && templates::may_match(template, uri)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn survey(tools: &[&str], complete: bool) -> Survey {
        let mut survey = Survey::default();
        survey.tools.items = tools.iter().map(|name| json!({"name": name})).collect();
        survey.tools.complete = complete;
        survey
    }

    #[test]
    fn a_listed_name_is_never_unknown() {
        let listed = survey(&["no_such_tool", "no_such_toolx", ""], true);
        assert_eq!(unlisted(&listed, List::Tools), "no_such_toolxx");
        assert_eq!(
            unlisted_among(&listed, List::Tools, &["", "no_such_tool", "other"]),
            ["other", "no_such_toolxx"]
        );
    }

    #[test]
    fn of_a_list_that_is_not_complete_only_an_unlikely_name_is_taken() {
        let open = survey(&["a"], false);
        let names = unlisted_among(&open, List::Tools, &["", "b"]);
        assert_eq!(names, ["no_such_tool-7f3a91c2"]);
    }

    #[test]
    fn a_uri_of_a_template_is_listed() {
        let mut survey = Survey::default();
        survey.templates.items = vec![json!({"uriTemplate": "test://number/{n}"})];
        assert!(is_listed(&survey, List::Resources, "test://number/1"));
        assert!(!is_listed(&survey, List::Resources, "test://other"));
        survey.templates.items = vec![json!({"uriTemplate": "{+any}"})];
        assert!(!is_listed(&survey, List::Resources, URI));
    }
}
