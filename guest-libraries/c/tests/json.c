/// Tests of the reader and the writer of JSON, and of what they stand on.

#include "check.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mcp_json.h"
#include "mcp_utf8.h"

static void test_slices(void) {
    const mcp_slice none = {NULL, 0};
    CHECK(mcp_slice_equals(mcp_slice_of("ab"), (mcp_slice){"abc", 2}));
    CHECK(!mcp_slice_equals(mcp_slice_of("ab"), mcp_slice_of("abc")));
    CHECK(!mcp_slice_equals(mcp_slice_of("ab"), mcp_slice_of("ac")));
    CHECK(mcp_slice_equals(none, mcp_slice_of("")) && mcp_slice_equals(none, none));
}

void test_arena(void) {
    test_slices();
    mcp_arena arena = {0};
    // Small and large allocations in turn: none overlaps another one.
    unsigned char *pieces[64];
    for (size_t index = 0; index < 64; index++) {
        const size_t size = index % 4 == 0 ? 5000 : index;
        pieces[index] = mcp_arena_alloc(&arena, size);
        CHECK((uintptr_t)pieces[index] % sizeof(double) == 0);
        for (size_t at = 0; at < size; at++)
            CHECK(pieces[index][at] == 0);
        memset(pieces[index], (int)index + 1, size);
    }
    for (size_t index = 1; index < 64; index++)
        CHECK(pieces[index] != pieces[index - 1] && (index % 4 == 0 || pieces[index][0] == index + 1));
    CHECK(mcp_arena_alloc(&arena, 0) != mcp_arena_alloc(&arena, 0));
    CHECK(mcp_arena_try_alloc(&arena, SIZE_MAX) == NULL);
    CHECK(mcp_arena_try_alloc(&arena, SIZE_MAX / 2 - 8) == NULL);
    CHECK_TEXT(mcp_arena_format(&arena, "%s %d", "a", 7).data, "a 7");
    CHECK_TEXT(mcp_arena_format(&arena, "%s", "").data, "");
    CHECK_TEXT(mcp_arena_copy(&arena, "abc", 2), "ab");
    mcp_arena_free(&arena);
    CHECK(arena.blocks == NULL);
}

void test_utf8(void) {
    static const struct {
        const char *text, *repaired;
    } cases[] = {
        {"", ""},
        {"plain", "plain"},
        {"grüß 你好 🦀", "grüß 你好 🦀"},
        {"\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF",
         "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"},
        {"a\xFF"
         "b",
         "a\uFFFDb"},
        {"\xC3", "\uFFFD"},                               // the end is missing
        {"\xE2\x82", "\uFFFD\uFFFD"},                     // the end is missing
        {"\xF0\x9F\xA6", "\uFFFD\uFFFD\uFFFD"},           // the end is missing
        {"\x80", "\uFFFD"},                               // no beginning
        {"\xC0\xAF", "\uFFFD\uFFFD"},                     // longer than needed
        {"\xE0\x9F\xBF", "\uFFFD\uFFFD\uFFFD"},           // longer than needed
        {"\xF0\x8F\xBF\xBF", "\uFFFD\uFFFD\uFFFD\uFFFD"}, // longer than needed
        {"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"},           // half a surrogate pair
        {"\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"}, // beyond U+10FFFF
        {"\xF5\x80\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"}, // beyond U+10FFFF
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        mcp_arena arena = {0};
        const mcp_slice text = {cases[index].text, strlen(cases[index].text)};
        const mcp_slice repaired = mcp_utf8_repaired(&arena, text);
        CHECK_TEXT(repaired.data, cases[index].repaired);
        CHECK(repaired.length == strlen(cases[index].repaired));
        mcp_arena_free(&arena);
    }
    // A character that is cut off is none, whatever follows.
    static const unsigned char characters[][5] = {"ü", "你", "🦀"};
    for (size_t index = 0; index < 3; index++) {
        const size_t size = index + 2;
        CHECK(mcp_utf8_character(characters[index], size) == size);
        for (size_t length = 0; length < size; length++)
            CHECK(mcp_utf8_character(characters[index], length) == 0);
    }
}

