"""What an application asks of a server through an SDK, on the project's reference guest.

Each check is one use of the session, judged by what the SDK hands to the application. They run in
the order in which they stand, on one session. Whether messages are right on the wire is the
business of wasi-mcp-conformance; here it counts that the SDK is content with them.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Awaitable, Callable
from typing import Any

import anyio

from client_role import ClientRole, Refusal
from connection import Connection, Json, ServerError

Check = Callable[[Connection, ClientRole], Awaitable[None]]
CHECKS: list[Check] = []

INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
RESOURCE_NOT_FOUND = -32002

MESSAGE = "notifications/message"
RESOURCE_UPDATED = "notifications/resources/updated"
LISTS_CHANGED = [f"notifications/{kind}/list_changed" for kind in ("tools", "resources", "prompts")]

WATCHED = "test://watched-resource"
PART = "test://watched-resource/part"


class NotOffered(Exception):
    """Raised by a check when the guest rightly lacks what the check is about."""


def check(function: Check) -> Check:
    """Enters a check in the list."""
    CHECKS.append(function)
    return function


def expect(what: str, actual: Any, expected: Any) -> None:
    """Fails unless both are the same."""
    if actual != expected:
        raise AssertionError(f"{what}: expected {expected!r}, got {actual!r}")


def expect_all(what: str, actual: Any, expected: Any) -> None:
    """Fails unless everything in `expected` is in `actual`."""
    missing = [each for each in expected if each not in actual]
    if missing:
        raise AssertionError(f"{what}: {missing!r} not in {actual!r}")


async def expect_error(what: str, code: int, request: Awaitable[Any]) -> ServerError:
    """Fails unless the request is answered with an error of this code."""
    try:
        result = await request
    except ServerError as error:
        expect(f"{what}: error code", error.code, code)
        return error
    raise AssertionError(f"{what}: expected error {code}, got the result {result!r}")


def text_of(result: Json) -> str:
    """The text of a tool result's first block."""
    return result["content"][0]["text"]


async def everything(connection: Connection, kind: str) -> tuple[list[Json], int]:
    """All entries of a list and how many pages it had."""
    entries: list[Json] = []
    pages = 0
    cursor: str | None = None
    while True:
        page = await connection.list_page(kind, cursor)
        pages += 1
        entries += page[kind]
        cursor = page.get("nextCursor")
        if cursor is None:
            return entries, pages


async def names(connection: Connection, kind: str, member: str = "name") -> list[str]:
    """One member of each entry of a list."""
    return [entry[member] for entry in (await everything(connection, kind))[0]]


@check
async def the_handshake_tells_what_the_guest_declared(connection: Connection, role: ClientRole) -> None:
    expect("revision", connection.protocol_version, "2025-06-18")
    expect("server name", connection.server_info["name"], "wasi-mcp-reference")
    expect_all("server info", connection.server_info, ["title", "version"])
    expect_all("capabilities", connection.capabilities, ["logging", "completions", "prompts", "resources", "tools"])
    expect("resources", connection.capabilities["resources"], {"subscribe": True, "listChanged": True})
    expect("instructions are given", bool(connection.instructions), True)


@check
async def a_ping_is_answered(connection: Connection, role: ClientRole) -> None:
    await connection.ping()


@check
async def the_cursors_lead_through_each_list(connection: Connection, role: ClientRole) -> None:
    entries, pages = await everything(connection, "resources")
    uris = [entry["uri"] for entry in entries]
    expect("every resource once", len(uris), len(set(uris)))
    expect_all("resources", uris, [WATCHED] + [f"test://numbered/{number}" for number in range(1, 121)])
    expect("more than one page", pages > 1, True)
    expect_all("tools", await names(connection, "tools"), ["echo", "sample", "elicit", "wait-until-cancelled"])
    templates = await names(connection, "resourceTemplates", "uriTemplate")
    expect_all("templates", templates, ["test://template/{id}/data", "test://integers/{integer}"])
    expect_all("prompts", await names(connection, "prompts"), ["test_simple_prompt", "journey", "every-content-kind"])
    await expect_error("a bogus cursor", INVALID_PARAMS, connection.list_page("tools", "not a cursor"))


