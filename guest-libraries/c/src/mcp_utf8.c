#include "mcp_utf8.h"

#include <stdbool.h>
#include <string.h>

static const char REPLACEMENT[] = "\xEF\xBF\xBD";

static bool continues(unsigned char byte) {
    return (byte & 0xC0) == 0x80;
}

size_t mcp_utf8_character(const unsigned char *bytes, size_t length) {
    if (length == 0)
        return 0;
    const unsigned char first = bytes[0];
    if (first < 0x80)
        return 1;
    if (length < 2 || !continues(bytes[1]))
        return 0;
    if (first >= 0xC2 && first <= 0xDF)
        return 2;
    if (length < 3 || !continues(bytes[2]))
        return 0;
    if ((first & 0xF0) == 0xE0) {
        // Neither longer than needed, nor half a surrogate pair.
        const bool is_overlong = first == 0xE0 && bytes[1] < 0xA0;
        const bool is_surrogate = first == 0xED && bytes[1] >= 0xA0;
        return is_overlong || is_surrogate ? 0 : 3;
    }
    if (length < 4 || !continues(bytes[3]) || first < 0xF0 || first > 0xF4)
        return 0;
    // Neither longer than needed, nor beyond U+10FFFF.
    const bool is_overlong = first == 0xF0 && bytes[1] < 0x90;
    const bool is_beyond = first == 0xF4 && bytes[1] >= 0x90;
    return is_overlong || is_beyond ? 0 : 4;
}

mcp_slice mcp_utf8_repaired(mcp_arena *arena, mcp_slice text) {
    const unsigned char *bytes = (const unsigned char *)text.data;
    size_t wrong = 0;
    for (size_t at = 0; at < text.length;) {
        const size_t size = mcp_utf8_character(bytes + at, text.length - at);
        wrong += size == 0;
        at += size == 0 ? 1 : size;
    }
    if (wrong == 0)
        return text;
    const size_t added = wrong * (sizeof REPLACEMENT - 2);
    char *copy = mcp_arena_alloc(arena, text.length + added + 1);
    size_t end = 0;
    for (size_t at = 0; at < text.length;) {
        const size_t size = mcp_utf8_character(bytes + at, text.length - at);
        if (size == 0) {
            memcpy(copy + end, REPLACEMENT, sizeof REPLACEMENT - 1);
            end += sizeof REPLACEMENT - 1;
            at++;
        } else {
            memcpy(copy + end, bytes + at, size);
            end += size;
            at += size;
        }
    }
    return (mcp_slice){copy, end};
}
