"""The context: what it tells, what it asks, and how it waits, in both variants."""

import asyncio
import contextlib
import io
import json
import sys
from typing import Any

import fake_bindings
from fake_bindings import Err, Request
from support import BothVariants, Component, text_of

SOURCE = """
import asyncio
from dataclasses import dataclass
from typing import Annotated, Literal, TypedDict
from wasi_mcp import *
import wasi_mcp

server = Server("test")

@dataclass
class Details:
    name: Annotated[str, Field(title="Name", min_length=1, max_length=40)]
    age: Annotated[int, Field(ge=0, le=150)]
    colour: Literal["r", "g"] = "r"
    ratio: float = 0.5
    agreed: bool = False
    email: Annotated[str | None, Field(format="email")] = None

class Nested(TypedDict):
    details: Details

@server.tool
def tell(context: Context) -> dict:
    client = context.client
    return {
        "id": context.request_id, "meta": context.meta, "token": context.progress_token,
        "client": client.info.name, "extra": client.info.extra, "roots": client.capabilities.roots.list_changed,
        "level": client.log_level, "cancelled": context.is_cancelled, "name": context.params.name,
    }

@server.tool
def who(ctx: Context | None) -> str:
    principal = ctx.principal
    return f"{principal.subject} {principal.claims}" if principal else "nobody"

@server.tool
def report(context: Context) -> None:
    context.report_progress(1, 2, "half")
    context.info({"a": 1}, logger="l")
    context.log("emergency", "text")
    server.log("debug", None)

@server.tool
async def ask(context: Context) -> str:
    result = await context.elicit("Who?", Details, meta={"m": 1})
    return f"{result.action} {result.data}"

@server.tool
async def ask_by_schema(context: Context) -> str:
    result = await context.elicit("Who?", {"type": "object", "properties": {"x": {"type": "new"}}, "x-more": 1})
    return f"{result.action} {result.data}"

@server.tool
async def ask_nested(context: Context) -> str:
    await context.elicit("Who?", Nested)

@server.tool
async def sample(context: Context) -> str:
    answer = await context.sample(
        ["Hello", SamplingMessage("assistant", ImageContent(b"x", "image/png"))],
        max_tokens=9, include_context="thisServer", stop_sequences=["."], metadata={"p": 1},
        model_preferences=ModelPreferences(hints=[ModelHint("s")], cost_priority=1),
    )
    return f"{answer.model}: {answer.text}"

@server.tool
async def sample_two(context: Context) -> str:
    answers = await gather(context.sample("a"), context.sample("b"))
    return " ".join(answer.text for answer in answers)

@server.tool
async def roots(context: Context) -> str:
    return (await context.list_roots()).roots[0].uri

@server.tool
async def caught(context: Context) -> str:
    try:
        await context.list_roots()
    except RequestError as error:
        return f"caught {error.code} {error.data}"

@server.tool
async def nap(seconds: float) -> str:
    await sleep(seconds)
    return "rested"

@server.tool
async def cancelled(context: Context) -> str:
    return f"{await context.wait_cancelled()}"

@server.tool
async def gives_up(context: Context) -> str:
    waiting = asyncio.ensure_future(context.wait_cancelled())
    await asyncio.sleep(0)
    waiting.cancel()
    return "gave up"

@server.tool
async def never() -> str:
    await Forever()

class Forever:
    def __await__(self):
        yield "for ever"

@server.tool
def leaves_work() -> str:
    spawn(work("fine"))
    spawn(work("broken"))
    return "answered"

done = []
async def work(how: str) -> None:
    if how == "broken": raise ValueError("in the background")
    done.append(how)
"""


def answered(
    component: Component, function: str, record: str, interface: str = "content", **fields: Any
) -> None:
    """Sets the answer of an import."""
    component.host.answers[function] = component.record(record, interface, **fields)


def fail(component: Component, function: str, code: str, message: str, data: str | None = None) -> None:
    """Sets an error as the answer of an import."""
    case = component.record(f"ErrorCode_{code}", "types")
    component.host.answers[function] = Err(
        component.record("Error", "types", code=case, message=message, data=data)
    )


def text_answer(component: Component, text: str) -> None:
    """Sets the answer of the model."""
    from wasi_mcp.records import enum_case

    content = component.record("SamplingContent_Text", value=component.record("TextContent", text=text))
    role = enum_case("types", "Role", "assistant")
    answered(component, "create_message", "CreateMessageResult", role=role, content=content, model="m")


