//! The reference host with one fault: what goes over the wire is changed
//! between it and the client.

use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;
use wasi_mcp_conformance::driver::Timing;
use wasi_mcp_conformance::driver::connection::{Connection, Lines, Server, Transport};
use wasi_mcp_conformance::runtime::in_process::ReferenceHost;
use wasi_mcp_conformance::runtime::{Base, Component, Limits, Runtime, Setting};

/// The faults.
pub const KINDS: &[&str] = &[
    "codes-changed",
    "error-data-dropped",
    "notifications-dropped",
    "notifications-added",
    "logging-undeclared",
    "everything-declared",
    "list-turned",
    "results-refused",
    "cancelled-answered",
    "meta-lost",
    "numbers-rounded",
    "bytes-url-safe",
    "meta-dropped",
    "asked-unasked",
    "initialized-assumed",
    "content-judged",
    "denial-ignored",
    "logging-declared",
    "end-unnoticed",
    "failures-hidden",
    "formats-asserted",
    "level-raised",
    "restarts-given-up",
    "catalog-walked",
];

/// The losses after which a host with the fault `restarts-given-up` starts no instance.
const LOSSES: usize = 2;

/// The id of a request that a host makes up for itself.
const OWN: &str = "of the host";

/// The reference host with the fault of this name.
pub struct Altered {
    fault: &'static str,
}

impl Altered {
    pub fn new(fault: &'static str) -> Self {
        assert!(KINDS.contains(&fault), "there is no fault {fault}");
        Self { fault }
    }
}

impl Runtime for Altered {
    fn name(&self) -> &str {
        self.fault
    }

    fn supports(&self, base: Base, transport: Transport) -> bool {
        ReferenceHost.supports(base, transport)
    }

    fn knows(&self, setting: Setting) -> bool {
        ReferenceHost.knows(setting)
    }

    fn serve(
        &self,
        component: &Component,
        transport: Transport,
        setting: Setting,
    ) -> anyhow::Result<Arc<dyn Server>> {
        assert_eq!(transport, Transport::Stdio, "only lines are changed");
        let setting = match self.fault {
            "denial-ignored" => Setting::Open,
            _ => setting,
        };
        Ok(Arc::new(Between {
            fault: self.fault,
            inner: ReferenceHost.serve(component, transport, setting)?,
        }))
    }

    fn timing(&self) -> Timing {
        Timing {
            answer: std::time::Duration::from_millis(1500),
            ..ReferenceHost.timing()
        }
    }

    fn limits(&self) -> Limits {
        Limits {
            stopping: Some(std::time::Duration::from_secs(1)),
            ..ReferenceHost.limits()
        }
    }
}

struct Between {
    fault: &'static str,
    inner: Arc<dyn Server>,
}

impl Server for Between {
    fn transport(&self) -> Transport {
        Transport::Stdio
    }

    fn connect(&self) -> BoxFuture<'_, anyhow::Result<Connection>> {
        Box::pin(async {
            let Connection::Lines(inner) = self.inner.connect().await? else {
                anyhow::bail!("only lines are changed");
            };
            let (ours, theirs) = tokio::io::duplex(1 << 16);
            let (output, input) = tokio::io::split(ours);
            let (from_client, to_client) = tokio::io::split(theirs);
            let (send, outgoing) = mpsc::unbounded_channel();
            tokio::spawn(towards_server(
                self.fault,
                from_client,
                inner.input,
                send.clone(),
            ));
            tokio::spawn(towards_client(self.fault, inner.output, send));
            tokio::spawn(write(outgoing, to_client));
            Ok(Connection::Lines(Lines {
                output: Box::new(output),
                errors: None,
                input: Box::new(input),
                process: None,
            }))
        })
    }
}

type Send = mpsc::UnboundedSender<String>;

