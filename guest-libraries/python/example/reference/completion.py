"""Completion of the arguments of prompts, and of the variables of templates."""

from wasi_mcp import McpError

from .server import server

_CITIES = {
    "France": ["Lyon", "Marseille", "Paris"],
    "Germany": ["Berlin", "Hamburg", "Leipzig"],
    "Japan": ["Kyoto", "Osaka", "Tokyo"],
}


def _beginning(value: str, options: list[str]) -> list[str]:
    return [option for option in options if option.startswith(value)]


@server.completion("journey", "country")
def countries(value: str) -> list[str]:
    """Proposes countries."""
    return _beginning(value, list(_CITIES))


@server.completion("journey", "city")
def cities(value: str, country: str | None = None) -> list[str]:
    """Proposes cities, of the country that is chosen already."""
    return [
        city
        for known, found in _CITIES.items()
        if country in (None, known)
        for city in _beginning(value, found)
    ]


@server.completion("test_prompt_with_arguments", "arg1")
@server.completion("test_prompt_with_arguments", "arg2")
def words(value: str) -> list[str]:
    """Proposes words."""
    return _beginning(value, ["test", "testing", "value"])


@server.completion("test_prompt_with_embedded_resource", "resourceUri")
def uris(value: str) -> list[str]:
    """Proposes a resource."""
    return _beginning(value, ["test://example-resource"])


@server.completion("failing", "subject")
def subjects() -> list[str]:
    """Fails."""
    raise McpError("internal-error", "The argument cannot be completed")


@server.completion("test://template/{id}/data", "id")
def ids(value: str) -> list[str]:
    """Proposes ids."""
    return _beginning(value, ["1", "12", "123"])


@server.completion("test://integers/{integer}", "integer")
def integers(value: str) -> list[str]:
    """Proposes more values than one answer holds."""
    return _beginning(value, [str(integer) for integer in range(1000)])
