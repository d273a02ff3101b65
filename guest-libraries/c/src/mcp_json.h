/// A strict reader and a writer of JSON (RFC 8259). They depend on nothing but an arena.
#ifndef MCP_JSON_H
#define MCP_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mcp_arena.h"

#ifdef __cplusplus
extern "C" {
#endif

/// The maximum number of arrays and objects inside each other, for reading and for writing.
#ifndef MCP_JSON_MAX_DEPTH
#define MCP_JSON_MAX_DEPTH 128
#endif

/// The maximum size of a text that is read, in bytes.
#ifndef MCP_JSON_MAX_SIZE
#define MCP_JSON_MAX_SIZE (64u << 20)
#endif

/// The maximum number of values in a text that is read. A value takes about 50 bytes of memory.
#ifndef MCP_JSON_MAX_VALUES
#define MCP_JSON_MAX_VALUES 1000000u
#endif

/// The kind of a value.
typedef enum mcp_json_type {
    MCP_JSON_NULL,
    MCP_JSON_BOOLEAN,
    MCP_JSON_NUMBER,
    MCP_JSON_STRING,
    MCP_JSON_ARRAY,
    MCP_JSON_OBJECT,
} mcp_json_type;

/// A value that was read. It lives as long as the arena that it was read into.
typedef struct mcp_json mcp_json;

/// A defect of a text.
typedef struct mcp_json_defect {
    /// The position of the defect, in bytes.
    size_t position;
    /// The rule that the text breaks there.
    const char *message;
} mcp_json_defect;

/// Reads a text. Returns `NULL` where it is not JSON or exceeds a limit, and tells so in `defect`
/// unless that is `NULL`.
///
/// Strings are UTF-8 without half surrogate pairs. Numbers are kept as they are written.
const mcp_json *mcp_json_read(mcp_arena *arena, const char *text, size_t length, mcp_json_defect *defect);

/// Returns the kind of a value. A missing one, `NULL`, is `MCP_JSON_NULL`.
mcp_json_type mcp_json_type_of(const mcp_json *value);

/// Returns the name of a kind with its article, such as `a string`.
const char *mcp_json_type_name(mcp_json_type type);

/// Returns the member of an object with this name, or `NULL`. Where the name repeats, the last one
/// counts.
const mcp_json *mcp_json_member(const mcp_json *object, const char *name);

/// Returns the first item of an array, or the first member of an object, or `NULL`.
///
///     for (const mcp_json *item = mcp_json_first(list); item != NULL; item = mcp_json_next(item))
const mcp_json *mcp_json_first(const mcp_json *value);

/// Returns the item or member after this one, or `NULL`.
const mcp_json *mcp_json_next(const mcp_json *value);

/// Returns the name of a member; of any other value an empty text.
mcp_slice mcp_json_name(const mcp_json *value);

/// Returns the text of a value as it was written, numbers unchanged.
mcp_slice mcp_json_source(const mcp_json *value);

/// Stores the truth of `true` or `false`. Returns `false` for any other value.
bool mcp_json_boolean(const mcp_json *value, bool *result);

/// Stores a string. Returns `false` for any other value.
bool mcp_json_string(const mcp_json *value, mcp_slice *result);

/// Stores a whole number, in any spelling, such as `3`, `3.0` and `0.3e1`. Returns `false` for a
/// number with a fraction, beyond the range of the type, and for any other value.
bool mcp_json_integer(const mcp_json *value, int64_t *result);

/// Stores a whole number that is not negative, as `mcp_json_integer` does.
bool mcp_json_unsigned(const mcp_json *value, uint64_t *result);

/// Stores the nearest number of the type. Returns `false` for a number beyond its range and for any
/// other value.
bool mcp_json_number(const mcp_json *value, double *result);

/// Writes one value.
///
/// Every function takes the name of the member that it writes. It is `NULL` in an array and at the top.
/// After a mistake, such as a member without a name, nothing more is written and `mcp_writer_finish`
/// returns no text.
typedef struct mcp_writer mcp_writer;

/// Begins to write.
mcp_writer *mcp_writer_new(mcp_arena *arena);

/// Begins an object, which `mcp_write_end` ends.
void mcp_write_object(mcp_writer *writer, const char *name);

/// Begins an array, which `mcp_write_end` ends.
void mcp_write_array(mcp_writer *writer, const char *name);

/// Ends the innermost object or array.
void mcp_write_end(mcp_writer *writer);

/// Writes a string; `null` for `NULL`. Bytes that are not UTF-8 become U+FFFD.
void mcp_write_string(mcp_writer *writer, const char *name, const char *text);

/// Writes a string of any characters, U+0000 included.
void mcp_write_slice(mcp_writer *writer, const char *name, mcp_slice text);

/// Writes a whole number.
void mcp_write_integer(mcp_writer *writer, const char *name, int64_t number);

/// Writes a whole number that is not negative.
void mcp_write_unsigned(mcp_writer *writer, const char *name, uint64_t number);

/// Writes a number in the shortest form that reads as the same one. Infinities and NaN are mistakes.
void mcp_write_number(mcp_writer *writer, const char *name, double number);

/// Writes `true` or `false`.
void mcp_write_boolean(mcp_writer *writer, const char *name, bool value);

/// Writes `null`.
void mcp_write_null(mcp_writer *writer, const char *name);

/// Writes a JSON text unchanged; `null` for `NULL`. A text that is not JSON is a mistake.
void mcp_write_json(mcp_writer *writer, const char *name, const char *json);

/// Writes a value that was read, as it was written there; `null` for `NULL`.
void mcp_write_value(mcp_writer *writer, const char *name, const mcp_json *value);

/// Returns the text, or a slice whose `data` is `NULL` after a mistake. The text lives as long as the
/// arena.
mcp_slice mcp_writer_finish(mcp_writer *writer);

/// Returns the first mistake, or `NULL`.
const char *mcp_writer_mistake(const mcp_writer *writer);

#ifdef __cplusplus
}
#endif
#endif
