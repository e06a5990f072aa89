"""The error by which a service refuses a request."""

from __future__ import annotations


class ServiceRefused(Exception):
    """A status and a sentence for the tool's developer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