class Contexts(BothVariants):
    def test_it_tells_about_the_request(self) -> None:
        from wasi_mcp.records import enum_case

        for component in self.components(SOURCE):
            info = component.record("Implementation", "types", name="c", version="1", extra='{"e":1}')
            roots = component.record("RootsCapability", "capabilities", list_changed=True)
            component.request = Request(
                component.host,
                get_id='"a"',
                get_meta='{"progressToken":3}',
                get_progress_token="3",
                get_client=component.record(
                    "Client",
                    "capabilities",
                    info=info,
                    capabilities=component.record(
                        "ClientCapabilities", "capabilities", roots=roots, sampling="{}"
                    ),
                    protocol_version="2025-06-18",
                    log_level=enum_case("types", "LogLevel", "warning"),
                ),
            )
            told = json.loads(component.call_tool("tell").structured_content)
            expected = {"id": "a", "meta": {"progressToken": 3}, "token": 3, "client": "c", "extra": {"e": 1}}
            expected |= {"roots": True, "level": "warning", "cancelled": False, "name": "tell"}
            self.assertEqual(told, expected)

    def test_it_names_the_caller(self) -> None:
        for component in self.components(SOURCE):
            self.assertEqual(text_of(component.call_tool("who")), "nobody")
            answered(
                component,
                "get_principal",
                "Principal",
                "types",
                subject="s",
                scopes=[],
                claims=[("a", "[1]")],
            )
            self.assertEqual(text_of(component.call_tool("who")), "s {'a': [1]}")

    def test_progress_and_logs_are_passed_on(self) -> None:
        for component in self.components(SOURCE):
            self.assertIsNone(component.call_tool("report").is_error)
            ((progress,),) = component.host.named("report_progress")
            self.assertEqual((progress.progress, progress.total, progress.message), (1.0, 2, "half"))
            logs = [
                (request is not None, level.name, *rest)
                for request, level, *rest in component.host.named("log")
            ]
            self.assertEqual(
                logs,
                [
                    (True, "INFO", "l", '{"a":1}'),
                    (True, "EMERGENCY", None, '"text"'),
                    (False, "DEBUG", None, "null"),
                ],
            )

    def test_a_form_is_made_of_a_dataclass(self) -> None:
        from wasi_mcp.records import enum_case

        for component in self.components(SOURCE):
            values = [
                ("name", "Text", "Ada"),
                ("age", "Number", 36.0),
                ("agreed", "Boolean", True),
                ("ratio", "Number", 1.0),
            ]
            content = [
                (name, component.record(f"ElicitValue_{case}", value=value)) for name, case, value in values
            ]
            accept = enum_case("content", "ElicitAction", "accept")
            answered(component, "elicit", "ElicitResult", action=accept, content=content)
            self.assertEqual(
                text_of(component.call_tool("ask")),
                "accept Details(name='Ada', age=36, colour='r', ratio=1.0, agreed=True, email=None)",
            )
            ((_, params),) = component.host.named("elicit")
            self.assertEqual((params.message, params.meta), ("Who?", '{"m":1}'))
            self.assertEqual(params.requested_schema.required, ["name", "age"])
            fields = dict(params.requested_schema.properties)
            self.assertEqual(list(fields), ["name", "age", "colour", "ratio", "agreed", "email"])
            name = fields["name"].value
            self.assertEqual(
                (name.title, name.min_length, name.max_length, name.extra), ("Name", 1, 40, None)
            )
            age = fields["age"].value
            self.assertEqual((age.type.name, age.minimum, age.maximum), ("INTEGER", 0.0, 150.0))
            self.assertEqual(
                (fields["colour"].value.enum, fields["colour"].value.extra), (["r", "g"], '{"default":"r"}')
            )
            self.assertEqual(fields["ratio"].value.type.name, "NUMBER")
            self.assertIs(fields["agreed"].value.default, False)
            self.assertEqual(
                (fields["email"].value.format.name, fields["email"].value.extra), ("EMAIL", None)
            )

    def test_answers_that_do_not_fit_the_form_are_refused(self) -> None:
        from wasi_mcp.records import enum_case

        for component in self.components(SOURCE):
            accept = enum_case("content", "ElicitAction", "accept")
            content = [("name", component.record("ElicitValue_Text", value=""))]
            answered(component, "elicit", "ElicitResult", action=accept, content=content)
            result = component.call_tool("ask")
            self.assertIs(result.is_error, True)
            self.assertEqual(
                text_of(result),
                "internal-error: the client's answer does not fit the form: "
                "`name`: a length of at least 1 is expected, found a length of 0",
            )

    def test_users_may_decline(self) -> None:
        from wasi_mcp.records import enum_case

        for component in self.components(SOURCE):
            answered(
                component, "elicit", "ElicitResult", action=enum_case("content", "ElicitAction", "decline")
            )
            self.assertEqual(text_of(component.call_tool("ask")), "decline None")

    def test_a_form_may_be_a_schema_with_kinds_of_later_revisions(self) -> None:
        from wasi_mcp.records import enum_case

        for component in self.components(SOURCE):
            accept = enum_case("content", "ElicitAction", "accept")
            content = [("x", component.record("ElicitValue_Other", value="[1]"))]
            answered(component, "elicit", "ElicitResult", action=accept, content=content)
            self.assertEqual(text_of(component.call_tool("ask_by_schema")), "accept {'x': [1]}")
            ((_, params),) = component.host.named("elicit")
            self.assertEqual(params.requested_schema.extra, '{"x-more":1}')
            ((name, field),) = params.requested_schema.properties
            self.assertEqual(
                (name, type(field).__name__, field.value), ("x", "PrimitiveSchema_Other", '{"type":"new"}')
            )

    def test_a_form_is_flat(self) -> None:
        for component in self.components(SOURCE):
            with contextlib.redirect_stderr(io.StringIO()):
                result = component.call_tool("ask_nested")
            self.assertEqual(
                text_of(result),
                "TypeError: a form holds texts, numbers, booleans and choices, found `Details`",
            )

    def test_the_model_is_asked(self) -> None:
        for component in self.components(SOURCE):
            text_answer(component, "Hi")
            self.assertEqual(text_of(component.call_tool("sample")), "m: Hi")
            ((_, params),) = component.host.named("create_message")
            first, second = params.messages
            self.assertEqual((first.role.name, first.content.value.text), ("USER", "Hello"))
            self.assertEqual((second.role.name, second.content.value.data), ("ASSISTANT", b"x"))
            self.assertEqual((params.max_tokens, params.include_context.name), (9, "THIS_SERVER"))
            self.assertEqual((params.stop_sequences, params.metadata), (["."], '{"p":1}'))
            preferences = params.model_preferences
            self.assertEqual((preferences.hints[0].name, preferences.cost_priority), ("s", 1.0))

    def test_several_questions_are_asked_together(self) -> None:
        for component in self.components(SOURCE):
            text_answer(component, "Hi")
            self.assertEqual(text_of(component.call_tool("sample_two")), "Hi Hi")

    def test_roots_are_listed_and_errors_caught(self) -> None:
        for component in self.components(SOURCE):
            answered(
                component, "list_roots", "ListRootsResult", roots=[component.record("Root", uri="file:///a")]
            )
            self.assertEqual(text_of(component.call_tool("roots")), "file:///a")
            fail(component, "list_roots", "MethodNotFound", "unsupported", "[1]")
            self.assertEqual(text_of(component.call_tool("caught")), "caught method-not-found [1]")
            result = component.call_tool("roots")
            self.assertEqual((result.is_error, text_of(result)), (True, "method-not-found: unsupported"))

    def test_imports_that_the_world_lacks_are_named(self) -> None:
        for component in self.components(SOURCE, without=("roots", "monotonic_clock", "logging")):
            with contextlib.redirect_stderr(io.StringIO()):
                for tool, interface in (("roots", "wasi:mcp/roots"), ("report", "wasi:mcp/logging")):
                    text = text_of(component.call_tool(tool))
                    name = interface.split("/")[1]
                    self.assertEqual(
                        text,
                        f"RuntimeError: the world does not import `{name}`: add `import {interface}@...;` to it",
                    )
                if component.is_async:
                    text = text_of(component.call_tool("nap", seconds=0.001))
                    self.assertIn("add `import wasi:clocks/monotonic-clock@...;`", text)


