"""A server that uses every feature, for WASI 0.2 and 0.3: the reference guest, in Python.

Its tools, resources and prompts have the names of the reference guest in Rust.
"""

import reference.completion
import reference.events
import reference.prompts
import reference.resources
import reference.tools
