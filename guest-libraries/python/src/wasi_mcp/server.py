"""A server: what it offers, and how its exports answer."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Literal, TypeVar, overload

from . import bindings, completion, exports, pages, records
from .bindings import load
from .completion import Completer
from .content import Annotations, LogLevel, ToolAnnotations
from .context import Context, send_log
from .errors import InvalidParams, RegistrationError, ResourceNotFound, report_exception
from .failures import EXCEPTIONS
from .handler import Handler
from .prompts import Prompt
from .registry import AnyItem, Item, Registry
from .resources import Resource
from .schema import Schema
from .tools import Tool
from .waiting import imported

Function = TypeVar("Function", bound=Callable[..., Any])
Decorator = Callable[[Function], Function]
Json = dict[str, Any]


class Server:
    """An MCP server, as a component.

    Create it in the module that componentize-py is given, or in one that this module imports. The
    world of the component decides what can be registered: tools need `export wasi:mcp/tools@...;`,
    and so on. A world that includes `service`, and not `backend`, makes the server a service, which
    answers the list methods itself. Decorators return their functions unchanged.

    Args:
        name: the name for programs.
        version: the version, in any format.
        title: the name for people.
        instructions: how to use the server, in words for a model.
        list_changed: whether clients are told when items are added or removed after the start.
        experimental: capabilities outside the specification, each a JSON object.
        extra: further members of the server's description, such as `websiteUrl`.
        bindings: the package of the bindings, where `--world-module` names another one.
    """

    def __init__(
        self,
        name: str,
        version: str = "0.1.0",
        *,
        title: str | None = None,
        instructions: str | None = None,
        list_changed: bool = False,
        experimental: dict[str, Json] | None = None,
        extra: Json | None = None,
        bindings: str = "wit_world",
    ) -> None:
        self.name = name
        self._version = version
        self._title = title
        self._instructions = instructions
        self._list_changed = list_changed
        self._experimental = experimental
        self._extra = extra
        self._tools: Registry[Tool] = Registry("tools")
        self._resources: Registry[Resource] = Registry("resources", lambda resource: resource.is_listed)
        self._templates: Registry[Resource] = Registry(
            "resource_templates", lambda resource: resource.is_listed
        )
        self._prompts: Registry[Prompt] = Registry("prompts")
        self._completers: list[Completer] = []
        self._events: dict[str, list[Handler]] = {}
        self._filter: Handler | None = None
        self._described: Any = None
        self._bindings = load(bindings)
        if self._bindings is not None:
            exports.install(self._bindings, self._operations(), self._complete_registration)

    @property
    def variant(self) -> Literal["0.2", "0.3"] | None:
        """The version of WASI that the component is built for; `None` outside of a component.

        `spawn` and calls beside each other need 0.3.
        """
        if self._bindings is None:
            return None
        return "0.3" if self._bindings.is_async else "0.2"

    # Registration

    @overload
    def tool(self, function: Function, /) -> Function: ...

    @overload
    def tool(
        self,
        /,
        *,
        name: str | None = None,
        title: str | None = None,
        description: str | None = None,
        annotations: ToolAnnotations | None = None,
        input_schema: Schema | None = None,
        output_schema: Schema | None = None,
        meta: Json | None = None,
        extra: Json | None = None,
    ) -> Decorator[Function]: ...

    def tool(self, function: Any = None, /, **options: Any) -> Any:
        """Registers a function as a tool: `@server.tool`, or `@server.tool(title="...")`.

        The annotations of its parameters make the input schema, that of its result the output
        schema, and its docstring the description. A parameter that is annotated with `Context`
        receives the request. What the function returns:

        | annotation | result |
        |---|---|
        | `str`, or none | a text |
        | content, or a list of it | these blocks |
        | a dataclass, a `TypedDict`, a `dict` | structured content, and its JSON as a text |
        | another type with a schema | the same, as the member `result` of an object |
        | `CallToolResult` | itself |

        Options: `name`, `title`, `description`, `annotations`, `meta` and `extra` of the listed
        tool; `input_schema` and `output_schema` replace the schemas that the annotations make.
        """
        return self._decorate(function, lambda it: self.add_tool(it, **options))

    def add_tool(
        self,
        function: Callable[..., Any],
        *,
        name: str | None = None,
        title: str | None = None,
        description: str | None = None,
        annotations: ToolAnnotations | None = None,
        input_schema: Schema | None = None,
        output_schema: Schema | None = None,
        meta: Json | None = None,
        extra: Json | None = None,
    ) -> None:
        """Registers a tool, as `tool` does; also while the server runs."""
        tool = Tool(
            function,
            name=name,
            title=title,
            description=description,
            annotations=annotations,
            input_schema=input_schema,
            output_schema=output_schema,
            meta=meta,
            extra=extra,
        )
        self._require_export("tools", tool.handler)
        self._tools.add(tool)

    def remove_tool(self, name: str) -> None:
        """Removes a tool."""
        self._tools.remove(name)

    def resource(
        self,
        uri: str,
        *,
        name: str | None = None,
        title: str | None = None,
        description: str | None = None,
        mime_type: str | None = None,
        size: int | None = None,
        annotations: Annotations | None = None,
        meta: Json | None = None,
        extra: Json | None = None,
        listed: bool = True,
    ) -> Decorator[Function]:
        """Registers a function as a resource: `@server.resource("notes://all")`.

        A URI with variables is a template: `@server.resource("notes://{day}")` calls the function
        with the argument `day`. The function returns a text, bytes, any value that is written as
        JSON, or contents of a resource; and `None` where there is no such resource. A generator of
        bytes is streamed where a world of WASI 0.3 exports `resource-streams`, and else joined.

        Options: those of the listed resource or template, and `listed=False` for one that can be
        read but is not listed.
        """
        if not isinstance(uri, str):
            raise RegistrationError(
                f"{Handler('resource', uri).location}: `@server.resource` needs a URI: "
                'write `@server.resource("notes://all")`'
            )
        options = {
            "name": name,
            "title": title,
            "description": description,
            "mime_type": mime_type,
            "size": size,
            "annotations": annotations,
            "meta": meta,
            "extra": extra,
            "listed": listed,
        }
        return lambda function: self._decorate(function, lambda it: self.add_resource(uri, it, **options))

    def add_resource(self, uri: str, function: Callable[..., Any], **options: Any) -> None:
        """Registers a resource or a template, as `resource` does; also while the server runs."""
        unset = ("name", "title", "description", "mime_type", "size", "annotations", "meta", "extra")
        resource = Resource(function, uri, **{**dict.fromkeys(unset), "listed": True, **options})
        self._require_export("resources", resource.handler)
        (self._templates if resource.is_template else self._resources).add(resource)

    def remove_resource(self, uri: str) -> None:
        """Removes a resource by its URI, or a template by its URI template."""
        (self._resources if self._resources.find(uri) else self._templates).remove(uri)

    @overload
    def prompt(self, function: Function, /) -> Function: ...

    @overload
    def prompt(
        self,
        /,
        *,
        name: str | None = None,
        title: str | None = None,
        description: str | None = None,
        meta: Json | None = None,
        extra: Json | None = None,
    ) -> Decorator[Function]: ...

    def prompt(self, function: Any = None, /, **options: Any) -> Any:
        """Registers a function as a prompt: `@server.prompt`.

        Its arguments arrive as texts and are read by their annotations. It returns a text or other
        content of one message of the user, a `PromptMessage`, or a list of these.

        Options: `name`, `title`, `description`, `meta` and `extra` of the listed prompt.
        """
        return self._decorate(function, lambda it: self.add_prompt(it, **options))

    def add_prompt(
        self,
        function: Callable[..., Any],
        *,
        name: str | None = None,
        title: str | None = None,
        description: str | None = None,
        meta: Json | None = None,
        extra: Json | None = None,
    ) -> None:
        """Registers a prompt, as `prompt` does; also while the server runs."""
        prompt = Prompt(function, name=name, title=title, description=description, meta=meta, extra=extra)
        self._require_export("prompts", prompt.handler)
        self._prompts.add(prompt)

    def remove_prompt(self, name: str) -> None:
        """Removes a prompt."""
        self._prompts.remove(name)

    def completion(self, reference: str, argument: str) -> Decorator[Function]:
        """Registers a function that completes an argument: `@server.completion("journey", "city")`.

        The reference is the name of a prompt or a URI template. The function takes the text typed
        so far as `value`, and other arguments by their names, with defaults. It returns texts, best
        first, or a `CompleteResult`. Arguments that are a `Literal` or an enumeration need no function.
        """

        def register(function: Function) -> Function:
            completer = Completer(function, reference, argument)
            self._require_export("completion", completer.handler)
            self._completers.append(completer)
            return function

        return register

    def subscribe(self, function: Function) -> Function:
        """Registers a function that is called with the `uri` of each new subscription."""
        return self._on("subscribe", "resource-subscriptions", function, "uri")

    def unsubscribe(self, function: Function) -> Function:
        """Registers a function that is called with the `uri` of each subscription that ends."""
        return self._on("unsubscribe", "resource-subscriptions", function, "uri")

    def initialized(self, function: Function) -> Function:
        """Registers a function that is called when a client is ready."""
        return self._on("initialized", "client-events", function)

    def roots_changed(self, function: Function) -> Function:
        """Registers a function that is called when the client's roots have changed."""
        return self._on("roots_changed", "client-events", function)

    def visible(self, function: Function) -> Function:
        """Registers a function that decides what a request may see: the filter of a service.

        It takes the `kind` of an item, an `ItemKind`, and its `name`, which is a URI for a resource
        and a URI template for a template, and returns a boolean. An item that it hides is left out
        of the lists, and for the other methods this request finds no such item.
        """
        handler = _taking("visible", function, "kind", "name")
        if self._bindings is not None and not self._bindings.is_service:
            raise handler.error(
                "the host owns the lists of a backend: write `include wasi:mcp/service@...;` in the world, "
                "and export the catalogs"
            )
        if self._filter is not None:
            raise handler.error(
                f"the server has a filter already, at {self._filter.location}: make one of both"
            )
        self._filter = handler
        return function

    def _on(self, event: str, interface: str, function: Function, *arguments: str) -> Function:
        handler = _taking(event, function, *arguments)
        self._require_export(interface, handler)
        self._events.setdefault(event, []).append(handler)
        return function

    def _decorate(self, function: Any, add: Callable[[Any], None]) -> Any:
        def register(it: Function) -> Function:
            add(it)
            return it

        return register if function is None else register(function)

    def _require_export(self, interface: str, handler: Handler) -> None:
        missing = self._bindings and self._bindings.missing_export(interface)
        if missing:
            raise handler.error(
                f"the world does not export `{missing}`: add `export wasi:mcp/{missing}@...;` to it"
            )

    # While the server runs

    def log(self, level: LogLevel, data: Any, *, logger: str | None = None) -> None:
        """Sends a log message to every session of this instance, outside of any request."""
        send_log(None, level, data, logger)

    def notify_resource_updated(self, uri: str, part: str | None = None) -> None:
        """Tells subscribers that a resource has changed, or a part of it that has a URI of its own."""
        bindings.current().require("notifications").resource_updated(uri, part)

    @property
    def is_stopped(self) -> bool:
        """True once the host has begun to stop this instance. Needs the import `wasi:mcp/shutdown`."""
        return bindings.current().require("shutdown").is_stopped()  # type: ignore[no-any-return]

    async def wait_stopped(self) -> None:
        """Waits until the host begins to stop this instance: for background work, in WASI 0.3."""
        await imported(bindings.current().require("shutdown").wait_stopped)

    # The exports

    def register(self) -> None:
        """Registers the server and its items at the host of a backend.

        The library's `start` calls it, and then `runtime.serve`. An application that registers
        further items by hand has a class `Start` of its own that does so too.
        """
        bindings.current().require("runtime").register_server(self._description())
        for registry in self._registries():
            registry.publish()

    def _registries(self) -> tuple[Registry[Any], ...]:
        return (self._tools, self._resources, self._templates, self._prompts)

    def _description(self) -> Any:
        found = bindings.current()
        changes = self._list_changed or None

        def declared(interface: str, capability: str, count: int, **fields: Any) -> Any:
            if found.missing_export(interface) is not None or not (count or changes):
                return None
            return found.record("capabilities", capability, list_changed=changes, **fields)

        subscribe = found.export_name("resource-subscriptions") is not None or None
        resources = len(self._resources) + len(self._templates)
        capabilities = found.record(
            "capabilities",
            "ServerCapabilities",
            tools=declared("tools", "ToolsCapability", len(self._tools)),
            resources=declared("resources", "ResourcesCapability", resources, subscribe=subscribe),
            prompts=declared("prompts", "PromptsCapability", len(self._prompts)),
            completions="{}" if self._completes() else None,
            experimental=self._experimental
            and [(name, records.dump(value)) for name, value in self._experimental.items()],
        )
        info = found.record(
            "types",
            "Implementation",
            name=self.name,
            title=self._title,
            version=self._version,
            extra=self._extra and records.dump(self._extra),
        )
        return found.record(
            "capabilities", "Server", info=info, capabilities=capabilities, instructions=self._instructions
        )

    def _completes(self) -> bool:
        if bindings.current().export_name("completion") is None:
            return False
        items = [*self._prompts, *self._templates]
        return bool(self._completers) or any(
            item.arguments.options(name) for item in items for name in item.handler.argument_names()
        )

    def _complete_registration(self) -> None:
        """Ends the registration, at the build: a service reports what changes later."""
        self._check()
        if bindings.current().is_service:
            self._tools.on_change = lambda: self._report_change("tools_changed")
            self._prompts.on_change = lambda: self._report_change("prompts_changed")
            for registry in (self._resources, self._templates):
                registry.on_change = lambda: self._report_change("resources_changed")

    def _report_change(self, notification: str) -> None:
        if self._list_changed:
            getattr(bindings.current().require("notifications"), notification)()

    def _check(self) -> None:
        """Finds the mistakes that show only when all registrations are known."""
        if not any(map(len, self._registries())):
            raise RegistrationError(
                f"the server `{self.name}` offers nothing: write `@server.tool` above a function, "
                "and import the module that does in the application"
            )
        for completer in self._completers:
            item = self._prompts.find(completer.reference) or self._templates.find(completer.reference)
            if item is None:
                raise completer.handler.error(
                    f"no prompt and no URI template is registered as `{completer.reference}`"
                )
            if completer.argument not in item.handler.argument_names():
                raise completer.handler.error(
                    f"`{completer.reference}` has no argument `{completer.argument}`"
                )

    def _operations(self) -> dict[str, dict[str, exports.Operation]]:
        operations: dict[str, dict[str, exports.Operation]] = {
            "start": {"start": self._start},
            "server-catalog": {"get_server": self._get_server},
            "tool-catalog": {"list_tools": self._list_tools},
            "resource-catalog": {
                "list_resources": self._list_resources,
                "list_resource_templates": self._list_resource_templates,
            },
            "prompt-catalog": {"list_prompts": self._list_prompts},
            "tools": {"call_tool": self._call_tool},
            "resources": {"read_resource": self._read_resource},
            "resource-streams": {"read_resource_stream": self._read_resource_stream},
            "resource-subscriptions": {"subscribe": self._subscribe, "unsubscribe": self._unsubscribe},
            "prompts": {"get_prompt": self._get_prompt},
            "completion": {"complete": self._complete},
            "client-events": {"initialized": self._initialized, "roots_changed": self._roots_changed},
        }
        if bindings.is_service():
            for interface, functions in operations.items():
                if interface != "client-events":  # `_notify` reports what a notification cannot answer.
                    operations[interface] = {it: self._described_first(functions[it]) for it in functions}
        return operations

    def _described_first(self, operation: exports.Operation) -> exports.Operation:
        """Makes the description of a service before an operation, which may be the first that is called."""

        @functools.wraps(operation)
        async def described_first(*parameters: Any) -> Any:
            self._describe()
            return await operation(*parameters)

        return described_first

    async def _start(self) -> None:
        self.register()
        bindings.current().require("runtime").serve()

    def _describe(self) -> None:
        """Makes the description of a service once: it stays the same when lists change."""
        if self._described is None:
            described = self._description()
            for registry in self._registries():
                registry.listings()  # A record that cannot be made fails here, as it fails a start.
            self._described = described

    async def _get_server(self) -> Any:
        return self._described

    async def _list_tools(self, request: Any, cursor: str | None) -> Any:
        tools, following = await self._page(self._tools, request, cursor)
        return bindings.current().record("content", "ListToolsResult", tools=tools, next_cursor=following)

    async def _list_resources(self, request: Any, cursor: str | None) -> Any:
        resources, following = await self._page(self._resources, request, cursor)
        return bindings.current().record(
            "content", "ListResourcesResult", resources=resources, next_cursor=following
        )

    async def _list_resource_templates(self, request: Any, cursor: str | None) -> Any:
        templates, following = await self._page(self._templates, request, cursor)
        return bindings.current().record(
            "content", "ListResourceTemplatesResult", resource_templates=templates, next_cursor=following
        )

    async def _list_prompts(self, request: Any, cursor: str | None) -> Any:
        prompts, following = await self._page(self._prompts, request, cursor)
        return bindings.current().record(
            "content", "ListPromptsResult", prompts=prompts, next_cursor=following
        )

    async def _page(
        self, registry: Registry[AnyItem], request: Any, cursor: str | None
    ) -> tuple[list[Any], str | None]:
        if self._filter is None:
            return await pages.page(registry, cursor)
        return await pages.page(registry, cursor, functools.partial(self._is_visible, Context(request)))

    async def _is_visible(self, context: Context, item: Item) -> bool:
        """Returns whether a request may see an item: the one place that asks the filter."""
        if self._filter is None:
            return True
        return bool(await self._filter.call(context, {"kind": item.kind, "name": item.key}))

    async def _call_tool(self, request: Any, params: Any) -> Any:
        context = Context(request, params)
        tool = self._tools.find(params.name)
        if tool is None or not await self._is_visible(context, tool):
            raise InvalidParams(f"unknown tool: {params.name}")
        return await tool.call(context, params.arguments)

    async def _read_resource(self, request: Any, params: Any) -> Any:
        context = Context(request, params)
        resource, arguments = await self._find_resource(context, params.uri)
        return await resource.read(context, params.uri, arguments)

    async def _read_resource_stream(self, request: Any, params: Any) -> Any:
        context = Context(request, params)
        resource, arguments = await self._find_resource(context, params.uri)
        if not resource.is_streamed:
            return None  # The host then reads it.
        return await resource.stream(context, params.uri, arguments)

    async def _find_resource(self, context: Context, uri: str) -> tuple[Resource, Json]:
        registered = self._resources.find(uri)
        # A template that the URI matches, too, does not show what is hidden.
        for resource in tuple(self._templates) if registered is None else (registered,):
            arguments = resource.match(uri)
            if arguments is not None and await self._is_visible(context, resource):
                return resource, arguments
        raise ResourceNotFound(uri)

    async def _subscribe(self, request: Any, uri: str) -> None:
        await self._find_resource(Context(request), uri)
        await self._tell("subscribe", request, uri=uri)

    async def _unsubscribe(self, request: Any, uri: str) -> None:
        await self._tell("unsubscribe", request, uri=uri)

    async def _get_prompt(self, request: Any, params: Any) -> Any:
        context = Context(request, params)
        prompt = self._prompts.find(params.name)
        if prompt is None or not await self._is_visible(context, prompt):
            raise InvalidParams(f"unknown prompt: {params.name}")
        return await prompt.get(context, dict(params.arguments or []))

    async def _complete(self, request: Any, params: Any) -> Any:
        context = Context(request, params)
        item = self._completed(params.ref)
        name, typed = params.argument.name, params.argument.value
        if item is None or not await self._is_visible(context, item):
            raise InvalidParams(_unknown(params.ref))
        if name not in item.handler.argument_names():
            raise InvalidParams(f"`{item.key}` has no argument `{name}`")
        for completer in self._completers:
            if (completer.reference, completer.argument) == (item.key, name):
                known = dict(params.context_arguments or [])
                return await completer.complete(context, typed, known)
        return completion.answer(
            [option for option in item.arguments.options(name) if option.startswith(typed)]
        )

    def _completed(self, reference: Any) -> Prompt | Resource | None:
        """Returns the item that a generated `CompletionReference` names."""
        case = _reference_case(reference)
        if case == "Prompt":
            return self._prompts.find(reference.value.name)
        template = self._templates.find(reference.value) if case == "ResourceTemplate" else None
        # Clients know nothing of one that is not listed, nor does the host of a backend.
        return template if template is not None and template.is_listed else None

    async def _initialized(self, request: Any) -> None:
        await self._notify("initialized", request)

    async def _roots_changed(self, request: Any) -> None:
        await self._notify("roots_changed", request)

    async def _notify(self, event: str, request: Any) -> None:
        """Handles a notification, which has no answer: not even an error."""
        try:
            if bindings.is_service():
                self._describe()
            await self._tell(event, request)
        except EXCEPTIONS as error:
            report_exception(event, error)

    async def _tell(self, event: str, request: Any, **arguments: Any) -> None:
        for handler in self._events.get(event, []):
            await handler.call(Context(request), arguments)


def _taking(role: str, function: Callable[..., Any], *arguments: str) -> Handler:
    """Makes the handler of a function that has certain arguments, and may have a context."""
    handler = Handler(role, function)
    if handler.argument_names() != list(arguments):
        names = ", ".join((*arguments, "context: Context"))
        raise handler.error(f"the function takes `({names})`, of which the context may be left out")
    return handler


def _reference_case(reference: Any) -> str:
    return type(reference).__name__.removeprefix("CompletionReference_")


def _unknown(reference: Any) -> str:
    """Returns the message for a generated `CompletionReference` that names nothing."""
    case = _reference_case(reference)
    if case == "Prompt":
        return f"unknown prompt: {reference.value.name}"
    kind = "resource template" if case == "ResourceTemplate" else "reference"
    return f"unknown {kind}: {reference.value}"
