/// Checks of UTF-8. Internal to the library.
#ifndef MCP_UTF8_H
#define MCP_UTF8_H

#include "mcp_arena.h"

/// Returns the length of the character at the beginning of the bytes, or 0 where they begin with none.
size_t mcp_utf8_character(const unsigned char *bytes, size_t length);

/// Returns a text that is UTF-8: itself, or a copy with U+FFFD in place of each byte that is not.
///
/// A component that passes on other bytes as a text is trapped.
mcp_slice mcp_utf8_repaired(mcp_arena *arena, mcp_slice text);

#endif
