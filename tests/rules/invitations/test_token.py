"""The token: one for each generation, canonical."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.invitations.token import derive_token, is_well_formed

KEY = b"k" * 32
ids = st.text(alphabet="abcdefghijklmnopqrstuvwxyz234567", min_size=26, max_size=26)


@given(ids, st.integers(1, 10**6))
def test_a_token_is_well_formed_and_always_the_same(invitation_id, generation) -> None:
    token = derive_token(KEY, invitation_id, generation)
    assert is_well_formed(token)
    assert token == derive_token(KEY, invitation_id, generation)


@given(ids, ids, st.integers(1, 99), st.integers(1, 99))
def test_another_id_generation_or_key_gives_another_token(one, two, first, second) -> None:
    token = derive_token(KEY, one, first)
    assert (token == derive_token(KEY, two, second)) == ((one, first) == (two, second))
    assert token != derive_token(b"l" * 32, one, first)


WELL_FORMED = "Abcdefghijklmnopqrstuvwxyz0123456789_-ABCDE"[:42] + "A"


@pytest.mark.parametrize(
    "text",
    [
        WELL_FORMED[:-1],
        WELL_FORMED + "A",
        WELL_FORMED[:-1] + "B",
        WELL_FORMED[:-1] + "=",
        "é" + WELL_FORMED[1:],
        WELL_FORMED + "\n",
        "",
    ],
)
def test_malformed(text) -> None:
    assert is_well_formed(WELL_FORMED)
    assert not is_well_formed(text)
