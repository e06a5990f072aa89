"""The profile of a platform: addresses, ids, the looks of login and token, strictness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any, ClassVar

from sandbox import claims as c
from sandbox.courses import COURSES, Course, Link
from sandbox.dialogs import Dialog
from sandbox.keys import SigningKey
from sandbox.people import Role, User
from sandbox.placements import Placement
from sandbox.schools import School, two_schools

WITHOUT_NAMES = frozenset({"email_only", "anonymous"})
WITHOUT_EMAIL = frozenset({"name_only", "anonymous"})


@dataclass(frozen=True)
class Sites:
    """Where a platform is: base addresses without a slash at the end.

    issuer   the `iss`, which need not be an address that answers
    auth     where the authentication endpoint and the keys are
    schools  where each school's pages, token endpoint and services are, in the schools' order;
             the last one serves the rest
    """

    issuer: str
    auth: str
    schools: tuple[str, ...]

    @classmethod
    def one(cls, base_url: str) -> Sites:
        """Everything in one place."""
        return cls(base_url, base_url, (base_url,))

    @property
    def all(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.issuer, self.auth, *self.schools)))


@dataclass(frozen=True)
class Paths:
    """The paths of the endpoints of a launch (services have theirs in sandbox.services)."""

    auth: str = "/auth"
    jwks: str = "/jwks.json"


@dataclass(frozen=True)
class LaunchFacts:
    """Everything about one launch that a profile puts into words. Times are seconds since 1970.

    base_url   the school's own address
    placement  "" for an activity, the product's word for a navigation entry or a dialog's button
    dialog     the deep-linking dialog that this launch opens
    locale     the person's language as a BCP 47 tag ("en-US", "es-MX", "he")
    acting     who really sits there, when an administrator acts as `user`
    custom     custom parameters of the tool and the link, variables not yet replaced
    services   claims that announce services, made by sandbox.services
    """

    base_url: str
    issuer: str
    school: School
    user: User
    course: Course
    link: Link
    target_link_uri: str
    document_target: str
    return_url: str
    issued_at: int
    placement: str = ""
    dialog: Dialog | None = None
    locale: str = "en-US"
    acting: User | None = None
    custom: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    privacy: str = ""
    faults: frozenset[str] = frozenset()
    services: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def role(self) -> Role | None:
        return self.course.role_of(self.user.id)


@dataclass(frozen=True)
class AuthFault:
    """An OpenID Connect error that is sent to the tool's redirect_uri."""

    code: str
    description: str


