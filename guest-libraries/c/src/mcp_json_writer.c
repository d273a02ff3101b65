#include "mcp_json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mcp_utf8.h"

struct mcp_writer {
    mcp_arena *arena;
    char *text;
    size_t length;
    size_t capacity;
    size_t depth;
    /// The bracket that ends each open array or object.
    char ends[MCP_JSON_MAX_DEPTH];
    /// The next value is the first one of its array or object.
    bool is_first;
    bool is_complete;
    const char *mistake;
};

static void set_mistake(mcp_writer *writer, const char *mistake) {
    if (writer->mistake == NULL)
        writer->mistake = mistake;
}

static void put(mcp_writer *writer, const char *text, size_t length) {
    if (writer->capacity - writer->length <= length) {
        size_t capacity = writer->capacity * 2;
        while (capacity - writer->length <= length)
            capacity *= 2;
        char *larger = mcp_arena_alloc(writer->arena, capacity);
        memcpy(larger, writer->text, writer->length);
        writer->text = larger;
        writer->capacity = capacity;
    }
    memcpy(writer->text + writer->length, text, length);
    writer->length += length;
}

static void put_quoted(mcp_writer *writer, mcp_slice raw) {
    const mcp_slice text = mcp_utf8_repaired(writer->arena, raw);
    put(writer, "\"", 1);
    size_t start = 0;
    for (size_t at = 0; at < text.length; at++) {
        const unsigned char byte = (unsigned char)text.data[at];
        if (byte >= 0x20 && byte != '"' && byte != '\\')
            continue;
        put(writer, text.data + start, at - start);
        start = at + 1;
        char escape[7];
        if (byte == '"' || byte == '\\')
            snprintf(escape, sizeof escape, "\\%c", byte);
        else if (byte == '\n')
            snprintf(escape, sizeof escape, "\\n");
        else
            snprintf(escape, sizeof escape, "\\u%04x", byte);
        put(writer, escape, strlen(escape));
    }
    put(writer, text.data + start, text.length - start);
    put(writer, "\"", 1);
}

/// Writes what precedes a value. Returns `false` where there is no place for one.
static bool begin(mcp_writer *writer, const char *name) {
    if (writer->mistake != NULL)
        return false;
    const bool is_member = writer->depth > 0 && writer->ends[writer->depth - 1] == '}';
    if (writer->is_complete)
        set_mistake(writer, "a second value at the top");
    else if (is_member && name == NULL)
        set_mistake(writer, "a member of an object without a name");
    else if (!is_member && name != NULL)
        set_mistake(writer, "a name outside of an object");
    if (writer->mistake != NULL)
        return false;
    if (!writer->is_first)
        put(writer, ",", 1);
    writer->is_first = false;
    writer->is_complete = writer->depth == 0;
    if (name != NULL) {
        put_quoted(writer, (mcp_slice){name, strlen(name)});
        put(writer, ":", 1);
    }
    return true;
}

static void open(mcp_writer *writer, const char *name, const char *brackets) {
    if (!begin(writer, name))
        return;
    if (writer->depth == MCP_JSON_MAX_DEPTH) {
        set_mistake(writer, "too many arrays and objects inside each other");
        return;
    }
    put(writer, brackets, 1);
    writer->ends[writer->depth++] = brackets[1];
    writer->is_first = true;
    writer->is_complete = false;
}

static void write_token(mcp_writer *writer, const char *name, const char *token) {
    if (begin(writer, name))
        put(writer, token, strlen(token));
}

mcp_writer *mcp_writer_new(mcp_arena *arena) {
    mcp_writer *writer = mcp_arena_alloc(arena, sizeof *writer);
    writer->arena = arena;
    writer->capacity = 256;
    writer->text = mcp_arena_alloc(arena, writer->capacity);
    writer->is_first = true;
    return writer;
}

void mcp_write_object(mcp_writer *writer, const char *name) {
    open(writer, name, "{}");
}

void mcp_write_array(mcp_writer *writer, const char *name) {
    open(writer, name, "[]");
}

void mcp_write_end(mcp_writer *writer) {
    if (writer->mistake != NULL)
        return;
    if (writer->depth == 0) {
        set_mistake(writer, "an end without a beginning");
        return;
    }
    put(writer, &writer->ends[--writer->depth], 1);
    writer->is_first = false;
    writer->is_complete = writer->depth == 0;
}

void mcp_write_string(mcp_writer *writer, const char *name, const char *text) {
    if (text == NULL)
        mcp_write_null(writer, name);
    else
        mcp_write_slice(writer, name, (mcp_slice){text, strlen(text)});
}

void mcp_write_slice(mcp_writer *writer, const char *name, mcp_slice text) {
    if (begin(writer, name))
        put_quoted(writer, text);
}

void mcp_write_integer(mcp_writer *writer, const char *name, int64_t number) {
    char token[24];
    snprintf(token, sizeof token, "%" PRId64, number);
    write_token(writer, name, token);
}

void mcp_write_unsigned(mcp_writer *writer, const char *name, uint64_t number) {
    char token[24];
    snprintf(token, sizeof token, "%" PRIu64, number);
    write_token(writer, name, token);
}

void mcp_write_number(mcp_writer *writer, const char *name, double number) {
    if (!isfinite(number)) {
        set_mistake(writer, "a number that is infinite or NaN");
        return;
    }
    const double greatest_exact = 9007199254740992.0;
    if (number == trunc(number) && fabs(number) <= greatest_exact) {
        mcp_write_integer(writer, name, (int64_t)number);
        return;
    }
    char token[32];
    // 17 digits tell every number from its neighbours; most need fewer.
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(token, sizeof token, "%.*g", digits, number);
        if (strtod(token, NULL) == number)
            break;
    }
    write_token(writer, name, token);
}

void mcp_write_boolean(mcp_writer *writer, const char *name, bool value) {
    write_token(writer, name, value ? "true" : "false");
}

void mcp_write_null(mcp_writer *writer, const char *name) {
    write_token(writer, name, "null");
}

void mcp_write_json(mcp_writer *writer, const char *name, const char *json) {
    if (json == NULL) {
        mcp_write_null(writer, name);
        return;
    }
    mcp_arena scratch = {0};
    const bool is_json = mcp_json_read(&scratch, json, strlen(json), NULL) != NULL;
    mcp_arena_free(&scratch);
    if (!is_json)
        set_mistake(writer, "a text that is not JSON");
    write_token(writer, name, json);
}

void mcp_write_value(mcp_writer *writer, const char *name, const mcp_json *value) {
    const mcp_slice source = mcp_json_source(value);
    if (begin(writer, name))
        put(writer, source.data, source.length);
}

mcp_slice mcp_writer_finish(mcp_writer *writer) {
    if (!writer->is_complete)
        set_mistake(writer, writer->depth > 0 ? "an array or object that does not end" : "no value");
    if (writer->mistake != NULL)
        return (mcp_slice){NULL, 0};
    writer->text[writer->length] = '\0';
    return (mcp_slice){writer->text, writer->length};
}

const char *mcp_writer_mistake(const mcp_writer *writer) {
    return writer->mistake;
}
