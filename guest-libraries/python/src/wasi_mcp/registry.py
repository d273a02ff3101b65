"""The items of one kind that a server has registered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from . import bindings
from .failures import answered
from .handler import Handler


class Item(Protocol):
    """An item of a list."""

    @property
    def handler(self) -> Handler:
        """The function."""

    def listing(self) -> Any:
        """Makes the generated record."""


AnyItem = TypeVar("AnyItem", bound=Item)


class Registry(Generic[AnyItem]):
    """Items by name, URI or URI template.

    Once the server has started, each change is made at the host too, which may refuse it.
    """

    def __init__(self, kind: str, is_listed: Callable[[AnyItem], bool] = lambda item: True) -> None:
        self._kind = kind  # As in `register_tools`.
        self._is_listed = is_listed
        self._items: dict[str, AnyItem] = {}
        self._is_published = False

    def __iter__(self) -> Any:
        return iter(self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def find(self, key: str) -> AnyItem | None:
        """Returns the item of this name, URI or URI template."""
        return self._items.get(key)

    def add(self, key: str, item: AnyItem) -> None:
        """Adds an item, or raises `RegistrationError` for one whose key is taken."""
        present = self._items.get(key)
        if present is not None:
            function = getattr(present.handler.function, "__name__", "a function")
            raise item.handler.error(
                f"`{key}` is registered already, by `{function}` at {present.handler.location}: "
                "choose another one here"
            )
        if self._is_published and self._is_listed(item):
            with answered():
                self._host(f"register_{self._kind}")([item.listing()])
        self._items[key] = item

    def remove(self, key: str) -> None:
        """Removes an item."""
        if key not in self._items:
            raise KeyError(f"nothing is registered as `{key}`")
        if self._is_published and self._is_listed(self._items[key]):
            with answered():
                self._host(f"unregister_{self._kind}")([key])
        del self._items[key]

    def publish(self) -> None:
        """Registers all items at the host."""
        listings = [item.listing() for item in self if self._is_listed(item)]
        self._host(f"register_{self._kind}")(listings)
        self._is_published = True

    def _host(self, function: str) -> Callable[[list[Any]], None]:
        return getattr(bindings.current().require("runtime"), function)  # type: ignore[no-any-return]
