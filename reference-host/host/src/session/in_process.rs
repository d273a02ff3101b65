//! A client in the same process, which speaks JSON-RPC through a session like any other client.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;

use super::outlet::{Incomplete, Outlet, Receipt, StreamedResponse};
use super::{Server, Session};
use crate::component::Imports;
use crate::telemetry::SessionEnd;
use wasi_mcp_protocol::wire::{self, FromJson, ToJson};
use wasi_mcp_protocol::{
    Framing, MessageKind, Outgoing, PROTOCOL_VERSION, Route, RpcError, StreamId, code,
};
use wasi_mcp_types::content::{
    CallToolParams, CallToolResult, CompleteParams, CompleteResult, CreateMessageParams,
    CreateMessageResult, ElicitParams, ElicitResult, GetPromptParams, GetPromptResult,
    ListRootsResult, ReadResourceParams, ReadResourceResult,
};

/// A reason for which a request of an [`InProcessClient`] has no result.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The component, or the host on its behalf, answered with an error.
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
    /// The component did not complete the resource that it streamed.
    #[error("{0}")]
    Incomplete(Incomplete),
    /// A streamed resource is larger than a result may be.
    #[error("the resource has more than {0} bytes: read it as a stream")]
    TooLarge(usize),
    /// A list repeated its cursor and would never end.
    #[error("{0} returned the cursor that was just used")]
    RepeatedCursor(String),
    /// A list went on beyond any sensible size.
    #[error(
        "{method} does not end: {pages} pages came, and {items} items were taken from them; \
         {MOST_PAGES} pages, {MOST_ITEMS} items and {MOST_LISTED_BYTES} bytes are the most"
    )]
    EndlessList {
        /// The method of the list.
        method: String,
        /// The number of pages that came.
        pages: usize,
        /// The number of items in them.
        items: usize,
    },
    /// The answer does not conform to the specification.
    #[error("the answer to {method} is malformed: {reason}")]
    Malformed {
        /// The method that was answered.
        method: String,
        /// The violation.
        reason: String,
    },
}

/// The most pages of a list that [`InProcessClient::list`] fetches.
const MOST_PAGES: usize = 10_000;
/// The most items of such a list: as many as a component may register.
const MOST_ITEMS: usize = 100_000;
/// The most bytes of all its pages. Parsed, JSON may take many times the memory of its text.
const MOST_LISTED_BYTES: usize = 16 << 20;

/// A client with its own session of a [`Server`]. Dropping it ends the session.
///
/// The component sees no principal. Handlers fail with an [`RpcError`], and have the time of
/// [`Limits::ask_time`](wasi_mcp_protocol::Limits::ask_time) to answer. The future of a handler is
/// dropped when the component, or the host on its behalf, withdraws the request.
///
/// ```no_run
/// # async fn example(server: std::sync::Arc<wasi_mcp_host::session::Server>)
/// # -> Result<(), wasi_mcp_host::session::ClientError> {
/// use wasi_mcp_host::session::InProcessClient;
/// use wasi_mcp_host::types::content::{ElicitAction, ElicitResult};
///
/// let client = InProcessClient::builder()
///     .on_elicit(|_params| async {
///         Ok(ElicitResult {
///             action: ElicitAction::Decline,
///             content: None,
///             meta: None,
///             extra: None,
///         })
///     })
///     .connect(&server)
///     .await?;
/// for tool in client.list("tools/list", "tools").await? {
///     println!("{}", tool["name"]);
/// }
/// # Ok(())
/// # }
/// ```
pub struct InProcessClient {
    session: Session,
    inbox: Arc<Inbox>,
    /// The most bytes of a streamed response that is collected.
    result_bytes: usize,
    next: AtomicU64,
    initialized: InitializeResult,
    /// Aborts the task that answers the component.
    answering: AbortHandle,
}

/// The result of `initialize`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InitializeResult {
    /// The revision of MCP.
    pub protocol_version: String,
    /// The server's capabilities.
    pub capabilities: Value,
    /// The server's name, title and version.
    pub server_info: Value,
    /// Instructions for a model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
}

