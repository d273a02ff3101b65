//! From a message to its answer.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use benchmark_tools::{ECHO, IMAGE_TYPE, LARGE_BINARY, LARGE_TEXT, Memory};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The answers of one server, and what it keeps in memory for them.
pub struct Server {
    tools: Vec<benchmark_tools::Tool>,
    text: Memory<String>,
    binary: Memory<Vec<u8>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    jsonrpc: Cow<'a, str>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Call<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Text<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Size {
    bytes: usize,
}

#[derive(Serialize)]
struct Response<'a, T> {
    jsonrpc: &'static str,
    id: Option<&'a RawValue>,
    result: T,
}

#[derive(Serialize)]
struct Failure<'a> {
    jsonrpc: &'static str,
    id: Option<&'a RawValue>,
    error: Error<'a>,
}

#[derive(Serialize)]
struct Error<'a> {
    code: i32,
    message: &'a str,
}

#[derive(Serialize)]
struct CallResult<C> {
    content: [C; 1],
}

#[derive(Serialize)]
struct TextContent<'a> {
    r#type: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
struct ImageContent<D> {
    r#type: &'static str,
    data: D,
    #[serde(rename = "mimeType")]
    mime_type: &'static str,
}

#[derive(Serialize)]
struct List<'a> {
    tools: Vec<Tool<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tool<'a> {
    name: &'a str,
    description: &'a str,
    input_schema: &'a RawValue,
}

/// Why there is no result.
struct Refusal(i32, String);

impl Server {
    /// Offers the tools that the environment asks for.
    pub fn new() -> Self {
        Self {
            tools: benchmark_tools::all(),
            text: Memory::new(),
            binary: Memory::new(),
        }
    }

    /// Writes the answer, where there is one.
    pub fn answer(&self, message: &[u8], out: &mut Vec<u8>) {
        let message: Message = match serde_json::from_slice(message) {
            Ok(message) => message,
            Err(error) => {
                let code = if error.is_data() { -32600 } else { -32700 };
                return fail(None, &Refusal(code, error.to_string()), out);
            }
        };
        if message.jsonrpc != "2.0" {
            let refusal = Refusal(-32600, "`jsonrpc` is not \"2.0\"".to_owned());
            return fail(message.id, &refusal, out);
        }
        // Without an id it is a notification, without a method an answer: neither is answered.
        let (Some(id), Some(method)) = (message.id, &message.method) else {
            return;
        };
        if let Err(refusal) = self.respond(id, method, message.params, out) {
            fail(Some(id), &refusal, out);
        }
    }

    fn respond(
        &self,
        id: &RawValue,
        method: &str,
        params: Option<&RawValue>,
        out: &mut Vec<u8>,
    ) -> Result<(), Refusal> {
        match method {
            "initialize" => succeed(
                id,
                serde_json::json!({
                    "protocolVersion": "2025-06-18",
                    "capabilities": {"tools": {}},
                    "serverInfo": {"name": "floor", "version": "0.1.0"},
                }),
                out,
            ),
            "ping" => succeed(id, serde_json::json!({}), out),
            "tools/list" => succeed(id, self.list(), out),
            "tools/call" => self.call(id, read(params)?, out)?,
            _ => return Err(Refusal(-32601, format!("there is no method {method}"))),
        }
        Ok(())
    }

    fn list(&self) -> List<'_> {
        let tools = self.tools.iter().map(|tool| Tool {
            name: &tool.name,
            description: &tool.description,
            input_schema: serde_json::from_str(tool.schema).expect("schemas are JSON"),
        });
        List {
            tools: tools.collect(),
        }
    }

    fn call(&self, id: &RawValue, call: Call, out: &mut Vec<u8>) -> Result<(), Refusal> {
        match &*call.name {
            ECHO => text(id, &read::<Text>(call.arguments)?.text, out),
            LARGE_TEXT => {
                let size = read::<Size>(call.arguments)?.bytes;
                let make = benchmark_tools::large_text;
                self.text.with(size, make, |value| text(id, value, out));
            }
            LARGE_BINARY => {
                let size = read::<Size>(call.arguments)?.bytes;
                let make = benchmark_tools::large_binary;
                self.binary.with(size, make, |value| image(id, value, out));
            }
            name => return Err(Refusal(-32602, format!("{name} is not there to be called"))),
        }
        Ok(())
    }
}

fn read<'a, T: Deserialize<'a>>(params: Option<&'a RawValue>) -> Result<T, Refusal> {
    let params = params.map_or("{}", RawValue::get);
    serde_json::from_str(params).map_err(|error| Refusal(-32602, error.to_string()))
}

fn text(id: &RawValue, text: &str, out: &mut Vec<u8>) {
    let content = TextContent {
        r#type: "text",
        text,
    };
    succeed(id, CallResult { content: [content] }, out);
}

fn image(id: &RawValue, data: &[u8], out: &mut Vec<u8>) {
    let content = ImageContent {
        r#type: "image",
        data: STANDARD.encode(data),
        mime_type: IMAGE_TYPE,
    };
    succeed(id, CallResult { content: [content] }, out);
}

fn succeed<T: Serialize>(id: &RawValue, result: T, out: &mut Vec<u8>) {
    let response = Response {
        jsonrpc: "2.0",
        id: Some(id),
        result,
    };
    write(&response, out);
}

fn fail(id: Option<&RawValue>, refusal: &Refusal, out: &mut Vec<u8>) {
    let error = Error {
        code: refusal.0,
        message: &refusal.1,
    };
    let failure = Failure {
        jsonrpc: "2.0",
        id,
        error,
    };
    write(&failure, out);
}

fn write(message: &impl Serialize, out: &mut Vec<u8>) {
    serde_json::to_writer(&mut *out, message).expect("memory takes any JSON");
}
