/// The state of a call. Internal to the library.
#ifndef MCP_CALL_H
#define MCP_CALL_H

#include "wasi_mcp.h"

/// The kind of request that a handler answers.
typedef enum call_kind {
    CALL_START,
    CALL_LIST,
    CALL_TOOL,
    CALL_RESOURCE,
    CALL_PROMPT,
    CALL_COMPLETION,
    CALL_EVENT,
} call_kind;

/// One item of an answer, as a record that the bindings free.
typedef struct answer_item {
    /// Contents of a resource, which are no content of a message.
    bool is_contents;
    /// The sender, in a prompt.
    mcp_role role;
    union {
        wasi_mcp_content_content_block_t block;
        wasi_mcp_content_resource_contents_t contents;
    } as;
    struct answer_item *next;
} answer_item;

/// The maximum number of values of a completion.
enum {
    MAX_COMPLETIONS = 100
};

struct mcp_call {
    mcp_arena arena;
    call_kind kind;
    wasi_mcp_context_borrow_request_context_t context;
    /// The name of the tool or prompt.
    const char *name;
    /// The URI of the resource.
    const char *uri;
    const char *mime_type;
    const char *extra;

    /// The arguments: a text of JSON, which is read when it is needed.
    mcp_slice arguments_text;
    bool are_arguments_read;
    const mcp_json *arguments;

    answer_item *first_item;
    answer_item *last_item;
    size_t item_count;
    mcp_role role;
    mcp_writer *structured;
    mcp_slice structured_text;
    const char *result_meta;
    const char *result_extra;
    const char *result_description;

    bool has_failed;
    /// The work failed, which is no error of JSON-RPC in a tool.
    bool is_work_failure;
    mcp_code code;
    mcp_slice message;
    const char *data;

    const char *typed;
    const char *proposals[MAX_COMPLETIONS];
    size_t proposal_count;
};

/// Lets a function of the same name, by the author or in the bindings, replace this one.
#define WEAK __attribute__((weak))

/// Begins a call of a handler, whose context it owns until `mcp_end_call`. In a service the first call of an
/// instance starts it.
mcp_call mcp_begin_call(call_kind kind, wasi_mcp_context_own_request_context_t context);

void mcp_end_call(mcp_call *call, wasi_mcp_context_own_request_context_t context);

/// Fails in `.start`, because the function of this name needs a request.
bool mcp_has_request(mcp_call *call, const char *function);

/// Stores the failure of a call as an error.
void mcp_store_error(mcp_call *call, wasi_mcp_types_error_t *error);

/// Takes the error of an import: `doing` says what has failed.
void mcp_take_error(mcp_call *call, const char *doing, const wasi_mcp_types_error_t *error);

/// Fails unless the arguments fit the fields, or the outermost members of the schema where that is not
/// `NULL`.
void mcp_check_arguments(mcp_call *call, const mcp_field *fields, const char *schema);

/// The check of arguments before a handler runs. `NULL` in a backend, whose host has checked them: so the
/// linker drops the check.
extern void (*mcp_argument_check)(mcp_call *call, const mcp_field *fields, const char *schema);

/// Completes the answer, after the handler has returned.
void mcp_finish_answer(mcp_call *call);

/// Frees the items of an answer that is not sent.
void mcp_drop_items(mcp_call *call);

#endif