@check
async def echo_gives_the_text_back(connection: Connection, role: ClientRole) -> None:
    for text in ["", "one line", "two\nlines\r\n", 'quotes " and \\', "Grüße, 世界 \U0001f30d", "\u2028\u0000"]:
        result = await connection.call_tool("echo", {"text": text})
        expect("echoed", text_of(result), text)
        expect("no failure", result.get("isError", False), False)


@check
async def every_content_kind_is_understood(connection: Connection, role: ClientRole) -> None:
    result = await connection.call_tool("every-content-kind", {})
    blocks = result["content"]
    kinds = ["text", "image", "audio", "resource_link", "resource", "resource"]
    expect("kinds", [block["type"] for block in blocks], kinds)
    for block in blocks:
        expect(f"priority of {block['type']}", block["annotations"]["priority"], 0.25)
    expect("the image is a PNG", b64decode(blocks[1]["data"], validate=True)[:4], b"\x89PNG")
    prompt = await connection.get_prompt("every-content-kind", None)
    expect("roles", [each["role"] for each in prompt["messages"]], ["user", "assistant"] * 3)


@check
async def structured_content_fits_its_schema(connection: Connection, role: ClientRole) -> None:
    result = await connection.call_tool("sum", {"numbers": [1, 2.5, -1]})
    expect("sum", result["structuredContent"], {"sum": 2.5, "count": 3})
    value = {"big": 9007199254740993, "list": [None, True, "x"], "deep": {"er": {}}}
    echoed = await connection.call_tool("echo-structured", {"value": value})
    expect("value", echoed["structuredContent"], {"value": value})


@check
async def a_failed_tool_is_a_result_and_a_wrong_call_is_an_error(connection: Connection, role: ClientRole) -> None:
    result = await connection.call_tool("fail", {"message": "out of order"})
    expect("isError", result["isError"], True)
    expect("text", text_of(result), "out of order")
    await expect_error("an unknown tool", INVALID_PARAMS, connection.call_tool("no-such-tool", {}))
    await expect_error("a missing argument", INVALID_PARAMS, connection.call_tool("echo", {}))
    await expect_error("a mistyped argument", INVALID_PARAMS, connection.call_tool("echo", {"text": 1}))


@check
async def progress_reaches_the_callback_in_order(connection: Connection, role: ClientRole) -> None:
    # A host may leave reports out that follow one another faster than a client can use them.
    reports: list[tuple[float, float | None, str | None]] = []
    result = await connection.call_tool(
        "report-progress",
        {"steps": 3, "milliseconds": 150},
        on_progress=lambda *report: reports.append(report),
    )
    expect("reports", reports, [(float(step), 3.0, f"Step {step} of 3") for step in range(4)])
    expect("text", text_of(result), "Reported 4 times")


@check
async def log_messages_from_the_set_level_upwards_arrive(connection: Connection, role: ClientRole) -> None:
    levels = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"]
    for lowest in ["warning", "debug"]:
        role.forget()
        await connection.set_log_level(lowest)
        await connection.call_tool("log-all-levels", {"logger": "checks"})
        wanted = levels[levels.index(lowest) :]
        messages = await role.arrived(MESSAGE, len(wanted))
        expect(f"levels from {lowest}", [each["level"] for each in messages], wanted)
        expect("logger", {each["logger"] for each in messages}, {"checks"})
        expect("data", messages[0]["data"]["message"], "A message\nof two lines")


@check
async def log_messages_outside_a_request_arrive(connection: Connection, role: ClientRole) -> None:
    await connection.set_log_level("error")
    await connection.call_tool("log-to-sessions", {"logger": "outside"})
    messages = await role.arrived(MESSAGE, 4)
    expect("levels", [each["level"] for each in messages], ["error", "critical", "alert", "emergency"])


@check
async def resources_are_read(connection: Connection, role: ClientRole) -> None:
    text = (await connection.read_resource("test://static-text"))["contents"][0]
    expect("text", text["text"], "This is the content of the static text resource.")
    expect("media type", text["mimeType"], "text/plain")
    binary = (await connection.read_resource("test://static-binary"))["contents"][0]
    expect("the blob is a PNG", b64decode(binary["blob"], validate=True)[:4], b"\x89PNG")
    templated = (await connection.read_resource("test://template/123/data"))["contents"][0]
    expect("uri", templated["uri"], "test://template/123/data")
    expect("expanded", "123" in templated["text"], True)
    folder = (await connection.read_resource("test://folder"))["contents"]
    expect("folder", [each["uri"] for each in folder], ["test://folder/text", "test://folder/image"])
    error = await expect_error("unknown", RESOURCE_NOT_FOUND, connection.read_resource("test://no-such"))
    expect("data", error.data, {"uri": "test://no-such"})


