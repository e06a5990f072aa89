"""All scenes: importing this fills the gallery."""

from . import (  # noqa: F401
    scenes_of_dialogs,
    scenes_of_leaving,
    scenes_of_links,
    scenes_of_media,
    scenes_of_registering,
    scenes_of_unusual,
)