/// Reads a text of its own memory, so that reading beyond its end is found.
static const mcp_json *read(mcp_arena *arena, char **memory, const char *text, size_t length,
                            mcp_json_defect *defect) {
    *memory = malloc(length == 0 ? 1 : length);
    memcpy(*memory, text, length);
    return mcp_json_read(arena, *memory, length, defect);
}

static void check_refused(const char *text, size_t length, const char *message, size_t position) {
    mcp_arena arena = {0};
    char *memory;
    mcp_json_defect defect = {0, ""};
    CHECK(read(&arena, &memory, text, length, &defect) == NULL);
    CHECK_TEXT(defect.message, message);
    if (defect.position != position)
        CHECK_TEXT(mcp_arena_format(&arena, "%s at %zu", text, defect.position).data,
                   mcp_arena_format(&arena, "%s at %zu", text, position).data);
    mcp_arena_free(&arena);
    free(memory);
}

/// Checks that a text is refused, and so is each of its beginnings.
static void check_malformed(void) {
    static const struct {
        const char *text, *message;
        size_t position;
    } cases[] = {
        {"", "expected a value", 0},
        {" ", "expected a value", 1},
        {"nul", "expected a value", 0},
        {"True", "expected a value", 0},
        {"NaN", "expected a value", 0},
        {"Infinity", "expected a value", 0},
        {"\xEF\xBB\xBF{}", "expected a value", 0}, // a byte order mark
        {"'a'", "expected a value", 0},
        {"// comment\n1", "expected a value", 0},
        {"1 2", "expected the end of the text", 2},
        {"{}}", "expected the end of the text", 2},
        {"\v1", "expected a value", 0}, // no white space of JSON
        // Numbers
        {"+1", "expected a value", 0},
        {"-", "expected a value", 1},
        {"01", "a number begins with 0", 1},
        {"-00", "a number begins with 0", 2},
        {"1.", "expected a digit", 2},
        {".5", "expected a value", 0},
        {"1e", "expected a digit", 2},
        {"1e+", "expected a digit", 3},
        {"1.e1", "expected a digit", 2},
        {"0x10", "expected the end of the text", 1},
        {"1_000", "expected the end of the text", 1},
        // Strings
        {"\"a", "the string does not end", 2},
        {"\"a\\\"", "the string does not end", 4},
        {"\"\\\"", "the string does not end", 3},
        {"\"\n\"", "a control character in a string", 1},
        {"\"\x1F\"", "a control character in a string", 1},
        {"\"\\x41\"", "unknown escape", 3},
        {"\"\\'\"", "unknown escape", 3},
        {"\"\\u12\"", "expected four hexadecimal digits", 5},
        {"\"\\u12g4\"", "expected four hexadecimal digits", 5},
        {"\"\\uD800\"", "half a surrogate pair", 7},
        {"\"\\uDC00\"", "half a surrogate pair", 7},
        {"\"\\uD800\\n\"", "half a surrogate pair", 8},
        {"\"\\uD800\\uD800\"", "half a surrogate pair", 13},
        {"\"\xFF\"", "not UTF-8", 1},
        {"\"\xED\xA0\x80\"", "not UTF-8", 1},
        // Arrays and objects
        {"[", "expected a value", 1},
        {"[1", "expected `,` or `]`", 2},
        {"[1,]", "expected a value", 3},
        {"[,1]", "expected a value", 1},
        {"[1 2]", "expected `,` or `]`", 3},
        {"[1}", "expected `,` or `]`", 2},
        {"{", "expected a string", 1},
        {"{a:1}", "expected a string", 1},
        {"{\"a\"}", "expected `:`", 4},
        {"{\"a\" 1}", "expected `:`", 5},
        {"{\"a\":}", "expected a value", 5},
        {"{\"a\":1,}", "expected a string", 7},
        {"{\"a\":1 \"b\":2}", "expected `,` or `}`", 7},
        {"{1:2}", "expected a string", 1},
        {"[{]}", "expected a string", 2},
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++)
        check_refused(cases[index].text, strlen(cases[index].text), cases[index].message,
                      cases[index].position);
    // Bytes after the end of the text are not read, and U+0000 ends nothing.
    check_refused("1\0", 2, "expected the end of the text", 1);
    check_refused("\"\0\"", 3, "a control character in a string", 1);
    // Nothing that is cut off is a value.
    static const char whole[] =
        "{\"a\": [1.5e-3, \"\\uD83E\\uDD80 \xC3\xBC\", true, false, null, {}], \"b\": {\"c\": []}}";
    for (size_t length = 0; length < sizeof whole - 1; length++) {
        mcp_arena arena = {0};
        char *memory;
        CHECK(read(&arena, &memory, whole, length, NULL) == NULL);
        mcp_arena_free(&arena);
        free(memory);
    }
}

