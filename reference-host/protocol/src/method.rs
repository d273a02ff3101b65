//! The requests that a client may send.

use super::offer::Offered;

/// A request method of [MCP
/// 2025-06-18](https://modelcontextprotocol.io/specification/2025-06-18/schema)
/// from client to server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// `initialize`
    Initialize,
    /// `ping`
    Ping,
    /// `tools/list`
    ListTools,
    /// `tools/call`
    CallTool,
    /// `resources/list`
    ListResources,
    /// `resources/templates/list`
    ListResourceTemplates,
    /// `resources/read`
    ReadResource,
    /// `resources/subscribe`
    Subscribe,
    /// `resources/unsubscribe`
    Unsubscribe,
    /// `prompts/list`
    ListPrompts,
    /// `prompts/get`
    GetPrompt,
    /// `completion/complete`
    Complete,
    /// `logging/setLevel`
    SetLevel,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 13] = [
        Self::Initialize,
        Self::Ping,
        Self::ListTools,
        Self::CallTool,
        Self::ListResources,
        Self::ListResourceTemplates,
        Self::ReadResource,
        Self::Subscribe,
        Self::Unsubscribe,
        Self::ListPrompts,
        Self::GetPrompt,
        Self::Complete,
        Self::SetLevel,
    ];

    /// Returns the method with this name on the wire.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Initialize => "initialize",
            Self::Ping => "ping",
            Self::ListTools => "tools/list",
            Self::CallTool => "tools/call",
            Self::ListResources => "resources/list",
            Self::ListResourceTemplates => "resources/templates/list",
            Self::ReadResource => "resources/read",
            Self::Subscribe => "resources/subscribe",
            Self::Unsubscribe => "resources/unsubscribe",
            Self::ListPrompts => "prompts/list",
            Self::GetPrompt => "prompts/get",
            Self::Complete => "completion/complete",
            Self::SetLevel => "logging/setLevel",
        }
    }

    /// Returns whether the capability that [the method
    /// needs](https://modelcontextprotocol.io/specification/2025-06-18/basic/lifecycle#capability-negotiation)
    /// is offered.
    pub(super) const fn is_offered(self, offered: &Offered) -> bool {
        match self {
            Self::Initialize | Self::Ping => true,
            Self::SetLevel => offered.logging,
            Self::ListTools | Self::CallTool => offered.tools,
            Self::ListResources | Self::ListResourceTemplates | Self::ReadResource => {
                offered.resources
            }
            Self::Subscribe | Self::Unsubscribe => offered.subscribe,
            Self::ListPrompts | Self::GetPrompt => offered.prompts,
            Self::Complete => offered.completions,
        }
    }
}
