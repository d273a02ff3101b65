/// Tables of fields as JSON Schema. Internal to the library.
#ifndef MCP_SCHEMA_H
#define MCP_SCHEMA_H

#include "wasi_mcp.h"

/// Writes the schema of an object with these fields, which may be `NULL`.
void mcp_write_schema(mcp_writer *writer, const char *name, const mcp_field *fields);

/// Returns the place of a field in `table`, or below it, that has no name but other members: its table would
/// end there. Returns `NULL` if there is none.
const char *mcp_nameless_field(mcp_arena *arena, const mcp_field *fields, const char *table);

/// Writes the members of a JSON object, which may be `NULL`, into the open object.
void mcp_write_members(mcp_arena *arena, mcp_writer *writer, const char *json);

/// Reads the outermost members of an object's schema as fields, and stores whether it allows no others. A
/// type that the table has no word for is `MCP_ANY`.
const mcp_field *mcp_read_fields(mcp_arena *arena, const char *schema, bool *is_closed);

/// Returns the field of a name, or `NULL`.
const mcp_field *mcp_find_field(const mcp_field *fields, const char *name);

#endif
