//! Elicitation: <https://modelcontextprotocol.io/specification/2025-06-18/client/elicitation>.

use serde_json::json;

use super::check::Check;
use super::context::CheckContext;
use super::sampling::answered_with;
use super::tally::Tally;
use crate::driver::client_role::{Answer, Asked};
use crate::model::Judgement;
use crate::observe::Evidence;
use crate::observe::evidence::place;
use crate::wire::shapes::Rule;

/// The checks of this page.
pub const CHECKS: &[Check] = &[
    check!(
        "elicitation/three-actions",
        "Handles accept, decline and cancel.",
        ["elicit.server-three-actions"],
        three_actions
    ),
    check!(
        "elicitation/validate",
        "Survives content that the form does not allow.",
        ["elicit.validate"],
        validate
    ),
    observe!(
        "elicitation/not-sensitive",
        "Does not ask for secrets.",
        ["elicit.no-sensitive"],
        not_sensitive
    ),
    shape!(
        "elicitation/request-required",
        "Gives a message and a form.",
        ["elicit.request-required"],
        ["elicitation/create"],
        [
            "ElicitRequest.params",
            "ElicitRequest.params.requestedSchema"
        ],
        [Rule::Type, Rule::Word]
    ),
    shape!(
        "elicitation/flat",
        "Asks for a flat form of primitives.",
        ["elicit.schema-flat"],
        ["elicitation/create"],
        [
            "ElicitRequest.params.requestedSchema",
            "PrimitiveSchemaDefinition"
        ],
        [Rule::NotFlat]
    ),
    shape!(
        "elicitation/field-types",
        "Describes each field with members of the right types.",
        ["elicit.schema-field-types"],
        ["elicitation/create"],
        ["StringSchema", "NumberSchema", "BooleanSchema"],
        [Rule::Type]
    ),
    shape!(
        "elicitation/formats",
        "Uses the four formats of strings.",
        ["elicit.schema-formats"],
        ["elicitation/create"],
        ["StringSchema"],
        [Rule::Word]
    ),
    shape!(
        "elicitation/keywords",
        "Uses no advanced features of JSON Schema.",
        ["elicit.schema-keywords"],
        ["elicitation/create"],
        [
            "StringSchema",
            "NumberSchema",
            "BooleanSchema",
            "EnumSchema",
            "PrimitiveSchemaDefinition",
            "ElicitRequest.params.requestedSchema"
        ],
        [Rule::Keyword]
    ),
    shape!(
        "elicitation/enumerations",
        "Gives choices as strings, with as many names.",
        ["elicit.schema-enum"],
        ["elicitation/create"],
        ["EnumSchema"],
        [Rule::Type, Rule::Enumeration]
    ),
    shape!(
        "elicitation/required-fields",
        "Requires only existing fields.",
        ["elicit.schema-required-subset"],
        ["elicitation/create"],
        ["ElicitRequest.params.requestedSchema"],
        [Rule::UnknownRequired]
    ),
];

async fn three_actions(context: &CheckContext) -> Judgement {
    let answers = [
        Answer::Usual,
        Answer::Result(json!({"action": "decline"})),
        Answer::Result(json!({"action": "cancel"})),
        Answer::Result(json!({"action": "accept"})),
        Answer::Error(-32603, "no user is present"),
    ];
    answered_with(context, Asked::Elicitation, &answers).await
}

async fn validate(context: &CheckContext) -> Judgement {
    let answers = [
        Answer::Result(json!({"action": "accept", "content": {}})),
        Answer::Result(json!({"action": "accept", "content": {"unknown": true}})),
        Answer::Result(json!({"action": "accept", "content": []})),
        Answer::Result(json!({"action": "agree"})),
        Answer::Result(json!({})),
    ];
    answered_with(context, Asked::Elicitation, &answers).await
}

fn not_sensitive(evidence: &Evidence) -> Judgement {
    const SECRETS: [&str; 9] = [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "api_key",
        "apikey",
        "credit card",
        "creditcard",
        "ssn",
    ];
    let mut tally = Tally::default();
    for (conversation, entry) in evidence.of_method("elicitation/create") {
        let Some(params) = entry.params() else {
            continue;
        };
        let fields = params["requestedSchema"]["properties"]
            .as_object()
            .into_iter()
            .flat_map(|fields| fields.keys());
        let asked: Vec<String> = fields
            .map(String::as_str)
            .chain(params["message"].as_str())
            .map(str::to_lowercase)
            .collect();
        let secret = SECRETS
            .iter()
            .find(|secret| asked.iter().any(|text| contains_word(text, secret)));
        tally.expect(secret.is_none(), || {
            format!(
                "it asks for {:?} ({})",
                secret.unwrap_or(&""),
                place(conversation, entry)
            )
        });
    }
    tally.judge("forms seen", "the target did not elicit anything")
}

/// Returns true if the text has this word, not merely as part of a longer one.
fn contains_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(start, found)| {
        let apart = |one: Option<char>| one.is_none_or(|one| !one.is_alphanumeric());
        apart(text[..start].chars().next_back())
            && apart(text[start + found.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_whole_words() {
        assert!(contains_word("your password, please", "password"));
        assert!(!contains_word("secretary", "secret"));
    }
}
