"""Tools, one module for each feature."""

from ..server import server
from . import (
    context,
    elicitation,
    errors,
    lists,
    logs,
    open_kinds,
    progress,
    public_suite,
    results,
    roots,
    sampling,
    structured,
    updates,
    waiting,
)

if server.variant == "0.3":
    from . import background, concurrency
