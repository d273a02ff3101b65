/// The functions of `runtime`, which own the lists. Internal to the library.
///
/// In a backend they are the imports. A service does not import them: those of `mcp_service.c`, which are
/// weak, take their place, so that the items of both kinds of server are registered in one way.
#ifndef MCP_RUNTIME_H
#define MCP_RUNTIME_H

#include "wasi_mcp.h"

/// Declares a function by its name for the linker: the bindings of a service lack the types of `runtime`, and
/// those of a backend have declared it with them.
#define RUNTIME(function, ...)                                                                               \
    bool mcp_runtime_##function(__VA_ARGS__,                                                                 \
                                wasi_mcp_types_error_t *error) __asm__("wasi_mcp_runtime_" #function)

RUNTIME(register_server, wasi_mcp_capabilities_server_t *server);
RUNTIME(register_tools, wasi_mcp_content_list_tool_t *tools);
RUNTIME(unregister_tools, bindings_list_string_t *names);
RUNTIME(register_resources, wasi_mcp_content_list_resource_t *resources);
RUNTIME(unregister_resources, bindings_list_string_t *uris);
RUNTIME(register_resource_templates, wasi_mcp_content_list_resource_template_t *templates);
RUNTIME(unregister_resource_templates, bindings_list_string_t *uri_templates);
RUNTIME(register_prompts, wasi_mcp_content_list_prompt_t *prompts);
RUNTIME(unregister_prompts, bindings_list_string_t *names);
bool mcp_runtime_serve(wasi_mcp_types_error_t *error) __asm__("wasi_mcp_runtime_serve");

#endif
