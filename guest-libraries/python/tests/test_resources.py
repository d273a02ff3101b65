"""Resources, templates, subscriptions, prompts and completion, in both variants."""

import contextlib
import io
import json

from fake_bindings import Err, Ok, Stream
from support import BothVariants, code_of

SOURCE = '''
import enum
from dataclasses import dataclass
from typing import Annotated, Literal
from wasi_mcp import *

server = Server("test")
seen = []

@server.resource("notes://all", mime_type="text/plain", title="All", size=5, annotations=Annotations(priority=0.5), meta={"a": 1})
def every() -> str:
    """Every note."""
    return "a note"

@server.resource("notes://picture", mime_type="image/png")
async def picture() -> bytes:
    return b"png"

@server.resource("notes://settings")
def settings() -> dict:
    return {"a": [1]}

@server.resource("notes://folder")
def folder() -> list:
    return [TextResourceContents("one", "notes://folder/one"), BlobResourceContents(b"two")]

@server.resource("notes://hidden", listed=False)
def hidden(context: Context) -> str:
    return context.params.uri

@server.resource("notes://day/{day}/{kind}")
def of_day(day: int, kind: Literal["long", "short"]) -> str | None:
    """Notes of a day."""
    return f"{day} {kind}" if day < 32 else None

@server.resource("notes://broken")
def broken() -> str:
    raise ValueError("no disk")

@server.subscribe
def subscribed(uri: str) -> None:
    seen.append(("subscribe", uri))

@server.unsubscribe
async def unsubscribed(uri: str, context: Context) -> None:
    seen.append(("unsubscribe", uri, type(context).__name__))

@server.initialized
async def ready(context: Context) -> None:
    seen.append("ready")
    raise ValueError("not shown to anybody")

@server.roots_changed
def changed() -> None:
    seen.append("roots")

class Style(enum.Enum):
    FORMAL = "formal"
    FRIENDLY = "friendly"

@server.prompt(title="Greet somebody")
def greet(name: Annotated[str, Field(title="Name", description="Whom")], style: Style = Style.FORMAL, times: int | None = None):
    """A greeting."""
    return [f"{style.value} {name} {times!r}", AssistantMessage(ImageContent(b"x", "image/png"))]

@server.prompt
def simple() -> str:
    return "Hello"

@server.prompt
def journey(country: str, city: str) -> PromptMessage:
    """Plans a journey.

    Args:
        country: Where to go
    """
    return UserMessage(f"{city}, {country}")

@server.completion("journey", "city")
async def cities(value: str, country: str | None = None) -> list[str]:
    found = {"France": ["Paris", "Pau"], "Japan": ["Tokyo"]}
    return [city for known, names in found.items() if country in (None, known) for city in names if city.startswith(value)]

@server.completion("notes://day/{day}/{kind}", "day")
def days() -> list[int]:
    return range(1, 151)

@server.completion("journey", "country")
def countries(value: str, context: Context) -> CompleteResult:
    return CompleteResult([f"{value}!"], total=7, has_more=True)
'''