class Profile:
    """One kind of platform. What is written here is what most platforms do."""

    name: ClassVar[str]
    title: ClassVar[str]
    """How people call such a platform."""
    family: ClassVar[str] = "other"
    """The product family by which a tool registers it."""
    login_method: ClassVar[str] = "POST"
    """"GET" or "POST": how the login form is sent unless the page's reader chooses."""
    paths: ClassVar[Paths] = Paths()
    key_count: ClassVar[int] = 2
    launch_life: ClassVar[timedelta] = timedelta(minutes=10)
    one_use: ClassVar[bool] = True
    """Whether a launch may be answered once only."""
    lax: ClassVar[bool] = False
    """Does not look at client_id, and shows a page where others post an error to the tool."""
    storage_target: ClassVar[str] = ""
    """The frame that keeps data for tools: "_parent", a frame's name, or "" for none."""
    frame_script: ClassVar[str] = "frame.js"
    frame_allow: ClassVar[str] = "camera *; microphone *; autoplay *; encrypted-media *"
    """Full screen comes with the frame's ``allowfullscreen``, unless it is named here: then it is
    allowed to the site of the frame's first page only, which is the product's own."""
    privacies: ClassVar[Mapping[str, str]] = MappingProxyType({"public": "Names and email"})
    """What the tool is told of people: name of the setting and what it means; first one first."""
    faults: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """What can be made to differ or go wrong, and how to say it."""
    placements: ClassVar[tuple[Placement, ...]] = ()
    navigation: ClassVar[str] = ""
    """The placement of an entry in the course's menu, for products that have one."""
    tool_custom: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """Custom parameters that the tool's registration asks for in every launch."""
    variables: ClassVar[frozenset[str]] = frozenset()
    """The variables that are replaced in custom parameters; others stay as they are."""

    # Places and populations

    def sites(self, port: int, scheme: str = "http") -> Sites:
        """Where such a platform runs on this machine."""
        return Sites.one(f"{scheme}://localhost:{port}")

    def schools(self) -> tuple[School, ...]:
        return two_schools()

    def courses(self) -> tuple[Course, ...]:
        return COURSES

    # How ids are spelled

    def sub(self, base_url: str, user: User, faults: frozenset[str] = frozenset()) -> str:
        """How this platform names a person to tools; "" for somebody without an account."""
        return user.sub

    def context_id(self, course: Course) -> str:
        return course.id

    def link_id(self, link: Link, course: Course) -> str:
        return link.id

    def kid(self, key: SigningKey) -> str:
        return key.kid

    def issuer(self, server: str, school: School, faults: frozenset[str]) -> str:
        """Return the `iss` that is registered and signed with; logins name `server`."""
        return server

    def deployment_id(self, school: School, course: Course, faults: frozenset[str]) -> str:
        return school.deployment_id

    def storage(self, faults: frozenset[str]) -> str:
        """Return the frame that keeps data for tools, as logins name it now; "" for none."""
        return self.storage_target

    # Step 1: the login

    def login_fields(self, facts: LaunchFacts, hint: str) -> dict[str, str]:
        """Return the fields of the third-party login; `hint` names the pending launch."""
        raise NotImplementedError

    def hint_of(self, params: Mapping[str, str]) -> str:
        """Return the pending launch that an authentication request names; "" when it names none."""
        return params.get("lti_message_hint", "")

    # Step 2: the authentication request

    def redirect_uri(self, asked: str, registered: tuple[str, ...], launch_url: str) -> str | None:
        """Where the launch is posted to; None: nowhere, that address is not registered."""
        return asked if asked in registered else None

    def check_auth(self, params: Mapping[str, str]) -> AuthFault | None:
        """Tell what is wrong with the shape of an authentication request, if anything."""
        raise NotImplementedError

    def broken(self, faults: frozenset[str]) -> AuthFault | None:
        """Return the error that a chosen fault answers every request with, if any."""
        return None

    over = AuthFault("invalid_request", "This launch is over. Start it again.")
    """Said of a launch that was answered before, or never began."""
    stranger = AuthFault("login_required", "login_hint is not the person who is launching.")

    # Step 3: the launch

    def claims(self, facts: LaunchFacts, nonce: str) -> dict[str, Any]:
        """Return the payload of the id_token."""
        raise NotImplementedError

    def headers(self, kid: str) -> dict[str, Any]:
        """Return the header of the id_token."""
        return {"typ": "JWT", "alg": "RS256", "kid": kid}

    def launch_fields(self) -> dict[str, str]:
        """Fields of the launch form besides id_token and state."""
        return {}

    def message(self, facts: LaunchFacts) -> dict[str, Any]:
        """Tell what the message is about: a link, or a dialog that asks for content."""
        if facts.dialog:
            return {
                c.MESSAGE_TYPE: c.DEEP_LINKING_REQUEST,
                c.DEEP_LINKING_SETTINGS: self.settings(facts, facts.dialog),
            }
        return {
            c.MESSAGE_TYPE: c.RESOURCE_LINK_REQUEST,
            c.RESOURCE_LINK: {
                "id": self.link_id(facts.link, facts.course),
                "title": facts.link.title,
            },
        }

    def settings(self, facts: LaunchFacts, dialog: Dialog) -> dict[str, Any]:
        """Tell what the dialog may be answered with (Deep Linking 2.0 §4.4.1)."""
        placement = dialog.placement
        settings: dict[str, Any] = {
            "deep_link_return_url": self.deep_link_return_url(facts.base_url, dialog),
            "accept_types": list(placement.accept_types),
            "accept_presentation_document_targets": list(placement.targets),
            "accept_multiple": placement.multiple,
            "auto_create": placement.auto_create,
        }
        if placement.media_types:
            settings["accept_media_types"] = placement.media_types
        if placement.lineitem is not None:
            settings["accept_lineitem"] = placement.lineitem
        if dialog.data is not None:
            settings["data"] = dialog.data
        return settings

    def dialog_data(self, placement: Placement) -> str | None:
        """Tell what the tool must send back as it came; None: nothing is sent along."""
        return None

    def person_claims(self, user: User, privacy: str) -> dict[str, str]:
        """Names and email as far as the setting permits, in launches and rosters alike."""
        names = {
            "name": user.name,
            "given_name": user.given_name,
            "family_name": user.family_name,
        }
        shown = {} if privacy in WITHOUT_NAMES else names
        return shown if privacy in WITHOUT_EMAIL else {**shown, "email": user.email}

    def return_path(self, course: Course, link: Link) -> str:
        """Return the page of the course to which the tool leads back; who it is, is added to it."""
        return f"/courses/{course.id}"

    def deep_link_return_url(self, base_url: str, dialog: Dialog) -> str:
        """Where the tool sends what was chosen."""
        return f"{base_url}/deep-linking/return/{dialog.id}"