static void check_limits(void) {
    mcp_arena arena = {0};
    mcp_json_defect defect;
    const size_t depth = MCP_JSON_MAX_DEPTH;
    char *text = mcp_arena_alloc(&arena, 2 * depth + 3);
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    CHECK(mcp_json_read(&arena, text, 2 * depth, NULL) != NULL);
    memset(text, '[', depth + 1);
    memset(text + depth + 1, ']', depth + 1);
    CHECK(mcp_json_read(&arena, text, 2 * depth + 2, &defect) == NULL);
    CHECK_TEXT(defect.message, "too many arrays and objects inside each other");
    // Only the limit ends a text that never closes what it opens.
    const size_t many = 100000;
    char *open = mcp_arena_alloc(&arena, many);
    memset(open, '[', many);
    CHECK(mcp_json_read(&arena, open, many, &defect) == NULL);
    CHECK_TEXT(defect.message, "too many arrays and objects inside each other");

    const size_t values = MCP_JSON_MAX_VALUES;
    char *list = mcp_arena_alloc(&arena, 2 * values + 2);
    for (size_t index = 0; index < values; index++)
        memcpy(list + 2 * index, "1,", 2);
    list[2 * values] = '1';
    memmove(list + 1, list, 2 * values + 1);
    list[0] = '[';
    list[2 * values - 2] = ']';
    CHECK(mcp_json_read(&arena, list, 2 * values - 1, NULL) !=
          NULL); // the array, and one less than the limit
    list[2 * values - 2] = ',';
    list[2 * values] = ']';
    CHECK(mcp_json_read(&arena, list, 2 * values + 1, &defect) == NULL);
    CHECK_TEXT(defect.message, "too many values");

    CHECK(mcp_json_read(&arena, list, (size_t)MCP_JSON_MAX_SIZE + 1, &defect) == NULL);
    CHECK_TEXT(defect.message, "the text is too large");
    mcp_arena_free(&arena);
}

static void check_strings(void) {
    static const struct {
        const char *json, *text;
        size_t length;
    } cases[] = {
        {"\"\"", "", 0},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8},
        {"\"\\u0041\\u00fc\\u4f60\\uD83E\\udd80\"", "Aü你🦀", 10},
        {"\"\\uD800\\uDC00\\uDBFF\\uDFFF\"", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", 8},
        {"\"a\\u0000b\"", "a\0b", 3},
        {"\"\x7F\"", "\x7F", 1},
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        mcp_arena arena = {0};
        const mcp_json *value = mcp_json_read(&arena, cases[index].json, strlen(cases[index].json), NULL);
        mcp_slice text = {"", 0};
        CHECK(mcp_json_string(value, &text));
        CHECK(text.length == cases[index].length && memcmp(text.data, cases[index].text, text.length) == 0);
        CHECK(text.data[text.length] == '\0');
        mcp_arena_free(&arena);
    }
}

