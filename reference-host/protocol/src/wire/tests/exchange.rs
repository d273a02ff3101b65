//! `initialize` and errors, which are mapped by functions.

use crate::json::{Fault, Object};
use crate::wire::{
    client_from_initialize, declare_server, error_from_wire, error_to_wire, initialize_params,
    server_from_initialize,
};
use wasi_mcp_types::capabilities::{Client, Server, ServerCapabilities, ToolsCapability};
use wasi_mcp_types::types::{Error, ErrorCode, Implementation};

fn client(json: &str) -> Result<Client, Fault> {
    client_from_initialize(Object::parse(json).expect("an object"))
}

const PARAMS: &str = r#"{"protocolVersion":"2025-06-18","capabilities":{"roots":{"listChanged":true},"sampling":{}},"clientInfo":{"name":"n","version":"1","websiteUrl":"a:b"}}"#;

#[test]
fn a_client_is_read_and_written() {
    let read = client(PARAMS).expect("the params are complete");
    assert_eq!(read.protocol_version, "2025-06-18");
    assert_eq!(read.log_level, None);
    assert_eq!(
        read.info.as_ref().and_then(|info| info.extra.as_deref()),
        Some(r#"{"websiteUrl":"a:b"}"#)
    );
    assert_eq!(read.capabilities.sampling.as_deref(), Some("{}"));
    assert_eq!(read.capabilities.elicitation, None);
    assert_eq!(
        initialize_params(&read).map(String::from_utf8),
        Ok(Ok(PARAMS.to_owned()))
    );
    let nameless = Client { info: None, ..read };
    assert_eq!(
        initialize_params(&nameless).map_err(|fault| fault.to_string()),
        Err("`clientInfo`: an object is expected".into())
    );
}

#[test]
fn a_client_says_who_it_is() {
    for (params, text) in [
        (r#"{}"#, "`protocolVersion`: a string is expected"),
        (
            r#"{"protocolVersion":1}"#,
            "`protocolVersion`: a string is expected",
        ),
        (
            r#"{"protocolVersion":"v"}"#,
            "`capabilities`: an object is expected",
        ),
        (
            r#"{"protocolVersion":"v","capabilities":{"roots":true}}"#,
            "`capabilities.roots`: an object is expected",
        ),
        (
            r#"{"protocolVersion":"v","capabilities":{"roots":{"listChanged":1}}}"#,
            "`capabilities.roots.listChanged`: a boolean is expected",
        ),
        (
            r#"{"protocolVersion":"v","capabilities":{}}"#,
            "`clientInfo`: an object is expected",
        ),
        (
            r#"{"protocolVersion":"v","capabilities":{},"clientInfo":{"name":"n"}}"#,
            "`clientInfo.version`: a string is expected",
        ),
    ] {
        let fault = client(params).expect_err(params);
        assert_eq!(fault.to_string(), text);
    }
}

fn server(extra: Option<&str>, experimental: &str) -> Server {
    Server {
        info: Implementation {
            name: "n".into(),
            title: None,
            version: "1".into(),
            extra: None,
        },
        capabilities: ServerCapabilities {
            extra: extra.map(Into::into),
            experimental: Some(vec![("e".into(), experimental.into())]),
            completions: None,
            prompts: None,
            resources: None,
            tools: Some(ToolsCapability {
                list_changed: Some(true),
            }),
        },
        instructions: Some("line\nline".into()),
    }
}

#[test]
fn logging_is_declared_as_the_host_says() {
    let own = r#"{"logging":{"x":1},"later":1.0}"#;
    for (extra, logging, expected) in [
        (None, true, r#","logging":{}"#),
        (None, false, ""),
        (Some(own), true, r#","later":1.0,"logging":{}"#),
        (Some(own), false, r#","later":1.0"#),
    ] {
        let declaration =
            declare_server(server(extra, "{}"), logging).expect("the server is sound");
        assert_eq!(declaration.info, r#"{"name":"n","version":"1"}"#);
        assert_eq!(
            declaration.capabilities,
            format!(r#"{{"experimental":{{"e":{{}}}},"tools":{{"listChanged":true}}{expected}}}"#)
        );
        assert_eq!(declaration.instructions.as_deref(), Some("line\nline"));
    }
}

#[test]
fn a_server_is_refused_by_the_member_at_fault() {
    let text = |server| declare_server(server, true).map_err(|fault| fault.to_string());
    assert_eq!(
        text(server(Some("true"), "{}")),
        Err("`capabilities.extra`: an object is expected".into())
    );
    assert_eq!(
        text(server(None, "[]")),
        Err("`capabilities.experimental.e`: an object is expected".into())
    );
    let mut faulty = server(None, "{}");
    faulty.info.extra = Some("7".into());
    assert_eq!(
        text(faulty),
        Err("`serverInfo.extra`: an object is expected".into())
    );
}

#[test]
fn a_server_is_read() {
    let declaration = declare_server(server(None, "{}"), true).expect("the server is sound");
    let result = format!(
        r#"{{"protocolVersion":"2025-06-18","serverInfo":{},"capabilities":{},"instructions":"line\nline"}}"#,
        declaration.info, declaration.capabilities
    );
    let read = server_from_initialize(Object::parse(&result).expect("an object"));
    assert_eq!(read, Ok(server(Some(r#"{"logging":{}}"#), "{}")));
    let lacking = server_from_initialize(Object::parse("{}").expect("an object"));
    assert_eq!(
        lacking.map_err(|fault| fault.to_string()),
        Err("`serverInfo`: an object is expected".into())
    );
}

#[test]
fn error_codes() {
    for (code, number) in [
        (ErrorCode::ParseError, -32700),
        (ErrorCode::InvalidRequest, -32600),
        (ErrorCode::MethodNotFound, -32601),
        (ErrorCode::InvalidParams, -32602),
        (ErrorCode::InternalError, -32603),
        (ErrorCode::ResourceNotFound, -32002),
        (ErrorCode::Other(-1), -1),
        (ErrorCode::Other(i32::MAX), i32::MAX),
    ] {
        let error = Error {
            code,
            message: "m".into(),
            data: Some("7.0".into()),
        };
        assert_eq!(
            error_to_wire(error.clone()),
            Ok((number, "m".into(), Some("7.0".into())))
        );
        assert_eq!(
            error_from_wire(number, "m".into(), Some("7.0".into())),
            error
        );
    }
}

#[test]
fn codes_that_wit_alone_has_are_internal_errors() {
    for code in [
        ErrorCode::Cancelled,
        ErrorCode::Timeout,
        ErrorCode::InvalidState,
    ] {
        let error = Error {
            code,
            message: "m".into(),
            data: None,
        };
        assert_eq!(error_to_wire(error), Ok((-32603, "m".into(), None)));
    }
}

#[test]
fn error_data_is_checked_and_stands_on_one_line() {
    let error = |data: &str| Error {
        code: ErrorCode::InvalidParams,
        message: "m".into(),
        data: Some(data.into()),
    };
    assert_eq!(
        error_to_wire(error("[1.0,\n 1e400]\n")),
        Ok((-32602, "m".into(), Some("[1.0, 1e400]".into())))
    );
    let fault = error_to_wire(error("]")).expect_err("it is no JSON");
    assert_eq!(fault.path, "data");
}
