//! A client in this process: what `wasi-mcp inspect` and `wasi-mcp call` use.
//! It speaks JSON-RPC through a session like any other client.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::outlet::{Outlet, Receipt, StreamedResponse};
use super::{Server, Session};
use crate::component::Imports;
use wasi_mcp_protocol::{Framing, Outgoing, PROTOCOL_VERSION, Route, StreamId};

/// Why a local request has no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocalError {
    /// The component, or the host in its stead, answered with an error.
    #[error("{message} (error {code})")]
    Answered {
        /// The JSON-RPC code.
        code: i64,
        /// The message.
        message: String,
        /// The error's data, as JSON.
        data: Option<Value>,
    },
    /// No answer came.
    #[error("the session ended before the answer came")]
    Ended,
    /// A list that would never end.
    #[error("the list of {0} goes on with the cursor that was just used")]
    RepeatedCursor(String),
    /// The answer is not what the specification says.
    #[error("the answer to {method} is malformed: {source}")]
    Malformed {
        /// The method that was answered.
        method: String,
        /// What is wrong.
        source: serde_json::Error,
    },
}

/// A client with a session of its own. It offers no capabilities, so the
/// component cannot ask it for anything.
pub struct Local {
    session: Session,
    inbox: Arc<Inbox>,
    next: AtomicU64,
    /// What the server said of itself.
    pub initialized: InitializeResult,
}

/// The result of `initialize`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InitializeResult {
    /// The revision of MCP.
    pub protocol_version: String,
    /// The server's capabilities.
    pub capabilities: Value,
    /// The server's name, title and version.
    pub server_info: Value,
    /// How to use the server, for a model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
}

/// What a component is and offers.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    /// `0.2` or `0.3`.
    pub variant: String,
    /// `backend` or `service`.
    pub world: String,
    /// The requests that the component can send to its client, and what else it can see or do
    /// beyond answering.
    pub imports: Imports,
    /// The result of `initialize`.
    #[serde(flatten)]
    pub server: InitializeResult,
    /// All tools.
    pub tools: Vec<Value>,
    /// All resources.
    pub resources: Vec<Value>,
    /// All resource templates.
    pub resource_templates: Vec<Value>,
    /// All prompts.
    pub prompts: Vec<Value>,
}

impl Server {
    /// Starts the component and lists what it offers.
    ///
    /// # Errors
    ///
    /// When it does not start, or answers with an error.
    pub async fn describe(self: &Arc<Self>) -> Result<Description, LocalError> {
        let client = Local::connect(self, |_| {}).await?;
        let declares = |name: &str| client.initialized.capabilities.get(name).is_some();
        let list = async |declared: bool, method: &str, member: &str| {
            if declared {
                client.list(method, member).await
            } else {
                Ok(Vec::new())
            }
        };
        Ok(Description {
            variant: self.component.variant().to_string(),
            world: self.component.world().to_string(),
            imports: self.component.imports(),
            tools: list(declares("tools"), "tools/list", "tools").await?,
            resources: list(declares("resources"), "resources/list", "resources").await?,
            resource_templates: list(
                declares("resources"),
                "resources/templates/list",
                "resourceTemplates",
            )
            .await?,
            prompts: list(declares("prompts"), "prompts/list", "prompts").await?,
            server: client.initialized.clone(),
        })
    }
}

impl Local {
    /// Opens a session and initializes it. Notifications go to `notified`, as
    /// JSON text.
    ///
    /// # Errors
    ///
    /// When the component does not start.
    pub async fn connect(
        server: &Arc<Server>,
        notified: impl Fn(&[u8]) + Send + Sync + 'static,
    ) -> Result<Self, LocalError> {
        let inbox = Arc::new(Inbox {
            waiting: Mutex::new(HashMap::new()),
            notified: Box::new(notified),
        });
        let session = server.open(Framing::Stdio, Arc::<Inbox>::clone(&inbox));
        let mut client = Self {
            session,
            inbox,
            next: AtomicU64::new(1),
            initialized: InitializeResult {
                protocol_version: String::new(),
                capabilities: Value::Null,
                server_info: Value::Null,
                instructions: None,
            },
        };
        let params = json!({
            "protocolVersion": PROTOCOL_VERSION,
            "capabilities": {},
            "clientInfo": { "name": "wasi-mcp", "version": env!("CARGO_PKG_VERSION") },
        });
        let result = client.request("initialize", &params).await?;
        client.initialized = parse("initialize", &result)?;
        client.notify("notifications/initialized");
        Ok(client)
    }

