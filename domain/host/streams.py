"""Requests of hosts whose bodies may be of any length: they are read as they come, and answered while they come."""

IMPORTS_PATH = "/v1/accounts/imports"
"""Where many accounts are told of at once."""


def is_streamed(*, method: str, path: str) -> bool:
    """Whether a request brings a stream; of every other request the whole body is read first, and has a limit."""
    return method == "POST" and path == IMPORTS_PATH
