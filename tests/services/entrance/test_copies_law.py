"""The law of copied courses: a link's own words give nobody anything.

Whatever a link says it was copied from, its item is shown in a course only if the opener teaches
there and may publish it somewhere on the strength of what the LMS itself has said of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count

import pytest
from factories import START, School, make_school
from flask import Flask
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from selection import examples
from sqlalchemy import delete, select

from lti_tool.core.db.session import db, transaction
from lti_tool.core.ids import new_id
from lti_tool.entrance.course_copies import bring_along
from lti_tool.lti.launch import Launch, Platform
from lti_tool.lti.models import Deployment
from lti_tool.media.access import Capability, capabilities
from lti_tool.media.models import LinkChoice, MediaItem, Publication
from lti_tool.people.models import Course, Membership, ResourceLink
from lti_tool.people.rules import Standing

pytestmark = [pytest.mark.every_database, pytest.mark.slow]

EARLIER = ("a", "b", "elsewhere")
"""Context ids; the last course is of another deployment, as Canvas gives a copy one of its own."""
TEACHES = {Standing.ADMINISTRATOR, Standing.MANAGER}
STAFF = {*TEACHES, Standing.ASSISTANT, Standing.DESIGNER}
_names = count()


@dataclass(frozen=True)
class There:
    """One earlier course: what the opener was there and when, and when the item was published."""

    standing: Standing | None
    seen: int
    published: int | None


theres = st.builds(
    There,
    standing=st.none() | st.sampled_from(Standing),
    seen=st.integers(0, 3),
    published=st.none() | st.integers(0, 3),
)
launches = st.fixed_dictionaries(
    {
        "standing": st.sampled_from(Standing),
        "contexts": st.lists(st.sampled_from([*EARLIER, "here", "none", "$x"]), max_size=4),
        "links": st.lists(st.sampled_from(["link-a", "link-elsewhere", "none"]), max_size=2),
        "names_item": st.booleans(),
    }
)


class Campus:
    """A school with an item of somebody else's, chosen behind a link of two earlier courses."""

    def __init__(self, there: dict[str, There]) -> None:
        self.school: School = make_school(f"copies {next(_names)}")
        self.opener = self.school.person("opener")
        other = Deployment(
            registration_id=self.school.registration_id,
            deployment_id="2",
            enabled=True,
            created_at=START,
        )
        self.item = MediaItem(
            institution_id=self.school.institution_id,
            registration_id=self.school.registration_id,
            owner_person_id=self.school.person("owner"),
            kind="video",
            title="Owls",
            created_at=START,
        )
        with transaction() as session:
            session.add_all([other, self.item])
            session.flush()
            for name, one in there.items():
                deployment = other.id if name == "elsewhere" else self.school.deployment_id
                self._earlier(name, deployment, one)

    def _earlier(self, name: str, deployment_id: str, one: There) -> None:
        within = {
            "institution_id": self.school.institution_id,
            "registration_id": self.school.registration_id,
            "deployment_id": deployment_id,
        }
        course = Course(**within, context_id=name, title=name)
        db.session.add(course)
        db.session.flush()
        link = ResourceLink(**within, course_id=course.id, link_id=f"link-{name}")
        db.session.add(link)
        db.session.flush()
        rows: list[object] = [
            LinkChoice(resource_link_id=link.id, media_id=self.item.id, chosen_at=START)
        ]
        if one.standing is not None:
            rows.append(
                Membership(
                    person_id=self.opener,
                    course_id=course.id,
                    standing=one.standing,
                    seen_at=START + timedelta(days=one.seen),
                )
            )
        if one.published is not None:
            rows.append(
                Publication(
                    media_id=self.item.id,
                    course_id=course.id,
                    published_at=START + timedelta(days=one.published),
                )
            )
        db.session.add_all(rows)

    def open(self, standing: Standing, said: Launch) -> bool:
        """Whether the item is shown in the opener's course once they have opened the link."""
        principal = replace(
            self.school.principal("opener", standing), resource_link_id=self.school.link()
        )
        bring_along(principal, said)
        shown = db.session.get(
            Publication, (self.item.id, self.school.course_id), populate_existing=True
        )
        assert (Capability.VIEW in capabilities(principal, self.item)) is (shown is not None)
        return shown is not None


def launch(media_id: str | None, contexts: list[str], links: list[str]) -> Launch:
    platform = Platform("", "", "", "other", "", "", "", "", "", False)
    return Launch(
        platform=platform,
        login_key="",
        deployment_id="1",
        sub="opener",
        name="",
        given_name="",
        family_name="",
        email=None,
        roles=(),
        context_id="here",
        context_title="",
        link_id="link",
        link_title="",
        custom={"media": media_id} if media_id else {},
        earlier_contexts=tuple(contexts),
        earlier_links=tuple(links),
    )


def entitled(there: dict[str, There], standing: Standing, contexts: list[str]) -> bool:
    """The law in other words than the program's."""
    if standing not in STAFF:
        return False
    for name, one in there.items():
        if name not in contexts or one.published is None:
            continue
        taught = one.standing in TEACHES and one.published <= one.seen
        if standing is Standing.ADMINISTRATOR or taught:
            return True
    return False


def test_the_words_of_a_link_give_nobody_anything(app: Flask) -> None:
    @settings(max_examples=examples(150), suppress_health_check=list(HealthCheck))
    @given(st.fixed_dictionaries(dict.fromkeys(EARLIER, theres)), launches)
    def law(there: dict[str, There], said: dict[str, object]) -> None:
        with app.app_context():
            campus = Campus(there)
            contexts, links = said["contexts"], said["links"]
            named = campus.item.id if said["names_item"] else None
            leads = named or any(one in ("link-a", "link-elsewhere") for one in links)
            shown = campus.open(said["standing"], launch(named, contexts, links))
            event("shown" if shown else "not shown")
            assert shown is bool(leads and entitled(there, said["standing"], contexts))

    law()


def test_who_may_publish_by_relation_needs_no_history(app: Flask, school: School) -> None:
    """Nothing here keeps an owner from what was theirs already; nothing here gives it, either."""
    with app.app_context():
        campus = Campus(dict.fromkeys(EARLIER, There(None, 0, 0)))
        owner = campus.school.principal("owner", Standing.MANAGER)
        bring_along(owner, launch(campus.item.id, ["a"], []))
        rows = db.session.scalars(
            select(Publication).where(Publication.course_id == campus.school.course_id)
        )
        assert rows.all() == []


def test_a_deleted_item_is_not_brought_along(app: Flask) -> None:
    with app.app_context():
        campus = Campus(dict.fromkeys(EARLIER, There(Standing.MANAGER, 1, 1)))
        with transaction():
            item = db.session.get(MediaItem, campus.item.id)
            assert item is not None
            item.deleted_at = START
        assert not campus.open(Standing.MANAGER, launch(campus.item.id, ["a"], []))


def test_an_unknown_id_is_none(app: Flask) -> None:
    with app.app_context():
        campus = Campus(dict.fromkeys(EARLIER, There(Standing.MANAGER, 1, 1)))
        for wrong in (new_id(), "../x", ""):
            assert not campus.open(Standing.MANAGER, launch(wrong, ["a"], []))
        with transaction() as session:
            session.execute(delete(LinkChoice))
        assert not campus.open(Standing.MANAGER, launch(None, ["a"], ["link-a"]))
