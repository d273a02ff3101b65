//! The interface `context`: the request that a guest handles.

use std::sync::{Arc, OnceLock};

use tokio::sync::Notify;
use wasi_mcp_types::types;
use wasmtime::component::Resource;

use super::state::State;
use wasi_mcp_protocol::{ParamsCheck, RequestId, RequestKey};

/// A client's request or notification, as the session sees it.
#[derive(Debug)]
pub struct Request {
    /// The session's key of the request.
    pub key: RequestKey,
    /// The request's id; none for a notification.
    pub id: Option<RequestId>,
    /// `_meta` as JSON text.
    pub meta: Option<String>,
    /// `_meta.progressToken` as JSON text.
    pub progress_token: Option<String>,
    /// The check that the request's parameters have passed, and that a tool's result must pass.
    pub check: ParamsCheck,
    /// The authenticated party that made the request.
    pub principal: Option<Arc<types::Principal>>,
    /// The request's end, for guests that wait for it.
    pub end: RequestEnd,
}

/// The end of a request or its cancellation, whichever comes first.
#[derive(Debug, Default)]
pub struct RequestEnd {
    state: OnceLock<Option<Cancellation>>,
    told: Notify,
}

/// A cancellation, with the reason if one was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancellation {
    /// The client's reason, or the host's if the host abandoned the request.
    pub reason: Option<String>,
}

impl RequestEnd {
    /// Records that the request was cancelled. Only the first of [`cancel`](Self::cancel) and
    /// [`end`](Self::end) has an effect.
    pub fn cancel(&self, reason: Option<String>) {
        self.resolve(Some(Cancellation { reason }));
    }

    /// Records that the request ended without a cancellation.
    pub fn end(&self) {
        self.resolve(None);
    }

    fn resolve(&self, cancellation: Option<Cancellation>) {
        if self.state.set(cancellation).is_ok() {
            self.told.notify_waiters();
        }
    }

    /// Waits for the cancellation, or for the end: `None`.
    pub async fn cancelled(&self) -> Option<Cancellation> {
        loop {
            let told = self.told.notified();
            if let Some(cancellation) = self.state.get() {
                return cancellation.clone();
            }
            told.await;
        }
    }
}

/// A guest's handle on a [`Request`]. It may outlive the request: using it then returns an error,
/// and never traps.
#[derive(Debug, Clone)]
pub struct RequestContext(pub Arc<Request>);

/// Looks up a handle. The engine checks handles, so an unknown one is a defect of the engine, not
/// of the guest, and may trap.
pub(super) fn request(
    state: &State,
    handle: &Resource<RequestContext>,
) -> wasmtime::Result<Arc<Request>> {
    Ok(Arc::clone(&state.table.get(handle)?.0))
}

/// Implements the part of `context` that both variants share; only the generated traits differ.
macro_rules! context_imports {
    ($context:path) => {
        const _: () = {
            use wasi_mcp_types::capabilities::Client;
            use wasi_mcp_types::content::Progress;
            use wasi_mcp_types::types::Error;
            use wasmtime::component::Resource;
            use $context as context;
            use $crate::component::context::{RequestContext, request};

            impl context::HostRequestContext for State {
                fn get_id(
                    &mut self,
                    handle: Resource<RequestContext>,
                ) -> wasmtime::Result<Option<String>> {
                    let request = request(self, &handle)?;
                    Ok(request.id.as_ref().map(|id| id.as_json().to_owned()))
                }

                fn get_meta(
                    &mut self,
                    handle: Resource<RequestContext>,
                ) -> wasmtime::Result<Option<String>> {
                    Ok(request(self, &handle)?.meta.clone())
                }

                fn get_progress_token(
                    &mut self,
                    handle: Resource<RequestContext>,
                ) -> wasmtime::Result<Option<String>> {
                    Ok(request(self, &handle)?.progress_token.clone())
                }

                fn get_client(
                    &mut self,
                    _handle: Resource<RequestContext>,
                ) -> wasmtime::Result<Client> {
                    Ok(self.session.client())
                }

                fn clone(
                    &mut self,
                    handle: Resource<RequestContext>,
                ) -> wasmtime::Result<Resource<RequestContext>> {
                    let request = request(self, &handle)?;
                    self.push_context(request)
                }

                fn report_progress(
                    &mut self,
                    handle: Resource<RequestContext>,
                    progress: Progress,
                ) -> wasmtime::Result<Result<(), Error>> {
                    let key = request(self, &handle)?.key;
                    let Progress {
                        progress,
                        total,
                        message,
                    } = progress;
                    let reported =
                        self.session
                            .report_progress(key, progress, total, message.as_deref());
                    Ok(reported.map_err(Error::from))
                }

                fn is_cancelled(
                    &mut self,
                    handle: Resource<RequestContext>,
                ) -> wasmtime::Result<bool> {
                    let key = request(self, &handle)?.key;
                    Ok(self.session.is_cancelled(key))
                }

                fn drop(&mut self, handle: Resource<RequestContext>) -> wasmtime::Result<()> {
                    self.table.delete(handle)?;
                    Ok(())
                }
            }

            impl context::Host for State {}
        };
    };
}
pub(super) use context_imports;

impl State {
    /// Creates a handle that the guest owns.
    pub(super) fn push_context(
        &mut self,
        request: Arc<Request>,
    ) -> wasmtime::Result<Resource<RequestContext>> {
        Ok(self.table.push(RequestContext(request))?)
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::RequestEnd;

    #[test]
    fn first_of_cancellation_and_end_counts() {
        let end = RequestEnd::default();
        assert_eq!(end.cancelled().now_or_never(), None);
        end.cancel(Some("enough".to_owned()));
        end.end();
        let cancellation = end.cancelled().now_or_never().flatten();
        assert_eq!(
            cancellation.and_then(|it| it.reason).as_deref(),
            Some("enough")
        );

        let end = RequestEnd::default();
        end.end();
        end.cancel(None);
        assert_eq!(end.cancelled().now_or_never(), Some(None));
    }

    #[tokio::test]
    async fn waiter_is_woken() {
        let end = std::sync::Arc::new(RequestEnd::default());
        let waiter = tokio::spawn({
            let end = std::sync::Arc::clone(&end);
            async move { end.cancelled().await }
        });
        tokio::task::yield_now().await;
        end.cancel(None);
        assert_eq!(waiter.await.unwrap().map(|it| it.reason), Some(None));
    }
}
