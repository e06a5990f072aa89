"""Assignment and Grade Services 2.0 (§3.2 to §3.4): line items, results and scores by product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeGuard

from sandbox.courses import Course, Link
from sandbox.people import Role
from sandbox.schools import School
from sandbox.services.gradebook import Gradebook, LineItem, Result
from sandbox.services.host import HostPlatform
from sandbox.services.pages import BookmarkPaging, Page, Paging
from sandbox.services.refusals import ServiceRefused

_LIS = "application/vnd.ims.lis."
LINEITEM = _LIS + "v2.lineitem+json"
LINEITEMS = _LIS + "v2.lineitemcontainer+json"
SCORE = _LIS + "v1.score+json"
RESULTS = _LIS + "v2.resultcontainer+json"

_ACTIVITY = ("Initialized", "Started", "InProgress", "Submitted", "Completed")
_GRADING = ("FullyGraded", "Pending", "PendingManual", "Failed", "NotReady")
_OWN = ("id", "label", "scoreMaximum", "resourceId", "tag", "resourceLinkId")


@dataclass(frozen=True)
class GradebookRequest:
    """A request to the gradebook of a course."""

    platform: HostPlatform
    school: School
    course: Course
    query: Mapping[str, str]

    @property
    def book(self) -> Gradebook:
        return self.platform.services.gradebook(self.course, self.school)

    def item(self, number: int) -> LineItem:
        """Raise ServiceRefused."""
        if number not in self.book.items:
            raise ServiceRefused(404, "there is no such line item")
        return self.book.items[number]

    def url(self, item: LineItem) -> str:
        return self.platform.services.lineitem_url(item, self.course, self.school)

    def told_link(self, item: LineItem) -> str:
        """Return the resource link's id as launches name it."""
        if not item.link_id:
            return ""
        return self.platform.profile.link_id(self.platform.link(item.link_id), self.course)

    def link(self, told: str) -> Link | None:
        for link in self.platform.links(self.course, self.school):
            if self.platform.profile.link_id(link, self.course) == told:
                return link
        return None


class Grades:
    """The services by the book."""

    results_type: ClassVar[str] = RESULTS
    paging: ClassVar[Paging] = Paging()
    filters: ClassVar[Mapping[str, str]] = {
        "resource_id": "resourceId",
        "resource_link_id": "resourceLinkId",
        "tag": "tag",
    }
    wrong_type: ClassVar[int | None] = 415
    """The status for a body that does not say what it is; None: nobody looks."""
    wrong_accept: ClassVar[int | None] = None
    incomplete: ClassVar[int] = 400
    unknown_link: ClassVar[int] = 404
    not_gradable: ClassVar[int] = 404
    not_newer: ClassVar[int | None] = 409
    recorded: ClassVar[tuple[str, ...]] = ("FullyGraded",)
    """The grading progress with which a score counts."""
    sorted_scopes: ClassVar[bool] = False

    # Line items

    def list_items(self, asked: GradebookRequest, address: str) -> Page[dict[str, Any]]:
        told = [self.told(asked, item) for item in asked.book.items.values()]
        for parameter, member in self.filters.items():
            wanted = asked.query.get(parameter)
            if wanted:
                told = [item for item in told if item.get(member) == wanted]
        return self.paging.page(told, asked.query, address, asked.platform.services.page_size)

    def create(self, asked: GradebookRequest, body: Mapping[str, Any]) -> LineItem:
        values = self._values(asked, body)
        return asked.book.add(**values)

    def replace(self, asked: GradebookRequest, item: LineItem, body: Mapping[str, Any]) -> None:
        self._writable(item)
        for name, value in self._values(asked, body).items():
            setattr(item, name, value)

    def delete(self, asked: GradebookRequest, item: LineItem) -> None:
        self._writable(item)
        asked.book.remove(item)

    def _writable(self, item: LineItem) -> None:
        if item.read_only:
            raise ServiceRefused(403, "Line item is read-only")

    def _values(self, asked: GradebookRequest, body: Mapping[str, Any]) -> dict[str, Any]:
        label, maximum = body.get("label"), body.get("scoreMaximum")
        if not isinstance(label, str) or not label.strip():
            raise ServiceRefused(self.incomplete, "label is missing")
        if not _is_number(maximum) or float(maximum) <= 0:
            raise ServiceRefused(self.incomplete, "scoreMaximum must be a number above 0")
        told = body.get("resourceLinkId")
        link = asked.link(str(told)) if told else None
        if told and link is None:
            raise ServiceRefused(self.unknown_link, "that resource link is not this tool's")
        return {
            "label": label,
            "maximum": float(maximum),
            "resource_id": str(body.get("resourceId") or ""),
            "tag": str(body.get("tag") or ""),
            "link_id": link.id if link else "",
            "more": {name: value for name, value in body.items() if name not in _OWN},
        }

    def told(self, asked: GradebookRequest, item: LineItem) -> dict[str, Any]:
        """Return a line item as JSON."""
        optional = {
            "resourceId": item.resource_id,
            "tag": item.tag,
            "resourceLinkId": asked.told_link(item),
        }
        return {
            "id": asked.url(item),
            "label": item.label,
            "scoreMaximum": item.maximum,
            **{name: value for name, value in optional.items() if value},
            **self._more(item),
        }

    def _more(self, item: LineItem) -> dict[str, Any]:
        return item.more

    # Scores and results

    def score(self, asked: GradebookRequest, item: LineItem, body: Mapping[str, Any]) -> Result:
        """Take a score in. Raises ServiceRefused."""
        self._writable(item)
        self._check_score(body)
        sub = self._gradable(asked, str(body["userId"]))
        before = asked.book.results[item.id].get(sub)
        if self.not_newer and before and _order(body["timestamp"]) <= _order(before.timestamp):
            raise ServiceRefused(self.not_newer, "a score that is not older is there already")
        asked.book.scores.append(dict(body))
        result = self._result(sub, item, body, before)
        asked.book.record(item, result)
        return result

    def _result(
        self, sub: str, item: LineItem, body: Mapping[str, Any], before: Result | None
    ) -> Result:
        score, maximum = body.get("scoreGiven"), body.get("scoreMaximum")
        value: float | None = None
        if score is not None and body["gradingProgress"] in self.recorded:
            value = float(score) / float(maximum or 1) * item.maximum
        elif score is not None and before is not None:
            value = before.score
        return Result(
            sub=sub,
            score=value,
            maximum=item.maximum if value is not None else None,
            comment=str(body.get("comment") or ""),
            activity=body["activityProgress"],
            grading=body["gradingProgress"],
            timestamp=body["timestamp"],
        )

    def _check_score(self, body: Mapping[str, Any]) -> None:
        for name in ("userId", "activityProgress", "gradingProgress", "timestamp"):
            if not body.get(name) or not isinstance(body[name], str):
                raise ServiceRefused(self.incomplete, f"{name} is missing")
        for name, known in (("activityProgress", _ACTIVITY), ("gradingProgress", _GRADING)):
            if body[name] not in known:
                raise ServiceRefused(self.incomplete, f"{name} is not one of {', '.join(known)}")
        if _time(body["timestamp"]) is None:
            raise ServiceRefused(self.incomplete, "timestamp is not a time with an offset")
        if "scoreGiven" in body:
            maximum = body.get("scoreMaximum")
            if not _is_number(body["scoreGiven"]) or not _is_number(maximum) or maximum <= 0:
                raise ServiceRefused(self.incomplete, "scoreGiven needs a scoreMaximum above 0")

    def _gradable(self, asked: GradebookRequest, user_id: str) -> str:
        """Return the sub of a learner of the course. Raises ServiceRefused."""
        for member in asked.platform.services.members(asked.course, asked.school):
            if user_id in self._names(asked, member.user.sub, member.user.id):
                if member.role not in (Role.STUDENT, Role.ACCESS, Role.TEST_STUDENT):
                    break
                return asked.platform.sub_of(member.user, asked.school)
        raise ServiceRefused(self.not_gradable, f"{user_id} cannot be graded in this course")

    def _names(self, asked: GradebookRequest, sub: str, user_id: str) -> set[str]:
        return {asked.platform.sub_of(user_id, asked.school)} if sub else set()

    def scored(
        self, asked: GradebookRequest, item: LineItem, result: Result
    ) -> dict[str, Any] | None:
        """Return the answer to a score; None for an empty body."""
        return None

    def results(
        self, asked: GradebookRequest, item: LineItem, address: str
    ) -> Page[dict[str, Any]]:
        wanted = asked.query.get("user_id")
        cells = [
            self._cell(asked, item, result)
            for result in asked.book.results[item.id].values()
            if not wanted or wanted == result.sub
        ]
        return self.paging.page(cells, asked.query, address, asked.platform.services.page_size)

    def _cell(self, asked: GradebookRequest, item: LineItem, result: Result) -> dict[str, Any]:
        url = asked.url(item)
        optional = {
            "resultScore": result.score,
            "resultMaximum": result.maximum,
            "comment": result.comment or None,
        }
        return {
            "id": f"{url}/results/{result.sub}",
            "scoreOf": url,
            "userId": result.sub,
            **{name: value for name, value in optional.items() if value is not None},
        }


