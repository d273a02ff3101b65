"""Calls beside each other, and questions beside each other, which WASI 0.3 alone supports."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any

from wasi_mcp import Context, Field, ToolError, sleep

from ..server import READ_ONLY, server, state

_PAUSE_SECONDS = 0.002
_waiting: list["_Party"] = []


class _Party:
    def __init__(self) -> None:
        self.has_met = False


@server.tool(annotations=READ_ONLY)
async def barrier(context: Context, parties: Annotated[int, Field(ge=1, le=100_000)]) -> str:
    """Returns as soon as `parties` calls of it are inside this instance at the same time."""
    own = _Party()
    _waiting.append(own)
    if len(_waiting) >= parties:
        for party in _waiting:
            party.has_met = True
        _waiting.clear()
    # One call cannot wake another: the event loop has a queue for each call.
    while not own.has_met:
        if context.is_cancelled:
            _waiting.remove(own)
            state.cancellations.append(None)
            raise ToolError("Cancelled")
        await sleep(_PAUSE_SECONDS)
    return f"{parties} calls met"


@dataclass
class _Answer:
    answer: str


@dataclass
class _Confirmation:
    agreed: bool


@server.tool(name="ask-user-and-model", annotations=READ_ONLY)
async def ask_user_and_model(context: Context) -> dict[str, Any]:
    """Asks the user and the model at once, gives up the slower question, and asks the user to confirm."""
    user = asyncio.ensure_future(context.elicit("What is the answer?", _Answer))
    model = asyncio.ensure_future(context.sample("What is the answer?", max_tokens=100))
    # The host withdraws a question that is given up when this request ends.
    finished, given_up = await asyncio.wait([user, model], return_when=asyncio.FIRST_COMPLETED)
    for question in given_up:
        question.cancel()
    first = "user" if user in finished else "model"
    for question in finished:
        question.result()
    confirmation = await context.elicit(f"Is the {first} right?", _Confirmation)
    content = confirmation.data and vars(confirmation.data)
    return {"first": first, "confirmation": {"action": confirmation.action, "content": content}}
