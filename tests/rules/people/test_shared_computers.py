"""Whose sessions end when somebody else comes to a browser."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lti_tool.people.rules import Impersonation, Sitter, is_same_sitter, makes_way

ADA = Sitter("oak", "ada")
BOB = Sitter("oak", "bob")
VISITOR = Sitter("oak", "nobody-1", Impersonation.VISITOR)
MADE_UP = Sitter("oak", "made-up", Impersonation.STUDENT_VIEW)
AS_ADA = Sitter("oak", "ada", Impersonation.ACTING_AS, "root")


@pytest.mark.parametrize(
    ("former", "newcomer", "ends"),
    [
        (ADA, ADA, False),
        (ADA, BOB, True),
        (ADA, replace(BOB, registration_id="elm"), False),
        (ADA, replace(ADA, registration_id="elm"), False),
        (ADA, VISITOR, True),
        (VISITOR, ADA, True),
        (VISITOR, replace(VISITOR, person_id="nobody-2"), False),
        (VISITOR, replace(VISITOR, registration_id="elm"), False),
        (ADA, MADE_UP, False),
        (replace(ADA, administers=True), MADE_UP, True),
        (VISITOR, MADE_UP, False),
        (MADE_UP, MADE_UP, False),
        (MADE_UP, BOB, True),
        (ADA, AS_ADA, True),
        (AS_ADA, ADA, True),
        (AS_ADA, AS_ADA, False),
        (AS_ADA, replace(AS_ADA, acting_for="bob"), True),
    ],
)
def test_who_makes_way_for_whom(former: Sitter, newcomer: Sitter, ends: bool) -> None:
    assert makes_way(former, newcomer) is ends


def test_nobody_makes_way_for_themselves() -> None:
    everybody = [ADA, BOB, VISITOR, MADE_UP, AS_ADA]
    for one in everybody:
        for other in everybody:
            assert is_same_sitter(one, other) is (one is other)
            assert not (is_same_sitter(one, other) and makes_way(one, other))
