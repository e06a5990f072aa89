"""The pages people see. Who one is stands in the URL, so each tab can be another person."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sandbox.courses import Course, Link, LinksFileError
from sandbox.people import Role, Unknown, User
from sandbox.platform import Platform
from sandbox.schools import School
from sandbox.web.current import current_platform

pages = Blueprint("pages", __name__)
FORWARDING = "/post_message_forwarding"

ROLE_NAMES = {
    Role.INSTRUCTOR: "Instructor",
    Role.MAINTAINER: "Maintainer",
    Role.ASSISTANT: "Teaching assistant",
    Role.DESIGNER: "Designer",
    Role.STUDENT: "Student",
    Role.ACCESS: "Participant",
    Role.OBSERVER: "Observer",
    Role.TEST_STUDENT: "Made-up student of the student view",
    Role.CONCLUDED: "Former student",
}
LANGUAGES = {
    "en-US": "English",
    "es-MX": "Spanish",
    "fr": "French",
    "de": "German",
    "he": "Hebrew",
    "pt-BR": "Portuguese",
}
_MANAGES = (Role.INSTRUCTOR, Role.MAINTAINER, Role.ASSISTANT, Role.DESIGNER)
_OF_LAUNCH = ("login", "target", "locale", "acting")
_MESSAGES = ("lti_msg", "lti_errormsg")


@dataclass(frozen=True)
class CourseVisit:
    """Who is where: what every page of a course is about."""

    school: School
    user: User
    course: Course

    @property
    def role(self) -> str:
        role = self.course.role_of(self.user.id)
        if role is None:
            return _outside(self.user)
        return ROLE_NAMES[role]

    @property
    def manages(self) -> bool:
        return self.user.administrator or self.course.role_of(self.user.id) in _MANAGES

    def as_query(self) -> dict[str, str]:
        """Return the part of the address that carries identity and the chosen way to launch."""
        chosen = {name: request.args[name] for name in _OF_LAUNCH if request.args.get(name)}
        return {"user": self.user.id, "school": self.school.key, **chosen}


@dataclass(frozen=True)
class Frame:
    """How the product frames a tool: permissions, its script, and where storage is."""

    allow: str
    script: str
    storage: str
    forwarding: str

    @classmethod
    def of(cls, platform: Platform, school: School) -> Frame:
        profile, tool = platform.profile, platform.tool_url
        storage = profile.storage(frozenset(platform.faults))
        forwarding = ""
        if storage == "post_message_forwarding":
            around = urlencode({"school": school.key})
            forwarding = f"{platform.sites.auth}/post_message_forwarding?{around}"
        return cls(
            profile.frame_allow.replace("{tool}", tool), profile.frame_script, storage, forwarding
        )


@pages.before_request
def at_the_schools_own_address() -> ResponseReturnValue | None:
    """Where schools have addresses of their own, a page of one is shown at that address."""
    platform = current_platform()
    if request.method != "GET" or len(platform.sites.schools) < 2 or request.path == FORWARDING:
        return None
    own = platform.school_url(request.args.get("school"))
    if request.host_url.rstrip("/") == own:
        return None
    return redirect(own + request.full_path.rstrip("?"))


@pages.get(FORWARDING)
def forwarding() -> ResponseReturnValue:
    """Show the frame beside the tool's that hands messages on to the school's page."""
    platform = current_platform()
    school = platform.school_url(request.args.get("school"))
    return render_template("forwarding.html", school=school)


@pages.get("/")
def front() -> ResponseReturnValue:
    """Show the first page: what this is, who you can be, what you can try."""
    platform = current_platform()
    school = platform.school(request.args.get("school"))
    return render_template(
        "front.html",
        school=school,
        schools=platform.schools,
        people=[(user, standing(user, platform.courses)) for user in school.people],
        courses=[(course, platform.links(course, school)) for course in platform.courses],
        tool_url=platform.tool_url,
        platform=platform,
        languages=LANGUAGES,
        administrator=next((user for user in school.people if user.administrator), None),
    )


@pages.post("/switches")
def switches() -> ResponseReturnValue:
    """Tell what differs or goes wrong from now on; faults that are not named are off."""
    platform = _own_form()
    chosen = set(request.form.getlist("fault"))
    for fault in platform.profile.faults:
        platform.turn(fault, fault in chosen)
    privacy = request.form.get("privacy", platform.privacy)
    if privacy in platform.profile.privacies:
        platform.privacy = privacy
    return _back()


@pages.post("/rotate")
def rotate() -> ResponseReturnValue:
    """Sign with the next key, or with quite new ones."""
    _own_form().keys.rotate(forget_old=request.form.get("forget") == "yes")
    return _back()


@pages.post("/copy")
def copy() -> ResponseReturnValue:
    """Copy the first course, as for the next term."""
    platform = _own_form()
    platform.copy_course(id=str(int(platform.courses[-1].id) + 191))
    return _back()


def _own_form() -> Platform:
    """No other site's page may switch anything."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)
    return current_platform()


def _back() -> ResponseReturnValue:
    school = request.args.get("school")
    return redirect(url_for("pages.front", school=school, _anchor="switches"))


