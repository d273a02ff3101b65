/// The items that the server has. Internal to the library.
#ifndef MCP_REGISTRY_H
#define MCP_REGISTRY_H

#include "wasi_mcp.h"

/// The item of a resource: one of the two, or none.
typedef struct found_resource {
    const mcp_resource *resource;
    const mcp_template *template;
} found_resource;

/// Return the item of a name, or `NULL`.
const mcp_tool *mcp_find_tool(mcp_slice name);
const mcp_prompt *mcp_find_prompt(mcp_slice name);
const mcp_template *mcp_find_template(mcp_slice uri_template);

/// Returns the item of a URI: a resource, else the first template that it matches, whose variables are
/// written into the open object of `variables` unless that is `NULL`.
found_resource mcp_find_resource(mcp_slice uri, mcp_arena *arena, mcp_writer *variables);

/// Returns whether there are items of a kind, and whether one of their fields can be completed.
bool mcp_has_tools(void);
bool mcp_has_resources(void);
bool mcp_has_prompts(void);
bool mcp_has_completions(void);

#endif