/// Configures an [`InProcessClient`]. Without handlers the client declares no capabilities, so a
/// component cannot ask it for anything.
pub struct ClientBuilder {
    name: String,
    version: String,
    capabilities: serde_json::Map<String, Value>,
    notified: Notified,
    handlers: HashMap<&'static str, Handler>,
}

type Notified = Box<dyn Fn(&[u8]) + Send + Sync>;
/// Answers one request of the component: JSON text in, JSON text out.
type Handler =
    Box<dyn Fn(Box<RawValue>) -> BoxFuture<'static, Result<Vec<u8>, RpcError>> + Send + Sync>;

impl ClientBuilder {
    /// Names the client. By default it is named after this crate.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.name = name.into();
        self.version = version.into();
        self
    }

    /// Calls `notified` with the JSON text of each notification. It runs under the session's lock:
    /// it must neither block nor call the client.
    #[must_use]
    pub fn on_notification(mut self, notified: impl Fn(&[u8]) + Send + Sync + 'static) -> Self {
        self.notified = Box::new(notified);
        self
    }

    /// Answers `sampling/createMessage`, and declares the capability `sampling`.
    #[must_use]
    pub fn on_create_message<F>(
        self,
        answer: impl Fn(CreateMessageParams) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<CreateMessageResult, RpcError>> + Send + 'static,
    {
        self.handle("sampling", "sampling/createMessage", answer)
    }

    /// Answers `elicitation/create`, and declares the capability `elicitation`.
    #[must_use]
    pub fn on_elicit<F>(self, answer: impl Fn(ElicitParams) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<ElicitResult, RpcError>> + Send + 'static,
    {
        self.handle("elicitation", "elicitation/create", answer)
    }

    /// Answers `roots/list`, and declares the capability `roots`.
    #[must_use]
    pub fn on_list_roots<F>(mut self, answer: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<ListRootsResult, RpcError>> + Send + 'static,
    {
        self.capabilities.insert("roots".to_owned(), json!({}));
        let handler = move |_params| {
            let answered = answer();
            Box::pin(async move { written(&answered.await?) }) as BoxFuture<'static, _>
        };
        self.handlers.insert("roots/list", Box::new(handler));
        self
    }

    /// Answers `method` with the JSON text of a result, and declares `capability`. The text goes to
    /// the component unchanged: the session checks it like a client's.
    #[must_use]
    pub fn on_request<F>(
        mut self,
        capability: &str,
        method: &'static str,
        answer: impl Fn(Box<RawValue>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<Box<RawValue>, RpcError>> + Send + 'static,
    {
        self.capabilities.insert(capability.to_owned(), json!({}));
        let handler = move |params: Box<RawValue>| {
            let answered = answer(params);
            Box::pin(async move { Ok(answered.await?.get().into()) }) as BoxFuture<'static, _>
        };
        self.handlers.insert(method, Box::new(handler));
        self
    }

    fn handle<P, R, F>(
        mut self,
        capability: &str,
        method: &'static str,
        answer: impl Fn(P) -> F + Send + Sync + 'static,
    ) -> Self
    where
        P: FromJson,
        R: ToJson,
        F: Future<Output = Result<R, RpcError>> + Send + 'static,
    {
        self.capabilities.insert(capability.to_owned(), json!({}));
        let handler = move |params: Box<RawValue>| {
            let answered = wire::from_json(params.get().as_bytes())
                .map(&answer)
                .map_err(RpcError::from);
            Box::pin(async move { written(&answered?.await?) }) as BoxFuture<'static, _>
        };
        self.handlers.insert(method, Box::new(handler));
        self
    }

    /// Opens a session and initializes it.
    ///
    /// # Errors
    ///
    /// When the component does not start.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub async fn connect(self, server: &Arc<Server>) -> Result<InProcessClient, ClientError> {
        let (sender, asked) = mpsc::unbounded_channel();
        let inbox = Arc::new(Inbox {
            waiting: Mutex::new(HashMap::new()),
            notified: self.notified,
            asked: sender,
        });
        let session = server.open(Framing::Stdio, Arc::<Inbox>::clone(&inbox));
        let answering = tokio::spawn(answer_all(self.handlers, session.clone(), asked));
        let mut client = InProcessClient {
            session,
            inbox,
            result_bytes: server.limits().result_bytes,
            next: AtomicU64::new(1),
            initialized: InitializeResult {
                protocol_version: String::new(),
                capabilities: Value::Null,
                server_info: Value::Null,
                instructions: None,
            },
            answering: answering.abort_handle(),
        };
        let params = json!({
            "protocolVersion": PROTOCOL_VERSION,
            "capabilities": self.capabilities,
            "clientInfo": { "name": self.name, "version": self.version },
        });
        let result = client.request("initialize", &params).await?;
        client.initialized = parse("initialize", &result)?;
        client.notify("notifications/initialized", &json!({}));
        Ok(client)
    }
}

fn written(result: &impl ToJson) -> Result<Vec<u8>, RpcError> {
    wire::to_json(result)
        .map_err(|fault| RpcError::new(code::INTERNAL_ERROR, fault.within("result").to_string()))
}

/// Answers the component's requests until the client is dropped, each in a task of its own, which
/// ends when its request is withdrawn.
async fn answer_all(
    handlers: HashMap<&'static str, Handler>,
    session: Session,
    mut asked: mpsc::UnboundedReceiver<Asked>,
) {
    #[derive(Deserialize)]
    struct Request {
        id: Box<RawValue>,
        method: String,
        params: Option<Box<RawValue>>,
    }
    let mut answering = tokio::task::JoinSet::new();
    // The tasks, by the id of their request.
    let mut in_flight: HashMap<u64, AbortHandle> = HashMap::new();
    loop {
        let asked = tokio::select! {
            asked = asked.recv() => asked,
            Some(ended) = answering.join_next() => {
                // A request whose handler panicked is withdrawn once its time has passed.
                if let Ok(key) = ended {
                    in_flight.remove(&key);
                }
                continue;
            }
        };
        let (key, text) = match asked {
            Some(Asked::Request(key, text)) => (key, text),
            Some(Asked::Withdrawn(key)) => {
                if let Some(task) = in_flight.remove(&key) {
                    task.abort();
                }
                continue;
            }
            None => return,
        };
        // The session writes only well-formed requests.
        let Ok(Request { id, method, params }) = serde_json::from_slice(&text) else {
            continue;
        };
        let params = params.unwrap_or_else(no_params);
        let answered = match handlers.get(&*method) {
            Some(handler) => handler(params),
            None if method == "ping" => Box::pin(async { Ok(b"{}".to_vec()) }),
            None => Box::pin(async move {
                Err(RpcError::new(
                    code::METHOD_NOT_FOUND,
                    format!("the client does not support {method}"),
                ))
            }),
        };
        let session = session.clone();
        let task = answering.spawn(async move {
            let response = match answered.await {
                Ok(result) => format!(
                    r#"{{"jsonrpc":"2.0","id":{},"result":{}}}"#,
                    id.get(),
                    String::from_utf8_lossy(&result)
                ),
                Err(RpcError {
                    code,
                    message,
                    data,
                }) => {
                    let data = data.and_then(|data| RawValue::from_string(data).ok());
                    let error = json!({ "code": code, "message": message, "data": data });
                    json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string()
                }
            };
            // A response is not answered, so its stream is never used.
            let _ = session.receive(StreamId(0), response.as_bytes());
            key
        });
        in_flight.insert(key, task);
    }
}

/// The description of a component and its offer.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Description {
    /// `0.2` or `0.3`.
    pub variant: String,
    /// `backend` or `service`.
    pub world: String,
    /// The requests that the component can send to its client, and its other abilities besides
    /// answering.
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
    /// Starts the component and lists its offer.
    ///
    /// # Errors
    ///
    /// When it does not start, or answers with an error.
    pub async fn describe(self: &Arc<Self>) -> Result<Description, ClientError> {
        let client = InProcessClient::builder().connect(self).await?;
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

impl InProcessClient {
    /// Returns a builder for a client without capabilities.
    #[must_use]
    pub fn builder() -> ClientBuilder {
        ClientBuilder {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            capabilities: serde_json::Map::new(),
            notified: Box::new(|_| {}),
            handlers: HashMap::new(),
        }
    }

    /// Returns the result of `initialize`.
    #[must_use]
    pub fn initialized(&self) -> &InitializeResult {
        &self.initialized
    }

    /// Calls a tool: `tools/call`.
    ///
    /// # Errors
    ///
    /// As [`InProcessClient::request`]. A tool that fails has a result with `is_error`.
    pub async fn call_tool(&self, params: CallToolParams) -> Result<CallToolResult, ClientError> {
        self.typed("tools/call", &params).await
    }

    /// Reads a resource: `resources/read`.
    ///
    /// # Errors
    ///
    /// As [`InProcessClient::request`].
    pub async fn read_resource(
        &self,
        params: ReadResourceParams,
    ) -> Result<ReadResourceResult, ClientError> {
        self.typed("resources/read", &params).await
    }

    /// Gets a prompt: `prompts/get`.
    ///
    /// # Errors
    ///
    /// As [`InProcessClient::request`].
    pub async fn get_prompt(
        &self,
        params: GetPromptParams,
    ) -> Result<GetPromptResult, ClientError> {
        self.typed("prompts/get", &params).await
    }

    /// Completes an argument: `completion/complete`.
    ///
    /// # Errors
    ///
    /// As [`InProcessClient::request`].
    pub async fn complete(&self, params: CompleteParams) -> Result<CompleteResult, ClientError> {
        self.typed("completion/complete", &params).await
    }

    async fn typed<R: FromJson>(
        &self,
        method: &str,
        params: &impl ToJson,
    ) -> Result<R, ClientError> {
        let malformed = |reason: String| ClientError::Malformed {
            method: method.to_owned(),
            reason,
        };
        let params = wire::to_json_string(params).map_err(|fault| malformed(fault.to_string()))?;
        let params = RawValue::from_string(params).map_err(|error| malformed(error.to_string()))?;
        let result = self.request(method, &params).await?;
        wire::from_json(result.get().as_bytes()).map_err(|fault| malformed(fault.to_string()))
    }

    /// Sends a request and waits for its result. Dropping the future cancels the request, except
    /// `initialize`.
    ///
    /// # Errors
    ///
    /// When the answer is an error, or no answer comes.
    pub async fn request(
        &self,
        method: &str,
        params: &impl Serialize,
    ) -> Result<Box<RawValue>, ClientError> {
        let text = match self.exchange(method, params).await? {
            Answer::Whole(text) => text,
            Answer::Streamed(mut response) => collect(&mut response, self.result_bytes).await?,
        };
        result_of(method, &text)
    }

    /// Reads a resource, `resources/read` with these parameters, without collecting what the
    /// component streams. Dropping the future cancels the request.
    ///
    /// # Errors
    ///
    /// As [`InProcessClient::request`].
    pub async fn read_streamed(&self, params: &impl Serialize) -> Result<ReadAnswer, ClientError> {
        let method = "resources/read";
        match self.exchange(method, params).await? {
            Answer::Whole(text) => result_of(method, &text).map(ReadAnswer::Whole),
            Answer::Streamed(response) => StreamedRead::new(response)
                .map(ReadAnswer::Streamed)
                .ok_or(ClientError::Ended),
        }
    }

    /// Sends a request and waits for the beginning of its response.
    async fn exchange(&self, method: &str, params: &impl Serialize) -> Result<Answer, ClientError> {
        #[derive(Serialize)]
        struct Request<'a, P> {
            jsonrpc: &'a str,
            id: u64,
            method: &'a str,
            params: &'a P,
        }

        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let message = serde_json::to_vec(&Request {
            jsonrpc: "2.0",
            id,
            method,
            params,
        })
        .map_err(|error| malformed(method, &error))?;
        let answer = self.inbox.expect(StreamId(id));
        let receipt = self.session.receive(StreamId(id), &message);
        if !matches!(receipt, Receipt::Pending) {
            self.inbox.end(StreamId(id));
        }
        match receipt {
            Receipt::Answered(text) | Receipt::Refused(text) => Ok(Answer::Whole(text)),
            Receipt::Accepted => Err(ClientError::Ended),
            Receipt::Pending => {
                let in_flight = InFlight {
                    client: self,
                    id,
                    // The specification forbids cancelling `initialize`.
                    is_cancellable: method != "initialize",
                };
                let answer = answer.await.map_err(|_| ClientError::Ended);
                in_flight.ended();
                answer
            }
        }
    }

    /// Returns all items of a list, fetched page by page: up to 10,000 pages, 100,000 items and
    /// 16 MiB of JSON.
    ///
    /// # Errors
    ///
    /// As [`InProcessClient::request`], for a list that repeats its cursor, and for one that
    /// exceeds these bounds.
    pub async fn list(&self, method: &str, member: &str) -> Result<Vec<Value>, ClientError> {
        let mut listing = Listing::new(method);
        loop {
            let page = self.request(method, &listing.params).await?;
            if !listing.add(member, &page)? {
                return Ok(listing.items);
            }
        }
    }

    /// Ends the session gracefully: requests in flight may finish within `grace`, and the component
    /// is told that the host stops.
    pub async fn finish(self, grace: Duration) {
        self.session.finish(grace, SessionEnd::Client).await;
    }

    fn notify(&self, method: &str, params: &Value) {
        let message = json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string();
        let stream = StreamId(self.next.fetch_add(1, Ordering::Relaxed));
        // A notification is never answered.
        let _ = self.session.receive(stream, message.as_bytes());
    }
}

impl Drop for InProcessClient {
    fn drop(&mut self) {
        self.answering.abort();
    }
}

impl fmt::Debug for InProcessClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("InProcessClient")
            .field("initialized", &self.initialized)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ClientBuilder")
            .field("capabilities", &self.capabilities)
            .finish_non_exhaustive()
    }
}

/// The pages of a list that have come. A component may end no list, so they are counted.
struct Listing<'a> {
    method: &'a str,
    /// The parameters that request the next page.
    params: Value,
    items: Vec<Value>,
    pages: usize,
    bytes: usize,
}

