//! Hints for names that a component does not know.

use serde_json::Value;
use wasi_mcp_host::protocol::code;
use wasi_mcp_host::session::{ClientError, InProcessClient};

use super::Problem;
use crate::output::first_line;
use crate::similar;

/// The object that a request names.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Named<'a> {
    Tool(&'a str),
    Prompt(&'a str),
    Resource(&'a str),
    Template(&'a str),
}

impl Problem {
    /// Adds a hint to an error, if the component lists no such name.
    pub(crate) async fn named(
        client: &InProcessClient,
        error: ClientError,
        named: Named<'_>,
    ) -> Self {
        let codes = [code::INVALID_PARAMS, code::RESOURCE_NOT_FOUND].map(i64::from);
        let may_be_misspelt = matches!(
            &error,
            ClientError::Answered { code, .. } if codes.contains(code)
        );
        let hint = if may_be_misspelt {
            named.hint(client).await
        } else {
            None
        };
        Self::Request { error, hint }
    }
}

impl Named<'_> {
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
            Self::Prompt(name) => {
                let prompts = names(client, "prompts/list", "prompts", "name").await?;
                hint("prompts", name, &prompts)
            }
            Self::Template(uri) => {
                let templates = templates(client).await?;
                hint("resource templates", uri, &templates)
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
                    let shown: Vec<String> =
                        templates.iter().map(|text| first_line(text)).collect();
                    let end = if hint.ends_with('?') { "" } else { ";" };
                    format!(
                        "{hint}{end} URIs can also be built from {}",
                        shown.join(", ")
                    )
                })
            }
        })
    }
}

fn hint(kind: &str, wanted: &str, names: &[String]) -> Option<String> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    similar::hint(kind, wanted, &names)
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
    let name = |item: &Value| item[member].as_str().map(str::to_owned);
    Ok(items.iter().filter_map(name).collect())
}
