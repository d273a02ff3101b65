/// Calls of the exports, as a host makes them for a client.
///
/// An answer is a text, which the next call replaces. All that the library returns is freed as the bindings
/// free it.
#ifndef CLIENT_H
#define CLIENT_H

#include <stdbool.h>

#include "wasi_mcp.h"

extern char answer[1 << 15];

/// Adds an error to the answer.
void show_error(wasi_mcp_types_error_t *error);

const char *call_tool(const char *name, const char *arguments);
const char *read_resource(const char *uri);

/// Gets a prompt. Names and texts of arguments end with `NULL`.
const char *get_prompt(const char *name, const char *const *arguments);

/// Completes an argument. Names and texts of the arguments that are known end with `NULL`.
const char *complete(wasi_mcp_content_completion_reference_t reference, const char *name, const char *value,
                     const char *const *known);

wasi_mcp_content_completion_reference_t of_prompt(const char *name);
wasi_mcp_content_completion_reference_t of_template(const char *uri_template);

/// Subscribes to a resource. Returns `false` after an error, which is the answer.
bool subscribe(const char *uri);

#endif
