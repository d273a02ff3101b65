/// The authenticated party. A component that calls this function imports `identity`.

#include "mcp_call.h"
#include "mcp_records.h"

/// Declared here, so that a world without `identity` can use the library, too.
extern bool wasi_mcp_identity_get_principal(wasi_mcp_context_borrow_request_context_t context,
                                            wasi_mcp_types_principal_t *principal);

const mcp_principal_info *mcp_principal(mcp_call *call) {
    if (!mcp_has_request(call, __func__))
        return NULL;
    mcp_arena *to = &call->arena;
    wasi_mcp_types_principal_t principal;
    if (!wasi_mcp_identity_get_principal(call->context, &principal))
        return NULL;
    const char **scopes = mcp_alloc(call, (principal.scopes.len + 1) * sizeof *scopes);
    for (size_t index = 0; index < principal.scopes.len; index++)
        scopes[index] = mcp_in_string(to, principal.scopes.ptr[index]);
    mcp_writer *claims = mcp_json_writer(call);
    mcp_write_object(claims, NULL);
    for (size_t index = 0; index < principal.claims.len; index++)
        mcp_write_json(claims, mcp_in_string(to, principal.claims.ptr[index].f0),
                       mcp_in_string(to, principal.claims.ptr[index].f1));
    mcp_write_end(claims);
    mcp_principal_info *info = mcp_alloc(call, sizeof *info);
    *info = (mcp_principal_info){
        .issuer = mcp_in_string(to, principal.issuer),
        .subject = IN_OPTION(to, principal.subject),
        .client_id = IN_OPTION(to, principal.client_id),
        .scopes = scopes,
        .claims = mcp_json_text(call, claims),
    };
    wasi_mcp_types_principal_free(&principal);
    return info;
}
