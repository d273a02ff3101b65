#include "mcp_call.h"

#include <string.h>

#include "mcp_schema.h"

/// The arguments of all calls but those of tools are texts.
static bool are_texts(const mcp_call *call, const mcp_json *object) {
    return call->kind != CALL_TOOL && object == call->arguments;
}

/// Fails because of what the client sent.
static void refuse(mcp_call *call, const mcp_json *object, const char *name, const char *expected,
                   const char *found) {
    if (call->kind == CALL_RESOURCE && object == call->arguments) {
        mcp_not_found(call);
        return;
    }
    const char *kind = object == call->arguments ? "argument" : "member";
    mcp_error(call, MCP_INVALID_PARAMS, NULL, "%s `%s`: expected %s, found %s", kind, name, expected, found);
}

const mcp_json *mcp_args(mcp_call *call) {
    if (!call->are_arguments_read) {
        call->are_arguments_read = true;
        mcp_slice text = call->arguments_text;
        if (text.data == NULL)
            text = (mcp_slice){"{}", 2};
        mcp_json_defect defect;
        call->arguments = mcp_json_read(&call->arena, text.data, text.length, &defect);
        if (call->arguments == NULL)
            mcp_error(call, MCP_INVALID_PARAMS, NULL, "the arguments cannot be read: %s at byte %zu",
                      defect.message, defect.position);
    }
    return call->arguments;
}

const mcp_json *mcp_arg(mcp_call *call, const char *name) {
    return mcp_json_member(mcp_args(call), name);
}

/// Returns a member, or `NULL` where it is missing, which is a failure where it is required.
static const mcp_json *find(mcp_call *call, const mcp_json *object, const char *name, bool is_required,
                            const char *expected) {
    const mcp_json *member = mcp_json_member(object, name);
    const bool is_missing = member == NULL || (!is_required && mcp_json_type_of(member) == MCP_JSON_NULL);
    if (!is_missing)
        return member;
    if (is_required)
        refuse(call, object, name, expected, "nothing");
    return NULL;
}

static void refuse_value(mcp_call *call, const mcp_json *object, const char *name, const char *expected,
                         const mcp_json *value) {
    mcp_slice text;
    const char *found = mcp_json_type_name(mcp_json_type_of(value));
    if (are_texts(call, object) && mcp_json_string(value, &text))
        found = mcp_format(call, "`%s`", text.data);
    else if (mcp_json_type_of(value) == MCP_JSON_NUMBER)
        found = mcp_format(call, "%.*s", (int)mcp_json_source(value).length, mcp_json_source(value).data);
    refuse(call, object, name, expected, found);
}

/// Returns the value that a text spells, where values are texts.
static const mcp_json *spelled(mcp_call *call, const mcp_json *object, const mcp_json *value) {
    mcp_slice text;
    if (!are_texts(call, object) || !mcp_json_string(value, &text))
        return value;
    const mcp_json *read = mcp_json_read(&call->arena, text.data, text.length, NULL);
    return read == NULL ? value : read;
}

static const char *get_string(mcp_call *call, const mcp_json *object, const char *name, bool is_required,
                              const char *fallback) {
    const mcp_json *value = find(call, object, name, is_required, "a string");
    if (value == NULL)
        return fallback;
    mcp_slice text;
    if (!mcp_json_string(value, &text)) {
        refuse_value(call, object, name, "a string", value);
        return fallback;
    }
    if (memchr(text.data, '\0', text.length) != NULL) {
        refuse(call, object, name, "a string without U+0000", "one with it");
        return fallback;
    }
    return text.data;
}

static int64_t get_integer(mcp_call *call, const mcp_json *object, const char *name, bool is_required,
                           int64_t fallback) {
    const mcp_json *value = find(call, object, name, is_required, "an integer");
    if (value == NULL)
        return fallback;
    int64_t number;
    if (mcp_json_integer(spelled(call, object, value), &number))
        return number;
    refuse_value(call, object, name, "an integer of 64 bits", value);
    return fallback;
}

static double get_number(mcp_call *call, const mcp_json *object, const char *name, bool is_required,
                         double fallback) {
    const mcp_json *value = find(call, object, name, is_required, "a number");
    if (value == NULL)
        return fallback;
    double number;
    if (mcp_json_number(spelled(call, object, value), &number))
        return number;
    refuse_value(call, object, name, "a number", value);
    return fallback;
}

