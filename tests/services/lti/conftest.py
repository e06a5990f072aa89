from __future__ import annotations

from collections.abc import Iterator

import pytest
from service_server import ServiceServer, service_server


@pytest.fixture
def lms() -> Iterator[ServiceServer]:
    """A platform's services on a real socket."""
    with service_server() as running:
        yield running
