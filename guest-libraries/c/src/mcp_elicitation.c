/// Questions to the client's user. A component that calls one of these functions imports `elicitation`.

#include <math.h>
#include <string.h>

#include "mcp_call.h"
#include "mcp_records.h"
#include "mcp_schema.h"

/// Declared here, so that a world without `elicitation` can use the library, too.
extern bool wasi_mcp_elicitation_elicit(wasi_mcp_context_borrow_request_context_t context,
                                        wasi_mcp_content_elicit_params_t *params,
                                        wasi_mcp_content_elicit_result_t *answer,
                                        wasi_mcp_types_error_t *error);

static const char *const FORMATS[] = {"email", "uri", "date", "date-time"};

static wasi_mcp_content_option_string_format_t out_format(mcp_call *call, const mcp_field *field) {
    wasi_mcp_content_option_string_format_t format = {field->format != NULL, 0};
    if (field->format == NULL)
        return format;
    for (uint8_t index = 0; index < sizeof FORMATS / sizeof *FORMATS; index++) {
        format.val = index;
        if (strcmp(field->format, FORMATS[index]) == 0)
            return format;
    }
    mcp_error(call, MCP_INTERNAL_ERROR, NULL,
              "field `%s`: unknown format `%s`: expected email, uri, date or date-time", field->name,
              field->format);
    return format;
}

/// Returns the members of a field that the interface does not name: its default, and what its author added.
static const char *further_members(mcp_call *call, const mcp_field *field) {
    if (field->fallback == NULL)
        return field->extra;
    mcp_writer *writer = mcp_json_writer(call);
    mcp_write_object(writer, NULL);
    mcp_write_json(writer, "default", field->fallback);
    mcp_write_members(&call->arena, writer, field->extra);
    mcp_write_end(writer);
    return mcp_json_text(call, writer);
}

static bindings_option_f64_t out_bound(const mcp_field *field, double bound) {
    const bool has_range = field->range.minimum != 0 || field->range.maximum != 0;
    return (bindings_option_f64_t){has_range && !isinf(bound), bound};
}

static wasi_mcp_content_primitive_schema_t out_field(mcp_call *call, const mcp_field *field) {
    mcp_arena *to = &call->arena;
    wasi_mcp_content_primitive_schema_t schema = {0};
    if (field->schema != NULL) {
        schema.tag = WASI_MCP_CONTENT_PRIMITIVE_SCHEMA_OTHER;
        schema.val.other = mcp_out_string(to, field->schema);
    } else if (field->type == MCP_STRING && field->choices != NULL) {
        schema.tag = WASI_MCP_CONTENT_PRIMITIVE_SCHEMA_ENUMERATION;
        schema.val.enumeration = (wasi_mcp_content_enum_schema_t){
            .title = OUT_OPTION(to, field->title),
            .description = OUT_OPTION(to, field->description),
            .enum_ = mcp_out_strings(to, field->choices),
            .enum_names = {field->choice_titles != NULL, mcp_out_strings(to, field->choice_titles)},
            .extra = OUT_OPTION(to, further_members(call, field)),
        };
    } else if (field->type == MCP_STRING) {
        schema.tag = WASI_MCP_CONTENT_PRIMITIVE_SCHEMA_TEXT;
        schema.val.text = (wasi_mcp_content_string_schema_t){
            .title = OUT_OPTION(to, field->title),
            .description = OUT_OPTION(to, field->description),
            .min_length = {field->length.minimum > 0, field->length.minimum},
            .max_length = {field->length.maximum > 0, field->length.maximum},
            .format = out_format(call, field),
            .extra = OUT_OPTION(to, further_members(call, field)),
        };
    } else if (field->type == MCP_INTEGER || field->type == MCP_NUMBER) {
        schema.tag = WASI_MCP_CONTENT_PRIMITIVE_SCHEMA_NUMBER;
        schema.val.number = (wasi_mcp_content_number_schema_t){
            .type = field->type == MCP_INTEGER ? WASI_MCP_CONTENT_NUMBER_TYPE_INTEGER
                                               : WASI_MCP_CONTENT_NUMBER_TYPE_NUMBER,
            .title = OUT_OPTION(to, field->title),
            .description = OUT_OPTION(to, field->description),
            .minimum = out_bound(field, field->range.minimum),
            .maximum = out_bound(field, field->range.maximum),
            .extra = OUT_OPTION(to, further_members(call, field)),
        };
    } else if (field->type == MCP_BOOLEAN) {
        schema.tag = WASI_MCP_CONTENT_PRIMITIVE_SCHEMA_BOOLEAN;
        schema.val.boolean = (wasi_mcp_content_boolean_schema_t){
            .title = OUT_OPTION(to, field->title),
            .description = OUT_OPTION(to, field->description),
            .default_ = {field->fallback != NULL,
                         field->fallback != NULL && strcmp(field->fallback, "true") == 0},
            .extra = OUT_OPTION(to, field->extra),
        };
    } else {
        mcp_error(call, MCP_INTERNAL_ERROR, NULL,
                  "field `%s`: a form has strings, numbers and booleans; give others a `.schema`",
                  field->name);
    }
    return schema;
}

