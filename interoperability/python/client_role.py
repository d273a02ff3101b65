"""What this client answers when the server asks, and what it was told.

Everything is kept in wire form (plain dictionaries with MCP's member names), so that the checks
read the same with each generation of the SDK.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import anyio

Json = dict[str, Any]


def wire(model: Any) -> Json:
    """A model of the SDK as the JSON object that stands for it on the wire."""
    return model.model_dump(by_alias=True, mode="json", exclude_none=True)


class Refusal(Exception):
    """Raised by an answer to refuse the server's request with a JSON-RPC error."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class ClientRole:
    """The client's side of a session: its answers, and a record of what arrived."""

    def __init__(self) -> None:
        self.notifications: list[Json] = []
        self.faults: list[str] = []
        self.sampling_requests: list[Json] = []
        self.elicitation_requests: list[Json] = []
        self.roots: list[Json] = [{"uri": "file:///one", "name": "One"}]
        self.sampling: Callable[[Json], Json] = lambda _: {
            "role": "assistant",
            "model": "model-of-the-test",
            "stopReason": "endTurn",
            "content": {"type": "text", "text": "an answer"},
        }
        self.elicitation: Callable[[Json], Json] = lambda _: {"action": "decline"}
        self._arrival = anyio.Event()

    def sampling_result(self, params: Json) -> Json:
        """Answers sampling/createMessage."""
        self.sampling_requests.append(params)
        return self.sampling(params)

    def elicitation_result(self, params: Json) -> Json:
        """Answers elicitation/create."""
        self.elicitation_requests.append(params)
        return self.elicitation(params)

    def roots_result(self) -> Json:
        """Answers roots/list."""
        return {"roots": self.roots}

    def record(self, notification: Json) -> None:
        """Keeps a notification of the server."""
        self.notifications.append(notification)
        self._arrival.set()
        self._arrival = anyio.Event()

    def record_fault(self, fault: Exception) -> None:
        """Keeps what the SDK could not make sense of: each is a failure of the run."""
        self.faults.append(repr(fault))

    def record_warnings(self) -> None:
        """Takes what the SDK logs from now on for faults: some it tells in no other way."""
        handler = logging.Handler(logging.WARNING)
        handler.emit = lambda record: self.faults.append(record.getMessage())  # type: ignore[method-assign]
        logging.getLogger().addHandler(handler)

    def received(self, method: str) -> list[Json]:
        """The parameters of each notification of `method` so far, in order of arrival."""
        return [each.get("params", {}) for each in self.notifications if each["method"] == method]

    async def arrived(self, method: str, count: int, seconds: float = 5) -> list[Json]:
        """Waits until `count` notifications of `method` are there, or the time is over."""
        with anyio.move_on_after(seconds):
            while len(self.received(method)) < count:
                await self._arrival.wait()
        return self.received(method)

    def forget(self) -> None:
        """Empties the record before a check."""
        self.notifications.clear()
        self.sampling_requests.clear()
        self.elicitation_requests.clear()
