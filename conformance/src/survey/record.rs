//! The results of a survey: the server's lists, and one use of each entry.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::behaviour::Behaviour;
use super::listing::{List, Listing};
use super::templates;
use crate::driver::client_role::Asked;
use crate::driver::log::Log;
use crate::driver::{Body, Reply};
use crate::model::duration::in_words;
use crate::model::{Finding, LeftOut};
use crate::wire::shapes::quoted;

/// The number of entries of a list that are used.
pub const MAX_USES: usize = 150;
/// The number of tools that are called with invalid arguments.
pub const MAX_BROKEN: usize = 40;

/// The length in characters up to which messages show arguments.
const SHOWN: usize = 160;

/// A call of a tool.
#[derive(Clone, Debug)]
pub struct ToolCall {
    /// Its name.
    pub tool: String,
    /// The arguments.
    pub arguments: Value,
    /// The reply.
    pub reply: Reply,
    /// The messages during the call.
    pub behaviour: Behaviour,
    /// The duration.
    pub took: Duration,
    /// True if neither it nor a ping after it got anything.
    pub hung: bool,
    /// True if the server was lost with it, as far as other sessions show.
    pub lost: bool,
}

impl ToolCall {
    /// Returns the parameters of the call.
    pub fn params(&self) -> Value {
        json!({"name": self.tool, "arguments": self.arguments})
    }

    /// Returns the name and the arguments for a message.
    pub fn shown(&self) -> String {
        format!(
            "{} {}",
            self.tool,
            quoted(&self.arguments.to_string(), SHOWN)
        )
    }

    /// Returns true if its HTTP request got no answer.
    pub fn has_no_answer(&self) -> bool {
        matches!(self.reply.body, Body::Refused(_)) && self.reply.status.is_none()
    }

    /// Returns true if the call cost the session: the server ended, or hangs. Further calls of the
    /// tool would only show the same again.
    pub fn was_fatal(&self) -> bool {
        matches!(self.reply.body, Body::Closed(_)) || self.has_no_answer() || self.hung
    }

    /// Returns true for a result without `isError`.
    pub fn succeeded(&self) -> bool {
        self.reply
            .result()
            .is_ok_and(|result| result["isError"] != true)
    }
}

/// A read, a prompt or a completion.
#[derive(Clone, Debug)]
pub struct Use {
    /// The name, URI or template in the list.
    pub name: String,
    /// The parameters.
    pub params: Value,
    /// The reply.
    pub reply: Reply,
}

/// The results of a survey.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// The messages of the survey.
    pub log: Option<Arc<Log>>,
    /// The list of tools.
    pub tools: Listing,
    /// The list of resources.
    pub resources: Listing,
    /// The list of templates.
    pub templates: Listing,
    /// The list of prompts.
    pub prompts: Listing,
    /// One call of each tool.
    pub calls: Vec<ToolCall>,
    /// Further calls of quick tools, with other valid arguments.
    pub further: Vec<ToolCall>,
    /// One read of each resource.
    pub reads: Vec<Use>,
    /// One read of an expansion of each template.
    pub expansions: Vec<Use>,
    /// One use of each prompt, with the required arguments.
    pub gets: Vec<Use>,
    /// One use of each prompt with optional arguments, with all arguments.
    pub full_gets: Vec<Use>,
    /// One completion for each argument of a prompt and variable of a template.
    pub completions: Vec<Use>,
    /// The lists whose changes the server promises to announce, read again at the end of the
    /// session in which the tools were called.
    pub relisted: Vec<(List, Listing)>,
    /// Completions with the values of the preceding arguments.
    pub contextual: Vec<Use>,
    /// Features that could not be used, with reasons.
    pub left_out: Vec<LeftOut>,
}

impl Survey {
    /// Returns one of the lists.
    pub fn listing(&self, list: List) -> &Listing {
        match list {
            List::Tools => &self.tools,
            List::Resources => &self.resources,
            List::Templates => &self.templates,
            List::Prompts => &self.prompts,
        }
    }