class Waiting(BothVariants):
    def test_sleeping_takes_the_clock_of_the_variant(self) -> None:
        component = self.component(SOURCE, True)
        self.assertEqual(text_of(component.call_tool("nap", seconds=1.5)), "rested")
        self.assertEqual(component.host.named("wait_for"), [(1_500_000_000,)])
        component = self.component(SOURCE, False)
        self.assertEqual(text_of(component.call_tool("nap", seconds=0)), "rested")
        self.assertEqual(component.host.named("wait_for"), [])

    def test_cancellation_has_its_reason_in_0_3(self) -> None:
        component = self.component(SOURCE, True)
        answered(component, "wait_cancelled", "Cancellation", "context", reason="bored")
        self.assertEqual(text_of(component.call_tool("cancelled")), "bored")
        component = self.component(SOURCE, False)
        component.request = Request(component.host, is_cancelled=True)
        self.assertEqual(text_of(component.call_tool("cancelled")), "None")

    def test_a_handler_may_give_up_waiting(self) -> None:
        component = self.component(SOURCE, True)
        self.assertEqual(text_of(component.call_tool("gives_up")), "gave up")
        self.assertEqual(len(component.host.named("wait_cancelled")), 1)

    def test_0_2_says_where_a_handler_waits_in_vain(self) -> None:
        component = self.component(SOURCE, False)
        stderr = io.StringIO()
        with contextlib.redirect_stderr(stderr):
            result = component.call_tool("never")
        self.assertIn("RuntimeError: WASI 0.2 cannot wait for this", text_of(result))
        self.assertIn('File "app.py", line 100, in never', stderr.getvalue())

    def test_the_event_loop_of_a_component_cannot_sleep(self) -> None:
        from wasi_mcp.failures import described

        self.component(SOURCE, True)
        namespace = {"__name__": "componentize_py_async_support"}
        exec("def call_later(): raise NotImplementedError", namespace)  # noqa: S102
        try:
            namespace["call_later"]()  # type: ignore[operator]
        except NotImplementedError as error:
            self.assertIn("await `wasi_mcp.sleep`, not `asyncio.sleep`", described(error))
        self.assertEqual(described(NotImplementedError()), "NotImplementedError")
        self.assertIn("await `wasi_mcp.sleep`", described(RuntimeError("no running event loop")))
        self.assertEqual(described(RuntimeError("else")), "RuntimeError: else")

    def test_work_goes_on_after_the_answer_in_0_3(self) -> None:
        component = self.component(SOURCE, True)
        stderr = io.StringIO()
        with contextlib.redirect_stderr(stderr):
            self.assertEqual(text_of(component.call_tool("leaves_work")), "answered")
        self.assertEqual(component.application["done"], ["fine"])
        self.assertIn("background work `work` failed:", stderr.getvalue())
        component = self.component(SOURCE, False)
        with contextlib.redirect_stderr(io.StringIO()):
            self.assertIn("`spawn` needs WASI 0.3", text_of(component.call_tool("leaves_work")))

    def test_exceptions_of_tasks_that_nobody_awaits_are_reported(self) -> None:
        self.component(SOURCE, True)
        loop = sys.modules["componentize_py_async_support"]._loop  # type: ignore[attr-defined]
        stderr = io.StringIO()
        with contextlib.redirect_stderr(stderr):
            loop.call_exception_handler({"message": "lost", "exception": ValueError("unheard")})
            loop.call_exception_handler({"message": "no exception"})
        self.assertIn("a task that nobody awaits failed:", stderr.getvalue())
        self.assertIn("ValueError: unheard", stderr.getvalue())

    def test_calls_run_beside_each_other_in_0_3(self) -> None:
        component = self.component(SOURCE, True)
        params = component.record("CallToolParams", name="nap", arguments='{"seconds":1}')
        order = []

        async def wait_for(nanoseconds: int) -> None:
            order.append("asleep")
            await asyncio.sleep(0.01)
            order.append("awake")

        sys.modules["wit_world.imports.monotonic_clock"].wait_for = wait_for  # type: ignore[attr-defined]

        async def two() -> None:
            instance = component.application["Tools"]()
            await asyncio.gather(*(instance.call_tool(component.request, params) for _ in range(2)))

        fake_bindings.run(two())
        self.assertEqual(order, ["asleep", "asleep", "awake", "awake"])


if __name__ == "__main__":
    import unittest

    unittest.main()