@check
async def updates_of_a_subscribed_resource_arrive(connection: Connection, role: ClientRole) -> None:
    await connection.subscribe(WATCHED)
    await connection.call_tool("touch-resource", {})
    await connection.call_tool("touch-resource", {"part": True})
    updates = await role.arrived(RESOURCE_UPDATED, 2)
    expect("updates", [each["uri"] for each in updates], [WATCHED, PART])
    await connection.unsubscribe(WATCHED)
    role.forget()
    await connection.call_tool("touch-resource", {})
    # An update that should not come would come before this one.
    await connection.subscribe(WATCHED)
    await connection.call_tool("touch-resource", {"part": True})
    updates = await role.arrived(RESOURCE_UPDATED, 1)
    expect("updates after unsubscribing", [each["uri"] for each in updates], [PART])
    await connection.unsubscribe(WATCHED)


@check
async def prompts_are_filled_in(connection: Connection, role: ClientRole) -> None:
    simple = await connection.get_prompt("test_simple_prompt", None)
    expect("text", simple["messages"][0]["content"]["text"], "This is a simple prompt for testing.")
    journey = await connection.get_prompt("journey", {"country": "Japan", "city": "Kyoto"})
    expect("text", journey["messages"][0]["content"]["text"], "Plan three days in Kyoto, Japan.")
    await expect_error("an unknown prompt", INVALID_PARAMS, connection.get_prompt("no-such-prompt", None))
    await expect_error("a missing argument", INVALID_PARAMS, connection.get_prompt("journey", {"city": "Kyoto"}))


@check
async def arguments_are_completed(connection: Connection, role: ClientRole) -> None:
    journey = {"type": "ref/prompt", "name": "journey"}
    cities = await connection.complete(journey, {"name": "city", "value": ""}, {"country": "France"})
    expect("cities", cities["completion"], {"values": ["Lyon", "Marseille", "Paris"], "total": 3, "hasMore": False})
    template = {"type": "ref/resource", "uri": "test://integers/{integer}"}
    integers = (await connection.complete(template, {"name": "integer", "value": ""}, None))["completion"]
    expect("values", len(integers["values"]), 100)
    expect("total", (integers["total"], integers["hasMore"]), (1000, True))


@check
async def sampling_goes_to_the_client_and_back(connection: Connection, role: ClientRole) -> None:
    result = await connection.call_tool("sample", {"prompt": "What is it?"})
    [asked] = role.sampling_requests
    expect("prompt", asked["messages"][0]["content"], {"type": "text", "text": "What is it?"})
    expect("kinds", [each["content"]["type"] for each in asked["messages"]], ["text", "image", "audio"])
    expect("limits", (asked["maxTokens"], asked["temperature"]), (100, 0.7))
    expect("stops", asked["stopSequences"], ["END", "\n"])
    answer = result["structuredContent"]
    expect("model", (answer["role"], answer["model"]), ("assistant", "model-of-the-test"))
    expect("content", answer["content"], {"type": "text", "text": "an answer"})


@check
async def many_sampling_requests_find_their_answers(connection: Connection, role: ClientRole) -> None:
    def answer(params: Json) -> Json:
        question = params["messages"][0]["content"]["text"]
        return {"role": "assistant", "model": "m", "content": {"type": "text", "text": f"{question}!"}}

    role.sampling = answer
    result = await connection.call_tool("sample-many", {"count": 8})
    texts = [each["text"] for each in result["structuredContent"]["answers"]]
    expect("answers", texts, [f"Question {number}!" for number in range(8)])


@check
async def a_refused_request_reaches_the_guest_as_an_error(connection: Connection, role: ClientRole) -> None:
    def refuse(_: Json) -> Json:
        raise Refusal(-1, "The user said no")

    role.sampling = refuse
    result = await connection.call_tool("sample", {"prompt": "?"})
    expect("isError", result["isError"], True)
    expect("code", result["structuredContent"]["code"], "-1")
    expect("message", result["structuredContent"]["message"], "The user said no")