static void check_access(void) {
    mcp_arena arena = {0};
    static const char text[] =
        " {\"a\": 1, \"list\": [ true , null ,{ } ], \"a\": \"last\", \"x\\u0000y\": 2 } ";
    const mcp_json *object = mcp_json_read(&arena, text, sizeof text - 1, NULL);
    CHECK(mcp_json_type_of(object) == MCP_JSON_OBJECT);
    mcp_slice last = {"", 0};
    CHECK(mcp_json_string(mcp_json_member(object, "a"), &last));
    CHECK_TEXT(last.data, "last"); // the last one counts
    CHECK(mcp_json_member(object, "b") == NULL);
    CHECK(mcp_json_member(object, "x") == NULL);
    const mcp_json *list = mcp_json_member(object, "list");
    CHECK(mcp_json_source(list).length == strlen("[ true , null ,{ } ]"));
    bool truth = false;
    const mcp_json *item = mcp_json_first(list);
    CHECK(mcp_json_boolean(item, &truth) && truth);
    CHECK(mcp_json_name(item).length == 0);
    item = mcp_json_next(item);
    CHECK(mcp_json_type_of(item) == MCP_JSON_NULL && !mcp_json_boolean(item, &truth));
    item = mcp_json_next(item);
    CHECK(mcp_json_type_of(item) == MCP_JSON_OBJECT && mcp_json_first(item) == NULL);
    CHECK(mcp_json_source(item).length == 3);
    CHECK(mcp_json_next(item) == NULL);
    CHECK_TEXT(mcp_json_name(mcp_json_first(object)).data, "a");
    // What is missing is an empty value.
    CHECK(mcp_json_type_of(NULL) == MCP_JSON_NULL && mcp_json_member(NULL, "a") == NULL);
    CHECK(mcp_json_first(NULL) == NULL && mcp_json_next(NULL) == NULL && mcp_json_member(list, "a") == NULL);
    CHECK(mcp_json_first(mcp_json_member(object, "a")) == NULL);
    CHECK_TEXT(mcp_json_source(NULL).data, "null");
    CHECK_TEXT(mcp_json_type_name(MCP_JSON_ARRAY), "an array");
    mcp_arena_free(&arena);
}

void test_reader(void) {
    check_malformed();
    check_limits();
    check_strings();
    check_access();
}

