/// The start of an instance. Internal to the library.
#ifndef MCP_START_H
#define MCP_START_H

#include "wasi_mcp.h"

/// Starts the instance unless it has started: registers the server and its items. A mistake is a failure of
/// `call`.
void mcp_start(mcp_call *call);

/// Returns the description of the server. `to` is that of the other records.
wasi_mcp_capabilities_server_t mcp_out_server(mcp_call *call, mcp_arena *to);

/// Returns whether the description declares the capability that items of a kind belong to.
bool mcp_is_offered(mcp_item_kind kind);

#endif
