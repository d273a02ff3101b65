#include "mcp_uri_template.h"

#include <string.h>

#include "mcp_utf8.h"

enum {
    MAX_VARIABLES = 16,
    /// Bounds the time that a URI of a client can take.
    MAX_STEPS = 100000,
};

typedef struct variable {
    mcp_slice name;
    bool is_reserved;
    mcp_slice text;
} variable;

typedef struct matching {
    variable variables[MAX_VARIABLES];
    size_t count;
    /// The steps that are left.
    size_t steps;
    /// Holds the decoded texts.
    mcp_arena *arena;
} matching;

static bool is_name_character(char character, bool is_first) {
    const bool is_letter = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
    return is_letter || character == '_' || (!is_first && character >= '0' && character <= '9');
}

/// Reads an expression after its `{`. Returns what follows its `}`, or `NULL`.
static const char *read_expression(const char *at, variable *found) {
    found->is_reserved = *at == '+';
    at += found->is_reserved;
    const char *name = at;
    while (is_name_character(*at, at == name))
        at++;
    found->name = (mcp_slice){name, (size_t)(at - name)};
    return found->name.length > 0 && *at == '}' ? at + 1 : NULL;
}

const char *mcp_uri_template_mistake(const char *uri_template) {
    variable found[MAX_VARIABLES];
    size_t count = 0;
    for (const char *at = uri_template; *at != '\0';) {
        if (*at++ != '{')
            continue;
        if (count == MAX_VARIABLES)
            return "more than 16 variables";
        at = read_expression(at, &found[count]);
        if (at == NULL)
            return "an expression of a kind that is not supported: write `{name}`, or `{+name}` for several segments";
        for (size_t index = 0; index < count; index++) {
            if (mcp_slice_equals(found[index].name, found[count].name))
                return "a variable that occurs twice";
        }
        count++;
    }
    return NULL;
}

bool mcp_uri_template_has(const char *uri_template, const char *name) {
    for (const char *at = uri_template; *at != '\0';) {
        if (*at++ != '{')
            continue;
        variable found;
        at = read_expression(at, &found);
        if (mcp_slice_equals(found.name, mcp_slice_of(name)))
            return true;
    }
    return false;
}

static int hex_digit(char character) {
    if (character >= '0' && character <= '9')
        return character - '0';
    if (character >= 'a' && character <= 'f')
        return character - 'a' + 10;
    if (character >= 'A' && character <= 'F')
        return character - 'A' + 10;
    return -1;
}

/// Tells whether a character ends a segment of a path.
static bool is_delimiter(char character) {
    return character == '/' || character == '?' || character == '#';
}

/// Decodes a segment. Returns `false` for a text that is more than one, or that could lead elsewhere when it is
/// used as a path.
static bool decode(mcp_arena *arena, mcp_slice encoded, mcp_slice *decoded) {
    char *out = mcp_arena_alloc(arena, encoded.length + 1);
    size_t end = 0;
    for (size_t at = 0; at < encoded.length; at++) {
        char character = encoded.data[at];
        if (is_delimiter(character))
            return false;
        if (character == '%') {
            if (encoded.length - at < 3)
                return false;
            const int high = hex_digit(encoded.data[at + 1]);
            const int low = hex_digit(encoded.data[at + 2]);
            if (high < 0 || low < 0)
                return false;
            character = (char)(high << 4 | low);
            at += 2;
        }
        if (character == '/' || character == '\0')
            return false;
        out[end++] = character;
    }
    *decoded = (mcp_slice){out, end};
    if (strcmp(out, ".") == 0 || strcmp(out, "..") == 0)
        return false;
    return mcp_utf8_repaired(arena, *decoded).data == out;
}

/// Spends steps. Returns `false` if there are not enough.
static bool spend(matching *state, size_t steps) {
    if (state->steps < steps)
        return false;
    state->steps -= steps;
    return true;
}

/// Sets a variable. Returns `false` for a text that is not valid for it.
static bool set(variable *current, mcp_slice text, matching *state) {
    if (text.length == 0)
        return false;
    current->text = text;
    return current->is_reserved || (spend(state, text.length) && decode(state->arena, text, &current->text));
}

/// Matches the rest of a template against the whole rest of a URI. Variables match as little as possible,
/// from left to right; one at the end takes the rest.
static bool match_rest(const char *uri_template, const char *uri, size_t length, matching *state) {
    while (*uri_template != '{') {
        if (*uri_template == '\0')
            return length == 0;
        if (length == 0 || *uri_template != *uri)
            return false;
        uri_template++;
        uri++;
        length--;
    }
    if (state->count == MAX_VARIABLES)
        return false;
    const size_t index = state->count++;
    variable *current = &state->variables[index];
    const char *rest = read_expression(uri_template + 1, current);
    if (rest == NULL)
        return false;
    if (*rest == '\0')
        return set(current, (mcp_slice){uri, length}, state);
    // The end of a segment is looked for step by step, so that the search is paid for.
    for (size_t size = 1; size <= length && spend(state, 1); size++) {
        if (!current->is_reserved && is_delimiter(uri[size - 1]))
            return false;
        const bool is_character = size == length || ((unsigned char)uri[size] & 0xC0) != 0x80;
        state->count = index + 1;
        if (is_character && match_rest(rest, uri + size, length - size, state) &&
            set(current, (mcp_slice){uri, size}, state))
            return true;
    }
    return false;
}

bool mcp_uri_template_match(const char *uri_template, mcp_slice uri, mcp_arena *arena,
                            mcp_writer *variables) {
    matching state = {.arena = arena, .steps = MAX_STEPS};
    if (!match_rest(uri_template, uri.data, uri.length, &state))
        return false;
    for (size_t index = 0; index < state.count && variables != NULL; index++) {
        const variable *current = &state.variables[index];
        mcp_write_slice(variables, mcp_arena_copy(arena, current->name.data, current->name.length),
                        current->text);
    }
    return true;
}
