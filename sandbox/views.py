"""The pages people see. Who one is stands in the address, so each tab can be another person."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sandbox.courses import Course, Link, LinksFileError
from sandbox.here import platform
from sandbox.people import Role, Unknown, User
from sandbox.schools import School

pages = Blueprint("pages", __name__)

ROLE_NAMES = {
    Role.INSTRUCTOR: "Instructor",
    Role.ASSISTANT: "Teaching assistant",
    Role.STUDENT: "Student",
}
_CARRIED = ("user", "login", "target")
_MESSAGES = ("lti_msg", "lti_errormsg")


@dataclass(frozen=True)
class Place:
    """Who is where: what every page of a course is about."""

    school: School
    user: User
    course: Course

    @property
    def role(self) -> str:
        role = self.course.role_of(self.user.id)
        if role is None:
            return "Administrator" if self.user.administrator else ""
        return ROLE_NAMES[role]

    def as_query(self) -> dict[str, str]:
        """The part of the address that carries the identity, and the chosen way to launch."""
        chosen = {n: request.args[n] for n in ("login", "target") if request.args.get(n)}
        return {"user": self.user.id, "school": self.school.key, **chosen}


@pages.get("/")
def front() -> ResponseReturnValue:
    """The first page: what this is, who you can be, what you can try."""
    here = platform()
    school = here.school(request.args.get("school"))
    return render_template(
        "front.html",
        school=school,
        schools=here.schools,
        people=[(user, standing(user, here.courses)) for user in school.people],
        courses=[(course, here.links(course, school)) for course in here.courses],
        tool_url=here.tool_url,
    )


@pages.get("/open")
def chosen() -> ResponseReturnValue:
    """From the first page's form to the page of the chosen activity."""
    here = platform()
    school = here.school(request.args.get("school"))
    link = here.link(request.args.get("link") or None, school)
    page = url_for("pages.activity", course=link.course, link=link.id)
    query = {name: request.args[name] for name in _CARRIED if request.args.get(name)}
    return redirect(f"{page}?{urlencode({**query, 'school': school.key})}")


@pages.get("/courses/<course>")
def course_home(course: str) -> ResponseReturnValue:
    """A course's own page; the tool's return URL leads here and may bring a message."""
    place = _place(course)
    if not place.role:
        return _not_enrolled(place)
    messages = [request.args[name] for name in _MESSAGES if request.args.get(name)]
    return render_template("course.html", place=place, messages=messages, **_menu(place))


@pages.get("/courses/<course>/links/<link>")
def activity(course: str, link: str) -> ResponseReturnValue:
    """An activity: the tool in a frame, or a button that opens it in a new window."""
    place = _place(course)
    placed = platform().link(link, place.school)
    if placed.course != place.course.id:
        raise Unknown(f"there is no activity {link} in {place.course.title}")
    if not place.role:
        return _not_enrolled(place)
    others = [
        Place(place.school, user, place.course)
        for user in place.school.people
        if user.id != place.user.id
    ]
    return render_template(
        "activity.html",
        place=place,
        link=placed,
        others=[other for other in others if other.role],
        in_window=request.args.get("target") == "window",
        **_menu(place),
    )


@pages.app_errorhandler(Unknown)
def unknown(error: Unknown) -> ResponseReturnValue:
    """An id that no school, course or activity has."""
    return render_template("refused.html", message=f"Sorry, {error}."), 404


@pages.app_errorhandler(404)
def no_page(_error: Exception) -> ResponseReturnValue:
    return render_template("refused.html", message="There is no such page here."), 404


@pages.app_errorhandler(LinksFileError)
def broken_links_file(error: LinksFileError) -> ResponseReturnValue:
    return render_template(
        "refused.html", message=f"The list of activities is broken: {error}"
    ), 500


def standing(user: User, courses: tuple[Course, ...]) -> str:
    """What somebody is, in words: "Instructor in BIO 201, student in HIS 110"."""
    if user.administrator:
        return "Administrator of the school, in no course"
    places: dict[Role, list[str]] = {}
    for course in courses:
        role = course.role_of(user.id)
        if role:
            places.setdefault(role, []).append(course.label)
    text = ", ".join(
        f"{ROLE_NAMES[role].lower()} in {' and '.join(labels)}" for role, labels in places.items()
    )
    return text[:1].upper() + text[1:]


def _place(course: str) -> Place:
    here = platform()
    school = here.school(request.args.get("school"))
    user = here.user(request.args.get("user") or school.people[0].id, school)
    return Place(school, user, here.course(course))


def _menu(place: Place) -> dict[str, list[Link]]:
    return {"links": platform().links(place.course, place.school)}


def _not_enrolled(place: Place) -> ResponseReturnValue:
    message = f"{place.user.name} is not in {place.course.title}, so the course stays closed."
    return render_template("refused.html", message=message), 403
