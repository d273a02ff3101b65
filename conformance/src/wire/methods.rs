//! The methods and notifications of MCP 2025-06-18, with senders, contents and required
//! capabilities.

use serde_json::Value;

use super::definitions as define;
use super::shapes::{Inspection, Record, Shape};

/// The sender of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sender {
    /// The client alone.
    Client,
    /// The server alone.
    Server,
    /// Either.
    Both,
}

impl Sender {
    /// Returns true if the server may send it.
    pub fn includes_server(self) -> bool {
        self != Self::Client
    }
}

/// The capability that a method requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// None.
    Open,
    /// A server's capability, and the flag that must be true, if any.
    Server(&'static str, Option<&'static str>),
    /// A client's capability, and the flag that must be true, if any.
    Client(&'static str, Option<&'static str>),
}

impl Gate {
    /// Returns true if these capabilities permit the method.
    pub fn is_open(self, client: &Value, server: &Value) -> bool {
        let declared = |capabilities: &Value, name: &str, flag: Option<&str>| match (
            capabilities.get(name),
            flag,
        ) {
            (None | Some(Value::Null), _) => false,
            (Some(_), None) => true,
            (Some(capability), Some(flag)) => capability.get(flag) == Some(&Value::Bool(true)),
        };
        match self {
            Self::Open => true,
            Self::Server(name, flag) => declared(server, name, flag),
            Self::Client(name, flag) => declared(client, name, flag),
        }
    }
}

/// A method or a notification.
#[derive(Debug)]
pub struct Method {
    /// Its name on the wire.
    pub name: &'static str,
    /// The sender.
    pub sender: Sender,
    /// The required capability.
    pub gate: Gate,
    /// Its parameters.
    pub params: Shape,
    /// True if the parameters are required.
    pub params_required: bool,
    /// Its result; `None` for a notification.
    pub result: Option<Shape>,
}

const fn request(
    name: &'static str,
    sender: Sender,
    gate: Gate,
    params: Params,
    result: &'static Record,
) -> Method {
    let (params, params_required) = params.parts();
    Method {
        name,
        sender,
        gate,
        params,
        params_required,
        result: Some(Shape::Record(result)),
    }
}

const fn notification(name: &'static str, sender: Sender, gate: Gate, params: Params) -> Method {
    let (params, params_required) = params.parts();
    Method {
        name,
        sender,
        gate,
        params,
        params_required,
        result: None,
    }
}

