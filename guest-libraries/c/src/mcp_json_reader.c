#include "mcp_json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mcp_utf8.h"

struct mcp_json {
    mcp_json_type type;
    bool boolean;
    mcp_slice name;
    mcp_slice source;
    union {
        mcp_slice string;
        struct {
            struct mcp_json *first;
            struct mcp_json *last;
        } children;
    } as;
    struct mcp_json *next;
};

/// The state of reading. Nothing recurses, so the depth of a text costs no stack.
typedef struct reader {
    mcp_arena *arena;
    const char *text;
    size_t length;
    size_t at;
    size_t values;
    const char *message;
} reader;

static bool fail(reader *in, const char *message) {
    if (in->message == NULL)
        in->message = message;
    return false;
}

static int peek(const reader *in) {
    return in->at < in->length ? (unsigned char)in->text[in->at] : -1;
}

static bool take(reader *in, char expected) {
    if (peek(in) != (unsigned char)expected)
        return false;
    in->at++;
    return true;
}

static void skip_space(reader *in) {
    while (in->at < in->length && memchr(" \t\r\n", in->text[in->at], 4) != NULL)
        in->at++;
}

static bool is_digit(int character) {
    return character >= '0' && character <= '9';
}

static bool take_digits(reader *in) {
    const size_t start = in->at;
    while (is_digit(peek(in)))
        in->at++;
    return in->at > start;
}

static bool read_number(reader *in) {
    take(in, '-');
    if (!take(in, '0') && !take_digits(in))
        return fail(in, "expected a value");
    if (is_digit(peek(in)))
        return fail(in, "a number begins with 0");
    if (take(in, '.') && !take_digits(in))
        return fail(in, "expected a digit");
    if (take(in, 'e') || take(in, 'E')) {
        if (!take(in, '+'))
            take(in, '-');
        if (!take_digits(in))
            return fail(in, "expected a digit");
    }
    return true;
}

static bool read_hex(reader *in, uint32_t *unit) {
    *unit = 0;
    for (int digits = 0; digits < 4; digits++) {
        const int character = peek(in);
        uint32_t digit;
        if (is_digit(character))
            digit = (uint32_t)(character - '0');
        else if (character >= 'a' && character <= 'f')
            digit = (uint32_t)(character - 'a' + 10);
        else if (character >= 'A' && character <= 'F')
            digit = (uint32_t)(character - 'A' + 10);
        else
            return fail(in, "expected four hexadecimal digits");
        *unit = *unit << 4 | digit;
        in->at++;
    }
    return true;
}

