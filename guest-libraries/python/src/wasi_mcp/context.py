"""The request that a handler works on."""

from __future__ import annotations

import json
from typing import Any, Literal

from . import bindings, elicitation, records, waiting
from .content import (
    Client,
    CreateMessageResult,
    ListRootsResult,
    LogLevel,
    ModelPreferences,
    Principal,
    SamplingMessage,
)
from .failures import answered

_CANCELLATION_POLL_SECONDS = 0.005


class Context:
    """One request of a client, or one of its notifications.

    A handler receives it in the parameter that is annotated with this class. Methods that wait for
    the client are asynchronous in both variants; the others return at once.

    Attributes:
        request: the generated `RequestContext`, for whatever this class does not offer.
        params: the generated parameters of the request, such as `CallToolParams`; `None` for a
            notification, a subscription and a list.
    """

    def __init__(self, request: Any, params: Any = None) -> None:
        self.request = request
        self.params = params

    @property
    def request_id(self) -> str | int | None:
        """The id of the request. A notification has none."""
        return _parsed(self.request.get_id())  # type: ignore[no-any-return]

    @property
    def meta(self) -> dict[str, Any] | None:
        """`_meta` of the request."""
        return _parsed(self.request.get_meta())  # type: ignore[no-any-return]

    @property
    def progress_token(self) -> str | int | None:
        """The token with which the client asked for progress. Reports do not need it."""
        return _parsed(self.request.get_progress_token())  # type: ignore[no-any-return]

    @property
    def client(self) -> Client:
        """The client that sent the request."""
        return records.from_record(self.request.get_client())  # type: ignore[no-any-return]

    @property
    def principal(self) -> Principal | None:
        """The authenticated party behind the request; `None` without authentication.

        Needs the import `wasi:mcp/identity`.
        """
        found = bindings.current().require("identity").get_principal(self.request)
        return found and records.from_record(found)  # type: ignore[no-any-return]

    @property
    def is_cancelled(self) -> bool:
        """True once the client has cancelled the request, or the host has given it up."""
        return self.request.is_cancelled()  # type: ignore[no-any-return]

    def clone(self) -> Context:
        """Returns a second context of the same request, to keep beyond the handler."""
        return Context(self.request.clone(), self.params)

    def report_progress(
        self, progress: float, total: float | None = None, message: str | None = None
    ) -> None:
        """Reports progress to the client. `progress` grows with each report."""
        made = bindings.current().record(
            "content", "Progress", progress=float(progress), total=total, message=message
        )
        with answered():
            self.request.report_progress(made)

    def log(self, level: LogLevel, data: Any, *, logger: str | None = None) -> None:
        """Sends a log message to the client: any JSON value. Needs the import `wasi:mcp/logging`."""
        send_log(self.request, level, data, logger)

    def debug(self, data: Any, *, logger: str | None = None) -> None:
        """Logs at level `debug`."""
        self.log("debug", data, logger=logger)

    def info(self, data: Any, *, logger: str | None = None) -> None:
        """Logs at level `info`."""
        self.log("info", data, logger=logger)

    def warning(self, data: Any, *, logger: str | None = None) -> None:
        """Logs at level `warning`."""
        self.log("warning", data, logger=logger)

    def error(self, data: Any, *, logger: str | None = None) -> None:
        """Logs at level `error`."""
        self.log("error", data, logger=logger)

    async def sample(
        self,
        messages: str | list[str | SamplingMessage],
        *,
        max_tokens: int = 512,
        system_prompt: str | None = None,
        temperature: float | None = None,
        stop_sequences: list[str] | None = None,
        model_preferences: ModelPreferences | None = None,
        include_context: Literal["none", "thisServer", "allServers"] | None = None,
        metadata: dict[str, Any] | None = None,
        meta: dict[str, Any] | None = None,
        extra: dict[str, Any] | None = None,
    ) -> CreateMessageResult:
        """Asks the client's model. A text is a message of the user.

        Needs the import `wasi:mcp/sampling`. Raises `RequestError`, with the code
        `method-not-found` where the client does not support it.
        """
        sampling = bindings.current().require("sampling")
        params = bindings.current().record(
            "content",
            "CreateMessageParams",
            messages=[
                _sampling_message(message)
                for message in ([messages] if isinstance(messages, str) else messages)
            ],
            max_tokens=max_tokens,
            model_preferences=model_preferences and records.to_record(model_preferences),
            system_prompt=system_prompt,
            include_context=include_context
            and records.enum_case("content", "IncludeContext", include_context),
            temperature=temperature,
            stop_sequences=stop_sequences,
            metadata=_dumped(metadata),
            meta=_dumped(meta),
            extra=_dumped(extra),
        )
        return records.from_record(await self._ask(sampling.create_message, params))  # type: ignore[no-any-return]

    async def elicit(
        self,
        message: str,
        schema: type[elicitation.Form] | dict[str, Any],
        *,
        meta: dict[str, Any] | None = None,
        extra: dict[str, Any] | None = None,
    ) -> elicitation.ElicitResult[Any]:
        """Asks the client's user to fill in a form.

        The form is a dataclass or a `TypedDict` of texts, numbers, booleans and choices, or a JSON
        Schema of such an object. Needs the import `wasi:mcp/elicitation`. Raises `RequestError`,
        with the code `method-not-found` where the client does not support it.
        """
        interface = bindings.current().require("elicitation")
        params = bindings.current().record(
            "content",
            "ElicitParams",
            message=message,
            requested_schema=elicitation.requested_schema(schema),
            meta=_dumped(meta),
            extra=_dumped(extra),
        )
        return elicitation.result(await self._ask(interface.elicit, params), schema)

    async def list_roots(self, *, meta: dict[str, Any] | None = None) -> ListRootsResult:
        """Asks for the folders that the client lets the server work in.

        Needs the import `wasi:mcp/roots`. Raises `RequestError`, with the code `method-not-found`
        where the client does not support it.
        """
        roots = bindings.current().require("roots")
        return records.from_record(await self._ask(roots.list_roots, _dumped(meta)))  # type: ignore[no-any-return]

    async def wait_cancelled(self) -> str | None:
        """Waits until the request is cancelled, and returns the client's reason.

        Returns `None` where there is no reason, also when the request ends otherwise. In WASI 0.2 it
        polls, and does not learn the reason.
        """
        found = bindings.current()
        if found.is_async:
            cancellation = await waiting.imported(
                found.require("context").wait_cancelled, self.request.clone()
            )
            return cancellation and cancellation.reason  # type: ignore[no-any-return]
        while not self.is_cancelled:
            await waiting.sleep(_CANCELLATION_POLL_SECONDS)
        return None

    async def _ask(self, function: Any, params: Any) -> Any:
        """Calls an import that borrows the context: a clone, so that a handler may give up waiting."""
        with answered():
            return await waiting.imported(function, self.request.clone(), params)


def send_log(request: Any, level: LogLevel, data: Any, logger: str | None) -> None:
    """Sends a log message, as part of a request if there is one."""
    logging = bindings.current().require("logging")
    with answered():
        logging.log(request, records.enum_case("types", "LogLevel", level), logger, records.dump(data))


def _parsed(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _dumped(value: dict[str, Any] | None) -> str | None:
    return None if value is None else records.dump(value)


def _sampling_message(message: str | SamplingMessage) -> Any:
    if not isinstance(message, (str, SamplingMessage)):
        return message
    role, body = ("user", message) if isinstance(message, str) else (message.role, message.content)
    return bindings.current().record(
        "content",
        "SamplingMessage",
        role=records.enum_case("types", "Role", role),
        content=records.case("SamplingContent", body),
    )