class CertifierGrades(Grades):
    """Wants to be told which JSON is understood as well."""

    wrong_accept = 406


class SakaiGrades(Grades):
    """No pages, no talk about media types; a score without points clears the grade."""

    results_type = "application/json"
    filters: ClassVar[Mapping[str, str]] = {
        "resource_id": "resourceId",
        "lti_link_id": "resourceLinkId",
        "tag": "tag",
    }
    wrong_type = None
    not_gradable = 400
    not_newer = None

    def _names(self, asked: GradebookRequest, sub: str, user_id: str) -> set[str]:
        return {sub, user_id, asked.platform.sub_of(user_id, asked.school)}

    def list_items(self, asked: GradebookRequest, address: str) -> Page[dict[str, Any]]:
        query = {name: value for name, value in asked.query.items() if name in self.filters}
        whole = GradebookRequest(asked.platform, asked.school, asked.course, query)
        return Page(super().list_items(whole, address).items, "")


class CanvasGrades(Grades):
    """Answers with where the result is; counts what a person still has to look at."""

    paging = BookmarkPaging(usual=10, most=100)
    wrong_type = None
    incomplete = 422
    not_gradable = 422
    not_newer = 400
    recorded = ("FullyGraded", "PendingManual")

    def scored(
        self, asked: GradebookRequest, item: LineItem, result: Result
    ) -> dict[str, Any] | None:
        return {"resultUrl": f"{asked.url(item)}/results/{result.sub}"}


class MoodleGrades(Grades):
    """Looks at media types, and links its pages in typographic quotation marks."""

    paging = Paging(quotes=("“", "”"))
    wrong_type = 400
    wrong_accept = 400
    unknown_link = 403
    not_gradable = 400
    sorted_scopes = True

    def _cell(self, asked: GradebookRequest, item: LineItem, result: Result) -> dict[str, Any]:
        cell = super()._cell(asked, item, result)
        if result.score == 0:
            del cell["resultScore"]
        return cell


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _order(written: str) -> float:
    read = _time(written)
    return read.timestamp() if read else 0.0


def _time(written: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        return None
    return read if read.tzinfo else None
