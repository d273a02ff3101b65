/// Tables of fields as JSON Schema. Internal to the library.
#ifndef MCP_SCHEMA_H
#define MCP_SCHEMA_H

#include "wasi_mcp.h"

/// Writes the schema of an object with these fields, which may be `NULL`.
void mcp_write_schema(mcp_writer *writer, const char *name, const mcp_field *fields);

/// Writes the members of a JSON object, which may be `NULL`, into the open object.
void mcp_write_members(mcp_arena *arena, mcp_writer *writer, const char *json);

#endif