impl<'a> Listing<'a> {
    fn new(method: &'a str) -> Self {
        Self {
            method,
            params: json!({}),
            items: Vec::new(),
            pages: 0,
            bytes: 0,
        }
    }

    /// Adds a page, and returns whether there is another.
    fn add(&mut self, member: &str, page: &RawValue) -> Result<bool, ClientError> {
        self.pages += 1;
        self.bytes += page.get().len();
        if self.bytes > MOST_LISTED_BYTES {
            return Err(self.too_long());
        }
        let mut page: Value = parse(self.method, page)?;
        if let Some(Value::Array(items)) = page.get_mut(member).map(Value::take) {
            self.items.extend(items);
        }
        let Some(cursor) = page.get("nextCursor") else {
            return Ok(false);
        };
        if *cursor == self.params["cursor"] {
            return Err(ClientError::RepeatedCursor(self.method.to_owned()));
        }
        if self.pages >= MOST_PAGES || self.items.len() >= MOST_ITEMS {
            return Err(self.too_long());
        }
        self.params = json!({ "cursor": cursor });
        Ok(true)
    }

    fn too_long(&self) -> ClientError {
        ClientError::EndlessList {
            method: self.method.to_owned(),
            pages: self.pages,
            items: self.items.len(),
        }
    }
}

