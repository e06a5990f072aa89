"""All scenes: importing this fills the gallery."""

from . import (  # noqa: F401
    page_states_dialogs,
    page_states_frames,
    page_states_leaving,
    page_states_links,
    page_states_media,
    page_states_registering,
    page_states_unusual,
)