enum Params {
    Needed(&'static Record),
    Free(&'static Record),
}

impl Params {
    const fn parts(self) -> (Shape, bool) {
        match self {
            Self::Needed(record) => (Shape::Record(record), true),
            Self::Free(record) => (Shape::Record(record), false),
        }
    }
}

use Gate::{Client as OfClient, Open, Server as OfServer};
use Params::{Free, Needed};
use Sender::{Both, Client, Server};

const SUBSCRIBE: Gate = OfServer("resources", Some("subscribe"));

/// The 16 methods and 9 notifications.
pub static METHODS: &[Method] = &[
    request(
        "initialize",
        Client,
        Open,
        Needed(&define::INITIALIZE_PARAMS),
        &define::INITIALIZE_RESULT,
    ),
    request(
        "ping",
        Both,
        Open,
        Free(&define::BARE_PARAMS),
        &define::EMPTY_RESULT,
    ),
    request(
        "resources/list",
        Client,
        OfServer("resources", None),
        Free(&define::PAGINATED_PARAMS),
        &define::LIST_RESOURCES_RESULT,
    ),
    request(
        "resources/templates/list",
        Client,
        OfServer("resources", None),
        Free(&define::PAGINATED_PARAMS),
        &define::LIST_RESOURCE_TEMPLATES_RESULT,
    ),
    request(
        "resources/read",
        Client,
        OfServer("resources", None),
        Needed(&define::READ_RESOURCE_PARAMS),
        &define::READ_RESOURCE_RESULT,
    ),
    request(
        "resources/subscribe",
        Client,
        SUBSCRIBE,
        Needed(&define::SUBSCRIBE_PARAMS),
        &define::EMPTY_RESULT,
    ),
    request(
        "resources/unsubscribe",
        Client,
        SUBSCRIBE,
        Needed(&define::UNSUBSCRIBE_PARAMS),
        &define::EMPTY_RESULT,
    ),
    request(
        "prompts/list",
        Client,
        OfServer("prompts", None),
        Free(&define::PAGINATED_PARAMS),
        &define::LIST_PROMPTS_RESULT,
    ),
    request(
        "prompts/get",
        Client,
        OfServer("prompts", None),
        Needed(&define::GET_PROMPT_PARAMS),
        &define::GET_PROMPT_RESULT,
    ),
    request(
        "tools/list",
        Client,
        OfServer("tools", None),
        Free(&define::PAGINATED_PARAMS),
        &define::LIST_TOOLS_RESULT,
    ),
    request(
        "tools/call",
        Client,
        OfServer("tools", None),
        Needed(&define::CALL_TOOL_PARAMS),
        &define::CALL_TOOL_RESULT,
    ),
    request(
        "logging/setLevel",
        Client,
        OfServer("logging", None),
        Needed(&define::SET_LEVEL_PARAMS),
        &define::EMPTY_RESULT,
    ),
    request(
        "completion/complete",
        Client,
        OfServer("completions", None),
        Needed(&define::COMPLETE_PARAMS),
        &define::COMPLETE_RESULT,
    ),
    request(
        "sampling/createMessage",
        Server,
        OfClient("sampling", None),
        Needed(&define::CREATE_MESSAGE_PARAMS),
        &define::CREATE_MESSAGE_RESULT,
    ),
    request(
        "roots/list",
        Server,
        OfClient("roots", None),
        Free(&define::BARE_PARAMS),
        &define::LIST_ROOTS_RESULT,
    ),
    request(
        "elicitation/create",
        Server,
        OfClient("elicitation", None),
        Needed(&define::ELICIT_PARAMS),
        &define::ELICIT_RESULT,
    ),
    notification(
        "notifications/initialized",
        Client,
        Open,
        Free(&define::BARE_PARAMS),
    ),
    notification(
        "notifications/cancelled",
        Both,
        Open,
        Needed(&define::CANCELLED_PARAMS),
    ),
    notification(
        "notifications/progress",
        Both,
        Open,
        Needed(&define::PROGRESS_PARAMS),
    ),
    notification(
        "notifications/message",
        Server,
        OfServer("logging", None),
        Needed(&define::LOGGING_MESSAGE_PARAMS),
    ),
    notification(
        "notifications/resources/updated",
        Server,
        SUBSCRIBE,
        Needed(&define::RESOURCE_UPDATED_PARAMS),
    ),
    notification(
        "notifications/resources/list_changed",
        Server,
        OfServer("resources", Some("listChanged")),
        Free(&define::BARE_PARAMS),
    ),
    notification(
        "notifications/tools/list_changed",
        Server,
        OfServer("tools", Some("listChanged")),
        Free(&define::BARE_PARAMS),
    ),
    notification(
        "notifications/prompts/list_changed",
        Server,
        OfServer("prompts", Some("listChanged")),
        Free(&define::BARE_PARAMS),
    ),
    notification(
        "notifications/roots/list_changed",
        Client,
        OfClient("roots", Some("listChanged")),
        Free(&define::BARE_PARAMS),
    ),
];

/// Finds a method by name.
pub fn find(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name == name)
}

impl Method {
    /// Compares parameters with the description; [`Value::Null`] means none.
    pub fn inspect_params(&'static self, params: &Value) -> Inspection {
        if params.is_null() && !self.params_required {
            return Inspection::default();
        }
        let mut inspection = Inspection::of(params, &self.params, "params");
        if let Some(meta) = params.get("_meta") {
            inspection.merge(self.inspect_meta(meta));
        }
        inspection
    }

    /// Inspects `_meta`, which all parameters may carry although the schema says so only once.
    fn inspect_meta(&self, meta: &Value) -> Inspection {
        const PATH: &str = "params._meta";
        static META: Shape = Shape::Meta;
        static OF_REQUEST: Shape = Shape::Record(&define::REQUEST_META);
        let mut inspection = Inspection::of(meta, &META, PATH);
        if self.result.is_some() && meta.is_object() {
            inspection.merge(Inspection::of(meta, &OF_REQUEST, PATH));
        }
        inspection
    }

