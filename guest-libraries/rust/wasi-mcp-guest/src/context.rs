//! The request that a function works on.

use serde::Serialize;
use wasi_mcp_types::capabilities::Client;
use wasi_mcp_types::content::{
    CreateMessageParams, CreateMessageResult, ElicitParams, ElicitResult, ListRootsResult,
    Progress, Root, SamplingContent, SamplingMessage, TextContent,
};
use wasi_mcp_types::types::{Error, ErrorCode, LogLevel, Principal, Role};

use crate::bindings::wasi::mcp::context::RequestContext;
use crate::bindings::wasi::mcp::{identity, logging};
use crate::edge;
use crate::elicitation::{Elicited, Form};
use crate::errors::internal;

/// The request that a function works on: progress, logs, and what a server asks of its client.
///
/// A function gets it as a parameter of the type `Context` or `&Context`. The component imports only
/// the interfaces whose methods are called, so that its imports show what it can ask.
///
/// Errors of the methods convert into a failure of the tool with `?`: the client may lack the
/// capability, refuse, take too long, or cancel the request.
pub struct Context {
    /// Absent outside of a component.
    request: Option<RequestContext>,
    extra: Option<String>,
}

impl Context {
    /// Returns the context of a request, in an export of one's own.
    pub fn new(request: RequestContext) -> Self {
        Self {
            request: Some(request),
            extra: None,
        }
    }

    /// Returns a context without a request, to test functions outside of a component.
    ///
    /// Whatever would reach the client returns an error with the code `invalid-state`, and what
    /// describes the request is empty.
    pub fn detached() -> Self {
        Self {
            request: None,
            extra: None,
        }
    }

    /// Sets the members of the parameters that the interface does not name.
    pub(crate) fn set_extra(&mut self, extra: Option<String>) {
        self.extra = extra;
    }

    /// Returns the handle of the bindings, for the functions that they have.
    pub fn request(&self) -> Result<&RequestContext, Error> {
        self.request.as_ref().ok_or_else(|| {
            Error::new(
                ErrorCode::InvalidState,
                "the context is detached: there is no request",
            )
        })
    }

    /// Returns the id of the request as JSON text; `None` for a notification.
    pub fn id(&self) -> Option<String> {
        self.request.as_ref()?.get_id()
    }

    /// Returns `_meta` of the request, as JSON text.
    pub fn meta(&self) -> Option<String> {
        self.request.as_ref()?.get_meta()
    }

    /// Returns the members of the request's parameters that the interface does not name, as JSON
    /// text.
    pub fn extra(&self) -> Option<&str> {
        self.extra.as_deref()
    }

    /// Returns the token with which the client asked for progress, as JSON text. Without one,
    /// measuring progress is a waste.
    pub fn progress_token(&self) -> Option<String> {
        self.request.as_ref()?.get_progress_token()
    }

    /// Returns the description of the client, with its capabilities.
    pub fn client(&self) -> Option<Client> {
        Some(self.request.as_ref()?.get_client())
    }

    /// Returns the authenticated party behind the request; `None` where the transport does not
    /// authenticate.
    pub fn principal(&self) -> Option<Principal> {
        identity::get_principal(self.request.as_ref()?)
    }

    /// Reports progress: `done` of `total`, where that is known. Each report must be greater than
    /// the last.
    pub fn progress(
        &self,
        done: f64,
        total: impl Into<Option<f64>>,
        message: impl Into<String>,
    ) -> Result<(), Error> {
        self.report_progress(&Progress {
            progress: done,
            total: total.into(),
            message: Some(message.into()),
        })
    }

    /// Reports progress with the record of the interface.
    pub fn report_progress(&self, progress: &Progress) -> Result<(), Error> {
        self.request()?.report_progress(progress)
    }

    /// Logs a value as part of the request: most often a text or a struct.
    pub fn log(&self, level: LogLevel, data: impl Serialize) -> Result<(), Error> {
        self.logger(None).log(level, data)
    }

    /// Returns a logger that names the part of the server that logs.
    pub fn logger<'a>(&'a self, name: impl Into<Option<&'a str>>) -> Logger<'a> {
        Logger {
            context: self,
            name: name.into(),
        }
    }

