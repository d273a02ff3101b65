//! One use of each template, prompt and completion of a survey.

use std::time::Instant;

use serde_json::{Map, Value, json};

use super::guesses::{Guess, Trial};
use super::listing::{List, UNUSABLE};
use super::record::{MAX_BROKEN, MAX_USES, Survey, ToolCall, Use, texts_of};
use super::templates;
use super::values::{completed, completion, first_of, plausible};
use crate::arguments;
use crate::driver::{Reply, Session, SessionPool};
use crate::model::Finding;
use crate::wire::shapes::quoted;

impl Survey {
    pub(super) async fn use_resources(&mut self, sessions: &SessionPool) -> Result<(), Finding> {
        let uris: Vec<String> = self
            .resources
            .names(List::Resources)
            .into_iter()
            .map(str::to_owned)
            .collect();
        for (index, uri) in uris.into_iter().enumerate() {
            if index >= MAX_USES {
                self.leave_out(
                    format!("resource {uri}"),
                    format!("only the first {MAX_USES} are read"),
                );
                continue;
            }
            let params = json!({"uri": uri});
            let session = sessions.live_session().await?;
            let reply = session.request("resources/read", params.clone()).await;
            self.reads.push(Use {
                name: uri,
                params,
                reply,
            });
        }
        Ok(())
    }

    /// Notes lists that were not read to their end, and entries beyond the number that is used.
    pub(super) fn note_unread(&mut self) {
        for list in List::ALL {
            for what in self.listing(list).unusable.clone() {
                self.leave_out(what, UNUSABLE);
            }
            let listing = self.listing(list);
            if listing.is_unknown() {
                let why = "the server does not know the method".to_owned();
                self.leave_out(list.method().to_owned(), why);
            } else if !listing.pages.is_empty() && !listing.complete && !listing.ends_unusable {
                let why = match listing.pages.len() {
                    1 => "not all of it: only 1 page was read".to_owned(),
                    pages => format!("not all of it: only {pages} pages were read"),
                };
                self.leave_out(list.method().to_owned(), why);
            }
        }
        for (list, what) in [(List::Templates, "template"), (List::Prompts, "prompt")] {
            let beyond = self.listing(list).names(list).into_iter().skip(MAX_USES);
            let beyond: Vec<String> = beyond.map(|name| format!("{what} {name}")).collect();
            for name in beyond {
                self.leave_out(name, format!("only the first {MAX_USES} are used"));
            }
        }
    }

    /// Notes tools whose results all had `isError`: most of their behaviour was not seen.
    pub(super) fn note_only_failed(&mut self) {
        let failed = |call: &&ToolCall| call.reply.result().is_ok() && !call.succeeded();
        let only_failed = self.calls.iter().filter(failed).filter(|call| {
            let mut successes = self.successes();
            !successes.any(|other| other.tool == call.tool)
        });
        let only_failed: Vec<_> = only_failed
            .map(|call| {
                let result = call.reply.result().ok();
                let text = result.and_then(|result| texts_of(result).first().copied());
                let first = text
                    .and_then(|text| text.lines().next())
                    .unwrap_or_default();
                let why = format!("answered only isError: {}", quoted(first, 160));
                (format!("tool {}", call.tool), why)
            })
            .collect();
        only_failed
            .into_iter()
            .for_each(|(what, why)| self.leave_out(what, why));
    }

    /// Notes tools that are not called with invalid arguments: those beyond the limit, and those
    /// whose schema cannot be broken in a single place.
    pub(super) fn note_unbroken(&mut self) {
        let calls = self.calls.iter().enumerate();
        let unbroken = calls.filter_map(|(index, call)| {
            let schema = &self.tools.get(List::Tools, &call.tool)?["inputSchema"];
            let breakable = schema["properties"]
                .as_object()
                .is_some_and(|all| !all.is_empty());
            let why = if !breakable {
                return None;
            } else if index >= MAX_BROKEN {
                format!("only the first {MAX_BROKEN} tools are called with invalid arguments")
            } else if arguments::invalid(schema).is_empty() {
                "no arguments found that break its schema in exactly one place".to_owned()
            } else {
                return None;
            };
            Some((format!("invalid arguments for tool {}", call.tool), why))
        });
        let unbroken: Vec<_> = unbroken.collect();
        unbroken
            .into_iter()
            .for_each(|(what, why)| self.leave_out(what, why));
    }

    /// Reads an expansion of each template. Values come from completions, else from the names of
    /// variables, else are "1".
    pub(super) async fn use_templates(&mut self, sessions: &SessionPool) -> Result<(), Finding> {
        let all = self
            .templates
            .names(List::Templates)
            .into_iter()
            .take(MAX_USES);
        let all: Vec<String> = all.map(str::to_owned).collect();
        for template in all {
            let mut last: Option<Use> = None;
            let session = sessions.live_session().await?;
            for uri in candidates(&session, &template).await {
                let params = json!({"uri": uri});
                let reply = session.request("resources/read", params.clone()).await;
                let read = reply.result().is_ok();
                last = Some(Use {
                    name: template.clone(),
                    params,
                    reply,
                });
                if read || !session.is_open() {
                    break;
                }
            }
            let Some(last) = last else { continue };
            if last.reply.result().is_err() {
                let why = format!(
                    "no working value was found: reading {} got {}",
                    last.params["uri"],
                    last.reply.came()
                );
                self.leave_out(format!("template {template}"), why);
            }
            self.expansions.push(last);
        }
        Ok(())
    }

