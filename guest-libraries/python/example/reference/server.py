"""The server's description, and the state that an instance keeps from one call to the next.

An instance may serve one call or many: correct answers do not depend on the state, it only lets a
tool report earlier events.
"""

from dataclasses import dataclass, field

from wasi_mcp import Context, Root, Server, ToolAnnotations

server = Server(
    "wasi-mcp-reference-python",
    title="Reference guest of wasi:mcp in Python",
    instructions="Call `echo` first; every other tool shows one more feature.",
    list_changed=True,
    experimental={"example.org/reference": {}},
    extra={"websiteUrl": "https://github.com/WebAssembly/wasi-mcp"},
)

READ_ONLY = ToolAnnotations(read_only_hint=True)
#: For a tool that changes the state or the lists of this instance.
CHANGING = ToolAnnotations(read_only_hint=False, destructive_hint=False)
#: For a tool that clients do not call unasked.
DESTRUCTIVE = ToolAnnotations(read_only_hint=False, destructive_hint=True)


@dataclass
class State:
    """Events that this instance has seen."""

    calls: int = 0
    is_added: bool = False
    watched_version: int = 0
    subscriptions: set[str] = field(default_factory=set)
    cancellations: list[str | None] = field(default_factory=list)
    kept_context: Context | None = None
    initialized: int = 0
    roots_changed: int = 0
    roots: list[Root] = field(default_factory=list)


state = State()
