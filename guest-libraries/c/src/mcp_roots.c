/// The client's roots. A component that calls this function imports `roots`.

#include "mcp_call.h"
#include "mcp_records.h"

/// Declared here, so that a world without `roots` can use the library, too.
extern bool wasi_mcp_roots_list_roots(wasi_mcp_context_borrow_request_context_t context,
                                      bindings_string_t *maybe_meta,
                                      wasi_mcp_content_list_roots_result_t *answer,
                                      wasi_mcp_types_error_t *error);

const mcp_roots *mcp_list_roots(mcp_call *call, const char *meta) {
    if (!mcp_has_request(call, __func__) || call->has_failed)
        return NULL;
    mcp_arena *to = &call->arena;
    bindings_string_t meta_text = mcp_out_string(to, meta);
    wasi_mcp_content_list_roots_result_t answer;
    wasi_mcp_types_error_t error;
    if (!wasi_mcp_roots_list_roots(call->context, meta == NULL ? NULL : &meta_text, &answer, &error)) {
        mcp_take_error(call, "the client's roots are not known", &error);
        wasi_mcp_types_error_free(&error);
        return NULL;
    }
    mcp_root *list = mcp_alloc(call, answer.roots.len * sizeof *list);
    for (size_t index = 0; index < answer.roots.len; index++) {
        const wasi_mcp_content_root_t *root = &answer.roots.ptr[index];
        list[index] = (mcp_root){
            .uri = mcp_in_string(to, root->uri),
            .name = IN_OPTION(to, root->name),
            .meta = IN_OPTION(to, root->meta),
            .extra = IN_OPTION(to, root->extra),
        };
    }
    mcp_roots *roots = mcp_alloc(call, sizeof *roots);
    *roots = (mcp_roots){
        .roots = list,
        .count = answer.roots.len,
        .meta = IN_OPTION(to, answer.meta),
        .extra = IN_OPTION(to, answer.extra),
    };
    wasi_mcp_content_list_roots_result_free(&answer);
    return roots;
}