fn parse<T: serde::de::DeserializeOwned>(
    method: &str,
    result: &RawValue,
) -> Result<T, ClientError> {
    serde_json::from_str(result.get()).map_err(|error| malformed(method, &error))
}

fn malformed(method: &str, error: &serde_json::Error) -> ClientError {
    ClientError::Malformed {
        method: method.to_owned(),
        reason: error.to_string(),
    }
}

/// Sorts the messages that the session sends.
struct Inbox {
    waiting: Mutex<HashMap<StreamId, Waiter>>,
    notified: Notified,
    /// Requests of the component, and their withdrawals.
    asked: mpsc::UnboundedSender<Asked>,
}

/// A message about a request of the component, with the request's id.
enum Asked {
    /// Its JSON text.
    Request(u64, Vec<u8>),
    /// The answer is no longer expected.
    Withdrawn(u64),
}

/// A response.
enum Answer {
    /// Its text.
    Whole(Vec<u8>),
    /// Its text in parts.
    Streamed(StreamedResponse),
}

/// Takes a response.
type Waiter = oneshot::Sender<Answer>;

/// A request that waits for its response. Dropping it before that cancels the request.
struct InFlight<'a> {
    client: &'a InProcessClient,
    id: u64,
    is_cancellable: bool,
}

impl InFlight<'_> {
    fn ended(mut self) {
        self.is_cancellable = false;
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        if self.is_cancellable {
            let reason = "the client no longer waits for the answer";
            let params = json!({ "requestId": self.id, "reason": reason });
            self.client.notify("notifications/cancelled", &params);
        }
    }
}

