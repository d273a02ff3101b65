"""The handler's view of its request and its instance."""

import json
from typing import Any

from wasi_mcp import CallToolResult, Context, RequestError

from ..server import CHANGING, READ_ONLY, server, state


@server.tool(name="describe-request", annotations=READ_ONLY)
def describe_request(context: Context) -> CallToolResult:
    """Tells the request's id, `_meta`, progress token, client and further members; hands `_meta` back without the token."""
    state.calls += 1
    client = context.client
    capabilities = client.capabilities
    extra = context.params.extra
    description = {
        "id": context.request_id,
        "meta": context.meta,
        "progressToken": context.progress_token,
        "client": {
            "info": client.info and vars(client.info),
            "protocolVersion": client.protocol_version,
            "logLevel": client.log_level,
            "roots": capabilities.roots and {"listChanged": capabilities.roots.list_changed},
            "sampling": capabilities.sampling,
            "elicitation": capabilities.elicitation,
            "experimental": capabilities.experimental,
            "extra": capabilities.extra,
        },
        "cancelled": context.is_cancelled,
        "extra": extra and json.loads(extra),
    }
    # The progress token belongs to the request; the other members may be echoed.
    meta = context.meta and {name: value for name, value in context.meta.items() if name != "progressToken"}
    return CallToolResult(structured_content=description, meta=meta)


@server.tool(name="describe-instance", annotations=READ_ONLY)
def describe_instance() -> dict[str, Any]:
    """Tells what this instance has seen: calls, subscriptions, cancellations, client events."""
    return {
        "calls": state.calls,
        "added": state.is_added,
        "watchedVersion": state.watched_version,
        "subscriptions": sorted(state.subscriptions),
        "cancellations": state.cancellations,
        "initialized": state.initialized,
        "rootsChanged": state.roots_changed,
        "roots": [root.uri for root in state.roots],
    }


@server.tool(annotations=READ_ONLY)
def whoami(context: Context) -> dict[str, Any]:
    """Tells who makes the request: the claims of the access token that the host shows."""
    principal = context.principal
    if principal is None:
        return {"principal": None}
    return {
        "principal": {
            "issuer": principal.issuer,
            "subject": principal.subject,
            "clientId": principal.client_id,
            "scopes": principal.scopes,
            "claims": principal.claims,
        }
    }


@server.tool(name="late-context", annotations=CHANGING)
async def late_context(context: Context) -> dict[str, Any]:
    """Keeps a clone of its context; the next call uses it and tells what the host answered."""
    late, state.kept_context = state.kept_context, context.clone()
    if late is None:
        return {"late": None}
    return {
        "late": {
            "reportProgress": _answer(lambda: late.report_progress(1_000_000)),
            "log": _answer(lambda: late.log("emergency", "too late")),
            "createMessage": await _awaited(late.sample("Too late?", max_tokens=100)),
            "listRoots": await _awaited(late.list_roots()),
            "isCancelled": late.is_cancelled,
        }
    }


def _answer(use: Any) -> str:
    """Returns the code of the error, or `ok`."""
    try:
        use()
    except RequestError as error:
        return str(error.code)
    return "ok"


async def _awaited(use: Any) -> str:
    try:
        await use
    except RequestError as error:
        return str(error.code)
    return "ok"
