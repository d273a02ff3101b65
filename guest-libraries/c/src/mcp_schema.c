#include "mcp_schema.h"

#include <math.h>
#include <string.h>

static const char *const TYPE_NAMES[] = {"string", "integer", "number", "boolean", "array", "object"};

static void write_type(mcp_writer *writer, const mcp_field *field) {
    if (field->type == MCP_ANY)
        return;
    const char *type = TYPE_NAMES[field->type];
    if (!field->nullable) {
        mcp_write_string(writer, "type", type);
        return;
    }
    mcp_write_array(writer, "type");
    mcp_write_string(writer, NULL, type);
    mcp_write_string(writer, NULL, "null");
    mcp_write_end(writer);
}

static void write_text(mcp_writer *writer, const char *name, const char *text) {
    if (text != NULL)
        mcp_write_string(writer, name, text);
}

static void write_bounds(mcp_writer *writer, const mcp_field *field) {
    const bool has_range = field->range.minimum != 0 || field->range.maximum != 0;
    if (has_range && !isinf(field->range.minimum))
        mcp_write_number(writer, "minimum", field->range.minimum);
    if (has_range && !isinf(field->range.maximum))
        mcp_write_number(writer, "maximum", field->range.maximum);
    const bool is_array = field->type == MCP_ARRAY;
    if (field->length.minimum > 0)
        mcp_write_unsigned(writer, is_array ? "minItems" : "minLength", field->length.minimum);
    if (field->length.maximum > 0)
        mcp_write_unsigned(writer, is_array ? "maxItems" : "maxLength", field->length.maximum);
}

static void write_choices(mcp_writer *writer, const mcp_field *field) {
    if (field->choices == NULL)
        return;
    mcp_write_array(writer, "enum");
    for (const char *const *choice = field->choices; *choice != NULL; choice++)
        mcp_write_string(writer, NULL, *choice);
    if (field->nullable)
        mcp_write_null(writer, NULL);
    mcp_write_end(writer);
}

void mcp_write_members(mcp_arena *arena, mcp_writer *writer, const char *json) {
    if (json == NULL)
        return;
    const mcp_json *object = mcp_json_read(arena, json, strlen(json), NULL);
    // What cannot be read makes a mistake of the writer, which is reported.
    if (mcp_json_type_of(object) != MCP_JSON_OBJECT)
        mcp_write_json(writer, "", "");
    for (const mcp_json *member = mcp_json_first(object); member != NULL; member = mcp_json_next(member))
        mcp_write_value(writer, mcp_json_name(member).data, member);
}

static void write_properties(mcp_arena *arena, mcp_writer *writer, const mcp_field *fields);

static void write_field(mcp_arena *arena, mcp_writer *writer, const char *name, const mcp_field *field) {
    if (field->schema != NULL) {
        mcp_write_json(writer, name, field->schema);
        return;
    }
    mcp_write_object(writer, name);
    write_type(writer, field);
    write_text(writer, "title", field->title);
    write_text(writer, "description", field->description);
    if (field->fallback != NULL)
        mcp_write_json(writer, "default", field->fallback);
    write_bounds(writer, field);
    write_text(writer, "format", field->format);
    write_choices(writer, field);
    if (field->items != NULL)
        write_field(arena, writer, "items", field->items);
    if (field->type == MCP_OBJECT && field->fields != NULL)
        write_properties(arena, writer, field->fields);
    mcp_write_members(arena, writer, field->extra);
    mcp_write_end(writer);
}

static void write_properties(mcp_arena *arena, mcp_writer *writer, const mcp_field *fields) {
    mcp_write_object(writer, "properties");
    size_t required = 0;
    for (const mcp_field *field = fields; field->name != NULL; field++) {
        write_field(arena, writer, field->name, field);
        required += !field->optional;
    }
    mcp_write_end(writer);
    if (required == 0)
        return;
    mcp_write_array(writer, "required");
    for (const mcp_field *field = fields; field->name != NULL; field++) {
        if (!field->optional)
            mcp_write_string(writer, NULL, field->name);
    }
    mcp_write_end(writer);
}

