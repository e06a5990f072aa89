"""What is read of a column of the gradebook."""

from __future__ import annotations

import pytest

from lti_tool.lti.launch import Services
from lti_tool.lti.services.assignment_and_grade import _is_of, _line_item


@pytest.mark.parametrize(
    "services",
    [
        Services(lineitems_url="https://lms.example/items"),
        Services(lineitem_url="https://lms.example/items/1"),
    ],
)
def test_a_column_of_an_lms_behind_a_proxy_is_its_own(services: Services) -> None:
    """A list is asked by TLS; what stands in it must not be lost, nor made a second time."""
    own = _line_item(services, {"id": "http://lms.example/items/7", "scoreMaximum": 1})
    assert own is not None
    assert own.address == "https://lms.example/items/7"
    assert _is_of(services, own)
    other = _line_item(services, {"id": "http://other.example/items/7", "scoreMaximum": 1})
    assert other is not None
    assert not _is_of(services, other)
