//! A survey of a server: its lists, and one use of everything on them.
//!
//! Tools are called with arguments made from their schemas. A tool that says
//! `destructiveHint: true` (and not `readOnlyHint: true`) is left alone unless
//! that is asked for; a tool that says nothing is called.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::behaviour::Behaviour;
use super::listing::{self, List, Listing};
use super::{arguments, templates};
use crate::bench::Bench;
use crate::checks::Finding;
use crate::driver::client_role::Asked;
use crate::driver::log::Log;
use crate::driver::session::{Pending, with_token};
use crate::driver::{Body, Reply, Session};
use crate::duration::in_words;
use crate::wire::shapes::shorten;

/// How many entries of a list are used at most.
pub(super) const MOST_USES: usize = 150;
/// How many tools are called with invalid arguments at most.
pub const MOST_BROKEN: usize = 40;
/// How many resources are subscribed to while tools are called.
const MOST_SUBSCRIPTIONS: usize = 50;

/// A call of a tool.
#[derive(Clone, Debug)]
pub struct ToolCall {
    /// Its name.
    pub tool: String,
    /// The arguments that were made for it.
    pub arguments: Value,
    /// What came back.
    pub reply: Reply,
    /// What it did meanwhile.
    pub behaviour: Behaviour,
    /// How long it took.
    pub took: Duration,
}

impl ToolCall {
    /// The parameters of the call.
    pub fn params(&self) -> Value {
        json!({"name": self.tool, "arguments": self.arguments})
    }

    /// Whether it gave a result without `isError`.
    pub fn succeeded(&self) -> bool {
        self.reply
            .result()
            .is_ok_and(|result| result["isError"] != true)
    }
}

/// Something that was read, fetched or completed.
#[derive(Clone, Debug)]
pub struct Use {
    /// The name, URI or template in the list.
    pub name: String,
    /// The parameters that were sent.
    pub params: Value,
    /// What came back.
    pub reply: Reply,
}

/// Something that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// What.
    pub what: String,
    /// Why.
    pub why: String,
}

/// What a survey found.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// What went over the wire meanwhile.
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
    /// Further calls of tools that were quick, with other arguments that
    /// their schemas allow.
    pub further: Vec<ToolCall>,
    /// One read of each resource.
    pub reads: Vec<Use>,
    /// One read of an expansion of each template.
    pub expansions: Vec<Use>,
    /// One use of each prompt, with the arguments that it requires.
    pub gets: Vec<Use>,
    /// One use of each prompt that has optional arguments, with all arguments.
    pub full_gets: Vec<Use>,
    /// One completion for each argument of a prompt and variable of a template.
    pub completions: Vec<Use>,
    /// The lists whose changes the server promises to announce, read once more
    /// at the end, in the session in which the tools were called.
    pub relisted: Vec<(List, Listing)>,
    /// Completions that were told the values of the arguments before.
    pub contextual: Vec<Use>,
    /// What could not be used, and why.
    pub left_out: Vec<LeftOut>,
}

impl Survey {
    /// Makes a survey.
    ///
    /// # Errors
    ///
    /// When no session comes about.
    pub async fn make(bench: &Bench) -> Result<Self, Finding> {
        let session = bench.session().await?;
        let mut survey = Self {
            log: Some(session.log().clone()),
            ..Self::default()
        };
        for list in List::ALL {
            if session.offers(list.capability(), None) {
                *survey.listing_mut(list) = listing::read(&session, list).await;
            }
        }
        survey.use_resources(&session).await;
        survey.use_templates(&session).await;
        survey.use_prompts(&session).await;
        survey.use_completions(&session).await;
        survey.note_unread();
        survey.use_tools(bench, session).await?;
        survey.use_tools_further(bench).await?;
        survey.note_only_failed();
        survey.note_unbroken();
        Ok(survey)
    }

    /// One of the lists.
    pub fn listing(&self, list: List) -> &Listing {
        match list {
            List::Tools => &self.tools,
            List::Resources => &self.resources,
            List::Templates => &self.templates,
            List::Prompts => &self.prompts,
        }
    }