void test_numbers(void) {
    static const struct {
        const char *json;
        bool is_integer;
        int64_t integer;
        bool is_unsigned;
        uint64_t unsigned_integer;
        bool is_number;
        double number;
    } cases[] = {
        {"0", true, 0, true, 0, true, 0},
        {"-0", true, 0, true, 0, true, -0.0},
        {"0e99999999999", true, 0, true, 0, true, 0},
        {"7", true, 7, true, 7, true, 7},
        {"-7", true, -7, false, 0, true, -7},
        {"3.0", true, 3, true, 3, true, 3},
        {"0.3e1", true, 3, true, 3, true, 3},
        {"30e-1", true, 3, true, 3, true, 3},
        {"10.0", true, 10, true, 10, true, 10},
        {"1E3", true, 1000, true, 1000, true, 1000},
        {"0.00012e5", true, 12, true, 12, true, 12},
        {"3.5", false, 0, false, 0, true, 3.5},
        {"1e-1", false, 0, false, 0, true, 0.1},
        {"9007199254740993", true, 9007199254740993, true, 9007199254740993u, true, 9007199254740992.0},
        {"9223372036854775807", true, INT64_MAX, true, INT64_MAX, true, 9223372036854775808.0},
        {"9223372036854775808", false, 0, true, 9223372036854775808u, true, 9223372036854775808.0},
        {"-9223372036854775808", true, INT64_MIN, false, 0, true, -9223372036854775808.0},
        {"-9223372036854775809", false, 0, false, 0, true, -9223372036854775808.0},
        {"18446744073709551615", false, 0, true, UINT64_MAX, true, 18446744073709551616.0},
        {"18446744073709551616", false, 0, false, 0, true, 18446744073709551616.0},
        {"1e19", false, 0, true, 10000000000000000000u, true, 1e19},
        {"1e400", false, 0, false, 0, false, 0},
        {"-1e400", false, 0, false, 0, false, 0},
        {"1e-400", false, 0, false, 0, true, 0},
        {"1e999999999999999999999", false, 0, false, 0, false, 0},
        {"\"7\"", false, 0, false, 0, false, 0},
        {"true", false, 0, false, 0, false, 0},
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        mcp_arena arena = {0};
        const mcp_json *value = mcp_json_read(&arena, cases[index].json, strlen(cases[index].json), NULL);
        int64_t integer = 0;
        uint64_t unsigned_integer = 0;
        double number = 0;
        const bool is_right =
            mcp_json_integer(value, &integer) == cases[index].is_integer && integer == cases[index].integer &&
            mcp_json_unsigned(value, &unsigned_integer) == cases[index].is_unsigned &&
            unsigned_integer == cases[index].unsigned_integer &&
            mcp_json_number(value, &number) == cases[index].is_number && number == cases[index].number;
        CHECK_TEXT(is_right ? "right" : cases[index].json, "right");
        mcp_arena_free(&arena);
    }
    // A number ends where its token ends, whatever follows, and where its text ends.
    mcp_arena arena = {0};
    const mcp_json *list = mcp_json_read(&arena, "[1e5,10]", 8, NULL);
    double number = 0;
    CHECK(mcp_json_number(mcp_json_first(list), &number) && number == 1e5);
    CHECK(mcp_json_number(mcp_json_read(&arena, "179", 2, NULL), &number) && number == 17);
    mcp_arena_free(&arena);
}

static void write_everything(mcp_writer *out) {
    mcp_write_object(out, NULL);
    mcp_write_array(out, "list");
    mcp_write_null(out, NULL);
    mcp_write_boolean(out, NULL, true);
    mcp_write_boolean(out, NULL, false);
    mcp_write_integer(out, NULL, INT64_MIN);
    mcp_write_unsigned(out, NULL, UINT64_MAX);
    mcp_write_end(out);
    mcp_write_string(out, "text", "\"\\/\b\n\x01\x1F\x7Fü\xFF");
    mcp_write_slice(out, "zero", (mcp_slice){"a\0b", 3});
    mcp_write_string(out, "none", NULL);
    mcp_write_object(out, "");
    mcp_write_end(out);
    mcp_write_json(out, "raw", "[1.10]");
    mcp_write_json(out, "no-raw", NULL);
    mcp_write_end(out);
}

static void check_written_numbers(void) {
    static const struct {
        double number;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-0.0, "0"},
        {3, "3"},
        {-3, "-3"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {9007199254740992.0, "9007199254740992"},
        {1e300, "1e+300"},
        {5e-324, "4.94065645841247e-324"},
        {95.5, "95.5"},
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        mcp_arena arena = {0};
        mcp_writer *out = mcp_writer_new(&arena);
        mcp_write_number(out, NULL, cases[index].number);
        const mcp_slice text = mcp_writer_finish(out);
        CHECK_TEXT(text.data, cases[index].text);
        double number = NAN;
        CHECK(mcp_json_number(mcp_json_read(&arena, text.data, text.length, NULL), &number));
        CHECK(number == cases[index].number);
        mcp_arena_free(&arena);
    }
}

/// Mistakes of an author.
enum mistake {
    NOTHING,
    MEMBER_WITHOUT_NAME,
    NAME_IN_ARRAY,
    NAME_AT_TOP,
    SECOND_VALUE,
    END_TOO_MANY,
    END_MISSING,
    NOT_A_NUMBER,
    NOT_JSON,
    TOO_DEEP,
    MISTAKE_COUNT,
};

