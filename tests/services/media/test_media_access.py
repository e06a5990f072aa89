"""What sessions may do with items, with everything that decides read from the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from factories import START, School, TestClock, as_written, granted_roles, principal_of
from flask import Flask
from sqlalchemy import select

from lti_tool.core.audit import OPERATOR, AuditRecord
from lti_tool.core.db.session import db, transaction
from lti_tool.core.institutions import set_setting
from lti_tool.core.web.problems import Problem
from lti_tool.media import deleting, listing, plays
from lti_tool.media.access import Capability, capabilities, grant, withdraw
from lti_tool.media.models import Grant, MediaItem, Publication, Relation, Viewing
from lti_tool.media.opening import bind_link, chosen_here, open_link
from lti_tool.media.publishing import is_published
from lti_tool.media.rules import RelationKind
from lti_tool.people.rules import Standing

MakeItem = Callable[..., MediaItem]
SOURCE = "invitation:abc"


def relate(item: MediaItem, person_id: str, kind: RelationKind) -> None:
    with transaction() as session:
        session.add(Relation(media_id=item.id, person_id=person_id, kind=kind, created_at=START))


def test_strangers_see_nothing(context: Flask, school: School, make_item: MakeItem) -> None:
    item = make_item(school)
    assert capabilities(school.principal("bob"), item) == frozenset()
    assert capabilities(school.principal("bob", Standing.ADMINISTRATOR), item) == frozenset()


def test_the_owner_may_do_everything(context: Flask, school: School, make_item: MakeItem) -> None:
    item = make_item(school)
    held = capabilities(school.principal("ada"), item)
    assert held == set(Capability) - {Capability.RESTORE}


def test_people_of_a_course_see_what_is_published_there(
    context: Flask, school: School, make_item: MakeItem
) -> None:
    item = make_item(school, published=[school.course_id])
    assert capabilities(school.principal("bob"), item) == {Capability.VIEW}
    elsewhere = school.course("Botany")
    assert capabilities(school.principal("bob", course_id=elsewhere), item) == frozenset()
    assert capabilities(school.principal("bob", course_id=None), item) == frozenset()


def test_managers_co_publish_unless_the_institution_says_no(
    context: Flask, school: School, make_item: MakeItem
) -> None:
    item = make_item(school, published=[school.course_id])
    principal = school.principal("mia", Standing.MANAGER)
    assert Capability.INVITE in capabilities(principal, item)
    with transaction():
        set_setting(school.institution_id, "managers_co_publish", "off", OPERATOR)
    assert capabilities(principal, item) == {Capability.VIEW}


def test_a_manager_elsewhere_is_nobody_here(
    context: Flask, school: School, make_item: MakeItem
) -> None:
    item = make_item(school, published=[school.course_id])
    elsewhere = school.course("Botany")
    principal = school.principal("mia", Standing.MANAGER, course_id=elsewhere)
    assert capabilities(principal, item) == frozenset()


@pytest.mark.parametrize("kind", [one for one in RelationKind if one is not RelationKind.OWNER])
def test_relations(context: Flask, school: School, make_item: MakeItem, kind: RelationKind) -> None:
    item = make_item(school)
    relate(item, school.person("bob"), kind)
    held = capabilities(school.principal("bob"), item)
    assert Capability.VIEW in held
    assert (Capability.INVITE in held) == (kind is not RelationKind.CO_VIEWER)
    assert capabilities(school.principal("eve"), item) == frozenset()


def test_another_institution_never(
    context: Flask, school: School, other_school: School, make_item: MakeItem
) -> None:
    item = make_item(school, published=[school.course_id])
    principal = other_school.principal("mia", Standing.ADMINISTRATOR)
    assert capabilities(principal, item) == frozenset()
    with pytest.raises(ValueError, match="strangers"):
        grant(principal.session_id, item.id, "viewer", SOURCE)
    with pytest.raises(Problem):
        open_link(principal, other_school.link(), item.id)


def test_a_grant_holds_for_its_session_only(
    context: Flask, school: School, make_item: MakeItem
) -> None:
    item, other = make_item(school), make_item(school)
    guest = principal_of(school.guest("g@example.org", item.id))
    second = principal_of(school.guest("h@example.org", item.id))
    assert capabilities(guest, item) == frozenset()
    grant(guest.session_id, item.id, "viewer", SOURCE)
    assert capabilities(guest, item) == {Capability.VIEW}
    assert capabilities(second, item) == frozenset()
    assert capabilities(guest, other) == frozenset()


def test_a_guest_cannot_reach_beyond_its_item(
    context: Flask, school: School, make_item: MakeItem
) -> None:
    item, other = make_item(school), make_item(school, published=[school.course_id])
    guest = principal_of(school.guest("g@example.org", item.id))
    grant(guest.session_id, other.id, "viewer", SOURCE)
    assert capabilities(guest, other) == frozenset()


def test_granting_twice_is_one_grant_and_withdrawing_ends_it(
    context: Flask, school: School, make_item: MakeItem
) -> None:
    item = make_item(school)
    principal = school.principal("bob")
    grant(principal.session_id, item.id, "viewer", SOURCE)
    grant(principal.session_id, item.id, "viewer", SOURCE)
    assert len(db.session.scalars(select(Grant)).all()) == 1
    assert granted_roles(principal.session_id, item.id) == {"viewer"}
    assert withdraw(SOURCE) == 1
    assert withdraw(SOURCE) == 0
    assert capabilities(principal, item) == frozenset()
    grant(principal.session_id, item.id, "viewer", SOURCE)
    assert capabilities(principal, item) == {Capability.VIEW}


def test_no_role_that_the_kind_does_not_offer(
    context: Flask, school: School, make_item: MakeItem
) -> None:
    item = make_item(school)
    with pytest.raises(ValueError, match="offers no"):
        grant(school.principal("bob").session_id, item.id, "moderator", SOURCE)


# Opening through a resource link


def test_an_owner_who_teaches_publishes_by_opening(
    context: Flask, school: School, make_item: MakeItem
) -> None:
    item = make_item(school)
    opened = open_link(school.principal("ada", Standing.MANAGER), school.link(), item.id)
    assert opened is not None
    assert opened.id == item.id
    assert is_published(item.id, school.course_id)
    record = db.session.scalars(
        select(AuditRecord).where(AuditRecord.action == "media.published")
    ).one()
    assert (record.subject_id, record.actor_id) == (item.id, school.person("ada"))


def test_an_owner_who_learns_sees_but_does_not_publish(
    context: Flask, school: School, make_item: MakeItem
) -> None:
    item = make_item(school)
    assert open_link(school.principal("ada"), school.link(), item.id) is not None
    assert not is_published(item.id, school.course_id)


def test_a_custom_parameter_opens_nothing_that_is_not_published_here(
    context: Flask, school: School, make_item: MakeItem
) -> None:
    item = make_item(school)
    for standing in Standing:
        with pytest.raises(Problem) as refused:
            open_link(school.principal("eve", standing), school.link(), item.id)
        assert refused.value.status == 404
    with pytest.raises(Problem) as unknown:
        open_link(school.principal("eve"), school.link(), "a" * 26)
    assert unknown.value.slug == refused.value.slug


def test_an_operators_item_opens_from_any_link(
    context: Flask, school: School, make_item: MakeItem
) -> None:
    item = make_item(school, owner=None, open_to_links=True)
    assert open_link(school.principal("bob"), school.link(), item.id) is not None
    assert is_published(item.id, school.course_id)
    nowhere = school.principal("bob", course_id=None)
    assert open_link(nowhere, None, item.id) is not None
    assert capabilities(nowhere, item) == {Capability.VIEW}
    assert capabilities(school.principal("eve", course_id=None), item) == frozenset()


def test_a_chosen_link_opens_what_was_chosen(
    context: Flask, school: School, make_item: MakeItem
) -> None:
    item, other = make_item(school), make_item(school, published=[school.course_id])
    link = school.link()
    assert open_link(school.principal("bob"), link) is None
    with pytest.raises(Problem):
        bind_link(school.principal("bob"), link, other)
    with pytest.raises(Problem):
        bind_link(school.principal("mia", Standing.MANAGER), link, item)
    bind_link(school.principal("ada", Standing.MANAGER), link, item)
    opened = open_link(school.principal("bob"), link)
    assert opened is not None
    assert opened.id == item.id
    assert deleting.count_links(item) == 1


def test_a_parameter_that_is_gone_opens_nothing(
    context: Flask, school: School, make_item: MakeItem
) -> None:
    item = make_item(school, published=[school.course_id])
    link = school.link()
    assert open_link(school.principal("bob"), link, item.id) is not None
    assert deleting.count_links(item) == 1
    assert open_link(school.principal("bob"), link) is None


# Deleting


def test_deleting_ends_everything_and_undoing_brings_it_back(
    context: Flask, school: School, make_item: MakeItem, clock: TestClock
) -> None:
    item = make_item(school, published=[school.course_id])
    owner, learner = school.principal("ada"), school.principal("bob")
    guest = principal_of(school.guest("g@example.org", item.id))
    grant(guest.session_id, item.id, "viewer", SOURCE)
    with pytest.raises(Problem):
        deleting.delete_item(learner, item)
    deleting.delete_item(owner, item)
    for principal in (learner, guest):
        assert capabilities(principal, item) == frozenset()
        with pytest.raises(Problem):
            deleting.restore_item(principal, item)
    assert capabilities(owner, item) == {Capability.RESTORE}
    clock.pass_(days=29)
    deleting.restore_item(owner, item)
    assert capabilities(learner, item) == {Capability.VIEW}
    assert capabilities(guest, item) == {Capability.VIEW}


def test_who_deleted_and_who_brought_back_is_recorded(
    context: Flask, school: School, make_item: MakeItem
) -> None:
    item = make_item(school)
    first, second = school.principal("ada"), school.principal("ada")
    deleting.delete_item(first, item)
    deleting.restore_item(second, item)
    told = select(AuditRecord).where(AuditRecord.subject_id == item.id).order_by(*as_written())
    assert [
        (record.action, record.actor_id, record.session_id) for record in db.session.scalars(told)
    ] == [
        ("media.deleted", first.person_id, first.session_id),
        ("media.restored", second.person_id, second.session_id),
    ]


def test_behind_a_link_a_deleted_item_waits_for_whoever_may_bring_it_back(
    context: Flask, school: School, make_item: MakeItem, clock: TestClock
) -> None:
    item = make_item(school, published=[school.course_id])
    owner, learner = school.principal("ada", Standing.MANAGER), school.principal("bob")
    colleague = school.principal("mia", Standing.MANAGER)
    chosen, named = school.link(), school.link()
    bind_link(owner, chosen, item)
    deleting.delete_item(owner, item)
    for media_id, link in ((None, chosen), (item.id, named)):
        opened = open_link(owner, link, media_id)
        assert opened is not None
        assert opened.id == item.id
    for principal in (learner, colleague):
        assert open_link(principal, chosen) is None
        with pytest.raises(Problem):
            open_link(principal, named, item.id)
    assert chosen_here(chosen) == item.id
    assert chosen_here(named) is None
    other = make_item(school, owner="mia")
    bind_link(colleague, chosen, other)
    opened = open_link(learner, chosen)
    assert opened is not None
    assert opened.id == other.id
    clock.pass_(days=30)
    with pytest.raises(Problem):
        open_link(owner, named, item.id)


def test_after_thirty_days_it_is_gone_for_good(
    context: Flask, school: School, make_item: MakeItem, clock: TestClock
) -> None:
    item = make_item(school, published=[school.course_id])
    owner = school.principal("ada")
    media_id = item.id
    deleting.delete_item(owner, item)
    clock.pass_(days=30)
    assert capabilities(owner, item) == frozenset()
    assert deleting.purge() == 0
    clock.pass_(seconds=1)
    assert deleting.purge() == 1
    db.session.expire_all()
    assert db.session.get(MediaItem, media_id) is None
    assert db.session.scalars(select(Publication)).all() == []


# Plays


def test_a_viewing_counts_once(context: Flask, school: School, make_item: MakeItem) -> None:
    item = make_item(school, published=[school.course_id])
    principal = school.principal("bob")
    viewing = plays.open_viewing(principal, item)
    assert plays.open_viewing(principal, item) == viewing
    assert plays.count_play(principal, item, viewing)
    assert not plays.count_play(principal, item, viewing)
    db.session.expire_all()
    assert item.plays == 1


def test_a_later_viewing_counts_again(
    context: Flask, school: School, make_item: MakeItem, clock: TestClock
) -> None:
    item = make_item(school, published=[school.course_id])
    principal = school.principal("bob")
    plays.count_play(principal, item, plays.open_viewing(principal, item))
    clock.pass_(minutes=31)
    assert plays.count_play(principal, item, plays.open_viewing(principal, item))
    db.session.expire_all()
    assert item.plays == 2
    assert len(db.session.scalars(select(Viewing)).all()) == 2


def test_nobody_counts_anothers_viewing(
    context: Flask, school: School, make_item: MakeItem
) -> None:
    item = make_item(school, published=[school.course_id])
    viewing = plays.open_viewing(school.principal("bob"), item)
    assert not plays.count_play(school.principal("eve"), item, viewing)


# Lists


def test_lists_hold_only_what_belongs(
    context: Flask, school: School, other_school: School, make_item: MakeItem
) -> None:
    here = make_item(school, published=[school.course_id])
    mine = make_item(school, owner="mia")
    make_item(school, owner="mia", deleted_at=START - timedelta(days=30))
    make_item(other_school, published=[other_school.course_id])
    principal = school.principal("mia", Standing.MANAGER)
    assert [item.id for item in listing.course_media(principal)] == [here.id]
    assert [item.id for item in listing.my_media(principal)] == [mine.id]
    here.deleted_at = mine.deleted_at = START
    db.session.commit()
    assert listing.course_media(principal) == []
    assert [item.id for item in listing.my_media(principal)] == [mine.id]
    guest = principal_of(school.guest("g@example.org", here.id))
    assert listing.course_media(guest) == []
    assert listing.my_media(guest) == []