static size_t encode(uint32_t character, char *out) {
    if (character < 0x80) {
        out[0] = (char)character;
        return 1;
    }
    if (character < 0x800) {
        out[0] = (char)(0xC0 | character >> 6);
        out[1] = (char)(0x80 | (character & 0x3F));
        return 2;
    }
    if (character < 0x10000) {
        out[0] = (char)(0xE0 | character >> 12);
        out[1] = (char)(0x80 | (character >> 6 & 0x3F));
        out[2] = (char)(0x80 | (character & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | character >> 18);
    out[1] = (char)(0x80 | (character >> 12 & 0x3F));
    out[2] = (char)(0x80 | (character >> 6 & 0x3F));
    out[3] = (char)(0x80 | (character & 0x3F));
    return 4;
}

/// Reads what follows a backslash. No escape is shorter than the bytes that it stands for.
static bool read_escape(reader *in, char *out, size_t *end) {
    static const char NAMES[] = "\"\\/bfnrt";
    static const char MEANINGS[] = "\"\\/\b\f\n\r\t";
    const int name = peek(in);
    in->at += name >= 0;
    if (name == 'u') {
        uint32_t unit;
        if (!read_hex(in, &unit))
            return false;
        if (unit >= 0xDC00 && unit <= 0xDFFF)
            return fail(in, "half a surrogate pair");
        if (unit >= 0xD800 && unit <= 0xDBFF) {
            uint32_t low;
            if (!take(in, '\\') || !take(in, 'u'))
                return fail(in, "half a surrogate pair");
            if (!read_hex(in, &low))
                return false;
            if (low < 0xDC00 || low > 0xDFFF)
                return fail(in, "half a surrogate pair");
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        }
        *end += encode(unit, out + *end);
        return true;
    }
    const char *found = name > 0 ? memchr(NAMES, name, sizeof NAMES - 1) : NULL;
    if (found == NULL)
        return fail(in, "unknown escape");
    out[(*end)++] = MEANINGS[found - NAMES];
    return true;
}

/// Returns the position after the quotation mark that ends the string, or 0.
static size_t end_of_string(const reader *in) {
    for (size_t at = in->at; at < in->length; at++) {
        if (in->text[at] == '"')
            return at + 1;
        at += in->text[at] == '\\';
    }
    return 0;
}

static bool read_string(reader *in, mcp_slice *string) {
    if (!take(in, '"'))
        return fail(in, "expected a string");
    const size_t end_of_text = end_of_string(in);
    if (end_of_text == 0) {
        in->at = in->length;
        return fail(in, "the string does not end");
    }
    char *out = mcp_arena_try_alloc(in->arena, end_of_text - in->at);
    if (out == NULL)
        return fail(in, "no memory is left");
    size_t end = 0;
    while (!take(in, '"')) {
        if ((unsigned char)in->text[in->at] < 0x20)
            return fail(in, "a control character in a string");
        if (take(in, '\\')) {
            if (!read_escape(in, out, &end))
                return false;
            continue;
        }
        const size_t size = mcp_utf8_character((const unsigned char *)in->text + in->at, in->length - in->at);
        if (size == 0)
            return fail(in, "not UTF-8");
        memcpy(out + end, in->text + in->at, size);
        end += size;
        in->at += size;
    }
    *string = (mcp_slice){out, end};
    return true;
}

static bool read_word(reader *in, const char *word) {
    const size_t length = strlen(word);
    if (in->length - in->at < length || memcmp(in->text + in->at, word, length) != 0)
        return fail(in, "expected a value");
    in->at += length;
    return true;
}

/// Reads a value, of an array or object only its beginning.
static bool read_beginning(reader *in, mcp_json *value) {
    switch (peek(in)) {
    case 'n':
        value->type = MCP_JSON_NULL;
        return read_word(in, "null");
    case 't':
        value->type = MCP_JSON_BOOLEAN;
        value->boolean = true;
        return read_word(in, "true");
    case 'f':
        value->type = MCP_JSON_BOOLEAN;
        return read_word(in, "false");
    case '"':
        value->type = MCP_JSON_STRING;
        return read_string(in, &value->as.string);
    case '[':
        value->type = MCP_JSON_ARRAY;
        in->at++;
        return true;
    case '{':
        value->type = MCP_JSON_OBJECT;
        in->at++;
        return true;
    default:
        value->type = MCP_JSON_NUMBER;
        return read_number(in);
    }
}

static bool is_container(const mcp_json *value) {
    return value != NULL && (value->type == MCP_JSON_ARRAY || value->type == MCP_JSON_OBJECT);
}

static void append(mcp_json *parent, mcp_json *child) {
    if (parent->as.children.last == NULL)
        parent->as.children.first = child;
    else
        parent->as.children.last->next = child;
    parent->as.children.last = child;
}

static mcp_json *read_child(reader *in, mcp_json *parent) {
    if (in->values++ == MCP_JSON_MAX_VALUES) {
        fail(in, "too many values");
        return NULL;
    }
    mcp_json *value = mcp_arena_try_alloc(in->arena, sizeof *value);
    if (value == NULL) {
        fail(in, "no memory is left");
        return NULL;
    }
    skip_space(in);
    if (parent != NULL && parent->type == MCP_JSON_OBJECT) {
        if (!read_string(in, &value->name))
            return NULL;
        skip_space(in);
        if (!take(in, ':')) {
            fail(in, "expected `:`");
            return NULL;
        }
        skip_space(in);
    }
    value->source = (mcp_slice){in->text + in->at, 0};
    if (!read_beginning(in, value))
        return NULL;
    value->source.length = (size_t)(in->text + in->at - value->source.data);
    if (parent != NULL)
        append(parent, value);
    return value;
}

static char end_of(const mcp_json *container) {
    return container->type == MCP_JSON_ARRAY ? ']' : '}';
}

static const mcp_json *read_text(reader *in) {
    mcp_json *open[MCP_JSON_MAX_DEPTH];
    size_t depth = 0;
    mcp_json *top = read_child(in, NULL);
    mcp_json *value = top;
    while (value != NULL) {
        if (is_container(value)) {
            if (depth == MCP_JSON_MAX_DEPTH) {
                fail(in, "too many arrays and objects inside each other");
                return NULL;
            }
            open[depth++] = value;
        }
        // The innermost container goes on with a child, or ends, and with it perhaps those around it.
        bool is_complete = !is_container(value);
        for (;;) {
            skip_space(in);
            if (depth == 0) {
                if (in->at == in->length)
                    return top;
                fail(in, "expected the end of the text");
                return NULL;
            }
            mcp_json *inner = open[depth - 1];
            if (take(in, end_of(inner))) {
                inner->source.length = (size_t)(in->text + in->at - inner->source.data);
                depth--;
                is_complete = true;
                continue;
            }
            if (is_complete && !take(in, ',')) {
                fail(in, inner->type == MCP_JSON_ARRAY ? "expected `,` or `]`" : "expected `,` or `}`");
                return NULL;
            }
            value = read_child(in, inner);
            break;
        }
    }
    return NULL;
}

const mcp_json *mcp_json_read(mcp_arena *arena, const char *text, size_t length, mcp_json_defect *defect) {
    reader in = {.arena = arena, .text = text, .length = length};
    const mcp_json *value = NULL;
    if (length > MCP_JSON_MAX_SIZE)
        fail(&in, "the text is too large");
    else
        value = read_text(&in);
    if (value == NULL && defect != NULL)
        *defect = (mcp_json_defect){in.at, in.message};
    return value;
}

mcp_json_type mcp_json_type_of(const mcp_json *value) {
    return value == NULL ? MCP_JSON_NULL : value->type;
}

const char *mcp_json_type_name(mcp_json_type type) {
    switch (type) {
    case MCP_JSON_BOOLEAN:
        return "a boolean";
    case MCP_JSON_NUMBER:
        return "a number";
    case MCP_JSON_STRING:
        return "a string";
    case MCP_JSON_ARRAY:
        return "an array";
    case MCP_JSON_OBJECT:
        return "an object";
    case MCP_JSON_NULL:
        break;
    }
    return "null";
}

const mcp_json *mcp_json_member(const mcp_json *object, const char *name) {
    if (mcp_json_type_of(object) != MCP_JSON_OBJECT)
        return NULL;
    const mcp_slice wanted = mcp_slice_of(name);
    const mcp_json *found = NULL;
    for (const mcp_json *member = object->as.children.first; member != NULL; member = member->next) {
        if (mcp_slice_equals(member->name, wanted))
            found = member;
    }
    return found;
}

const mcp_json *mcp_json_first(const mcp_json *value) {
    return is_container(value) ? value->as.children.first : NULL;
}

const mcp_json *mcp_json_next(const mcp_json *value) {
    return value == NULL ? NULL : value->next;
}

mcp_slice mcp_json_name(const mcp_json *value) {
    return value == NULL || value->name.data == NULL ? (mcp_slice){"", 0} : value->name;
}

mcp_slice mcp_json_source(const mcp_json *value) {
    return value == NULL ? (mcp_slice){"null", 4} : value->source;
}

bool mcp_json_boolean(const mcp_json *value, bool *result) {
    if (mcp_json_type_of(value) != MCP_JSON_BOOLEAN)
        return false;
    *result = value->boolean;
    return true;
}

bool mcp_json_string(const mcp_json *value, mcp_slice *result) {
    if (mcp_json_type_of(value) != MCP_JSON_STRING)
        return false;
    *result = value->as.string;
    return true;
}

/// Takes a digit of a whole number, which must not exceed the type.
static bool add_digit(uint64_t *magnitude, unsigned digit) {
    if (*magnitude > (UINT64_MAX - digit) / 10)
        return false;
    *magnitude = *magnitude * 10 + digit;
    return true;
}

/// Stores the sign and the magnitude of a whole number. Works on the digits, so that no number is rounded.
static bool whole(const mcp_json *value, bool *is_negative, uint64_t *magnitude) {
    if (mcp_json_type_of(value) != MCP_JSON_NUMBER)
        return false;
    const char *at = value->source.data;
    const char *end = at + value->source.length;
    *is_negative = *at == '-';
    at += *is_negative;
    const char *digits = at;
    const char *point = NULL;
    while (at < end && *at != 'e' && *at != 'E') {
        if (*at == '.')
            point = at;
        at++;
    }
    const char *end_of_digits = at;
    // The number is that of its digits without the point, times ten to the power of `exponent`.
    long exponent = 0;
    bool is_exponent_negative = false;
    for (; at < end; at++) {
        is_exponent_negative |= *at == '-';
        if (is_digit(*at) && exponent < 100000000)
            exponent = exponent * 10 + (*at - '0');
    }
    if (is_exponent_negative)
        exponent = -exponent;
    if (point != NULL)
        exponent -= (long)(end_of_digits - point - 1);
    // Zeros at the end may stand behind the point of a whole number.
    while (end_of_digits > digits && (end_of_digits[-1] == '0' || end_of_digits[-1] == '.')) {
        exponent += end_of_digits[-1] == '0';
        end_of_digits--;
    }
    *magnitude = 0;
    for (at = digits; at < end_of_digits; at++) {
        if (*at != '.' && !add_digit(magnitude, (unsigned)(*at - '0')))
            return false;
    }
    if (*magnitude == 0)
        return true;
    if (exponent < 0)
        return false;
    for (; exponent > 0; exponent--) {
        if (!add_digit(magnitude, 0))
            return false;
    }
    return true;
}

bool mcp_json_integer(const mcp_json *value, int64_t *result) {
    bool is_negative;
    uint64_t magnitude;
    if (!whole(value, &is_negative, &magnitude) || magnitude > (uint64_t)INT64_MAX + is_negative)
        return false;
    // The magnitude of the least number is one more than the type can hold.
    *result = is_negative && magnitude > 0 ? -(int64_t)(magnitude - 1) - 1 : (int64_t)magnitude;
    return true;
}

bool mcp_json_unsigned(const mcp_json *value, uint64_t *result) {
    bool is_negative;
    uint64_t magnitude;
    if (!whole(value, &is_negative, &magnitude) || (is_negative && magnitude > 0))
        return false;
    *result = magnitude;
    return true;
}

bool mcp_json_number(const mcp_json *value, double *result) {
    if (mcp_json_type_of(value) != MCP_JSON_NUMBER)
        return false;
    // The text that was read need not end after the number.
    mcp_arena scratch = {0};
    char *text = mcp_arena_try_alloc(&scratch, value->source.length + 1);
    if (text == NULL)
        return false;
    memcpy(text, value->source.data, value->source.length);
    const double number = strtod(text, NULL);
    mcp_arena_free(&scratch);
    if (!isfinite(number))
        return false;
    *result = number;
    return true;
}