    /// Compares a result with the description. A notification has no result to compare.
    pub fn inspect_result(&'static self, result: &Value) -> Inspection {
        self.result
            .as_ref()
            .map_or_else(Inspection::default, |shape| {
                Inspection::of(result, shape, "result")
            })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::shapes::Rule;
    use super::*;

    fn faults(method: &str, result: Value) -> Vec<(Rule, String)> {
        let inspection = find(method).expect("a method").inspect_result(&result);
        inspection
            .faults
            .into_iter()
            .map(|fault| (fault.rule, fault.path))
            .collect()
    }

    #[test]
    fn all_methods_and_notifications_are_there() {
        assert_eq!(
            METHODS
                .iter()
                .filter(|method| method.result.is_some())
                .count(),
            16
        );
        assert_eq!(
            METHODS
                .iter()
                .filter(|method| method.result.is_none())
                .count(),
            9
        );
    }

    #[test]
    fn open_objects_are_legal() {
        let tool =
            json!({"name": "", "inputSchema": {"type": "object", "$defs": {}}, "further": null});
        assert_eq!(
            faults("tools/list", json!({"tools": [tool], "further": 1})),
            []
        );
        assert_eq!(faults("ping", json!({"_meta": {"a": 1}})), []);
    }

    #[test]
    fn faults_name_their_place_and_rule() {
        let tool = json!({"name": 1, "title": null, "inputSchema": {"properties": {"a": true}}});
        let expected = [
            (Rule::Type, "result.tools[0].name".to_owned()),
            (Rule::Type, "result.tools[0].title".to_owned()),
            (Rule::Type, "result.tools[0].inputSchema.type".to_owned()),
            (
                Rule::Type,
                "result.tools[0].inputSchema.properties.a".to_owned(),
            ),
        ];
        assert_eq!(faults("tools/list", json!({"tools": [tool]})), expected);
        assert_eq!(
            faults("ping", json!({"pong": 1})),
            [(Rule::NotEmpty, "result".to_owned())]
        );
        assert_eq!(
            faults("tools/call", json!({"content": [{"type": "video"}]})),
            [(Rule::Word, "result.content[0].type".to_owned())]
        );
        assert_eq!(
            faults(
                "resources/read",
                json!({"contents": [{"uri": "a:b", "text": "", "blob": ""}]})
            ),
            [(Rule::TwoBodies, "result.contents[0]".to_owned())]
        );
        let values: Vec<&str> = vec!["x"; 101];
        assert_eq!(
            faults(
                "completion/complete",
                json!({"completion": {"values": values}})
            ),
            [(Rule::Limit, "result.completion.values".to_owned())]
        );
    }

    #[test]
    fn forms_are_flat() {
        let form = |field: Value| {
            let params = json!({"message": "", "requestedSchema": {"type": "object", "properties": {"a": field}}});
            let faults = find("elicitation/create")
                .expect("a method")
                .inspect_params(&params)
                .faults;
            faults
                .into_iter()
                .map(|fault| fault.rule)
                .collect::<Vec<_>>()
        };
        assert_eq!(form(json!({"type": "string", "format": "email"})), []);
        assert_eq!(
            form(json!({"type": "string", "enum": ["a"], "enumNames": ["A"]})),
            []
        );
        assert_eq!(form(json!({"type": "object"})), [Rule::NotFlat]);
        assert_eq!(
            form(json!({"type": "string", "format": "ipv4"})),
            [Rule::Word]
        );
        assert_eq!(
            form(json!({"type": "string", "pattern": "a"})),
            [Rule::Keyword]
        );
        assert_eq!(form(json!({"type": "string", "enum": [1]})), [Rule::Type]);
        assert_eq!(
            form(json!({"type": "string", "enum": ["a"], "enumNames": []})),
            [Rule::Enumeration]
        );
    }

    #[test]
    fn gates_consult_the_capabilities_of_the_right_party() {
        let gate = Gate::Server("tools", Some("listChanged"));
        assert!(gate.is_open(&json!({}), &json!({"tools": {"listChanged": true}})));
        assert!(!gate.is_open(&json!({}), &json!({"tools": {}})));
        assert!(!gate.is_open(&json!({"tools": {"listChanged": true}}), &json!({})));
    }
}
