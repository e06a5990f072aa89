"""What the media room's API takes and gives."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class Incoming(BaseModel):
    """What any request of the room may say: no unknown fields, no endless texts."""

    model_config = ConfigDict(extra="forbid", str_max_length=20_000)


class Play(Incoming):
    """Reported once somebody really plays, reads on or looks."""

    viewing_id: str = Field(pattern=r"^[a-z2-7]{26}$")


class FinishUpload(Incoming):
    """What is said about an upload that has arrived; without title the file names it."""

    title: str = ""
    description: str = ""


class CaptionsAddress(BaseModel):
    """The address of one set of captions (WebVTT), its language and its name in the menu."""

    address: str
    language: str
    label: str


class FileAddresses(BaseModel):
    """Addresses of an item's files for this session, good until ``expires_at`` (UTC).

    ``seconds`` says the same for clocks that are wrong: how long from now.
    """

    expires_at: datetime
    seconds: int
    original: str
    content_type: str
    poster: str | None
    captions: list[CaptionsAddress]
    download: str | None

    @property
    def first_picture(self) -> str | None:
        """What the page shows first."""
        return self.original if self.content_type.startswith("image/") else self.poster


class PlayCounted(BaseModel):
    """``label`` is the number in words, such as "3 plays"."""

    plays: int
    counted: bool
    label: str


class StillOpen(BaseModel):
    """The session may still see the item; one that may not gets the refusal of its page."""

    open: bool = True


class Endings(BaseModel):
    """What Delete ends, each a sentence, such as "3 course links stop working".

    ``undo`` says who can bring the item back.
    """

    endings: list[str]
    undo: str


class UploadFinished(BaseModel):
    """The item that was made of an upload, and where to go on."""

    media_id: str
    address: str
