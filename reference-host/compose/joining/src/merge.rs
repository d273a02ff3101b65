//! The description of two servers as one.

use wasi_mcp_types::capabilities::{
    PromptsCapability, ResourcesCapability, Server, ServerCapabilities, ToolsCapability,
};

/// Joins two descriptions: the name of the first, the union of the capabilities, the instructions
/// of both. Where both have a member that cannot be joined, the first one's stays.
pub(crate) fn servers(left: Server, right: Server) -> Server {
    let instructions = match (left.instructions, right.instructions) {
        (Some(left), Some(right)) => Some(format!("{left}\n\n{right}")),
        (left, right) => left.or(right),
    };
    Server {
        info: left.info,
        capabilities: capabilities(left.capabilities, right.capabilities),
        instructions,
    }
}

fn capabilities(left: ServerCapabilities, right: ServerCapabilities) -> ServerCapabilities {
    ServerCapabilities {
        extra: left.extra.or(right.extra),
        experimental: both(left.experimental, right.experimental, |left, right| {
            let mut all = left;
            for (name, value) in right {
                if all.iter().all(|(taken, _)| *taken != name) {
                    all.push((name, value));
                }
            }
            all
        }),
        completions: left.completions.or(right.completions),
        prompts: both(left.prompts, right.prompts, |left, right| {
            PromptsCapability {
                list_changed: either(left.list_changed, right.list_changed),
            }
        }),
        resources: both(left.resources, right.resources, |left, right| {
            ResourcesCapability {
                subscribe: either(left.subscribe, right.subscribe),
                list_changed: either(left.list_changed, right.list_changed),
            }
        }),
        tools: both(left.tools, right.tools, |left, right| ToolsCapability {
            list_changed: either(left.list_changed, right.list_changed),
        }),
    }
}

fn both<T>(left: Option<T>, right: Option<T>, join: impl FnOnce(T, T) -> T) -> Option<T> {
    match (left, right) {
        (Some(left), Some(right)) => Some(join(left, right)),
        (left, right) => left.or(right),
    }
}

fn either(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    both(left, right, |left, right| left || right)
}
