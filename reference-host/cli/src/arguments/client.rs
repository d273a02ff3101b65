//! Options of the commands that make a request: the client's side of MCP.

use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::{Map, Value, json};
use wasi_mcp_host::protocol::LogLevel;

use super::values::seconds;

#[derive(Debug, Args)]
#[command(next_help_heading = "Client")]
pub(crate) struct ClientArguments {
    /// Answer a form of the component; may be repeated for further forms
    ///
    /// A JSON object accepts the form with these values; omitted fields take
    /// their defaults. The last answer is used for all further forms. Without
    /// this option, forms are filled in at the terminal, if there is one.
    ///
    /// Example: --elicit '{"name": "Ada", "age": 36}'
    #[arg(long, value_name = "JSON|decline|cancel", value_parser = form_answer)]
    pub(crate) elicit: Vec<FormAnswer>,

    /// Answer sampling requests with this text
    ///
    /// Example: --sampling-answer 'A short text.'
    #[arg(long, value_name = "TEXT")]
    pub(crate) sampling_answer: Option<String>,

    /// Answer sampling requests with this command
    ///
    /// The command is split into words, without a shell. It reads the parameters of
    /// `sampling/createMessage` as a line of JSON, and writes the result as
    /// JSON.
    ///
    /// Example: --sampling-command 'python3 model.py'
    #[arg(long, value_name = "COMMAND", value_parser = words, conflicts_with = "sampling_answer")]
    pub(crate) sampling_command: Option<Words>,

    /// Offer a root, a file URI; may be repeated
    ///
    /// Example: --root file:///home/me/project=Project
    #[arg(long = "root", value_name = "URI[=NAME]", value_parser = root)]
    pub(crate) roots: Vec<Root>,

    /// Ask the component for log messages of this level and above
    #[arg(long, value_name = "LEVEL", value_parser = level())]
    pub(crate) log_level: Option<LogLevel>,

    /// Time limit of the request, not counting the time that the component waits for answers
    /// [default: 300]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<Duration>,

    /// Show neither progress nor log messages of the component
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// An answer to a form, given in advance.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum FormAnswer {
    Accept(Map<String, Value>),
    Decline,
    Cancel,
}

fn form_answer(text: &str) -> Result<FormAnswer, String> {
    match text {
        "decline" => Ok(FormAnswer::Decline),
        "cancel" => Ok(FormAnswer::Cancel),
        _ => serde_json::from_str(text)
            .map(FormAnswer::Accept)
            .map_err(|error| format!("expected a JSON object, `decline` or `cancel`: {error}")),
    }
}

/// A program and its arguments.
#[derive(Debug, Clone)]
pub(crate) struct Words(pub(crate) Vec<String>);

fn words(text: &str) -> Result<Words, String> {
    match shlex::split(text) {
        Some(words) if !words.is_empty() => Ok(Words(words)),
        Some(_) => Err("expected a program and its arguments".to_owned()),
        None => Err("a quotation mark is missing".to_owned()),
    }
}

/// A root of the client.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Root {
    uri: String,
    name: Option<String>,
}

impl Root {
    /// Returns the root as JSON of MCP.
    pub(crate) fn to_json(&self) -> Value {
        let mut root = json!({ "uri": self.uri });
        if let Some(name) = &self.name {
            root["name"] = name.as_str().into();
        }
        root
    }
}

fn root(text: &str) -> Result<Root, String> {
    let (uri, name) = match text.split_once('=') {
        Some((uri, name)) => (uri, Some(name.to_owned())),
        None => (text, None),
    };
    if !uri.starts_with("file:///") {
        return Err(
            "expected a file URI, optionally with =NAME, such as file:///home/me/project"
                .to_owned(),
        );
    }
    Ok(Root {
        uri: uri.to_owned(),
        name,
    })
}

/// Reads a level of log messages as MCP spells it.
fn level() -> impl TypedValueParser<Value = LogLevel> {
    PossibleValuesParser::new(LogLevel::ALL.map(LogLevel::name))
        .try_map(|name| LogLevel::from_name(&name).ok_or("unknown level"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_answered_by_an_object_or_a_word() {
        assert_eq!(form_answer("decline"), Ok(FormAnswer::Decline));
        assert_eq!(form_answer("cancel"), Ok(FormAnswer::Cancel));
        assert_eq!(form_answer("{}"), Ok(FormAnswer::Accept(Map::new())));
        for text in ["", "accept", "[1]", "{", "null"] {
            let error = form_answer(text).unwrap_err();
            assert!(error.contains("`decline`"), "{text}: {error}");
        }
    }

    #[test]
    fn roots_are_file_uris() {
        let named = root("file:///a/b=My project").unwrap();
        assert_eq!(
            named.to_json(),
            json!({ "uri": "file:///a/b", "name": "My project" })
        );
        assert_eq!(
            root("file:///a").unwrap().to_json(),
            json!({ "uri": "file:///a" })
        );
        for text in ["", "/a", "a=b", "https://example.com", "file://host/a"] {
            assert!(root(text).is_err(), "{text}");
        }
    }

    #[test]
    fn commands_are_split_into_words() {
        assert_eq!(words("a 'b c' d").unwrap().0, ["a", "b c", "d"]);
        assert!(words("").is_err() && words("a 'b").is_err());
    }
}
