/// URI templates of two kinds of variables, and the URIs that match them. Internal to the library.
#ifndef MCP_URI_TEMPLATE_H
#define MCP_URI_TEMPLATE_H

#include <stdbool.h>

#include "mcp_arena.h"
#include "mcp_json.h"

/// Returns what is wrong with a template, or `NULL`.
const char *mcp_uri_template_mistake(const char *uri_template);

/// Returns whether a template without a mistake has a variable of this name.
bool mcp_uri_template_has(const char *uri_template, const char *name);

/// Returns whether a URI matches a template, and writes the variables as members of the open object of
/// `variables`, unless that is `NULL`.
///
/// `{x}` stands for one segment of a path: its text is decoded, and never holds `/` or is `.` or `..`.
/// `{+x}` stands for any text, of which nothing is decoded.
bool mcp_uri_template_match(const char *uri_template, mcp_slice uri, mcp_arena *arena, mcp_writer *variables);

#endif
