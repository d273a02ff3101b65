//! Hints for requests that a component refuses.

use serde_json::{Value, json};
use wasi_mcp_host::protocol::code;
use wasi_mcp_host::session::{ClientError, InProcessClient};

use super::Problem;
use crate::inspect::schema;
use crate::similar;

/// The lists that a component may offer, by the name of their capability.
const OFFERS: [&str; 3] = ["tools", "resources", "prompts"];

/// The object that a request names.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Named<'a> {
    Tool(&'a str),
    /// A prompt, with the names of the arguments that it is given.
    Prompt(&'a str, &'a [String]),
    Resource(&'a str),
    /// An argument of a prompt.
    Argument {
        prompt: &'a str,
        argument: &'a str,
    },
    /// A variable of a resource template.
    Variable {
        template: &'a str,
        variable: &'a str,
    },
}

impl Problem {
    /// Adds a hint to an error, if a cause can be found in the component's lists.
    pub(crate) async fn named(
        client: &InProcessClient,
        mut error: ClientError,
        named: Named<'_>,
    ) -> Self {
        let hint = match &mut error {
            ClientError::Answered { code, .. } if *code == i64::from(code::METHOD_NOT_FOUND) => {
                named.missing_capability(&client.initialized().capabilities)
            }
            ClientError::Answered {
                code,
                message,
                data,
            } if [code::INVALID_PARAMS, code::RESOURCE_NOT_FOUND]
                .map(i64::from)
                .contains(code) =>
            {
                if let Named::Resource(uri) = named {
                    put_uri(uri, message, data);
                }
                named.hint(client).await
            }
            _ => None,
        };
        Self::Request { error, hint }
    }
}

/// Moves the URI from the data of an error to its message.
fn put_uri(uri: &str, message: &mut String, data: &mut Option<Value>) {
    if *data == Some(json!({ "uri": uri })) {
        *data = None;
        if !message.contains(uri) {
            *message = format!("{message}: {uri}");
        }
    }
}

impl Named<'_> {
    /// Returns the capability that the request needs.
    fn capability(self) -> &'static str {
        match self {
            Self::Tool(_) => "tools",
            Self::Prompt(..) => "prompts",
            Self::Resource(_) => "resources",
            Self::Argument { .. } | Self::Variable { .. } => "completions",
        }
    }

    /// Says what the component offers instead, if it does not declare the capability.
    fn missing_capability(self, capabilities: &Value) -> Option<String> {
        let is_offered = |name: &&str| capabilities.get(*name).is_some();
        let wanted = self.capability();
        if is_offered(&wanted) {
            return None;
        }
        let offered: Vec<&str> = OFFERS.into_iter().filter(is_offered).collect();
        Some(if wanted == "completions" {
            "the component completes no arguments".to_owned()
        } else if offered.is_empty() {
            format!("the component offers no {wanted}")
        } else {
            format!(
                "the component offers no {wanted}, only {}",
                offered.join(" and ")
            )
        })
    }

    /// Returns a hint, or the reason why the names that would make one are unknown.
    async fn hint(self, client: &InProcessClient) -> Option<String> {
        match self.similar(client).await {
            Ok(hint) => hint,
            Err(error @ ClientError::EndlessList { .. }) => Some(error.to_string()),
            Err(_) => None,
        }
    }

    async fn similar(self, client: &InProcessClient) -> Result<Option<String>, ClientError> {
        Ok(match self {
            Self::Tool(name) => {
                let tools = names(client, "tools/list", "tools", "name").await?;
                hint("tools", name, &tools)
            }
            Self::Prompt(name, given) => {
                let prompts = client.list("prompts/list", "prompts").await?;
                match find(&prompts, name) {
                    Some(prompt) => arguments_hint(prompt, given),
                    None => hint("prompts", name, &texts(&prompts, "name")),
                }
            }
            Self::Argument { prompt, .. } => {
                let prompts = client.list("prompts/list", "prompts").await?;
                match find(&prompts, prompt) {
                    Some(prompt) => self.argument_hint(&argument_names(prompt)),
                    None => hint("prompts", prompt, &texts(&prompts, "name")),
                }
            }
            Self::Variable { template, .. } => {
                let templates = templates(client).await?;
                if templates.iter().any(|known| known == template) {
                    self.argument_hint(&schema::variables(template))
                } else {
                    hint("resource templates", template, &templates)
                }
            }
            Self::Resource(uri) => {
                let resources = names(client, "resources/list", "resources", "uri").await?;
                let Some(hint) = hint("resources", uri, &resources) else {
                    return Ok(None);
                };
                let templates = templates(client).await.unwrap_or_default();
                Some(if templates.is_empty() {
                    hint
                } else {
                    let end = if hint.ends_with('?') { "" } else { ";" };
                    format!(
                        "{hint}{end} URIs can also be built from {}",
                        similar::listed(&similar::ordered(uri, &borrowed(&templates)))
                    )
                })
            }
        })
    }

    /// Returns a hint for a completion, if the component knows the prompt or the template but not
    /// the argument.
    pub(crate) async fn unknown_argument(self, client: &InProcessClient) -> Option<String> {
        let names = match self {
            Self::Argument { prompt, .. } => {
                let prompts = client.list("prompts/list", "prompts").await.ok()?;
                argument_names(find(&prompts, prompt)?)
            }
            Self::Variable { template, .. } => schema::variables(template),
            Self::Tool(_) | Self::Prompt(..) | Self::Resource(_) => return None,
        };
        self.argument_hint(&names)
    }

    /// Returns a hint for a completion of an argument that is not one of these.
    fn argument_hint(self, names: &[String]) -> Option<String> {
        let (owner, kind, wanted) = match self {
            Self::Argument { argument, .. } => ("prompt", "argument", argument),
            Self::Variable { variable, .. } => ("template", "variable", variable),
            Self::Tool(_) | Self::Prompt(..) | Self::Resource(_) => return None,
        };
        no_such(owner, kind, wanted, names)
    }
}

