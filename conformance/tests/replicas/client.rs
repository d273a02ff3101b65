//! A client of Streamable HTTP that shows every detail of an answer.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::header::{CONTENT_TYPE, HeaderMap};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

/// A client, perhaps in a session.
pub struct Client {
    address: SocketAddr,
    pub session: Option<String>,
    /// Sent with each request.
    pub token: Option<String>,
}

/// A complete answer.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// The messages of the body, in their order.
    pub messages: Vec<Value>,
}

impl Reply {
    /// Returns a header field.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the response, which is the last message.
    pub fn response(&self) -> &Value {
        self.messages.last().unwrap_or(&Value::Null)
    }

    /// Returns the `params` of the notifications of a method.
    pub fn notifications(&self, method: &str) -> Vec<&Value> {
        let messages = self.messages.iter();
        let messages = messages.filter(|message| message["method"] == method);
        messages.map(|message| &message["params"]).collect()
    }

    /// Returns the message of the error.
    pub fn error(&self) -> &str {
        let message = &self.response()["error"]["message"];
        message.as_str().unwrap_or_else(|| panic!("{self:?}"))
    }
}

impl Client {
    /// Creates a client without a session.
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            session: None,
            token: None,
        }
    }

    /// Begins a session.
    pub async fn connect(address: SocketAddr) -> Self {
        Self::connect_with(address, None).await
    }

    /// Begins a session of the user with this token.
    pub async fn connect_with(address: SocketAddr, token: Option<String>) -> Self {
        let mut client = Self::new(address);
        client.token = token;
        let reply = client.initialize().await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        let session = reply.header("mcp-session-id");
        client.session = Some(session.expect("a session").to_owned());
        client
    }

    /// Sends `initialize`.
    pub async fn initialize(&self) -> Reply {
        let params = json!({
            "protocolVersion": "2025-06-18",
            "capabilities": { "roots": { "listChanged": true }, "experimental": { "x": {} } },
            "clientInfo": { "name": "tester", "version": "7" },
        });
        self.request("initialize", params).await
    }

    /// Sends a request.
    pub async fn request(&self, method: &str, params: Value) -> Reply {
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        self.send(Method::POST, &[], Some(&message)).await
    }

    /// Sends a notification.
    pub async fn notify(&self, method: &str) -> Reply {
        let message = json!({ "jsonrpc": "2.0", "method": method });
        self.send(Method::POST, &[], Some(&message)).await
    }

    /// Calls a tool, which succeeds.
    pub async fn call(&self, tool: &str) -> Reply {
        let params = json!({ "name": tool, "arguments": {} });
        let reply = self.request("tools/call", params).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        assert!(reply.response()["result"].is_object(), "{reply:?}");
        reply
    }

    /// Ends the session.
    pub async fn delete(&self) -> Reply {
        self.send(Method::DELETE, &[], None).await
    }

    /// Sends any request. The header fields come after those of the client.
    pub async fn send(
        &self,
        method: Method,
        fields: &[(&str, &str)],
        message: Option<&Value>,
    ) -> Reply {
        let mut request = Request::builder()
            .method(method)
            .uri("/mcp")
            .header("host", self.address.to_string())
            .header("accept", "application/json, text/event-stream");
        if message.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        if let Some(session) = &self.session {
            request = request.header("mcp-session-id", session);
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let body = message.map(Value::to_string).unwrap_or_default();
        let request = request.body(Full::new(Bytes::from(body))).expect("valid");

        let stream = TcpStream::connect(self.address).await.expect("it connects");
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .expect("it speaks HTTP");
        tokio::spawn(connection);
        let response = sender.send_request(request).await.expect("an answer");
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let body = std::str::from_utf8(&body).expect("text");
        let is_stream = head
            .headers
            .get(CONTENT_TYPE)
            .is_some_and(|it| it == "text/event-stream");
        let parse = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| panic!("{text:?}"));
        let messages = if is_stream {
            let lines = body.lines();
            lines
                .filter_map(|line| line.strip_prefix("data: "))
                .map(parse)
                .collect()
        } else if body.is_empty() {
            Vec::new()
        } else {
            vec![parse(body)]
        };
        Reply {
            status: head.status,
            headers: head.headers,
            messages,
        }
    }
}