static bool get_boolean(mcp_call *call, const mcp_json *object, const char *name, bool is_required,
                        bool fallback) {
    const mcp_json *value = find(call, object, name, is_required, "a boolean");
    if (value == NULL)
        return fallback;
    bool truth;
    if (mcp_json_boolean(spelled(call, object, value), &truth))
        return truth;
    refuse_value(call, object, name, "a boolean", value);
    return fallback;
}

mcp_slice mcp_arg_slice(mcp_call *call, const char *name) {
    const mcp_json *arguments = mcp_args(call);
    const mcp_json *value = find(call, arguments, name, true, "a string");
    mcp_slice text = {"", 0};
    if (value != NULL && !mcp_json_string(value, &text))
        refuse_value(call, arguments, name, "a string", value);
    return text;
}

const char *mcp_get_string(mcp_call *call, const mcp_json *object, const char *name) {
    return get_string(call, object, name, true, "");
}

const char *mcp_get_string_or(mcp_call *call, const mcp_json *object, const char *name,
                              const char *fallback) {
    return get_string(call, object, name, false, fallback);
}

int64_t mcp_get_integer(mcp_call *call, const mcp_json *object, const char *name) {
    return get_integer(call, object, name, true, 0);
}

int64_t mcp_get_integer_or(mcp_call *call, const mcp_json *object, const char *name, int64_t fallback) {
    return get_integer(call, object, name, false, fallback);
}

double mcp_get_number(mcp_call *call, const mcp_json *object, const char *name) {
    return get_number(call, object, name, true, 0);
}

double mcp_get_number_or(mcp_call *call, const mcp_json *object, const char *name, double fallback) {
    return get_number(call, object, name, false, fallback);
}

bool mcp_get_boolean(mcp_call *call, const mcp_json *object, const char *name) {
    return get_boolean(call, object, name, true, false);
}

bool mcp_get_boolean_or(mcp_call *call, const mcp_json *object, const char *name, bool fallback) {
    return get_boolean(call, object, name, false, fallback);
}

const char *mcp_arg_string(mcp_call *call, const char *name) {
    return mcp_get_string(call, mcp_args(call), name);
}

const char *mcp_arg_string_or(mcp_call *call, const char *name, const char *fallback) {
    return mcp_get_string_or(call, mcp_args(call), name, fallback);
}

int64_t mcp_arg_integer(mcp_call *call, const char *name) {
    return mcp_get_integer(call, mcp_args(call), name);
}

int64_t mcp_arg_integer_or(mcp_call *call, const char *name, int64_t fallback) {
    return mcp_get_integer_or(call, mcp_args(call), name, fallback);
}

double mcp_arg_number(mcp_call *call, const char *name) {
    return mcp_get_number(call, mcp_args(call), name);
}

double mcp_arg_number_or(mcp_call *call, const char *name, double fallback) {
    return mcp_get_number_or(call, mcp_args(call), name, fallback);
}

bool mcp_arg_boolean(mcp_call *call, const char *name) {
    return mcp_get_boolean(call, mcp_args(call), name);
}

bool mcp_arg_boolean_or(mcp_call *call, const char *name, bool fallback) {
    return mcp_get_boolean_or(call, mcp_args(call), name, fallback);
}

/// ## Checks in a service

static const char *const TYPES[] = {
    [MCP_STRING] = "a string",   [MCP_INTEGER] = "an integer", [MCP_NUMBER] = "a number",
    [MCP_BOOLEAN] = "a boolean", [MCP_ARRAY] = "an array",     [MCP_OBJECT] = "an object",
    [MCP_ANY] = "a value",
};

static bool is_of_type(const mcp_json *value, mcp_type type) {
    int64_t integer;
    double number;
    switch (type) {
    case MCP_STRING:
        return mcp_json_type_of(value) == MCP_JSON_STRING;
    case MCP_INTEGER:
        return mcp_json_integer(value, &integer);
    case MCP_NUMBER:
        return mcp_json_number(value, &number);
    case MCP_BOOLEAN:
        return mcp_json_type_of(value) == MCP_JSON_BOOLEAN;
    case MCP_ARRAY:
        return mcp_json_type_of(value) == MCP_JSON_ARRAY;
    case MCP_OBJECT:
        return mcp_json_type_of(value) == MCP_JSON_OBJECT;
    case MCP_ANY:
        break;
    }
    return true;
}