/// The answer to `resources/read`.
#[derive(Debug)]
pub enum ReadAnswer {
    /// A result, as JSON text.
    Whole(Box<RawValue>),
    /// A result whose last blob the component streams.
    Streamed(StreamedRead),
}

/// A result of `resources/read` whose last blob arrives in pieces. Slow reading slows the component
/// down; dropping it tells the component that reading has stopped.
#[derive(Debug)]
pub struct StreamedRead {
    head: Bytes,
    tail: Bytes,
    response: StreamedResponse,
}

impl StreamedRead {
    /// Takes the result out of an unread response.
    fn new(mut response: StreamedResponse) -> Option<Self> {
        const RESULT: &[u8] = br#""result":"#;
        let (head, tail) = response.take_around()?;
        // The id before it is a number.
        let start = head.windows(RESULT.len()).position(|part| part == RESULT)? + RESULT.len();
        Some(Self {
            head: head.slice(start..),
            // The response ends after the result.
            tail: tail.slice(..tail.len().checked_sub(1)?),
            response,
        })
    }

    /// Returns the JSON text up to the next character of the blob. Together with the tail it is a
    /// valid result, whose last blob is cut short.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Returns the JSON text after the blob.
    #[must_use]
    pub fn tail(&self) -> &[u8] {
        &self.tail
    }

