/// Items as records of the bindings. Internal to the library.
///
/// A mistake of an item is a failure of the call. `to` is that of the other records.
#ifndef MCP_ITEMS_H
#define MCP_ITEMS_H

#include "wasi_mcp.h"

wasi_mcp_content_tool_t mcp_out_tool(mcp_call *call, mcp_arena *to, const mcp_tool *tool);
wasi_mcp_content_resource_t mcp_out_resource(mcp_call *call, mcp_arena *to, const mcp_resource *resource);
wasi_mcp_content_resource_template_t mcp_out_template(mcp_call *call, mcp_arena *to,
                                                      const mcp_template *template);
wasi_mcp_content_prompt_t mcp_out_prompt(mcp_call *call, mcp_arena *to, const mcp_prompt *prompt);

#endif