class Resources(BothVariants):
    def test_the_host_is_told_resources_and_templates(self) -> None:
        for component in self.components(SOURCE):
            component.start()
            resources = component.registered("resources")
            self.assertEqual(list(resources), ["every", "picture", "settings", "folder", "broken"])
            every = resources["every"]
            self.assertEqual(
                (every.uri, every.title, every.description), ("notes://all", "All", "Every note.")
            )
            self.assertEqual((every.mime_type, every.size, every.meta), ("text/plain", 5.0, '{"a":1}'))
            self.assertEqual(every.annotations.priority, 0.5)
            template = component.registered("resource_templates")["of_day"]
            self.assertEqual(template.uri_template, "notes://day/{day}/{kind}")
            (described,) = component.host.named("register_server")[0]
            self.assertIs(described.capabilities.resources.subscribe, True)
            self.assertIsNone(described.capabilities.resources.list_changed)
            self.assertIsNone(described.capabilities.tools)

    def test_contents_are_what_the_function_returns(self) -> None:
        for component in self.components(SOURCE):
            for uri, kind, contents, mime_type in (
                ("notes://all", "Text", "a note", "text/plain"),
                ("notes://picture", "Blob", b"png", "image/png"),
                ("notes://settings", "Text", '{"a":[1]}', "application/json"),
                ("notes://hidden", "Text", "notes://hidden", None),
                ("notes://day/7/long", "Text", "7 long", None),
            ):
                with self.subTest(uri=uri):
                    (item,) = component.read(uri).contents
                    self.assertEqual(type(item).__name__, f"ResourceContents_{kind}")
                    self.assertEqual(item.value.uri, uri)
                    self.assertEqual(item.value.text if kind == "Text" else item.value.blob, contents)
                    self.assertEqual(item.value.mime_type, mime_type)
            one, two = component.read("notes://folder").contents
            self.assertEqual((one.value.uri, two.value.uri), ("notes://folder/one", "notes://folder"))

    def test_resources_that_do_not_exist_are_not_found(self) -> None:
        for component in self.components(SOURCE):
            for uri in (
                "notes://none",
                "notes://day/x/long",
                "notes://day/7/other",
                "notes://day/32/long",
                "notes://day/7",
            ):
                with self.subTest(uri=uri), self.assertRaises(Err) as raised:
                    component.read(uri)
                self.assertEqual(code_of(raised.exception), "ResourceNotFound")
                self.assertEqual(json.loads(raised.exception.value.data), {"uri": uri})

    def test_an_exception_is_an_error_with_a_traceback_on_stderr(self) -> None:
        for component in self.components(SOURCE):
            stderr = io.StringIO()
            with contextlib.redirect_stderr(stderr), self.assertRaises(Err) as raised:
                component.read("notes://broken")
            self.assertEqual(code_of(raised.exception), "InternalError")
            self.assertEqual(raised.exception.value.message, "ValueError: no disk")
            self.assertIn("Traceback", stderr.getvalue())

    def test_subscriptions_are_accepted_for_what_can_be_read(self) -> None:
        for component in self.components(SOURCE):
            exported = "ResourceSubscriptions"
            component.call(exported, "subscribe", component.request, "notes://day/1/long")
            with self.assertRaises(Err) as raised:
                component.call(exported, "subscribe", component.request, "notes://none")
            self.assertEqual(code_of(raised.exception), "ResourceNotFound")
            component.call(exported, "unsubscribe", component.request, "notes://none")
            seen = [("subscribe", "notes://day/1/long"), ("unsubscribe", "notes://none", "Context")]
            self.assertEqual(component.application["seen"], seen)
            component.server.notify_resource_updated("notes://all", "notes://all/1")
            self.assertEqual(component.host.named("resource_updated"), [("notes://all", "notes://all/1")])

    def test_notifications_have_no_answer_not_even_an_error(self) -> None:
        for component in self.components(SOURCE):
            stderr = io.StringIO()
            with contextlib.redirect_stderr(stderr):
                component.call("ClientEvents", "initialized", component.request)
                component.call("ClientEvents", "roots_changed", component.request)
            self.assertEqual(component.application["seen"], ["ready", "roots"])
            self.assertIn("not shown to anybody", stderr.getvalue())

    def test_resources_come_and_go_while_the_server_runs(self) -> None:
        for component in self.components(SOURCE):
            component.start()
            component.server.add_resource("notes://more", lambda: "more", name="more")
            component.server.add_resource("notes://more/{day}", lambda day: day, name="more-of-day")
            self.assertEqual(component.read("notes://more/5").contents[0].value.text, "5")
            component.server.remove_resource("notes://more")
            component.server.remove_resource("notes://more/{day}")
            self.assertEqual(component.host.named("unregister_resources"), [(["notes://more"],)])
            self.assertEqual(
                component.host.named("unregister_resource_templates"), [(["notes://more/{day}"],)]
            )
            with self.assertRaises(KeyError):
                component.server.remove_resource("notes://more")


STREAMS = """
from wasi_mcp import *

server = Server("test")

@server.resource("count://{number}", mime_type="a/b")
async def count(number: int):
    if number > 9:
        raise ResourceNotFound(f"count://{number}")
    for digit in range(number):
        yield str(digit).encode()
    if number == 8:
        raise ValueError("cut")
    if number == 9:
        yield "no bytes"

@server.resource("plain://all")
def plain():
    yield b"a"
    yield b"b"

@server.resource("text://all")
def text() -> str:
    return "text"
"""


class Streams(BothVariants):
    def stream(self, component, uri):  # type: ignore[no-untyped-def]
        params = component.record("ReadResourceParams", uri=uri)
        return component.call("ResourceStreams", "read_resource_stream", component.request, params)

    def test_pieces_are_joined_where_nothing_is_streamed(self) -> None:
        for component in self.components(STREAMS):
            (item,) = component.read("count://3").contents
            self.assertEqual((item.value.blob, item.value.mime_type), (b"012", "a/b"))
            self.assertEqual(component.read("plain://all").contents[0].value.blob, b"ab")
            with self.assertRaises(Err) as raised:
                component.read("count://10")
            self.assertEqual(code_of(raised.exception), "ResourceNotFound")

    def test_the_first_piece_comes_with_the_result(self) -> None:
        component = self.component(STREAMS, True)
        for uri, first, rest in (
            ("count://3", b"0", b"12"),
            ("count://0", b"", b""),
            ("plain://all", b"a", b"b"),
        ):
            result, stream, outcome = self.stream(component, uri)
            (item,) = result.contents
            self.assertEqual((item.value.uri, item.value.blob, stream.written), (uri, first, rest))
            self.assertTrue(stream.is_closed)
            self.assertEqual(outcome.value, Ok(None))
        self.assertIsNone(self.stream(component, "text://all"))

    def test_failures_before_the_first_piece_are_errors_and_later_ones_the_outcome(self) -> None:
        component = self.component(STREAMS, True)
        with self.assertRaises(Err) as raised:
            self.stream(component, "count://10")
        self.assertEqual(code_of(raised.exception), "ResourceNotFound")
        for uri, message in (
            ("count://8", "ValueError: cut"),
            ("count://9", "TypeError: a piece of a stream is `bytes`, found `str`"),
        ):
            stderr = io.StringIO()
            with contextlib.redirect_stderr(stderr):
                _, stream, outcome = self.stream(component, uri)
            self.assertIn(message, stderr.getvalue())
            self.assertTrue(stream.is_closed)
            self.assertEqual(outcome.value.value.message, message)

    def test_nothing_is_made_for_a_reader_that_is_gone(self) -> None:
        component = self.component(STREAMS, True)
        self.addCleanup(setattr, Stream, "limit", Stream.limit)
        Stream.limit = 1
        _, stream, _ = self.stream(component, "count://7")
        self.assertEqual(stream.written, b"12")


