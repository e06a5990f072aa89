"""The directory of a platform: schools, people, courses and resource links by their ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from sandbox import courses
from sandbox.courses import Course, Link
from sandbox.people import Unknown, User
from sandbox.profiles import Profile
from sandbox.schools import School


class Directory:
    """Every school with the same courses. Unknown ids raise `Unknown`, a LookupError.

    Where a school or course is not named, the first one is meant.
    """

    def __init__(
        self, profile: Profile, schools: Iterable[School] | None = None, state: Path | None = None
    ) -> None:
        self.profile = profile
        """How this platform behaves."""
        self.schools = tuple(schools or profile.schools())
        self.courses = profile.courses()
        self.state = state
        self._added: list[Link] = []

    def school(self, school: str | School | None = None) -> School:
        """Return a school by its key; one that was given, as it stands now."""
        if isinstance(school, School):
            return next((known for known in self.schools if known.key == school.key), school)
        for known in self.schools:
            if school in (None, "", known.key):
                return known
        raise Unknown(f"there is no school called {school}")

    def user(self, user: str | User, school: str | School | None = None) -> User:
        """Return a person by id, e.g. "instructor-1"."""
        return user if isinstance(user, User) else self.school(school).user(user)

    def course(self, course: str | Course | None = None) -> Course:
        """Return a course by id."""
        if isinstance(course, Course):
            return course
        for known in self.courses:
            if course in (None, "", known.id):
                return known
        raise Unknown(f"there is no course {course}")

    def links(
        self, course: str | Course | None = None, school: str | School | None = None
    ) -> list[Link]:
        """Return the activities (resource links) of one course of one school.

        They are the media of links.json, added ones, the picker, and the entry in the course's
        menu where the product has one.
        links.json is read at every call. Raises LinksFileError when it is broken.
        """
        owner, within = self.school(school), self.course(course)
        listed = courses.media_links(self.state / "links.json") if self.state else []
        own = [
            link
            for link in [*listed, *self._added]
            if (link.course, link.school) == (within.id, owner.key)
        ]
        menu = [courses.navigation_link(within, owner.key)] if self.profile.navigation else []
        return [*own, courses.picker_link(within, owner.key), *menu]

    def link(self, link: str | Link | None = None, school: str | School | None = None) -> Link:
        """Return an activity by its id; the first course's picker when none is named."""
        if isinstance(link, Link):
            return link
        if link is None:
            return courses.picker_link(self.course(), self.school(school).key)
        for course in self.courses:
            for known in self.links(course, school):
                if known.id == link:
                    return known
        raise Unknown(f"there is no activity {link}")

    def add_link(
        self,
        title: str = "An activity",
        *,
        media: str | None = None,
        custom: Mapping[str, str] | None = None,
        id: str | None = None,
        course: str | Course | None = None,
        school: str | School | None = None,
        url: str = "",
        window: bool = False,
    ) -> Link:
        """Place another activity, e.g. one that opens the media item `media`. Kept in memory."""
        within = self.course(course)
        link = Link(
            id=id or f"{within.id}-added-{len(self._added) + 1}",
            title=title,
            course=within.id,
            school=self.school(school).key,
            kind="media" if media else "link",
            custom={**({"media": media} if media else {}), **(custom or {})},
            url=url,
            window=window,
        )
        self.add_links(link)
        return link

    def add_links(self, *links: Link) -> None:
        """Put activities into their courses."""
        self._added.extend(links)

    def copy_course(
        self, course: str | Course | None = None, *, id: str, title: str = ""
    ) -> Course:
        """Return a new course with the people and activities of another, as for the next term.

        It has its own ids; those it was copied from are its history.
        """
        source = self.course(course)
        fresh = replace(
            source,
            id=id,
            label=f"{source.label} ({id})",
            title=title or f"{source.title}, again",
            history=(self.profile.context_id(source), *source.history),
        )
        for school in self.schools:
            for link in self.links(source, school):
                if link.kind in ("picker", "navigation"):
                    continue
                self._added.append(
                    replace(
                        link,
                        id=f"{id}-{link.id}",
                        course=id,
                        history=(self.profile.link_id(link, source), *link.history),
                    )
                )
        self.courses = (*self.courses, fresh)
        return fresh