static void make(enum mistake mistake, mcp_writer *out) {
    switch (mistake) {
    case MEMBER_WITHOUT_NAME:
        mcp_write_object(out, NULL);
        mcp_write_null(out, NULL);
        mcp_write_end(out);
        break;
    case NAME_IN_ARRAY:
        mcp_write_array(out, NULL);
        mcp_write_null(out, "a");
        mcp_write_end(out);
        break;
    case NAME_AT_TOP:
        mcp_write_null(out, "a");
        break;
    case SECOND_VALUE:
        mcp_write_null(out, NULL);
        mcp_write_null(out, NULL);
        break;
    case END_TOO_MANY:
        mcp_write_array(out, NULL);
        mcp_write_end(out);
        mcp_write_end(out);
        break;
    case END_MISSING:
        mcp_write_array(out, NULL);
        break;
    case NOT_A_NUMBER:
        mcp_write_number(out, NULL, NAN);
        break;
    case NOT_JSON:
        mcp_write_json(out, NULL, "{a}");
        break;
    case TOO_DEEP:
        for (int depth = 0; depth <= MCP_JSON_MAX_DEPTH; depth++)
            mcp_write_array(out, NULL);
        for (int depth = 0; depth <= MCP_JSON_MAX_DEPTH; depth++)
            mcp_write_end(out);
        break;
    case NOTHING:
    case MISTAKE_COUNT:
        break;
    }
}

void test_writer(void) {
    mcp_arena arena = {0};
    mcp_writer *out = mcp_writer_new(&arena);
    write_everything(out);
    const mcp_slice text = mcp_writer_finish(out);
    CHECK_TEXT(
        text.data,
        "{\"list\":[null,true,false,-9223372036854775808,18446744073709551615],"
        "\"text\":\"\\\"\\\\/\\u0008\\n\\u0001\\u001f\x7Fü\uFFFD\",\"zero\":\"a\\u0000b\",\"none\":null,"
        "\"\":{},\"raw\":[1.10],\"no-raw\":null}");
    CHECK(mcp_json_read(&arena, text.data, text.length, NULL) != NULL);
    CHECK(mcp_writer_mistake(out) == NULL);

    // A text that is larger than the first buffer.
    out = mcp_writer_new(&arena);
    mcp_write_array(out, NULL);
    for (int index = 0; index < 1000; index++)
        mcp_write_string(out, NULL, "0123456789");
    mcp_write_end(out);
    CHECK(mcp_writer_finish(out).length == 13 * 1000 + 1);

    // Texts of all sizes around that of the first buffer: memory after it is not touched.
    for (size_t size = 250; size < 260; size++) {
        char letters[260];
        memset(letters, 'a', sizeof letters);
        out = mcp_writer_new(&arena);
        unsigned char *after = mcp_arena_alloc(&arena, 16);
        memset(after, 0xFF, 16);
        mcp_write_slice(out, NULL, (mcp_slice){letters, size});
        CHECK(mcp_writer_finish(out).length == size + 2 && after[0] == 0xFF);
    }

    static const char *const MISTAKES[] = {
        "no value",
        "a member of an object without a name",
        "a name outside of an object",
        "a name outside of an object",
        "a second value at the top",
        "an end without a beginning",
        "an array or object that does not end",
        "a number that is infinite or NaN",
        "a text that is not JSON",
        "too many arrays and objects inside each other",
    };
    for (enum mistake mistake = NOTHING; mistake < MISTAKE_COUNT; mistake++) {
        out = mcp_writer_new(&arena);
        make(mistake, out);
        CHECK(mcp_writer_finish(out).data == NULL);
        CHECK_TEXT(mcp_writer_mistake(out), MISTAKES[mistake]);
    }
    check_written_numbers();
    mcp_arena_free(&arena);
}