/// Returns a hint for a name that its owner does not have.
fn no_such(owner: &str, kind: &str, wanted: &str, names: &[String]) -> Option<String> {
    let names = borrowed(names);
    if names.contains(&wanted) {
        return None;
    }
    let instead = match similar::question(wanted, &names) {
        Some(question) => question,
        None if names.is_empty() => format!("it has no {kind}s"),
        None => format!("it has the {kind}s {}", similar::listed(&names)),
    };
    Some(format!("the {owner} has no {kind} `{wanted}`: {instead}"))
}

/// Returns a hint for the arguments that a prompt is given: those that it does not have, and those
/// that are missing.
fn arguments_hint(prompt: &Value, given: &[String]) -> Option<String> {
    let names = argument_names(prompt);
    let unknown = given
        .iter()
        .filter_map(|given| no_such("prompt", "argument", given, &names));
    let mut hints: Vec<String> = unknown.collect();
    let is_missing = |argument: &&Value| {
        let name = argument["name"].as_str().unwrap_or_default();
        argument["required"] == true && !given.iter().any(|given| given == name)
    };
    let arguments = || prompt["arguments"].as_array().into_iter().flatten();
    if arguments().any(|argument| is_missing(&argument)) {
        let pairs = arguments().map(|argument| {
            let name = argument["name"].as_str().unwrap_or_default();
            if argument["required"] == true {
                format!("{name}=VALUE")
            } else {
                format!("[{name}=VALUE]")
            }
        });
        let pairs: Vec<String> = pairs.collect();
        hints.push(format!("its arguments are {}", pairs.join(" ")));
    }
    (!hints.is_empty()).then(|| hints.join("; "))
}

fn find<'a>(items: &'a [Value], name: &str) -> Option<&'a Value> {
    items.iter().find(|item| item["name"] == name)
}

fn argument_names(prompt: &Value) -> Vec<String> {
    let arguments = prompt["arguments"].as_array();
    texts(arguments.map_or(&[], Vec::as_slice), "name")
}

fn hint(kind: &str, wanted: &str, names: &[String]) -> Option<String> {
    similar::hint(kind, wanted, &borrowed(names))
}

fn borrowed(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

async fn templates(client: &InProcessClient) -> Result<Vec<String>, ClientError> {
    let method = "resources/templates/list";
    names(client, method, "resourceTemplates", "uriTemplate").await
}

/// Returns the names in a list.
async fn names(
    client: &InProcessClient,
    method: &str,
    list: &str,
    member: &str,
) -> Result<Vec<String>, ClientError> {
    let items = client.list(method, list).await?;
    Ok(texts(&items, member))
}

/// Returns a member of each item.
fn texts(items: &[Value], member: &str) -> Vec<String> {
    let text = |item: &Value| item[member].as_str().map(str::to_owned);
    items.iter().filter_map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_of_a_prompt_are_told_where_they_are_wrong() {
        let prompt = json!({ "name": "journey", "arguments": [
            { "name": "country", "required": true }, { "name": "days" },
        ] });
        let hint = |given: &[&str]| {
            let given: Vec<String> = given.iter().map(|&name| name.to_owned()).collect();
            arguments_hint(&prompt, &given)
        };
        assert_eq!(hint(&["country"]), None);
        assert_eq!(
            hint(&[]).unwrap(),
            "its arguments are country=VALUE [days=VALUE]"
        );
        assert_eq!(
            hint(&["contry"]).unwrap(),
            "the prompt has no argument `contry`: did you mean `country`?; \
             its arguments are country=VALUE [days=VALUE]"
        );
        assert_eq!(
            hint(&["country", "zzz"]).unwrap(),
            "the prompt has no argument `zzz`: it has the arguments `country`, `days`"
        );
    }

    #[test]
    fn a_missing_capability_is_told_with_those_that_there_are() {
        let told = |named: Named<'_>, capabilities: Value| named.missing_capability(&capabilities);
        assert_eq!(
            told(Named::Tool("a"), json!({ "prompts": {}, "logging": {} })).unwrap(),
            "the component offers no tools, only prompts"
        );
        assert_eq!(
            told(Named::Resource("a:b"), json!({})).unwrap(),
            "the component offers no resources"
        );
        assert_eq!(told(Named::Tool("a"), json!({ "tools": {} })), None);
    }

    #[test]
    fn a_resource_that_is_not_found_is_named_once() {
        let put = |message: &str, data: Value| {
            let (mut message, mut data) = (message.to_owned(), Some(data));
            put_uri("a:b", &mut message, &mut data);
            (message, data)
        };
        let uri = json!({ "uri": "a:b" });
        assert_eq!(put("none", uri.clone()), ("none: a:b".to_owned(), None));
        assert_eq!(put("no a:b", uri), ("no a:b".to_owned(), None));
        let more = json!({ "uri": "a:b", "why": 1 });
        assert_eq!(put("none", more.clone()), ("none".to_owned(), Some(more)));
    }
}
