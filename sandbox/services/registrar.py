"""Dynamic Registration 1.0, the platform's part: tools register themselves, a press at a time.

    pressed = platform.services.registrar.begin("northfield")   # what the administrator starts
    pressed.url                                                 # is opened in a frame
    …the tool reads the configuration, and registers itself…
    platform.services.registrar.finish(pressed)                 # Save, Install, Activate

From then on the school's launches come from the new registration.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from sandbox.people import Unknown
from sandbox.schools import School
from sandbox.services import scopes, state_store
from sandbox.services.host import HostPlatform
from sandbox.services.registrations import Pressed, RegistrationRefused, Tool
from sandbox.services.registries import Registry

LIFE = timedelta(hours=1)


class Registrar:
    """The registrations of every school."""

    def __init__(self, platform: HostPlatform, registry: Registry) -> None:
        self._platform = platform
        self._registry = registry
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
        platform, registry = self._platform, self._registry
        owner = platform.school(school)
        client_id = owner.client_id if update else registry.new_client_id(platform)
        one = Pressed(
            id=secrets.token_hex(6),
            number=len(self.pressed) + 1,
            school=owner.key,
            client_id=client_id,
            token=registry.new_token(platform, client_id, update),
            until=platform.now() + LIFE,
            address=address or f"{platform.tool_url}/lti/register",
            update=update,
        )
        query = urlencode(
            {
                "openid_configuration": registry.configuration_url(platform, owner, one),
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
        platform, registry = self._platform, self._registry
        asked = str(pressed.tool.request.get("scope") or "").split()
        granted = scopes.ALL.intersection(asked, asked if allowed is None else allowed)
        tool = replace(registry.installed(platform, pressed.tool), granted=sorted(granted))
        self.tools = [one for one in self.tools if one.client_id != tool.client_id] + [tool]
        self.use(tool)
        platform.tool_custom = {
            name: str(value)
            for name, value in (tool.configuration.get("custom_parameters") or {}).items()
        }
        wanted = privacy or registry.privacy(tool)
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
        """Raise Unknown."""
        for tool in self.tools:
            if tool.client_id == client_id:
                return tool
        raise Unknown(f"no tool is registered as {client_id}")

    def granted(self, client_id: str) -> list[str] | None:
        """Return the scopes that an administrator left to a tool; None where nobody was asked."""
        return next((tool.granted for tool in self.tools if tool.client_id == client_id), None)

    # What the tool does

    def shown(self, authorization: str) -> Pressed | None:
        """Return the registration whose token an Authorization header shows, within its hour."""
        scheme, _, token = authorization.partition(" ")
        for one in self.pressed.values():
            if scheme.lower() == "bearer" and one.token == token.strip():
                return None if one.until < self._platform.now() else one
        return None

    def find(self, pressed_id: str) -> Pressed:
        """Raise Unknown."""
        if pressed_id not in self.pressed:
            raise Unknown("there is no such registration")
        return self.pressed[pressed_id]

    def register(self, pressed: Pressed, body: bytes) -> dict[str, Any]:
        """Take a tool in; gives what it is told. Raises RegistrationRefused."""
        registry = self._registry
        try:
            request = registry.read(self._platform, body)
        except RegistrationRefused as refused:
            pressed.refusals.append(str(refused))
            raise
        deployment = registry.deployment_id(self._platform, pressed)
        pressed.tool = Tool(pressed.school, pressed.client_id, deployment, request)
        pressed.state = "registered"
        pressed.spent = registry.token_works_once
        return registry.answer(self._platform, pressed, pressed.tool)