    /// Requests a message from the client's model.
    pub async fn sample(&self, params: CreateMessageParams) -> Result<CreateMessageResult, Error> {
        edge::create_message(self.request()?, params).await
    }

    /// Asks the client's model for a text of at most `max_tokens` tokens.
    pub async fn ask_model(
        &self,
        prompt: impl Into<String>,
        max_tokens: u32,
    ) -> Result<String, Error> {
        let answer = self
            .sample(CreateMessageParams {
                messages: vec![SamplingMessage {
                    role: Role::User,
                    content: SamplingContent::Text(TextContent {
                        text: prompt.into(),
                        ..TextContent::default()
                    }),
                }],
                max_tokens,
                ..CreateMessageParams::default()
            })
            .await?;
        match answer.content {
            SamplingContent::Text(content) => Ok(content.text),
            _ => Err(internal(
                "the model answered with something other than text",
            )),
        }
    }

    /// Asks the client's user to fill in a form, whose fields are those of a struct.
    ///
    /// Values that do not fit the form are an error: the host does not check them.
    pub async fn elicit<T: Form>(&self, message: impl Into<String>) -> Result<Elicited<T>, Error> {
        Elicited::read(
            self.elicit_form(ElicitParams {
                message: message.into(),
                requested_schema: T::requested_schema(),
                meta: None,
                extra: None,
            })
            .await?,
        )
    }

    /// Asks the client's user to fill in a form, with the records of the interface.
    pub async fn elicit_form(&self, params: ElicitParams) -> Result<ElicitResult, Error> {
        edge::elicit(self.request()?, params).await
    }

    /// Requests the folders and files that the client lets the server work in.
    pub async fn roots(&self) -> Result<Vec<Root>, Error> {
        Ok(self.list_roots(None).await?.roots)
    }

    /// Requests the roots with `_meta`, and returns the whole result.
    pub async fn list_roots(&self, meta: Option<String>) -> Result<ListRootsResult, Error> {
        edge::list_roots(self.request()?, meta).await
    }

    /// Returns whether the request was cancelled: its result is discarded.
    pub fn is_cancelled(&self) -> bool {
        self.request
            .as_ref()
            .is_some_and(RequestContext::is_cancelled)
    }

    /// Waits until the request is cancelled, and returns the reason, where there is one.
    ///
    /// Waits for ever on a detached context. In WASI 0.2 it blocks the instance until then, and does
    /// not learn the reason.
    pub async fn cancelled(&self) -> Option<String> {
        match &self.request {
            Some(request) => edge::cancelled(request).await,
            None => std::future::pending().await,
        }
    }
}

impl Clone for Context {
    /// Returns another handle to the request, for work that outlives the function.
    fn clone(&self) -> Self {
        Self {
            request: self.request.as_ref().map(RequestContext::clone),
            extra: self.extra.clone(),
        }
    }
}

/// Logs for a part of the server.
pub struct Logger<'a> {
    context: &'a Context,
    name: Option<&'a str>,
}

impl Logger<'_> {
    /// Logs a value as part of the request.
    pub fn log(&self, level: LogLevel, data: impl Serialize) -> Result<(), Error> {
        let request = self.context.request()?;
        logging::log(Some(request), level, self.name, &json(data)?)
    }
}

/// Logs a value to every session of this instance, outside of any request.
pub fn log_to_sessions(
    level: LogLevel,
    logger: Option<&str>,
    data: impl Serialize,
) -> Result<(), Error> {
    logging::log(None, level, logger, &json(data)?)
}

fn json(data: impl Serialize) -> Result<String, Error> {
    serde_json::to_string(&data)
        .map_err(|cause| internal(format!("the message cannot be written as JSON: {cause}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detached_context_reaches_nobody() {
        let context = Context::detached();
        assert_eq!(context.id(), None);
        assert!(!context.is_cancelled());
        assert_eq!(
            context.log(LogLevel::Info, "x").unwrap_err().code,
            ErrorCode::InvalidState
        );
        assert_eq!(
            context.progress(1.0, 2.0, "half").unwrap_err().code,
            ErrorCode::InvalidState
        );
    }
}
