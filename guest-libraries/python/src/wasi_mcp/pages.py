"""Pages of the lists of a service, and the cursors that lead to them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from .errors import InvalidParams
from .registry import AnyItem, Registry

#: The maximum number of items on a page.
SIZE = 100
_SERIAL = re.compile(r"0|[1-9][0-9]{,17}")


async def page(
    registry: Registry[AnyItem],
    cursor: str | None,
    is_visible: Callable[[AnyItem], Awaitable[bool]] | None = None,
) -> tuple[list[Any], str | None]:
    """Returns the listings of a page, and the cursor of the next page if there is one.

    A cursor is the serial number of the last item before it, so that it stays valid when items come
    and go.
    """
    last = -1 if cursor is None else _serial(cursor, registry.next_serial)
    listings: list[Any] = []
    for serial, item in registry.numbered():
        if serial <= last or is_visible is not None and not await is_visible(item):
            continue
        if len(listings) == SIZE:
            return listings, str(last)
        listings.append(item.listing())
        last = serial
    return listings, None


def _serial(cursor: str, next_serial: int) -> int:
    """Reads a cursor, or raises `InvalidParams` for one that was never issued."""
    if not _SERIAL.fullmatch(cursor) or int(cursor) >= next_serial:
        raise InvalidParams(f"Unknown cursor: {cursor}")
    return int(cursor)