/// Returns the length of a string in characters, or of an array in items.
static size_t length_of(const mcp_json *value) {
    size_t length = 0;
    mcp_slice text;
    if (mcp_json_string(value, &text)) {
        for (size_t at = 0; at < text.length; at++)
            length += ((unsigned char)text.data[at] & 0xC0) != 0x80;
    } else {
        for (const mcp_json *item = mcp_json_first(value); item != NULL; item = mcp_json_next(item))
            length++;
    }
    return length;
}

static bool is_chosen(const char *const *choices, const mcp_json *value) {
    mcp_slice text;
    if (!mcp_json_string(value, &text))
        return false;
    while (*choices != NULL && !mcp_slice_equals(text, mcp_slice_of(*choices)))
        choices++;
    return *choices != NULL;
}

/// Returns the expectation of a field that a value does not meet, or `NULL`.
static const char *unmet(mcp_call *call, const mcp_field *field, const mcp_json *value) {
    if (!is_of_type(value, field->type))
        return TYPES[field->type];
    double number;
    const bool has_range = field->range.minimum != 0 || field->range.maximum != 0;
    if (has_range && mcp_json_number(value, &number)) {
        if (number < field->range.minimum)
            return mcp_format(call, "%.15g or more", field->range.minimum);
        if (number > field->range.maximum)
            return mcp_format(call, "%.15g or less", field->range.maximum);
    }
    if (mcp_json_type_of(value) == MCP_JSON_STRING || mcp_json_type_of(value) == MCP_JSON_ARRAY) {
        const size_t length = length_of(value);
        if (length < field->length.minimum)
            return mcp_format(call, "a length of %u or more", field->length.minimum);
        if (field->length.maximum > 0 && length > field->length.maximum)
            return mcp_format(call, "a length of %u or less", field->length.maximum);
    }
    if (field->choices != NULL && !is_chosen(field->choices, value)) {
        const char *choices = "one of";
        for (const char *const *choice = field->choices; *choice != NULL; choice++)
            choices = mcp_format(call, "%s `%s`", choices, *choice);
        return choices;
    }
    return NULL;
}

static void check_members(mcp_call *call, const char *path, const mcp_json *object, const mcp_field *fields);

/// Fails unless a value fits a field. `path` leads to it.
static void check_value(mcp_call *call, const char *path, const mcp_json *value, const mcp_field *field) {
    const bool is_allowed_null = field->nullable && mcp_json_type_of(value) == MCP_JSON_NULL;
    if (field->schema != NULL || is_allowed_null || are_texts(call, call->arguments))
        return;
    const char *expected = unmet(call, field, value);
    if (expected != NULL)
        refuse_value(call, call->arguments, path, expected, value);
    else if (field->type == MCP_OBJECT && field->fields != NULL)
        check_members(call, mcp_format(call, "%s.", path), value, field->fields);
    else if (field->type == MCP_ARRAY && field->items != NULL) {
        size_t index = 0;
        for (const mcp_json *item = mcp_json_first(value); item != NULL; item = mcp_json_next(item), index++)
            check_value(call, mcp_format(call, "%s[%zu]", path, index), item, field->items);
    }
}

/// Fails unless the members of an object fit the fields. `path` leads to the members.
static void check_members(mcp_call *call, const char *path, const mcp_json *object, const mcp_field *fields) {
    for (const mcp_field *field = fields; field != NULL && field->name != NULL; field++) {
        const char *name = mcp_format(call, "%s%s", path, field->name);
        const mcp_json *member = mcp_json_member(object, field->name);
        if (member != NULL)
            check_value(call, name, member, field);
        else if (!field->optional)
            refuse(call, call->arguments, name, TYPES[field->type], "nothing");
    }
}

void mcp_check_arguments(mcp_call *call, const mcp_field *fields, const char *schema) {
    const mcp_json *arguments = mcp_args(call);
    bool is_closed = false;
    if (schema != NULL)
        fields = mcp_read_fields(&call->arena, schema, &is_closed);
    if (mcp_json_type_of(arguments) != MCP_JSON_OBJECT)
        mcp_error(call, MCP_INVALID_PARAMS, NULL, "the arguments: expected an object, found %s",
                  mcp_json_type_name(mcp_json_type_of(arguments)));
    check_members(call, "", arguments, fields);
    for (const mcp_json *member = mcp_json_first(arguments); is_closed && member != NULL;
         member = mcp_json_next(member)) {
        if (mcp_find_field(fields, mcp_json_name(member).data) == NULL)
            mcp_error(call, MCP_INVALID_PARAMS, NULL, "unknown argument `%s`", mcp_json_name(member).data);
    }
}
