"""Assignment and Grade Services 2.0 (AGS), a course's gradebook: line items, scores, results.

Each call names the services that a launch told of: where they are, and what the platform lets us
do there.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from lti_tool.lti.launch import Platform, Services, by_tls, origin_of
from lti_tool.lti.platforms import family_of
from lti_tool.lti.platforms.addresses import beneath, with_parameter
from lti_tool.lti.rules import mapping, platform_id, text
from lti_tool.lti.services import client
from lti_tool.lti.services.errors import ServiceError, host_of

_SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
LINE_ITEMS = _SCOPE + "lineitem"
LINE_ITEMS_READ = _SCOPE + "lineitem.readonly"
SCORES = _SCOPE + "score"
RESULTS_READ = _SCOPE + "result.readonly"

_TYPE = "application/vnd.ims.lis.v2."
LINE_ITEM_TYPE = _TYPE + "lineitem+json"
LINE_ITEMS_TYPE = _TYPE + "lineitemcontainer+json"
RESULTS_TYPE = _TYPE + "resultcontainer+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"


@dataclass(frozen=True)
class LineItem:
    """A column of the gradebook.

    ``address`` is None as long as the platform has not made it.
    """

    label: str
    maximum: float
    address: str | None = None
    resource_id: str = ""
    tag: str = ""
    link_id: str | None = None
    """The resource link that it belongs to."""
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class Activity(StrEnum):
    """How far somebody is with the work, as a score tells it (``activityProgress``)."""

    INITIALIZED = "Initialized"
    STARTED = "Started"
    IN_PROGRESS = "InProgress"
    SUBMITTED = "Submitted"
    COMPLETED = "Completed"


class Grading(StrEnum):
    """Moodle keeps a score only when it is fully graded, Canvas also a pending manual one."""

    FULLY_GRADED = "FullyGraded"
    PENDING = "Pending"
    PENDING_MANUAL = "PendingManual"
    FAILED = "Failed"
    NOT_READY = "NotReady"


@dataclass(frozen=True)
class Score:
    """What somebody reached.

    Without ``given`` a score that was sent before is taken away. ``at`` must be later than that of
    the score before: platforms refuse or pass over older ones, Moodle also one of the same second.
    """

    sub: str
    at: datetime
    given: float | None = None
    maximum: float | None = None
    comment: str = ""
    activity: Activity = Activity.COMPLETED
    grading: Grading = Grading.FULLY_GRADED

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("the moment of a score needs a time zone")
        if self.given is None:
            return
        if not math.isfinite(self.given) or self.given < 0:
            raise ValueError("a score is a number from 0 on")
        if self.maximum is None or not math.isfinite(self.maximum) or self.maximum <= 0:
            raise ValueError("a score needs a maximum above 0")


@dataclass(frozen=True)
class Result:
    """What stands in the gradebook.

    ``score`` is None where there is none; Moodle leaves a score of 0 out too.
    """

    sub: str
    score: float | None
    maximum: float | None
    comment: str


def line_items(
    platform: Platform,
    services: Services,
    *,
    link_id: str | None = None,
    resource_id: str | None = None,
    tag: str | None = None,
) -> Iterator[list[LineItem]]:
    """List the columns that are ours, a page at a time.

    Raises ServiceError.
    """
    address = _lineitems_url(services)
    asked = {
        family_of(platform.family).link_filter(): link_id,
        "resource_id": resource_id,
        "tag": tag,
    }
    for name, value in asked.items():
        address = address if value is None else with_parameter(address, name, value)
    scope = _allowed(platform, services, LINE_ITEMS_READ, LINE_ITEMS)
    for answer in client.pages(platform, scope, address, LINE_ITEMS_TYPE):
        listed = client.listed(platform, address, answer, None)
        page = (_line_item(services, item) for item in listed)
        yield [item for item in page if item is not None and _is_of(services, item)]


def create_line_item(platform: Platform, services: Services, item: LineItem) -> LineItem:
    """Make a column; give it with its address.

    Raises ServiceError.
    """
    address = _lineitems_url(services)
    return _written(platform, services, "POST", address, item)


def update_line_item(platform: Platform, services: Services, item: LineItem) -> LineItem:
    """Change a column to what ``item`` says, whose address names it.

    Raises ServiceError.
    """
    address = _checked(services, item.address)
    return _written(platform, services, "PUT", address, item)


def delete_line_item(platform: Platform, services: Services, address: str) -> None:
    """Remove a column with its scores.

    Raises ServiceError.
    """
    scope = _allowed(platform, services, LINE_ITEMS)
    client.ask(platform, scope, "DELETE", _checked(services, address), {"Accept": LINE_ITEM_TYPE})


def send_score(platform: Platform, services: Services, line_item: str, score: Score) -> None:
    """Write a score into the column of this address.

    Raises ServiceError.
    """
    scope = _allowed(platform, services, SCORES)
    address = beneath(_checked(services, line_item), "scores")
    sent: dict[str, Any] = {
        "userId": score.sub,
        "activityProgress": score.activity.value,
        "gradingProgress": score.grading.value,
        "timestamp": _moment(score.at),
    }
    if score.given is not None:
        sent |= {"scoreGiven": score.given, "scoreMaximum": score.maximum}
    if score.comment:
        sent["comment"] = score.comment
    headers = {"Accept": "application/json", "Content-Type": SCORE_TYPE}
    # What is answered differs (nothing, an empty list, an address), and none of it is needed.
    client.ask(platform, scope, "POST", address, headers, _json(sent))


def results(
    platform: Platform, services: Services, line_item: str, sub: str | None = None
) -> Iterator[list[Result]]:
    """List what stands in the column of this address, of everybody or of one, a page at a time.

    Raises ServiceError. Not every platform heeds for whom it is asked.
    """
    scope = _allowed(platform, services, RESULTS_READ)
    address = beneath(_checked(services, line_item), "results")
    if sub is not None:
        address = with_parameter(address, "user_id", sub)
    for answer in client.pages(platform, scope, address, RESULTS_TYPE):
        page = (_result(item) for item in client.listed(platform, address, answer, None))
        yield [result for result in page if result is not None and sub in (None, result.sub)]


def _written(
    platform: Platform, services: Services, method: str, address: str, item: LineItem
) -> LineItem:
    scope = _allowed(platform, services, LINE_ITEMS)
    headers = {"Accept": LINE_ITEM_TYPE, "Content-Type": LINE_ITEM_TYPE}
    answer = client.ask(platform, scope, method, address, headers, _json(_told(item)))
    if item.address is not None and not answer.content.strip():
        return item
    kept = _line_item(services, mapping(client.document(address, answer)))
    if kept is None:
        raise ServiceError("unreadable", f"The answer of {host_of(address)} is no line item.")
    if not _is_of(services, kept):
        raise client.elsewhere(address)
    return kept


def _told(item: LineItem) -> dict[str, Any]:
    told = {
        "id": item.address,
        "label": item.label,
        "scoreMaximum": item.maximum,
        "resourceId": item.resource_id or None,
        "tag": item.tag or None,
        "resourceLinkId": item.link_id,
        "startDateTime": _moment(item.starts_at) if item.starts_at else None,
        "endDateTime": _moment(item.ends_at) if item.ends_at else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _line_item(services: Services, told: Mapping[str, Any]) -> LineItem | None:
    """Read a column; None for what has no address or no maximum."""
    address, maximum = told.get("id"), _number(told.get("scoreMaximum"))
    if not isinstance(address, str) or maximum is None:
        return None
    return LineItem(
        label=text(told.get("label")),
        maximum=maximum,
        address=by_tls(address, _told_of(services)),
        resource_id=text(told.get("resourceId")),
        tag=text(told.get("tag")),
        link_id=platform_id(told.get("resourceLinkId")),
        starts_at=_read_moment(told.get("startDateTime")),
        ends_at=_read_moment(told.get("endDateTime")),
    )


def _result(told: Mapping[str, Any]) -> Result | None:
    sub = platform_id(told.get("userId"))
    if sub is None:
        return None
    score, maximum = _number(told.get("resultScore")), _number(told.get("resultMaximum"))
    return Result(sub, score, maximum, text(told.get("comment"), 4096))


def _allowed(platform: Platform, services: Services, *scopes: str) -> str:
    """Choose the first of the scopes that the launch announced: to ask for others is refused."""
    for scope in scopes:
        if scope in services.grade_scopes:
            return scope
    hint = family_of(platform.family).allows_grades()
    raise ServiceError("scope-refused", f"The LMS does not allow Foyer this. {hint}")


def _lineitems_url(services: Services) -> str:
    if services.lineitems_url is None:
        raise ServiceError("no-service", "The LMS did not say where the course's gradebook is.")
    return services.lineitems_url


def _checked(services: Services, address: str | None) -> str:
    """Return the address of a line item, if the access token may go there."""
    known = services.lineitem_url or _lineitems_url(services)
    if address is None or not _belongs(services, address):
        raise client.elsewhere(known)
    return address


def _is_of(services: Services, item: LineItem) -> bool:
    return item.address is not None and _belongs(services, item.address)


def _belongs(services: Services, address: str) -> bool:
    origins = {origin_of(one) for one in _told_of(services)}
    return origin_of(address) is not None and origin_of(address) in origins


def _told_of(services: Services) -> list[str]:
    told = (services.lineitems_url, services.lineitem_url)
    return [one for one in told if one is not None]


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _read_moment(value: Any) -> datetime | None:
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return read if read is not None and read.tzinfo is not None else None


def _json(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told).encode()