    fn listing_mut(&mut self, list: List) -> &mut Listing {
        match list {
            List::Tools => &mut self.tools,
            List::Resources => &mut self.resources,
            List::Templates => &mut self.templates,
            List::Prompts => &mut self.prompts,
        }
    }

    /// All calls that gave a result without `isError`.
    pub fn successes(&self) -> impl Iterator<Item = &ToolCall> {
        let calls = self.calls.iter().chain(&self.further);
        calls.filter(|call| call.succeeded())
    }

    /// The quickest call for which this holds.
    pub fn quickest(&self, holds: impl Fn(&ToolCall) -> bool) -> Option<&ToolCall> {
        self.calls
            .iter()
            .filter(|call| holds(call))
            .min_by_key(|call| call.took)
    }

    /// A tool that asks the client for this and then succeeds.
    ///
    /// # Errors
    ///
    /// A skip when there is none.
    pub fn asking(&self, asked: Asked) -> Result<&ToolCall, Finding> {
        let found = self.quickest(|call| call.behaviour.asked(asked) > 0 && call.succeeded());
        found.ok_or_else(|| Finding::Skip(format!("no tool was seen to send {}", asked.method())))
    }

    /// A tool that runs for so long or longer: one that did not end in time
    /// before others.
    ///
    /// # Errors
    ///
    /// A skip when there is none.
    pub fn lasting(&self, least: Duration) -> Result<&ToolCall, Finding> {
        let waits = self.calls.iter().find(|call| call.reply.is_silence());
        let slow = || self.quickest(|call| call.took >= least);
        waits.or_else(slow).ok_or_else(|| {
            Finding::Skip(format!("no tool was seen to run for {}", in_words(least)))
        })
    }

    /// A tool that takes one text and gives it back, with the argument's name.
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

    async fn use_resources(&mut self, session: &Session) {
        let uris: Vec<String> = self
            .resources
            .names(List::Resources)
            .into_iter()
            .map(str::to_owned)
            .collect();
        for (index, uri) in uris.into_iter().enumerate() {
            if index >= MOST_USES {
                self.leave_out(
                    format!("resource {uri}"),
                    format!("only the first {MOST_USES} are read"),
                );
                continue;
            }
            let params = json!({"uri": uri});
            let reply = session.request("resources/read", params.clone()).await;
            self.reads.push(Use {
                name: uri,
                params,
                reply,
            });
        }
    }

    /// Everything that can be completed: its name and the parameters.
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

    async fn use_tools(&mut self, bench: &Bench, mut session: Session) -> Result<(), Finding> {
        let mut subscribed = self.prepare(&session).await;
        let mut changed = false;
        for tool in self.tools.items.clone() {
            let name = tool["name"].as_str().unwrap_or_default().to_owned();
            if let Some(why) = bench.conduct().refusal(&tool) {
                self.leave_out(format!("tool {name}"), why);
                continue;
            }
            let arguments = match arguments::valid(&tool["inputSchema"]) {
                Ok(arguments) => arguments,
                Err(why) => {
                    self.leave_out(
                        format!("tool {name}"),
                        format!("no arguments could be made: {why}"),
                    );
                    continue;
                }
            };
            if !session.is_open() {
                session = bench.session().await?;
                subscribed = self.prepare(&session).await;
            }
            let from = session.log().len();
            let call = call_tool(&session, name, arguments).await;
            if let Some(why) = unexercised(&call) {
                self.leave_out(format!("tool {}", call.tool), why);
            }
            self.calls.push(call);
            // What follows soon after another notification of the kind a
            // server may hold back, so that it floods nobody.
            let patience = if changed {
                session.timing().quiet * 4
            } else {
                Duration::ZERO
            };
            changed = session
                .log()
                .wait_for(from, patience, |entry| {
                    entry.is("notifications/tools/list_changed")
                })
                .await
                .is_some();
            if changed {
                // As a client should; what it listed before may be forgotten.
                listing::read(&session, List::Tools).await;
            }
        }
        self.relist(&session).await;
        for uri in subscribed {
            session
                .request("resources/unsubscribe", json!({"uri": uri}))
                .await;
        }
        Ok(())
    }