@check
async def elicitation_goes_to_the_client_and_back(connection: Connection, role: ClientRole) -> None:
    content = {"name": "Grace", "ratio": 1.5, "age": 85, "agreed": True, "colour": "g"}
    for action, given in [("accept", content), ("decline", None), ("cancel", None)]:
        role.forget()
        role.elicitation = lambda _: {"action": action} | ({"content": given} if given else {})
        result = await connection.call_tool("elicit", {})
        [asked] = role.elicitation_requests
        schema = asked["requestedSchema"]
        expect("required", schema["required"], ["name", "age"])
        expect_all("properties", schema["properties"], ["name", "ratio", "age", "agreed", "colour", "email"])
        expect(action, result["structuredContent"], {"action": action, "content": given})


@check
async def roots_are_listed_again_when_they_change(connection: Connection, role: ClientRole) -> None:
    result = await connection.call_tool("list-roots", {})
    [root] = result["structuredContent"]["roots"]
    expect("root", (root["uri"], root["name"]), ("file:///one", "One"))
    role.roots = [{"uri": "file:///two"}, {"uri": "file:///three"}]
    await connection.roots_changed()
    await until_instance_shows(connection, "roots", lambda roots: roots == ["file:///two", "file:///three"])


@check
async def changed_lists_are_announced(connection: Connection, role: ClientRole) -> None:
    for tool, present in [("add-entries", True), ("remove-entries", False)]:
        role.forget()
        await connection.call_tool(tool, {})
        for method in LISTS_CHANGED:
            expect(method, len(await role.arrived(method, 1)) >= 1, True)
        expect("tool", "added-tool" in await names(connection, "tools"), present)
        expect("resource", "test://added" in await names(connection, "resources", "uri"), present)
        expect("prompt", "added-prompt" in await names(connection, "prompts"), present)
        if present:
            expect("text", text_of(await connection.call_tool("added-tool", {})), "I was added")


@check
async def a_cancelled_call_stops(connection: Connection, role: ClientRole) -> None:
    before = await instance(connection)
    await connection.call_tool_and_cancel("wait-until-cancelled", {}, after_seconds=0.5)
    count = len(before["cancellations"]) + 1
    await until_instance_shows(connection, "cancellations", lambda all_of_them: len(all_of_them) == count)
    expect("echo", text_of(await connection.call_tool("echo", {"text": "still here"})), "still here")


@check
async def calls_at_the_same_time_find_their_answers(connection: Connection, role: ClientRole) -> None:
    answers: dict[int, str] = {}

    async def call(number: int) -> None:
        answers[number] = text_of(await connection.call_tool("echo", {"text": f"text {number}"}))

    async with anyio.create_task_group() as calls:
        for number in range(50):
            calls.start_soon(call, number)
    expect("answers", answers, {number: f"text {number}" for number in range(50)})


@check
async def waiting_calls_meet_inside_the_guest(connection: Connection, role: ClientRole) -> None:
    if "barrier" not in await names(connection, "tools"):
        raise NotOffered("no tool `barrier`: only a WASI 0.3 guest runs calls side by side")
    texts: list[str] = []

    async def call() -> None:
        texts.append(text_of(await connection.call_tool("barrier", {"parties": 20})))

    async with anyio.create_task_group() as calls:
        for _ in range(20):
            calls.start_soon(call)
    expect("texts", texts, ["20 calls met"] * 20)


@check
async def a_trap_fails_its_call_and_the_session_goes_on(connection: Connection, role: ClientRole) -> None:
    await expect_error("trap", INTERNAL_ERROR, connection.call_tool("trap", {}))
    expect("echo", text_of(await connection.call_tool("echo", {"text": "again"})), "again")


@check
async def the_sdk_understood_everything(connection: Connection, role: ClientRole) -> None:
    expect("faults", role.faults, [])


async def instance(connection: Connection) -> Json:
    """What the reference guest knows of itself."""
    return (await connection.call_tool("describe-instance", {}))["structuredContent"]


async def until_instance_shows(connection: Connection, member: str, accept: Callable[[Any], bool]) -> None:
    """Waits for what a notification of the client brings about in the guest."""
    shown: Any = None
    for _ in range(50):
        shown = (await instance(connection))[member]
        if accept(shown):
            return
        await anyio.sleep(0.1)
    raise AssertionError(f"{member} of the instance stayed {shown!r}")
