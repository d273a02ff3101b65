/// Declarations that the source files of the example share.
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include "wasi_mcp.h"

/// The items of each file.
extern const mcp_items echo_items, result_items, structured_items, context_items, progress_items, log_items,
    sampling_items, elicitation_items, roots_items, waiting_items, list_items, update_items, error_items,
    public_suite_items, resource_items, prompt_items;

/// The items that `add-entries` adds.
extern const mcp_items added_items;

/// A picture of one pixel, `image/png`, and a millisecond of silence, `audio/wav`.
enum {
    PIXEL_SIZE = 70,
    SILENCE_SIZE = 52,
    KIND_COUNT = 6,
};
extern const unsigned char PIXEL[PIXEL_SIZE];
extern const unsigned char SILENCE[SILENCE_SIZE];

/// `_meta` with a key of our own and a number that binary floating point cannot represent.
#define META "{\"example.org/revision\": 9007199254740993}"
/// A member that the interface does not name.
#define EXTRA "{\"x-reference\": {\"kept\": 1.10}}"

/// Annotations with every member, so that each is seen on the wire.
extern const mcp_annotations ANNOTATIONS;
/// Content of each kind, with every member.
extern const mcp_content EVERY_KIND[KIND_COUNT];

/// Adds the picture.
void add_image(mcp_call *call);

/// Lists 120 more resources: more than one page.
void add_numbered(mcp_call *call);

/// Waits, whether the request is cancelled or not.
void wait_milliseconds(int64_t milliseconds);

/// The resource that `touch-resource` changes, and a part of it.
#define WATCHED "test://watched-resource"
#define WATCHED_PART "test://watched-resource/part"

/// Events that an instance has seen.
///
/// An instance may serve one call or many: correct answers do not depend on this, it only lets a tool tell of
/// earlier events.
typedef struct state {
    unsigned watched_version;
    unsigned cancellations;
    unsigned initialized;
    unsigned roots_changed;
    /// Texts of their own memory.
    char **subscriptions;
    size_t subscription_count;
    /// The URIs of the roots that the client listed last, with memory of their own.
    char **roots;
    size_t root_count;
} state;

extern state events;

#endif