    pub(super) fn listing_mut(&mut self, list: List) -> &mut Listing {
        match list {
            List::Tools => &mut self.tools,
            List::Resources => &mut self.resources,
            List::Templates => &mut self.templates,
            List::Prompts => &mut self.prompts,
        }
    }

    /// Returns all calls with a result without `isError`.
    pub fn successes(&self) -> impl Iterator<Item = &ToolCall> {
        let calls = self.calls.iter().chain(&self.further);
        calls.filter(|call| call.succeeded())
    }

    /// Returns the quickest call that satisfies a condition.
    pub fn quickest(&self, holds: impl Fn(&ToolCall) -> bool) -> Option<&ToolCall> {
        self.calls
            .iter()
            .filter(|call| holds(call))
            .min_by_key(|call| call.took)
    }

    /// Returns a call of a tool that sends this request to the client and then succeeds: one with as few
    /// other requests as possible, of these the quickest. A client that treats one request differently is
    /// then sure of its effect.
    ///
    /// # Errors
    ///
    /// A skip when there is none.
    pub fn asking(&self, asked: Asked) -> Result<&ToolCall, Finding> {
        let asks = |call: &&ToolCall| call.behaviour.asked(asked) > 0 && call.succeeded();
        let calls = self.calls.iter().filter(asks);
        let found = calls.min_by_key(|call| (call.behaviour.requests(), call.took));
        found.ok_or_else(|| Finding::Skip(format!("no tool was seen to send {}", asked.method())))
    }

    /// Returns a call that takes at least this long, preferably one that timed out.
    ///
    /// # Errors
    ///
    /// A skip when there is none.
    pub fn lasting(&self, least: Duration) -> Result<&ToolCall, Finding> {
        let mut waiting = self.calls.iter().filter(|call| call.reply.is_silence());
        let waits = waiting.find(|call| !call.hung);
        let slow = || self.quickest(|call| call.took >= least && !call.was_fatal());
        waits.or_else(slow).ok_or_else(|| {
            Finding::Skip(format!("no tool was seen to run for {}", in_words(least)))
        })
    }

    /// Finds a tool that returns its text argument, with the argument's name.
    pub fn echo(&self) -> Option<(&ToolCall, &str)> {
        self.calls
            .iter()
            .filter(|call| call.succeeded())
            .find_map(|call| {
                let (name, value) = call.arguments.as_object()?.iter().next()?;
                let given = value.as_str().filter(|given| !given.is_empty())?;
                let texts = texts_of(call.reply.result().ok()?);
                texts
                    .iter()
                    .any(|text| text.contains(given))
                    .then_some((call, name.as_str()))
            })
    }

    pub(super) fn leave_out(&mut self, what: String, why: impl Into<String>) {
        self.left_out.push(LeftOut {
            what,
            why: why.into(),
        });
    }

    /// Returns everything that can be completed, with names and parameters.
    pub fn completable(&self) -> Vec<(String, Value)> {
        let mut all = Vec::new();
        let mut add = |reference: Value, owner: &str, argument: &str| {
            let params = json!({"ref": reference, "argument": {"name": argument, "value": ""}});
            all.push((format!("{owner} {argument}"), params));
        };
        for prompt in &self.prompts.items {
            let name = prompt["name"].as_str().unwrap_or_default();
            for argument in prompt["arguments"].as_array().into_iter().flatten() {
                let argument = argument["name"].as_str().unwrap_or_default();
                add(json!({"type": "ref/prompt", "name": name}), name, argument);
            }
        }
        for template in self.templates.names(List::Templates) {
            for variable in templates::variables(template) {
                add(
                    json!({"type": "ref/resource", "uri": template}),
                    template,
                    &variable,
                );
            }
        }
        all
    }
}

/// Returns the texts in a tool's result.
pub fn texts_of(result: &Value) -> Vec<&str> {
    result["content"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|block| block["text"].as_str())
        .collect()
}