    /// Gets each prompt with its required arguments and, if it has optional ones, with all.
    pub(super) async fn use_prompts(&mut self, sessions: &SessionPool) -> Result<(), Finding> {
        for prompt in self.prompts.items.clone().into_iter().take(MAX_USES) {
            let name = prompt["name"].as_str().unwrap_or_default().to_owned();
            let session = sessions.live_session().await?;
            let guesses = self.guesses_of(&prompt, &session).await;
            let (required, optional) = guesses.into_iter().partition(|it: &Guess| it.required);
            let optional: Vec<Guess> = optional;
            let (used, given) = get_with(&session, &name, Map::new(), required).await;
            self.note_failure(format!("prompt {name}"), &used.reply);
            self.gets.push(used);
            if !optional.is_empty() {
                let session = sessions.live_session().await?;
                let (used, _) = get_with(&session, &name, given, optional).await;
                self.note_failure(
                    format!("prompt {name} with optional arguments"),
                    &used.reply,
                );
                self.full_gets.push(used);
            }
        }
        Ok(())
    }

    /// Returns possible values for each argument of a prompt. Each completion knows the first
    /// values of the preceding ones.
    async fn guesses_of(&self, prompt: &Value, session: &Session) -> Vec<Guess> {
        let reference = json!({"type": "ref/prompt", "name": prompt["name"]});
        let uris = self.resources.names(List::Resources);
        let mut known = Map::new();
        let mut guesses = Vec::new();
        for argument in prompt["arguments"].as_array().into_iter().flatten() {
            let Some(name) = argument["name"].as_str() else {
                continue;
            };
            let completed = completed(session, &reference, name, &known).await;
            let guess = Guess::new(argument, completed, plausible(name), &uris);
            known.insert(name.to_owned(), guess.values[0].clone().into());
            guesses.push(guess);
        }
        guesses
    }

    fn note_failure(&mut self, what: String, reply: &Reply) {
        if reply.result().is_err() {
            self.leave_out(what, format!("it got {}", reply.came()));
        }
    }

    /// Completes each argument and each variable. Those after the first are completed again with
    /// the values of the preceding ones.
    pub(super) async fn use_completions(&mut self, sessions: &SessionPool) -> Result<(), Finding> {
        if !sessions.session().await?.offers("completions", None) {
            return Ok(());
        }
        let mut reference = Value::Null;
        let mut known = Map::new();
        for (name, params) in self.completable() {
            if params["ref"] != reference {
                reference = params["ref"].clone();
                known = Map::new();
            }
            let argument = params["argument"]["name"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            let session = sessions.live_session().await?;
            let reply = session.request("completion/complete", params.clone()).await;
            self.note_failure(format!("completion of {name}"), &reply);
            let mut first = first_of(&reply);
            if !known.is_empty() {
                let params = completion(&reference, &argument, &known);
                let reply = session.request("completion/complete", params.clone()).await;
                first = first_of(&reply).or(first);
                self.contextual.push(Use {
                    name: name.clone(),
                    params,
                    reply,
                });
            }
            if let Some(value) = first {
                known.insert(argument, value.into());
            }
            self.completions.push(Use {
                name,
                params,
                reply,
            });
        }
        Ok(())
    }
}

/// Returns candidate expansions of a template, the best first.
async fn candidates(session: &Session, template: &str) -> Vec<String> {
    let reference = json!({"type": "ref/resource", "uri": template});
    let mut known = Map::new();
    for variable in templates::variables(template) {
        let values = completed(session, &reference, &variable, &known).await;
        if let Some(value) = values.into_iter().next() {
            known.insert(variable, value.into());
        }
    }
    let value_of = |name: &str| known.get(name).and_then(Value::as_str).map(str::to_owned);
    let with_completions = (!known.is_empty()).then(|| {
        templates::expand(template, |name| {
            value_of(name).unwrap_or_else(|| plausible(name))
        })
    });
    let mut all: Vec<String> = with_completions.into_iter().collect();
    for uri in [
        templates::expand(template, |_| "1".to_owned()),
        templates::expand(template, plausible),
    ] {
        if !all.contains(&uri) {
            all.push(uri);
        }
    }
    all
}

/// Gets a prompt with these arguments and guessed ones, until it accepts them. Returns the accepted
/// use, else the first one, and its arguments.
async fn get_with(
    session: &Session,
    name: &str,
    given: Map<String, Value>,
    guesses: Vec<Guess>,
) -> (Use, Map<String, Value>) {
    let with = |values: Vec<String>| -> Map<String, Value> {
        let names = guesses.iter().map(|guess| guess.name.clone());
        let guessed = names.zip(values.into_iter().map(Value::from));
        given.clone().into_iter().chain(guessed).collect()
    };
    let first = with(guesses.iter().map(|it| it.values[0].clone()).collect());
    let used = get(session, name, first.clone()).await;
    let mut trial = Trial::new(guesses.clone());
    let mut refusal = refusal_of(&used.reply);
    let began = Instant::now();
    while let Some(message) = refusal
        && began.elapsed() < session.timing().answer
    {
        let Some(values) = trial.next(&message) else {
            break;
        };
        let arguments = with(values);
        let again = get(session, name, arguments.clone()).await;
        if again.reply.result().is_ok() {
            return (again, arguments);
        }
        refusal = refusal_of(&again.reply);
    }
    (used, first)
}

/// Returns the message of an error.
fn refusal_of(reply: &Reply) -> Option<String> {
    reply.error().ok().map(|error| error.message.clone())
}

async fn get(session: &Session, name: &str, arguments: Map<String, Value>) -> Use {
    let params = json!({"name": name, "arguments": arguments});
    let reply = session.request("prompts/get", params.clone()).await;
    Use {
        name: name.to_owned(),
        params,
        reply,
    }
}
