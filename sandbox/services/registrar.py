"""Dynamic registration, the platform's part: tools that register themselves, one press at a time.

    pressed = platform.services.registrar.begin("northfield")   # what the administrator starts
    pressed.url                                                 # is opened in a frame
    …the tool reads the configuration, and registers itself…
    platform.services.registrar.finish(pressed)                 # Save, Install, Activate

From then on the school's launches come from the new registration.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from sandbox.people import Unknown
from sandbox.services import scopes, state_store

if TYPE_CHECKING:
    from sandbox.platform import Platform
    from sandbox.schools import School

TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
LIFE = timedelta(hours=1)


class RegistrationRefused(Exception):
    """Why a request was not taken; `errors` are all reasons, by what they are about."""

    def __init__(self, status: int, errors: dict[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.status = status
        self.errors = errors


@dataclass(frozen=True)
class Tool:
    """A registration of a school: by hand (`request` is empty), or made by the tool itself.

    `granted` are the scopes that an administrator left to it; None: those of the product.
    """

    school: str
    client_id: str
    deployment_id: str
    request: dict[str, Any] = field(default_factory=dict)
    granted: list[str] | None = None

    @property
    def name(self) -> str:
        return str(self.request.get("client_name") or "Foyer, registered by hand")

    @property
    def configuration(self) -> dict[str, Any]:
        return dict(self.request.get(TOOL) or {})

    @property
    def placements(self) -> list[str]:
        """Each once, in the order in which the messages name them."""
        named = [
            place
            for message in self.configuration.get("messages", ())
            for place in message.get("placements", ())
        ]
        return list(dict.fromkeys(named))


@dataclass
class Pressed:
    """One press of "Register a tool".

    url     what is opened in the frame
    token   what the tool shows; `spent` once it did its work, where it works once
    tool    what the tool registered; None as long as it did not
    state   "open", "registered", "in use"
    refusals  what was wrong with its requests
    """

    id: str
    school: str
    client_id: str
    token: str
    until: datetime
    address: str
    url: str = ""
    update: bool = False
    spent: bool = False
    tool: Tool | None = None
    state: str = "open"
    refusals: list[str] = field(default_factory=list)


class Registrar:
    """The registrations of every school."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.pressed: dict[str, Pressed] = {}
        self.tools: list[Tool] = []
        """Those that registered themselves, in use or not."""
        for one in state_store.load(platform.state, state_store.TOOLS) or []:
            self.tools.append(Tool(**one["tool"]))
            if one["used"]:
                self._launch_by(self.tools[-1])

    # What the administrator does

    def begin(
        self,
        school: str | School | None = None,
        address: str = "",
        *,
        update: bool = False,
    ) -> Pressed:
        """Start a registration; `address` is the tool's, with a query of its own or without.

        `update` lets the tool renew the registration that is in use.
        """
        platform = self._platform
        habits = platform.services.habits.registry
        owner = platform.school(school)
        client_id = owner.client_id if update else habits.new_client_id(platform)
        one = Pressed(
            id=secrets.token_hex(6),
            school=owner.key,
            client_id=client_id,
            token=habits.new_token(platform, client_id, update),
            until=platform.now() + LIFE,
            address=address or f"{platform.tool_url}/lti/register",
            update=update,
        )
        query = urlencode(
            {
                "openid_configuration": habits.configuration_url(platform, owner, one),
                "registration_token": one.token,
            }
        )
        one.url = f"{one.address}{'&' if urlsplit(one.address).query else '?'}{query}"
        self.pressed[one.id] = one
        return one

    def finish(
        self,
        pressed: Pressed,
        *,
        allowed: list[str] | None = None,
        privacy: str = "",
    ) -> Tool:
        """Save, install or activate what was registered; scopes and privacy may be narrowed."""
        if pressed.tool is None:
            raise Unknown("the tool has not registered itself")
        platform = self._platform
        habits = platform.services.habits.registry
        asked = str(pressed.tool.request.get("scope") or "").split()
        granted = scopes.ALL.intersection(asked, asked if allowed is None else allowed)
        tool = replace(habits.installed(platform, pressed.tool), granted=sorted(granted))
        self.tools = [one for one in self.tools if one.client_id != tool.client_id] + [tool]
        self.use(tool)
        platform.tool_custom = {
            name: str(value)
            for name, value in (tool.configuration.get("custom_parameters") or {}).items()
        }
        wanted = privacy or habits.privacy(tool)
        if wanted in platform.profile.privacies:
            platform.privacy = wanted
        pressed.tool, pressed.state = tool, "in use"
        return tool

    def use(self, tool: Tool) -> None:
        """Let the launches of the school come from this registration."""
        platform = self._platform
        before = platform.school(tool.school)
        known = [one.client_id for one in self.tools]
        if before.client_id not in known and before.client_id != tool.client_id:
            self.tools.insert(0, Tool(before.key, before.client_id, before.deployment_id))
        self._launch_by(tool)
        self._keep()

    def _launch_by(self, tool: Tool) -> None:
        platform = self._platform
        platform.schools = tuple(
            replace(school, client_id=tool.client_id, deployment_id=tool.deployment_id)
            if school.key == tool.school
            else school
            for school in platform.schools
        )

    def _keep(self) -> None:
        used = {school.client_id for school in self._platform.schools}
        content = [{"tool": asdict(tool), "used": tool.client_id in used} for tool in self.tools]
        state_store.save(self._platform.state, state_store.TOOLS, content)

    def tool(self, client_id: str) -> Tool:
        """Raises Unknown."""
        for tool in self.tools:
            if tool.client_id == client_id:
                return tool
        raise Unknown(f"no tool is registered as {client_id}")

    def granted(self, client_id: str) -> list[str] | None:
        """The scopes that an administrator left to a tool; None where nobody was asked."""
        return next((tool.granted for tool in self.tools if tool.client_id == client_id), None)

    # What the tool does

    def shown(self, authorization: str) -> Pressed | None:
        """The registration whose token an Authorization header shows, within its hour."""
        scheme, _, token = authorization.partition(" ")
        for one in self.pressed.values():
            if scheme.lower() == "bearer" and one.token == token.strip():
                return None if one.until < self._platform.now() else one
        return None

    def find(self, pressed_id: str) -> Pressed:
        """Raises Unknown."""
        if pressed_id not in self.pressed:
            raise Unknown("there is no such registration")
        return self.pressed[pressed_id]

    def register(self, pressed: Pressed, body: bytes) -> dict[str, Any]:
        """Take a tool in; gives what it is told. Raises RegistrationRefused."""
        habits = self._platform.services.habits.registry
        try:
            request = habits.read(self._platform, body)
        except RegistrationRefused as refused:
            pressed.refusals.append(str(refused))
            raise
        deployment = habits.deployment_id(self._platform, pressed)
        pressed.tool = Tool(pressed.school, pressed.client_id, deployment, request)
        pressed.state = "registered"
        pressed.spent = habits.token_works_once
        return habits.answer(self._platform, pressed, pressed.tool)


def as_object(body: bytes) -> dict[str, Any]:
    """The JSON object of a body. Raises RegistrationRefused."""
    try:
        request = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RegistrationRefused(400, {"body": "the body is not JSON"}) from error
    if not isinstance(request, dict):
        raise RegistrationRefused(400, {"body": "the body is not an object"})
    return request