    /// A session that was opened meanwhile shows nothing of what tools changed
    /// before, and without a listening stream nothing can be announced.
    async fn relist(&mut self, session: &Session) {
        let same = |log: &Arc<Log>| Arc::ptr_eq(log, session.log());
        if !self.log.as_ref().is_some_and(same) || !session.is_listening() {
            return;
        }
        for list in List::ALL {
            if session.offers(list.capability(), Some("listChanged")) {
                self.relisted
                    .push((list, listing::read(session, list).await));
            }
        }
    }

    /// Lets the server show what it can: all log levels, all updates.
    async fn prepare(&self, session: &Session) -> Vec<String> {
        if session.offers("logging", None) {
            session
                .request("logging/setLevel", json!({"level": "debug"}))
                .await;
        }
        if !session.offers("resources", Some("subscribe")) {
            return Vec::new();
        }
        let uris = self
            .resources
            .names(List::Resources)
            .into_iter()
            .take(MOST_SUBSCRIPTIONS);
        let uris: Vec<String> = uris.map(str::to_owned).collect();
        for uri in &uris {
            session
                .request("resources/subscribe", json!({"uri": uri}))
                .await;
        }
        uris
    }
}

/// Whether a tool says that it destroys something. The default of the hint is
/// not applied: nearly all tools say nothing, and nothing could be called.
pub fn is_destructive(tool: &Value) -> bool {
    let hints = &tool["annotations"];
    hints["destructiveHint"] == true && hints["readOnlyHint"] != true
}

/// Why a call with arguments that the schema allows shows nothing of the
/// tool, if it does not.
pub(super) fn unexercised(call: &ToolCall) -> Option<String> {
    match &call.reply.body {
        Body::Result(_) => None,
        Body::Error(error) => {
            // Further lines are for whoever looks into it.
            let message = shorten(error.message.lines().next().unwrap_or_default(), 160);
            Some(format!("answered with error {}: {message}", error.code))
        }
        Body::Silence(_) => Some(format!("it did not end within {}", in_words(call.took))),
        Body::Refused(_) | Body::Closed(_) => Some(format!("its call got {}", call.reply.came())),
    }
}

/// Calls a tool with a progress token; cancels it when it does not end in time.
pub(super) async fn call_tool(session: &Session, tool: String, arguments: Value) -> ToolCall {
    let token = json!(format!("survey of {tool}"));
    let params = with_token(json!({"name": tool, "arguments": arguments}), token.clone());
    let began = session.log().now();
    let pending = session.begin("tools/call", params).await;
    let reply = patient_reply(session, &pending, &token).await;
    let took = session.log().now() - began;
    if reply.is_silence() {
        session.cancel(&pending.id).await;
        if session.fence().await.is_err() {
            session.close_now().await;
        }
    } else {
        // What the tool said outside its request may still be on its way.
        let _ = session.fence().await;
        if session.is_listening() {
            // The fence took another way than the listening stream.
            tokio::time::sleep(session.timing().quiet / 6).await;
        }
    }
    let entries = session.log().since(pending.from);
    let heard = entries
        .iter()
        .map(AsRef::as_ref)
        .filter(|entry| entry.from_server());
    let behaviour = Behaviour::of(heard, pending.via, &token);
    ToolCall {
        tool,
        arguments,
        reply,
        behaviour,
        took,
    }
}

/// Waits for the end of a call, and longer where it goes on reporting progress.
async fn patient_reply(session: &Session, pending: &Pending, token: &Value) -> Reply {
    let timing = session.timing();
    let reports = || {
        let heard = session.log().since(pending.from).into_iter();
        let told = |params: &Value| params["progressToken"] == *token;
        let reported = heard
            .filter(|entry| entry.is("notifications/progress") && entry.params().is_some_and(told));
        reported.count()
    };
    let began = session.log().now();
    let mut known = 0;
    loop {
        let left = (began + timing.progressing).saturating_sub(session.log().now());
        let reply = session.reply(pending, timing.call.min(left)).await;
        let so_far = reports();
        let over = began + timing.progressing <= session.log().now();
        if !reply.is_silence() || so_far == known || over {
            return reply;
        }
        known = so_far;
    }
}

/// The texts of a tool's result.
pub fn texts_of(result: &Value) -> Vec<&str> {
    result["content"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|block| block["text"].as_str())
        .collect()
}
