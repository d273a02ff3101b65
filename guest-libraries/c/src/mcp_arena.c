#include "mcp_arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// The size of a block, unless one allocation needs more.
enum {
    BLOCK_SIZE = 4096
};

struct mcp_arena_block {
    struct mcp_arena_block *next;
    size_t used;
    size_t size;
    alignas(max_align_t) unsigned char data[];
};

mcp_slice mcp_slice_of(const char *text) {
    return (mcp_slice){text, strlen(text)};
}

bool mcp_slice_equals(mcp_slice one, mcp_slice other) {
    return one.length == other.length && (one.length == 0 || memcmp(one.data, other.data, one.length) == 0);
}

void *mcp_arena_try_alloc(mcp_arena *arena, size_t size) {
    const size_t alignment = alignof(max_align_t);
    if (size > SIZE_MAX / 2)
        return NULL;
    // An allocation of no bytes has an address of its own, too.
    size = size == 0 ? alignment : (size + alignment - 1) / alignment * alignment;
    struct mcp_arena_block *block = arena->blocks;
    if (block == NULL || block->size - block->used < size) {
        const size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
        struct mcp_arena_block *added = malloc(sizeof *added + room);
        if (added == NULL)
            return NULL;
        added->used = 0;
        added->size = room;
        if (block != NULL && size > BLOCK_SIZE) {
            // The first block still has room for small allocations: it stays in front.
            added->next = block->next;
            block->next = added;
        } else {
            added->next = block;
            arena->blocks = added;
        }
        block = added;
    }
    void *memory = block->data + block->used;
    block->used += size;
    return memset(memory, 0, size);
}

void *mcp_arena_alloc(mcp_arena *arena, size_t size) {
    void *memory = mcp_arena_try_alloc(arena, size);
    if (memory == NULL)
        abort();
    return memory;
}

char *mcp_arena_copy(mcp_arena *arena, const void *data, size_t length) {
    char *copy = mcp_arena_alloc(arena, length + 1);
    if (length > 0)
        memcpy(copy, data, length);
    return copy;
}

mcp_slice mcp_arena_format(mcp_arena *arena, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const mcp_slice text = mcp_arena_vformat(arena, format, arguments);
    va_end(arguments);
    return text;
}

mcp_slice mcp_arena_vformat(mcp_arena *arena, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    const int length = vsnprintf(NULL, 0, format, arguments);
    mcp_slice text = {"", 0};
    if (length > 0) {
        char *buffer = mcp_arena_alloc(arena, (size_t)length + 1);
        vsnprintf(buffer, (size_t)length + 1, format, again);
        text = (mcp_slice){buffer, (size_t)length};
    }
    va_end(again);
    return text;
}

void mcp_arena_free(mcp_arena *arena) {
    struct mcp_arena_block *block = arena->blocks;
    while (block != NULL) {
        struct mcp_arena_block *next = block->next;
        free(block);
        block = next;
    }
    arena->blocks = NULL;
}
