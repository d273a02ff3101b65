"""Requests to the client's language model."""

from typing import Annotated, Any

from wasi_mcp import (
    AudioContent,
    CallToolResult,
    Context,
    Field,
    ImageContent,
    ModelHint,
    ModelPreferences,
    OtherContent,
    SamplingMessage,
    TextContent,
    gather,
)

from ..samples import AUDIO, EXTRA, IMAGE, META
from ..server import READ_ONLY, server


def described(content: TextContent | ImageContent | AudioContent | OtherContent) -> dict[str, Any]:
    """Returns the kind of content, and its text or its size in bytes."""
    match content:
        case TextContent():
            return {"type": "text", "text": content.text}
        case ImageContent():
            return {"type": "image", "mimeType": content.mime_type, "bytes": len(content.data)}
        case AudioContent():
            return {"type": "audio", "mimeType": content.mime_type, "bytes": len(content.data)}
        case OtherContent():
            return {"other": content.json}


@server.tool(annotations=READ_ONLY)
async def sample(context: Context, prompt: str) -> CallToolResult:
    """Asks the client's model, with every parameter filled: a text, an image and a sound."""
    answer = await context.sample(
        [prompt, SamplingMessage("user", IMAGE), SamplingMessage("assistant", AUDIO)],
        max_tokens=100,
        model_preferences=ModelPreferences(
            hints=[ModelHint("small"), ModelHint()],
            cost_priority=0.5,
            speed_priority=1,
            intelligence_priority=0,
        ),
        system_prompt="Be brief.",
        include_context="thisServer",
        temperature=0.7,
        stop_sequences=["END", "\n"],
        metadata={"provider": {"seed": 18446744073709551615}},
        meta=META,
        extra=EXTRA,
    )
    told = {
        "role": answer.role,
        "model": answer.model,
        "stopReason": answer.stop_reason,
        "content": described(answer.content),
        "extra": answer.extra,
    }
    return CallToolResult(structured_content=told, meta=answer.meta)


@server.tool(name="sample-many", annotations=READ_ONLY)
async def sample_many(context: Context, count: Annotated[int, Field(ge=1, le=1000)]) -> dict[str, Any]:
    """Asks the client's model `count` times: at the same time where calls can overlap, else in turn."""
    questions = [context.sample(f"Question {number}", max_tokens=100) for number in range(count)]
    return {"answers": [described(answer.content) for answer in await gather(*questions)]}
