#include "mcp_call.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