@pages.get("/open")
def chosen() -> ResponseReturnValue:
    """From the first page's form to the page of the chosen activity."""
    platform = current_platform()
    school = platform.school(request.args.get("school"))
    link = platform.link(request.args.get("link") or None, school)
    page = url_for("pages.activity", course=link.course, link=link.id)
    query = {name: request.args[name] for name in ("user", *_OF_LAUNCH) if request.args.get(name)}
    return redirect(f"{page}?{urlencode({**query, 'school': school.key})}")


@pages.get("/courses/<course>")
def course_home(course: str) -> ResponseReturnValue:
    """Show a course's own page; the tool's return URL leads here and may bring a message."""
    visit = _visit(course)
    if not visit.role:
        return _not_enrolled(visit)
    messages = [request.args[name] for name in _MESSAGES if request.args.get(name)]
    placements = current_platform().profile.placements
    return render_template(
        "course.html", visit=visit, messages=messages, placements=placements, **_menu(visit)
    )


@pages.get("/courses/<course>/external_content/success/external_tool_redirect")
@pages.get("/imsoidc/lti11/return-url/site/<course>")
@pages.get("/mod/lti/return.php")
def returned(course: str = "") -> ResponseReturnValue:
    """Show the addresses by which products let a tool lead back; all lead to the course's page."""
    query = {name: value for name, value in request.args.items() if name != "course"}
    home = url_for("pages.course_home", course=course or request.args.get("course", ""))
    return redirect(f"{home}?{urlencode(query)}")


@pages.get("/courses/<course>/add/<placement>")
def dialog(course: str, placement: str) -> ResponseReturnValue:
    """One of the buttons that let the tool's own dialog choose content."""
    platform, visit = current_platform(), _visit(course)
    for button in platform.profile.placements:
        if button.key == placement:
            break
    else:
        raise Unknown(f"there is no button called {placement}")
    if not visit.manages:
        return _not_enrolled(visit)
    frame = Frame.of(platform, visit.school)
    return render_template(
        "dialog.html", visit=visit, placement=button, frame=frame, **_menu(visit)
    )


@pages.get("/courses/<course>/links/<link>")
def activity(course: str, link: str) -> ResponseReturnValue:
    """Show an activity: the tool in a frame, or a button that opens it in a new window."""
    visit = _visit(course)
    placed = current_platform().link(link, visit.school)
    if placed.course != visit.course.id:
        raise Unknown(f"there is no activity {link} in {visit.course.title}")
    if not visit.role:
        return _not_enrolled(visit)
    others = [
        CourseVisit(visit.school, user, visit.course)
        for user in visit.school.people
        if user.id != visit.user.id
    ]
    return render_template(
        "activity.html",
        visit=visit,
        link=placed,
        others=[other for other in others if other.role],
        in_window=request.args.get("target") == "window" or placed.window,
        frame=Frame.of(current_platform(), visit.school),
        **_menu(visit),
    )


@pages.app_errorhandler(Unknown)
def unknown(error: Unknown) -> ResponseReturnValue:
    """Show an id that no school, course or activity has."""
    return render_template("refused.html", message=f"Sorry, {error}."), 404


@pages.app_errorhandler(404)
def no_page(_error: Exception) -> ResponseReturnValue:
    return render_template("refused.html", message="There is no such page here."), 404


@pages.app_errorhandler(LinksFileError)
def broken_links_file(error: LinksFileError) -> ResponseReturnValue:
    return render_template(
        "refused.html", message=f"The list of activities is broken: {error}"
    ), 500


def _outside(user: User) -> str:
    """Tell what somebody without a role in a course is there; "" for those without access."""
    if user.administrator:
        return "Administrator"
    return "" if user.sub else "Visitor"


def standing(user: User, courses: tuple[Course, ...]) -> str:
    """Tell what somebody is, in words: "Instructor in BIO 201, student in HIS 110"."""
    if user.administrator:
        return "Administrator of the school, in no course"
    if not user.sub:
        return "Visitor without an account, in open courses"
    standings: dict[Role, list[str]] = {}
    for course in courses:
        role = course.role_of(user.id)
        if role:
            standings.setdefault(role, []).append(course.label)
    text = ", ".join(
        f"{ROLE_NAMES[role].lower()} in {' and '.join(labels)}"
        for role, labels in standings.items()
    )
    if user.elsewhere:
        text += f", {ROLE_NAMES[user.elsewhere].lower()} elsewhere"
    return text[:1].upper() + text[1:]


def _visit(course: str) -> CourseVisit:
    platform = current_platform()
    school = platform.school(request.args.get("school"))
    user = platform.user(request.args.get("user") or school.people[0].id, school)
    return CourseVisit(school, user, platform.course(course))


def _menu(visit: CourseVisit) -> dict[str, list[Link]]:
    return {"links": current_platform().links(visit.course, visit.school)}


def _not_enrolled(visit: CourseVisit) -> ResponseReturnValue:
    message = f"{visit.user.name} is not in {visit.course.title}, so the course stays closed."
    return render_template("refused.html", message=message), 403
