/// Memory that is freed as a whole: the library has one arena for each call.
#ifndef MCP_ARENA_H
#define MCP_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
/// Lets the compiler check a format against its arguments, as for `printf`.
#define MCP_FORMAT(format_index, first_argument) __attribute__((format(printf, format_index, first_argument)))
#else
#define MCP_FORMAT(format_index, first_argument)
#endif

/// A text or bytes with a length. The library's texts also end with a NUL, which is not counted.
typedef struct mcp_slice {
    const char *data;
    size_t length;
} mcp_slice;

/// Returns a text that ends with a NUL as a slice.
mcp_slice mcp_slice_of(const char *text);

/// Returns whether two texts are the same.
bool mcp_slice_equals(mcp_slice one, mcp_slice other);

/// Memory that is freed as a whole. Begin with `mcp_arena arena = {0};`.
typedef struct mcp_arena {
    struct mcp_arena_block *blocks;
} mcp_arena;

/// Returns zeroed memory, aligned for any type, or `NULL` where there is none left.
void *mcp_arena_try_alloc(mcp_arena *arena, size_t size);

/// Returns zeroed memory. A component that has no memory left is aborted.
void *mcp_arena_alloc(mcp_arena *arena, size_t size);

/// Returns a copy that ends with a NUL.
char *mcp_arena_copy(mcp_arena *arena, const void *data, size_t length);

/// Returns a text that is formatted as by `printf`.
mcp_slice mcp_arena_format(mcp_arena *arena, const char *format, ...) MCP_FORMAT(2, 3);

/// Returns a text that is formatted as by `vprintf`.
mcp_slice mcp_arena_vformat(mcp_arena *arena, const char *format, va_list arguments) MCP_FORMAT(2, 0);

/// Frees all memory of the arena, which is empty then.
void mcp_arena_free(mcp_arena *arena);

#ifdef __cplusplus
}
#endif
#endif