/// Returns whether a field without a name is the end of its table.
static bool is_end(const mcp_field *field) {
    // Not `memcmp`: the padding of a table on the stack is undefined.
    return field->type == MCP_STRING && field->title == NULL && field->description == NULL &&
           !field->optional && !field->nullable && field->fallback == NULL && field->range.minimum == 0 &&
           field->range.maximum == 0 && field->length.minimum == 0 && field->length.maximum == 0 &&
           field->format == NULL && field->choices == NULL && field->choice_titles == NULL &&
           field->items == NULL && field->fields == NULL && field->extra == NULL && field->schema == NULL &&
           field->complete == NULL;
}

const char *mcp_nameless_field(mcp_arena *arena, const mcp_field *fields, const char *table) {
    if (fields == NULL)
        return NULL;
    for (size_t index = 0;; index++) {
        const char *place = mcp_arena_format(arena, "%s[%zu]", table, index).data;
        const mcp_field *field = &fields[index];
        if (field->name == NULL)
            return is_end(field) ? NULL : place;
        for (const char *path = mcp_arena_format(arena, "%s.", place).data; field != NULL;
             field = field->items) {
            const char *inner = mcp_arena_format(arena, "%sfields", path).data;
            const char *nameless = mcp_nameless_field(arena, field->fields, inner);
            if (nameless != NULL)
                return nameless;
            path = mcp_arena_format(arena, "%sitems->", path).data;
        }
    }
}

void mcp_write_schema(mcp_writer *writer, const char *name, const mcp_field *fields) {
    mcp_arena scratch = {0};
    mcp_write_object(writer, name);
    mcp_write_string(writer, "type", "object");
    if (fields != NULL)
        write_properties(&scratch, writer, fields);
    mcp_write_end(writer);
    mcp_arena_free(&scratch);
}

static mcp_type read_type(const mcp_json *schema) {
    mcp_slice name;
    if (!mcp_json_string(mcp_json_member(schema, "type"), &name))
        return MCP_ANY;
    mcp_type type = MCP_STRING;
    while (type < MCP_ANY && strcmp(TYPE_NAMES[type], name.data) != 0)
        type++;
    return type;
}

const mcp_field *mcp_read_fields(mcp_arena *arena, const char *schema, bool *is_closed) {
    const mcp_json *object = mcp_json_read(arena, schema, strlen(schema), NULL);
    const mcp_json *properties = mcp_json_member(object, "properties");
    const mcp_json *required = mcp_json_member(object, "required");
    bool allows_others = true;
    mcp_json_boolean(mcp_json_member(object, "additionalProperties"), &allows_others);
    *is_closed = !allows_others && mcp_json_member(object, "patternProperties") == NULL;
    size_t count = 1;
    for (const mcp_json *member = mcp_json_first(properties); member != NULL; member = mcp_json_next(member))
        count++;
    for (const mcp_json *name = mcp_json_first(required); name != NULL; name = mcp_json_next(name))
        count++;
    mcp_field *fields = mcp_arena_alloc(arena, count * sizeof *fields);
    mcp_field *end = fields;
    for (const mcp_json *member = mcp_json_first(properties); member != NULL; member = mcp_json_next(member))
        *end++ = (mcp_field){.name = mcp_json_name(member).data, .type = read_type(member), .optional = true};
    for (const mcp_json *item = mcp_json_first(required); item != NULL; item = mcp_json_next(item)) {
        mcp_slice name;
        if (!mcp_json_string(item, &name))
            continue;
        mcp_field *field = fields;
        while (field != end && strcmp(field->name, name.data) != 0)
            field++;
        if (field == end)
            *end++ = (mcp_field){.name = name.data, .type = MCP_ANY};
        field->optional = false;
    }
    return fields;
}

const mcp_field *mcp_find_field(const mcp_field *fields, const char *name) {
    for (const mcp_field *field = fields; field != NULL && field->name != NULL; field++) {
        if (strcmp(field->name, name) == 0)
            return field;
    }
    return NULL;
}