    /// Sends a request and waits for its result.
    ///
    /// # Errors
    ///
    /// When it is answered with an error, or not at all.
    pub async fn request(
        &self,
        method: &str,
        params: &impl Serialize,
    ) -> Result<Box<RawValue>, LocalError> {
        #[derive(Serialize)]
        struct Request<'a, P> {
            jsonrpc: &'a str,
            id: u64,
            method: &'a str,
            params: &'a P,
        }
        #[derive(Deserialize)]
        struct Response {
            result: Option<Box<RawValue>>,
            error: Option<Failure>,
        }
        #[derive(Deserialize)]
        struct Failure {
            code: i64,
            message: String,
            data: Option<Value>,
        }

        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let message = serde_json::to_vec(&Request {
            jsonrpc: "2.0",
            id,
            method,
            params,
        })
        .map_err(|source| malformed(method, source))?;
        let answer = self.inbox.expect(StreamId(id));
        let receipt = self.session.receive(StreamId(id), &message);
        if !matches!(receipt, Receipt::Pending) {
            self.inbox.end(StreamId(id));
        }
        let bytes = match receipt {
            Receipt::Answered(bytes) | Receipt::Refused(bytes) => bytes,
            Receipt::Accepted => return Err(LocalError::Ended),
            Receipt::Pending => answer.await.map_err(|_| LocalError::Ended)?,
        };
        let response: Response =
            serde_json::from_slice(&bytes).map_err(|source| malformed(method, source))?;
        match (response.result, response.error) {
            (Some(result), _) => Ok(result),
            (
                None,
                Some(Failure {
                    code,
                    message,
                    data,
                }),
            ) => Err(LocalError::Answered {
                code,
                message,
                data,
            }),
            (None, None) => Err(LocalError::Ended),
        }
    }

    /// All items of a list, page after page.
    ///
    /// # Errors
    ///
    /// As [`Local::request`].
    pub async fn list(&self, method: &str, member: &str) -> Result<Vec<Value>, LocalError> {
        let mut items = Vec::new();
        let mut params = json!({});
        loop {
            let result = self.request(method, &params).await?;
            let mut page: Value = parse(method, &result)?;
            if let Some(Value::Array(page)) = page.get_mut(member).map(Value::take) {
                items.extend(page);
            }
            match page.get("nextCursor") {
                Some(cursor) if *cursor == params["cursor"] => {
                    return Err(LocalError::RepeatedCursor(method.to_owned()));
                }
                Some(cursor) => params = json!({ "cursor": cursor }),
                None => return Ok(items),
            }
        }
    }

    fn notify(&self, method: &str) {
        let message = json!({ "jsonrpc": "2.0", "method": method }).to_string();
        let stream = StreamId(self.next.fetch_add(1, Ordering::Relaxed));
        // A notification is never answered.
        let _ = self.session.receive(stream, message.as_bytes());
    }
}

fn parse<T: serde::de::DeserializeOwned>(method: &str, result: &RawValue) -> Result<T, LocalError> {
    serde_json::from_str(result.get()).map_err(|source| malformed(method, source))
}

fn malformed(method: &str, source: serde_json::Error) -> LocalError {
    LocalError::Malformed {
        method: method.to_owned(),
        source,
    }
}

type Notified = Box<dyn Fn(&[u8]) + Send + Sync>;

/// Sorts what comes out of the session.
struct Inbox {
    waiting: Mutex<HashMap<StreamId, oneshot::Sender<Vec<u8>>>>,
    notified: Notified,
}

impl Inbox {
    fn expect(&self, stream: StreamId) -> oneshot::Receiver<Vec<u8>> {
        let (sender, receiver) = oneshot::channel();
        self.waiting().insert(stream, sender);
        receiver
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<StreamId, oneshot::Sender<Vec<u8>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outlet for Inbox {
    fn send(&self, route: Route, message: Outgoing) {
        match route {
            Route::Stream(stream) if message.kind.is_response() => {
                if let Some(waiter) = self.waiting().remove(&stream) {
                    // Who asked may be gone.
                    let _ = waiter.send(message.text);
                }
            }
            _ => (self.notified)(&message.text),
        }
    }

    fn send_streamed(&self, stream: StreamId, mut response: StreamedResponse) {
        let Some(waiter) = self.waiting().remove(&stream) else {
            return;
        };
        tokio::spawn(async move {
            let mut text = Vec::new();
            while let Some(part) = response.part().await {
                let Ok(part) = part else {
                    // The waiter learns that no answer comes.
                    return;
                };
                text.extend_from_slice(&part);
            }
            let _ = waiter.send(text);
        });
    }

    /// What comes is taken at once.
    fn unread_bytes(&self) -> usize {
        0
    }

    fn end(&self, stream: StreamId) {
        self.waiting().remove(&stream);
    }
}
