"""Questions to the user behind the client."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

from wasi_mcp import CallToolResult, Context, Field

from ..samples import EXTRA, META
from ..server import READ_ONLY, server


@dataclass
class Form:
    """One field of each kind, and of each format of texts."""

    name: Annotated[
        str, "What to call you", Field(title="Name", min_length=1, max_length=40, extra={"default": "Ada"})
    ]
    age: Annotated[int, "Within its bounds", Field(title="A number", ge=0, le=150)]
    ratio: Annotated[float | None, "Within its bounds", Field(title="A number", ge=0.5, le=99.5)] = None
    agreed: Annotated[bool, "Whether you agree", Field(title="Agreed")] = False
    colour: Annotated[
        Literal["r", "g", "b"] | None,
        "Which one",
        Field(title="Colour", extra={"enumNames": ["Red", "Green", "Blue"]}),
    ] = None
    email: Annotated[str | None, Field(format="email")] = None
    homepage: Annotated[str | None, Field(format="uri")] = None
    birthday: date | None = None
    appointment: datetime | None = None


@server.tool(annotations=READ_ONLY)
async def elicit(context: Context) -> CallToolResult:
    """Asks the user for one value of each primitive schema."""
    answer = await context.elicit("Please fill in the form.", Form, meta=META, extra=EXTRA)
    told: dict[str, Any] = {"action": answer.action, "content": answer.data and _given(answer.data)}
    return CallToolResult(structured_content=told, meta=answer.meta)


def _given(form: Form) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, date) else value for name, value in vars(form).items()}