static wasi_mcp_content_requested_schema_t out_form(mcp_call *call, const mcp_field *fields) {
    const char *nameless = mcp_nameless_field(&call->arena, fields, "fields");
    if (nameless != NULL)
        mcp_error(call, MCP_INTERNAL_ERROR, NULL, "the form: %s has no `.name`", nameless);
    size_t count = 0;
    while (fields != NULL && fields[count].name != NULL)
        count++;
    wasi_mcp_content_requested_schema_t form = {
        .properties = {mcp_out_memory(&call->arena, count * sizeof *form.properties.ptr), count},
        .required = {true, {mcp_out_memory(&call->arena, count * sizeof *form.required.val.ptr), 0}},
    };
    for (size_t index = 0; index < count; index++) {
        const bindings_string_t name = mcp_out_string(&call->arena, fields[index].name);
        form.properties.ptr[index] =
            (wasi_mcp_content_tuple2_string_primitive_schema_t){name, out_field(call, &fields[index])};
        if (!fields[index].optional)
            form.required.val.ptr[form.required.val.len++] = name;
    }
    form.required.is_some = form.required.val.len > 0;
    return form;
}

static void write_value(mcp_call *call, mcp_writer *writer,
                        const wasi_mcp_content_tuple2_string_elicit_value_t *member) {
    const char *name = mcp_in_string(&call->arena, member->f0);
    const wasi_mcp_content_elicit_value_t *value = &member->f1;
    switch (value->tag) {
    case WASI_MCP_CONTENT_ELICIT_VALUE_TEXT:
        mcp_write_slice(writer, name, (mcp_slice){(const char *)value->val.text.ptr, value->val.text.len});
        break;
    case WASI_MCP_CONTENT_ELICIT_VALUE_NUMBER:
        mcp_write_number(writer, name, value->val.number);
        break;
    case WASI_MCP_CONTENT_ELICIT_VALUE_BOOLEAN:
        mcp_write_boolean(writer, name, value->val.boolean);
        break;
    default:
        mcp_write_json(writer, name, mcp_in_string(&call->arena, value->val.other));
        break;
    }
}

/// Returns the values of a form as an object.
static const mcp_json *in_values(mcp_call *call,
                                 const wasi_mcp_content_list_tuple2_string_elicit_value_t *values) {
    mcp_writer *writer = mcp_json_writer(call);
    mcp_write_object(writer, NULL);
    for (size_t index = 0; index < values->len; index++)
        write_value(call, writer, &values->ptr[index]);
    mcp_write_end(writer);
    const mcp_slice text = mcp_writer_finish(writer);
    const mcp_json *object =
        text.data == NULL ? NULL : mcp_json_read(&call->arena, text.data, text.length, NULL);
    if (object == NULL)
        mcp_fail(call, "the user's answer cannot be read");
    return object;
}

const mcp_elicited *mcp_elicit_form(mcp_call *call, const mcp_form *form) {
    if (!mcp_has_request(call, __func__))
        return NULL;
    mcp_arena *to = &call->arena;
    wasi_mcp_content_elicit_params_t params = {
        .message = mcp_out_string(to, form->message),
        .requested_schema = out_form(call, form->fields),
        .meta = OUT_OPTION(to, form->meta),
        .extra = OUT_OPTION(to, form->extra),
    };
    if (call->has_failed)
        return NULL;
    wasi_mcp_content_elicit_result_t answer;
    wasi_mcp_types_error_t error;
    if (!wasi_mcp_elicitation_elicit(call->context, &params, &answer, &error)) {
        mcp_take_error(call, "the client's user was not asked", &error);
        wasi_mcp_types_error_free(&error);
        return NULL;
    }
    mcp_elicited *elicited = mcp_alloc(call, sizeof *elicited);
    *elicited = (mcp_elicited){
        .action = (mcp_action)answer.action,
        .meta = IN_OPTION(to, answer.meta),
        .extra = IN_OPTION(to, answer.extra),
    };
    if (elicited->action == MCP_ACCEPTED) {
        const wasi_mcp_content_list_tuple2_string_elicit_value_t none = {NULL, 0};
        elicited->values = in_values(call, answer.content.is_some ? &answer.content.val : &none);
    }
    wasi_mcp_content_elicit_result_free(&answer);
    return call->has_failed ? NULL : elicited;
}

const mcp_elicited *mcp_elicit(mcp_call *call, const char *message, const mcp_field *fields) {
    if (!mcp_has_request(call, __func__))
        return NULL;
    return mcp_elicit_form(call, &(mcp_form){.message = message, .fields = fields});
}
