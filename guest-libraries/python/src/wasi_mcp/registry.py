"""The items of one kind that a server has registered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, Protocol, TypeVar

from . import bindings
from .content import ItemKind
from .failures import answered
from .handler import Handler


class Item(Protocol):
    """An item of a list."""

    #: The name, URI or URI template.
    key: str

    @property
    def kind(self) -> ItemKind:
        """The kind of the item."""

    @property
    def handler(self) -> Handler:
        """The function."""

    def listing(self) -> Any:
        """Makes the generated record."""


AnyItem = TypeVar("AnyItem", bound=Item)


class Registry(Generic[AnyItem]):
    """Items by name, URI or URI template, in the order of their registration.

    Once a backend has started, each change is made at the host too, which may refuse it. A service
    answers the list methods with `numbered`.
    """

    def __init__(self, kind: str, is_listed: Callable[[AnyItem], bool] = lambda item: True) -> None:
        self._kind = kind  # As in `register_tools`.
        self._is_listed = is_listed
        self._entries: dict[str, tuple[int, AnyItem]] = {}
        self._is_published = False
        #: The serial number of the next item. No number is used twice.
        self.next_serial = 0
        #: Called after each change of the list in a service that runs.
        self.on_change: Callable[[], None] | None = None

    def __iter__(self) -> Iterator[AnyItem]:
        return (item for _, item in self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, key: str) -> AnyItem | None:
        """Returns the item of this name, URI or URI template."""
        entry = self._entries.get(key)
        return entry[1] if entry else None

    def numbered(self) -> list[tuple[int, AnyItem]]:
        """Returns the listed items with their serial numbers, which increase."""
        return [(serial, item) for serial, item in self._entries.values() if self._is_listed(item)]

    def add(self, item: AnyItem) -> None:
        """Adds an item, or raises `RegistrationError` for one whose key is taken."""
        present = self.find(item.key)
        if present is not None:
            function = getattr(present.handler.function, "__name__", "a function")
            raise item.handler.error(
                f"`{item.key}` is registered already, by `{function}` at {present.handler.location}: "
                "choose another one here"
            )
        if self._is_published and self._is_listed(item):
            with answered():
                self._host(f"register_{self._kind}")([item.listing()])
        elif self.on_change is not None:
            item.listing()  # A record that cannot be made is refused here, not in each list.
        self._entries[item.key] = (self.next_serial, item)
        self.next_serial += 1
        self._tell_change(item)

    def remove(self, key: str) -> None:
        """Removes an item."""
        item = self.find(key)
        if item is None:
            raise KeyError(f"nothing is registered as `{key}`")
        if self._is_published and self._is_listed(item):
            with answered():
                self._host(f"unregister_{self._kind}")([key])
        del self._entries[key]
        self._tell_change(item)

    def _tell_change(self, item: AnyItem) -> None:
        if self.on_change is not None and self._is_listed(item):
            self.on_change()

    def listings(self) -> list[Any]:
        """Makes the generated records of all listed items."""
        return [item.listing() for _, item in self.numbered()]

    def publish(self) -> None:
        """Registers all items at the host."""
        self._host(f"register_{self._kind}")(self.listings())
        self._is_published = True

    def _host(self, function: str) -> Callable[[list[Any]], None]:
        return getattr(bindings.current().require("runtime"), function)  # type: ignore[no-any-return]
