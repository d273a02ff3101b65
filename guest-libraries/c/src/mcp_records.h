/// Conversions between this library's types and the records of the bindings. Internal to the library.
///
/// Where `to` is `NULL` the copies are made by `malloc`, because the bindings free a result by `free`. Else
/// they belong to the arena.
#ifndef MCP_RECORDS_H
#define MCP_RECORDS_H

#include "wasi_mcp.h"

/// Returns zeroed memory.
void *mcp_out_memory(mcp_arena *to, size_t size);

/// Returns a copy of a text, as UTF-8.
bindings_string_t mcp_out_slice(mcp_arena *to, mcp_slice text);

/// Returns a copy of a text, as UTF-8; an empty one for `NULL`.
bindings_string_t mcp_out_string(mcp_arena *to, const char *text);

/// Initializes an option of the bindings that holds a text.
#define OUT_OPTION(to, text) {(text) != NULL, mcp_out_string(to, text)}

/// Initializes an option of the bindings that holds a number.
#define OUT_NUMBER(optional) {(optional).is_set, (optional).value}

/// Initializes an option of the bindings that holds a boolean.
#define OUT_CHOICE(choice) {(choice) != MCP_UNSET, (choice) == MCP_YES}

/// Returns a list of texts that ends with `NULL`.
bindings_list_string_t mcp_out_strings(mcp_arena *to, const char *const *texts);

/// Returns annotations; none for `NULL`.
wasi_mcp_content_option_annotations_t mcp_out_annotations(mcp_arena *to, const mcp_annotations *annotations);

/// Returns a block of content.
wasi_mcp_content_content_block_t mcp_out_block(mcp_arena *to, const mcp_content *content);

/// Returns contents of a resource.
wasi_mcp_content_resource_contents_t mcp_out_contents(mcp_arena *to, const mcp_content *content);

/// Returns an error.
wasi_mcp_types_error_t mcp_out_error(mcp_code code, mcp_slice message, const char *data);

/// Returns the code of an error.
mcp_code mcp_in_code(wasi_mcp_types_error_code_t code);

/// Returns a text, which is not copied.
mcp_slice mcp_in_slice(bindings_string_t text);

/// Returns a copy of a text, which ends with a NUL.
const char *mcp_in_string(mcp_arena *to, bindings_string_t text);

/// Returns a copy of the text in an option of the bindings, or `NULL`.
#define IN_OPTION(to, option) ((option).is_some ? mcp_in_string(to, (option).val) : NULL)

#endif
