"""Further LMSs that the tool of the journeys knows, each of one product."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sandbox.platform import Platform
from sandbox.profiles import profile
from sandbox.samples import SAMPLES
from sandbox.serve import running

from .world import World

TITLE = "A morning on the river"


@contextmanager
def another_lms(world: World, product: str) -> Iterator[World]:
    """The same tool with a school that uses this product, which is served until the block ends."""
    platform = Platform(world.tool, profile=profile(product))
    with running(platform):
        name = f"{product} at {platform.base_url.removeprefix('http://')}"
        register(world, platform, name)
        here = replace(world, platform=platform, media={}, registered={"": name})
        film = next(sample for sample in SAMPLES if sample.kind == "video")
        here.media["video"] = here.add_media(world.samples / film.file, TITLE)
        yield here


def register(world: World, platform: Platform, name: str) -> None:
    told = platform.registration()
    world.flask(
        *("platform", "add", "--name", name, "--family", told.family),
        *("--issuer", told.issuer, "--client-id", told.client_id),
        *("--auth-url", told.auth_url, "--token-url", told.token_url),
        *("--jwks-url", told.jwks_url, "--deployment", told.deployment_id),
        *("--frame-origin", told.frame_origin),
    )
