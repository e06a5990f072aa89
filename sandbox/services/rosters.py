"""Names and Role Provisioning Services (NRPS) 2.0: a course's memberships by product."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sandbox import claims as c
from sandbox.courses import Course, Link
from sandbox.people import Role
from sandbox.schools import School
from sandbox.services.host import HostPlatform
from sandbox.services.pages import BookmarkPaging, Paging
from sandbox.services.refusals import ServiceRefused
from sandbox.services.roster_store import Member

MEDIA_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
_BASIC_OUTCOME = "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome"
_SAKAI_ASSISTANT = c.MEMBERSHIP + "Instructor#TeachingAssistant"
_ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/person#Administrator"

_ROLES: dict[Role, list[str]] = {
    Role.INSTRUCTOR: [c.INSTRUCTOR],
    Role.ASSISTANT: [c.TEACHING_ASSISTANT, c.INSTRUCTOR],
    Role.STUDENT: [c.LEARNER],
    Role.MAINTAINER: [c.INSTRUCTOR],
    Role.ACCESS: [c.LEARNER],
    Role.DESIGNER: [c.MEMBERSHIP + "ContentDeveloper"],
    Role.OBSERVER: [c.MEMBERSHIP + "Mentor"],
}
"""Those that are not here are in no list: the made-up student, and who has left."""
_SAKAI_NAMES = {
    Role.INSTRUCTOR: "Instructor",
    Role.ASSISTANT: "Teaching Assistant",
    Role.STUDENT: "Student",
    Role.MAINTAINER: "maintain",
    Role.ACCESS: "access",
}


@dataclass(frozen=True)
class MembershipsAnswer:
    """The membership container as it goes back to the tool."""

    body: str
    media_type: str
    links: str = ""


@dataclass(frozen=True)
class MembershipsRequest:
    """A request for the memberships of a course."""

    platform: HostPlatform
    school: School
    course: Course
    query: Mapping[str, str]
    accept: str
    address: str


class Rosters:
    """The service by the book.

    It filters by role, makes pages on request, and adds a message for each member of a link.
    """

    media_type: ClassVar[str] = MEDIA_TYPE
    paging: ClassVar[Paging] = Paging()
    versions: ClassVar[tuple[str, ...]] = ("2.0",)

    def answer(self, asked: MembershipsRequest) -> MembershipsAnswer:
        """Raise ServiceRefused."""
        members = self._chosen(asked)
        link = self._link(asked)
        size = asked.platform.services.page_size
        page = self.paging.page(members, asked.query, asked.address, size)
        body = {
            "id": asked.address,
            "context": self._context(asked),
            "members": [self._told(asked, member, link) for member in page.items],
        }
        return MembershipsAnswer(json.dumps(body, ensure_ascii=False), self.media_type, page.links)

    def _chosen(self, asked: MembershipsRequest) -> list[Member]:
        members = asked.platform.services.members(asked.course, asked.school)
        wanted = asked.query.get("role")
        if not wanted:
            return members
        return [member for member in members if self._has(member, wanted)]

    def _has(self, member: Member, wanted: str) -> bool:
        short = c.MEMBERSHIP + wanted
        return bool({wanted, short} & set(_ROLES.get(member.role, ())))

    def _link(self, asked: MembershipsRequest) -> Link | None:
        """Return the link that `rlid` names."""
        rlid = asked.query.get("rlid")
        if not rlid:
            return None
        profile = asked.platform.profile
        for link in asked.platform.links(asked.course, asked.school):
            if profile.link_id(link, asked.course) == rlid:
                return link
        raise ServiceRefused(self._unknown_link, f"there is no link {rlid}")

    _unknown_link: ClassVar[int] = 404

    def _context(self, asked: MembershipsRequest) -> dict[str, Any]:
        course = asked.course
        return {
            "id": asked.platform.profile.context_id(course),
            "label": course.label,
            "title": course.title,
        }

    def roles(self, member: Member) -> list[str]:
        return list(_ROLES.get(member.role, ()))

    def _told(self, asked: MembershipsRequest, member: Member, link: Link | None) -> dict[str, Any]:
        platform = asked.platform
        told = {
            "status": "Inactive" if member.inactive else "Active",
            **platform.profile.person_claims(member.user, platform.privacy),
            "user_id": platform.sub_of(member.user, asked.school),
            "roles": self.roles(member),
            **self._more(asked, member),
        }
        if link is not None:
            told["message"] = [self._message(asked, member, link)]
        return told

    def _more(self, _asked: MembershipsRequest, _member: Member) -> dict[str, Any]:
        return {}

    def _message(self, asked: MembershipsRequest, member: Member, link: Link) -> dict[str, Any]:
        custom = asked.platform.custom_of(member.user, link)
        return {
            c.MESSAGE_TYPE: c.RESOURCE_LINK_REQUEST,
            "locale": member.user.locale,
            **({c.CUSTOM: custom} if custom else {}),
        }

    def claim(self, address: str) -> dict[str, Any]:
        """How a launch announces the service."""
        return {"context_memberships_url": address, "service_versions": list(self.versions)}


class CertifierRosters(Rosters):
    """Wants to be told which JSON is understood (guide 1.3, §6.3.3)."""

    def answer(self, asked: MembershipsRequest) -> MembershipsAnswer:
        if MEDIA_TYPE not in asked.accept:
            raise ServiceRefused(406, f"Accept must name {MEDIA_TYPE}")
        return super().answer(asked)


class SakaiRosters(Rosters):
    """Always the whole site, each role in two spellings, and an empty body for nobody."""

    media_type = "application/json"
    paging = Paging(start="start")

    def answer(self, asked: MembershipsRequest) -> MembershipsAnswer:
        answer = super().answer(asked)
        if not asked.platform.services.members(asked.course, asked.school):
            return MembershipsAnswer("", self.media_type)
        return answer

    def _chosen(self, asked: MembershipsRequest) -> list[Member]:
        members = asked.platform.services.members(asked.course, asked.school)
        return [member for member in members if not member.inactive]

    def _link(self, asked: MembershipsRequest) -> Link | None:
        return None

    def _context(self, asked: MembershipsRequest) -> dict[str, Any]:
        return {"id": asked.platform.profile.context_id(asked.course), "title": asked.course.title}

    def roles(self, member: Member) -> list[str]:
        if member.role is Role.ASSISTANT:
            return ["TeachingAssistant", _SAKAI_ASSISTANT]
        uris = _ROLES.get(member.role) or [c.LEARNER]
        return [uris[0].removeprefix(c.MEMBERSHIP), *uris]

    def _more(self, asked: MembershipsRequest, member: Member) -> dict[str, Any]:
        name = _SAKAI_NAMES.get(member.role, "access")
        return {
            "lti11_legacy_user_id": member.user.sub,
            "lis_person_sourcedid": member.user.id,
            "sakai_ext": {"sakai_role": name, "sakai_groups": []},
        }


class CanvasRosters(Rosters):
    """Fifty a page and every page linked; only current people; roles by their URIs alone."""

    paging = BookmarkPaging(usual=50, most=50)
    _unknown_link = 400

    def _chosen(self, asked: MembershipsRequest) -> list[Member]:
        return [member for member in super()._chosen(asked) if not member.inactive]

    def _has(self, member: Member, wanted: str) -> bool:
        return wanted in _ROLES.get(member.role, ())

    def _more(self, asked: MembershipsRequest, member: Member) -> dict[str, Any]:
        return {"lti11_legacy_user_id": member.user.sub}


class MoodleRosters(Rosters):
    """Short role names; whoever may not edit is a learner here, whatever a launch says of them."""

    paging = Paging(start="from")
    versions = ("1.0", "2.0")

    def answer(self, asked: MembershipsRequest) -> MembershipsAnswer:
        if "v1.membershipcontainer" in asked.accept or "ld+json" in asked.accept:
            return MembershipsAnswer(
                '{"@type": "Page"}', "application/vnd.ims.lis.v2.membershipcontainer+json"
            )
        return super().answer(asked)

    def _has(self, member: Member, wanted: str) -> bool:
        short = wanted.removeprefix(c.MEMBERSHIP)
        return short not in ("Instructor", "Learner") or short in self.roles(member)

    def roles(self, member: Member) -> list[str]:
        teaches = member.role in (Role.INSTRUCTOR, Role.MAINTAINER)
        short = ["Instructor" if teaches else "Learner"]
        return [*short, _ADMINISTRATOR] if member.user.administrator else short

    def _more(self, asked: MembershipsRequest, member: Member) -> dict[str, Any]:
        return {"lis_person_sourcedid": ""}

    def _message(self, asked: MembershipsRequest, member: Member, link: Link) -> dict[str, Any]:
        outcome = {"lis_result_sourcedid": json.dumps({"userid": member.user.sub})}
        return {c.MESSAGE_TYPE: c.RESOURCE_LINK_REQUEST, _BASIC_OUTCOME: outcome}
