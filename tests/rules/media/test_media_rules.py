"""Who may do what with an item, for every combination of facts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.media.rules import (
    DESCRIPTION_LENGTH,
    TAG_LENGTH,
    TAGS,
    TITLE_LENGTH,
    UNDO_DELETE,
    Capability,
    Facts,
    InvalidText,
    Kind,
    RelationKind,
    Role,
    capabilities,
    clean_description,
    clean_tags,
    clean_title,
    may_add,
    may_publish_here,
    may_undo_own_deletion,
    roles_of,
    strongest,
    undo_is_open,
)
from lti_tool.people.rules import Standing

facts = st.builds(
    Facts,
    reachable=st.booleans(),
    deleted=st.booleans(),
    undo_open=st.booleans(),
    has_owner=st.booleans(),
    download_allowed=st.booleans(),
    relation=st.none() | st.sampled_from(list(RelationKind)),
    standing=st.sampled_from(list(Standing)),
    published_here=st.booleans(),
    managers_co_publish=st.booleans(),
    roles=st.frozensets(st.sampled_from(list(Role))),
)


@given(facts)
def test_nothing_without_reach(given_facts: Facts) -> None:
    if not given_facts.reachable:
        assert capabilities(given_facts) == frozenset()


@given(facts)
def test_every_capability_stands_on_view(given_facts: Facts) -> None:
    held = capabilities(given_facts)
    if held - {Capability.RESTORE}:
        assert Capability.VIEW in held
        assert Capability.RESTORE not in held


@given(facts)
def test_seeing_needs_relation_course_or_grant(given_facts: Facts) -> None:
    reason = (
        given_facts.relation is not None or given_facts.published_here or bool(given_facts.roles)
    )
    expected = given_facts.reachable and not given_facts.deleted and reason
    assert (Capability.VIEW in capabilities(given_facts)) == expected


@given(facts, st.sampled_from(list(Role)))
def test_a_grant_never_lowers_anything(given_facts: Facts, role: Role) -> None:
    more = Facts(**{**vars(given_facts), "roles": given_facts.roles | {role}})
    assert capabilities(given_facts) <= capabilities(more)


@given(facts)
def test_a_grant_alone_gives_no_more_than_seeing(given_facts: Facts) -> None:
    bare = Facts(**{**vars(given_facts), "relation": None, "published_here": False})
    assert capabilities(bare) <= {Capability.VIEW, Capability.DOWNLOAD, Capability.RESTORE}


@given(facts)
def test_a_deleted_item_gives_at_most_the_undo(given_facts: Facts) -> None:
    gone = Facts(**{**vars(given_facts), "deleted": True})
    assert capabilities(gone) <= {Capability.RESTORE}


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        (RelationKind.OWNER, {"view", "download", "invite", "edit", "publish", "delete"}),
        (RelationKind.CO_OWNER, {"view", "download", "invite", "edit", "publish", "delete"}),
        (RelationKind.CO_EDITOR, {"view", "download", "invite", "edit"}),
        (RelationKind.CO_PUBLISHER, {"view", "invite", "publish"}),
        (RelationKind.CO_VIEWER, {"view"}),
    ],
)
def test_what_each_relation_gives(relation: RelationKind, expected: set[str]) -> None:
    assert capabilities(Facts(reachable=True, relation=relation)) == expected


@pytest.mark.parametrize("standing", list(Standing))
def test_what_the_course_gives(standing: Standing) -> None:
    held = capabilities(Facts(reachable=True, standing=standing, published_here=True))
    if standing in {Standing.MANAGER, Standing.ADMINISTRATOR}:
        assert held == {"view", "invite", "publish"}
    else:
        assert held == {"view"}


def test_managers_are_no_co_publishers_where_the_institution_says_so() -> None:
    held = capabilities(
        Facts(
            reachable=True,
            standing=Standing.MANAGER,
            published_here=True,
            managers_co_publish=False,
        )
    )
    assert held == {"view"}


def test_an_ownerless_item_can_be_deleted_and_restored_by_an_administrator() -> None:
    here = Facts(
        reachable=True, has_owner=False, standing=Standing.ADMINISTRATOR, published_here=True
    )
    assert Capability.DELETE in capabilities(here)
    gone = Facts(**{**vars(here), "deleted": True, "undo_open": True})
    assert capabilities(gone) == {Capability.RESTORE}


@pytest.mark.parametrize("relation", [None, *RelationKind])
def test_only_the_owner_undoes_a_deletion_and_only_in_time(relation: RelationKind | None) -> None:
    for undo_open in (True, False):
        held = capabilities(
            Facts(reachable=True, deleted=True, undo_open=undo_open, relation=relation)
        )
        allowed = undo_open and relation is RelationKind.OWNER
        assert held == ({Capability.RESTORE} if allowed else frozenset())


def test_undo_ends_after_thirty_days_to_the_second() -> None:
    deleted = datetime(2026, 1, 1, tzinfo=UTC)
    assert undo_is_open(deleted, deleted + UNDO_DELETE - timedelta(seconds=1))
    assert not undo_is_open(deleted, deleted + UNDO_DELETE)
    assert not undo_is_open(None, deleted)


@pytest.mark.parametrize("standing", list(Standing))
def test_who_may_add(standing: Standing) -> None:
    staff = standing in {
        Standing.ADMINISTRATOR,
        Standing.MANAGER,
        Standing.ASSISTANT,
        Standing.DESIGNER,
    }
    assert may_add(standing, is_guest=False) == staff
    assert not may_add(standing, is_guest=True)
    assert may_publish_here(frozenset({Capability.PUBLISH}), standing) == staff
    assert not may_publish_here(frozenset({Capability.VIEW}), standing)


def test_strongest_relation() -> None:
    assert strongest([]) is None
    assert strongest([RelationKind.CO_VIEWER, RelationKind.CO_EDITOR]) is RelationKind.CO_EDITOR


@pytest.mark.parametrize("kind", list(Kind))
def test_recorded_kinds_offer_viewers_only(kind: Kind) -> None:
    assert roles_of(kind) == {Role.VIEWER}


def test_titles() -> None:
    assert clean_title("  Birds\n of   prey ") == "Birds of prey"
    assert clean_title("e\u0301t\u00e9") == "\u00e9t\u00e9"
    assert clean_title("safe\u202etxt") == "safetxt"
    assert clean_title("\u05e9\u05dc\u05d5\u05dd") == "\u05e9\u05dc\u05d5\u05dd"
    for bad, reason in (
        ("", "empty"),
        (" \u0000 ", "empty"),
        ("\u200b \u0301", "empty"),
        ("x" * (TITLE_LENGTH + 1), "too_long"),
    ):
        with pytest.raises(InvalidText) as refused:
            clean_title(bad)
        assert (refused.value.field, refused.value.reason) == ("title", reason)


@given(st.text())
def test_a_clean_title_stays_clean(text: str) -> None:
    try:
        once = clean_title(text)
    except InvalidText:
        return
    assert clean_title(once) == once
    assert "\n" not in once


def test_descriptions_keep_their_lines() -> None:
    assert clean_description(" a \r\n\r\nb\x00 ") == "a\n\nb"
    with pytest.raises(InvalidText):
        clean_description("x" * (DESCRIPTION_LENGTH + 1))


def test_tags() -> None:
    assert clean_tags(["Birds", "birds", " ", "owls "]) == ["Birds", "owls"]
    with pytest.raises(InvalidText):
        clean_tags(["x" * (TAG_LENGTH + 1)])
    with pytest.raises(InvalidText):
        clean_tags([str(number) for number in range(TAGS + 1)])


@given(facts)
def test_who_deletes_learns_truly_whether_it_can_be_undone(facts: Facts) -> None:
    deleted = replace(facts, deleted=True, undo_open=True)
    assert may_undo_own_deletion(facts) == (Capability.RESTORE in capabilities(deleted))
    if facts.reachable and facts.relation is RelationKind.OWNER:
        assert may_undo_own_deletion(facts)
