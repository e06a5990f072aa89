"""The reference of a request: short, and mistaken for no other when it is read aloud."""

from __future__ import annotations

import re

from lti_tool.core.ids import new_reference


def test_a_reference_is_two_groups_of_four_signs_that_look_like_no_other() -> None:
    drawn = [new_reference() for _ in range(500)]
    assert len(set(drawn)) == len(drawn)
    for reference in drawn:
        assert re.fullmatch(r"[A-Z0-9]{4}-[A-Z0-9]{4}", reference)
        assert not set(reference) & set("01258BILOSUZ")