class Prompts(BothVariants):
    def test_the_host_is_told_the_arguments(self) -> None:
        for component in self.components(SOURCE):
            component.start()
            greet = component.registered("prompts")["greet"]
            self.assertEqual((greet.title, greet.description), ("Greet somebody", "A greeting."))
            arguments = [(it.name, it.title, it.description, it.required) for it in greet.arguments]
            self.assertEqual(
                arguments,
                [("name", "Name", "Whom", True), ("style", None, None, False), ("times", None, None, False)],
            )
            self.assertIsNone(component.registered("prompts")["simple"].arguments)
            self.assertEqual(
                component.registered("prompts")["journey"].arguments[0].description, "Where to go"
            )

    def test_arguments_are_read_from_texts(self) -> None:
        for component in self.components(SOURCE):
            first, second = component.get_prompt(
                "greet", name="7", style="friendly", times="3", unknown="x"
            ).messages
            self.assertEqual((first.role.name, first.content.value.text), ("USER", "friendly 7 3"))
            self.assertEqual((second.role.name, second.content.value.data), ("ASSISTANT", b"x"))
            result = component.get_prompt("simple")
            self.assertEqual(result.messages[0].content.value.text, "Hello")
            self.assertEqual(
                component.get_prompt("journey", country="F", city="P").description, "Plans a journey."
            )
            for arguments, message in (
                ({}, "`name`: a value is required"),
                ({"name": "a", "style": "odd"}, "`style`: one of 'formal', 'friendly' is expected"),
                ({"name": "a", "times": "few"}, "`times`: an integer is expected, found a text"),
            ):
                with self.subTest(arguments=arguments), self.assertRaises(Err) as raised:
                    component.get_prompt("greet", **arguments)
                self.assertEqual(code_of(raised.exception), "InvalidParams")
                self.assertEqual(raised.exception.value.message, message)
            with self.assertRaises(Err):
                component.get_prompt("missing")

    def test_prompts_come_and_go_while_the_server_runs(self) -> None:
        for component in self.components(SOURCE):
            component.start()
            component.server.add_prompt(lambda: "more", name="more")
            self.assertEqual(component.get_prompt("more").messages[0].content.value.text, "more")
            component.server.remove_prompt("more")
            self.assertEqual(component.host.named("unregister_prompts"), [(["more"],)])


class Completions(BothVariants):
    def test_functions_complete_with_what_is_known(self) -> None:
        for component in self.components(SOURCE):
            self.assertEqual(component.complete("journey", "city", "P").values, ["Paris", "Pau"])
            self.assertEqual(component.complete("journey", "city", "", country="Japan").values, ["Tokyo"])
            result = component.complete("journey", "country", "F")
            self.assertEqual((result.values, result.total, result.has_more), (["F!"], 7, True))

    def test_choices_complete_themselves(self) -> None:
        for component in self.components(SOURCE):
            self.assertEqual(component.complete("greet", "style", "f").values, ["formal", "friendly"])
            self.assertEqual(component.complete("greet", "style", "fr").values, ["friendly"])
            self.assertEqual(component.complete("greet", "name", "").values, [])
            self.assertEqual(component.complete("notes://day/{day}/{kind}", "kind", "l").values, ["long"])

    def test_an_answer_has_at_most_a_hundred_values(self) -> None:
        for component in self.components(SOURCE):
            result = component.complete("notes://day/{day}/{kind}", "day", "")
            self.assertEqual((len(result.values), result.total, result.has_more), (100, 150, True))
            self.assertEqual(result.values[:2], ["1", "2"])

    def test_unknown_arguments_are_refused(self) -> None:
        for component in self.components(SOURCE):
            for reference, name in (("greet", "age"), ("missing", "x")):
                with self.subTest(reference=reference), self.assertRaises(Err) as raised:
                    component.complete(reference, name, "")
                self.assertEqual(code_of(raised.exception), "InvalidParams")

    def test_the_capability_is_declared_where_something_completes(self) -> None:
        for component in self.components(SOURCE):
            component.start()
            (described,) = component.host.named("register_server")[0]
            self.assertEqual(described.capabilities.completions, "{}")
        source = "from wasi_mcp import Server\nserver = Server('x')\n@server.prompt\ndef f(a: str): return a"
        for component in self.components(source):
            component.start()
            (described,) = component.host.named("register_server")[0]
            self.assertIsNone(described.capabilities.completions)


if __name__ == "__main__":
    import unittest

    unittest.main()
