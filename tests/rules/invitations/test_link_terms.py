"""How long and how often: inviters choose within what the institution allows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.invitations.link_terms import (
    MOST_USES,
    UNLIMITED,
    ExceedsTerms,
    LinkTerms,
    TermsWanted,
    minutes_to_choose,
    uses_to_choose,
)

DAY_ONCE = LinkTerms(1440, 1)
WEEK_ANY = LinkTerms(7 * 1440, UNLIMITED)


@pytest.mark.parametrize(
    ("most", "wanted", "given"),
    [
        (DAY_ONCE, TermsWanted(), DAY_ONCE),
        (DAY_ONCE, TermsWanted(60, 1), LinkTerms(60, 1)),
        (WEEK_ANY, TermsWanted(), WEEK_ANY),
        (WEEK_ANY, TermsWanted(1, 3), LinkTerms(1, 3)),
        (WEEK_ANY, TermsWanted(uses=UNLIMITED), WEEK_ANY),
        (WEEK_ANY, TermsWanted(uses=MOST_USES), LinkTerms(7 * 1440, MOST_USES)),
    ],
)
def test_what_is_wanted_within_the_most(most, wanted, given) -> None:
    assert wanted.within(most) == given


@pytest.mark.parametrize(
    ("most", "wanted", "fields"),
    [
        (DAY_ONCE, TermsWanted(minutes=1441), ["minutes"]),
        (DAY_ONCE, TermsWanted(minutes=0), ["minutes"]),
        (DAY_ONCE, TermsWanted(minutes=-1), ["minutes"]),
        (DAY_ONCE, TermsWanted(uses=2), ["uses"]),
        (DAY_ONCE, TermsWanted(uses=UNLIMITED), ["uses"]),
        (WEEK_ANY, TermsWanted(uses=0), ["uses"]),
        (WEEK_ANY, TermsWanted(uses=-2), ["uses"]),
        (WEEK_ANY, TermsWanted(uses=MOST_USES + 1), ["uses"]),
        (WEEK_ANY, TermsWanted(10**30, -(10**30)), ["minutes", "uses"]),
    ],
)
def test_more_than_the_most_is_refused_at_its_field(most, wanted, fields) -> None:
    with pytest.raises(ExceedsTerms) as refused:
        wanted.within(most)
    assert refused.value.fields == fields


@given(
    st.builds(
        LinkTerms,
        minutes=st.integers(1, 366 * 1440),
        uses=st.one_of(st.just(UNLIMITED), st.integers(1, MOST_USES)),
    )
)
def test_all_that_the_window_offers_is_allowed_and_the_most_comes_last(most: LinkTerms) -> None:
    minutes, uses = minutes_to_choose(most), uses_to_choose(most)
    assert (minutes[-1], uses[-1]) == (most.minutes, most.uses)
    assert minutes == sorted(set(minutes))
    assert len(uses) == len(set(uses))
    for one in minutes:
        assert TermsWanted(minutes=one).within(most).minutes == one
    for one in uses:
        assert TermsWanted(uses=one).within(most).uses == one
