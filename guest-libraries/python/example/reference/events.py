"""Subscriptions, and notifications of the client."""

from wasi_mcp import Context, RequestError

from .server import server, state


@server.subscribe
def subscribe(uri: str) -> None:
    """Remembers a subscription. The library has refused a resource that does not exist."""
    state.subscriptions.add(uri)


@server.unsubscribe
def unsubscribe(uri: str) -> None:
    """Forgets a subscription."""
    state.subscriptions.discard(uri)


@server.initialized
async def initialized(context: Context) -> None:
    """Learns the roots of a client that is ready."""
    state.initialized += 1
    await _learn_roots(context)


@server.roots_changed
async def roots_changed(context: Context) -> None:
    """Learns the roots anew."""
    state.roots_changed += 1
    await _learn_roots(context)


async def _learn_roots(context: Context) -> None:
    """Requests the roots, like a server that depends on them."""
    if context.client.capabilities.roots is None:
        return
    try:
        state.roots = (await context.list_roots()).roots
    except RequestError:
        pass