async fn write(
    mut lines: mpsc::UnboundedReceiver<String>,
    mut to: impl tokio::io::AsyncWrite + Unpin,
) {
    while let Some(line) = lines.recv().await {
        if to.write_all(format!("{line}\n").as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn towards_server(
    fault: &'static str,
    from: impl tokio::io::AsyncRead + Unpin,
    mut to: impl tokio::io::AsyncWrite + Unpin,
    client: Send,
) {
    let mut lines = BufReader::new(from).lines();
    while let Ok(Some(mut line)) = lines.next_line().await {
        if fault == "meta-lost" {
            line = line.replace("example.org/a", "example.org/b");
        }
        let message: Value = serde_json::from_str(&line).unwrap_or_default();
        let method = message["method"].as_str().unwrap_or_default();
        let mut first = None;
        match (fault, method) {
            ("cancelled-answered", "notifications/cancelled") => {
                let id = &message["params"]["requestId"];
                let answer = json!({"jsonrpc": "2.0", "id": id, "result": {"content": []}});
                // The client may be gone.
                let _ = client.send(answer.to_string());
            }
            ("initialized-assumed", "tools/call") => {
                first = Some(json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
            }
            ("catalog-walked", "tools/call") => {
                first = Some(json!({"jsonrpc": "2.0", "id": OWN, "method": "tools/list"}));
            }
            ("formats-asserted", "tools/call")
                if message["params"]["arguments"]["mail"] == "none" =>
            {
                let error = json!({"code": -32602, "message": "`mail` is no email address"});
                let answer = json!({"jsonrpc": "2.0", "id": message["id"], "error": error});
                // The client may be gone.
                let _ = client.send(answer.to_string());
                continue;
            }
            ("level-raised", "logging/setLevel") => line = line.replace("debug", "info"),
            ("content-judged", "") if message["result"].get("content").is_some() => {
                line = line
                    .replace("decline", "accept")
                    .replace("cancel", "accept");
            }
            _ => {}
        }
        let first = first.map_or_else(String::new, |first| format!("{first}\n"));
        if to
            .write_all(format!("{first}{line}\n").as_bytes())
            .await
            .is_err()
        {
            return;
        }
    }
    if fault == "end-unnoticed" {
        // The host learns only when the client has gone that its input has ended.
        client.closed().await;
    }
}

async fn towards_client(
    fault: &'static str,
    from: impl tokio::io::AsyncRead + Unpin,
    client: Send,
) {
    let mut lines = BufReader::new(from).lines();
    let mut serves = false;
    let mut losses = 0;
    while let Ok(Some(mut line)) = lines.next_line().await {
        let message: Value = serde_json::from_str(&line).unwrap_or_default();
        if fault == "catalog-walked" && message["id"] == OWN {
            continue;
        }
        if fault == "failures-hidden"
            && message.is_null()
            && let Some((_, rest)) = line.split_once("\"id\":")
        {
            let id: String = rest.chars().take_while(char::is_ascii_digit).collect();
            line = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"contents":[]}}}}"#);
        }
        serves |= message["result"].get("capabilities").is_some();
        if fault == "restarts-given-up" && serves && message["error"]["code"] == -32603 {
            losses += 1;
        }
        if losses >= LOSSES && message.get("id").is_some() {
            let error = json!({"code": -32603, "message": "the component is lost"});
            line = json!({"jsonrpc": "2.0", "id": message["id"], "error": error}).to_string();
        }
        for line in altered(fault, line) {
            if client.send(line).is_err() {
                return;
            }
        }
    }
}

/// What the client gets in the place of a line.
fn altered(fault: &str, line: String) -> Vec<String> {
    match fault {
        "numbers-rounded" => {
            let rounded = line
                .replace("1.10", "1.1")
                .replace("2.50", "2.5")
                .replace("9007199254740993", "9007199254740992");
            return vec![rounded];
        }
        "meta-dropped" => return vec![line.replace("example.org/probe", "example.org/other")],
        _ => {}
    }
    let Ok(mut message) = serde_json::from_str::<Value>(&line) else {
        return vec![line];
    };
    let is_response = message.get("id").is_some() && message.get("method").is_none();
    let is_notification = message.get("id").is_none();
    match fault {
        "notifications-dropped" if is_notification => return Vec::new(),
        "notifications-added" if is_response => {
            let added = notifications();
            return [added.clone(), vec![line], added].concat();
        }
        "asked-unasked" if is_response && message["result"].get("structuredContent").is_some() => {
            let ask = json!({"jsonrpc": "2.0", "id": "unasked", "method": "roots/list"});
            return vec![ask.to_string(), line];
        }
        "codes-changed" if message.get("error").is_some() => {
            message["error"]["code"] = json!(-32001);
        }
        "error-data-dropped" => {
            if let Some(error) = message.get_mut("error").and_then(Value::as_object_mut) {
                error.remove("data");
            }
        }
        "logging-undeclared" => {
            if let Some(declared) = message["result"]
                .get_mut("capabilities")
                .and_then(Value::as_object_mut)
            {
                declared.remove("logging");
            }
        }
        "logging-declared" if message["result"].get("capabilities").is_some() => {
            message["result"]["capabilities"]["logging"] = json!({});
        }
        "everything-declared" if message["result"].get("capabilities").is_some() => {
            message["result"]["capabilities"]["prompts"] = json!({});
        }
        "list-turned" => {
            if let Some(tools) = message["result"]
                .get_mut("tools")
                .and_then(Value::as_array_mut)
            {
                tools.reverse();
            }
        }
        "results-refused" if message["result"].get("capabilities").is_none() && is_response => {
            return vec![
                json!({"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32000, "message": "refused"}}).to_string(),
            ];
        }
        "bytes-url-safe" => return vec![line.replace('+', "-")],
        _ => return vec![line],
    }
    vec![message.to_string()]
}

/// One of each kind, which nobody has asked for.
fn notifications() -> Vec<String> {
    let progress = |token: Value| {
        (
            "notifications/progress",
            json!({"progressToken": token, "progress": 0}),
        )
    };
    let all = [
        progress(json!(7)),
        progress(json!("late")),
        (
            "notifications/message",
            json!({"level": "debug", "data": "nobody asked"}),
        ),
        ("notifications/tools/list_changed", json!({})),
        (
            "notifications/resources/updated",
            json!({"uri": "probe:///nobody"}),
        ),
    ];
    all.into_iter()
        .map(|(method, params)| {
            json!({"jsonrpc": "2.0", "method": method, "params": params}).to_string()
        })
        .collect()
}