    /// Waits for the next piece of the blob in base64: whole groups of four characters. Returns
    /// `None` after the last one.
    ///
    /// # Errors
    ///
    /// [`Incomplete`], if the component does not complete it.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, Incomplete> {
        match self.response.part().await {
            // Taken before, so this is empty.
            Some(Ok(end)) if end.is_empty() => Ok(None),
            Some(part) => part.map(Some),
            None => Ok(None),
        }
    }
}

impl Inbox {
    fn expect(&self, stream: StreamId) -> oneshot::Receiver<Answer> {
        let (sender, receiver) = oneshot::channel();
        self.waiting().insert(stream, sender);
        receiver
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<StreamId, Waiter>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outlet for Inbox {
    fn send(&self, route: Route, message: Outgoing) {
        match (message.kind, route) {
            (MessageKind::Response { .. }, Route::Stream(stream)) => {
                if let Some(waiter) = self.waiting().remove(&stream) {
                    // The caller may have stopped waiting.
                    let _ = waiter.send(Answer::Whole(message.text));
                }
            }
            (MessageKind::Request(key), _) => {
                // If the answering task has ended, the client is gone.
                let _ = self.asked.send(Asked::Request(key, message.text));
            }
            (MessageKind::Cancelled(key), _) => {
                let _ = self.asked.send(Asked::Withdrawn(key));
                (self.notified)(&message.text);
            }
            _ => (self.notified)(&message.text),
        }
    }

    fn send_streamed(&self, stream: StreamId, response: StreamedResponse) {
        if let Some(waiter) = self.waiting().remove(&stream) {
            // If the caller has stopped waiting, dropping the response tells the component.
            let _ = waiter.send(Answer::Streamed(response));
        }
    }

    /// All messages are consumed at once.
    fn unread_bytes(&self) -> usize {
        0
    }

    fn end(&self, stream: StreamId) {
        self.waiting().remove(&stream);
    }
}

/// Returns the result in the text of a response.
fn result_of(method: &str, text: &[u8]) -> Result<Box<RawValue>, ClientError> {
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

    let response: Response =
        serde_json::from_slice(text).map_err(|error| malformed(method, &error))?;
    match (response.result, response.error) {
        (Some(result), _) => Ok(result),
        (None, Some(error)) => Err(ClientError::Answered {
            code: error.code,
            message: error.message,
            data: error.data,
        }),
        (None, None) => Err(ClientError::Ended),
    }
}

/// Joins the parts of a response.
async fn collect(response: &mut StreamedResponse, limit: usize) -> Result<Vec<u8>, ClientError> {
    let mut text = Vec::new();
    while let Some(part) = response.part().await {
        text.extend_from_slice(&part.map_err(ClientError::Incomplete)?);
        if text.len() > limit {
            return Err(ClientError::TooLarge(limit));
        }
    }
    Ok(text)
}

fn no_params() -> Box<RawValue> {
    RawValue::from_string("{}".to_owned()).expect("an object is JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lists `pages` pages with `size` items on each. Returns the number of pages that were fetched.
    fn list(pages: usize, size: usize) -> (Result<Vec<Value>, ClientError>, usize) {
        let mut listing = Listing::new("tools/list");
        for page in 1.. {
            let cursor = (page > 1).then(|| format!("after {}", page - 1));
            assert_eq!(listing.params["cursor"].as_str(), cursor.as_deref());
            let mut result = json!({ "tools": vec![page; size] });
            if page < pages {
                result["nextCursor"] = json!(format!("after {page}"));
            }
            let result = serde_json::value::to_raw_value(&result).expect("JSON");
            match listing.add("tools", &result) {
                Ok(true) => {}
                Ok(false) => return (Ok(listing.items), page),
                Err(error) => return (Err(error), page),
            }
        }
        unreachable!("it ends")
    }

    #[test]
    fn a_list_is_fetched_page_by_page() {
        let (listed, fetched) = list(3, 2);
        assert_eq!(listed.expect("a list"), [1, 1, 2, 2, 3, 3].map(Value::from));
        assert_eq!(fetched, 3);
        let (longest, _) = list(MOST_PAGES, 10);
        assert_eq!(longest.expect("a list").len(), MOST_ITEMS);
    }

    #[test]
    fn a_list_that_does_not_end_is_an_error() {
        for (size, most) in [(0, MOST_PAGES), (1000, 100)] {
            let (listed, fetched) = list(usize::MAX, size);
            let error = listed.expect_err("it does not end");
            assert_eq!(fetched, most);
            let text = format!(
                "tools/list does not end: {most} pages came, and {} items were taken from them",
                most * size
            );
            assert!(error.to_string().starts_with(&text), "{error}");
        }
    }

    #[test]
    fn a_page_beyond_the_bound_is_not_parsed() {
        let page = json!({ "tools": ["x".repeat(MOST_LISTED_BYTES)] });
        let page = serde_json::value::to_raw_value(&page).expect("JSON");
        let mut listing = Listing::new("tools/list");
        let error = listing.add("tools", &page).unwrap_err();
        assert!(
            matches!(error, ClientError::EndlessList { items: 0, .. }),
            "{error}"
        );
    }

    #[test]
    fn a_list_that_repeats_its_cursor_is_an_error() {
        let page = json!({ "tools": [], "nextCursor": "same" });
        let page = serde_json::value::to_raw_value(&page).expect("JSON");
        let mut listing = Listing::new("tools/list");
        assert!(listing.add("tools", &page).expect("the first page"));
        let error = listing.add("tools", &page).unwrap_err();
        assert!(matches!(error, ClientError::RepeatedCursor(_)), "{error}");
    }
}
